"""Rewriting a unit: all statements that hang on one client, across files; whole, or not at all."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import libcst as cst

from batchai2aml.azureml import names
from batchai2aml.azureml.model import Wanted
from batchai2aml.config import Settings
from batchai2aml.mapping.printing import Unprintable
from batchai2aml.mapping.toolkits import NoToolkit
from batchai2aml.mapping.types import Verdict
from batchai2aml.place import Where
from batchai2aml.project.secrets import Secrets
from batchai2aml.readers.python.domain import Client
from batchai2aml.readers.python.program import Program
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite import (
    answers,
    bodies,
    clusters,
    exceptions,
    experiments,
    hints,
    jobs,
    listings,
    outputs,
    pollers,
    signin,
    states,
    storage,
    sweep_variables,
    sweeps,
    workspace,
)
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.imports import names_bound, names_used, remove_dead_text, rewrite_imports
from batchai2aml.rewrite.leftovers import say_leftovers
from batchai2aml.rewrite.tree import descendants
from batchai2aml.rewrite.work import FileWork
from batchai2aml.text import Text

Handler: TypeAlias = Callable[[Context, CallRecord], None]

FIRST: Mapping[str, Handler] = {"client.credentials": signin.credentials}
INNER: Mapping[str, Handler] = {"clusters.get": clusters.got, "jobs.get": jobs.got}
"""Calls that may stand inside other expressions, whose attributes are then read; they come before those."""

HANDLERS: Mapping[str, Handler] = {
    "client.create": workspace.client_created,
    "helpers.create_batchai_client": workspace.client_created,
    "helpers.create_resource_group": answers.group,
    "helpers.Configuration": answers.configuration,
    "helpers.print_cluster_status": answers.status,
    "helpers.print_job_status": answers.status,
    "helpers.download_file": answers.download,
    "helpers.wait_for_job_completion": jobs.waited,
    "helpers.ParameterSweep": sweeps.sweep,
    "helpers.generate_jobs": sweeps.generate,
    "helpers.generate_jobs_random_search": sweeps.generate,
    "helpers.convert_job_to_jcp": sweeps.again,
    "helpers.ExperimentUtils": sweeps.utilities,
    "helpers.wait_all_jobs": sweeps.wait,
    "helpers.resubmit_failed_jobs": sweeps.resubmitted,
    "helpers.delete_jobs_in_experiment": sweeps.deleted,
    "helpers.MetricExtractor": sweeps.extractor,
    "helpers.get_metrics_for_jobs": sweeps.metrics,
    "helpers.NumericParameter": sweeps.specification,
    "helpers.DiscreteParameter": sweeps.specification,
    "helpers.DictParameter": sweeps.specification,
    "helpers.FileParameter": sweeps.specification,
    "workspaces.create": workspace.workspace_created,
    "workspaces.get": workspace.workspace_got,
    "workspaces.delete": workspace.workspace_deleted,
    "workspaces.update": listings.workspace_updated,
    "workspaces.list": listings.workspaces,
    "workspaces.list_by_resource_group": listings.workspaces,
    "file_servers.create": answers.file_server,
    "file_servers.get": answers.file_server,
    "file_servers.delete": answers.file_server,
    "experiments.create": experiments.experiment_created,
    "experiments.get": experiments.experiment_created,
    "experiments.delete": experiments.experiment_deleted,
    "experiments.list_by_workspace": listings.experiments,
    "clusters.create": clusters.created,
    "clusters.get": clusters.got,
    "clusters.delete": clusters.deleted,
    "clusters.update": clusters.updated,
    "clusters.list": clusters.listed,
    "clusters.list_by_workspace": clusters.listed,
    "clusters.list_by_resource_group": clusters.listed,
    "clusters.list_remote_login_information": clusters.logins,
    "jobs.create": jobs.created,
    "jobs.get": jobs.got,
    "jobs.delete": jobs.deleted,
    "jobs.terminate": jobs.terminated,
    "jobs.list": jobs.listed,
    "jobs.list_by_experiment": jobs.listed,
    "jobs.list_by_resource_group": jobs.listed,
    "jobs.list_output_files": outputs.files,
    "jobs.list_remote_login_information": listings.logins,
    "usages.list": listings.usages,
    "operations.list": listings.operations,
}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of a unit: new texts by path and cell, new files, findings; or the reason why it stayed."""

    cells: Mapping[str, Mapping[int | None, str]]
    new_files: Mapping[str, bytes]
    notes: tuple[tuple[Where, Verdict], ...]
    reason: tuple[Where, Verdict] | None = None
    wanted: Mapping[str, list[Wanted]] = field(default_factory=dict)


