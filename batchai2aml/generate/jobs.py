"""`az batchai job create`, and job documents: an estimator and its submission."""

from __future__ import annotations

import ast
import json
import posixpath
from dataclasses import replace

from batchai2aml.azureml import sizes
from batchai2aml.azureml.model import PLAN_VARIABLE, Binding, Code, Datastore, Job
from batchai2aml.batchai.request import Request, Setting
from batchai2aml.emit import az, python
from batchai2aml.emit.templates import launcher as launcher_file
from batchai2aml.emit.v1 import statements as v1
from batchai2aml.emit.v1 import wanted
from batchai2aml.generate.draft import Draft, Sent
from batchai2aml.generate.places import experiment, job_compute, open_workspace
from batchai2aml.mapping.commands import Surroundings
from batchai2aml.mapping.job import LAUNCHER, Mapped, job
from batchai2aml.mapping.printing import Unprintable
from batchai2aml.mapping.sources import UPLOADS, Upload, upload
from batchai2aml.mapping.storage import Mount, mounts, named_once
from batchai2aml.mapping.types import Verdict
from batchai2aml.project.secrets import storage_key
from batchai2aml.text import Text


def nodes(request: Request) -> int:
    """The number of nodes that a job asks for, or 0 when it is not written out."""
    found = request.get("properties.nodeCount")
    return found.written if found is not None and isinstance(found.written, int) else 0


def created(draft: Draft, request: Request) -> list[str]:
    """The estimator, what it needs, and the submission."""
    workspace = open_workspace(draft, request)
    body = draft.body(request)
    around = Surroundings(
        named_once([*mounts(body, "properties.mountVolumes", "job"), *_cluster_mounts(draft, request)]),
        _uploads(draft),
        job_compute(draft, request, "ws"),
        _has_gpu(draft),
        draft.files,
    )
    mapped = job(body, around, draft.printer)
    draft.notes += [(request.where, note) for note in mapped.notes if note.severity == "error"]
    draft.jobs.append(Sent(request, mapped, frozenset(draft.reads)))
    if mapped.local is not None and draft.files.read(mapped.local) is None:
        detail = f"{mapped.local} is not in the project: it must be there, or be fetched, before this step"
        draft.note(request.where, Verdict("changed", "BAI521", detail, "warning"))
    made = mapped.job
    lines = [f"ws = {workspace}"]
    used = {binding.datastore for binding in (*made.bindings, *_listed(draft, mapped))}
    for mount in mapped.mounts:
        if mount.datastore in used:
            used.discard(mount.datastore)
            lines.append(_datastore(draft, mount))
    draft.wanted |= v1.names(made)
    if made.launcher is not None:
        made, plan = _planned(draft, made, request)
        lines += plan
    before, value = v1.job(made, "script_params", draft.style)
    draft.check += wanted.of_job(made, draft.style)
    lines += [*before, f"estimator = {value}"]
    several = v1.several_processes(made, draft.style)
    if several is not None:
        draft.wanted.add("PyTorchConfiguration")
        lines.append(v1.processes(several, "estimator"))
    lines.append(f"run = {experiment(draft, request, 'ws')}.submit(estimator{_tags(draft, request)})")
    name = draft.name(request, "name")
    if name is not None:
        lines.append(f"run.display_name = {name}")
        if _looked_for(draft, request):
            draft.helper("find_run")
            lines.append(f"SUBMITTED[{name}] = run")
    return [*lines, *_told(draft, request, name)]


def _told(draft: Draft, request: Request, name: Code | None) -> list[str]:
    """What the step prints: JSON, as the command did, or the one value that it was asked for."""
    asked = request.argument("query")
    wanted_name = (asked.known or "").strip() if asked is not None else None
    if wanted_name == "id" or (wanted_name == "name" and name is not None):
        return [f"print({'run.id' if wanted_name == 'id' else name})"]
    draft.needed.add("json")
    said = {"id": "run.id", "name": name, "executionState": draft.style.string("queued")}
    shown = ", ".join(f"{draft.style.string(key)}: {value}" for key, value in said.items() if value is not None)
    return [f"print(json.dumps({{{shown}}}))"]


def _looked_for(draft: Draft, request: Request) -> bool:
    """Whether another command is about the run of a job."""
    same = [other.op for other in draft.requests if other.name("name") == request.name("name")]
    return any(op.startswith("jobs.") and op not in ("jobs.create", "jobs.delete", "jobs.exec") for op in same)


