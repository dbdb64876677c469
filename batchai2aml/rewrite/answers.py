"""Attributes that the program reads from answers, and the recipes' small helpers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import libcst as cst

from batchai2aml.batchai.configuration import ATTRIBUTES
from batchai2aml.emit.style import Style
from batchai2aml.emit.templates import render
from batchai2aml.mapping import reads
from batchai2aml.mapping.states import EXECUTION
from batchai2aml.readers.python.interpreter import Read
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite import outputs
from batchai2aml.rewrite.bodies import remove_body
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.tree import ancestors, parents
from batchai2aml.rewrite.workspace import workspace_at, workspace_of


def convert_reads(ctx: Context) -> None:
    """Put every attribute that is read from an answer into Azure ML's words."""
    links_last = sorted(ctx.program.reads, key=lambda read: read.attribute == "download_url")
    for read in links_last:
        if read.cell.path not in ctx.work:
            continue
        if read.record.op == "jobs.list_output_files" and read.attribute in ("name", "download_url"):
            outputs.file_attribute(ctx, read)
            continue
        if read.attribute == "environment_variables":
            _variables(ctx, read, parents(read.cell.module))
            continue
        row = reads.row_for(read.record.op, read.attribute)
        edits = ctx.edits(read.cell)
        if row is None and read.record.op.startswith("helpers."):
            continue
        if read.record.op.startswith("file_servers.") and read.attribute == "name":
            _server_name(ctx, read)
            continue
        template = "" if row is None else row.v2 if ctx.settings.target == "v2" else row.v1
        if not template:
            _comment(ctx, read)
            continue
        holder = read.node.value
        above_it = edits.code(holder.value) if isinstance(holder, cst.Attribute) else ""
        style = ctx.work[read.cell.path].style
        if read.attribute == "execution_info.exit_code":
            sdk = ctx.sdk(read.cell)
            state = sdk.status(above_it) if above_it else sdk.status_of_info(edits.code(holder))
            if not _ended(ctx, read, state):
                edits.replace(read.node, f"int({state} != {style.string('Completed')})")
            continue
        workspace = partial(_workspace, ctx, read) if "{2}" in template else str
        code = _quoted(template, style).format(edits.code(holder), above_it, workspace())
        if read.attribute in _TIMES and ctx.sdk(read.cell).times_are_texts and _is_computed_with(read):
            ctx.work[read.cell.path].needed.add("dateutil.parser")
            code = f"dateutil.parser.parse({code})"
        edits.replace(read.node, code)


_TIMES = frozenset({"execution_info.start_time", "execution_info.end_time", "creation_time"})
"""Attributes that were times and are texts now."""


def _is_computed_with(read: Read) -> bool:
    """Whether a time is subtracted, compared, or asked for its parts."""
    holder = parents(read.cell.module)[read.node]
    return isinstance(holder, (cst.BinaryOperation, cst.Comparison, cst.ComparisonTarget, cst.Attribute))


def _workspace(ctx: Context, read: Read) -> str:
    """The workspace where an attribute is read."""
    return workspace_at(ctx, read.cell, read.node, read.record.scope) or ctx.sdk(read.cell).opened("")


def _quoted(code: str, style: Style) -> str:
    """The table's words with the quotes that the file uses."""
    return code.replace("'", style.quote)


def _ended(ctx: Context, read: Read, state: str) -> bool:
    """`exit_code is None` asks whether the run has ended; the answer is whether the comparison was put so."""
    test = parents(read.cell.module)[read.node]
    if not isinstance(test, cst.Comparison) or test.left is not read.node or len(test.comparisons) != 1:
        return False
    operator, other = test.comparisons[0].operator, test.comparisons[0].comparator
    if read.cell.code(other) != "None":
        return False
    words = [*EXECUTION["succeeded"], *EXECUTION["failed"]]
    shown = ", ".join(ctx.work[read.cell.path].style.string(word) for word in words)
    negated = isinstance(operator, (cst.IsNot, cst.NotEqual))
    ctx.edits(read.cell).replace(test, f"{state} {'in' if negated else 'not in'} ({shown})")
    return True


def _server_name(ctx: Context, read: Read) -> None:
    """The name of a file server is the name that it was asked for."""
    slot = read.record.arguments.get("file_server_name")
    if slot is None:
        _comment(ctx, read)
        return
    given = ctx.given("name", slot, read.cell, read.record.scope)
    ctx.edits(read.cell).replace(read.node, ctx.printer(read.cell).code(given).text)


