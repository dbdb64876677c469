"""Dictionaries that are looked up by a state: their keys in the words of a run or a compute target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import libcst as cst

from batchai2aml.emit.style import Style
from batchai2aml.mapping.states import ATTRIBUTES
from batchai2aml.mapping.types import Verdict
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.tree import descendants

Table: TypeAlias = Mapping[str, tuple[str, ...]]


def words_of(node: cst.BaseExpression, table: Table, members: Mapping[int, tuple[str, ...]]) -> tuple[str, ...] | None:
    """What the text or the member of an enumeration is called now; None when it is no state."""
    if id(node) in members:
        return members[id(node)]
    if isinstance(node, cst.Attribute) and node.attr.value in ("value", "name") and id(node.value) in members:
        return members[id(node.value)]
    if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
        return table.get(node.evaluated_value.lower().rsplit(".", 1)[-1])
    return None


def shown(words: tuple[str, ...], lower: bool, style: Style) -> list[str]:
    """The words as the file writes texts, in small letters where the program makes states small."""
    return [style.string(word.lower() if lower else word) for word in words]


def convert_keys(ctx: Context, members: Mapping[int, tuple[str, ...]]) -> None:
    """Put the keys of dictionaries into new words where the program looks something up by a state."""
    me = ctx.program.interpreter
    assert me is not None
    done: set[int] = set()
    for key in me.keys:
        if key.cell.path not in ctx.work:
            continue
        table = ATTRIBUTES[key.attribute.split(".")[0]]
        lower = key.attribute.endswith(".lower")
        for cell, display in _dictionaries(ctx, key.cell, key.holder):
            if id(display) not in done:
                done.add(id(display))
                _convert_dictionary(ctx, cell, display, table, members, lower)
        if isinstance(key.holder, (cst.Name, cst.Attribute)):
            _convert_lookups(ctx, key.cell, key.cell.code(key.holder), table, lower, done)


def _dictionaries(ctx: Context, at: Cell, holder: cst.BaseExpression) -> Iterator[tuple[Cell, cst.Dict]]:
    """The dictionary itself, or those that are bound to its name in the same file."""
    if isinstance(holder, cst.Dict):
        yield at, holder
        return
    name = at.code(holder).rsplit(".", 1)[-1]
    for cell in ctx.work[at.path].source.cells:
        for assign in descendants(cell.module, cst.Assign):
            if isinstance(assign.value, cst.Dict) and any(
                cell.code(target.target).rsplit(".", 1)[-1] == name for target in assign.targets
            ):
                yield cell, assign.value


def _convert_dictionary(
    ctx: Context,
    cell: Cell,
    display: cst.Dict,
    table: Table,
    members: Mapping[int, tuple[str, ...]],
    lower: bool,
) -> None:
    """A key that became several words stands once for each of them."""
    edits, style = ctx.edits(cell), ctx.work[cell.path].style
    for element in display.elements:
        words = words_of(element.key, table, members) if isinstance(element, cst.DictElement) else None
        if words is None or not isinstance(element, cst.DictElement):
            continue
        first, *others = shown(words, lower, style)
        start = edits.span(element.key)[0]
        before = cell.text[cell.text.rfind("\n", 0, start) + 1 : start]
        between = f",\n{before}" if not before.strip() else ", "
        value = edits.code(element.value)
        edits.replace(element.key, first)
        if others:
            edits.replace(element.value, value + "".join(f"{between}{word}: {value}" for word in others))


def _convert_lookups(ctx: Context, at: Cell, name: str, table: Table, lower: bool, done: set[int]) -> None:
    """`counts['failed']`: the first of the new words; where there are several, a finding names the others."""
    style = ctx.work[at.path].style
    for cell in ctx.work[at.path].source.cells:
        for key in _constant_keys(cell, name):
            words = words_of(key, table, {})
            if words is None or id(key) in done:
                continue
            done.add(id(key))
            ctx.edits(cell).replace(key, shown(words, lower, style)[0])
            if len(words) > 1:
                detail = f"{name}[{cell.code(key)}] is now that of {words[0]} alone, without {', '.join(words[1:])}"
                ctx.notes.append((cell.where(key), Verdict("changed", "BAI717", detail)))


def _constant_keys(cell: Cell, name: str) -> Iterator[cst.SimpleString]:
    """The texts by which the program looks something up in what has this name."""
    for lookup in descendants(cell.module, cst.Subscript):
        index = lookup.slice[0].slice
        if isinstance(index, cst.Index) and isinstance(index.value, cst.SimpleString):
            if cell.code(lookup.value) == name:
                yield index.value
    for call in descendants(cell.module, cst.Call):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in ("get", "setdefault", "pop") and call.args:
            key = call.args[0].value
            if isinstance(key, cst.SimpleString) and cell.code(call.func.value) == name:
                yield key
