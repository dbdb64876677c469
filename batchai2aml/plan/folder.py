"""A folder that holds a plan, as a scan looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from batchai2aml.mapping.types import Finding
from batchai2aml.plan.checks import check
from batchai2aml.plan.model import KINDS
from batchai2aml.plan.reading import BrokenYaml, Sheet, read
from batchai2aml.project.text import Unreadable, decode
from batchai2aml.scanning import FileError, FileResult


def inspect(index: Path, root: Path, today: date) -> tuple[list[FileResult], list[Finding]]:
    """The files of a plan and what is wrong with them; paths are shown from `root`."""
    results: list[FileResult] = []
    sheets: list[Sheet] = []
    for path in (index, *_resources(index.parent)):
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
        try:
            sheets.append(read(shown, decode(path.read_bytes()).text))
            results.append(FileResult(shown, "plan", "clean"))
        except (BrokenYaml, Unreadable) as error:
            trouble = FileError(error.message, error.line, error.column)
            results.append(FileResult(shown, "plan", "unreadable", error=trouble))
        except OSError as error:
            results.append(
                FileResult(shown, "plan", "unreadable", error=FileError(f"cannot be read: {error.strerror}"))
            )
    if results[0].error is not None:
        return results, []
    return results, list(check(sheets[0], sheets[1:], today))


def _resources(folder: Path) -> Iterator[Path]:
    for name in KINDS.values():
        yield from sorted(path for ending in ("*.yml", "*.yaml") for path in (folder / name).glob(ending))
