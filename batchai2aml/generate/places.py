"""Where a request goes: the workspace, the compute target, the experiment, the run that it names."""

from __future__ import annotations

import posixpath
import re

from batchai2aml.azureml import names
from batchai2aml.azureml.model import Code
from batchai2aml.batchai.request import Request
from batchai2aml.generate.draft import Draft
from batchai2aml.mapping.types import Verdict
from batchai2aml.text import Text

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""A subscription's id; a name is none."""


def subscription(draft: Draft) -> Code:
    """The subscription: the one that the script chooses, or the one of the environment."""
    known = draft.subscription.known if draft.subscription is not None else ""
    if draft.subscription is not None and (known is None or _GUID.fullmatch(known)):
        return draft.printer.text(draft.text(draft.subscription))
    return draft.printer.environment("AZURE_SUBSCRIPTION_ID")


def open_workspace(draft: Draft, request: Request) -> str:
    """The expression for the workspace of a request."""
    draft.wanted.add("Workspace")
    scope = "name" if request.op.startswith("workspaces.") else "workspace"
    name, group = request.name(scope), request.name("resource_group")  # type: ignore[arg-type]
    if name is None:
        return "Workspace.from_config()"
    made = _get(draft, name, group)
    pairs = {
        (other.name("workspace"), other.name("resource_group"))
        for other in draft.requests
        if "workspace" in other.names
    }
    constant = all(
        variable.default is not None for text in (name, group or name) for variable in draft.variables.python(text)[1]
    )
    if scope == "workspace" and pairs == {(name, group)} and constant:
        return f"{draft.helper('open_workspace', call=made)}()"
    return made


def resource_group(draft: Draft, group: Text | None) -> Code:
    """The resource group: what the command says, or the one of the environment."""
    if group is None:
        return draft.printer.environment("AZURE_RESOURCE_GROUP")
    return draft.printer.text(draft.text(group))


def _get(draft: Draft, name: Text, group: Text | None) -> str:
    from batchai2aml.emit import python

    arguments: list[tuple[str, Code | str]] = [
        ("name", draft.legal(name, names.workspace)),
        ("subscription_id", subscription(draft)),
        ("resource_group", resource_group(draft, group)),
    ]
    return python.call("Workspace.get", arguments, draft.style)


def compute(draft: Draft, request: Request) -> str:
    """The expression for the compute target that a request names."""
    draft.wanted.add("ComputeTarget")
    return f"ComputeTarget(workspace={open_workspace(draft, request)}, name={compute_name(draft, request)})"


def compute_name(draft: Draft, request: Request) -> Code:
    """The name of the cluster that a request is about; a document says none, so the environment does."""
    return draft.name(request, "name", names.compute) or _unnamed(draft, request)


def _unnamed(draft: Draft, request: Request) -> Code:
    detail = "set BATCHAI_CLUSTER to the name of a compute target"
    draft.note(request.where, Verdict("manual", "BAI228", detail, "error"))
    return draft.printer.environment("BATCHAI_CLUSTER")


def job_compute(draft: Draft, request: Request, workspace: str) -> Code:
    """The compute target that a job runs on; its cluster is given by name or by ARM id."""
    draft.wanted.add("ComputeTarget")
    setting = request.get("properties.cluster.id")
    given = setting.written if setting is not None and isinstance(setting.written, Text) else None
    if given is None:
        return Code(f"ComputeTarget(workspace={workspace}, name={_unnamed(draft, request)})")
    if given.known is not None and "/" in given.known:
        given = Text.literal(posixpath.basename(given.known.rstrip("/")))
    elif given.start.startswith("/subscriptions/"):
        last = Text(given.segments[-1:])
        given = last if last.known is None else Text.literal(posixpath.basename(last.known))
    return Code(f"ComputeTarget(workspace={workspace}, name={draft.legal(given, names.compute)})")


def experiment(draft: Draft, request: Request, workspace: str = "") -> str:
    """The experiment that a request names; older versions had none, so it is named after the file."""
    draft.wanted.add("Experiment")
    scope = "name" if request.op.startswith("experiments.") else "experiment"
    name = draft.name(request, scope, names.experiment)  # type: ignore[arg-type]
    if name is None:
        setting = request.get("properties.experimentName")
        if setting is not None and isinstance(setting.written, Text):
            name = draft.legal(setting.written, names.experiment)
    stem = posixpath.basename(draft.source).split(".")[0]
    name = name or draft.printer.string(names.experiment(stem))
    return f"Experiment({workspace or open_workspace(draft, request)}, name={name})"


def run(draft: Draft, request: Request) -> str:
    """The run that a request names."""
    draft.helper("find_run")
    text = request.name("name")
    jobs = [other.name("name") for other in draft.requests if other.op == "jobs.create"]
    if text is not None and text.known is not None and jobs and text not in jobs and all(j and j.known for j in jobs):
        detail = f"no command of {posixpath.basename(draft.source)} submits {text.known}"
        draft.note(request.where, Verdict("changed", "BAI202", detail, "warning"))
    name = draft.name(request, "name") or Code("None")
    return f"find_run({experiment(draft, request)}, {name})"
