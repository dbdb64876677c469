"""File servers and workspaces (MAPPING 2.6 and 2.7)."""

from __future__ import annotations

from batchai2aml.mapping.types import Row, row

_SSH = "properties.sshConfiguration."
_DISKS = "properties.dataDisks."

FILE_SERVERS: dict[str, Row] = {
    "location": row("dropped", "BAI130"),
    "tags.*": row("dropped", "BAI130"),
    "properties.vmSize": row("manual", "BAI145"),
    _SSH + "publicIPsToAllow[]": row("manual", "BAI146"),
    _SSH + "userAccountSettings.adminUserName": row("manual", "BAI146"),
    _SSH + "userAccountSettings.adminUserSshPublicKey": row("manual", "BAI146"),
    _SSH + "userAccountSettings.adminUserPassword": row("manual", "BAI146"),
    _DISKS + "diskSizeInGB": row("manual", "BAI145"),
    _DISKS + "diskCount": row("manual", "BAI145"),
    _DISKS + "storageAccountType": row("manual", "BAI145"),
    _DISKS + "cachingType": row("manual", "BAI145"),
    "properties.subnet.id": row("manual", "BAI145"),
}

WORKSPACES: dict[str, Row] = {
    "location": row("exact", "BAI140", "location="),
    "tags.*": row("exact", "BAI130", "tags="),
}