def _comment(ctx: Context, read: Read) -> None:
    """Say above the statement that an attribute has no counterpart; the finding is in the ledger already."""
    if any(id(here) in ctx.built for here in ancestors(read.cell.module, read.node)):
        return  # it went with the parameters
    ctx.say(read.cell, read.node, f"# BAI718: '.{read.attribute}' of Batch AI has no counterpart in Azure ML")


def _variables(ctx: Context, read: Read, above: Mapping[cst.CSTNode, cst.CSTNode]) -> None:
    """`{v.name: v.value for v in job.environment_variables}` is what the run carries as tags."""
    clause = above[read.node]
    whole = above[clause]
    if isinstance(clause, cst.CompFor) and isinstance(whole, cst.DictComp) and not clause.ifs:
        target = read.cell.code(clause.target)
        pair = (read.cell.code(whole.key).strip(), read.cell.code(whole.value).strip())
        if pair == (f"{target}.name", f"{target}.value"):
            edits = ctx.edits(read.cell)
            edits.replace(whole, ctx.sdk(read.cell).tags(edits.code(read.node.value)))
            return
    if isinstance(clause, (cst.For, cst.Attribute)):
        return  # a change to generated jobs, see `sweeps.variables`
    raise Unconvertible("the environment variables of a job are read one by one", "BAI718")


def configuration(ctx: Context, record: CallRecord) -> None:
    """`Configuration(file)`: the file is read as JSON."""
    work = ctx.file(record.cell)
    site = ctx.site(record)
    path = ctx.argument(record, "file_name")
    if path is None:
        raise Unconvertible("the configuration names no file")
    work.needed.add("json")
    code = ctx.printer(record.cell).code(path)
    if site.form == "assign" and site.target:
        text = render("python/configuration", work.style.quote, path=code, variable=site.target)
        ctx.put(record, [text], site.target)
        return
    ctx.put(record, [], f"json.load(open({code}))")


def convert_configuration_reads(ctx: Context) -> None:
    """`cfg.admin` everywhere."""
    me = ctx.program.interpreter
    assert me is not None
    for cell, node in me.configuration_reads:
        if cell.path in ctx.work and node.attr.value in ATTRIBUTES:
            edits = ctx.edits(cell)
            text = ctx.configuration(edits.code(node.value), node.attr.value, cell, ctx.work[cell.path].style)
            edits.replace(node, text)


def status(ctx: Context, record: CallRecord) -> None:
    """`print_cluster_status` and `print_job_status`."""
    cluster = "cluster" in record.op
    slot = record.arguments.get("cluster" if cluster else "job")
    if slot is None:
        raise Unconvertible("the helper is given nothing to print")
    code = ctx.edits(slot.cell).code(slot.node)
    printed = ctx.sdk(record.cell).printed(code, partial(workspace_of, ctx, record), cluster)
    ctx.put(record, [printed], None)


def download(ctx: Context, record: CallRecord) -> None:
    """`download_file(url, destination)`."""
    source, destination = record.arguments.get("sas"), record.arguments.get("destination")
    if source is None or destination is None:
        raise Unconvertible("the helper is not given a source and a destination")
    edits = ctx.edits(record.cell)
    target = edits.code(destination.node)
    link = source.node
    if isinstance(link, cst.Attribute) and link.attr.value == "download_url":
        listing = getattr(source.value, "record", None)
        if isinstance(listing, CallRecord):
            ctx.put(record, [outputs.fetched(ctx, listing, edits.code(link.value), target)], None)
            return
    ctx.file(record.cell).needed.add("urllib.request")
    ctx.put(record, [f"urllib.request.urlretrieve({edits.code(link)}, {target})"], None)


def file_server(ctx: Context, record: CallRecord) -> None:
    """File servers: Azure ML has none; what replaces them is for a person to choose."""
    if record.body is not None:
        remove_body(ctx, record.body)
    site = ctx.site(record)
    lines = ["# BAI145: Azure ML has no NFS file servers; copy the data to blob or file storage"]
    read = [r for r in ctx.program.reads if r.record is record and r.attribute not in ("name", "id")]
    if site.form == "assign" and site.target is not None and read:
        ctx.put(record, [*lines, f"{site.target} = None"], site.target)
        return
    ctx.put(record, lines, None)


def group(ctx: Context, record: CallRecord) -> None:
    """`create_resource_group`: `Workspace.create` makes the group."""
    creates = any(r.op == "workspaces.create" and r.cell.path == record.cell.path for r in ctx.program.records)
    if creates and ctx.sdk(record.cell).makes_groups:
        ctx.remove(record)
    else:
        ctx.put(record, ["# BAI729: the resource group of the workspace must exist"], None)
