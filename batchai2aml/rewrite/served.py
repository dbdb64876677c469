"""Sweeps that Azure ML's own service runs (`--sweeps service`): one job, which draws the combinations itself."""

from __future__ import annotations

from batchai2aml.azureml.model import METRIC, METRIC_GOAL
from batchai2aml.emit.sdk import Sweep
from batchai2aml.mapping.sweeps import ONE_BY_ONE
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.sweep_variables import changes


def is_served(ctx: Context, path: str) -> bool:
    """Whether the sweep in a file is left to the service."""
    return ctx.settings.sweeps == "service" and stays(ctx, path) is None


def stays(ctx: Context, path: str) -> str | None:
    """Why the sweep in a file must stay a loop, or None."""
    found = next((ONE_BY_ONE[r.op] for r in ctx.program.records if r.cell.path == path and r.op in ONE_BY_ONE), None)
    if found is None and any(True for cell in ctx.work[path].source.cells for _ in changes(cell)):
        return "the program changes the variables of its jobs one by one"
    return found


def generate(ctx: Context, record: CallRecord, jobs: str, space: str, make: str, count: str | None) -> list[str]:
    """The statements that make the job for all combinations; `count` is how many are drawn, None for all there are."""
    work, sdk = ctx.file(record.cell), ctx.sdk(record.cell)
    detail = (
        f"the service compares the runs by '{METRIC}' and wants it to be small ({METRIC_GOAL}):"
        f" the script must report it, or name another metric and goal"
    )
    ctx.note(record, "BAI712", detail, "manual", "error")
    names, job = work.name("placeholders"), work.again(sdk.job_variable)
    if count is not None:
        return [sdk.sweep(Sweep(names, job, jobs, space, make, "random", count))]
    work.needed.add("math")
    every = f"math.prod(len(tried.values) for tried in {space}.values())"
    return [sdk.sweep(Sweep(names, job, jobs, space, make, "grid", every))]
