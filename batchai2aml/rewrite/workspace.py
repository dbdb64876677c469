"""Clients and the workspaces that take their place."""

from __future__ import annotations

from functools import partial

import libcst as cst

from batchai2aml.azureml import names
from batchai2aml.azureml.model import Code
from batchai2aml.emit.sdk import Place
from batchai2aml.emit.templates import render
from batchai2aml.readers.python.domain import Client, Instance, Result
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.scope import Scope
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite import pollers
from batchai2aml.rewrite.bodies import remove_body
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.naming import legal
from batchai2aml.rewrite.tree import parents
from batchai2aml.text import Text

CREATIONS = ("client.create", "helpers.create_batchai_client")
"""The calls that make a Batch AI client."""
_CLUSTERS = ("clusters.create", "clusters.get")


def client_created(ctx: Context, record: CallRecord) -> None:
    """A Batch AI client: the workspace takes its place, or `workspaces.create` will."""
    site = ctx.site(record)
    follower = creation_of(ctx, record)
    first = _load_configuration(ctx, record)
    if follower is not None and site.form == "assign":
        ctx.put(record, first, None)
        return
    _warn_of_creation(ctx, record)
    value = ctx.sdk(record.cell).opened(_auth(ctx, record))
    if site.form != "assign":
        if isinstance(parents(record.cell.module).get(record.node), cst.WithItem):
            ctx.file(record.cell).needed.add("contextlib")
            value = f"contextlib.nullcontext({value})"
        ctx.put(record, first, value)
        return
    name = workspace_name(ctx, record)
    ctx.put(record, [*first, f"{name} = {value}"], None if renamed(ctx, record) else name)


def _warn_of_creation(ctx: Context, client: CallRecord) -> None:
    """Say that a workspace is opened before the program would create it."""
    for record in ctx.program.records:
        made = record.receiver.record if isinstance(record.receiver, Client) else None
        if made is client and record.op == "workspaces.create":
            where = record.cell.where(record.node)
            ctx.say(client.cell, client.node, "# BAI140: the workspace must exist here already, see the report")
            detail = f"the workspace is opened before {where} creates it: create it once by hand"
            ctx.note(client, "BAI140", detail, "manual", "error")
            return


def _load_configuration(ctx: Context, record: CallRecord) -> list[str]:
    """Statements that load a configuration whose file name was given in its place."""
    slot = record.arguments.get("configuration")
    if slot is None or not isinstance(slot.value, Text) or not (slot.value.known or "").endswith(".json"):
        return []
    work = ctx.file(record.cell)
    work.needed.add("json")
    name = slot.cell.code(slot.node)
    ctx.note(record, "BAI719", f"'{name}' is the name of a file that was never loaded; it is loaded here now")
    return [render("python/configuration", work.style.quote, path=name, variable=name)]


def _auth(ctx: Context, record: CallRecord) -> str:
    """The sign-in object of a client, or nothing."""
    slot = record.arguments.get("credentials")
    if slot is None or not isinstance(slot.value, Instance) or slot.value.kind != "Credentials":
        return ""
    code = ctx.edits(slot.cell).code(slot.node)
    return ctx.signed_in.get(code, code) if slot.cell is record.cell else ""


def creation_of(ctx: Context, client: CallRecord) -> CallRecord | None:
    """The `workspaces.create` or `.get` that is the first use of a client, if both stand at module level of a file."""
    for record in ctx.program.records:
        if isinstance(record.receiver, Client) and record.receiver.record is client:
            at_top = record.scope.kind == client.scope.kind == "module" and record.cell.path == client.cell.path
            follows = record.op in ("workspaces.create", "workspaces.get") and record.reached == "always"
            return record if at_top and follows else None
    return None


def renamed(ctx: Context, client: CallRecord) -> bool:
    """Whether the client's variable may become `ws`: it stays inside its file and goes into no function."""
    known = ctx.renamed.get(id(client))
    if known is None:
        site = ctx.site(client)
        name = site.target if site.form == "assign" and client.scope.kind == "module" else None
        known = name is not None and name.isidentifier() and not _travels(ctx, client, name)
        ctx.renamed[id(client)] = known
    return known


