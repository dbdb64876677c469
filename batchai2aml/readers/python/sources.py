"""A Python file or notebook, parsed cell by cell, with the place of every node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from batchai2aml.place import Where
from batchai2aml.project.notebooks import NotebookCell, read_cells
from batchai2aml.project.text import Decoded, Unreadable, decode
from batchai2aml.readers.python.magics import Masked, mask


@dataclass(eq=False)
class Cell:
    """One part of a file that parses on its own: a whole script, or a code cell."""

    path: str
    index: int | None
    text: str
    module: cst.Module
    magics: Masked | None = None
    _positions: Mapping[cst.CSTNode, CodeRange] | None = None
    _codes: dict[cst.CSTNode, str] = field(default_factory=dict)

    def range(self, node: cst.CSTNode) -> CodeRange:
        """First and last position of a node; lines count from 1, columns from 0."""
        if self._positions is None:
            self._positions = MetadataWrapper(self.module, unsafe_skip_copy=True).resolve(PositionProvider)
        return self._positions[node]

    def where(self, node: cst.CSTNode) -> Where:
        """The place of a node."""
        return Where(self.path, self.index, self.range(node).start.line)

    def code(self, node: cst.CSTNode) -> str:
        """The source of an expression."""
        if node not in self._codes:
            self._codes[node] = self.module.code_for_node(node)
        return self._codes[node]


@dataclass(eq=False)
class Source:
    """A file that may hold Batch AI code. `broken` are its cells that do not parse, with the reason."""

    path: str
    kind: str
    decoded: Decoded
    cells: list[Cell]
    notebook: list[NotebookCell] = field(default_factory=list)
    broken: list[tuple[Where, str]] = field(default_factory=list)


def parse(path: str, data: bytes, notebook: bool) -> Source:
    """
    Read a script or notebook.

    Raises:
        Unreadable: nothing of the file can be read; with line and column where that is known.

    """
    decoded = decode(data, python=not notebook)
    if not notebook:
        return Source(path, "python", decoded, [Cell(path, None, decoded.text, _module(decoded.text))])
    cells = read_cells(decoded.text)
    source = Source(path, "notebook", decoded, [], cells)
    for cell in cells:
        if cell.type != "code":
            continue
        masked = mask(cell.source)
        if masked.cell_magic:
            continue
        try:
            source.cells.append(Cell(path, cell.index, masked.text, _module(masked.text), masked))
        except Unreadable as error:
            source.broken.append((Where(path, cell.index, error.line or 1), error.message))
    return source


def _module(text: str) -> cst.Module:
    if "\r" in text.strip() and "\n" not in text:
        raise Unreadable("ends its lines with CR only, as old Mac OS did; convert the line ends first")
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        column = error.raw_column + 1
        raise Unreadable(_reason(text), error.raw_line, column) from None
    except (RecursionError, ValueError) as error:
        raise Unreadable(f"cannot be parsed: {type(error).__name__}") from None


def _reason(text: str) -> str:
    import re

    if re.search(r"^\s*(print\s+[^(=\s]|exec\s+['\"]|raise\s+\w+\s*,|except\s+[\w.]+\s*,\s*\w+\s*:)", text, re.M):
        return "is Python 2; convert it first (2to3 -w FILE, or python-modernize)"
    return "is not valid Python"
