"""Jobs: order, image, processes, time, environment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from batchai2aml.azureml import images
from batchai2aml.batchai.model import Field, Operation
from batchai2aml.mapping.durations import WEEK, seconds
from batchai2aml.mapping.facts import Check, Facts
from batchai2aml.mapping.types import Verdict
from batchai2aml.values import Literal, to_text


def priority(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if field.value not in (Literal(0), Literal("normal"), Literal(None)):
        shown = field.value.value if isinstance(field.value, Literal) else "known only at run time"
        yield Verdict("manual", "BAI205", str(shown))


def container_image(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if not isinstance(field.value, Literal):
        return
    image = str(field.value.value)
    image = facts.settings.images.get(image, image)
    if images.is_stale(image):
        yield Verdict("exact", "BAI604", f"{image} (--image {image}=NEW)")
    if images.has_python_2(image):
        yield Verdict("exact", "BAI613", image)


def process_count(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    nodes = operation.get("properties.nodeCount")
    if isinstance(field.value, Literal) and isinstance(nodes, Literal):
        total, count = field.value.count, nodes.count
        if count and total % count:
            yield Verdict("manual", "BAI507", f"{total} processes on {count} nodes", "error")


def wall_clock(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    length = seconds(str(field.value.value)) if isinstance(field.value, Literal) else 1
    if length is None:
        yield Verdict("manual", "BAI208", f"{to_text(field.value)} is no duration; 7 days are written", "error")
    elif length > WEEK or (isinstance(field.value, Literal) and ":" in str(field.value.value)):
        yield Verdict("changed", "BAI208", to_text(field.value))


def interpreter(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    text = str(field.value.value) if isinstance(field.value, Literal) else ""
    if "anaconda" in text or "$AZ_BATCHAI" in text:
        yield Verdict("manual", "BAI517", text, "error")


def backend(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    known = str(field.value.value).lower() if isinstance(field.value, Literal) else ""
    if known not in ("gloo", "mpi"):
        yield Verdict("changed", "BAI511", f"{known or 'a back end known only at run time'}: check it in Azure ML")


_RESERVED = re.compile(r"AZUREML_|AZ_BATCH|OMPI_|MASTER_|TF_CONFIG$")


def environment_name(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if isinstance(field.value, Literal) and _RESERVED.match(str(field.value.value)):
        yield Verdict("changed", "BAI417", str(field.value.value))


def environment_value(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if isinstance(field.value, Literal) and not isinstance(field.value.value, str):
        yield Verdict("changed", "BAI418", to_text(field.value), "info")


CHECKS: dict[str, Check] = {
    "environmentVariables[].name": environment_name,
    "environmentVariables[].value": environment_value,
    "priority": priority,
    "schedulingPriority": priority,
    "image": container_image,
    "processCount": process_count,
    "communicationBackend": backend,
    "maxWallClockTime": wall_clock,
    "pythonInterpreterPath": interpreter,
}
