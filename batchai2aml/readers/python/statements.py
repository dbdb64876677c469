"""One rule per kind of statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

import libcst as cst

from batchai2aml.readers.python import imports
from batchai2aml.readers.python.arguments import Arguments
from batchai2aml.readers.python.domain import (
    MISSING,
    NONE,
    Abstract,
    ClassValue,
    Const,
    Function,
    Instance,
    Mapping,
    ModelObject,
    Slot,
    Unknown,
    as_text,
    key_of,
)
from batchai2aml.readers.python.domain import Sequence as ListValue
from batchai2aml.readers.python.expressions import text_of
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.iteration import elements, rounds
from batchai2aml.readers.python.lookups import note_key
from batchai2aml.readers.python.scope import Scope
from batchai2aml.readers.python.sdk import adopt
from batchai2aml.text import Text

Rule: TypeAlias = Callable[[Interpreter, Any, Scope], str | None]


def block(me: Interpreter, node: cst.IndentedBlock | cst.SimpleStatementSuite, scope: Scope) -> str | None:
    for statement in node.body:
        signal = me.execute(statement, scope)
        if signal:
            return signal
    return None


def line(me: Interpreter, node: cst.SimpleStatementLine, scope: Scope) -> str | None:
    me.statement = node
    me.frames[-1].at = node
    for small in node.body:
        signal = me.execute(small, scope)
        if signal:
            return signal
    return None


def expression(me: Interpreter, node: cst.Expr, scope: Scope) -> None:
    me.evaluate(node.value, scope)


def assign(me: Interpreter, node: cst.Assign, scope: Scope) -> None:
    value = me.evaluate(node.value, scope)
    for target in node.targets:
        bind(me, target.target, value, node.value, scope)


def annotated(me: Interpreter, node: cst.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        bind(me, node.target, me.evaluate(node.value, scope), node.value, scope)


def augmented(me: Interpreter, node: cst.AugAssign, scope: Scope) -> None:
    old = me.evaluate(node.target, scope)
    new = me.evaluate(node.value, scope)
    if isinstance(old, ListValue) and isinstance(node.operator, cst.AddAssign):
        if isinstance(new, ListValue):
            old.items.extend(new.items)
            old.open = old.open or new.open
        else:
            old.open = True
        return
    result: Abstract = Unknown(me.code(node.target))
    if isinstance(old, Text) and isinstance(node.operator, cst.AddAssign):
        result = Text.join([old, text_of(me, node.value, scope)])
    elif isinstance(old, Const) and isinstance(new, Const):
        from batchai2aml.readers.python.expressions import arithmetic

        kind = type(node.operator).__name__.removesuffix("Assign")
        result = arithmetic(kind, old, new, me.code(node.target))
    bind(me, node.target, result, node.value, scope)


def bind(me: Interpreter, target: cst.BaseExpression, value: Abstract, source: cst.CSTNode, scope: Scope) -> None:
    """Bind a target of an assignment: a name, a tuple, an attribute, an element."""
    match target:
        case cst.Name(name):
            scope.set(name, value)
        case cst.Tuple(elements) | cst.List(elements):
            _unpack(me, elements, value, source, scope)
        case cst.Attribute(receiver, cst.Name(name)):
            set_attribute(me, me.evaluate(receiver, scope), name, Slot(value, source, me.cell))
        case cst.Subscript():
            _set_item(me, target, value, source, scope)
        case cst.StarredElement(inner):
            bind(me, inner, value, source, scope)


def _unpack(me: Interpreter, elements: Sequence[Any], value: Abstract, source: cst.CSTNode, scope: Scope) -> None:
    items = value.items if isinstance(value, ListValue) and not value.open else None
    for number, element in enumerate(elements):
        if items is not None and len(items) == len(elements):
            bind(me, element.value, items[number], source, scope)
        else:
            bind(me, element.value, Unknown(me.code(element.value)), source, scope)


def set_attribute(me: Interpreter, receiver: Abstract, name: str, slot: Slot) -> None:
    """`receiver.name = value`."""
    match receiver:
        case ModelObject():
            row = receiver.row(name)
            if row is None:
                receiver.extra[name] = slot
            else:
                receiver.slots[row.attribute] = slot
            adopt(receiver, slot.value)
            me.note_late(receiver)
        case Instance():
            receiver.attributes[name] = slot.value


def _set_item(me: Interpreter, target: cst.Subscript, value: Abstract, source: cst.CSTNode, scope: Scope) -> None:
    holder = me.evaluate(target.value, scope)
    index = target.slice[0].slice
    key = me.evaluate(index.value, scope) if isinstance(index, cst.Index) else None
    note_key(me, target.value, key)
    known = key_of(key)
    if isinstance(holder, Mapping):
        if known is MISSING:
            holder.keep(value)
        else:
            holder.entries[known] = value
    elif isinstance(holder, ListValue):
        if isinstance(known, int) and -len(holder.items) <= known < len(holder.items):
            holder.items[known] = value
        else:
            holder.open = True


def condition(me: Interpreter, node: cst.BaseExpression, scope: Scope) -> bool | None:
    """The truth of a condition, or None when only the run knows."""
    match me.evaluate(node, scope):
        case Const(value):
            return bool(value)
        case Text() as text if text.known is not None:
            return bool(text.known)
        case ListValue(items, _, is_open) if items or not is_open:
            return bool(items)
        case Mapping(entries, is_open) if entries or not is_open:
            return bool(entries)
    return None


def if_statement(me: Interpreter, node: cst.If, scope: Scope) -> str | None:
    me.statement = node
    truth = condition(me, node.test, scope)
    if truth is not None:
        dead = node.orelse if truth else node.body
        if dead is not None:
            _aside(me, dead, scope)
        taken = node.body if truth else node.orelse
        return me.execute(taken, scope) if taken is not None else None
    before = dict(scope.names)
    with me.flagged("branch"):
        left = me.execute(node.body, scope)
        after_left = dict(scope.names)
        scope.names.clear()
        scope.names.update(before)
        right = me.execute(node.orelse, scope) if node.orelse else None
    _merge(scope, after_left, left, right)
    return left if left == right else None


def _aside(me: Interpreter, node: cst.CSTNode, scope: Scope) -> None:
    """Read a branch that is not taken today: its calls count, what it changes does not."""
    from batchai2aml.readers.python.library import copied

    names = {name: copied(value) for name, value in scope.names.items()}
    statement = me.statement
    with me.flagged("branch"):
        me.execute(node, Scope(scope.kind, scope.parent, names, set(scope.outer), scope.wild))
    me.statement = statement


def _merge(scope: Scope, other: dict[str, Abstract], left: str | None, right: str | None) -> None:
    from batchai2aml.readers.python.domain import same

    if left and not right:
        return
    if right and not left:
        scope.names.clear()
        scope.names.update(other)
        return
    for name, value in other.items():
        mine = scope.names.get(name)
        if mine is None or mine == NONE:
            scope.names[name] = value
        elif value != NONE and not same(mine, value):
            plain = (Const, Text, Unknown)
            both = isinstance(mine, plain) and isinstance(value, plain)
            scope.names[name] = Unknown(name) if both else (value if isinstance(mine, plain) else mine)


def else_clause(me: Interpreter, node: cst.Else | cst.Finally, scope: Scope) -> str | None:
    return me.execute(node.body, scope)


def for_loop(me: Interpreter, node: cst.For, scope: Scope) -> str | None:
    me.statement = node
    items, known = rounds(me.evaluate(node.iter, scope), me.code(node.target))
    with me.flagged("loop"):
        if not known:
            _forget_counters(me, node.body, scope)
        for item in items:
            bind(me, node.target, item, node.iter, scope)
            if me.execute(node.body, scope) in ("return", "break") and known:
                break
        if not known:
            _leave_open(node.body, scope)
    return me.execute(node.orelse, scope) if node.orelse else None


def _forget_counters(me: Interpreter, body: cst.CSTNode, scope: Scope) -> None:
    for name in _counters(body):
        if isinstance(scope.get(name), (Const, Text)):
            scope.set(name, Unknown(name))


def _leave_open(body: cst.CSTNode, scope: Scope) -> None:
    """Lists of dictionaries that a loop fills which was followed for one round only."""
    for name in _filled(body):
        value = scope.get(name)
        if isinstance(value, ListValue) and any(isinstance(item, Mapping) for item in value.items):
            value.open = True


@cache
def _filled(body: cst.CSTNode) -> tuple[str, ...]:
    """The names of lists that a block adds to."""
    names: list[str] = []

    class Fillers(cst.CSTVisitor):
        def visit_Call(self, node: cst.Call) -> None:
            func = node.func
            adds = isinstance(func, cst.Attribute) and func.attr.value in ("append", "extend", "insert")
            if adds and isinstance(func, cst.Attribute) and isinstance(func.value, cst.Name):
                names.append(func.value.value)

    body.visit(Fillers())
    return tuple(names)


@cache
def _counters(body: cst.CSTNode) -> tuple[str, ...]:
    """The names that a block adds to (`n += 1`)."""
    names: list[str] = []

    class Counters(cst.CSTVisitor):
        def visit_AugAssign(self, node: cst.AugAssign) -> None:
            if isinstance(node.target, cst.Name):
                names.append(node.target.value)

    body.visit(Counters())
    return tuple(names)


def while_loop(me: Interpreter, node: cst.While, scope: Scope) -> str | None:
    me.statement = node
    if condition(me, node.test, scope) is False:
        return me.execute(node.orelse, scope) if node.orelse else None
    with me.flagged("loop"):
        _forget_counters(me, node.body, scope)
        me.execute(node.body, scope)
    return None


def with_block(me: Interpreter, node: cst.With, scope: Scope) -> str | None:
    me.statement = node
    held: list[tuple[Instance, cst.BaseExpression]] = []
    for item in node.items:
        value = me.evaluate(item.item, scope)
        if isinstance(value, Instance) and value.cls is not None:
            held.append((value, item.item))
            value = _special(me, value, "__enter__", Arguments(), item.item) or value
        if item.asname is not None:
            bind(me, item.asname.name, value, item.item, scope)
    left = me.execute(node.body, scope)
    for manager, made in reversed(held):
        _special(me, manager, "__exit__", Arguments(open=True), made)
    return left


def _special(
    me: Interpreter, receiver: Instance, name: str, arguments: Arguments, node: cst.BaseExpression
) -> Abstract | None:
    """What a special method of the project's own object answers, or None when it has none."""
    found = me.member(receiver.cls, name) if receiver.cls is not None else None
    if not isinstance(found, Function):
        return None
    return me.invoke(found.bound_to(receiver), arguments, me.code(node), node)


