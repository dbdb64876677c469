"""What a conversion did not reach: attributes and words of Batch AI that stay in converted files are said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import libcst as cst

from batchai2aml.batchai.calls import GROUPS
from batchai2aml.mapping.reads import LOST
from batchai2aml.mapping.states import ATTRIBUTES
from batchai2aml.mapping.types import Verdict
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.tree import descendants

Asked: TypeAlias = tuple[Cell, cst.BaseExpression, cst.Attribute | cst.SimpleString]
_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "attrgetter", "operator.attrgetter"})
_ABOUT_TEXT = frozenset({"get", "setdefault", "pop", "count", "index", "startswith", "endswith", "lower", "remove"})

_GROUPS = frozenset(GROUPS) - {"usage", "usages", "operations"}
"""The groups of calls that no other service's client has beside Batch AI's."""


def say_leftovers(ctx: Context) -> None:
    """Add a finding for every call, attribute and word of Batch AI that no edit touched."""
    asked = list(_asked(ctx))
    _say_groups(ctx, asked)
    _say_attributes(ctx, asked)
    _say_words(ctx)


def _say_groups(ctx: Context, asked: Iterable[Asked]) -> None:
    """`client.jobs`, where reading did not see what is done with it."""
    me = ctx.program.interpreter
    clients = {cell.code(node.value) for cell, node in me.groups.values()} if me else set()
    for cell, holder, node in asked:
        name = _name(node)
        if name in _GROUPS and cell.code(holder) in clients and not ctx.edits(cell).touches(node):
            ctx.say(cell, node, f"# BAI703: what is done with '{name}' of Batch AI's client could not be followed")
            detail = f"'{name}' of the client is left: what is done with it could not be followed"
            ctx.notes.append((cell.where(node), Verdict("manual", "BAI703", detail, "error")))


def _say_attributes(ctx: Context, asked: Iterable[Asked]) -> None:
    """Attributes of answers, where reading did not know that it is an answer."""
    known = {id(read.node) for read in ctx.program.reads}
    lost = {name for name in LOST if not ctx.program.modules.has_own(name)}
    for cell, _, node in asked:
        name = _name(node)
        if name in lost and id(node) not in known and not ctx.edits(cell).touches(node):
            ctx.say(cell, node, f"# BAI718: '{name}' is Batch AI's, and what has it could not be followed")
            detail = f"'{name}' is left: what has it could not be followed"
            ctx.notes.append((cell.where(node), Verdict("manual", "BAI718", detail, "error")))


def _say_words(ctx: Context) -> None:
    """Names of states, in programs that ask for states."""
    asked = {read.attribute.split(".")[0] for read in ctx.program.reads if read.cell.path in ctx.work}
    words = {word for attribute in asked.intersection(ATTRIBUTES) for word in ATTRIBUTES[attribute]}
    for cell in ctx.cells if words else ():
        for text in _compared(cell):
            if text.evaluated_value in words and not ctx.edits(cell).touches(text):
                detail = f"{text.value} is left, which may be Batch AI's word for a state"
                ctx.notes.append((cell.where(text), Verdict("changed", "BAI717", detail)))


def _asked(ctx: Context) -> Iterator[Asked]:
    """Attributes that are read, by their name or by a text with it, each with what has it."""
    for cell in ctx.cells:
        for node in descendants(cell.module, cst.Attribute):
            yield cell, node.value, node
        for call in descendants(cell.module, cst.Call):
            if cell.code(call.func) in _BY_NAME and call.args:
                for arg in call.args:
                    if isinstance(arg.value, cst.SimpleString):
                        yield cell, call.args[0].value, arg.value


def _name(node: cst.Attribute | cst.SimpleString) -> str:
    return node.attr.value if isinstance(node, cst.Attribute) else str(node.evaluated_value)


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
