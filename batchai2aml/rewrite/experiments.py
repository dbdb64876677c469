"""Experiments, and the variables that hold the answer about a resource."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

import libcst as cst

from batchai2aml.azureml import names
from batchai2aml.mapping.body import Given
from batchai2aml.readers.python.domain import Abstract, Result, same
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.naming import legal
from batchai2aml.rewrite.workspace import workspace_of
from batchai2aml.text import Text
from batchai2aml.values import Literal

_EXPERIMENTS = ("experiments.create", "experiments.get")


def experiment_created(ctx: Context, record: CallRecord) -> None:
    """`experiments.create` and `experiments.get`."""
    name = ctx.argument(record, "experiment_name")
    if name is None:
        raise Unconvertible("the call names no experiment")
    work, site = ctx.file(record.cell), ctx.site(record)
    code = legal(ctx, record, name, names.experiment)
    value = ctx.sdk(record.cell).experiment(partial(workspace_of, ctx, record), code)
    unused = site.form == "bare" or (site.form == "assign" and site.target is None)
    if unused and not ctx.sdk(record.cell).has_experiments:
        ctx.put(record, ["# BAI143: an experiment is made by its first job"], None)
        return
    if unused:
        variable = ctx.experiments.get((ctx.place(record), name.code or "")) or work.name("experiment")
        ctx.experiments[ctx.place(record), name.code or ""] = variable
        ctx.put(record, [f"{variable} = {value}"], None)
        return
    ctx.put(record, [], value)


def experiment_of(ctx: Context, record: CallRecord) -> str:
    """The experiment of a job call: a variable that holds it, or a new object."""
    named = not ctx.sdk(record.cell).has_experiments
    held = (variable_for if named else _variable)(ctx, record, _EXPERIMENTS, "experiment_name")
    if held is not None:
        return held
    given = ctx.argument(record, "experiment_name") or _old_experiment(ctx, record)
    if given is not None:
        made = ctx.experiments.get((ctx.place(record), given.code or ""))
        if made is not None:
            return made
    printer = ctx.printer(record.cell)
    if given is None:
        submitting = next((r.cell.path for r in _submissions(ctx)), record.cell.path)
        stem = submitting.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        name_code = printer.string(names.experiment(stem))
        ctx.note(record, "BAI143", f"the experiment is named after the file, {stem}", "exact", "info")
    else:
        name_code = legal(ctx, record, given, names.experiment)
    return ctx.sdk(record.cell).experiment(partial(workspace_of, ctx, record), name_code)


def _old_experiment(ctx: Context, record: CallRecord) -> Given | None:
    """The name of the experiment where 0.2 and 1.0 had it: among the job's parameters."""
    if record.body is not None:
        slot = record.body.slots.get("experiment_name")
        return ctx.given("properties.experimentName", slot, record.cell, record.scope) if slot is not None else None
    named = [r.body.slots["experiment_name"] for r in _submissions(ctx) if r.body and "experiment_name" in r.body.slots]
    known = {slot.value.known if isinstance(slot.value, Text) else None for slot in named}
    if not named:
        return None
    if len(known) > 1 or None in known:
        raise Unconvertible("jobs go to several experiments, and the call does not say which one it means", "BAI143")
    text = Text.literal(min(name for name in known if name is not None))
    return Given(Literal(text.known), None, text)


def _submissions(ctx: Context) -> list[CallRecord]:
    """The calls of the unit that send a job."""
    return [r for r in ctx.program.records if r.op == "jobs.create" and r.cell.path in ctx.work]


def _in_scope(record: CallRecord) -> Iterator[tuple[str, Abstract]]:
    """
    The names that a call's own function binds, the latest first.

    What a function finds outside is left alone: it may be another resource by the time of the call.
    """
    for scope in record.scope.chain:
        if scope.kind == "module" and record.scope.kind != "module":
            return
        yield from reversed(scope.names.items())


def _same(left: Abstract | None, right: Abstract) -> bool:
    if isinstance(left, Text) and isinstance(right, Text) and left.known is None:
        return left == right
    return left is not None and same(left, right)


def variable_for(ctx: Context, record: CallRecord, ops: tuple[str, ...], key: str) -> str | None:
    """The answer about the same resource: what the name is read from (`job.name`), or a variable in scope."""
    slot = record.arguments.get(key)
    if slot is not None and slot.cell is record.cell and isinstance(slot.node, cst.Attribute):
        me = ctx.program.interpreter
        holder = record.cell.code(slot.node.value)
        found = me.meaning(holder, record.cell, record.scope) if me and slot.node.attr.value == "name" else None
        if isinstance(found, Result) and found.record.op.split(".")[0] == ops[0].split(".")[0]:
            return ctx.edits(record.cell).code(slot.node.value)
    return _variable(ctx, record, ops, key)


def _variable(ctx: Context, record: CallRecord, ops: tuple[str, ...], key: str) -> str | None:
    return _held(record, ops, key, ctx.sdk(record.cell).pollers)


def _held(record: CallRecord, ops: tuple[str, ...], key: str, pollers: Collection[str] = ()) -> str | None:
    """A variable of the call's own function that holds the answer about the same resource."""
    slot = record.arguments.get(key)
    for name, value in _in_scope(record):
        if isinstance(value, Result) and not value.many and value.record.op in ops and slot is not None and name != "_":
            if value.poller and value.record.op in pollers:
                continue  # it holds the poller, and not what that will give
            if _same(value.record.argument(key), slot.value):
                return name
    return None


def experiment_deleted(ctx: Context, record: CallRecord) -> None:
    """`experiments.delete`: the history can only be archived."""
    variable = variable_for(ctx, record, _EXPERIMENTS, "experiment_name")
    target = variable or experiment_of(ctx, record)
    lines = ctx.sdk(record.cell).experiment_deleted(partial(workspace_of, ctx, record), target)
    ctx.put(record, lines, None)
