"""A leaf of every model: a literal, an expression, text in parts, or a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is known without running the program."""

    value: Scalar

    @property
    def count(self) -> int:
        """The value as a whole number; 0 when it is none."""
        return int(self.value) if isinstance(self.value, (int, str)) and str(self.value).isdigit() else 0


@dataclass(frozen=True, slots=True)
class Expression:
    """
    Python source whose value only the run knows.

    `refers_to` is the number of the operation whose result is read (`cluster.id`), or None; `undefined`
    says that nothing in the program defines the name.
    """

    code: str
    refers_to: int | None = None
    undefined: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """Text that is known in part, in order."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret: where it came from, never what it is."""

    source: str


Value: TypeAlias = Literal | Expression | Parts | Secret


def to_json(value: Value) -> object:
    """The VALUE of the JSON output (its schema is `report/schema.json`)."""
    match value:
        case Literal(scalar):
            return scalar
        case Expression(code, None, _):
            return {"expr": code}
        case Expression(code, index, _):
            return {"expr": code, "refers_to": index}
        case Parts(parts):
            return {"parts": [part if isinstance(part, str) else {"expr": part.code} for part in parts]}
        case Secret(source):
            return {"secret": True, "source": source}


def is_undefined(value: Value) -> bool:
    """Whether the value needs a name that nothing defines."""
    match value:
        case Expression(_, _, undefined):
            return undefined
        case Parts(parts):
            return any(isinstance(part, Expression) and part.undefined for part in parts)
    return False


def to_text(value: Value) -> str:
    """The value as a person reads it in a report."""
    match value:
        case Literal(scalar):
            return repr(scalar)
        case Expression(code, _, _):
            return code
        case Parts(parts):
            return "".join(part if isinstance(part, str) else f"{{{part.code}}}" for part in parts)
        case Secret(source):
            return f"secret from {source}"