def rewrite(program: Program, files: list[str], settings: Settings, secrets: Secrets | None = None) -> Rewritten:
    """Rewrite the files of a unit for the SDK that the settings name."""
    ctx = Context(program, files, settings, secrets or Secrets())
    try:
        _check_whole(ctx)
        done = _inner_calls(ctx)
        _words(ctx)
        _parameters(ctx)
        _convert_storage(ctx)
        _calls(ctx, done)
        pollers.convert_late(ctx)
        _finish(ctx)
    except Unconvertible as error:
        return Rewritten({}, {}, (), (ctx.at, Verdict("manual", error.rule, error.reason, "error")))
    except (Unprintable, NoToolkit) as error:
        return Rewritten({}, {}, (), (ctx.at, Verdict("manual", "BAI802", str(error), "error")))
    cells = {
        path: {cell.index: work.cell_edits(cell).render() for cell in work.source.cells}
        for path, work in ctx.work.items()
    }
    return Rewritten(cells, ctx.new_files, tuple(ctx.notes), wanted=ctx.wanted)


def _check_whole(ctx: Context) -> None:
    """What the files call must be at hand: half of a program cannot be converted."""
    kinds: dict[int, set[str]] = {}
    for record in ctx.program.records:
        if record.cell.path in ctx.work and record.call is not None:
            kinds.setdefault(id(record.node), set()).add(record.op)
            if len(kinds[id(record.node)]) > 1:
                ctx.at = record.cell.where(record.node)
                raise Unconvertible(f"one call does {' and '.join(sorted(kinds[id(record.node)]))}")
    calls = [(record, record.cell.path, "called") for record in ctx.program.records]
    seen = [(read.record, read.cell.path, "looked at") for read in ctx.program.reads]
    for record, there, done in [*calls, *seen]:
        if record.where.path in ctx.work and there not in ctx.program.sources and not record.op.startswith("storage."):
            ctx.at = record.where
            raise Unconvertible(f"{record.op} is {done} in {there}, which was not given: convert both together")


def _inner_calls(ctx: Context) -> set[int]:
    """Secrets, configurations, and the calls that larger expressions hold; the answer is the nodes that are done."""
    _replace_secrets(ctx)
    answers.convert_configuration_reads(ctx)
    done: set[int] = set()
    for record in _records(ctx):
        ctx.at = record.cell.where(record.node)
        nested = record.op in INNER and ctx.site(record).form == "nested"
        if (record.op in FIRST or nested) and id(record.node) not in done:
            done.add(id(record.node))
            (INNER if nested else FIRST)[record.op](ctx, record)
    return done


def _records(ctx: Context) -> list[CallRecord]:
    return [record for record in ctx.program.records if record.cell.path in ctx.work]


def _words(ctx: Context) -> None:
    """Everything that only needs other words: pollers, attributes, exceptions, annotations, states."""
    pollers.convert_polls(ctx)
    answers.convert_reads(ctx)
    exceptions.convert_handlers(ctx)
    workspace.convert_groups(ctx)
    hints.convert_hints(ctx)
    hints.remove_registrations(ctx)
    states.convert_states(ctx)
    for path in ctx.work:
        sweep_variables.convert(ctx, path)


def _parameters(ctx: Context) -> None:
    """The parameter objects of clusters and jobs, each place once."""
    done: set[int] = set()
    for made in ctx.program.models:
        if made.cell.path in ctx.work and id(made.node) not in done:
            done.add(id(made.node))
            ctx.at = made.cell.where(made.node)
            if made.model.name == "ClusterCreateParameters":
                clusters.parameters(ctx, made)
            elif made.model.name == "JobCreateParameters":
                jobs.parameters(ctx, made)