def try_block(me: Interpreter, node: cst.Try, scope: Scope) -> str | None:
    me.statement = node
    signal = me.execute(node.body, scope)
    fell_through = False
    for handler in node.handlers:
        with me.flagged("branch"):
            if handler.name is not None:
                bind(me, handler.name.name, Unknown(me.code(handler.name.name)), handler, scope)
            fell_through = me.execute(handler.body, scope) is None or fell_through
    if node.orelse:
        signal = me.execute(node.orelse, scope) or signal
    if node.finalbody:
        signal = me.execute(node.finalbody, scope) or signal
    return None if fell_through else signal


def function(me: Interpreter, node: cst.FunctionDef, scope: Scope) -> None:
    value = Function(node.name.value, node, me.cell, scope)
    value.known_helper = me.modules.helper_name(me.cell, node)
    scope.set(node.name.value, value)
    if value.known_helper is None:
        me.functions.append(value)


def class_definition(me: Interpreter, node: cst.ClassDef, scope: Scope) -> None:
    cls = ClassValue(node.name.value, node, me.cell, Scope("class", scope))
    cls.bases = [me.evaluate(base.value, scope) for base in node.bases]
    helper = me.modules.helper_name(me.cell, node)
    if helper:
        scope.set(node.name.value, Function(node.name.value, _NO_BODY, me.cell, scope, known_helper=helper))
        return
    start = len(me.functions)
    me.execute(node.body, cls.scope)
    for method in me.functions[start:]:
        if method.closure is cls.scope:
            method.owner = cls
    scope.set(node.name.value, cls)


