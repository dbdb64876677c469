"""What each request becomes as commands of `az ml` (MAPPING 3.10): words, with the script's own variables in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from batchai2aml.azureml import names
from batchai2aml.azureml.model import Code
from batchai2aml.batchai.request import Request, Scope, Setting
from batchai2aml.emit.v2.words import pieces
from batchai2aml.mapping.printing import Unprintable
from batchai2aml.mapping.types import Verdict
from batchai2aml.plan.files import path_of
from batchai2aml.plan.model import Plan, Resource
from batchai2aml.project.secrets import BY_KEY
from batchai2aml.text import Segment, Text
from batchai2aml.values import Literal


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command; one that stands `as_is` is code for the shell, within double quotes."""

    text: Text
    as_is: bool = False


Words: TypeAlias = tuple[Word, ...]
"""One command."""


@dataclass(eq=False)
class Around:
    """
    What the commands for a request are made of.

    `plan` has the files that they name, `index` is the request's operation there; `variable` writes an environment
    variable as the script does, `path` a file of the project as seen from where the command runs. `substitution` is
    how the script begins a command whose output is a word, empty where it has no such thing.
    """

    plan: Plan
    index: int
    variable: Callable[[str], Text]
    path: Callable[[str], str]
    substitution: str
    notes: list[Verdict] = field(default_factory=list)


def _words(*texts: str | Text | Word) -> Words:
    plain = (Text.literal(text) if isinstance(text, str) else text for text in texts)
    return tuple(Word(text) if isinstance(text, Text) else text for text in plain)


def _name(request: Request, scope: Scope, legal: Callable[[str], str] | None = None) -> Text | None:
    """One of the names of a request; the script's own words unless Azure ML would refuse them."""
    text = request.name(scope)
    known = text.known if text is not None else None
    if text is None or known is None or legal is None or legal(known) == known:
        return text
    return Text.literal(legal(known))


def _needed(request: Request, scope: Scope, legal: Callable[[str], str] | None = None) -> Text:
    found = _name(request, scope, legal)
    if found is None or not found.segments:
        raise Unprintable(f"the command does not say the {scope.replace('_', ' ')}")
    return found


def _place(request: Request) -> Words:
    """The resource group and the workspace, as far as the command says them."""
    group, workspace = _name(request, "resource_group"), _name(request, "workspace", names.workspace)
    return (
        *(_words("-g", group) if group is not None else ()),
        *(_words("-w", workspace) if workspace is not None else ()),
    )


_KEPT = {"output": "-o", "no_wait": "--no-wait", "yes": "--yes"}


def _flags(request: Request, *wanted: str) -> Words:
    """Options that `az ml` has, too."""
    found: list[str] = []
    for flag in request.flags:
        if flag.to in wanted and flag.to in _KEPT:
            found.append(_KEPT[flag.to])
            if flag.to == "output" and isinstance(flag.value, Literal):
                found.append(str(flag.value.value))
    return _words(*found)


def _query(request: Request, known: Mapping[str, str], around: Around) -> Words:
    """What the command asks of the answer, in the words of Azure ML's."""
    asked = request.argument("query")
    if asked is None:
        return ()
    said = (asked.known or "").strip("'\" ")
    if said not in known:
        detail = f"--query {said}: the answer of Azure ML has other fields"
        around.notes.append(Verdict("manual", "BAI703", detail, "error"))
        return _words("--query", asked)
    return _words("--query", known[said])


_ENDED = "(status=='Failed' || status=='Canceled')"
_STATE = (
    f"status=='Completed' && 'succeeded' || {_ENDED} && 'failed' || status=='CancelRequested' && 'terminating'"
    " || (status=='Running' || status=='Finalizing') && 'running' || 'queued'"
)
"""The state of a job in Batch AI's words, which the script around the command compares."""
_OF_JOB = {
    "executionState": _STATE,
    "executionInfo.exitCode": "status=='Completed' && '0' || '1'",
    "executionInfo.startTime": "creation_context.created_at",
    "name": "display_name",
    "id": "name",
    "jobOutputDirectoryPathSegment": "name",
}
_OF_COMPUTE = {
    "provisioningState": "provisioning_state",
    "name": "name",
    "id": "id",
    "vmSize": "size",
    "location": "location",
    "scaleSettings.manual.targetNodeCount": "max_instances",
    "scaleSettings.autoScale.minimumNodeCount": "min_instances",
    "scaleSettings.autoScale.maximumNodeCount": "max_instances",
}
_OF_LIST = {"[].name": "[].name", "[*].name": "[].name", "[].id": "[].id"}