def _travels(ctx: Context, client: CallRecord, name: str) -> bool:
    work = ctx.file(client.cell)
    helpers = {id(r.node) for r in ctx.program.records if r.op.startswith("helpers.")}
    found: list[bool] = []

    class Uses(cst.CSTVisitor):
        def visit_Attribute(self, node: cst.Attribute) -> bool:
            return not (isinstance(node.value, cst.Name) and node.value.value == name)

        def visit_Assign(self, node: cst.Assign) -> None:
            node.value.visit(self)

        def visit_AssignTarget(self, node: cst.AssignTarget) -> bool:
            return False

        def visit_Call(self, node: cst.Call) -> bool:
            return id(node) not in helpers

        def visit_Name(self, node: cst.Name) -> None:
            found.append(node.value == name)

    for cell in work.source.cells:
        cell.module.visit(Uses())
    imported = any(
        name in source.decoded.text for path, source in ctx.program.sources.items() if path != client.cell.path
    )
    return any(found) or (work.source.kind == "python" and imported and len(ctx.work) > 1)


def workspace_name(ctx: Context, client: CallRecord) -> str:
    """The variable that holds the workspace after a client was made."""
    if id(client) not in ctx.workspace_names:
        site = ctx.site(client)
        if renamed(ctx, client):
            name = ctx.file(client.cell).name(ctx.sdk(client.cell).workspace_variable)
            if site.target:
                ctx.file(client.cell).gone.add(site.target)
        elif site.target is not None:
            name = site.target
        else:
            name = ctx.sdk(client.cell).workspace_variable
        ctx.workspace_names[id(client)] = name
    return ctx.workspace_names[id(client)]


def workspace_of(ctx: Context, record: CallRecord) -> str:
    """The expression for the workspace at a call: what stood before `.jobs.create`, or its new name."""
    func = record.node.func
    if (
        isinstance(func, cst.Attribute)
        and isinstance(func.value, cst.Attribute)
        and not record.op.startswith(("helpers.", "storage."))
        and _is_group(ctx, func.value)
    ):
        code = ctx.edits(record.cell).code(func.value.value)
        if isinstance(record.receiver, Client):
            made = record.receiver.record
            site = ctx.site(made) if made.cell.path in ctx.work else None
            if site is not None and site.target == code and renamed(ctx, made):
                return workspace_name(ctx, made)
        if record.op != "jobs.create" or code.isidentifier():
            return code
    if isinstance(func, cst.Attribute) and record.call is not None and not _is_group(ctx, func.value):
        return ctx.edits(record.cell).code(func.value)
    if isinstance(record.receiver, Client) and record.receiver.kind == "batchai":
        return workspace_name(ctx, record.receiver.record)
    return workspace_at(ctx, record.cell, record.node, record.scope) or ctx.sdk(record.cell).opened("")


def _is_group(ctx: Context, node: cst.BaseExpression) -> bool:
    """Whether an expression is `client.jobs` or its like, written out."""
    me = ctx.program.interpreter
    return me is not None and id(node) in me.groups


def convert_groups(ctx: Context) -> None:
    """`jobs = client.jobs`: a group of calls that the program keeps becomes the workspace itself."""
    me = ctx.program.interpreter
    assert me is not None
    for cell, node in me.groups.values():
        if cell.path not in ctx.work or isinstance(parents(cell.module).get(node), cst.Attribute):
            continue
        if isinstance(holder := parents(cell.module).get(parents(cell.module).get(node, node)), cst.Call):
            if cell.code(holder.func) == "getattr":
                continue
        code = ctx.edits(cell).code(node.value)
        for client in _clients(ctx, cell.path):
            if renamed(ctx, client) and ctx.site(client).target == code:
                code = workspace_name(ctx, client)
        ctx.edits(cell).replace(node, code)


def _clients(ctx: Context, path: str) -> list[CallRecord]:
    """The calls of a file that make a client."""
    return [record for record in ctx.program.records if record.op in CREATIONS and record.cell.path == path]


def workspace_at(ctx: Context, cell: Cell, node: cst.CSTNode, scope: Scope) -> str | None:
    """The variable that holds a workspace and can be seen from a place, or None."""
    for client in _clients(ctx, cell.path):
        if renamed(ctx, client):
            return workspace_name(ctx, client)
    for here in scope.chain:
        for name, value in here.names.items():
            if isinstance(value, Client) and value.kind == "batchai" and name.isidentifier():
                return name
        for name, value in here.names.items():
            if isinstance(value, Result) and value.record.op in _CLUSTERS and not value.poller and name.isidentifier():
                owner = ctx.sdk(cell).of_cluster(name)
                if owner is not None:
                    return owner
    return ctx.opened.get((cell.path, ctx.function(cell, node)))


