"""Workflow commands of GitHub Actions, which become annotations."""

from __future__ import annotations

import os
from pathlib import Path

from batchai2aml.place import Where
from batchai2aml.scanning import Scan

_LEVEL = {"error": "error", "warning": "warning", "info": "notice"}


def render(scan: Scan, target: str | None) -> str:
    """One `::error file=...::message` a finding."""
    lines = [
        f"::{_LEVEL[found.severity]} file={_value(_path(scan, found.where.path))},line={_line(scan, found.where)},"
        f"title={_value(found.rule)}::{_text(found.message)}"
        for found in scan.ledger.findings
        if not found.suppressed
    ]
    return "".join(line + "\n" for line in lines)


def _path(scan: Scan, path: str) -> str:
    """A path as the working directory, which is the repository's in a workflow, sees it."""
    return Path(os.path.relpath(scan.root / path)).as_posix()


def _line(scan: Scan, where: Where) -> int:
    """The line of the file itself: for a notebook that of the JSON text."""
    source = scan.program.sources.get(where.path) if scan.program is not None and where.cell is not None else None
    cell = next((cell for cell in source.notebook if cell.index == where.cell), None) if source is not None else None
    if source is None or cell is None:
        return where.line
    start, stop = cell.source_span
    first = source.decoded.text.count("\n", 0, start) + 1
    spread = source.decoded.text.count("\n", start, stop)
    return first + min(where.line, spread)


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