def workspace_created(request: Request, around: Around) -> list[Words]:
    """`az batchai workspace create`."""
    setting = request.get("location")
    written = setting.written if setting is not None and isinstance(setting.written, Text) else None
    location = request.argument("location") or written
    name = _needed(request, "name", names.workspace)
    where = _words("-l", location) if location is not None else ()
    return [(*_words("az", "ml", "workspace", "create", "-n", name), *_group(request), *where)]


def _group(request: Request) -> Words:
    group = _name(request, "resource_group")
    return _words("-g", group) if group is not None else ()


def workspace_called(verb: str) -> Handler:
    """`az batchai workspace show` and `delete`."""

    def handler(request: Request, around: Around) -> list[Words]:
        name = _needed(request, "name", names.workspace)
        rest = _flags(request, "yes", "no_wait", "output")
        asked = _query(request, {"name": "name", "id": "id", "location": "location"}, around)
        return [(*_words("az", "ml", "workspace", verb, "-n", name), *_group(request), *rest, *asked)]

    return handler


def workspaces_listed(request: Request, around: Around) -> list[Words]:
    """`az batchai workspace list`."""
    asked = _query(request, _OF_LIST, around)
    return [(*_words("az", "ml", "workspace", "list"), *_group(request), *asked, *_flags(request, "output"))]


def cluster_created(request: Request, around: Around) -> list[Words]:
    """`az batchai cluster create`: the file of the plan, and what that does not hold."""
    made = around.plan.asked_by(around.index)
    if made is None:
        raise Unprintable(
            around.plan.reason(request.where) or "the cluster has values that are known only when the script runs"
        )
    name = _needed(request, "name", names.compute)
    own = _words("--name", name) if name.known != made.name or name.code is not None else ()
    return [(*_created("compute", made, request, around), *own)]


def _created(kind: str, made: Resource, request: Request, around: Around, *sets: Text) -> Words:
    found = _words("az", "ml", kind, "create", "--file", around.path(path_of(made)))
    given = [_set(key, variable, request, around) for key, variable in made.given.items()]
    every = _words(*given, *sets)
    rest = _flags(request, "no_wait", "output") if kind in ("compute", "job") else ()
    return (*found, *_place(request), *(_words("--set", *every) if every else ()), *rest)


def _set(key: str, variable: str, request: Request, around: Around) -> Text:
    """`key=value`, with the variable that the command gives its own option by, or with the one of the environment."""
    said = next((found for found in request.settings if _is_given_for(found, key, variable)), None)
    source = said.written if said is not None and isinstance(said.written, Text) else None
    own = source is not None and source.known is None and all(segment.code for segment in source.segments)
    return Text.join([Text.literal(f"{key}="), source if own and source is not None else around.variable(variable)])


def _is_given_for(setting: Setting, key: str, variable: str) -> bool:
    """Whether an option of the command says what a key of the file is set to."""
    last = setting.path.rsplit(".", 1)[-1]
    named = {"account_name": "accountName", "ssh_settings.admin_username": "adminUserName"}
    return BY_KEY.get(last) == variable or named.get(key) == last


def _compute(verb: str, *rest: str) -> Handler:
    """A command about one cluster."""

    def handler(request: Request, around: Around) -> list[Words]:
        name = _needed(request, "name", names.compute)
        asked = _query(request, _OF_COMPUTE, around) if verb == "show" else ()
        more = _flags(request, "yes", "no_wait", "output")
        return [(*_words("az", "ml", "compute", verb, "-n", name), *_place(request), *_words(*rest), *more, *asked)]

    return handler


def cluster_updated(request: Request, around: Around) -> list[Words]:
    """`az batchai cluster resize` and `auto-scale`; a size of 0 keeps the largest, as no job would run otherwise."""
    scale = "properties.scaleSettings."
    target = request.get(f"{scale}manual.targetNodeCount")
    least = request.get(f"{scale}autoScale.minimumNodeCount") or target
    most = request.get(f"{scale}autoScale.maximumNodeCount") or target
    if least is None or most is None:
        raise Unprintable("the new size is not known")
    name = _needed(request, "name", names.compute)
    sizes = _words("--min-instances", _text(least))
    sizes += () if _text(most).known == "0" else _words("--max-instances", _text(most))
    rest = _flags(request, "no_wait", "output")
    return [(*_words("az", "ml", "compute", "update", "-n", name), *_place(request), *sizes, *rest)]


