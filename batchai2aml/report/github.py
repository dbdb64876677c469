"""Workflow commands of GitHub Actions, which become annotations."""

from __future__ import annotations

from batchai2aml.report.places import line_of, path_of
from batchai2aml.scanning import Scan

_LEVEL = {"error": "error", "warning": "warning", "info": "notice"}


def render(scan: Scan, target: str | None) -> str:
    """One `::error file=...::message` a finding."""
    lines = [
        f"::{_LEVEL[found.severity]} file={_value(path_of(scan, found.where.path))},line={line_of(scan, found.where)},"
        f"title={_value(found.rule)}::{_text(found.message)}"
        for found in scan.ledger.findings
        if not found.suppressed
    ]
    return "".join(line + "\n" for line in lines)


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
