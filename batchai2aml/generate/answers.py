"""Commands that print something: what the script may ask of it is answered in Batch AI's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from batchai2aml.azureml.model import Binding
from batchai2aml.batchai.request import Request
from batchai2aml.emit.v1 import statements as v1
from batchai2aml.generate.draft import Draft
from batchai2aml.generate.places import compute, run
from batchai2aml.generate.variables import Variable
from batchai2aml.mapping.states import ALLOCATION, EXECUTION, PROVISIONING
from batchai2aml.mapping.types import Verdict
from batchai2aml.text import Text
from batchai2aml.values import Literal


def _words(name: str, states: Mapping[str, tuple[str, ...]], status: str, draft: Draft) -> str:
    """The expression that turns a state of Azure ML into Batch AI's word."""
    pairs = [(new, old) for old, every in states.items() for new in every]
    return f"{draft.helper(name, 'states', pairs=pairs)}.get({status}, {status})"


def job_state(draft: Draft) -> str:
    """Batch AI's word for the state of the run `run`."""
    return _words("JOB_STATES", EXECUTION, "run.get_status()", draft)


def job(draft: Draft) -> str:
    """The expression for what a listing says of the run `run`."""
    name, title, key = (draft.style.string(word) for word in ("name", "id", "executionState"))
    return f"{{{name}: run.display_name, {title}: run.id, {key}: {job_state(draft)}}}"


def names_only(draft: Draft, request: Request, none: bool = False) -> bool:
    """Whether a listing is asked for names alone; what else is asked for, or all of it with `none`, is said."""
    asked = _query(request)
    if asked is None:
        return False
    if asked in _NAMES and not none:
        return True
    detail = f"--query {asked}: the answer of Azure ML has other fields"
    draft.note(request.where, Verdict("manual", "BAI703", detail, "error"))
    return False


def listing(
    draft: Draft, request: Request, every: str, each: str, name: str, whole: str, condition: str = "", line: str = ""
) -> list[str]:
    """
    The lines that print a list: as JSON, as the old command did, or in lines where a table was asked for.

    `every` is what is gone through, `each` the variable for one of it, `name` and `whole` what is said of it, `line`
    what a table says when that is not the name alone.
    """
    names = names_only(draft, request)
    said = name if names else whole
    if not _in_lines(request):
        draft.needed.add("json")
        test = f" if {condition}" if condition else ""
        return [f"print(json.dumps([{said} for {each} in {every}{test}], indent=4, default=str))"]
    shown = f"print({name if names else line or name})"
    if condition:
        return [f"for {each} in {every}:", f"    if {condition}:", f"        {shown}"]
    return [f"for {each} in {every}:", f"    {shown}"]


def _in_lines(request: Request) -> bool:
    """Whether a command was asked for lines of text and not for JSON."""
    given = [flag.value for flag in request.flags if flag.to == "output"]
    return any(isinstance(value, Literal) and value.value in ("table", "tsv") for value in given)


def _query(request: Request) -> str | None:
    """What a command asks for with `--query`, without quotes."""
    asked = request.argument("query")
    return (asked.known or "").strip("'\" ").removeprefix("@.") if asked is not None else None


_NAMES = ("[].name", "[*].name", "[].[name]", "[*].[name]", "[].{name:name}", "[].{Name:name}")
"""Queries for the names of what is listed."""


def job_shown(draft: Draft, request: Request) -> list[str]:
    """`az batchai job show`."""
    asked = _query(request)
    lines = [f"run = {run(draft, request)}"]
    known: dict[str, Callable[[], str]] = {
        "executionState": lambda: job_state(draft),
        "executionInfo.exitCode": lambda: f"int(run.get_status() != {draft.style.string('Completed')})",
        "executionInfo.startTime": lambda: f"run.get_details().get({draft.style.string('startTimeUtc')}, '')",
        "executionInfo.endTime": lambda: f"run.get_details().get({draft.style.string('endTimeUtc')}, '')",
        "jobOutputDirectoryPathSegment": lambda: "run.id",
        "id": lambda: "run.id",
        "name": lambda: "run.display_name",
    }
    whole = "run.get_details()"
    if asked is None:
        name, state, info, code = map(draft.style.string, ("name", "executionState", "executionInfo", "exitCode"))
        added = f"{name}: {known['name']()}, {state}: {known['executionState']()}"
        whole = f"{{**{whole}, {added}, {info}: {{{code}: {known['executionInfo.exitCode']()}}}}}"
    return _shown(draft, request, lines, known, asked, whole)


