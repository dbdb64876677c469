"""What an operation lacks, or what its fields say only together."""

from __future__ import annotations

from collections.abc import Iterator

from batchai2aml.batchai.model import Operation
from batchai2aml.batchai.schema import TOOLKIT_KEYS
from batchai2aml.mapping.conditions import Facts
from batchai2aml.mapping.types import Verdict
from batchai2aml.values import Literal


def verdicts(operation: Operation, facts: Facts) -> Iterator[Verdict]:
    """Findings about a whole operation."""
    if operation.op == "jobs.create" and operation.fields:
        yield from _job(operation, facts)
    if operation.op == "clusters.create" and operation.fields:
        yield from _cluster(operation)


def _job(operation: Operation, facts: Facts) -> Iterator[Verdict]:
    paths = [field.path for field in operation.fields]
    if not any(path.startswith("properties.containerSettings") for path in paths):
        yield Verdict("manual", "BAI211", "the job names no container image")
    toolkits = sorted({key for key in TOOLKIT_KEYS for path in paths if path.startswith(f"properties.{key}")})
    if len(toolkits) != 1:
        yield Verdict("manual", "BAI229", ", ".join(toolkits) or "none is set")
    nodes = operation.get("properties.nodeCount")
    for cluster in facts.operations:
        if cluster.op != "clusters.create" or len([c for c in facts.operations if c.op == "clusters.create"]) != 1:
            continue
        most = cluster.get("properties.scaleSettings.manual.targetNodeCount") or cluster.get(
            "properties.scaleSettings.autoScale.maximumNodeCount"
        )
        if isinstance(nodes, Literal) and isinstance(most, Literal) and _number(nodes) > _number(most) > 0:
            yield Verdict("manual", "BAI128", f"{nodes.value} nodes on a cluster of {most.value}")


def _cluster(operation: Operation) -> Iterator[Verdict]:
    scale = [
        field.path.split(".")[2] for field in operation.fields if field.path.startswith("properties.scaleSettings.")
    ]
    if "autoScale" in scale:
        yield Verdict("changed", "BAI105", "nodes go after 1800 idle seconds; Batch AI let them go at once")
    if not scale:
        yield Verdict("manual", "BAI106", "neither manual nor autoScale")
    elif len(set(scale)) > 1:
        yield Verdict("changed", "BAI107", "manual and autoScale")


def _number(value: Literal) -> int:
    return int(value.value) if isinstance(value.value, (int, str)) and str(value.value).isdigit() else 0
