"""What a loop, a comprehension or a function that is handed over sees of a sequence."""

from __future__ import annotations

from batchai2aml.readers.python.domain import (
    Abstract,
    Instance,
    Mapping,
    ModelObject,
    Result,
    Sequence,
    Unknown,
    from_key,
)
from batchai2aml.text import Text

_MOST = 64
"""How many rounds of a loop are followed one by one."""


def elements(value: Abstract) -> list[Abstract] | None:
    """The elements that a loop sees, or None when they are not all known."""
    match value:
        case Sequence(items, "set", False) if len(items) > 1:
            return [Unknown("element", kind=f"element{number}") for number in range(len(items))]
        case Sequence(items, _, False):
            return list(items)
        case Mapping(entries, False):
            return [from_key(key) for key in entries]
        case Text() if value.known is not None and len(value.known) <= _MOST:
            return [Text.literal(char) for char in value.known]
    return None


def element(iterable: Abstract, code: str) -> Abstract:
    """Any element of a sequence that is not known as a whole; `code` is what names it."""
    match iterable:
        case Result(record):
            return Result(record)
        case Sequence([ModelObject() | Result() | Instance() as first, *_]):
            return first
        case Sequence([Unknown(record=record, kind=kind), *_]) | Unknown(record=record, kind=kind) if record:
            return Unknown(code, record=record, kind=kind)
    return Unknown(code)


def rounds(iterable: Abstract, code: str) -> tuple[list[Abstract], bool]:
    """The elements to follow, and whether they are all: one that stands for any when they are not known."""
    found = elements(iterable)
    if found is not None and len(found) <= _MOST:
        return found, True
    return [element(iterable, code)], False
