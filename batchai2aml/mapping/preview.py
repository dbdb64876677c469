"""A job as the mapping sees it before anything is written: what a scan can say of it."""

from __future__ import annotations

from collections.abc import Iterator

from batchai2aml.azureml.model import Code
from batchai2aml.batchai.model import Operation
from batchai2aml.mapping.body import Body
from batchai2aml.mapping.commands import Surroundings
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.job import Mapped, job
from batchai2aml.mapping.printing import Printer, Unprintable
from batchai2aml.mapping.sources import UPLOADS, Upload, upload
from batchai2aml.mapping.storage import Mount, mounts, named_once
from batchai2aml.mapping.toolkits import NoToolkit
from batchai2aml.text import Text


def preview(operation: Operation, facts: Facts) -> Mapped | None:
    """The estimator for a job with its values as they are; None when the job cannot be mapped."""
    if Body.of(operation.fields).open:
        return None
    try:
        return mapped(operation, facts, lines=facts.settings.target == "v2")
    except (NoToolkit, Unprintable):
        return None


def mapped(operation: Operation, facts: Facts, lines: bool) -> Mapped:
    """
    The run for a job with its values as they are; with `lines`, for a target that takes a line for a shell.

    Raises:
        NoToolkit: the job does not name exactly one toolkit.
        Unprintable: a value is known only elsewhere in the program.

    """
    body = Body.of(operation.fields)
    around = Surroundings(
        named_once([*mounts(body, "properties.mountVolumes", "job"), *_cluster_mounts(operation, facts)]),
        list(_uploads(operation, facts)),
        Code("compute"),
        True,
        facts.files.seen_from(operation.where.path),
        lines,
    )
    return job(body, around, Printer(facts.style, facts.settings, lambda module: None))


def _cluster_mounts(operation: Operation, facts: Facts) -> Iterator[Mount]:
    """The mounts of the clusters in the job's file, or of all when that file makes none."""
    clusters = [op for op in facts.operations if op.op == "clusters.create"]
    here = [op for op in clusters if op.where.path == operation.where.path]
    for cluster in here or clusters:
        yield from mounts(Body.of(cluster.fields), "properties.nodeSetup.mountVolumes", "cluster")


def _uploads(operation: Operation, facts: Facts) -> Iterator[Upload]:
    for op in facts.operations:
        if op.op in UPLOADS and op.where.path == operation.where.path:
            for arguments in (op.arguments, *op.rounds):
                given = {argument.path: Text.of(argument.value) for argument in arguments}
                made = upload(op.index, op.op, given.get)
                if made is not None:
                    yield made
