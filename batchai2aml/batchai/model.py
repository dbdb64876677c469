"""What a program does with Batch AI: operations, and the fields that each one sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from batchai2aml.place import Where
from batchai2aml.values import Value

Reached: TypeAlias = OneOf["always", "branch", "loop", "uncalled"]


@dataclass(frozen=True, slots=True)
class Field:
    """A leaf of a request body: its REST path in API 2018-05-01 and the value the user gave it."""

    path: str
    value: Value
    where: Where


NoticeKind: TypeAlias = OneOf[
    "abbreviated",
    "contradiction",
    "duplicate",
    "missing file",
    "no value",
    "old command line",
    "open variable",
    "overridden",
    "repaired",
    "rewritten",
    "template expression",
    "text for a number",
    "unknown command",
    "unknown flag",
]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about how a request is written: what it is, where, and the words that it is about."""

    kind: NoticeKind
    where: Where
    detail: str


@dataclass(frozen=True, slots=True)
class FlagUse:
    """An option of a command line: as it was spelled, what it is about (`batchai.cli`), and its value."""

    spelled: str
    to: str
    value: Value
    where: Where


@dataclass(frozen=True, slots=True)
class Operation:
    """
    One client call, storage call or helper call, as the user's own file makes it.

    `op` is `<group>.<method>` in the 2018-05-01 naming; `arguments` are what is named outside the body
    (file names of uploads, the location of a listing), `rounds` the same for further rounds of a loop;
    `via` names the helper the call stands in when that is not the place itself. Command lines have `flags`,
    documents may have `keys` that no schema knows, both have `notices` about how they are written.
    """

    index: int
    op: str
    resource: str
    where: Where
    reached: Reached
    api_version: str
    name: Value | None = None
    resource_group: Value | None = None
    workspace: Value | None = None
    experiment: Value | None = None
    fields: tuple[Field, ...] = ()
    arguments: tuple[Field, ...] = ()
    rounds: tuple[tuple[Field, ...], ...] = ()
    via: str | None = None
    flags: tuple[FlagUse, ...] = ()
    keys: tuple[Field, ...] = ()
    notices: tuple[Notice, ...] = ()

    def get(self, path: str) -> Value | None:
        """The value at a path, or None."""
        for field in self.fields:
            if field.path == path:
                return field.value
        return None


@dataclass(frozen=True, slots=True)
class Reading:
    """An attribute of an operation's answer that the program looks at."""

    operation: int
    op: str
    attribute: str
    where: Where


@dataclass(frozen=True, slots=True)
class Trace:
    """A variable of Batch AI that a script reads, or another way into the service, and its place."""

    what: str
    where: Where
