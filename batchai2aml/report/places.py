"""Places as other programs name them: by paths of the working directory and lines of files."""

from __future__ import annotations

import os
from pathlib import Path

from batchai2aml.place import Where
from batchai2aml.scanning import Scan


def path_of(scan: Scan, path: str) -> str:
    """A path as the working directory, which is the repository's in a workflow, sees it."""
    return Path(os.path.relpath(scan.root / path)).as_posix()


def line_of(scan: Scan, where: Where) -> int:
    """The line of the file itself: for a notebook that of the JSON text."""
    source = scan.program.sources.get(where.path) if scan.program is not None and where.cell is not None else None
    cell = next((cell for cell in source.notebook if cell.index == where.cell), None) if source is not None else None
    if source is None or cell is None:
        return where.line
    start, stop = cell.source_span
    first = source.decoded.text.count("\n", 0, start) + 1
    spread = source.decoded.text.count("\n", start, stop)
    return first + min(where.line, spread)
