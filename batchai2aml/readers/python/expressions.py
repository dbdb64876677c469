"""One rule per kind of expression."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import libcst as cst

from batchai2aml.readers.python import strings
from batchai2aml.readers.python.domain import (
    MISSING,
    NONE,
    Abstract,
    Client,
    Const,
    Function,
    Mapping,
    ModelObject,
    Result,
    Unknown,
    as_text,
    key_of,
    same,
)
from batchai2aml.readers.python.domain import Sequence as ListValue
from batchai2aml.readers.python.interpreter import Interpreter, StateTest
from batchai2aml.readers.python.iteration import rounds
from batchai2aml.readers.python.lookups import is_state
from batchai2aml.readers.python.scope import Scope
from batchai2aml.text import Segment, Text

_REFERENCES = (cst.Name, cst.Attribute, cst.Subscript, cst.Call)


def text_of(me: Interpreter, node: cst.BaseExpression, scope: Scope, into: str = "") -> Text:
    """An operand of a concatenation behind what begins it; names and calls keep their source."""
    value = me.evaluate(node, scope)
    if isinstance(node, _REFERENCES):
        return as_text(value, me.code(node), into)
    return value if isinstance(value, Text) else as_text(value, me.code(node))


def string_literal(me: Interpreter, node: cst.SimpleString, scope: Scope) -> Abstract:
    value = node.evaluated_value
    return Const(value) if isinstance(value, bytes) else Text.literal(value)


def adjacent(me: Interpreter, node: cst.ConcatenatedString, scope: Scope) -> Abstract:
    left, right = me.evaluate(node.left, scope), me.evaluate(node.right, scope)
    if isinstance(left, Text) and isinstance(right, Text):
        return Text.join([left, right])
    return Unknown(me.code(node))


def formatted(me: Interpreter, node: cst.FormattedString, scope: Scope) -> Abstract:
    pieces: list[Text] = []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            raw = part.value.replace("{{", "{").replace("}}", "}")
            pieces.append(Text.literal(raw if "r" in node.prefix else _unescaped(raw)))
        elif isinstance(part, cst.FormattedStringExpression):
            text = text_of(me, part.expression, scope, Text.join(pieces).start)
            if part.format_spec or part.conversion:
                text = Text((Segment(None, f"f'{me.code(part)}'"),))
            pieces.append(text)
    return Text.join(pieces)


def _unescaped(raw: str) -> str:
    return raw.encode("latin-1", "backslashreplace").decode("unicode_escape") if "\\" in raw else raw


def number(me: Interpreter, node: cst.Integer | cst.Float, scope: Scope) -> Abstract:
    value = node.evaluated_value
    return Const(value)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Subtract": operator.sub,
    "Multiply": operator.mul,
    "Divide": operator.truediv,
    "FloorDivide": operator.floordiv,
    "Modulo": operator.mod,
    "BitOr": operator.or_,
}


def arithmetic(kind: str, left: Const, right: Const, code: str) -> Abstract:
    """A sum, product, ... of two known numbers."""
    rule = _ARITHMETIC.get(kind)
    if kind == "Power" and isinstance(left.value, (int, float)) and isinstance(right.value, (int, float)):
        rule = operator.pow if abs(right.value) < 64 and abs(left.value) < 1e6 else None
    if rule is None:
        return Unknown(code)
    try:
        return strings.lift(rule(left.value, right.value))
    except (TypeError, ValueError, ArithmeticError):
        return Unknown(code)


def binary(me: Interpreter, node: cst.BinaryOperation, scope: Scope) -> Abstract:
    kind = type(node.operator).__name__
    left = me.evaluate(node.left, scope)
    if kind == "Modulo" and isinstance(left, Text):
        return _percent(me, node, left, scope)
    right = me.evaluate(node.right, scope)
    if kind == "Add" and isinstance(left, Unknown) and left.document is not None:
        return left
    if kind == "Add" and (isinstance(left, Text) or isinstance(right, Text)):
        begun = text_of(me, node.left, scope)
        return Text.join([begun, text_of(me, node.right, scope, begun.start)])
    if kind == "Add" and isinstance(left, ListValue) and isinstance(right, ListValue):
        return ListValue([*left.items, *right.items], left.kind, left.open or right.open)
    if kind == "Divide" and isinstance(right, Text):
        return strings.path_text([text_of(me, node.left, scope), text_of(me, node.right, scope)])
    if isinstance(left, Const) and isinstance(right, Const):
        return arithmetic(kind, left, right, me.code(node))
    return Unknown(me.code(node))


def _percent(me: Interpreter, node: cst.BinaryOperation, left: Text, scope: Scope) -> Abstract:
    right = me.evaluate(node.right, scope)
    parts = node.right.elements if isinstance(node.right, cst.Tuple) else ()
    codes = [me.code(element.value) for element in parts]
    found = strings.percent_text(left, right, codes, me.code(node.right))
    return Unknown(me.code(node)) if found is None else found


def truth(value: Abstract) -> bool | None:
    """Whether a value counts as true, or None when only the run knows."""
    match value:
        case Const(inner):
            return bool(inner)
        case Text():
            if value.known is not None:
                return bool(value.known)
            return True if any(segment.text for segment in value.segments) else None
        case ListValue(items, _, is_open):
            return True if items else None if is_open else False
        case Mapping(entries, is_open):
            return True if entries else None if is_open else False
        case Unknown():
            return None
    return True


def either(me: Interpreter, node: cst.BooleanOperation, scope: Scope) -> Abstract:
    left = me.evaluate(node.left, scope)
    known = truth(left)
    wants = isinstance(node.operator, cst.Or)
    if known is not None:
        return left if known == wants else me.evaluate(node.right, scope)
    secret = (isinstance(left, Unknown) and left.secret) or (isinstance(left, Text) and left.secret)
    right = me.evaluate(node.right, scope)
    if wants and _is_empty(right) and isinstance(left, (Unknown, Text)):
        return left
    return Unknown(me.code(node), secret=bool(secret))


def _is_empty(value: Abstract) -> bool:
    """Whether a value adds nothing to what it stands in for: `x or []`."""
    return value in (NONE, Text(())) or (isinstance(value, (ListValue, Mapping)) and truth(value) is False)


def negation(me: Interpreter, node: cst.UnaryOperation, scope: Scope) -> Abstract:
    value = me.evaluate(node.expression, scope)
    if isinstance(node.operator, cst.Not):
        known = truth(value)
        return Unknown(me.code(node)) if known is None else Const(not known)
    if isinstance(node.operator, cst.Minus) and isinstance(value, Const) and isinstance(value.value, (int, float)):
        return Const(-value.value)
    return Unknown(me.code(node))


def comparison(me: Interpreter, node: cst.Comparison, scope: Scope) -> Abstract:
    left = me.evaluate(node.left, scope)
    if len(node.comparisons) != 1:
        return Unknown(me.code(node))
    target = node.comparisons[0]
    right = me.evaluate(target.comparator, scope)
    kind = type(target.operator).__name__
    for value in (left, right):
        if is_state(value) and isinstance(value, Unknown) and not me.quiet:
            me.tests.append(StateTest(me.cell, node, value is left, value.kind))
            return Unknown(me.code(node))
    if kind in ("Is", "IsNot") and right == NONE and not isinstance(left, Unknown):
        return Const((left == NONE) == (kind == "Is"))
    rule: dict[str, Callable[[Any, Any], bool]] = {
        "Equal": operator.eq,
        "NotEqual": operator.ne,
        "LessThan": operator.lt,
        "GreaterThan": operator.gt,
        "LessThanEqual": operator.le,
        "GreaterThanEqual": operator.ge,
        "In": lambda a, b: a in b,
        "NotIn": lambda a, b: a not in b,
    }
    try:
        return Const(rule[kind](strings.plain(left), strings.plain(right)))
    except (ValueError, KeyError, TypeError):
        return Unknown(me.code(node))


def conditional(me: Interpreter, node: cst.IfExp, scope: Scope) -> Abstract:
    known = truth(me.evaluate(node.test, scope))
    if known is not None:
        return me.evaluate(node.body if known else node.orelse, scope)
    left, right = me.evaluate(node.body, scope), me.evaluate(node.orelse, scope)
    if same(left, right):
        return left
    return left if isinstance(left, (ModelObject, Result, Client)) else Unknown(me.code(node))


def sequence(me: Interpreter, node: cst.List | cst.Tuple | cst.Set, scope: Scope) -> Abstract:
    value = ListValue([], type(node).__name__.lower())
    for element in node.elements:
        item = me.evaluate(element.value, scope)
        if isinstance(element, cst.StarredElement):
            value.items.extend(item.items if isinstance(item, ListValue) else [])
            value.open = value.open or not isinstance(item, ListValue) or item.open
        else:
            value.items.append(item)
    return value


def dictionary(me: Interpreter, node: cst.Dict, scope: Scope) -> Abstract:
    value = Mapping()
    for element in node.elements:
        if isinstance(element, cst.StarredDictElement):
            other = me.evaluate(element.value, scope)
            if isinstance(other, Mapping):
                value.entries.update(other.entries)
                value.codes.update(other.codes)
            value.open = value.open or not isinstance(other, Mapping) or other.open
            continue
        assert isinstance(element, cst.DictElement)
        key, item = me.evaluate(element.key, scope), me.evaluate(element.value, scope)
        known = key_of(key)
        if known is MISSING:
            value.keep(item)
        else:
            value.entries[known] = item
            if isinstance(element.value, (cst.Name, cst.Attribute, cst.Subscript, cst.Call)):
                value.codes[known] = me.code(element.value)
    return value


def comprehension(me: Interpreter, node: cst.ListComp | cst.SetComp | cst.GeneratorExp, scope: Scope) -> Abstract:
    result = ListValue([])
    inner = Scope("function", scope)
    for known in _rounds(me, node.for_in, inner):
        result.open = result.open or not known
        result.items.append(me.evaluate(node.elt, inner))
    if result.open and len(result.items) == 1 and isinstance(result.items[0], (Unknown, Text, Const)):
        code = me.code(node)
        keep = result.items[0]
        if isinstance(keep, Unknown) and keep.record:
            return Unknown(code, record=keep.record, kind=keep.kind if is_state(keep) else "")
        return Unknown(code)
    return result


def _rounds(me: Interpreter, clause: cst.CompFor, scope: Scope) -> Iterator[bool]:
    """Bind the variables of a comprehension for each round; says whether the round is a known one."""
    from batchai2aml.readers.python import statements

    iterable = me.evaluate(clause.iter, scope)
    items, known = rounds(iterable, me.code(clause.target))
    with me.flagged("loop"):
        for item in items:
            statements.bind(me, clause.target, item, clause.iter, scope)
            tests = [truth(me.evaluate(test.test, scope)) for test in clause.ifs]
            if False in tests:
                continue
            if clause.inner_for_in:
                for inner in _rounds(me, clause.inner_for_in, scope):
                    yield inner and known and None not in tests
            else:
                yield known and None not in tests


def dict_comprehension(me: Interpreter, node: cst.DictComp, scope: Scope) -> Abstract:
    result = Mapping()
    inner = Scope("function", scope)
    for known in _rounds(me, node.for_in, inner):
        key, item = me.evaluate(node.key, inner), me.evaluate(node.value, inner)
        text = key_of(key)
        result.open = result.open or not known
        if text is MISSING:
            result.keep(item)
        else:
            result.entries[text] = item
    return result


def lambda_expression(me: Interpreter, node: cst.Lambda, scope: Scope) -> Abstract:
    return Function("<lambda>", node, me.cell, scope)


def inner_value(me: Interpreter, node: cst.Await | cst.StarredElement, scope: Scope) -> Abstract:
    return me.evaluate(node.expression if isinstance(node, cst.Await) else node.value, scope)


def yielded(me: Interpreter, node: cst.Yield, scope: Scope) -> Abstract:
    if isinstance(node.value, cst.BaseExpression):
        me.frames[-1].yields.append(me.evaluate(node.value, scope))
    return Unknown(me.code(node))


def walrus(me: Interpreter, node: cst.NamedExpr, scope: Scope) -> Abstract:
    from batchai2aml.readers.python.statements import bind

    value = me.evaluate(node.value, scope)
    bind(me, node.target, value, node.value, scope)
    return value
