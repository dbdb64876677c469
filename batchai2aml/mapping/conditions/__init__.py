"""What depends on the value: conditions that make an entry worse than its row."""

from __future__ import annotations

from collections.abc import Iterator

from batchai2aml.batchai.model import Field, Operation
from batchai2aml.mapping.conditions import clusters, directories, jobs
from batchai2aml.mapping.facts import Check, Facts
from batchai2aml.mapping.fields import general
from batchai2aml.mapping.types import Verdict
from batchai2aml.values import Expression, Secret, is_undefined

CHECKS: dict[str, Check] = {**clusters.CHECKS, **jobs.CHECKS, **directories.CHECKS}
"""Conditions by the last key of the path, or by its last two."""


def verdicts(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    """Everything that the value of a field adds to its row."""
    if isinstance(field.value, Secret):
        if field.value.source == field.path:
            yield Verdict("changed", "BAI606", "a literal in the source; its text is not copied")
            if facts.weak_password and field.path.endswith(".adminUserPassword"):
                yield Verdict("manual", "BAI611", "three of: lower case, upper case, digits, other characters", "error")
        return
    if is_undefined(field.value):
        missing = [
            p.code for p in getattr(field.value, "parts", [field.value]) if isinstance(p, Expression) and p.undefined
        ]
        yield Verdict("manual", "BAI802", f"{', '.join(missing)} is used but nothing defines it")
    keys = general(field.path).split(".")
    check = CHECKS.get(".".join(keys[-2:])) or CHECKS.get(keys[-1])
    if check is not None and operation.op != "file_servers.create":
        yield from check(field, operation, facts)
