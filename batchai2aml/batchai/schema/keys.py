"""Keys of documents that are no field: what stands around a body, what only answers have, and what was meant."""

from __future__ import annotations

import re

from batchai2aml.batchai.schema import paths

AROUND = frozenset(
    {
        "$schema",
        "$comment",
        "apiVersion",
        "comment",
        "comments",
        "condition",
        "contentVersion",
        "copy",
        "dependsOn",
        "properties",
        "type",
    }
)
"""Keys that say nothing about the resource."""

OF_ANSWERS = frozenset(
    {
        "allocationState",
        "allocationStateTransitionTime",
        "creationTime",
        "currentNodeCount",
        "errors",
        "etag",
        "executionInfo",
        "executionState",
        "executionStateTransitionTime",
        "id",
        "jobOutputDirectoryPathSegment",
        "mountSettings",
        "name",
        "nodeStateCounts",
        "provisioningState",
        "provisioningStateTransitionTime",
        "resourceGroup",
        "toolType",
    }
)
"""Keys that only answers of the service have; a document that was saved from one still holds them."""


def nearest(op: str, path: str) -> str | None:
    """The field that a key was meant for: the same words in another case or spelling, or None."""
    wanted = _plain(path)
    for known in sorted(paths(op)):
        if _plain(known) in (wanted, "properties" + wanted) and known != re.sub(r"\[\d+\]", "[]", path):
            return known
    last = _plain(path.rsplit(".", 1)[-1])
    ends = [known for known in sorted(paths(op)) if _plain(known.rsplit(".", 1)[-1]) == last]
    return ends[0] if len(ends) == 1 else None


_SECRETS = frozenset({"accountkey", "adminuserpassword", "password", "instrumentationkey"})


def is_secret_key(path: str) -> bool:
    """Whether a key that no schema knows is a secret's in another spelling."""
    return _plain(path.rsplit(".", 1)[-1]) in _SECRETS


def _plain(path: str) -> str:
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\[\d*\]", "", path).lower())
