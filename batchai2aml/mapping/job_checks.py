"""What the parts of a job say only together: doubled places, unused inputs, what the script shows (MAPPING part 8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from batchai2aml.azureml import images
from batchai2aml.batchai import commandline
from batchai2aml.batchai.model import Operation
from batchai2aml.mapping.body import Body
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.job import Mapped
from batchai2aml.mapping.sources import is_large
from batchai2aml.mapping.types import Verdict
from batchai2aml.text import Text
from batchai2aml.values import Literal, to_text


@dataclass(frozen=True, slots=True)
class Seen:
    """A job, what became of it, and the text of the script that it starts if the project has it."""

    operation: Operation
    mapped: Mapped
    facts: Facts
    script: str | None


Check: TypeAlias = Callable[[Seen], Iterator[Verdict]]


def outputs_in_one_place(seen: Seen) -> Iterator[Verdict]:
    for (one, here), (other, there) in combinations(seen.mapped.directories.outputs.items(), 2):
        if [text.pieces for text in here] == [text.pieces for text in there]:
            yield Verdict("changed", "BAI219", f"{one} and {other}")


def mounts_in_one_place(seen: Seen) -> Iterator[Verdict]:
    names = [field.value for field in seen.operation.fields if field.path.endswith(".relativeMountPath")]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Verdict("changed", "BAI313", to_text(name))


def unused_inputs(seen: Seen) -> Iterator[Verdict]:
    """Only when the whole program can be seen: a script that is not there may read anything."""
    if seen.script is None or re.search(r"AZ_BATCHAI_INPUT_(?!\w)", seen.script):
        return
    read = {name for field in seen.operation.fields for name in commandline.variables(Text.of(field.value))}
    for name in seen.mapped.directories.inputs:
        variable = f"AZ_BATCHAI_INPUT_{name}"
        if variable not in read and variable not in seen.script:
            yield Verdict("changed", "BAI224", name)


def cluster_elsewhere(seen: Seen) -> Iterator[Verdict]:
    cluster = seen.operation.get("properties.cluster.id")
    known = re.search(r"/workspaces/([^/]+)/clusters/", str(cluster.value)) if isinstance(cluster, Literal) else None
    mine = seen.operation.workspace
    if known is not None and isinstance(mine, Literal) and known.group(1).lower() != str(mine.value).lower():
        yield Verdict("changed", "BAI232", f"the cluster is in {known.group(1)}, the job in {mine.value}")


_WRITES = re.compile(r"(?i)(^|[-_])(out|output|outputs|save|export|result|results)([-_]|$)")


def writes_into_inputs(seen: Seen) -> Iterator[Verdict]:
    for found in seen.mapped.handled:
        flag, *values = found.words
        name, value = (flag, values[0]) if values else commandline.value_of(flag) or (Text(()), Text(()))
        if _WRITES.search((name.known or "").lstrip("-")) and value.start.startswith("$AZ_BATCHAI_INPUT_"):
            yield Verdict("changed", "BAI314", f"{name.known} {value.known or value.start}")


_UNFRIENDLY = re.compile(r"h5py\.File\([^)\n]*['\"](?:a|r\+)['\"]|sqlite3\.connect")


def file_formats(seen: Seen) -> Iterator[Verdict]:
    found = _UNFRIENDLY.search(seen.script or "")
    if found is not None and seen.mapped.directories.outputs:
        yield Verdict("changed", "BAI316", f"{seen.mapped.local}: {found.group()}")


def roles_of_the_script(seen: Seen) -> Iterator[Verdict]:
    script = seen.script or ""
    if (
        seen.mapped.launch.toolkit == "tensorFlowSettings"
        and "TF_CONFIG" in script
        and re.search(r"['\"]master['\"]", script)
    ):
        yield Verdict("manual", "BAI504", f"{seen.mapped.local} looks for the role 'master' in TF_CONFIG", "error")


def placement(seen: Seen) -> Iterator[Verdict]:
    body = Body.of(seen.operation.fields)
    nodes, workers = body.get("properties.nodeCount"), body.get("properties.tensorFlowSettings.workerCount")
    if nodes is not None and workers is not None and None not in (nodes.number, workers.number):
        if nodes.number != workers.number:
            yield Verdict("changed", "BAI505", f"{workers.number} workers on {nodes.number} nodes")


def interpreter_of_the_image(seen: Seen) -> Iterator[Verdict]:
    image = seen.operation.get("properties.containerSettings.imageSourceRegistry.image")
    known = str(image.value) if isinstance(image, Literal) else ""
    if seen.mapped.launch.script is not None and seen.mapped.launch.python is None and images.has_python_2(known):
        yield Verdict("changed", "BAI518", f"{known} starts the script with its own python")


def defaults(seen: Seen) -> Iterator[Verdict]:
    """What Batch AI filled in and the new code says outright."""
    if seen.operation.get("properties.constraints.maxWallClockTime") is None:
        yield Verdict("exact", "BAI206", "604800 seconds", "info")
    if seen.operation.get("properties.containerSettings.shmSize") is None:
        yield Verdict("exact", "BAI215", "2 GB", "info")


def code_inputs(seen: Seen) -> Iterator[Verdict]:
    """Inputs that only say where the script is."""
    script = seen.mapped.launch.script
    of_script = set(commandline.variables(script)) if script is not None and seen.mapped.local is not None else set()
    words = [word for found in seen.mapped.handled for word in found.words]
    read = {name for word in words for name in commandline.variables(word)}
    for name in seen.mapped.directories.inputs:
        if f"AZ_BATCHAI_INPUT_{name}" in of_script - read:
            yield Verdict("exact", "BAI222", name, "info")


def snapshot_size(seen: Seen) -> Iterator[Verdict]:
    if seen.mapped.local is None:
        return
    beside = seen.facts.files.seen_from(seen.operation.where.path).below(seen.mapped.local.rpartition("/")[0])
    if is_large(beside):
        size = sum(beside.values()) // (1024 * 1024)
        yield Verdict("changed", "BAI322", f"{len(beside)} files, {size} MB beside {seen.mapped.local}")


CHECKS: tuple[Check, ...] = (
    outputs_in_one_place,
    mounts_in_one_place,
    unused_inputs,
    cluster_elsewhere,
    writes_into_inputs,
    file_formats,
    roles_of_the_script,
    placement,
    interpreter_of_the_image,
    snapshot_size,
    defaults,
    code_inputs,
)


def verdicts(operation: Operation, mapped: Mapped, facts: Facts) -> Iterator[Verdict]:
    """Everything that the parts of a job say together."""
    files = facts.files.seen_from(operation.where.path)
    seen = Seen(operation, mapped, facts, files.read(mapped.local) if mapped.local is not None else None)
    for check in CHECKS:
        yield from check(seen)
