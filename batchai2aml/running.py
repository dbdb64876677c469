"""What a command does once its words are understood: look, write, report, and the exit status."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from batchai2aml.config import Misuse, Settings
from batchai2aml.scanning import Scan
from batchai2aml.scanning import scan as look

if TYPE_CHECKING:
    from batchai2aml.converting import Conversion


@dataclass(frozen=True, slots=True)
class Request:
    """A command line, understood. `target` is None for a scan."""

    paths: tuple[Path, ...]
    settings: Settings
    target: str | None
    output: Path | None
    write: bool
    check: bool
    reports: tuple[Path, ...]
    output_format: str
    output_file: Path | None
    color: str
    quiet: bool
    verbose: bool
    fail_on_change: bool = False


def scan(request: Request) -> int:
    """`batchai2aml scan`."""
    found = look(request.paths, request.settings)
    complain(found)
    show(found, None, request.output_format, request.output_file, request.color, request.verbose)
    return scan_status(found, request.settings)


def convert(request: Request) -> int:
    """`batchai2aml convert`."""
    found = look(request.paths, request.settings)
    if found.program is None:
        complain(found)
        show(found, request.target, request.output_format, request.output_file, request.color, request.verbose)
        if request.output is not None and not found.missing:
            from batchai2aml.converting import Conversion, write_copy

            write_copy(Conversion(found), request.output, request.settings)
        return scan_status(found, request.settings)
    from batchai2aml import converting

    result = converting.convert(found, request.settings)
    complain(found)
    for failure in result.failures:
        print(f"batchai2aml: {failure} (BAI901; please report this)", file=sys.stderr)
    destination = request.write or request.output is not None
    if found.holes:
        return 3
    if request.write and not request.check:
        try:
            written = converting.write_in_place(result)
        except OSError as error:
            raise Misuse(f"{error.filename or found.root}: cannot be written: {error.strerror}") from None
        for path in written:
            _say(request, f"wrote {path}")
        if written and request.fail_on_change:
            show(found, request.target, request.output_format, request.output_file, request.color, request.verbose)
            return 1
    elif request.output is not None and not request.check:
        for name in converting.write_copy(result, request.output, request.settings):
            _say(request, f"{name}: copied with its secrets masked")
        _say(request, f"wrote {request.output}")
    if not destination and not request.check and request.output_format == "full":
        for line in converting.diff(result):
            sys.stdout.write(line)
        show_text(found, request.target, request.output_file, request.color, request.verbose, to_stderr=True)
    else:
        show(found, request.target, request.output_format, request.output_file, request.color, request.verbose)
    for path in request.reports:
        kind = {".md": "markdown", ".json": "json"}[path.suffix]
        show(found, request.target, kind, path, request.color, request.verbose)
    return _convert_status(request, result)


def _convert_status(request: Request, result: Conversion) -> int:
    if result.scan.holes or result.failures:
        return 3
    if request.settings.exit_zero:
        return 0
    if result.scan.missing or any(file.error is not None for file in result.scan.files):
        return 2
    if request.check and (result.changed or result.new):
        return 1
    errors = any(f.severity == "error" and not f.suppressed for f in result.scan.ledger.findings)
    return 1 if errors or any(file.outcome in ("partly", "failed") for file in result.scan.files) else 0


def _say(request: Request, text: str) -> None:
    if not request.quiet:
        print(f"batchai2aml: {text}", file=sys.stderr)


def complain(found: Scan) -> None:
    for path in found.missing:
        print(f"batchai2aml: {path}: no such file or folder", file=sys.stderr)
    for hole in found.holes:
        print(f"batchai2aml: {hole}: read but not accounted for (BAI901); please report this", file=sys.stderr)


def show(
    found: Scan, target: str | None, output_format: str, output_file: Path | None, color: str, verbose: bool
) -> None:
    if output_format == "full":
        show_text(found, target, output_file, color, verbose)
        return
    import importlib

    text: str = importlib.import_module(f"batchai2aml.report.{output_format}").render(found, target)
    if output_file is None:
        sys.stdout.write(text)
    else:
        from batchai2aml.project.files import write_atomic

        write_atomic(output_file, text.encode("utf-8"))


def show_text(
    found: Scan, target: str | None, output_file: Path | None, color: str, verbose: bool, to_stderr: bool = False
) -> None:
    if not found.operations and output_file is None and not any(f.error for f in found.files):
        from batchai2aml.report.groups import headline

        print(headline(found))
        return
    from rich.console import Console

    from batchai2aml.report.text import show

    if color not in ("auto", "always", "never"):
        raise Misuse(f"--color must be auto, always or never, not '{color}'")
    handle = output_file.open("w", encoding="utf-8") if output_file else None
    try:
        console = Console(
            file=handle or (sys.stderr if to_stderr else None),
            force_terminal=True if color == "always" else None,
            no_color=color == "never",
            highlight=False,
        )
        show(found, target, console, verbose)
    finally:
        if handle:
            handle.close()


def scan_status(found: Scan, settings: Settings) -> int:
    if found.holes:
        return 3
    if settings.exit_zero:
        return 0
    if found.missing or any(file.error is not None for file in found.files):
        return 2
    return 1 if found.operations else 0
