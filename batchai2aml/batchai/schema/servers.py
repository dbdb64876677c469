"""File servers, workspaces, and the references that everything shares."""

from __future__ import annotations

from batchai2aml.batchai.schema.types import SINCE_2_0, UNTIL_1_0, field, model

SERVERS = (
    model(
        "FileServerCreateParameters",
        field("location", sdk=UNTIL_1_0),
        field("tags", type="{str}", sdk=UNTIL_1_0),
        field("vm_size", inside="properties"),
        field("ssh_configuration", type="SshConfiguration", inside="properties"),
        field("data_disks", type="DataDisks", inside="properties"),
        field("subnet", type="ResourceId", inside="properties"),
        positional=("location", "vm_size", "ssh_configuration", "data_disks", "tags", "subnet"),
    ),
    model(
        "SshConfiguration",
        field("public_ips_to_allow", type="[str]", rest="publicIPsToAllow"),
        field("user_account_settings", type="UserAccountSettings"),
        positional=("user_account_settings", "public_ips_to_allow"),
    ),
    model(
        "DataDisks",
        field("disk_size_in_gb", type="int", rest="diskSizeInGB"),
        field("caching_type"),
        field("disk_count", type="int"),
        field("storage_account_type"),
        positional=("disk_size_in_gb", "disk_count", "storage_account_type"),
    ),
    model(
        "WorkspaceCreateParameters",
        field("location"),
        field("tags", type="{str}"),
        sdk=SINCE_2_0,
    ),
    model(
        "WorkspaceUpdateParameters",
        field("tags", type="{str}"),
        sdk=SINCE_2_0,
    ),
    model(
        "ResourceId",
        field("id"),
    ),
    model(
        "KeyVaultSecretReference",
        field("source_vault", type="ResourceId"),
        field("secret_url"),
    ),
    model(
        "KeyVaultKeyReference",
        field("source_vault", type="ResourceId"),
        field("key_url"),
        sdk=UNTIL_1_0,
    ),
    model(
        "LocalDataVolume",
        field("host_path"),
        field("local_path"),
        sdk=UNTIL_1_0,
    ),
)
