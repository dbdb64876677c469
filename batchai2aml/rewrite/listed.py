"""The output directories that a program looks into."""

from __future__ import annotations

from collections.abc import Iterable

from batchai2aml.readers.python.domain import ModelObject
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.text import Text


def directory(listing: CallRecord) -> str | None:
    """The output directory that is listed, as far as it is known; `stdouterr` stands for the run's own files."""
    options = listing.argument("jobs_list_output_files_options")
    identifier = options.slots.get("outputdirectoryid") if isinstance(options, ModelObject) else None
    return identifier.value.known if identifier and isinstance(identifier.value, Text) else None


def of_run(name: str | None) -> bool:
    """Whether a directory is that of the run's own files."""
    return (name or "").lower() == "stdouterr"


def looked_into(records: Iterable[CallRecord]) -> set[str]:
    """All output directories that are listed, or that a metric is read from."""
    found: set[str] = set()
    for record in records:
        name = directory(record) if record.op == "jobs.list_output_files" else None
        if record.op == "helpers.MetricExtractor":
            given = record.argument("output_dir_id")
            name = given.known if isinstance(given, Text) else None
        if name is not None and not of_run(name):
            found.add(name)
    return found
