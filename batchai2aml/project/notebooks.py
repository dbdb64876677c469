"""Jupyter notebooks, format 4: cells in, and changed cells back with the rest of the JSON byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]

from batchai2aml.project.text import Unreadable


@dataclass(frozen=True, slots=True)
class NotebookCell:
    """A cell: its number among all cells, its type and source, and where both parts stand in the file's text."""

    index: int
    type: str
    source: str
    source_span: tuple[int, int]
    outputs_span: tuple[int, int] | None = None
    count_span: tuple[int, int] | None = None
    as_list: bool = True
    indent: str = ""


_SPACE = " \t\r\n"


class _Spans:
    """A JSON reader that remembers where every value stands; keys of an object come as (key, start, end)."""

    def __init__(self, text: str) -> None:
        self.text = text

    def skip(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in _SPACE:
            at += 1
        return at

    def end(self, at: int) -> int:
        """The position after the value that starts at `at`."""
        text = self.text
        if text[at] == '"':
            return int(scanstring(text, at + 1)[1])
        if text[at] not in "{[":
            while at < len(text) and text[at] not in ",]}" + _SPACE:
                at += 1
            return at
        depth = 0
        while True:
            char = text[at]
            if char == '"':
                at = int(scanstring(text, at + 1)[1])
                continue
            depth += (char in "{[") - (char in "}]")
            at += 1
            if not depth:
                return at

    def members(self, at: int) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        at = self.skip(at + 1)
        while self.text[at] != "}":
            key, at = scanstring(self.text, at + 1)
            at = self.skip(self.skip(at) + 1)
            stop = self.end(at)
            found[key] = (at, stop)
            at = self.skip(stop)
            at = self.skip(at + 1) if self.text[at] == "," else at
        return found

    def items(self, at: int) -> list[int]:
        found: list[int] = []
        at = self.skip(at + 1)
        while self.text[at] != "]":
            found.append(at)
            at = self.skip(self.end(at))
            at = self.skip(at + 1) if self.text[at] == "," else at
        return found


def read_cells(text: str) -> list[NotebookCell]:
    """
    The cells of a notebook.

    Raises:
        Unreadable: the text is not JSON (with line and column), or not a notebook of format 4.

    """
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not valid JSON: {error.msg}", error.lineno, error.colno) from None
    except RecursionError:
        raise Unreadable("is nested too deeply to be a notebook") from None
    spans = _Spans(text)
    start = spans.skip(0)
    if text[start] != "{":
        raise Unreadable("is not a Jupyter notebook: no object at the top")
    top = spans.members(start)
    if "cells" not in top or text[top["cells"][0]] != "[":
        raise Unreadable("is not a notebook of format 4 (no list of cells); open and save it with Jupyter first")
    return [_cell(spans, index, at) for index, at in enumerate(spans.items(top["cells"][0])) if text[at] == "{"]


def _cell(spans: _Spans, index: int, at: int) -> NotebookCell:
    text = spans.text
    members = spans.members(at)
    kind = json.loads(text[slice(*members["cell_type"])]) if "cell_type" in members else ""
    span = members.get("source", (at, at))
    raw = json.loads(text[slice(*span)]) if span[0] != span[1] else ""
    source = "".join(str(line) for line in raw) if isinstance(raw, list) else str(raw)
    lines = text[slice(*span)].splitlines()
    indent = lines[1][: len(lines[1]) - len(lines[1].lstrip())] if len(lines) > 2 else "    "
    return NotebookCell(
        index,
        str(kind),
        source,
        span,
        members.get("outputs"),
        members.get("execution_count"),
        isinstance(raw, list),
        indent,
    )


def write_cells(text: str, cells: list[NotebookCell], changed: Mapping[int, str], clear_outputs: bool = False) -> str:
    """
    The notebook's text with the sources of `changed` cells replaced, in the layout that they had.

    With `clear_outputs` the outputs of those cells become `[]` and their execution count `null`.
    """
    edits: list[tuple[int, int, str]] = []
    for cell in cells:
        if cell.index not in changed or changed[cell.index] == cell.source:
            continue
        edits.append((*cell.source_span, _source(text, cell, changed[cell.index])))
        if clear_outputs and cell.outputs_span:
            edits.append((*cell.outputs_span, "[]"))
        if clear_outputs and cell.count_span:
            edits.append((*cell.count_span, "null"))
    for start, stop, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[stop:]
    return text


def _source(text: str, cell: NotebookCell, source: str) -> str:
    ascii_only = text[slice(*cell.source_span)].isascii() and "\\u" in text
    if not cell.as_list:
        return json.dumps(source, ensure_ascii=ascii_only)
    lines = source.splitlines(keepends=True)
    if not lines:
        return "[]"
    quoted = [json.dumps(line, ensure_ascii=ascii_only) for line in lines]
    newline = "\r\n" if "\r\n" in text else "\n"
    if "\n" not in text.strip():
        return "[" + ", ".join(quoted) + "]"
    close = cell.indent[:-1] if len(cell.indent) < 2 else cell.indent[: -_step(cell.indent)]
    return "[" + newline + f",{newline}".join(cell.indent + line for line in quoted) + newline + close + "]"


def _step(indent: str) -> int:
    """The width of one level: nbformat indents the lines of a source by four levels."""
    return max(1, len(indent) // 4) if len(indent) % 4 == 0 else 1
