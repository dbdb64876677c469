"""Names, attributes and elements: what a program refers to, and what of it a conversion must know."""

from __future__ import annotations

import libcst as cst

from batchai2aml.batchai import calls, schema
from batchai2aml.readers.python import library, recipes, sdk, storage
from batchai2aml.readers.python.arguments import Arguments
from batchai2aml.readers.python.domain import (
    NONE,
    Abstract,
    Bound,
    ClassValue,
    Client,
    Const,
    External,
    Function,
    Group,
    Instance,
    Mapping,
    ModelObject,
    ModuleValue,
    Result,
    Unknown,
    key_of,
)
from batchai2aml.readers.python.domain import Sequence as ListValue
from batchai2aml.readers.python.interpreter import Interpreter, Read, StateKey
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.scope import Scope
from batchai2aml.text import Text

_CONSTANTS = {"None": NONE, "True": Const(True), "False": Const(False)}


def name(me: Interpreter, node: cst.Name, scope: Scope) -> Abstract:
    if node.value in _CONSTANTS:
        return _CONSTANTS[node.value]
    found = scope.get(node.value)
    if found is not None:
        return found
    if node.value in library.BUILTINS:
        return External(f"builtins.{node.value}")
    if node.value == "__name__":
        return Text.literal("__main__")
    if node.value == "__file__":
        return Text.literal(me.cell.path if "/" in me.cell.path else f"./{me.cell.path}")
    if node.value in storage.SERVICES and speaks_batchai(me):
        return External(f"azure.storage.{node.value}")
    return Unknown(node.value, undefined=not scope.module.wild)


def speaks_batchai(me: Interpreter) -> bool:
    """Whether a file uses Batch AI's words, so that a snippet's missing imports may be taken for granted."""
    return "batchai" in me.cell.text.lower() or "ClusterCreateParameters" in me.cell.text


def is_state(value: Abstract) -> bool:
    """Whether a value is the state of an answer (a text of the service's own), or a list of such."""
    path = value.kind.split(".") if isinstance(value, Unknown) and value.record is not None else []
    return bool(path) and path[0] in _STATES and path[1:] in ([], ["value"], ["name"], ["lower"], ["value", "lower"])


def note_key(me: Interpreter, holder: cst.BaseExpression, key: Abstract | None) -> None:
    """Remember that something is looked up by a state: its keys are states too."""
    if isinstance(key, Unknown) and is_state(key) and not me.quiet:
        me.keys.append(StateKey(me.cell, holder, key.kind))


def note_secret(me: Interpreter, node: cst.Subscript | cst.Call, value: Abstract) -> Abstract:
    """Remember that an expression reads a secret out of a settings file; the answer is the value."""
    if isinstance(value, Text) and len(value.segments) == 1 and value.secret and value.known and not me.quiet:
        me.secret_reads.append((me.cell, node, value.known))
    return value


_STATES = frozenset({"execution_state", "allocation_state", "provisioning_state", "vm_priority"})


def subscript(me: Interpreter, node: cst.Subscript, scope: Scope) -> Abstract:
    holder = me.evaluate(node.value, scope)
    index = node.slice[0].slice
    code = me.code(node)
    if not isinstance(index, cst.Index):
        if isinstance(holder, Result):
            return Result(holder.record, many=True)
        return ListValue(list(holder.items), holder.kind, True) if isinstance(holder, ListValue) else Unknown(code)
    key = me.evaluate(index.value, scope)
    note_key(me, node.value, key)
    known = key_of(key)
    match holder:
        case Mapping(entries, _) if known in entries:
            return note_secret(me, node, entries[known])
        case ListValue(items, _, False) if isinstance(known, int) and -len(items) <= known < len(items):
            return items[known]
        case Mapping(other=other) if other is not None:
            return other
        case Mapping(entries, _) if entries and all(isinstance(item, Result) for item in entries.values()):
            return next(iter(entries.values()))
        case Result():
            return Result(holder.record)
        case Instance() if holder.kind:
            return recipes.item(holder, key, code)
        case Unknown() if holder.record is not None:
            return Unknown(code, record=holder.record)
        case External("os.environ"):
            return Unknown(code, kind="environ")
    return Unknown(code, secret=library.sounds_secret(known))


_OF_PATHS = ("open", "write_text")
"""What is done with the name of a file, which stands for its `Path`."""


