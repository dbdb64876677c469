"""What becomes of every field, by operation and REST path (indexes left out, `tags.*` for any tag)."""

from __future__ import annotations

import re

from batchai2aml.mapping.fields.clusters import CLUSTERS, UPDATES
from batchai2aml.mapping.fields.jobs import JOBS
from batchai2aml.mapping.fields.servers import FILE_SERVERS, WORKSPACES
from batchai2aml.mapping.types import Row

FIELDS: dict[str, dict[str, Row]] = {
    "clusters.create": CLUSTERS,
    "clusters.update": UPDATES,
    "jobs.create": JOBS,
    "file_servers.create": FILE_SERVERS,
    "workspaces.create": WORKSPACES,
    "workspaces.update": {"tags.*": WORKSPACES["tags.*"]},
}


def general(path: str) -> str:
    """The path with every index dropped and the name of a tag replaced by `*`."""
    path = re.sub(r"\[\d*\]", "[]", path)
    return re.sub(r"^tags\..*$", "tags.*", path)


def row_for(op: str, path: str) -> Row | None:
    """The row of a field; a list or object that holds no leaf counts by the first row below it."""
    table = FIELDS.get(op, {})
    key = general(path)
    if key in table:
        return table[key]
    below = [
        found
        for known, found in table.items()
        if known.startswith((key + ".", key + "[]", key.removesuffix("[]") + "[]"))
    ]
    return below[0] if below and key else None
