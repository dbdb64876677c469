"""The nine toolkits (MAPPING 2.5 and 5.2)."""

from __future__ import annotations

from batchai2aml.mapping.types import Row, row

_SCRIPT = ("entry_script=", "command")
_ARGS = ("script_params=", "command")
_MPI = ("Mpi(process_count_per_node=)", "MpiDistribution(process_count_per_instance=)")


def _script(toolkit: str, rule: str, disposition: str = "exact") -> dict[str, Row]:
    changed = disposition == "changed"
    return {
        f"{toolkit}.pythonScriptFilePath": row("changed" if changed else "exact", rule, *_SCRIPT),
        f"{toolkit}.pythonInterpreterPath": row("changed", "BAI517", "launcher: python", "command"),
    }


TOOLKITS: dict[str, Row] = {
    "cntkSettings.languageType": row("exact", "BAI506", "entry_script= or command"),
    "cntkSettings.configFilePath": row("changed", "BAI515", "launcher: command", "command"),
    **_script("cntkSettings", "BAI506"),
    "cntkSettings.commandLineArgs": row("exact", "BAI401", *_ARGS),
    "cntkSettings.processCount": row("exact", "BAI506", *_MPI),
    **_script("pyTorchSettings", "BAI201"),
    "pyTorchSettings.commandLineArgs": row("exact", "BAI401", *_ARGS),
    "pyTorchSettings.processCount": row("exact", "BAI506", "distributed_training=", "distribution="),
    "pyTorchSettings.communicationBackend": row("exact", "BAI201", "distributed_training=", "distribution="),
    **_script("tensorFlowSettings", "BAI501"),
    "tensorFlowSettings.masterCommandLineArgs": row("exact", "BAI401", *_ARGS),
    "tensorFlowSettings.workerCommandLineArgs": row(
        "changed", "BAI503", "script_params=, launcher: role_args", "command"
    ),
    "tensorFlowSettings.parameterServerCommandLineArgs": row(
        "changed", "BAI503", "script_params=, launcher: role_args", "command"
    ),
    "tensorFlowSettings.workerCount": row("exact", "BAI502", "worker_count=", "TensorFlowDistribution(worker_count=)"),
    "tensorFlowSettings.parameterServerCount": row(
        "exact", "BAI502", "parameter_server_count=", "TensorFlowDistribution(parameter_server_count=)"
    ),
    "caffeSettings.configFilePath": row("changed", "BAI513", "launcher: command", "command"),
    **_script("caffeSettings", "BAI513"),
    "caffeSettings.commandLineArgs": row("exact", "BAI401", *_ARGS),
    "caffeSettings.processCount": row("exact", "BAI506", *_MPI),
    **_script("caffe2Settings", "BAI514", "changed"),
    "caffe2Settings.commandLineArgs": row("changed", "BAI514", *_ARGS),
    **_script("chainerSettings", "BAI506"),
    "chainerSettings.commandLineArgs": row("exact", "BAI401", *_ARGS),
    "chainerSettings.processCount": row("exact", "BAI506", *_MPI),
    **_script("horovodSettings", "BAI519"),
    "horovodSettings.commandLineArgs": row("exact", "BAI401", *_ARGS),
    "horovodSettings.processCount": row("exact", "BAI519", *_MPI),
    "customToolkitSettings.commandLine": row(
        "changed", "BAI401", "entry_script=, script_params= or launcher", "command"
    ),
    "customMpiSettings.commandLine": row("exact", "BAI506", "entry_script=, script_params= or launcher", "command"),
    "customMpiSettings.processCount": row("exact", "BAI506", *_MPI),
}
