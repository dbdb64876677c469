"""azure-mgmt-batchai: its clients, its model classes, its calls and their answers."""

from __future__ import annotations

import libcst as cst

from batchai2aml.batchai import calls, schema
from batchai2aml.readers.python.arguments import Arguments
from batchai2aml.readers.python.domain import (
    NONE,
    Abstract,
    Client,
    Const,
    External,
    Group,
    Instance,
    Mapping,
    ModelObject,
    Result,
    Sequence,
    Slot,
    Unknown,
)
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.scope import Scope
from batchai2aml.text import Text

CREDENTIALS: dict[str, tuple[str, ...]] = {
    "ServicePrincipalCredentials": ("client_id", "secret"),
    "ClientSecretCredential": ("tenant_id", "client_id", "client_secret"),
    "UserPassCredentials": ("username", "password"),
    "InteractiveBrowserCredential": (),
    "DeviceCodeCredential": (),
    "AzureCliCredential": (),
    "DefaultAzureCredential": (),
    "MSIAuthentication": (),
    "ManagedIdentityCredential": (),
}
"""Sign-in classes of azure-common, msrestazure and azure-identity, with their positional parameters."""

PAGES = frozenset({"next", "advance_page", "by_page", "reset"})
"""Methods of a listing, which comes page by page."""

POLLER = frozenset({"result", "wait", "done", "status", "add_done_callback", "polling_method"}) | PAGES


def adopt(parent: ModelObject, value: Abstract) -> None:
    """Remember which object holds another, so that a late change is noted where the body was built."""
    for item in value.items if isinstance(value, Sequence) else [value]:
        if isinstance(item, ModelObject) and item.parent is None and item is not parent:
            item.parent = parent


_LONG = frozenset({"create", "delete", "update", "terminate"})
_NO_POLLER = frozenset({"clusters.update", "workspaces.update"})


def is_batchai(dotted: str) -> bool:
    """Whether a dotted name is of the Batch AI SDK."""
    return dotted == "azure.mgmt.batchai" or dotted.startswith("azure.mgmt.batchai.")


def call_external(me: Interpreter, dotted: str, node: cst.Call, arguments: Arguments, scope: Scope) -> Abstract | None:
    """A call of a class of the SDK, or None."""
    last = dotted.rsplit(".", 1)[-1]
    if dotted in ("datetime.timedelta", "datetime.datetime.timedelta"):
        return _duration(arguments, me.code(node))
    if dotted.startswith("sys.path.") and last in ("append", "insert"):
        folder = arguments.get(0 if last == "append" else 1)
        if isinstance(folder, Text) and folder.known is not None:
            me.modules.add_path(me, folder.known)
        return NONE
    if last in CREDENTIALS and dotted.startswith(("azure.common.", "azure.identity.", "msrestazure.")):
        record = new_record(me, "client.credentials", node, scope, arguments.bind(CREDENTIALS[last]))
        return Instance(None, {}, "Credentials", record, me.code(node))
    if dotted.startswith("azure.ai.ml."):
        return External(f"{dotted}()")  # its client has groups of the same names
    if not is_batchai(dotted):
        if last.startswith("get_client_from_") and isinstance(arguments.get(0), External):
            inner = arguments.get(0)
            if isinstance(inner, External) and is_batchai(inner.dotted):
                return new_client(me, node, arguments, scope, ("client_class",))
        return None
    if last in calls.CLIENTS:
        return new_client(me, node, arguments, scope, ("credentials", "subscription_id", "base_url"))
    if last in schema.MODELS:
        return build(me, last, node, arguments, scope)
    return Unknown(me.code(node))


