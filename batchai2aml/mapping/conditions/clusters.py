"""Clusters: sizes, counts, accounts, networks."""

from __future__ import annotations

from collections.abc import Iterator

from batchai2aml.azureml import regions, sizes
from batchai2aml.batchai.model import Field, Operation
from batchai2aml.mapping.compute import SUBNET
from batchai2aml.mapping.facts import Check, Facts
from batchai2aml.mapping.types import Verdict
from batchai2aml.values import Literal, to_text


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
    if operation.op != "clusters.create":
        return
    if field.value != Literal(0):
        kept = "0 at least, as asked" if facts.settings.scale_to_zero else "at least and at most"
        yield Verdict("changed", "BAI102", f"{to_text(field.value)} nodes, {kept}")
    else:
        known = any(isinstance(job.get("properties.nodeCount"), Literal) for job in facts.jobs())
        detail = "the maximum is the largest job's node count" if known else "no job is known; state the maximum"
        yield Verdict("changed" if known else "manual", "BAI103", detail, None if known else "error")


def initial_count(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    least = operation.get("properties.scaleSettings.autoScale.minimumNodeCount")
    if isinstance(field.value, Literal) and isinstance(least, Literal) and field.value.count > least.count:
        yield Verdict("changed", "BAI104", f"{field.value.value} nodes at the start, {least.value} now")


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


def subnet(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if not isinstance(field.value, Literal):
        yield Verdict("manual", "BAI126", f"{to_text(field.value)} is taken apart when the code runs", "error")
    elif not SUBNET.search(str(field.value.value)):
        yield Verdict("manual", "BAI126", f"{field.value.value} is no id of a subnet", "error")
    if any(other.path.startswith("properties.userAccountSettings.") for other in operation.fields):
        yield Verdict("changed", "BAI124", "Azure ML closes the SSH port of a cluster in a network")


def region(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if isinstance(field.value, Literal) and field.value.value and not regions.is_known(str(field.value.value)):
        yield Verdict("changed", "BAI603", str(field.value.value))


CHECKS: dict[str, Check] = {
    "location": region,
    "subnet.id": subnet,
    "vmSize": vm_size,
    "vmPriority": vm_priority,
    "targetNodeCount": target_count,
    "initialNodeCount": initial_count,
    "nodeDeallocationOption": deallocation,
    "publisher": vm_image,
    "adminUserSshPublicKey": public_key,
}