def cluster_shown(draft: Draft, request: Request) -> list[str]:
    """`az batchai cluster show`."""
    asked = _query(request)
    lines = [f"cluster = {compute(draft, request)}", "status = cluster.get_status().serialize()"]

    def read(key: str) -> str:
        return f"status[{draft.style.string(key)}]"

    counts = read("nodeStateCounts")
    known: dict[str, Callable[[], str]] = {
        "allocationState": lambda: _words("ALLOCATION_STATES", ALLOCATION, read("allocationState"), draft),
        "provisioningState": lambda: _words("PROVISIONING_STATES", PROVISIONING, read("provisioningState"), draft),
        "currentNodeCount": lambda: read("currentNodeCount"),
        "scaleSettings.manual.targetNodeCount": lambda: read("targetNodeCount"),
        "name": lambda: "cluster.name",
        "id": lambda: "cluster.id",
        **{
            f"nodeStateCounts.{state}NodeCount": partial(
                lambda key: f"{counts}[{draft.style.string(key)}]", f"{state}NodeCount"
            )
            for state in ("idle", "running", "preparing", "leaving", "unusable")
        },
    }
    return _shown(draft, request, lines, known, asked, "status")


def _shown(
    draft: Draft,
    request: Request,
    lines: list[str],
    known: Mapping[str, Callable[[], str]],
    asked: str | None,
    whole: str,
) -> list[str]:
    """What a query asks for, also where it asks for a list of one, or the whole answer of Azure ML."""
    asked = asked.strip("[] ") if asked is not None else None
    if asked is not None and asked in known:
        return [*lines, f"print({known[asked]()})"]
    if asked is not None:
        detail = f"--query {asked}: the answer of Azure ML has other fields"
        draft.note(request.where, Verdict("manual", "BAI703", detail, "error"))
    draft.needed.add("json")
    return [*lines, f"print(json.dumps({whole}, indent=4, default=str))"]


def files_listed(draft: Draft, request: Request) -> list[str]:
    """`az batchai job file list`: the run's own files for the logs, the datastore for an output directory."""
    directory = request.argument("outputdirectoryid")
    lines = [f"run = {run(draft, request)}"]
    if directory is None or directory.known == "stdouterr":
        logs = ", ".join(draft.style.string(folder) for folder in ("user_logs/", "azureml-logs/", "logs/"))
        return [
            *lines,
            "for name in run.get_file_names():",
            f"    if name.startswith(({logs})):",
            "        print(name)",
        ]
    output = _output(draft, request, directory.known)
    if output is None:
        shown = directory.known or directory.start
        draft.note(request.where, Verdict("manual", "BAI311", f"no job here has the output directory {shown}", "error"))
        return [*lines, "for name in run.get_file_names():", "    print(name)"]
    binding, kind, reads = output
    own = {variable for variable in reads if variable.default is None and _word(variable.code, str(binding.path))}
    if own and not _is_of(draft, request):
        names = ", ".join(sorted(variable.name for variable in own))
        detail = f"the directory is named after {names}, which each job had its own value of"
        draft.note(request.where, Verdict("manual", "BAI311", detail, "error"))
        return [*lines, "for name in run.get_file_names():", "    print(name)"]
    draft.reads |= reads
    draft.wanted.add("Datastore")
    folder = v1.destination(str(binding.path), "run", draft.style)
    below = request.argument("directory")
    if below is not None and below.known != ".":
        folder += f" + {draft.printer.text(draft.text(Text.join([Text.literal('/'), below])))}"
    store = binding.datastore
    return [
        *lines,
        f"{store} = Datastore.get(run.experiment.workspace, {draft.style.string(store)})",
        f"for name in {v1.listing(store, kind, folder, draft.style)}:",
        "    print(name)",
    ]


def _word(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


def _is_of(draft: Draft, request: Request) -> bool:
    """Whether a command names a job as the command that submits it does."""
    return any(job.request.name("name") == request.name("name") for job in draft.jobs)


def _output(draft: Draft, request: Request, identifier: str | None) -> tuple[Binding, str, frozenset[Variable]] | None:
    """The output directory of the job that a command is about, the kind of its storage, and what the job reads."""
    named = [job for job in draft.jobs if job.request.name("name") == request.name("name")]
    for job in named or draft.jobs:
        for binding in job.mapped.outputs:
            if binding.id == identifier:
                kinds = {mount.datastore: mount.kind for mount in job.mapped.mounts}
                return binding, kinds.get(binding.datastore, "blob"), job.reads
    return None