def _text(setting: Setting) -> Text:
    return setting.written if isinstance(setting.written, Text) else Text.literal(str(setting.written))


def clusters_listed(request: Request, around: Around) -> list[Words]:
    """`az batchai cluster list`."""
    asked = _query(request, _OF_LIST, around)
    every = _words("az", "ml", "compute", "list", "--type", "amlcompute")
    return [(*every, *_place(request), *asked, *_flags(request, "output"))]


def job_created(request: Request, around: Around) -> list[Words]:
    """`az batchai job create`: the datastores that the job needs, and the job's file."""
    made = around.plan.asked_by(around.index)
    if made is None:
        raise Unprintable(
            around.plan.reason(request.where) or "the job has values that are known only when the script runs"
        )
    first = list(_stores(made, request, around))
    sets: list[Text] = []
    titles: tuple[tuple[str, Scope], ...] = (("display_name", "name"), ("experiment_name", "experiment"))
    for key, scope in titles:
        text = _name(request, scope)
        if text is not None and (key in made.left_out or _is_of_script(text)):
            sets.append(Text.join([Text.literal(f"{key}="), text]))
    sets += [Text.join([Text.literal(f"{key}="), _text_of(code)]) for key, code in made.late.items()]
    asked = _query(request, {"name": "display_name", "id": "name", "executionState": _STATE}, around)
    return [*first, (*_created("job", made, request, around, *sets), *asked)]


def _is_of_script(text: Text) -> bool:
    """Whether a text holds variables of the script, which may differ by the time of the command."""
    return any(segment.code is not None for segment in text.segments)


def _text_of(code: Code) -> Text:
    """An expression of the script as it writes it."""
    parts = pieces(code)
    return Text(tuple(Segment(part) if isinstance(part, str) else Segment(None, part.text) for part in parts))


def _stores(made: Resource, request: Request, around: Around) -> Iterator[Words]:
    for kind, name in made.needs:
        found = around.plan.of(kind, name) if kind in ("datastore", "environment", "connection") else None
        if found is not None:
            yield _created(kind, found, request, around)


def _lookup(request: Request, around: Around) -> Word:
    """The name that Azure ML gave to the newest job of a display name."""
    if not around.substitution:
        raise Unprintable("the job is named by what the service called it, which this kind of script cannot look up")
    literal, name = Text.literal, _needed(request, "name")
    place = [piece for word in _place(request) for piece in (literal(" "), _inside(word.text))]
    experiment = _name(request, "experiment", names.experiment)
    within = [literal("' && experiment_name=='"), experiment] if experiment is not None else []
    query = [literal(" --query \"[?display_name=='"), name, *within, literal("'].name | [0]\" -o tsv)")]
    return Word(Text.join([literal(f"{around.substitution}az ml job list"), *place, *query]), as_is=True)


def _inside(text: Text) -> Text:
    """A word of the command inside another."""
    known = text.known if text.code is None else None
    plain = known is not None and re.fullmatch(r"[\w.-]+", known)
    return text if plain else Text.join([Text.literal('"'), text, Text.literal('"')])


def _job(verb: str, *rest: str, asks: bool = False) -> Handler:
    """A command about one job."""

    def handler(request: Request, around: Around) -> list[Words]:
        asked = _query(request, _OF_JOB, around) if asks else ()
        if asks and not asked and not _flags(request, "output"):
            detail = "the JSON has Azure ML's fields: status in place of executionState"
            around.notes.append(Verdict("changed", "BAI703", detail, "warning"))
        more = _flags(request, "output") if asks else ()
        whole = _words("az", "ml", "job", verb, "-n", _lookup(request, around))
        return [(*whole, *_place(request), *_words(*rest), *asked, *more)]

    return handler


def job_files(request: Request, around: Around) -> list[Words]:
    """`az batchai job file list`: the files are fetched, as Azure ML cannot list them."""
    if request.argument("query") is not None:
        raise Unprintable("files cannot be listed, only downloaded: az ml job download")
    return _job("download", "--all")(request, around)


