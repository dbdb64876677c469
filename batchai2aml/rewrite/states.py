"""States: members of the SDK's enumerations and the texts that states are compared with, in a run's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import libcst as cst

from batchai2aml.mapping.states import ATTRIBUTES, ENUMS
from batchai2aml.mapping.types import Verdict
from batchai2aml.readers.python.interpreter import StateTest
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import CellEdits, Change
from batchai2aml.rewrite.state_keys import convert_keys, shown, words_of
from batchai2aml.rewrite.tree import descendants, parents

Display: TypeAlias = cst.List | cst.Tuple | cst.Set

_WIDER = {"==": "in", "is": "in", "!=": "not in", "is not": "not in"}


def convert_states(ctx: Context) -> None:
    """Put every state that the program names into the words of a run or a compute target."""
    me = ctx.program.interpreter
    assert me is not None
    words: dict[int, tuple[str, ...]] = {}
    for cell, node, member in me.members:
        owner = cell.code(node.value).rsplit(".", 1)[-1]
        known = ENUMS.get(owner, {}).get(member)
        if cell.path in ctx.work and known is not None:
            words[id(node)] = known
            _replace_member(ctx, ctx.edits(cell), node, known)
    tests = {id(test.node): test for test in (*_with_members(ctx, words), *me.tests)}
    for held in _of_variables(ctx):
        tests.setdefault(id(held.node), held)
    for test in tests.values():
        if test.cell.path in ctx.work:
            _convert_test(ctx, test, words)
    convert_keys(ctx, words)


_ATTRIBUTE_OF = {"ExecutionState": "execution_state", "AllocationState": "allocation_state"}


def _with_members(ctx: Context, members: Mapping[int, tuple[str, ...]]) -> Iterator[StateTest]:
    """Comparisons with a member of an enumeration: whatever stands on the other side is a state."""
    me = ctx.program.interpreter
    for cell, node, _ in me.members if me is not None else ():
        attribute = _ATTRIBUTE_OF.get(cell.code(node.value).rsplit(".", 1)[-1])
        above = parents(cell.module)
        holder: cst.CSTNode = node
        while isinstance(above.get(holder), (cst.Attribute, cst.ComparisonTarget)):
            holder = above[holder]
        test = above.get(holder)
        if (
            attribute is not None
            and id(node) in members
            and isinstance(test, cst.Comparison)
            and len(test.comparisons) == 1
        ):
            yield StateTest(cell, test, isinstance(holder, cst.ComparisonTarget), attribute)


def _of_variables(ctx: Context) -> Iterator[StateTest]:
    """Comparisons of a variable that holds a state somewhere in the file, though not yet where it is compared."""
    states = [r for r in ctx.program.reads if r.attribute in ATTRIBUTES and r.cell.path in ctx.work]
    for path in ctx.work:
        cells = ctx.work[path].source.cells
        held: dict[str, str] = {}
        for cell in cells:
            mine = {id(read.node): read.attribute for read in states if read.cell is cell}
            for assign in descendants(cell.module, cst.Assign) if mine else ():
                value = assign.value
                if isinstance(value, cst.Attribute) and value.attr.value in ("value", "name"):
                    value = value.value if id(value.value) in mine else value
                for target in assign.targets:
                    if id(value) in mine and isinstance(target.target, cst.Name):
                        held[target.target.value] = mine[id(value)]
        for cell in cells if held else ():
            yield from _comparisons(ctx, cell, held)


def _comparisons(ctx: Context, cell: Cell, held: dict[str, str]) -> Iterator[StateTest]:
    for node in descendants(cell.module, cst.Comparison):
        other = node.comparisons[0].comparator if len(node.comparisons) == 1 else None
        name = node.left.value if isinstance(node.left, cst.Name) else ""
        if other is not None and name in held and _says_states(other, ATTRIBUTES[held[name]]):
            yield StateTest(cell, node, True, held[name])
    for assign in descendants(cell.module, cst.Assign):
        target, value = assign.targets[0].target, assign.value
        if isinstance(target, cst.Name) and target.value in held and isinstance(value, cst.SimpleString):
            words = words_of(value, ATTRIBUTES[held[target.value]], {})
            if words is not None:
                ctx.edits(cell).replace(value, ctx.work[cell.path].style.string(words[0]))


def _says_states(node: cst.BaseExpression, table: dict[str, tuple[str, ...]]) -> bool:
    """Whether an expression is the word of a state, or a list of such words."""
    if isinstance(node, (cst.List, cst.Tuple, cst.Set)):
        return bool(node.elements) and all(words_of(element.value, table, {}) for element in node.elements)
    return words_of(node, table, {}) is not None


def _replace_member(ctx: Context, edits: CellEdits, node: cst.Attribute, words: tuple[str, ...]) -> None:
    """A member in a list stands for all its words, elsewhere for the first of them."""
    above = parents(edits.cell.module)
    style = ctx.work[edits.cell.path].style
    holder = above[node]
    whole: cst.CSTNode = node
    if isinstance(holder, cst.Attribute) and holder.attr.value in ("value", "name"):
        whole, holder = holder, above[holder]
    if isinstance(holder, cst.Element):
        edits.replace(whole, ", ".join(style.string(word) for word in words))
    else:
        edits.replace(whole, style.string(words[0]))


def _convert_test(ctx: Context, test: StateTest, members: dict[int, tuple[str, ...]]) -> None:
    """`job.execution_state == 'succeeded'`, with one state or several on the other side."""
    edits = ctx.edits(test.cell)
    target = test.node.comparisons[0]
    left, right = test.node.left, target.comparator
    state, other = (left, right) if test.left else (right, left)
    table = ATTRIBUTES[test.attribute.split(".")[0]]
    lower = test.attribute.endswith(".lower")
    words = words_of(other, table, members)
    if words is None:
        _convert_elements(ctx, test, other, table, lower)
        return
    texts = shown(words, lower, ctx.work[test.cell.path].style)
    (_, stop), (start, _) = edits.span(left), edits.span(right)
    before, operator, after = _operator(edits.cell.text[stop:start])
    if len(texts) == 1:
        edits.replace(other, texts[0])
        return
    if operator not in _WIDER:
        negated = "not " if operator.startswith("not") else ""
        edits.replace(test.node, f"{negated}any(word in {edits.code(state)} for word in ({', '.join(texts)}))")
        return
    if test.left:
        edits.expressions.append(Change(stop, start, f"{before} {_WIDER[operator]} {after}"))
        edits.replace(other, f"({', '.join(texts)})")
    else:
        edits.replace(test.node, f"{edits.code(state)} {_WIDER[operator]} ({', '.join(texts)})")


def _operator(between: str) -> tuple[str, str, str]:
    """What stands before the operator of a comparison, the operator, and what stands behind it."""
    found = re.search(r"==|!=|\bis\s+not\b|\bis\b|\bnot\s+in\b|\bin\b", between)
    if found is None:
        return "", between.strip(), ""
    return between[: found.start()].rstrip(), " ".join(found.group().split()), between[found.end() :].lstrip()


def _convert_elements(
    ctx: Context, test: StateTest, other: cst.BaseExpression, table: dict[str, tuple[str, ...]], lower: bool
) -> None:
    """The texts in a list of states, which stands in the comparison or is bound to a name in the same file."""
    found = False
    for cell, display in _displays(ctx, test, other):
        edits, style = ctx.edits(cell), ctx.work[cell.path].style
        for element in display.elements:
            words = words_of(element.value, table, {})
            found = found or words is not None or isinstance(element.value, cst.Attribute)
            if words is not None:
                edits.replace(element.value, ", ".join(shown(words, lower, style)))
    if not found:
        detail = f"{test.cell.code(test.node)}: the other side still has Batch AI's words"
        ctx.notes.append((test.cell.where(test.node), Verdict("manual", "BAI717", detail, "error")))


def _displays(ctx: Context, test: StateTest, node: cst.BaseExpression) -> list[tuple[Cell, Display]]:
    if isinstance(node, (cst.List, cst.Tuple, cst.Set)):
        return [(test.cell, node)]
    name = test.cell.code(node)
    return [
        (cell, assign.value)
        for cell in ctx.work[test.cell.path].source.cells
        for assign in descendants(cell.module, cst.Assign)
        if isinstance(assign.value, (cst.List, cst.Tuple, cst.Set))
        and any(cell.code(target.target) in (name, name.rsplit(".", 1)[-1]) for target in assign.targets)
    ]
