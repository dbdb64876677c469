"""The nine toolkits, exactly one of which a job names."""

from __future__ import annotations

from batchai2aml.batchai.schema.types import SINCE_1_0, SINCE_2_0, field, model

TOOLKITS = (
    model(
        "CNTKsettings",
        field("language_type"),
        field("config_file_path"),
        field("python_script_file_path"),
        field("python_interpreter_path"),
        field("command_line_args"),
        field("process_count", type="int"),
    ),
    model(
        "PyTorchSettings",
        field("python_script_file_path"),
        field("python_interpreter_path"),
        field("command_line_args"),
        field("process_count", type="int"),
        field("communication_backend"),
        sdk=SINCE_1_0,
    ),
    model(
        "TensorFlowSettings",
        field("python_script_file_path"),
        field("python_interpreter_path"),
        field("master_command_line_args"),
        field("worker_command_line_args"),
        field("parameter_server_command_line_args"),
        field("worker_count", type="int"),
        field("parameter_server_count", type="int"),
        positional=(
            "python_script_file_path",
            "master_command_line_args",
            "python_interpreter_path",
            "worker_command_line_args",
            "parameter_server_command_line_args",
            "worker_count",
            "parameter_server_count",
        ),
    ),
    model(
        "CaffeSettings",
        field("config_file_path"),
        field("python_script_file_path"),
        field("python_interpreter_path"),
        field("command_line_args"),
        field("process_count", type="int"),
    ),
    model(
        "Caffe2Settings",
        field("python_script_file_path"),
        field("python_interpreter_path"),
        field("command_line_args"),
    ),
    model(
        "ChainerSettings",
        field("python_script_file_path"),
        field("python_interpreter_path"),
        field("command_line_args"),
        field("process_count", type="int"),
    ),
    model(
        "HorovodSettings",
        field("python_script_file_path"),
        field("python_interpreter_path"),
        field("command_line_args"),
        field("process_count", type="int"),
        sdk=SINCE_2_0,
    ),
    model(
        "CustomMpiSettings",
        field("command_line"),
        field("process_count", type="int"),
        sdk=SINCE_2_0,
    ),
    model(
        "CustomToolkitSettings",
        field("command_line"),
    ),
)
