"""Calls that only look: usages, operations, the workspaces of a subscription, experiments, the nodes of a job."""

from __future__ import annotations

from batchai2aml.readers.python.domain import Client
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.jobs import run_of
from batchai2aml.rewrite.workspace import subscription_of, workspace_of


def usages(ctx: Context, record: CallRecord) -> None:
    """`usages.list(location)`: what the workspace's subscription uses of its limits."""
    ctx.file(record.cell).wanted.add("AmlCompute")
    location = ctx.argument(record, "location")
    where = "" if location is None else f", location={ctx.printer(record.cell).code(location)}"
    ctx.put(record, [], f"AmlCompute.list_usages({workspace_of(ctx, record)}{where})")


def operations(ctx: Context, record: CallRecord) -> None:
    """`operations.list()` listed the service's own REST operations."""
    ctx.put(record, [], "[]")


def workspaces(ctx: Context, record: CallRecord) -> None:
    """`workspaces.list()` and `workspaces.list_by_resource_group(group)`."""
    work = ctx.file(record.cell)
    work.wanted.add("Workspace")
    client = record.receiver if isinstance(record.receiver, Client) else None
    words = [str(subscription_of(ctx, record, client))]
    group = ctx.argument(record, "resource_group_name")
    if group is not None:
        words.append(f"resource_group={ctx.printer(record.cell).code(group)}")
    found, each = work.again("found"), work.again("workspace")
    listing = f"Workspace.list({', '.join(words)})"
    ctx.put(record, [], f"[{each} for {found} in {listing}.values() for {each} in {found}]")


def workspace_updated(ctx: Context, record: CallRecord) -> None:
    """`workspaces.update`: only the tags could change."""
    tags = ctx.argument(record, "tags")
    if tags is None or tags.code is None:
        raise Unconvertible("the new tags are not known", "BAI802")
    workspace = workspace_of(ctx, record)
    ctx.put(record, [f"{workspace}.update(tags={tags.code})"], workspace)


def experiments(ctx: Context, record: CallRecord) -> None:
    """`experiments.list_by_workspace`."""
    ctx.file(record.cell).wanted.add("Experiment")
    ctx.put(record, [], f"Experiment.list({workspace_of(ctx, record)})")


def logins(ctx: Context, record: CallRecord) -> None:
    """`jobs.list_remote_login_information`: the nodes of the run's compute target that work on it."""
    work = ctx.file(record.cell)
    work.wanted.add("ComputeTarget")
    run, node = run_of(ctx, record), work.again("node")
    target = f"ComputeTarget({workspace_of(ctx, record)}, {run}.get_details()[{work.style.string('target')}])"
    key = work.style.string("runId")
    ctx.put(record, [], f"[{node} for {node} in {target}.list_nodes() if {node}.get({key}) == {run}.id]")