def _listed(draft: Draft, mapped: Mapped) -> list[Binding]:
    """The output directories that other commands look into, whether an argument uses them or not."""
    asked = {found.known for other in draft.requests if (found := other.argument("outputdirectoryid")) is not None}
    return [binding for binding in mapped.outputs if binding.id in asked]


def _tags(draft: Draft, request: Request) -> str:
    found = {s.path[5:]: draft.printer.code(draft.given(s)) for s in request.settings if s.path.startswith("tags.")}
    items = ", ".join(f"{draft.printer.string(key)}: {value}" for key, value in found.items())
    return f", tags={{{items}}}" if items else ""


def _cluster_mounts(draft: Draft, request: Request) -> list[Mount]:
    """The mounts of the cluster that a job runs on: the one that it names, or all when it cannot be told."""
    clusters = [other for other in draft.requests if other.op == "clusters.create"]
    wanted_name = request.get("properties.cluster.id")
    named = [c for c in clusters if wanted_name is not None and c.name("name") == wanted_name.written]
    found: list[Mount] = []
    for cluster in (named or clusters)[-1:]:
        found += mounts(draft.body(cluster), "properties.nodeSetup.mountVolumes", "cluster")
    return found


def _uploads(draft: Draft) -> list[Upload]:
    found: list[Upload] = []
    for number, request in enumerate(draft.requests):
        if request.op in UPLOADS:
            for arguments in (request.arguments, *request.rounds):
                given = {setting.path: draft.text(_text(setting)) for setting in arguments}
                made = upload(number, request.op, given.get)
                if made is not None:
                    found.append(made)
    return found


def _text(setting: Setting) -> Text:
    return setting.written if isinstance(setting.written, Text) else Text.literal(str(setting.written))


def _has_gpu(draft: Draft) -> bool:
    """Whether the cluster has GPUs; True when the size is not known."""
    given = [request.get("properties.vmSize") for request in draft.requests if request.op == "clusters.create"]
    known = [_text(setting).known for setting in given if setting is not None]
    return any(sizes.has_gpu(size) for size in known if size) if any(known) else True


def _datastore(draft: Draft, mount: Mount) -> str:
    """The registration of the storage behind a mount."""
    draft.wanted.add("Datastore")
    name, printer = mount.datastore, draft.printer
    if mount.kind == "placeholder":
        empty = Code("")
        told = f"# BAI307: copy the data of the mount '{mount.name}' into blob or file storage and register that\n"
        return told + v1.datastore(Datastore(name, name, "placeholder", empty, empty, empty), "ws", draft.style)
    variable = storage_key(mount.account.known, draft.accounts)
    store = Datastore(
        name,
        name,
        "blob" if mount.kind == "blob" else "file",
        printer.text(mount.account),
        printer.text(mount.container),
        printer.environment(variable),
        endpoint=mount.endpoint,
    )
    draft.check.append(wanted.of_datastore(store, draft.style))
    return v1.datastore(store, "ws", draft.style)


def _planned(draft: Draft, made: Job, request: Request) -> tuple[Job, list[str]]:
    """
    The job with what its launcher needs: a file beside the script, where everything is known and no other job's lies.

    Else the plan goes into the run's environment, as the script runs.
    """
    assert made.launcher is not None
    folder = ast.literal_eval(made.source_directory.text)
    here = draft.files.folder
    at = posixpath.normpath(posixpath.join(here, folder))
    if at.startswith(".."):
        raise Unprintable("the folder of the script is outside the project, and the launcher must stand there")
    draft.new_files[posixpath.normpath(posixpath.join(at, LAUNCHER))] = launcher_file()
    plan = python.plan(made.launcher, "launch", "", draft.style)
    path = posixpath.normpath(posixpath.join(at, "batchai_launch.json"))
    try:
        content = json.dumps(az.launch_plan(made.launcher), indent=4) + "\n"
    except az.OnlyAtRun:
        content = None
    if (
        content is not None
        and at not in draft.busy
        and draft.plans.setdefault(path, content.encode()) == content.encode()
    ):
        draft.new_files[path] = content.encode()
        return made, []
    draft.needed.add("json")
    entry = (draft.printer.string(PLAN_VARIABLE), Code("json.dumps(launch)"))
    given = made.environment if isinstance(made.environment, tuple) else ()
    return replace(made, environment=(*given, entry)), [plan]
