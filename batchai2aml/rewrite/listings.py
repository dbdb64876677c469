"""Calls that only look: usages, operations, the workspaces of a subscription, experiments, the nodes of a job."""

from __future__ import annotations

from functools import partial

from batchai2aml.azureml import names
from batchai2aml.azureml.model import Code
from batchai2aml.readers.python.domain import Client
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.jobs import run_of
from batchai2aml.rewrite.naming import legal
from batchai2aml.rewrite.workspace import subscription_of, workspace_of


def usages(ctx: Context, record: CallRecord) -> None:
    """`usages.list(location)`: what the workspace's subscription uses of its limits."""
    location = ctx.argument(record, "location")
    where = None if location is None else ctx.printer(record.cell).code(location)
    ctx.put(record, [], ctx.sdk(record.cell).usages(workspace_of(ctx, record), where))


def operations(ctx: Context, record: CallRecord) -> None:
    """`operations.list()` listed the service's own REST operations."""
    ctx.put(record, [], "[]")


def workspaces(ctx: Context, record: CallRecord) -> None:
    """`workspaces.list()` and `workspaces.list_by_resource_group(group)`."""
    client = record.receiver if isinstance(record.receiver, Client) else None
    group = ctx.argument(record, "resource_group_name")
    listing = ctx.sdk(record.cell).workspaces(
        partial(workspace_of, ctx, record),
        partial(subscription_of, ctx, record, client),
        ctx.printer(record.cell).code(group) if group is not None else None,
    )
    ctx.put(record, [], listing)


def workspace_updated(ctx: Context, record: CallRecord) -> None:
    """`workspaces.update`: only the tags could change."""
    tags = ctx.argument(record, "tags")
    if tags is None or tags.code is None:
        raise Unconvertible("the new tags are not known", "BAI802")
    name = ctx.argument(record, "workspace_name")
    code = legal(ctx, record, name, names.workspace) if name is not None else None
    ctx.answer(record, ctx.sdk(record.cell).workspace_updated(workspace_of(ctx, record), code, Code(tags.code)))


def experiments(ctx: Context, record: CallRecord) -> None:
    """`experiments.list_by_workspace`."""
    ctx.put(record, [], ctx.sdk(record.cell).experiments(workspace_of(ctx, record)))


def logins(ctx: Context, record: CallRecord) -> None:
    """`jobs.list_remote_login_information`: the nodes of the run's compute target that work on it."""
    run = run_of(ctx, record)
    ctx.answer(record, ctx.sdk(record.cell).run_nodes(run, workspace_of(ctx, record)))