def attribute(me: Interpreter, node: cst.Attribute, scope: Scope) -> Abstract:
    receiver = me.evaluate(node.value, scope)
    attr = node.attr.value
    match receiver:
        case External(dotted):
            if dotted.rsplit(".", 1)[-1] in schema.ENUMS and sdk.is_batchai(dotted) and not me.quiet:
                me.members.append((me.cell, node, attr.lower()))
            return _external(dotted, attr)
        case ModuleValue():
            found = receiver.scope.names.get(attr)
            return found if found is not None else me.modules.submodule(me, receiver, attr) or Unknown(me.code(node))
        case Instance():
            return _member(me, receiver, attr, node)
        case ClassValue():
            member = me.member(receiver, attr)
            if isinstance(member, Function):
                return member.bound_to(receiver if "classmethod" in member.decorators else None)
            return member or Unknown(me.code(node))
        case ModelObject():
            return _model_attribute(me, receiver, attr, node)
        case Client("batchai"):
            group = calls.GROUPS.get(attr)
            return group_of(me, receiver, group, node) if group else Unknown(me.code(node))
        case Client() if attr in receiver.arguments:
            return receiver.arguments[attr].value
        case Result():
            return _answer(me, receiver, attr, node)
        case Unknown():
            return _of_unknown(me, receiver, attr, node)
        case Text() if attr == "value":
            return receiver
        case Text() if not hasattr(str, attr) and attr not in _OF_PATHS:
            return Unknown(me.code(node), secret=library.sounds_secret(attr))
    return Bound(receiver, attr)


def group_of(me: Interpreter, client: Client | Unknown, name: str, node: cst.Attribute) -> Group:
    """`client.jobs`, which is remembered as a place to put right."""
    if not me.quiet:
        me.groups[id(node)] = (me.cell, node)
    return Group(client, name)


def _external(dotted: str, attr: str) -> Abstract:
    parts = dotted.split(".")
    if sdk.is_batchai(dotted) and parts[-1] in schema.ENUMS:
        value = attr.lower()
        return Text.literal(schema.ENUM_SPELLING.get(value, value))
    return External(f"{dotted}.{attr}")


def _member(me: Interpreter, receiver: Instance, attr: str, node: cst.Attribute) -> Abstract:
    if receiver.kind == "Configuration" and not me.quiet:
        me.configuration_reads.append((me.cell, node))
    if attr in receiver.attributes:
        return receiver.attributes[attr]
    if receiver.kind:
        return recipes.member(me, receiver, attr, node)
    found = me.member(receiver.cls, attr) if receiver.cls else None
    if isinstance(found, Function):
        if "staticmethod" in found.decorators:
            return found.bound_to(None)
        if "classmethod" in found.decorators:
            return found.bound_to(receiver.cls)
        bound = found.bound_to(receiver)
        return me.invoke(bound, Arguments(), me.code(node), node) if "property" in found.decorators else bound
    if found is not None:
        return found
    return Unknown(me.code(node), secret=library.sounds_secret(attr), kind="parameter")


def _model_attribute(me: Interpreter, receiver: ModelObject, attr: str, node: cst.Attribute) -> Abstract:
    row = receiver.row(attr)
    if row is None:
        return Bound(receiver, attr)
    slot = receiver.slots.get(row.attribute)
    if slot is not None:
        return slot.value
    return NONE


def _answer(me: Interpreter, receiver: Result, attr: str, node: cst.Attribute) -> Abstract:
    if receiver.poller or receiver.many or attr in sdk.POLLER:
        return Bound(receiver, attr)
    if not me.quiet:
        me.reads.append(Read(receiver.record, attr, node, me.cell))
    return sdk.read_answer(receiver, attr, me.code(node))


_TELLING = {
    "execution_state": "jobs",
    "execution_info": "jobs",
    "job_output_directory_path_segment": "jobs",
    "allocation_state": "clusters",
    "current_node_count": "clusters",
    "node_state_counts": "clusters",
}
"""Attributes that only answers of Batch AI have, with the group that answers so."""


def _telling(me: Interpreter, attr: str) -> CallRecord | None:
    """
    The call that an attribute's name points at, when what holds the attribute could not be followed.

    The program must call that group; the last call in the same file is taken, or else the last one.
    """
    group = _TELLING.get(attr)
    if group is None or me.modules.has_own(attr):
        return None
    calls_there = [record for record in me.records if record.op.startswith(f"{group}.")]
    here = [record for record in calls_there if record.cell.path == me.cell.path]
    return next(reversed(here or calls_there), None)


def _of_unknown(me: Interpreter, receiver: Unknown, attr: str, node: cst.Attribute) -> Abstract:
    code = me.code(node)
    if receiver.kind == "parameter" and attr in calls.GROUPS:
        return group_of(me, receiver, calls.GROUPS[attr], node)
    if receiver.undefined and receiver.code == "utilities":
        return External(f"utilities.{attr}")
    if receiver.undefined and receiver.code == "models" and (attr in schema.MODELS or attr in schema.ENUMS):
        return External(f"azure.mgmt.batchai.models.{attr}")
    record = receiver.record or _telling(me, attr)
    if record is not None:
        path = f"{receiver.kind}.{attr}".lstrip(".") if receiver.record else attr
        if not me.quiet:
            me.reads.append(Read(record, path, node, me.cell))
        return Unknown(code, record=record, kind=path)
    kind = "parameter" if receiver.kind == "parameter" else receiver.kind
    return Unknown(code, secret=library.sounds_secret(attr), kind=kind)
