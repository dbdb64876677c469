"""What depends on the value: conditions that make an entry worse than its row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from batchai2aml.azureml import images, sizes
from batchai2aml.batchai.model import Field, Operation
from batchai2aml.config import Settings
from batchai2aml.mapping.fields import general
from batchai2aml.mapping.printing import Style
from batchai2aml.mapping.types import Verdict
from batchai2aml.project.lookup import Lookup
from batchai2aml.values import Expression, Literal, Parts, Secret, is_undefined, to_text


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What conditions may know beside the field.

    All operations, the files of the project, the user's settings, how literals are written, and the day that
    retirement dates count from.
    """

    operations: tuple[Operation, ...]
    files: Lookup
    settings: Settings
    style: Style
    today: date

    def jobs(self) -> Iterator[Operation]:
        """Every job of the project."""
        return (op for op in self.operations if op.op == "jobs.create")


Check: TypeAlias = Callable[[Field, Operation, Facts], Iterator[Verdict]]


def vm_size(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if not isinstance(field.value, Literal):
        yield Verdict("changed", "BAI113", "retirement and GPU checks were skipped")
        return
    size = str(field.value.value)
    size = facts.settings.vm_sizes.get(size, size)
    found = sizes.series(size)
    if found is None:
        return
    retired = found.date <= facts.today
    when = f"was retired on {found.date}" if retired else f"will be retired on {found.date}"
    detail = f"{size} ({found.name}) {when}; look at {found.successors} (--vm-size {size}=NEW)"
    yield Verdict("manual" if retired else "changed", "BAI112", detail, "error" if retired else "warning")


def vm_priority(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if field.value == Literal("lowpriority"):
        yield Verdict("changed", "BAI110", "lowpriority")


def target_count(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if field.value == Literal(0):
        known = any(isinstance(job.get("properties.nodeCount"), Literal) for job in facts.jobs())
        detail = "the maximum is the largest job's node count" if known else "no job is known; state the maximum"
        yield Verdict("changed" if known else "manual", "BAI103", detail, None if known else "error")


def initial_count(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    least = operation.get("properties.scaleSettings.autoScale.minimumNodeCount")
    if isinstance(field.value, Literal) and isinstance(least, Literal) and _int(field.value) > _int(least):
        yield Verdict("changed", "BAI104", f"{field.value.value} nodes at the start, {least.value} now")


def _int(value: Literal) -> int:
    return int(value.value) if isinstance(value.value, (int, str)) and str(value.value).isdigit() else 0


def deallocation(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if isinstance(field.value, Literal) and field.value.value not in ("requeue", None):
        yield Verdict("manual", "BAI108", str(field.value.value), "error")


def vm_image(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if field.value != Literal("microsoft-ads"):
        return
    bare = [job for job in facts.jobs() if not any("containerSettings" in f.path for f in job.fields)]
    if bare:
        yield Verdict("manual", "BAI115", f"the Data Science VM ran the job at {bare[0].where}", "error")


def public_key(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if isinstance(field.value, Literal) and "PRIVATE KEY" in str(field.value.value):
        yield Verdict("manual", "BAI609", "the text is a private key")


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


def file_mode(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if isinstance(field.value, Literal) and field.value.value not in ("0777", "777", None):
        yield Verdict("manual", "BAI304", str(field.value.value), "error")


_TUNING = re.compile(
    r"--use-https(=\w+)?|-o|--tmp-path=\S+|--container-name=\S+|--log-level=\S+|--cache-size-mb=\d+|rw|"
    r"(big_writes|max_read=\d+|max_write=\d+|kernel_cache|attr_timeout=\d+|entry_timeout=\d+|negative_timeout=\d+|"
    r"allow_other)(,\S+)?"
)


def mount_options(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if not isinstance(field.value, Literal) or field.value.value is None:
        return
    other = [word for word in str(field.value.value).split() if not _TUNING.fullmatch(word)]
    if other:
        yield Verdict("manual", "BAI306", " ".join(other), "error")


def endpoint(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    known = "".join(p for p in field.value.parts if isinstance(p, str)) if isinstance(field.value, Parts) else ""
    text = str(field.value.value) if isinstance(field.value, Literal) else known
    if ".file." in text and ".file.core.windows.net" not in text:
        yield Verdict("changed", "BAI319", text)


def process_count(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    nodes = operation.get("properties.nodeCount")
    if isinstance(field.value, Literal) and isinstance(nodes, Literal):
        total, count = _int(field.value), _int(nodes)
        if count and total % count:
            yield Verdict("manual", "BAI507", f"{total} processes on {count} nodes", "error")


def wall_clock(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    length = seconds(str(field.value.value)) if isinstance(field.value, Literal) else 1
    if length is None:
        yield Verdict("manual", "BAI208", f"{to_text(field.value)} is no duration; 7 days are written", "error")
    elif length > WEEK or (isinstance(field.value, Literal) and ":" in str(field.value.value)):
        yield Verdict("changed", "BAI208", to_text(field.value))


WEEK = 604800
"""The longest run of a job in Batch AI, in seconds."""


def seconds(text: str) -> int | None:
    """The length of an ISO 8601 duration, or of C#'s `7.00:00:00`, in seconds; None when it is neither."""
    iso = re.fullmatch(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?", text.strip())
    sharp = re.fullmatch(r"(?:(\d+)\.)?(\d+):(\d+):(\d+)", text.strip())
    if iso and len(text.strip()) > 1:
        weeks, days, hours, minutes, secs = (int(part or 0) for part in iso.groups())
    elif sharp:
        days, hours, minutes, secs = (int(part or 0) for part in sharp.groups())
        weeks = 0
    else:
        return None
    return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + secs


def interpreter(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    text = str(field.value.value) if isinstance(field.value, Literal) else ""
    if "anaconda" in text or "$AZ_BATCHAI" in text:
        yield Verdict("manual", "BAI517", text, "error")


def backend(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    known = str(field.value.value).lower() if isinstance(field.value, Literal) else ""
    if known not in ("gloo", "mpi"):
        yield Verdict("changed", "BAI511", f"{known or 'a back end known only at run time'}: check it in Azure ML")


CHECKS: dict[str, Check] = {
    "vmSize": vm_size,
    "vmPriority": vm_priority,
    "targetNodeCount": target_count,
    "initialNodeCount": initial_count,
    "nodeDeallocationOption": deallocation,
    "publisher": vm_image,
    "adminUserSshPublicKey": public_key,
    "priority": priority,
    "schedulingPriority": priority,
    "image": container_image,
    "fileMode": file_mode,
    "directoryMode": file_mode,
    "mountOptions": mount_options,
    "azureFileUrl": endpoint,
    "processCount": process_count,
    "communicationBackend": backend,
    "maxWallClockTime": wall_clock,
    "pythonInterpreterPath": interpreter,
}
"""Conditions by the last key of the path."""


def verdicts(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    """Everything that the value of a field adds to its row."""
    if isinstance(field.value, Secret):
        if field.value.source == field.path:
            yield Verdict("changed", "BAI606", "a literal in the source; its text is not copied")
        return
    if is_undefined(field.value):
        missing = [
            p.code for p in getattr(field.value, "parts", [field.value]) if isinstance(p, Expression) and p.undefined
        ]
        yield Verdict("manual", "BAI802", f"{', '.join(missing)} is used but nothing defines it")
    check = CHECKS.get(general(field.path).rsplit(".", 1)[-1])
    if check is not None and operation.op != "file_servers.create":
        yield from check(field, operation, facts)