def new_client(
    me: Interpreter,
    node: cst.Call,
    arguments: Arguments,
    scope: Scope,
    names: tuple[str, ...],
    op: str = "client.create",
) -> Client:
    """A Batch AI client and the record of its construction."""
    record = new_record(me, op, node, scope, arguments.bind(names))
    sign_in = record.arguments.get("credentials") or record.arguments.get("credential")
    if sign_in is not None and isinstance(sign_in.value, Instance) and sign_in.value.record is not None:
        me.add(sign_in.value.record)
    return Client("batchai", me.add(record), record.arguments)


def new_record(me: Interpreter, op: str, node: cst.Call, scope: Scope, arguments: dict[str, Slot]) -> CallRecord:
    """A record of a call at the place where the program is."""
    where, via = me.place(node)
    return CallRecord(op, node, me.cell, me.statement, scope.snapshot(), where, via, me.reached, arguments)


def build(me: Interpreter, name: str, node: cst.Call, arguments: Arguments, scope: Scope) -> ModelObject:
    """An object of a model class from the arguments of its constructor."""
    model = schema.MODELS[name]
    made = ModelObject(model, node, me.cell, scope.snapshot(), me.statement, reached=me.reached)
    made.branches = me.flags.count("branch")
    for key, slot in arguments.bind(model.positional).items():
        row = next((row for row in model.fields if row.attribute == key), None)
        if row is None:
            made.extra[key] = slot
        else:
            made.slots[row.attribute] = slot
            adopt(made, slot.value)
    if name in schema.ROOTS and not me.quiet:
        me.models.append(made)
    return made


def _duration(arguments: Arguments, code: str) -> Abstract:
    names = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
    import datetime

    numbers: dict[str, float] = {}
    for key, slot in arguments.bind(names).items():
        if not isinstance(slot.value, Const) or not isinstance(slot.value.value, (int, float)):
            return Unknown(code, kind="timedelta")
        numbers[key] = slot.value.value
    return Text.literal(iso_duration(datetime.timedelta(**numbers)))


