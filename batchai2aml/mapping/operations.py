"""What an operation lacks, or what its fields say only together."""

from __future__ import annotations

from collections.abc import Iterator

from batchai2aml.batchai.model import Operation
from batchai2aml.batchai.schema import TOOLKIT_KEYS
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.types import Verdict
from batchai2aml.values import Literal, to_text


def verdicts(operation: Operation, facts: Facts) -> Iterator[Verdict]:
    """Findings about a whole operation."""
    if operation.op == "jobs.create" and operation.fields:
        yield from _job(operation, facts)
    if operation.op == "clusters.create" and operation.fields:
        yield from _cluster(operation, facts)
        yield from _unused_mounts(operation, facts)
    if operation.op in ("clusters.create", "clusters.update"):
        yield from _order(operation, facts)
    if operation.api_version == "2017-09-01-preview":
        yield Verdict("exact", "BAI816", operation.api_version, "info")


def _job(operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if any(notice.kind == "missing file" for notice in operation.notices):
        return
    paths = [field.path for field in operation.fields]
    toolkits = sorted({key for key in TOOLKIT_KEYS for path in paths if path.startswith(f"properties.{key}")})
    if not toolkits and any(notice.kind == "rewritten" for notice in operation.notices):
        return
    if not any(path.startswith("properties.containerSettings") for path in paths):
        yield Verdict("manual", "BAI211", "the job names no container image")
    if len(toolkits) != 1:
        yield Verdict("manual", "BAI229", ", ".join(toolkits) or "none is set")
    nodes = operation.get("properties.nodeCount")
    for cluster in facts.operations:
        if cluster.op != "clusters.create" or len([c for c in facts.operations if c.op == "clusters.create"]) != 1:
            continue
        most = cluster.get("properties.scaleSettings.manual.targetNodeCount") or cluster.get(
            "properties.scaleSettings.autoScale.maximumNodeCount"
        )
        if isinstance(nodes, Literal) and isinstance(most, Literal) and nodes.count > most.count > 0:
            yield Verdict("manual", "BAI128", f"{nodes.value} nodes on a cluster of {most.value}")


def _cluster(operation: Operation, facts: Facts) -> Iterator[Verdict]:
    scale = [
        field.path.split(".")[2] for field in operation.fields if field.path.startswith("properties.scaleSettings.")
    ]
    if "autoScale" in scale:
        yield Verdict(
            "changed",
            "BAI105",
            f"nodes go after {facts.settings.idle_seconds} idle seconds; Batch AI let them go at once",
        )
    if not scale:
        yield Verdict("manual", "BAI106", "neither manual nor autoScale")
    elif len(set(scale)) > 1:
        yield Verdict("changed", "BAI107", "manual and autoScale")


def _unused_mounts(operation: Operation, facts: Facts) -> Iterator[Verdict]:
    """Mounts of a cluster that no job of the project names."""
    jobs = [to_text(field.value) for job in facts.jobs() for field in job.fields]
    for field in operation.fields:
        if field.path.endswith(".relativeMountPath") and isinstance(field.value, Literal) and jobs:
            if not any("MOUNT_ROOT" in text and str(field.value.value) in text for text in jobs):
                yield Verdict("changed", "BAI120", str(field.value.value))


def _order(operation: Operation, facts: Facts) -> Iterator[Verdict]:
    """A cluster that is changed after it was deleted, or made twice with other values."""
    if not isinstance(operation.name, Literal) or operation.reached != "always":
        return
    before = [
        other
        for other in facts.operations[: operation.index]
        if other.name == operation.name and other.where.path == operation.where.path and other.reached == "always"
    ]
    latest = next((o for o in reversed(before) if o.op in ("clusters.create", "clusters.delete")), None)
    if latest is None:
        return
    if operation.op == "clusters.update" and latest.op == "clusters.delete":
        yield Verdict("changed", "BAI727", f"{operation.name.value} is changed after it was deleted")
    if operation.op == latest.op == "clusters.create":
        yield Verdict("changed", "BAI815", f"{operation.name.value} was made at {latest.where}")