def _calls(ctx: Context, done: set[int]) -> None:
    """The calls of the client and of the recipes' helpers, in the order of the program."""
    passed = done | ctx.built
    for record in _records(ctx):
        ctx.at = record.cell.where(record.node)
        if record.op.startswith("storage.") or "download_and_upload" in record.op or id(record.node) in passed:
            continue
        passed.add(id(record.node))
        handler = HANDLERS.get(record.op)
        if handler is None:
            raise Unconvertible(f"{record.op} is not converted yet")
        handler(ctx, record)


def _finish(ctx: Context) -> None:
    """What depends on all the rest: idle functions, dead text, imports."""
    _workspace_file(ctx)
    for work in ctx.work.values():
        remove_dead_text(ctx, work)
    bodies.remove_functions(ctx)
    for work in ctx.work.values():
        _check_gone(ctx, work)
        rewrite_imports(ctx, work)
    say_leftovers(ctx)


def _workspace_file(ctx: Context) -> None:
    """`.azureml/config.json` for `Workspace.from_config()`, when the program says which workspace it means."""
    for path, work in ctx.work.items():
        if not any(".from_config(" in edits.render() for edits in work.edits.values()):
            continue
        known = {key: set[str]() for key in ("subscription_id", "resource_group", "workspace_name")}
        for record in ctx.program.records:
            client = record.receiver
            if record.cell.path != path or not isinstance(client, Client) or client.kind != "batchai":
                continue
            subscription = client.arguments.get("subscription_id")
            for key, value in (
                ("subscription_id", subscription.value if subscription else None),
                ("resource_group", record.argument("resource_group_name")),
                ("workspace_name", record.argument("workspace_name")),
            ):
                if isinstance(value, Text) and value.known:
                    known[key].add(names.workspace(value.known) if key == "workspace_name" else value.known)
        where = Where(path)
        if all(len(values) == 1 for values in known.values()):
            folder = ctx.program.files.seen_from(path).folder
            content = json.dumps({key: min(values) for key, values in known.items()}, indent=4) + "\n"
            ctx.new_files[posixpath.join(folder, ".azureml", "config.json")] = content.encode()
        else:
            open_keys = ", ".join(key for key, values in known.items() if len(values) != 1)
            detail = f"supply .azureml/config.json; not known from the code: {open_keys}"
            own = ctx.program.files.seen_from(path).read("config.json")
            if own is not None and "workspace_name" not in own:
                detail += "; without it the config.json here is read, which is something else"
                ctx.notes.append((where, Verdict("manual", "BAI140", detail, "error")))
                continue
            ctx.notes.append((where, Verdict("changed", "BAI140", detail, "warning")))


def _check_gone(ctx: Context, work: FileWork) -> None:
    """A variable whose statement went must not be read any more."""
    texts = [edits.render() for edits in work.edits.values()]
    bound = set().union(*(names_bound(text) for text in texts))
    read = set().union(*(names_used(text, reads_only=True) for text in texts))
    for name in sorted((work.gone & read) - bound):
        reads = ((cell, node) for cell in work.source.cells for node in descendants(cell.module, cst.Name))
        left = (cell.where(node) for cell, node in reads if node.value == name and not ctx.edits(cell).touches(node))
        ctx.at = next(left, ctx.at)
        raise Unconvertible(f"'{name}' is read elsewhere, and what it held has no counterpart", "BAI718")


def _replace_secrets(ctx: Context) -> None:
    """Secrets in the user's own code, and those that it reads from settings files, come from the environment."""
    me = ctx.program.interpreter
    for cell, read, secret in me.secret_reads if me else ():
        if cell.path in ctx.work and secret in ctx.secrets.values:
            ctx.edits(cell).replace(read, ctx.printer(cell).environment(ctx.secrets.values[secret]).text)
    for cell in ctx.cells:
        for node in descendants(cell.module, cst.SimpleString):
            value = node.evaluated_value
            if isinstance(value, str) and ctx.secrets.inside(value):
                printed = ctx.printer(cell).text(ctx.without_secrets(Text.literal(value), cell))
                ctx.edits(cell).replace(node, printed.text)


def _convert_storage(ctx: Context) -> None:
    for path in ctx.work:
        done = [job for job in ctx.jobs.values() if job.made.cell.path == path]
        mounts = tuple(dict.fromkeys(mount for job in done for mount in job.mounts))
        needless = {number for job in done for number in job.needless}
        storage.convert_storage(ctx, path, mounts, needless)
