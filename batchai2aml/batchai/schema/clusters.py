"""Clusters: what `ClusterCreateParameters` and `ClusterUpdateParameters` hold."""

from __future__ import annotations

from batchai2aml.batchai.schema.types import SINCE_1_0, UNTIL_1_0, field, model

CLUSTERS = (
    model(
        "ClusterCreateParameters",
        field("location", sdk=UNTIL_1_0),
        field("tags", type="{str}", sdk=UNTIL_1_0),
        field("vm_size", inside="properties"),
        field("vm_priority", inside="properties"),
        field("scale_settings", type="ScaleSettings", inside="properties"),
        field("virtual_machine_configuration", type="VirtualMachineConfiguration", inside="properties"),
        field("node_setup", type="NodeSetup", inside="properties"),
        field("user_account_settings", type="UserAccountSettings", inside="properties"),
        field("subnet", type="ResourceId", inside="properties"),
        positional=(
            "location",
            "vm_size",
            "user_account_settings",
            "tags",
            "vm_priority",
            "scale_settings",
            "virtual_machine_configuration",
            "node_setup",
            "subnet",
        ),
    ),
    model(
        "ClusterUpdateParameters",
        field("tags", type="{str}", sdk=UNTIL_1_0),
        field("scale_settings", type="ScaleSettings", inside="properties"),
    ),
    model(
        "ScaleSettings",
        field("manual", type="ManualScaleSettings"),
        field("auto_scale", type="AutoScaleSettings"),
    ),
    model(
        "ManualScaleSettings",
        field("target_node_count", type="int"),
        field("node_deallocation_option"),
    ),
    model(
        "AutoScaleSettings",
        field("minimum_node_count", type="int"),
        field("maximum_node_count", type="int"),
        field("initial_node_count", type="int"),
    ),
    model(
        "VirtualMachineConfiguration",
        field("image_reference", type="ImageReference"),
    ),
    model(
        "ImageReference",
        field("publisher"),
        field("offer"),
        field("sku"),
        field("version"),
        field("virtual_machine_image_id", sdk=SINCE_1_0),
    ),
    model(
        "NodeSetup",
        field("setup_task", type="SetupTask"),
        field("mount_volumes", type="MountVolumes"),
        field("performance_counters_settings", type="PerformanceCountersSettings", sdk=SINCE_1_0),
    ),
    model(
        "SetupTask",
        field("command_line"),
        field("environment_variables", type="[EnvironmentVariable]"),
        field("run_elevated", type="bool", sdk=UNTIL_1_0),
        field("std_out_err_path_prefix"),
        field("secrets", type="[EnvironmentVariableWithSecretValue]", sdk=SINCE_1_0),
        field("std_out_err_path_suffix", sdk=SINCE_1_0, read_only=True),
        positional=("command_line", "std_out_err_path_prefix", "environment_variables", "run_elevated"),
    ),
    model(
        "PerformanceCountersSettings",
        field("app_insights_reference", type="AppInsightsReference"),
        sdk=SINCE_1_0,
    ),
    model(
        "AppInsightsReference",
        field("component", type="ResourceId"),
        field("instrumentation_key", secret=True),
        field("instrumentation_key_secret_reference", type="KeyVaultSecretReference"),
        sdk=SINCE_1_0,
    ),
    model(
        "UserAccountSettings",
        field("admin_user_name"),
        field("admin_user_ssh_public_key"),
        field("admin_user_password", secret=True),
    ),
)
