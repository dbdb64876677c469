"""From the files of a project to its operations and their ledger."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from batchai2aml.config import Settings
from batchai2aml.emit.style import Style
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.ledger import build, holes
from batchai2aml.place import Where
from batchai2aml.plan.files import INDEX, documents_of
from batchai2aml.project.dependencies import installs
from batchai2aml.project.lookup import Lookup
from batchai2aml.project.secrets import collect, spotted
from batchai2aml.project.text import TextFile, Unreadable
from batchai2aml.readers import scripts
from batchai2aml.readers.masking import without
from batchai2aml.readers.scripts import Programmed, Scripts, read_scripts
from batchai2aml.readers.shell.azure import Found
from batchai2aml.readers.traces import left, other_ways, variables
from batchai2aml.scanning import FileError, FileResult, Scan
from batchai2aml.text import Text

if TYPE_CHECKING:
    from batchai2aml.batchai.model import Reading, Trace
    from batchai2aml.mapping.types import Finding
    from batchai2aml.readers.python.program import Program
    from batchai2aml.readers.python.sources import Source


def read_project(
    result: Scan,
    python: list[tuple[str, bool]],
    data: Mapping[str, bytes],
    texts: Sequence[TextFile],
    boundary: Path,
    settings: Settings,
) -> None:
    """
    Read programs, scripts and documents, and put what they say into a scan.

    `python` are programs (path, whether it is a notebook) with their bytes in `data`; files that they import are
    looked for below `boundary`.
    """
    read = _reader(result.root, data, boundary)
    files = Lookup(read, _sizes(result))
    program = _read_program(result, python, data, read, files) if python else None
    operations = program.operations if program is not None else []
    programs, written = _commands(program)
    finished = _finished(program) | documents_of(files.content(INDEX))
    found = read_scripts(texts, programs, written, files, len(operations), finished)
    result.program, result.scripts, result.lookup = program, found, files
    values = [pair for source in program.sources.values() for pair in spotted(source.decoded.text)] if program else []
    values += [*_program_secrets(program), *scripts.secret_values(found)]
    result.secrets = collect(values)
    result.operations = tuple(without(operation, result.secrets) for operation in (*operations, *found.operations))
    facts = Facts(result.operations, files, settings, Style(), date.today(), result.secrets.weak_password)
    read_by_jobs = _variables(program, found, result)
    ledger = build(
        facts, _readings(program), _packages(result, program), [t for ts in read_by_jobs.values() for t in ts]
    )
    ledger = replace(ledger, findings=(*ledger.findings, *_remarks(program, result), *_other_ways(program, found)))
    result.ledger = settings.filter(ledger, _lines(program, found))
    failures = program.failures if program is not None else []
    result.failures = [*failures, *found.failures, *holes(result.operations, result.ledger)]
    versions = {op.where.path: op.api_version for op in reversed(result.operations) if op.api_version}
    listed = [*_program_files(program, result, versions), *_script_files(found, versions, program)]
    result.files += [_as_training(file, read_by_jobs) for file in listed]


def _reader(root: Path, data: Mapping[str, bytes], boundary: Path) -> Callable[[str], bytes | None]:
    cache: dict[str, bytes | None] = dict(data)

    def read(path: str) -> bytes | None:
        if path not in cache:
            full = (root / path).resolve()
            inside = full.is_relative_to(boundary)
            try:
                cache[path] = full.read_bytes() if inside and full.is_file() else None
            except OSError:
                cache[path] = None
        return cache[path]

    return read


def _sizes(result: Scan) -> dict[str, int]:
    """The size of every file that was seen, in bytes; one that cannot be asked counts as empty."""
    found: dict[str, int] = {}
    for path in result.listed:
        try:
            found[path] = (result.root / path).stat().st_size
        except OSError:
            found[path] = 0
    return found


def _read_program(
    result: Scan,
    python: list[tuple[str, bool]],
    data: Mapping[str, bytes],
    read: Callable[[str], bytes | None],
    files: Lookup,
) -> Program:
    from batchai2aml.readers.python.program import read_program
    from batchai2aml.readers.python.sources import parse

    good: list[tuple[str, bool]] = []
    sources = {}
    for path, notebook in python:
        try:
            sources[path] = parse(path, data[path], notebook)
            good.append((path, notebook))
        except Unreadable as error:
            kind = "notebook" if notebook else "python"
            trouble = FileError(error.message, error.line, error.column)
            result.files.append(FileResult(path, kind, "unreadable", error=trouble))
    program = read_program(good, read, sources, result.listed)
    program.sizes = files.sizes
    return program


def _commands(program: Program | None) -> tuple[dict[str, Programmed], list[tuple[Text, Found]]]:
    """Command lines in programs, and the documents that programs write."""
    if program is None:
        return {}, []
    from batchai2aml.readers.python.commandlines import programmed, written

    return programmed(program), written(program)


_MADE_FROM = re.compile(r"^# batchai2aml: made from (.+)$", re.M)


def _finished(program: Program | None) -> frozenset[str]:
    """The documents that generated scripts of the project name as what they were made from."""
    return frozenset(
        posixpath.normpath(posixpath.join(posixpath.dirname(path), name.strip()))
        for path, source in (program.sources.items() if program is not None else ())
        for found in _MADE_FROM.finditer(source.decoded.text)
        for name in found.group(1).split(", ")
    )


def _program_secrets(program: Program | None) -> Iterator[tuple[str, str]]:
    if program is not None:
        from batchai2aml.readers.python.secrets import secret_values

        yield from secret_values(program)


def _readings(program: Program | None) -> list[Reading]:
    if program is None:
        return []
    from batchai2aml.readers.python.program import readings

    return readings(program)


def _packages(result: Scan, program: Program | None) -> list[tuple[Where, str]]:
    """Packages that lists name and notebooks install."""
    found = [
        (Where(path, None, found.line), found.text) for path, (_, every) in result.packages.items() for found in every
    ]
    found += [
        (Where(path, cell.index, found.line), found.text)
        for path, source in (program.sources.items() if program is not None else ())
        for cell in source.notebook
        if cell.type == "code"
        for found in installs(cell.source)
    ]
    return found


def _remarks(program: Program | None, result: Scan) -> list[Finding]:
    """Findings about programs as a whole."""
    if program is None:
        return []
    from batchai2aml import remarks
    from batchai2aml.readers.python.fingerprints import is_helper_file

    used = _used(program, result)
    result.helpers = any(is_helper_file(source) for source in program.sources.values())
    others = [s for path, s in program.sources.items() if path not in used and not is_helper_file(s)]
    noticed = [found for source in others for found in remarks.unrecognised(source)]
    return noticed + [found for source in program.sources.values() for found in remarks.others(source)]


def _variables(program: Program | None, found: Scripts, result: Scan) -> dict[str, list[Trace]]:
    """The variables of Batch AI that scripts read which do not drive it, by file."""
    traces: dict[str, list[Trace]] = {}
    used = _used(program, result) if program is not None else set()
    for path, source in program.sources.items() if program is not None else ():
        if path not in used and not _MADE_FROM.search(source.decoded.text) and not _is_helper(source):
            for cell in source.cells:
                traces.setdefault(path, []).extend(variables(path, cell.index, cell.text))
    driving = {script.path for script in found.scripts}
    for path, file in found.sources.items():
        if path not in driving and file.kind not in ("json", "markdown"):
            traces[path] = variables(path, None, file.decoded.text)
    return {path: read for path, read in traces.items() if read}


def _is_helper(source: Source) -> bool:
    from batchai2aml.readers.python.fingerprints import is_helper_file

    return is_helper_file(source)


def _as_training(file: FileResult, read: Mapping[str, list[Trace]]) -> FileResult:
    if file.path not in read or file.kind == "other":
        return file
    return replace(file, kind="training_script", outcome="batch-ai")


def _other_ways(program: Program | None, found: Scripts) -> list[Finding]:
    """Findings about other languages and requests that are made by hand."""
    from batchai2aml.mapping.ledger import finding

    traces = [other_ways(path, None, file.decoded.text) for path, file in found.sources.items() if file.kind != "json"]
    for path, source in program.sources.items() if program is not None else ():
        traces += [other_ways(path, cell.index, cell.text) for cell in source.cells]
    return [finding("BAI814", trace.where, trace.what, "manual", "error") for trace in traces if trace is not None]


def _used(program: Program, result: Scan) -> set[str]:
    """The programs that do something with Batch AI."""
    from batchai2aml.readers.python.program import driven

    return {cell.path for cell in driven(program)} | {op.where.path for op in result.operations}


def _asks_otherwise(source: Source) -> bool:
    return any(other_ways(source.path, cell.index, cell.text) for cell in source.cells)


def _program_files(program: Program | None, result: Scan, versions: Mapping[str, str]) -> Iterator[FileResult]:
    used = _used(program, result) if program is not None else set()
    for path, source in program.sources.items() if program is not None else ():
        broken = source.broken
        trouble = FileError(f"cell {broken[0][0].cell}: {broken[0][1]}", broken[0][0].line) if broken else None
        speaks = path in used or _asks_otherwise(source) or left(source.decoded.text, program=True)
        outcome = "batch-ai" if speaks else "clean"
        yield FileResult(path, source.kind, outcome, versions.get(path), trouble)


def _script_files(found: Scripts, versions: Mapping[str, str], program: Program | None) -> Iterator[FileResult]:
    """Scripts and documents; JSON files that have nothing to do with Batch AI are not spoken of."""
    for script in found.scripts:
        if program is None or script.path not in program.sources:
            yield FileResult(script.path, script.kind, "batch-ai", versions.get(script.path))
    known = {script.path for script in found.scripts}
    for path, document in found.documents.items():
        outcome = "clean" if path in found.finished and path not in found.used else "batch-ai"
        yield FileResult(path, document.kind, outcome, document.api_version)
    for path, kind, error in found.broken:
        trouble = FileError(error.message, error.line, error.column)
        yield FileResult(path, kind, "unreadable", error=trouble)
        known.add(path)
    for path, file in found.sources.items():
        if path not in known and file.kind != "json":
            other = file.kind == "other" and other_ways(path, None, file.decoded.text)
            commands = file.kind not in ("other", "markdown") and left(file.decoded.text, False)
            yield FileResult(path, file.kind, "batch-ai" if other or commands else "clean")


def _lines(program: Program | None, found: Scripts) -> dict[tuple[str, int | None], list[str]]:
    """The lines of every file, for the comments that silence findings."""
    lines: dict[tuple[str, int | None], list[str]] = {}
    for source in program.sources.values() if program is not None else ():
        for cell in source.cells:
            lines[cell.path, cell.index] = cell.text.split("\n")
    for path, file in found.sources.items():
        lines.setdefault((path, None), file.decoded.text.split("\n"))
    return lines
