"""Mounted storage, wherever it hangs: `mountVolumes` of a job, `nodeSetup.mountVolumes` of a cluster."""

from __future__ import annotations

from batchai2aml.mapping.types import Row, row

_SHARE = "azureFileShares[]."
_BLOB = "azureBlobFileSystems[]."
_SERVER = "fileServers[]."
_CUSTOM = "unmanagedFileSystems[]."
_KEY = "account_key= from the environment"

MOUNTS: dict[str, Row] = {
    _SHARE + "accountName": row("exact", "BAI301", "account_name="),
    _SHARE + "azureFileUrl": row("exact", "BAI301", "file_share_name="),
    _SHARE + "credentials.accountKey": row("changed", "BAI302", _KEY),
    _SHARE + "credentials.accountKeySecretReference.sourceVault.id": row("changed", "BAI608", _KEY),
    _SHARE + "credentials.accountKeySecretReference.secretUrl": row("changed", "BAI608", _KEY),
    _SHARE + "relativeMountPath": row("exact", "BAI301", "name of the datastore"),
    _SHARE + "fileMode": row("dropped", "BAI304"),
    _SHARE + "directoryMode": row("dropped", "BAI304"),
    _BLOB + "accountName": row("exact", "BAI301", "account_name="),
    _BLOB + "containerName": row("exact", "BAI301", "container_name="),
    _BLOB + "credentials.accountKey": row("changed", "BAI302", _KEY),
    _BLOB + "credentials.accountKeySecretReference.sourceVault.id": row("changed", "BAI608", _KEY),
    _BLOB + "credentials.accountKeySecretReference.secretUrl": row("changed", "BAI608", _KEY),
    _BLOB + "relativeMountPath": row("exact", "BAI301", "name of the datastore"),
    _BLOB + "mountOptions": row("dropped", "BAI305"),
    _SERVER + "fileServer.id": row("manual", "BAI307", "placeholder datastore"),
    _SERVER + "sourceDirectory": row("manual", "BAI307", "prefix of the path"),
    _SERVER + "relativeMountPath": row("manual", "BAI307", "name of the placeholder datastore"),
    _SERVER + "mountOptions": row("manual", "BAI307"),
    _CUSTOM + "mountCommand": row("manual", "BAI308"),
    _CUSTOM + "relativeMountPath": row("manual", "BAI308", "name of the placeholder datastore"),
}
