"""What each request becomes: one handler for each operation (MAPPING part 3, SDK v1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from batchai2aml.azureml import names
from batchai2aml.azureml.model import Code
from batchai2aml.batchai.request import Request
from batchai2aml.emit import python
from batchai2aml.emit.templates import render
from batchai2aml.emit.v1 import statements as v1
from batchai2aml.emit.v1 import wanted
from batchai2aml.generate import answers, jobs
from batchai2aml.generate.draft import Draft, slug
from batchai2aml.generate.places import (
    compute,
    compute_name,
    experiment,
    open_workspace,
    resource_group,
    run,
    subscription,
)
from batchai2aml.mapping import compute as mapping
from batchai2aml.mapping.types import Verdict
from batchai2aml.text import Text

Handler: TypeAlias = Callable[[Draft, Request], list[str]]


def workspace_created(draft: Draft, request: Request) -> list[str]:
    """`az batchai workspace create`."""
    draft.wanted.add("Workspace")
    setting = request.get("location")
    written = setting.written if setting is not None and isinstance(setting.written, Text) else None
    location = request.argument("location") or written
    arguments: list[tuple[str, Code | str]] = [
        ("name", draft.name(request, "name", names.workspace) or Code("None")),
        ("subscription_id", subscription(draft)),
        ("resource_group", resource_group(draft, request.name("resource_group"))),
    ]
    if location is not None:
        arguments.append(("location", draft.printer.text(draft.text(location))))
    arguments += [("create_resource_group", "True"), ("exist_ok", "True")]
    return [python.call("Workspace.create", arguments, draft.style)]


def workspace_shown(draft: Draft, request: Request) -> list[str]:
    """`az batchai workspace show`."""
    draft.needed.add("json")
    return [f"print(json.dumps({open_workspace(draft, request)}.get_details(), indent=4, default=str))"]


def workspaces_listed(draft: Draft, request: Request) -> list[str]:
    """`az batchai workspace list`."""
    draft.wanted.add("Workspace")
    group = draft.name(request, "resource_group")
    given = f"{subscription(draft)}" + (f", resource_group={group}" if group is not None else "")
    return answers.listing(draft, request, f"Workspace.list({given})", "name", "name", _named(draft, "name"))


def workspace_deleted(draft: Draft, request: Request) -> list[str]:
    """`az batchai workspace delete`."""
    return [f"{open_workspace(draft, request)}.delete(delete_dependent_resources=False, no_wait=False)"]


def cluster_created(draft: Draft, request: Request) -> list[str]:
    """`az batchai cluster create`."""
    draft.wanted |= {"AmlCompute", "ComputeTarget", "ComputeTargetException"}
    largest = max((jobs.nodes(job) for job in draft.requests if job.op == "jobs.create"), default=0)
    made = mapping.compute(draft.body(request), largest or None, draft.printer)
    draft.check.append(wanted.of_compute(made))
    name = compute_name(draft, request)
    return [
        f"ws = {open_workspace(draft, request)}",
        f"parameters = {v1.compute(made, draft.style)}",
        render(
            "v1/compute",
            draft.style.quote,
            variable="cluster",
            workspace="ws",
            name=name,
            configuration="parameters",
            again=False,
        ),
    ]


def cluster_updated(draft: Draft, request: Request) -> list[str]:
    """`az batchai cluster resize` and `auto-scale`."""
    arguments = v1.scale(mapping.scale_update(draft.body(request), draft.printer))
    return [f"{compute(draft, request)}.update({', '.join(f'{name}={value}' for name, value in arguments)})"]


def cluster_deleted(draft: Draft, request: Request) -> list[str]:
    """`az batchai cluster delete`."""
    lines = [f"cluster = {compute(draft, request)}", "cluster.delete()"]
    if not _asked(request, "no_wait"):
        lines.append("cluster.wait_for_completion(show_output=True, is_delete_operation=True)")
    return lines


def _asked(request: Request, to: str) -> bool:
    return any(flag.to == to for flag in request.flags)


def clusters_listed(draft: Draft, request: Request) -> list[str]:
    """`az batchai cluster list`."""
    draft.wanted.add("ComputeTarget")
    every = f"ComputeTarget.list({open_workspace(draft, request)})"
    of_kind = f"target.type == {draft.style.string('AmlCompute')}"
    return answers.listing(draft, request, every, "target", "target.name", "target.serialize()", of_kind)


def nodes_listed(draft: Draft, request: Request) -> list[str]:
    """`az batchai cluster node list`."""
    answers.names_only(draft, request, none=True)
    return [f"for node in {compute(draft, request)}.list_nodes():", "    print(node)"]


def experiment_made(draft: Draft, request: Request) -> list[str]:
    """`az batchai experiment create` and `show`."""
    return [f"print({experiment(draft, request)}.name)"]


def experiments_listed(draft: Draft, request: Request) -> list[str]:
    """`az batchai experiment list`."""
    draft.wanted.add("Experiment")
    every = f"Experiment.list({open_workspace(draft, request)})"
    name = "experiment.name"
    return answers.listing(draft, request, every, "experiment", name, _named(draft, name))


def _named(draft: Draft, name: str) -> str:
    return f"{{{draft.style.string('name')}: {name}}}"


def experiment_deleted(draft: Draft, request: Request) -> list[str]:
    """`az batchai experiment delete`."""
    return ["# BAI144: an experiment with runs cannot be deleted", f"{experiment(draft, request)}.archive()"]


def job_terminated(draft: Draft, request: Request) -> list[str]:
    """`az batchai job terminate`."""
    lines = [f"run = {run(draft, request)}", "run.cancel()"]
    return lines if _asked(request, "no_wait") else [*lines, "run.wait_for_completion(raise_on_error=False)"]


def job_deleted(draft: Draft, request: Request) -> list[str]:
    """`az batchai job delete`."""
    return ["# BAI708: a run cannot be deleted with SDK v1; delete it in the studio or keep it", "pass"]


def jobs_listed(draft: Draft, request: Request) -> list[str]:
    """`az batchai job list`."""
    every = f"{experiment(draft, request)}.get_runs()"
    name = "run.display_name"
    line = f"{name}, {answers.job_state(draft)}"
    return answers.listing(draft, request, every, "run", name, answers.job(draft), line=line)


def job_waited(draft: Draft, request: Request) -> list[str]:
    """`az batchai job wait`: a run that fails ends the script, as the command did."""
    return [f"run = {run(draft, request)}", "run.wait_for_completion()"]


def job_streamed(draft: Draft, request: Request) -> list[str]:
    """`az batchai job file stream`."""
    return [f"run = {run(draft, request)}", "run.wait_for_completion(show_output=True, raise_on_error=False)"]


def job_nodes(draft: Draft, request: Request) -> list[str]:
    """`az batchai job node list`."""
    answers.names_only(draft, request, none=True)
    draft.wanted.add("ComputeTarget")
    key, target = draft.style.string("runId"), draft.style.string("target")
    return [
        f"run = {run(draft, request)}",
        f"cluster = ComputeTarget(workspace=run.experiment.workspace, name=run.get_details()[{target}])",
        "for node in cluster.list_nodes():",
        f"    if node.get({key}) == run.id:",
        "        print(node)",
    ]


def usages_listed(draft: Draft, request: Request) -> list[str]:
    """`az batchai list-usages`."""
    draft.wanted.add("AmlCompute")
    location = request.argument("location")
    where = f", location={draft.printer.text(draft.text(location))}" if location is not None else ""
    return [f"for usage in AmlCompute.list_usages({open_workspace(draft, request)}{where}):", "    print(usage)"]


def by_hand(draft: Draft, request: Request) -> list[str]:
    """A command without a counterpart: the step says so when it is run."""
    rule, what = _BY_HAND.get(request.op, ("BAI806", "is not a command of az batchai"))
    text = f"{rule}: {request.op} {what}"
    return [f"print({draft.style.string(text)}, file=sys.stderr)"]


_BY_HAND = {
    "file_servers.create": ("BAI145", "has no counterpart: rebuild the file server as Blob or Files storage"),
    "file_servers.get": ("BAI145", "has no counterpart: there is no file server"),
    "file_servers.delete": ("BAI145", "has no counterpart: there is no file server"),
    "file_servers.list_by_workspace": ("BAI145", "has no counterpart: there are no file servers"),
    "clusters.exec": ("BAI705", "has no counterpart: ssh to a node that compute.list_nodes() shows"),
    "jobs.exec": ("BAI705", "has no counterpart: ssh to a node that compute.list_nodes() shows"),
    "clusters.list_files": ("BAI116", "has no counterpart: there is no setup task, so it writes nothing"),
}

HANDLERS: Mapping[str, Handler] = {
    "workspaces.create": workspace_created,
    "workspaces.get": workspace_shown,
    "workspaces.list": workspaces_listed,
    "workspaces.delete": workspace_deleted,
    "clusters.create": cluster_created,
    "clusters.update": cluster_updated,
    "clusters.get": answers.cluster_shown,
    "clusters.delete": cluster_deleted,
    "clusters.list_by_workspace": clusters_listed,
    "clusters.list_remote_login_information": nodes_listed,
    "experiments.create": experiment_made,
    "experiments.get": experiment_made,
    "experiments.list_by_workspace": experiments_listed,
    "experiments.delete": experiment_deleted,
    "jobs.create": jobs.created,
    "jobs.get": answers.job_shown,
    "jobs.list_by_experiment": jobs_listed,
    "jobs.terminate": job_terminated,
    "jobs.delete": job_deleted,
    "jobs.wait": job_waited,
    "jobs.stream_file": job_streamed,
    "jobs.list_output_files": answers.files_listed,
    "jobs.list_remote_login_information": job_nodes,
    "usages.list": usages_listed,
}

_VERBS = {
    "workspaces.create": "create_workspace",
    "workspaces.get": "show_workspace",
    "workspaces.list": "list_workspaces",
    "workspaces.delete": "delete_workspace",
    "clusters.create": "create_cluster",
    "clusters.update": "scale_cluster",
    "clusters.get": "show_cluster",
    "clusters.delete": "delete_cluster",
    "clusters.list_by_workspace": "list_clusters",
    "clusters.list_remote_login_information": "list_nodes",
    "clusters.list_files": "list_setup_files",
    "clusters.exec": "run_on_node",
    "experiments.create": "create_experiment",
    "experiments.get": "show_experiment",
    "experiments.list_by_workspace": "list_experiments",
    "experiments.delete": "delete_experiment",
    "jobs.create": "submit",
    "jobs.get": "show",
    "jobs.list_by_experiment": "list_jobs",
    "jobs.terminate": "terminate",
    "jobs.delete": "delete",
    "jobs.wait": "wait_for",
    "jobs.stream_file": "stream",
    "jobs.list_output_files": "list_files_of",
    "jobs.list_remote_login_information": "list_nodes_of",
    "jobs.exec": "run_on_node_of",
    "file_servers.create": "create_file_server",
    "file_servers.get": "show_file_server",
    "file_servers.delete": "delete_file_server",
    "file_servers.list_by_workspace": "list_file_servers",
    "usages.list": "list_usages",
}
"""The beginning of a step's name."""


def write(draft: Draft, request: Request, about: str) -> str:
    """
    Add the step of a request to a script; the answer is its name.

    Raises:
        Unprintable, NoToolkit: a job cannot be converted.

    """
    handler = HANDLERS.get(request.op, by_hand)
    lines = handler(draft, request)
    if handler is by_hand:
        draft.note(request.where, Verdict("manual", _BY_HAND.get(request.op, ("BAI806",))[0], request.op, "error"))
    text = request.name("name")
    known = text.known or "" if text is not None else ""
    name = "" if draft.variables.secrets.inside(known) else slug(known)
    verb = _VERBS.get(request.op, "unknown_command")
    return draft.step(request, f"{verb}_{name}" if name else verb, about, lines).name