def some_workspace(ctx: Context, cell: Cell, node: cst.CSTNode, scope: Scope) -> tuple[list[str], str]:
    """A workspace for a place: its variable, and the statement that opens it where none can be seen."""
    found = workspace_at(ctx, cell, node, scope)
    if found is not None:
        return [], found
    sdk = ctx.sdk(cell)
    variable = ctx.file(cell).name(sdk.workspace_variable)
    ctx.opened[cell.path, ctx.function(cell, node)] = variable
    return [f"{variable} = {sdk.opened('')}"], variable


def workspace_ready(ctx: Context, record: CallRecord) -> bool:
    """Whether the workspace's variable is bound when a call is reached."""
    clients = _clients(ctx, record.cell.path)
    if not clients:
        return False
    bound = creation_of(ctx, clients[0]) or clients[0]
    return bound.index < record.index and bound.scope.kind == "module"


def workspace_created(ctx: Context, record: CallRecord) -> None:
    """`workspaces.create`."""
    printer = ctx.printer(record.cell)
    name, location = ctx.argument(record, "workspace_name"), ctx.argument(record, "location")
    group = ctx.argument(record, "resource_group_name")
    if name is None or group is None:
        raise Unconvertible("the call names no workspace")
    client = record.receiver if isinstance(record.receiver, Client) else None
    makes_group = any(
        r.op == "helpers.create_resource_group" and r.cell.path == record.cell.path for r in ctx.program.records
    )
    tags = ctx.argument(record, "tags")
    place = Place(
        legal(ctx, record, name, names.workspace),
        printer.code(group),
        subscription_of(ctx, record, client),
        _auth(ctx, client.record) if client is not None else "",
        printer.code(location) if location is not None else None,
        Code(tags.code) if tags is not None and tags.code is not None else None,
        makes_group,
        any(r.op == "helpers.Configuration" and r.cell.path == record.cell.path for r in ctx.program.records),
    )
    variable = workspace_of(ctx, record)
    answer = ctx.sdk(record.cell).workspace_created(variable, place)
    if record.body is not None:
        remove_body(ctx, record.body)
    ctx.put(record, list(answer.lines), pollers.polled(ctx, record, answer.value))


def subscription_of(ctx: Context, record: CallRecord, client: Client | None) -> Code:
    """The expression for the subscription that a client was made for."""
    printer = ctx.printer(record.cell)
    if client is not None:
        slot = client.arguments.get("subscription_id")
        if slot is not None:
            return printer.code(ctx.given("subscription_id", slot, record.cell, record.scope))
        configuration = client.arguments.get("configuration")
        if configuration is not None:
            holder = configuration.cell.code(configuration.node)
            return Code(ctx.translate(f"{holder}.subscription_id", record.cell, record.scope))
    return printer.environment("AZURE_SUBSCRIPTION_ID")


def workspace_got(ctx: Context, record: CallRecord) -> None:
    """`workspaces.get`."""
    client = record.receiver if isinstance(record.receiver, Client) else None
    begins = client is not None and creation_of(ctx, client.record) is record and ctx.site(record).form != "nested"
    variable = workspace_of(ctx, record) if begins else None
    ctx.answer(
        record,
        ctx.sdk(record.cell).workspace_got(variable, partial(workspace_of, ctx, record), _place(ctx, record, client)),
    )


def _place(ctx: Context, record: CallRecord, client: Client | None) -> Place:
    name, group = ctx.argument(record, "workspace_name"), ctx.argument(record, "resource_group_name")
    if name is None or group is None:
        raise Unconvertible("the call names no workspace")
    return Place(
        legal(ctx, record, name, names.workspace),
        ctx.printer(record.cell).code(group),
        subscription_of(ctx, record, client),
        _auth(ctx, client.record) if client is not None else "",
        elsewhere=_several_groups(ctx),
    )


def _several_groups(ctx: Context) -> bool:
    """Whether the calls of the unit name different resource groups."""
    named = [ctx.argument(r, "resource_group_name") for r in ctx.program.records if r.cell.path in ctx.work]
    return len({given.known or given.code for given in named if given is not None}) > 1


def workspace_deleted(ctx: Context, record: CallRecord) -> None:
    """`workspaces.delete`."""
    client = record.receiver if isinstance(record.receiver, Client) else None
    place = partial(_place, ctx, record, client)
    value = ctx.sdk(record.cell).workspace_deleted(workspace_of(ctx, record), place)
    ctx.put(record, [], pollers.polled(ctx, record, value))
