"""Names and places: which Azure ML takes as they are, which it would refuse (MAPPING 6.1 and 6.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from batchai2aml.azureml import names, regions
from batchai2aml.batchai.model import Field, Operation
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.types import Verdict
from batchai2aml.values import Literal, Secret, Value, to_text


@dataclass(frozen=True, slots=True)
class Legal:
    """How a kind of name is made legal, and the rule that says so."""

    convert: Callable[[str], str]
    rule: str


COMPUTE = Legal(names.compute, "BAI601")
WORKSPACE = Legal(names.workspace, "BAI141")
EXPERIMENT = Legal(names.experiment, "BAI601")

_BY_GROUP = {"clusters": COMPUTE, "workspaces": WORKSPACE, "experiments": EXPERIMENT}


def kind_of(operation: Operation, path: str) -> Legal | None:
    """The kind of a name that an operation gives, or None when Azure ML does not restrict it."""
    if path == "name":
        return _BY_GROUP.get(operation.op.split(".")[0])
    return {"workspace": WORKSPACE, "experiment": EXPERIMENT}.get(path)


def name_verdicts(operation: Operation, path: str, value: Value, facts: Facts) -> Iterator[Verdict]:
    """What becomes of a name that Azure ML would refuse."""
    kind = kind_of(operation, path)
    if kind is None or not isinstance(value, Literal) or not isinstance(value.value, str):
        return
    new = kind.convert(value.value)
    if new != value.value:
        yield Verdict("changed", kind.rule, f"{value.value} -> {new}")
    others = {name for name in _given(facts, kind) if name != value.value and kind.convert(name) == new}
    if others:
        yield Verdict("manual", "BAI602", f"{', '.join(sorted({value.value, *others}))} -> {new}", "error")


def _given(facts: Facts, kind: Legal) -> Iterator[str]:
    """All names of a kind that the project says outright."""
    for operation in facts.operations:
        for path in ("name", "workspace", "experiment"):
            value = getattr(operation, path)
            if kind_of(operation, path) is kind and isinstance(value, Literal) and isinstance(value.value, str):
                yield value.value


_LOG = re.compile(r"(^|/)std(out|err)(-\w+)*\.txt$")


def argument_verdicts(operation: Operation, field: Field, facts: Facts) -> Iterator[Verdict]:
    """What the value of an argument beside the body says."""
    if isinstance(field.value, Secret) and field.path == "sas_token":
        yield Verdict("manual", "BAI324", "the signature is not copied", "error")
    if not isinstance(field.value, Literal) or not isinstance(field.value.value, str):
        return
    text = field.value.value
    if field.path == "base_url" and regions.is_sovereign(text):
        yield Verdict("changed", "BAI614", text)
    if operation.op.startswith("storage.get_") and _LOG.search(text):
        yield Verdict("manual", "BAI217", text, "error")
    if field.path == "parameter_name" and operation.op.startswith("helpers."):
        yield from _placeholders(operation, text, facts)
    if field.path == "subscription_id" and operation.op == "client.create":
        yield Verdict("exact", "BAI612", to_text(field.value), "info")


def _placeholders(operation: Operation, name: str, facts: Facts) -> Iterator[Verdict]:
    """A sweep's parameter whose name begins another's: the helper replaced it there too."""
    for other in facts.operations:
        value = next((a.value for a in other.arguments if a.path == "parameter_name"), None)
        longer = str(value.value) if isinstance(value, Literal) else ""
        if other.where.path == operation.where.path and longer.startswith(name) and longer != name:
            yield Verdict("changed", "BAI713", f"PARAM_{name} was replaced inside PARAM_{longer} too")