_NO_BODY = cst.ensure_type(cst.parse_statement("def helper(): pass"), cst.FunctionDef)


def return_statement(me: Interpreter, node: cst.Return, scope: Scope) -> str:
    me.frames[-1].returns.append(me.evaluate(node.value, scope) if node.value else NONE)
    return "return"


def global_statement(me: Interpreter, node: cst.Global, scope: Scope) -> None:
    scope.outer.update(item.name.value for item in node.names)


def delete(me: Interpreter, node: cst.Del, scope: Scope) -> None:
    if isinstance(node.target, cst.Name):
        scope.names.pop(node.target.value, None)


def leave(me: Interpreter, node: cst.Raise | cst.Break | cst.Continue, scope: Scope) -> str:
    if isinstance(node, cst.Raise) and node.exc is not None:
        me.evaluate(node.exc, scope)
    return type(node).__name__.lower()


def check(me: Interpreter, node: cst.Assert, scope: Scope) -> None:
    me.evaluate(node.test, scope)
    if node.msg is not None:
        me.evaluate(node.msg, scope)


EXECUTE: dict[type[cst.CSTNode], Rule] = {
    cst.IndentedBlock: block,
    cst.SimpleStatementSuite: block,
    cst.SimpleStatementLine: line,
    cst.Expr: expression,
    cst.Assign: assign,
    cst.AnnAssign: annotated,
    cst.AugAssign: augmented,
    cst.If: if_statement,
    cst.Else: else_clause,
    cst.Finally: else_clause,
    cst.For: for_loop,
    cst.While: while_loop,
    cst.With: with_block,
    cst.Try: try_block,
    cst.FunctionDef: function,
    cst.ClassDef: class_definition,
    cst.Return: return_statement,
    cst.Global: global_statement,
    cst.Nonlocal: global_statement,
    cst.Del: delete,
    cst.Raise: leave,
    cst.Break: leave,
    cst.Continue: leave,
    cst.Assert: check,
    cst.Import: imports.plain_import,
    cst.ImportFrom: imports.from_import,
}

__all__ = ["EXECUTE", "as_text", "bind", "condition", "elements", "set_attribute"]
