"""Helpers of the tests that read programs from text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from textwrap import dedent

from batchai2aml.batchai.model import Operation
from batchai2aml.config import Settings
from batchai2aml.emit.style import Style
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.ledger import build
from batchai2aml.mapping.types import Ledger
from batchai2aml.project.lookup import Lookup
from batchai2aml.readers.python.program import Program, read_program
from batchai2aml.values import to_json


def program(text: str, **others: str) -> Program:
    """Read `main.py` with this text, other modules and data files beside it (`name__py`, `data__json`)."""
    files = {"main.py": dedent(text).encode()}
    files.update({name.replace("__", "."): dedent(body).encode() for name, body in others.items()})
    return read_program([("main.py", False)], files.get)


def operations(text: str, **others: str) -> tuple[Operation, ...]:
    """The operations that `main.py` makes."""
    return tuple(program(text, **others).operations)


def ledger(found: Iterable[Operation], day: date | None = None, **files: str) -> Ledger:
    """The ledger of these operations, in a project with these files (`train__py`)."""
    there = {name.replace("__", "."): dedent(body).encode() for name, body in files.items()}
    lookup = Lookup(there.get, {name: len(data) for name, data in there.items()})
    return build(Facts(tuple(found), lookup, Settings(), Style(), day or date(2026, 11, 1)))


def fields(text: str, **others: str) -> dict[str, object]:
    """The fields of the only operation with a body."""
    found = [op for op in operations(text, **others) if op.fields]
    assert len(found) == 1, [op.op for op in found]
    return {field.path: to_json(field.value) for field in found[0].fields}
