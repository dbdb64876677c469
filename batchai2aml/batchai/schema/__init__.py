"""
The models of azure-mgmt-batchai 0.2.0, 1.0.1, 2.0.0 and 7.0.0 as one table.

A test holds every row against the `_attribute_map` of the real packages.
"""

from __future__ import annotations

from functools import lru_cache

from batchai2aml.batchai.schema.clusters import CLUSTERS
from batchai2aml.batchai.schema.jobs import JOBS
from batchai2aml.batchai.schema.mounts import MOUNTS
from batchai2aml.batchai.schema.options import OPTIONS
from batchai2aml.batchai.schema.servers import SERVERS
from batchai2aml.batchai.schema.toolkits import TOOLKITS
from batchai2aml.batchai.schema.types import SCALARS, SDK_VERSIONS, Field, Model

__all__ = [
    "ENUMS",
    "MODELS",
    "ROOTS",
    "SCALARS",
    "SDK_VERSIONS",
    "TOOLKIT_KEYS",
    "Field",
    "Model",
    "is_number",
    "is_secret",
    "paths",
]

MODELS: dict[str, Model] = {row.name: row for row in (*CLUSTERS, *JOBS, *TOOLKITS, *MOUNTS, *SERVERS, *OPTIONS)}

ROOTS: dict[str, str] = {
    "ClusterCreateParameters": "clusters.create",
    "ClusterUpdateParameters": "clusters.update",
    "JobCreateParameters": "jobs.create",
    "FileServerCreateParameters": "file_servers.create",
    "WorkspaceCreateParameters": "workspaces.create",
    "WorkspaceUpdateParameters": "workspaces.update",
}
"""The classes that are a whole request body, and the operation that sends them."""

ENUMS: frozenset[str] = frozenset(
    {
        "AllocationState",
        "CachingType",
        "DeallocationOption",
        "ExecutionState",
        "FileServerProvisioningState",
        "FileServerType",
        "FileType",
        "JobPriority",
        "OutputType",
        "ProvisioningState",
        "StorageAccountType",
        "ToolType",
        "UsageUnit",
        "VmPriority",
    }
)

ENUM_SPELLING = {"standard_lrs": "Standard_LRS", "premium_lrs": "Premium_LRS", "count": "Count"}
"""Members whose value is not simply their name in lower case."""

TOOLKIT_KEYS: tuple[str, ...] = tuple(
    row.rest for row in MODELS["JobCreateParameters"].fields if row.type in {t.name for t in TOOLKITS}
)


@lru_cache(maxsize=16)
def paths(op: str) -> frozenset[str]:
    """Every leaf that the body of an operation can hold, indexes left out, `tags.*` for any tag."""
    found: set[str] = set()

    def below(model: str, prefix: str) -> None:
        for row in MODELS[model].fields:
            path = (f"{prefix}.{row.path}" if prefix else row.path) + ("[]" if row.is_list else "")
            if row.item in MODELS:
                below(row.item, path)
            else:
                found.add(path + (".*" if row.type.startswith("{") else ""))

    for name, sends in ROOTS.items():
        if sends == op:
            below(name, "")
    return frozenset(found)


_NUMBERS = frozenset(row.rest for entry in MODELS.values() for row in entry.fields if row.type == "int")


def is_number(path: str) -> bool:
    """Whether a REST path, such as `properties.nodeCount`, holds a whole number."""
    return path.rsplit(".", 1)[-1] in _NUMBERS


_SECRET_ENDINGS = tuple(
    f".{row.rest}" for entry in MODELS.values() for row in entry.fields if row.secret and row.rest != "value"
)


def is_secret(path: str) -> bool:
    """Whether a REST path, such as `properties.secrets[0].value`, holds a secret."""
    return path.endswith(_SECRET_ENDINGS) or ("secrets[" in path and path.endswith("].value"))
