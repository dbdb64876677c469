"""A request body as the mapping sees it: values by REST path, each with the source that may be printed for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from batchai2aml.batchai.model import Field
from batchai2aml.text import Text
from batchai2aml.values import Expression, Literal, Value


@dataclass(frozen=True, slots=True)
class Given:
    """
    A leaf: its value; the expression that says it where the new code will stand (None when none does); its text.

    `runtime` says that the program gets the value while it runs: a parameter, an environment variable, a prompt;
    `numeric` that it is a number whatever the round of a loop.
    """

    value: Value
    code: str | None
    text: Text | None = None
    runtime: bool = False
    numeric: bool = False

    @classmethod
    def of(cls, value: Value) -> Given:
        """A leaf that is printed as what it says, or as the expression that only the run knows."""
        code = value.code if isinstance(value, Expression) else None
        plain = isinstance(value, Literal) and not isinstance(value.value, str)
        return cls(value, code, None if plain else Text.of(value))

    @property
    def known(self) -> str | None:
        """The value as text, when it is known and not a secret."""
        if isinstance(self.value, Literal) and self.value.value is not None:
            return str(self.value.value)
        return None

    @property
    def number(self) -> int | None:
        """The value as a whole number, when it is one."""
        known = self.known
        return int(known) if known is not None and re.fullmatch(r"\d+", known) else None

    @property
    def empty(self) -> bool:
        """Whether the field counts as not set (`None`, an empty text)."""
        return isinstance(self.value, Literal) and self.value.value in (None, "")


@dataclass(frozen=True, slots=True)
class Body:
    """Leaves by path; `get` and `items` leave out what counts as not set."""

    leaves: Mapping[str, Given]

    @classmethod
    def of(cls, fields: Iterable[Field]) -> Body:
        """The body that an operation sends."""
        return cls({field.path: Given.of(field.value) for field in fields})

    def get(self, path: str) -> Given | None:
        """A leaf that is set, or None."""
        found = self.leaves.get(path)
        return None if found is None or found.empty else found

    def below(self, prefix: str) -> Body:
        """The part of the body below a path."""
        start = prefix + "."
        return Body({path[len(start) :]: leaf for path, leaf in self.leaves.items() if path.startswith(start)})

    def items(self, path: str) -> list[Body]:
        """The elements of a list of objects."""
        found: dict[int, dict[str, Given]] = {}
        for key, leaf in self.leaves.items():
            match = re.match(re.escape(path) + r"\[(\d+)\]\.(.*)", key)
            if match:
                found.setdefault(int(match.group(1)), {})[match.group(2)] = leaf
        return [Body(found[number]) for number in sorted(found)]

    def has(self, prefix: str) -> bool:
        """Whether anything is set at or below a path."""
        return any(
            (path == prefix or path.startswith((prefix + ".", prefix + "["))) and not leaf.empty
            for path, leaf in self.leaves.items()
        )

    @property
    def open(self) -> bool:
        """Whether a list has elements that only the run knows."""
        return any("[]" in path for path in self.leaves)
