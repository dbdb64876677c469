"""The ledger: what became of everything that the user set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import TypeAlias

from batchai2aml.place import Where
from batchai2aml.rules import Disposition, Severity
from batchai2aml.values import Value

Kind: TypeAlias = OneOf["field", "call", "name", "token", "read", "flag", "key"]
Effort: TypeAlias = OneOf["simple", "medium", "significant"]


@dataclass(frozen=True, slots=True)
class Row:
    """What usually becomes of a field or call; `v1` and `v2` name what it becomes there."""

    disposition: Disposition
    rules: tuple[str, ...]
    v1: str
    v2: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    kind: Kind
    operation: int | None
    path: str
    where: Where
    value: Value | None
    disposition: Disposition
    rules: tuple[str, ...]
    v1: str
    v2: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should read."""

    rule: str
    severity: Severity
    effort: Effort
    disposition: Disposition
    where: Where
    message: str
    action: str
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a condition adds to a row: a worse disposition, more rules, and what to say of them."""

    disposition: Disposition
    rule: str
    detail: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Entries and findings of a run, in the order of the source."""

    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()


def row(disposition: Disposition, rules: str, v1: str = "", v2: str | None = None) -> Row:
    """A row of a table; `rules` is a list in one string."""
    return Row(disposition, tuple(rules.split()), v1, v1 if v2 is None else v2)


__all__ = ["Disposition", "Entry", "Finding", "Kind", "Ledger", "Row", "Severity", "Verdict", "field", "row"]
