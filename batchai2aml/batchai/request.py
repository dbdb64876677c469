"""A request that a command line or a document stands for, before it is an operation: values as they were written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import TypeAlias

from batchai2aml.batchai import schema
from batchai2aml.batchai.model import Field, FlagUse, Notice, Operation, Reached
from batchai2aml.place import Where
from batchai2aml.text import Text
from batchai2aml.values import Literal, Scalar, Secret, Value

Written: TypeAlias = Text | Scalar
"""A leaf as it was written: a text, which may have open parts, or a number, a truth value or nothing."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A leaf of a body: its REST path, what was written there, and where."""

    path: str
    written: Written
    where: Where

    @property
    def value(self) -> Value:
        """The leaf for the ledger; of a secret only its place is kept."""
        if schema.is_secret(self.path) and self.written not in (None, Text(())):
            segments = self.written.segments if isinstance(self.written, Text) else ()
            return Secret(next((segment.code for segment in segments if segment.code), self.path))
        if not isinstance(self.written, Text):
            return Literal(self.written)
        known = self.written.known
        if known is not None and known.isdecimal() and known.isascii() and schema.is_number(self.path):
            return Literal(int(known))
        return self.written.value(self.path)

    @property
    def field(self) -> Field:
        """The leaf as an operation has it."""
        return Field(self.path, self.value, self.where)


Scope: TypeAlias = OneOf["name", "resource_group", "workspace", "experiment"]


@dataclass(frozen=True, slots=True)
class Request:
    """
    One command, or one document that nothing sends.

    `names` are the names it is sent under, `arguments` what it is given beside its body, `flags` and `keys` the
    options and the strange keys that were read on the way.
    """

    op: str
    where: Where
    reached: Reached
    api_version: str
    names: Mapping[Scope, Setting] = field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
    arguments: tuple[Setting, ...] = ()
    rounds: tuple[tuple[Setting, ...], ...] = ()
    flags: tuple[FlagUse, ...] = ()
    keys: tuple[Field, ...] = ()
    notices: tuple[Notice, ...] = ()

    def get(self, path: str) -> Setting | None:
        """The setting at a path, or None."""
        return next((found for found in self.settings if found.path == path), None)

    def argument(self, path: str) -> Text | None:
        """An argument beside the body, as text, or None."""
        found = next((found for found in self.arguments if found.path == path), None)
        return found.written if found is not None and isinstance(found.written, Text) else None

    def name(self, scope: Scope) -> Text | None:
        """One of the names, or None."""
        found = self.names.get(scope)
        return found.written if found is not None and isinstance(found.written, Text) else None

    def _value(self, scope: Scope) -> Value | None:
        return self.names[scope].value if scope in self.names else None

    def operation(self, index: int, resource: str) -> Operation:
        """The request as the ledger and the mapping see it."""
        return Operation(
            index=index,
            op=self.op,
            resource=resource,
            where=self.where,
            reached=self.reached,
            api_version=self.api_version,
            fields=tuple(found.field for found in self.settings),
            arguments=tuple(found.field for found in self.arguments),
            rounds=tuple(tuple(found.field for found in again) for again in self.rounds),
            flags=self.flags,
            keys=self.keys,
            notices=self.notices,
            name=self._value("name"),
            resource_group=self._value("resource_group"),
            workspace=self._value("workspace"),
            experiment=self._value("experiment"),
        )
