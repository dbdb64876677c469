"""What a run wrote: its files, and the folders of its output directories."""

from __future__ import annotations

from functools import partial
from typing import Literal as OneOf
from typing import TypeAlias

import libcst as cst

from batchai2aml.azureml.model import Binding, Code, Datastore
from batchai2aml.emit.sdk import Answer
from batchai2aml.mapping.types import Verdict
from batchai2aml.readers.python.domain import ModelObject
from batchai2aml.readers.python.interpreter import Read
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite.bodies import remove_body
from batchai2aml.rewrite.context import Context, DoneJob
from batchai2aml.rewrite.edits import Change, Unconvertible
from batchai2aml.rewrite.jobs import run_of
from batchai2aml.rewrite.listed import directory, of_run
from batchai2aml.rewrite.tree import parents
from batchai2aml.rewrite.workspace import workspace_of

Kind: TypeAlias = OneOf["blob", "file"]

_SHOWS = ("print", "info", "debug", "format")
"""Functions that only show what they are given."""
_TESTS = (cst.If, cst.While, cst.IfExp, cst.UnaryOperation, cst.BooleanOperation, cst.Comparison, cst.ComparisonTarget)
"""Places that only ask whether there is a link."""


def files(ctx: Context, record: CallRecord) -> None:
    """`jobs.list_output_files`: the run's own files for the logs, the datastore for an output directory."""
    options, known = record.argument("jobs_list_output_files_options"), directory(record)
    run = run_of(ctx, record)
    if isinstance(options, ModelObject) and options.statement is not record.statement:
        remove_body(ctx, options)
    if known is None:
        raise Unconvertible("the output directory that is listed is known only at run time", "BAI802")
    own = partial(ctx.sdk(record.cell).files, run, partial(workspace_of, ctx, record))
    if of_run(known):
        ctx.answer(record, own())
        return
    found = _listing(ctx, record, run, known)
    if found is None:
        ctx.note(record, "BAI311", f"the job declares no output directory '{known}'", "manual", "error")
    ctx.answer(record, found or own())


def file_attribute(ctx: Context, read: Read) -> None:
    """`f.name` is the element itself now; there is no `f.download_url`, what it was given to downloads the file."""
    edits = ctx.edits(read.cell)
    holder, sdk = edits.code(read.node.value), ctx.sdk(read.cell)
    node: cst.CSTNode = read.node
    above = parents(read.cell.module)
    parent = above[node]
    if isinstance(parent, cst.BooleanOperation) and parent.left is node:
        node, parent = parent, above[parent]
    call = above[parent] if isinstance(parent, cst.Arg) else None
    if read.attribute == "name" or not isinstance(call, cst.Call):
        edits.replace(node, sdk.file_name(holder) if read.attribute == "name" else holder)
        if read.attribute != "name" and not isinstance(parent, _TESTS):
            _no_link(ctx, read, node)
        return
    function = read.cell.code(call.func).rsplit(".", 1)[-1]
    if function in _SHOWS and call.args[0] is not parent:
        before = call.args[call.args.index(parent) - 1]
        edits.expressions.append(Change(edits.span(before.value)[1], edits.span(node)[1], ""))
    elif function in ("urlretrieve", "download") and len(call.args) == 2 and of_run(directory(read.record)):
        target = edits.code(call.args[1].value)
        edits.replace(call, fetched(ctx, read.record, holder, target))
    elif function in _SHOWS:
        edits.replace(node, holder)
    elif function != "download_file":
        _no_link(ctx, read, call)


def _no_link(ctx: Context, read: Read, what: cst.CSTNode) -> None:
    """Say that what followed the link of a file has none to follow."""
    ctx.say(read.cell, what, f"# BAI704: a run's files have no links; {ctx.sdk(read.cell).fetching}")
    verdict = Verdict("manual", "BAI704", f"{read.cell.code(what)} has no link to follow", "error")
    ctx.notes.append((read.cell.where(what), verdict))


def fetched(ctx: Context, listing: CallRecord, name: str, target: str) -> str:
    """The call that downloads a listed file of a run."""
    return ctx.sdk(listing.cell).fetched(run_of(ctx, listing), name, target)


def output_of(ctx: Context, path: str, identifier: str) -> tuple[str, Code, Kind] | None:
    """The datastore of an output directory, its folder there as a template, and the storage's kind."""
    found = _find(ctx, path, identifier)
    if found is None or found[1].path is None:
        return None
    done, binding = found
    return binding.datastore, binding.path or Code(""), _kind(done, binding)


def _find(ctx: Context, path: str, identifier: str) -> tuple[DoneJob, Binding] | None:
    for done in ctx.jobs.values():
        if done.made.cell.path == path:
            for binding in done.outputs:
                if binding.id == identifier and binding.path is not None:
                    return done, binding
    return None


def _kind(done: DoneJob, binding: Binding) -> Kind:
    """Whether an output goes to a blob container or to a file share."""
    kinds = {mount.datastore: mount.kind for mount in done.mounts}
    return "file" if kinds.get(binding.datastore) == "file" else "blob"


def _listing(ctx: Context, record: CallRecord, run: str, identifier: str) -> Answer | None:
    """The files in the folder that a run wrote an output directory into; None where the job declares none such."""
    found = output_of(ctx, record.cell.path, identifier)
    if found is None:
        return None
    name, path, kind = found
    bound = ctx.file(record.cell).has_datastore(name, ctx.function(record.cell, record.node))
    store = Datastore(name if bound else "", name, kind, Code(""), Code(""), Code(""))
    workspace = partial(workspace_of, ctx, record)
    return ctx.sdk(record.cell).output_files(run, workspace, identifier, path, store)
