"""`scan`: from paths to what was found there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from batchai2aml.config import Settings, ignores_file
from batchai2aml.mapping.types import Ledger
from batchai2aml.place import Failure, Where
from batchai2aml.project import discovery
from batchai2aml.project.dependencies import Dependency, installs
from batchai2aml.project.secrets import Secrets, collect, spotted
from batchai2aml.project.text import Unreadable

if TYPE_CHECKING:
    from batchai2aml.batchai.model import Operation
    from batchai2aml.readers.python.program import Program


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
    """What a scan found: files, operations, the ledger; `program` holds the places for the rewriter."""

    root: Path
    files: list[FileResult]
    operations: tuple[Operation, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    program: Program | None = None
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
    lists = _package_lists(result, listed)
    if readable or lists:
        _read(result, readable, data, boundary_of(root), settings)
    for path in sorted(outright - {item.path for item in found}):
        result.files.append(FileResult(_shown(path, root), _kind(path), "clean"))
    result.files.sort(key=lambda file: file.path)
    _remark_unreadable(result, settings)
    return result


def _remark_unreadable(result: Scan, settings: Settings) -> None:
    """A finding for every file that could not be read, or of which a part could not."""
    broken = [file for file in result.files if file.error is not None]
    if broken and settings.wants("BAI801"):
        from batchai2aml.remarks import unreadable

        found = (unreadable(file.path, file.error.message, file.error.line) for file in broken if file.error)
        result.ledger = replace(result.ledger, findings=(*found, *result.ledger.findings))


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
    return "notebook" if path.suffix == ".ipynb" else "python"


def _read(
    result: Scan, files: list[tuple[str, bool]], data: dict[str, bytes], boundary: Path, settings: Settings
) -> None:
    from batchai2aml import remarks
    from batchai2aml.emit.style import Style
    from batchai2aml.mapping.facts import Facts
    from batchai2aml.mapping.ledger import build, holes
    from batchai2aml.readers.python.fingerprints import is_helper_file
    from batchai2aml.readers.python.program import driven, read_program, readings
    from batchai2aml.readers.python.secrets import secret_values, without
    from batchai2aml.readers.python.sources import parse

    cache: dict[str, bytes | None] = dict(data)

    def read(path: str) -> bytes | None:
        if path not in cache:
            full = (result.root / path).resolve()
            inside = full.is_relative_to(boundary)
            try:
                cache[path] = full.read_bytes() if inside and full.is_file() else None
            except OSError:
                cache[path] = None
        return cache[path]

    good: list[tuple[str, bool]] = []
    sources = {}
    for path, notebook in files:
        try:
            sources[path] = parse(path, data[path], notebook)
            good.append((path, notebook))
        except Unreadable as error:
            kind = "notebook" if notebook else "python"
            result.files.append(
                FileResult(path, kind, "unreadable", error=FileError(error.message, error.line, error.column))
            )
    program = read_program(good, read, sources, result.listed)
    program.sizes = _sizes(result)
    result.program = program
    plain = [pair for source in program.sources.values() for pair in spotted(source.decoded.text)]
    result.secrets = collect([*plain, *secret_values(program)])
    result.operations = tuple(without(operation, result.secrets) for operation in program.operations)
    packages = [
        (Where(path, None, found.line), found.text) for path, (_, every) in result.packages.items() for found in every
    ]
    packages += [
        (Where(path, cell.index, found.line), found.text)
        for path, source in program.sources.items()
        for cell in source.notebook
        if cell.type == "code"
        for found in installs(cell.source)
    ]
    used = {cell.path for cell in driven(program)} | {op.where.path for op in result.operations}
    result.helpers = any(is_helper_file(source) for source in program.sources.values())
    others = [s for path, s in program.sources.items() if path not in used and not is_helper_file(s)]
    facts = Facts(result.operations, program.files, settings, Style(), date.today(), result.secrets.weak_password)
    ledger = build(facts, readings(program), packages)
    noticed = [found for source in others for found in remarks.unrecognised(source)]
    noticed += [found for source in program.sources.values() for found in remarks.others(source)]
    ledger = replace(ledger, findings=(*ledger.findings, *noticed))
    result.ledger = settings.filter(ledger, _lines(result))
    result.failures = [*program.failures, *holes(result.operations, result.ledger)]
    versions = {op.where.path: op.api_version for op in reversed(result.operations)}
    for path, source in program.sources.items():
        broken = source.broken
        trouble = FileError(f"cell {broken[0][0].cell}: {broken[0][1]}", broken[0][0].line) if broken else None
        result.files.append(
            FileResult(
                path,
                source.kind,
                "batch-ai" if path in used else "clean",
                versions.get(path),
                trouble,
            )
        )


def _sizes(result: Scan) -> dict[str, int]:
    """The size of every file that was seen, in bytes; one that cannot be asked counts as empty."""
    found: dict[str, int] = {}
    for path in result.listed:
        try:
            found[path] = (result.root / path).stat().st_size
        except OSError:
            found[path] = 0
    return found


def _lines(result: Scan) -> dict[tuple[str, int | None], list[str]]:
    assert result.program is not None
    found: dict[tuple[str, int | None], list[str]] = {}
    for source in result.program.sources.values():
        for cell in source.cells:
            found[cell.path, cell.index] = cell.text.split("\n")
    return found
