"""`scan`: from paths to what was found there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from batchai2aml.config import Settings, ignores_file
from batchai2aml.mapping.types import Ledger
from batchai2aml.place import Failure
from batchai2aml.project import discovery
from batchai2aml.project.dependencies import Dependency
from batchai2aml.project.lookup import Lookup
from batchai2aml.project.secrets import Secrets
from batchai2aml.project.text import TextFile, Unreadable

if TYPE_CHECKING:
    from batchai2aml.batchai.model import Operation
    from batchai2aml.readers.python.program import Program
    from batchai2aml.readers.scripts import Scripts


@dataclass(frozen=True, slots=True)
class FileError:
    """Why a file, or a part of it, could not be read."""

    message: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """A file that was looked at closely; `outcome` is one of SPEC's words."""

    path: str
    kind: str
    outcome: str
    api_version: str | None = None
    error: FileError | None = None
    output: str | None = None


@dataclass(eq=False)
class Scan:
    """What a scan found: files, operations, the ledger; `program`, `scripts` and `lookup` are for the rewriter."""

    root: Path
    files: list[FileResult]
    operations: tuple[Operation, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    program: Program | None = None
    scripts: Scripts | None = None
    lookup: Lookup = field(default_factory=lambda: Lookup(lambda path: None))
    seen: int = 0
    listed: tuple[str, ...] = ()
    given: tuple[Path, ...] = ()
    missing: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    secrets: Secrets = field(default_factory=Secrets)
    helpers: bool = False
    packages: dict[str, tuple[bytes, tuple[Dependency, ...]]] = field(default_factory=dict)


def root_of(paths: Sequence[Path]) -> Path:
    """The folder that paths are shown from: the one given, or the working directory, or what all paths share."""
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0].resolve()
    here = Path.cwd().resolve()
    whole = [path.resolve() for path in paths]
    if all(here in path.parents for path in whole):
        return here
    return Path(os.path.commonpath([path if path.is_dir() else path.parent for path in whole]))


def boundary_of(root: Path) -> Path:
    """How far above the root modules and data files may be looked for: the repository around it."""
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            return folder
    return root


def scan(paths: Sequence[Path], settings: Settings) -> Scan:
    """Look at these files and folders."""
    missing = [str(path) for path in paths if not path.exists()]
    there = [path for path in paths if path.exists()]
    if not there:
        return Scan(Path.cwd(), [], missing=missing)
    root = root_of(there)
    listed: dict[Path, str] = {}
    for path in there:
        absolute = path.resolve()
        for file in discovery.walk(absolute, settings.exclude) if absolute.is_dir() else [absolute]:
            listed.setdefault(file, _shown(file, root))
    found = discovery.candidates(listed, listed)
    outright = {path.resolve() for path in there if path.is_file()}
    result = Scan(root, [], seen=len(listed), listed=tuple(listed.values()), given=tuple(there), missing=missing)
    readable: list[tuple[str, bool]] = []
    data: dict[str, bytes] = {}
    for item in found:
        if item.data is None:
            result.files.append(
                FileResult(item.shown, _kind(item.path), "unreadable", error=FileError(item.error or "cannot be read"))
            )
            continue
        if b"batchai2aml: ignore-file" in item.data and ignores_file(item.data.decode("utf-8", "replace")):
            result.files.append(FileResult(item.shown, _kind(item.path), "clean"))
            continue
        data[item.shown] = item.data
        readable.append((item.shown, item.path.suffix == ".ipynb"))
    texts = _texts(result, listed)
    lists = _package_lists(result, listed)
    if readable or texts or lists:
        from batchai2aml.reading import read_project

        read_project(result, readable, data, texts, boundary_of(root), settings)
    _plans(result, settings)
    for path in sorted(outright - {item.path for item in found} - {root / file.path for file in result.files}):
        result.files.append(FileResult(_shown(path, root), _kind(path), "clean"))
    result.files.sort(key=lambda file: file.path)
    _remark_unreadable(result, settings)
    return result


def _plans(result: Scan, settings: Settings) -> None:
    """Look at the plans that were named: their folders, or their indexes."""
    for path in result.given:
        index = (path / "plan.yml" if path.is_dir() else path).resolve()
        if index.name != "plan.yml" or not index.is_file():
            continue
        from datetime import date

        from batchai2aml.plan.folder import inspect

        files, findings = inspect(index, result.root, date.today())
        result.files += files
        wanted = tuple(found for found in findings if settings.wants(found.rule))
        result.ledger = replace(result.ledger, findings=(*result.ledger.findings, *wanted))


def _remark_unreadable(result: Scan, settings: Settings) -> None:
    """A finding for every file that could not be read, or of which a part could not."""
    broken = [file for file in result.files if file.error is not None]
    if broken and settings.wants("BAI801"):
        from batchai2aml.remarks import unreadable

        found = (unreadable(file.path, _with_column(file.error), file.error.line) for file in broken if file.error)
        result.ledger = replace(result.ledger, findings=(*found, *result.ledger.findings))


def _with_column(error: FileError) -> str:
    return error.message if error.column is None else f"{error.message} (column {error.column})"


def _texts(result: Scan, listed: dict[Path, str]) -> list[TextFile]:
    """The files of commands, and JSON files, that may speak of Batch AI."""
    from batchai2aml.project.text import decode

    texts: list[TextFile] = []
    for item, kind in discovery.scripts(listed, listed):
        if item.data is None:
            trouble = FileError(item.error or "cannot be read")
            result.files.append(FileResult(item.shown, kind, "unreadable", error=trouble))
            continue
        if b"batchai2aml: ignore-file" in item.data and ignores_file(item.data.decode("utf-8", "replace")):
            result.files.append(FileResult(item.shown, kind, "clean"))
            continue
        try:
            texts.append(TextFile(item.shown, kind, decode(item.data)))
        except Unreadable as error:
            trouble = FileError(error.message, error.line, error.column)
            result.files.append(FileResult(item.shown, kind, "unreadable", error=trouble))
    return texts


def _package_lists(result: Scan, listed: dict[Path, str]) -> bool:
    """Look at files that list packages; says whether one names Batch AI's."""
    from batchai2aml.project.dependencies import find
    from batchai2aml.project.text import decode

    for item in discovery.package_lists(listed, listed):
        if item.data is None:
            result.files.append(
                FileResult(item.shown, "dependencies", "unreadable", error=FileError(item.error or "cannot be read"))
            )
            continue
        try:
            found = list(find(decode(item.data).text))
        except Unreadable as error:
            trouble = FileError(error.message, error.line, error.column)
            result.files.append(FileResult(item.shown, "dependencies", "unreadable", error=trouble))
            continue
        if found:
            result.packages[item.shown] = (item.data, tuple(found))
            result.files.append(FileResult(item.shown, "dependencies", "batch-ai"))
    return bool(result.packages)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if root in path.parents else path.as_posix()


def _kind(path: Path) -> str:
    if path.suffix in discovery.SUFFIXES:
        return "notebook" if path.suffix == ".ipynb" else "python"
    return discovery.script_kind(path) or "python"
