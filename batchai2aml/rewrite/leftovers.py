"""What a conversion did not reach: attributes and words of Batch AI that stay in converted files are said."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from batchai2aml.mapping.reads import LOST
from batchai2aml.mapping.states import ATTRIBUTES
from batchai2aml.mapping.types import Verdict
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.tree import descendants

_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "attrgetter", "operator.attrgetter"})
_ABOUT_TEXT = frozenset({"get", "setdefault", "pop", "count", "index", "startswith", "endswith", "lower", "remove"})


def say_leftovers(ctx: Context) -> None:
    """Add a finding for every attribute and every word of Batch AI that no edit touched."""
    known = {id(read.node) for read in ctx.program.reads}
    own = _own_attributes(ctx)
    states = {read.attribute.split(".")[0] for read in ctx.program.reads if read.cell.path in ctx.work} & set(
        ATTRIBUTES
    )
    words = {word for attribute in states for word in ATTRIBUTES[attribute]}
    for work in ctx.work.values():
        for cell in work.source.cells:
            edits = ctx.edits(cell)
            for node in _asked(cell):
                name = node.attr.value if isinstance(node, cst.Attribute) else str(node.evaluated_value)
                if name in LOST and name not in own and id(node) not in known and not edits.touches(node):
                    ctx.say(cell, node, f"# BAI718: '{name}' is Batch AI's, and what has it could not be followed")
                    detail = f"'{name}' is left: what has it could not be followed"
                    ctx.notes.append((cell.where(node), Verdict("manual", "BAI718", detail, "error")))
            for text in _compared(cell) if words else ():
                if text.evaluated_value in words and not edits.touches(text):
                    detail = f"{text.value} is left, which may be Batch AI's word for a state"
                    ctx.notes.append((cell.where(text), Verdict("changed", "BAI717", detail)))


def _own_attributes(ctx: Context) -> set[str]:
    """The attributes that the program gives to objects of its own."""
    found: set[str] = set()
    for source in ctx.program.sources.values():
        for cell in source.cells:
            for target in descendants(cell.module, cst.AssignTarget):
                if isinstance(target.target, cst.Attribute):
                    found.add(target.target.attr.value)
            for body in descendants(cell.module, cst.ClassDef):
                found |= {node.value for node in descendants(body, cst.Name) if node.value in LOST}
    return found


def _asked(cell: Cell) -> Iterator[cst.Attribute | cst.SimpleString]:
    """Attributes that are read, by their name or by a text with it."""
    yield from descendants(cell.module, cst.Attribute)
    for call in descendants(cell.module, cst.Call):
        if cell.code(call.func) in _BY_NAME:
            yield from (arg.value for arg in call.args if isinstance(arg.value, cst.SimpleString))


def _compared(cell: Cell) -> Iterator[cst.SimpleString]:
    """Texts that stand where a program compares or looks up."""
    for test in descendants(cell.module, cst.Comparison):
        yield from _texts(test.left)
        for target in test.comparisons:
            yield from _texts(target.comparator)
    for lookup in descendants(cell.module, cst.Index):
        yield from _texts(lookup.value)
    for call in descendants(cell.module, cst.Call):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in _ABOUT_TEXT and call.args:
            yield from _texts(call.args[0].value)
    for case in descendants(cell.module, cst.MatchValue):
        yield from _texts(case.value)


def _texts(node: cst.BaseExpression) -> Iterator[cst.SimpleString]:
    if isinstance(node, cst.SimpleString):
        yield node
    elif isinstance(node, (cst.List, cst.Tuple, cst.Set)):
        for element in node.elements:
            yield from _texts(element.value)