def job_deleted(request: Request, around: Around) -> list[Words]:
    """`az batchai job delete`: the command line can only archive."""
    around.notes.append(Verdict("changed", "BAI708", "the job is archived, not deleted", "warning"))
    return _job("archive")(request, around)


def jobs_listed(request: Request, around: Around) -> list[Words]:
    """`az batchai job list`."""
    experiment = _name(request, "experiment", names.experiment)
    asked = request.argument("query")
    said = (asked.known or "").strip("'\" ") if asked is not None else ""
    shown = {"[].name": ".display_name", "[*].name": ".display_name", "": ""}.get(said)
    if shown is None:
        raise Unprintable(f"--query {said}: the answer of Azure ML has other fields")
    literal = Text.literal
    chosen = [literal("[?experiment_name=='"), experiment, literal("']")] if experiment is not None else [literal("[]")]
    query = Text.join([*chosen, literal(shown or "")])
    listing = _words("az", "ml", "job", "list")
    return [(*listing, *_place(request), *_words("--query", query), *_flags(request, "output"))]


def experiments_listed(request: Request, around: Around) -> list[Words]:
    """`az batchai experiment list`."""
    asked = request.argument("query")
    if asked is not None and (asked.known or "") not in ("[].name", "[*].name"):
        around.notes.append(Verdict("manual", "BAI703", f"--query {asked.known}: the answer has other fields", "error"))
    every = _words("az", "ml", "job", "list")
    return [(*every, *_place(request), *_words("--query", "[].experiment_name"), *_flags(request, "output"))]


def usages_listed(request: Request, around: Around) -> list[Words]:
    """`az batchai list-usages`."""
    location = request.argument("location")
    where = _words("-l", location) if location is not None else ()
    return [(*_words("az", "ml", "compute", "list-usage"), *where, *_flags(request, "output"))]


def _said(rule: str, text: str, manual: bool = True) -> Handler:
    """A command without a counterpart: the script says so where it stood."""

    def handler(request: Request, around: Around) -> list[Words]:
        if manual:
            around.notes.append(Verdict("manual", rule, f"{request.op} {text}", "error"))
        return [_words("echo", f"{rule}: {text}")]

    return handler


Handler: TypeAlias = Callable[[Request, Around], "list[Words]"]
_SERVER = _said("BAI145", "Azure ML has no file servers: rebuild it as Blob or Files storage")
_NODE = _said("BAI705", "there is no such command: ssh to a node that az ml compute list-nodes shows")

HANDLERS: Mapping[str, Handler] = {
    "workspaces.create": workspace_created,
    "workspaces.get": workspace_called("show"),
    "workspaces.delete": workspace_called("delete"),
    "workspaces.list": workspaces_listed,
    "clusters.create": cluster_created,
    "clusters.update": cluster_updated,
    "clusters.get": _compute("show"),
    "clusters.delete": _compute("delete"),
    "clusters.list_by_workspace": clusters_listed,
    "clusters.list_remote_login_information": _compute("list-nodes"),
    "clusters.list_files": _said("BAI116", "there is no setup task, so it writes nothing"),
    "clusters.exec": _NODE,
    "experiments.create": _said("BAI143", "an experiment is made by its first job", manual=False),
    "experiments.get": _said("BAI143", "an experiment is the name that its jobs have", manual=False),
    "experiments.list_by_workspace": experiments_listed,
    "experiments.delete": _said("BAI144", "an experiment cannot be deleted, only its jobs archived"),
    "jobs.create": job_created,
    "jobs.get": _job("show", asks=True),
    "jobs.list_by_experiment": jobs_listed,
    "jobs.terminate": _job("cancel"),
    "jobs.delete": job_deleted,
    "jobs.wait": _job("stream"),
    "jobs.stream_file": _job("stream"),
    "jobs.list_output_files": job_files,
    "jobs.list_remote_login_information": _NODE,
    "jobs.exec": _NODE,
    "file_servers.create": _SERVER,
    "file_servers.get": _SERVER,
    "file_servers.delete": _SERVER,
    "file_servers.list_by_workspace": _SERVER,
    "usages.list": usages_listed,
}


def commands(request: Request, around: Around) -> list[Words]:
    """
    The commands that take the place of a request.

    Raises:
        Unprintable: a name or a value is not known there.

    """
    handler = HANDLERS.get(request.op)
    if handler is None:
        raise Unprintable(f"{request.op} has no counterpart in az ml")
    return handler(request, around)
