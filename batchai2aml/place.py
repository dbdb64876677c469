"""Where something stands in the user's files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A line of a file; `cell` counts all cells of a notebook from 0 and is None elsewhere, `line` counts from 1."""

    path: str
    cell: int | None = None
    line: int = 1

    def __str__(self) -> str:
        cell = "" if self.cell is None else f"[{self.cell}]"
        return f"{self.path}{cell}:{self.line}"

    def to_json(self) -> dict[str, object]:
        """The WHERE of the JSON output."""
        return {"path": self.path, "cell": self.cell, "line": self.line}


@dataclass(frozen=True, slots=True)
class Failure:
    """A defect of ours that was met at a file (BAI901): that file is left alone, and the others go on."""

    where: Where
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {self.detail}"
