"""Findings about a file as a whole: what could not be read, what was recognised and is not read yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from batchai2aml.mapping.ledger import finding
from batchai2aml.mapping.types import Finding
from batchai2aml.place import Where

if TYPE_CHECKING:
    from batchai2aml.readers.python.sources import Source

_IMPORT = re.compile(r"^\s*(?:from|import)\s+azure\.mgmt\.batchai\b", re.M)
_EARLY = re.compile(r"^\s*(?:from\s+azureml\.[\w.]+\s+import\b.*\bBatchAiCompute\b)", re.M)


def unreadable(path: str, message: str, line: int | None) -> Finding:
    """A file, or a cell of one, that is not Python 3 or no notebook."""
    return finding("BAI801", Where(path, None, line or 1), message, "manual")


def unrecognised(source: Source) -> Iterator[Finding]:
    """A file that imports the SDK though nothing that it does with it was recognised."""
    for cell in source.cells:
        found = _IMPORT.search(cell.text)
        if found is not None:
            line = cell.text.count("\n", 0, found.start()) + found.group().count("\n") + 1
            yield finding("BAI909", Where(source.path, cell.index, line), "", "manual")
            return


def others(source: Source) -> Iterator[Finding]:
    """Batch AI by other means: the first Azure ML SDK's own class for it."""
    for cell in source.cells:
        for found in _EARLY.finditer(cell.text):
            line = cell.text.count("\n", 0, found.end()) + 1
            yield finding("BAI728", Where(source.path, cell.index, line), "BatchAiCompute", "manual", "error")
