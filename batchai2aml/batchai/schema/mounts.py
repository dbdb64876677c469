"""Mounted storage, of a job or of every node of a cluster."""

from __future__ import annotations

from batchai2aml.batchai.schema.types import field, model

MOUNTS = (
    model(
        "MountVolumes",
        field("azure_file_shares", type="[AzureFileShareReference]"),
        field("azure_blob_file_systems", type="[AzureBlobFileSystemReference]"),
        field("file_servers", type="[FileServerReference]"),
        field("unmanaged_file_systems", type="[UnmanagedFileSystemReference]"),
    ),
    model(
        "AzureFileShareReference",
        field("account_name"),
        field("azure_file_url"),
        field("credentials", type="AzureStorageCredentialsInfo"),
        field("relative_mount_path"),
        field("file_mode"),
        field("directory_mode"),
    ),
    model(
        "AzureBlobFileSystemReference",
        field("account_name"),
        field("container_name"),
        field("credentials", type="AzureStorageCredentialsInfo"),
        field("relative_mount_path"),
        field("mount_options"),
    ),
    model(
        "FileServerReference",
        field("file_server", type="ResourceId"),
        field("source_directory"),
        field("relative_mount_path"),
        field("mount_options"),
        positional=("file_server", "relative_mount_path", "source_directory", "mount_options"),
    ),
    model(
        "UnmanagedFileSystemReference",
        field("mount_command"),
        field("relative_mount_path"),
    ),
    model(
        "AzureStorageCredentialsInfo",
        field("account_key", secret=True),
        field("account_key_secret_reference", type="KeyVaultSecretReference"),
    ),
)
