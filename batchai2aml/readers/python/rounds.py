"""What one place of a program says in several rounds: a loop's, or calls of a function with other arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

import libcst as cst

from batchai2aml.readers.python.domain import (
    Abstract,
    Const,
    Mapping,
    ModelObject,
    Sequence,
    Slot,
    Unknown,
    same,
)
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.sources import Cell
from batchai2aml.text import Segment, Text

Change: TypeAlias = tuple[Cell, cst.CSTNode, bool]

ROUNDS = "rounds"
"""The kind of a value that is known in every round, and not the same in all."""
NUMBERS = "rounds of numbers"
"""The same, when it is a number in every round."""


def merge_models(models: Iterable[ModelObject]) -> None:
    """Keep in the first object of each place only what every round's object says; the rest becomes expressions."""
    first: dict[int, ModelObject] = {}
    for made in models:
        known = first.setdefault(id(made.node), made)
        if known is not made:
            _absorb(known, made)
            known.late = _changes(known.late, made.late)


def _changes(mine: list[Change], others: list[Change]) -> list[Change]:
    """Later changes of an object in any round; one that not every round makes is conditional."""
    places = [{id(statement) for _, statement, _ in changes} for changes in (mine, others)]
    every = [*mine, *(change for change in others if id(change[1]) not in places[0])]
    return [(cell, s, conditional or not all(id(s) in place for place in places)) for cell, s, conditional in every]


def merge_records(records: Iterable[CallRecord]) -> None:
    """The same for the arguments of calls."""
    for record in records:
        record.first = dict(record.arguments) if record.again else {}
        for again in record.again:
            for name, slot in record.arguments.items():
                other = again.arguments.get(name)
                if other is not None:
                    record.arguments[name] = replace(slot, value=merged(slot, other.value))


def _absorb(known: ModelObject, other: ModelObject) -> None:
    if known is other:
        return
    for attribute, slot in other.slots.items():
        known.slots.setdefault(attribute, slot)
    for attribute, slot in known.slots.items():
        again = other.slots.get(attribute)
        if again is not None:
            known.slots[attribute] = replace(slot, value=merged(slot, again.value))


def merged(slot: Slot, other: Abstract) -> Abstract:
    """What two rounds say alike of the value in a slot; where they differ, the expression that was written there."""
    value = slot.value
    if same(value, other):
        return value
    match value, other:
        case ModelObject(), ModelObject() if value.model is other.model:
            _absorb(value, other)
            return value
        case Sequence(), Sequence():
            return _merged_items(value, other, slot)
        case Mapping(), Mapping():
            keys = value.entries.keys() & other.entries.keys()
            entries = {key: _merged_entry(slot, value, other, key) for key in value.entries if key in keys}
            is_open = value.open or other.open or value.entries.keys() != other.entries.keys()
            return Mapping(entries, is_open, codes=value.codes)
        case Text(), Text():
            return _merged_text(value, other, slot.cell.code(slot.node))
        case _ if _is_number(value) and _is_number(other):
            return value if isinstance(value, Unknown) else Unknown(slot.cell.code(slot.node), kind=NUMBERS)
        case ((Text() | Const() | Unknown()), (Text() | Const() | Unknown())):
            return Unknown(slot.cell.code(slot.node), record=getattr(value, "record", None), kind=ROUNDS)
    return value


def _merged_entry(slot: Slot, value: Mapping, other: Mapping, key: object) -> Abstract:
    """What two rounds say under a key of a dictionary; the expression that was given there where they differ."""
    mine, theirs = value.entries[key], other.entries[key]
    plain = isinstance(mine, (Const, Text, Unknown)) and isinstance(theirs, (Const, Text, Unknown))
    if key in value.codes and plain and not same(mine, theirs):
        return Unknown(value.codes[key], kind=NUMBERS if _is_number(mine) else ROUNDS)
    return merged(replace(slot, value=mine), theirs)


def _is_number(value: Abstract) -> bool:
    """Whether a value is a number in every round so far."""
    if isinstance(value, Const):
        return isinstance(value.value, (int, float))
    return isinstance(value, Unknown) and value.kind == NUMBERS


def _merged_items(value: Sequence, other: Sequence, slot: Slot) -> Sequence:
    pairs = list(zip(value.items, other.items, strict=False))
    items = [merged(Slot(mine, slot.node, slot.cell), theirs) for mine, theirs in pairs]
    settled = all(isinstance(mine, ModelObject) or same(mine, theirs) for mine, theirs in pairs)
    is_open = value.open or other.open or len(value.items) != len(other.items) or not settled
    return Sequence(items, value.kind, is_open)


def _merged_text(value: Text, other: Text, code: str) -> Text:
    whole = Text((_open(Segment(value.first_round.known, code, many=_is_many(value)), other.known),))
    if len(value.segments) != len(other.segments):
        return whole
    pieces: list[Segment] = []
    for mine, theirs in zip(value.segments, other.segments, strict=True):
        if (mine.text, mine.code) == (theirs.text, theirs.code):
            pieces.append(mine)
        elif mine.code is not None and mine.code == theirs.code:
            pieces.append(_open(mine, theirs.text))
        else:
            return whole
    return Text(tuple(pieces))


def _is_many(text: Text) -> bool:
    return any(segment.many for segment in text.segments)


def _open(segment: Segment, other: str | None) -> Segment:
    """A piece that differs between rounds; it may hold several words when one of its values does."""
    texts = [text for text in (segment.text, other) if text is not None]
    many = segment.many or any(not text or text.startswith("-") or re.search(r"\s", text) for text in texts)
    return replace(segment, text=None, many=many, example=segment.text if segment.example is None else segment.example)
