"""Clusters: the configuration where the parameters stood, the compute target where it was created."""

from __future__ import annotations

import re
from functools import partial

import libcst as cst

from batchai2aml.azureml import names
from batchai2aml.azureml.model import Code
from batchai2aml.emit.sdk import Resource
from batchai2aml.mapping import compute as mapping
from batchai2aml.mapping.printing import Unprintable
from batchai2aml.readers.python.domain import ModelObject, Slot, Unknown
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite import pollers
from batchai2aml.rewrite.bodies import in_place, remove_preparations, replace_body
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.exceptions import guarded
from batchai2aml.rewrite.experiments import variable_for
from batchai2aml.rewrite.naming import legal
from batchai2aml.rewrite.workspace import workspace_at, workspace_of
from batchai2aml.text import Text


def parameters(ctx: Context, made: ModelObject) -> None:
    """`ClusterCreateParameters(...)`."""
    body, sdk = ctx.body(made), ctx.sdk(made.cell)
    largest = max((_nodes(job) for job in ctx.program.models if job.model.name == "JobCreateParameters"), default=0)
    found = mapping.compute(body, largest or None, ctx.printer(made.cell))
    ctx.wanted[made.cell.path].append(sdk.cluster_wanted(found))
    replace_body(ctx, made, [], sdk.cluster_spec(found, _known_name(ctx, made)))


def _nodes(job: ModelObject) -> int:
    from batchai2aml.readers.python.domain import Const

    slot = job.slots.get("node_count")
    value = slot.value if slot else None
    return value.value if isinstance(value, Const) and isinstance(value.value, int) else 0


def name_code(ctx: Context, record: CallRecord) -> Code:
    """The name of a cluster, legal in Azure ML."""
    given = ctx.argument(record, "cluster_name")
    if given is None:
        raise Unconvertible("the call names no cluster")
    return legal(ctx, record, given, names.compute)


def created(ctx: Context, record: CallRecord) -> None:
    """`clusters.create`."""
    work, site = ctx.file(record.cell), ctx.site(record)
    slot = record.arguments.get("parameters")
    if record.body is None or slot is None:
        raise Unconvertible("the parameters of the cluster are not known", "BAI802")
    given = ctx.argument(record, "cluster_name")
    variable = site.target if site.form == "assign" and site.target and site.target.isidentifier() else None
    if variable is None:
        known = given.known if given is not None and given.code not in record.scope.parameters else None
        variable = _later_name(ctx, record) or work.name(names.identifier(known or "cluster"))
    configuration = ctx.edits(slot.cell).code(slot.node) if slot.cell is record.cell else ""
    lines: list[str] = []
    if slot.node is record.body.node:
        config = work.name("compute_config")
        lines.append(f"{config} = {in_place(ctx, record, slot)}")
        configuration = config
    if not configuration:
        raise Unconvertible("the parameters of the cluster come from another file")
    again, named = guarded(ctx, record, "clusters.get"), _known_name(ctx, record.body) is not None
    answer = ctx.sdk(record.cell).cluster_created(variable, _resource(ctx, record), configuration, again, named)
    value = pollers.polled(ctx, record, answer.value)
    ctx.put(record, [*lines, *answer.lines], value)


def _known_name(ctx: Context, made: ModelObject) -> Code | None:
    """The name of the cluster that parameters are for, where they are built for one cluster of a known name."""
    slots = [record.arguments.get("cluster_name") for record in made.sent]
    if len(slots) != 1 or slots[0] is None:
        return None
    given = ctx.given("cluster_name", slots[0], made.cell, made.scope)
    try:
        return legal(ctx, made.sent[0], given, names.compute)
    except Unprintable:
        return None


def _resource(ctx: Context, record: CallRecord, variable: str | None = None) -> Resource:
    """The cluster that a call names."""
    return Resource(variable, partial(workspace_of, ctx, record), partial(name_code, ctx, record))


def _cluster(ctx: Context, record: CallRecord) -> Resource:
    """The cluster that a call is about: a variable that holds it, or its name."""
    return _resource(ctx, record, variable_for(ctx, record, ("clusters.create", "clusters.get"), "cluster_name"))


