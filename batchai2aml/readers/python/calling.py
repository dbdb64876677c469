"""Calls: of the project's own functions and classes, of the SDKs, of the standard library, of methods."""

from __future__ import annotations

import libcst as cst

from batchai2aml.batchai.calls import GROUPS, look_up
from batchai2aml.readers.python import callbacks, ini, library, recipes, sdk, shell, storage, strings
from batchai2aml.readers.python.arguments import Arguments
from batchai2aml.readers.python.domain import (
    Abstract,
    Bound,
    ClassValue,
    Client,
    External,
    Function,
    Group,
    Instance,
    Mapping,
    ModelObject,
    Result,
    Slot,
    Unknown,
    as_text,
)
from batchai2aml.readers.python.domain import Sequence as ListValue
from batchai2aml.readers.python.expressions import text_of
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.lookups import group_of, note_key, note_secret, speaks_batchai
from batchai2aml.readers.python.scope import Scope
from batchai2aml.text import Text


def call(me: Interpreter, node: cst.Call, scope: Scope) -> Abstract:
    callee = me.evaluate(node.func, scope)
    arguments = _arguments(me, node, scope)
    code = me.code(node)
    if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("get", "setdefault", "pop"):
        note_key(me, node.func.value, arguments.get(0))
    match callee:
        case Unknown(record=None):
            group = _group_of(me, node, scope)
            if group is not None and isinstance(node.func, cst.Attribute):
                return sdk.call_group(me, group, node.func.attr.value, node, arguments, scope)
            method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
            found = callbacks.handed_over(me, method, node, arguments)
            if found is not None:
                return found
        case Function():
            if callee.known_helper:
                return recipes.call(me, callee.known_helper, node, arguments, scope)
            me.frames[-1].at = node
            return me.invoke(callee, arguments, code, node)
        case ClassValue():
            me.frames[-1].at = node
            return me.instantiate(callee, arguments, code, node)
        case External(dotted):
            return _call_external(me, dotted, node, arguments, scope)
        case Bound(receiver, method):
            return _call_bound(me, receiver, method, node, arguments, scope)
        case Unknown(record=record, kind=kind) if record is not None:
            return Unknown(code, record=record, kind=kind)
    return Unknown(code)


def _group_of(me: Interpreter, node: cst.Call, scope: Scope) -> Group | None:
    """`x.jobs` in `x.jobs.create(...)`, where nobody knows `x`: a client, in a file that speaks of Batch AI."""
    holder = node.func.value if isinstance(node.func, cst.Attribute) else None
    if not isinstance(holder, cst.Attribute) or not isinstance(node.func, cst.Attribute):
        return None
    if look_up(holder.attr.value, node.func.attr.value) is None or not speaks_batchai(me):
        return None
    client = me.evaluate(holder.value, scope)
    if not isinstance(client, Unknown) or client.record is not None:
        return None
    return group_of(me, client, GROUPS[holder.attr.value], holder)


def _call_external(me: Interpreter, dotted: str, node: cst.Call, arguments: Arguments, scope: Scope) -> Abstract:
    shell.note_document(me, dotted, node, arguments.get(0), arguments.get(1, "fp"))
    if dotted == "builtins.print":
        slot = arguments.keywords.get("file")
        shell.note_text(me, node, arguments.get(0), slot.value if slot else None)
    helper = recipes.external_helper(dotted)
    if helper:
        return recipes.call(me, helper, node, arguments, scope)
    if dotted in callbacks.BUILTINS:
        found = callbacks.BUILTINS[dotted](me, node, arguments)
        if found is not None:
            return found
    for find in (sdk.call_external, storage.call_external, library.call_external):
        found = find(me, dotted, node, arguments, scope)
        if found is not None:
            return found
    return callbacks.handed_over(me, dotted.rsplit(".", 1)[-1], node, arguments) or Unknown(me.code(node))


def _call_bound(
    me: Interpreter, receiver: Abstract, method: str, node: cst.Call, arguments: Arguments, scope: Scope
) -> Abstract:
    code = me.code(node)
    match receiver:
        case Text():
            if method == "write_text":
                shell.note_text(me, node, arguments.get(0), receiver)
            if method == "open":
                return library.opened(receiver, code)
            if method == "format":
                found = strings.format_text(
                    receiver,
                    [(slot.value, me.code(slot.node)) for slot in arguments.positional],
                    {key: (slot.value, me.code(slot.node)) for key, slot in arguments.keywords.items()},
                )
                return Unknown(code) if found is None else found
            if method == "join":
                return _join(me, receiver, node, arguments, scope)
            return strings.call_method(receiver, method, arguments.positional, code)
        case ListValue():
            return library.call_list(me, receiver, method, arguments, code)
        case Mapping(ini=True):
            return note_secret(me, node, ini.call(me, receiver, method, arguments, code))
        case Mapping():
            return note_secret(me, node, library.call_dict(receiver, method, arguments, code))
        case Group():
            return sdk.call_group(me, receiver, method, node, arguments, scope)
        case Result():
            return sdk.call_result(me, receiver, method, node, arguments, scope)
        case Client():
            return storage.call_client(me, receiver, method, node, arguments, scope)
        case Instance() if receiver.kind:
            if method == "write":
                shell.note_text(me, node, arguments.get(0), receiver)
            return recipes.call_method(me, receiver, method, node, arguments, scope)
        case ModelObject():
            return sdk.call_model(receiver, method, code)
    return Unknown(code)


def _join(me: Interpreter, separator: Text, node: cst.Call, arguments: Arguments, scope: Scope) -> Abstract:
    items = arguments.get(0)
    written = node.args[0].value if node.args else None
    if not isinstance(items, ListValue) or items.open:
        return Unknown(me.code(node))
    if isinstance(written, (cst.List, cst.Tuple)) and len(written.elements) == len(items.items):
        return strings.join_text(separator, [text_of(me, e.value, scope) for e in written.elements])
    return strings.join_text(separator, [item if isinstance(item, Text) else as_text(item, "") for item in items.items])


def _arguments(me: Interpreter, node: cst.Call, scope: Scope) -> Arguments:
    positional: list[Slot] = []
    keywords: dict[str, Slot] = {}
    is_open = False
    for arg in node.args:
        value = me.evaluate(arg.value, scope)
        slot = Slot(value, arg.value, me.cell)
        if arg.star == "*":
            known = isinstance(value, ListValue) and not value.open
            is_open = is_open or not known
            positional.extend(
                Slot(item, arg.value, me.cell) for item in (value.items if isinstance(value, ListValue) else ())
            )
        elif arg.star == "**":
            known = isinstance(value, Mapping) and not value.open
            is_open = is_open or not known
            entries = value.entries if isinstance(value, Mapping) else {}
            keywords.update({str(k): Slot(v, arg.value, me.cell) for k, v in entries.items()})
        elif arg.keyword is not None:
            keywords[arg.keyword.value] = slot
        else:
            positional.append(slot)
    return Arguments(tuple(positional), keywords, is_open)