def iso_duration(delta: object) -> str:
    """ISO 8601 in the form that msrest sends: days, hours, minutes and seconds, zero parts left out."""
    import datetime

    assert isinstance(delta, datetime.timedelta)
    hours, rest = divmod(delta.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    time = "".join(f"{n}{u}" for n, u in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    text = "P" + (f"{delta.days}D" if delta.days else "") + (f"T{time}" if time else "")
    return text if text != "P" else "P0D"


def call_group(
    me: Interpreter, group: Group, method: str, node: cst.Call, arguments: Arguments, scope: Scope
) -> Abstract:
    """`client.<group>.<method>(...)`."""
    call = calls.look_up(group.name, method)
    code = me.code(node)
    if call is None:
        return Unknown(code)
    positional = len(arguments.positional)
    names = call.parameters(positional, arguments.keywords)
    if isinstance(group.client, Unknown) and not _plausible(names, arguments):
        return Unknown(code)
    record = new_record(me, call.op, node, scope, arguments.bind(names))
    record.call, record.old, record.receiver = call, call.is_old(names), group.client
    _take_parameters(record)
    _attach_body(me, record, node, scope)
    me.add(record)
    base = method.removeprefix("begin_")
    poller = method.startswith("begin_") or (base in _LONG and call.op not in _NO_POLLER)
    return Result(record, poller=poller, many=base.startswith("list"))


def _take_parameters(record: CallRecord) -> None:
    """7.0 takes one object of parameters where 2.0 took the values themselves."""
    assert record.call is not None
    for name, slot in list(record.arguments.items()):
        if isinstance(slot.value, ModelObject) and slot.value.model.name == record.call.body:
            del record.arguments[name]
            record.arguments["parameters"] = slot
            if record.call.op.startswith("workspaces."):
                record.arguments.update(slot.value.slots)


def _plausible(names: tuple[str, ...], arguments: Arguments) -> bool:
    """Whether a call on a value that nobody knows looks enough like the SDK's to be read as one."""
    if any(isinstance(slot.value, ModelObject) for slot in arguments.positional):
        return True
    required = [name for name in names if not name.endswith("_options") and name not in ("tags",)]
    return len(arguments.positional) + len(set(arguments.keywords) & set(names)) >= min(2, len(required))


def _attach_body(me: Interpreter, record: CallRecord, node: cst.Call, scope: Scope) -> None:
    assert record.call is not None
    if not record.call.body:
        return
    given = record.argument("parameters")
    model = schema.MODELS[record.call.body]
    if isinstance(given, Mapping):
        given = from_mapping(me, model.name, given, node, scope, record.arguments["parameters"])
    if given is None and record.op.split(".")[1] in ("create", "update") and "parameters" not in record.arguments:
        given = ModelObject(model, node, me.cell, record.scope, me.statement, reached=me.reached)
        for row in model.fields:
            if row.attribute in record.arguments:
                given.slots[row.attribute] = record.arguments[row.attribute]
    if isinstance(given, ModelObject):
        record.body = given
        given.sent.append(record)


def from_mapping(
    me: Interpreter, name: str, value: Mapping, node: cst.CSTNode, scope: Scope, slot: Slot
) -> ModelObject:
    """The model object that the SDK makes of a plain dict: snake_case or REST keys, any letter case."""
    model = schema.MODELS[name]
    made = ModelObject(model, node, slot.cell, scope.snapshot(), me.statement, reached=me.reached)
    for key, item in value.entries.items():
        if key == "properties" and isinstance(item, Mapping):
            inner = from_mapping(me, name, item, node, scope, slot)
            made.slots.update(inner.slots)
            continue
        row = model.field(str(key))
        if row is None:
            made.extra[str(key)] = Slot(item, slot.node, slot.cell)
            continue
        if row.item in schema.MODELS:
            item = _nested(me, row.item, item, node, scope, slot)
        made.slots[row.attribute] = Slot(item, slot.node, slot.cell)
    return made


def _nested(me: Interpreter, name: str, item: Abstract, node: cst.CSTNode, scope: Scope, slot: Slot) -> Abstract:
    if isinstance(item, Mapping):
        return from_mapping(me, name, item, node, scope, slot)
    if isinstance(item, Sequence):
        return Sequence([_nested(me, name, one, node, scope, slot) for one in item.items], item.kind, item.open)
    return item


def call_result(
    me: Interpreter, result: Result, method: str, node: cst.Call, arguments: Arguments, scope: Scope
) -> Abstract:
    """A method of what a call answered: `.result()` right behind the call, or a poller's method later on."""
    behind = isinstance(node.func, cst.Attribute) and node.func.value is result.record.node
    if behind and method in ("result", "wait"):
        result.record.waited = True
        result.record.outer = node
        return Result(result.record, many=result.many) if method == "result" else NONE
    if result.poller or (result.many and method in PAGES):
        asked = new_record(me, f"poller.{method}", node, scope, arguments.bind(("timeout",)))
        asked.receiver = result
        me.ask(asked)
        if method in ("result", "next"):
            return Result(result.record)
        if method == "by_page":
            return Sequence([Result(result.record, many=True)], open=True)
    return Unknown(me.code(node), record=result.record)


def call_model(receiver: ModelObject, method: str, code: str) -> Abstract:
    """A method of a model object (`serialize`, `as_dict`), which nothing else has."""
    receiver.own_uses.append(f".{method}()")
    return Unknown(code)


def read_answer(result: Result, attribute: str, code: str) -> Abstract:
    """An attribute of an answer; the name of a resource is the name that it was asked for."""
    record = result.record
    if attribute == "name" and record.call is not None and not result.many:
        for key in ("job_name", "experiment_name", "cluster_name", "file_server_name", "workspace_name"):
            slot = record.arguments.get(key)
            if slot is not None and record.op.startswith(key.split("_name")[0]):
                return slot.value if isinstance(slot.value, (Text, Unknown)) else Unknown(code, record=record)
    return Unknown(code, record=record, kind=attribute)