def _later_name(ctx: Context, record: CallRecord) -> str | None:
    """The variable that `clusters.get` binds to the same cluster afterwards, at the same level."""
    for later in ctx.program.records[record.index + 1 :]:
        if later.op == "clusters.get" and later.cell.path == record.cell.path and later.scope.kind == record.scope.kind:
            site = ctx.site(later)
            mine, theirs = record.argument("cluster_name"), later.argument("cluster_name")
            if site.form == "assign" and site.target and site.target.isidentifier() and mine == theirs:
                return site.target
    return None


def got(ctx: Context, record: CallRecord) -> None:
    """`clusters.get`."""
    ctx.put(record, [], ctx.sdk(record.cell).cluster(_resource(ctx, record)))


def deleted(ctx: Context, record: CallRecord) -> None:
    """`clusters.delete`."""
    given = ctx.argument(record, "cluster_name")
    literal = given is not None and given.code is not None and given.code.startswith(("'", '"'))
    wish = names.identifier((given.known if given and literal else None) or "cluster")
    target, begins, waits = ctx.sdk(record.cell).cluster_deleted(_cluster(ctx, record))
    pollers.begin(ctx, record, target, wish, begins, waits)


def updated(ctx: Context, record: CallRecord) -> None:
    """`clusters.update`."""
    if record.body is None:
        raise Unconvertible("the new size is not known", "BAI802")
    scale = mapping.scale_update(ctx.body(record.body), ctx.printer(record.cell))
    answer = ctx.sdk(record.cell).cluster_updated(_cluster(ctx, record), scale)
    remove_preparations(ctx, record.body)
    asked = ctx.site(record).form in ("assign", "return")
    ctx.put(record, list(answer.lines), answer.value if asked else None)


def listed(ctx: Context, record: CallRecord) -> None:
    """`clusters.list_by_workspace` and its older forms."""
    ctx.put(record, [], ctx.sdk(record.cell).clusters(workspace_of(ctx, record)))


def logins(ctx: Context, record: CallRecord) -> None:
    """`clusters.list_remote_login_information`."""
    ctx.put(record, [], ctx.sdk(record.cell).nodes(_cluster(ctx, record)))


def job_compute(ctx: Context, made: ModelObject) -> Code:
    """The compute target of a job: what its cluster reference reads the id from."""
    slot = made.slots.get("cluster")
    inner = slot.value.slots.get("id") if slot and isinstance(slot.value, ModelObject) else None
    if inner is None:
        raise Unconvertible("the job names no cluster", "BAI228")
    value = inner.value
    is_id = isinstance(inner.node, cst.Attribute) and inner.node.attr.value == "id"
    if isinstance(value, Unknown) and value.record is not None and is_id and isinstance(inner.node, cst.Attribute):
        holder = inner.cell.code(inner.node.value)
        if ctx.valid(inner.cell.code(inner.node), value, made.cell, made.scope):
            holder_node = inner.node.value
            here = ctx.edits(inner.cell).code(holder_node) if inner.cell is made.cell else holder
            return Code(ctx.sdk(made.cell).cluster_reference(here))
    return _by_id(ctx, made, inner)


def _by_id(ctx: Context, made: ModelObject, slot: Slot) -> Code:
    """A cluster given by an ARM id, or by an expression that yields one."""
    sdk = ctx.sdk(made.cell)

    def workspace() -> str:
        return workspace_at(ctx, made.cell, made.node, made.scope) or sdk.opened("")

    value, code = slot.value, slot.cell.code(slot.node)
    known = value.known if isinstance(value, Text) else None
    if known is not None and "/clusters/" in known:
        name = names.compute(known.rstrip("/").rsplit("/", 1)[-1])
        return Code(sdk.cluster_named(workspace, sdk.string(name)))
    if isinstance(value, (Text, Unknown)) and ctx.valid(code, value, made.cell, made.scope):
        code = ctx.translate(code, made.cell, made.scope)
        holder = code if re.fullmatch(r"[\w.\[\]'\"]+", code) else f"({code})"
        return Code(sdk.cluster_named(workspace, f"{holder}.split({sdk.string('/')})[-1]"))
    raise Unconvertible("the cluster of the job cannot be found", "BAI228")
