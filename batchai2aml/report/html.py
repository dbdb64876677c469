"""The migration report as one HTML page that needs nothing else."""

from __future__ import annotations

from batchai2aml.emit.templates import page
from batchai2aml.report.capabilities import capabilities
from batchai2aml.report.groups import detail, groups, headline
from batchai2aml.scanning import Scan
from batchai2aml.values import to_text


def render(scan: Scan, target: str | None) -> str:
    """Summary, files, findings by rule, capabilities that the project uses, and the whole ledger."""
    return page(
        "report.html",
        headline=headline(scan),
        files=[(file.path, file.outcome, file.error.message if file.error else "") for file in scan.files],
        groups=[
            (group, [(str(found.where), detail(found, group.rule)) for found in group.findings])
            for group in groups(scan)
        ],
        capabilities=capabilities(scan.operations),
        ledger=[
            (entry, "" if entry.value is None else to_text(entry.value), entry.v2 if target == "v2" else entry.v1)
            for entry in scan.ledger.entries
        ],
    )
