"""What a command does once its words are understood: look, write, report, and the exit status."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from batchai2aml.config import Misuse, Settings
from batchai2aml.scanning import Scan
from batchai2aml.scanning import scan as look

if TYPE_CHECKING:
    from batchai2aml.converting import Conversion


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command line, understood. `target` is None for a scan; `reports` are files to write, with formats."""

    paths: tuple[Path, ...]
    settings: Settings
    target: str | None = None
    output: Path | None = None
    write: bool = False
    check: bool = False
    fail_on_change: bool = False
    reports: tuple[tuple[Path, str], ...] = ()
    output_format: str = "full"
    output_file: Path | None = None
    color: str = "auto"
    quiet: bool = False
    verbose: bool = False


def scan(request: Request) -> int:
    """`batchai2aml scan`."""
    found = look(request.paths, request.settings)
    speaks = any(file.outcome == "batch-ai" for file in found.files)
    if found.operations or speaks or (found.scripts is not None and found.scripts.sources):
        from batchai2aml.converting import foresee

        foresee(found, request.settings)
    _complain(found)
    _address(found, request.settings)
    _show(found, request)
    return _status(found, request.settings)


def _address(found: Scan, settings: Settings) -> None:
    """Let the findings say what to do with the SDK that the code is written for."""
    if settings.target == "v2":
        from batchai2aml.rules.v2 import ACTIONS

        said = tuple(replace(one, action=ACTIONS.get(one.rule, one.action)) for one in found.ledger.findings)
        found.ledger = replace(found.ledger, findings=said)


def convert(request: Request) -> int:
    """`batchai2aml convert`."""
    from batchai2aml import converting, writing

    found = look(request.paths, request.settings)
    result = converting.convert(found, request.settings)
    written = request.write or request.output is not None
    if written or result.needs_plan:
        from batchai2aml.planning import plan

        files = plan(result, request.settings)
        (result.plan if written else result.new).update(files)
    _address(found, request.settings)
    _complain(found)
    try:
        changed = _write(request, result)
    except OSError as error:
        raise Misuse(f"{error.filename or found.root}: cannot be written: {error.strerror}") from None
    if not request.write and request.output is None and not request.check and request.output_format == "full":
        for line in writing.diff(result):
            sys.stdout.write(line)
        _show_text(found, request, to_stderr=True)
    elif request.check and request.output_format == "full":
        for name in sorted({*result.changed, *result.new}):
            print(f"would {'change' if name in result.changed else 'add'} {name}")
    else:
        _show(found, request)
    if request.output_format == "full" and result.variables and not request.check:
        _say(request, f"set before the converted code runs: {', '.join(result.variables)}")
    for path, kind in request.reports:
        _show(found, replace(request, output_format=kind, output_file=path))
    status = _status(found, request.settings, result)
    if not request.fail_on_change:
        changed = request.check and bool(result.changed or result.new)
    return status or int(changed and not request.settings.exit_zero)


def _write(request: Request, result: Conversion) -> bool:
    """Write the conversion where the user asked for it; says whether a file of the project changed."""
    from batchai2aml import writing

    if request.check or not result.scan.given:
        return False
    root, target = result.scan.root, (request.output or Path("/dev/null")).resolve()
    if target == root or target in root.parents:
        raise Misuse(f"--output {request.output} is the project itself, or around it; use --write to edit in place")
    if request.output is not None:
        for name in writing.write_copy(result, request.output):
            _say(request, f"{name}: copied with its secrets masked")
        _say(request, f"wrote {request.output}")
    written = writing.write_in_place(result) if request.write else []
    for path in written:
        _say(request, f"wrote {path}")
    if request.write or request.output is not None:
        top = request.output or result.scan.root
        result.scan.files = [
            replace(file, output=str(top / where)) if (where := result.output_of(file.path)) is not None else file
            for file in result.scan.files
        ]
    return bool(written)


def _status(found: Scan, settings: Settings, result: Conversion | None = None) -> int:
    if found.failures:
        return 3
    if settings.exit_zero:
        return 0
    if found.missing or any(file.error is not None for file in found.files):
        return 2
    if result is None:
        plans = {file.path for file in found.files if file.kind == "plan"}
        wrong = any(f.severity == "error" and f.where.path in plans for f in found.ledger.findings)
        return 1 if wrong or found.operations or any(file.outcome == "batch-ai" for file in found.files) else 0
    errors = any(f.severity == "error" and not f.suppressed for f in found.ledger.findings)
    return 1 if errors or any(file.outcome in ("partly", "failed") for file in found.files) else 0


def _say(request: Request, text: str) -> None:
    if not request.quiet:
        print(f"batchai2aml: {text}", file=sys.stderr)


def _complain(found: Scan) -> None:
    for path in found.missing:
        print(f"batchai2aml: {path}: no such file or folder", file=sys.stderr)
    for failure in found.failures:
        print(f"batchai2aml: {failure} (BAI901; the file was left alone, please report this)", file=sys.stderr)


def _show(found: Scan, request: Request) -> None:
    if request.output_format == "full":
        _show_text(found, request)
        return
    import importlib

    text: str = importlib.import_module(f"batchai2aml.report.{request.output_format}").render(found, request.target)
    if request.output_file is None:
        sys.stdout.write(text)
    else:
        from batchai2aml.project.files import write_atomic

        write_atomic(request.output_file, text.encode("utf-8"))


def _show_text(found: Scan, request: Request, *, to_stderr: bool = False) -> None:
    spoken_of = ("batch-ai", "partly", "failed")
    nothing = not found.operations and not any(f.error or f.outcome in spoken_of for f in found.files)
    nothing = nothing and not any(file.kind == "plan" for file in found.files)
    if nothing and request.output_file is None:
        from batchai2aml.report.groups import headline

        print(headline(found))
        return
    from io import StringIO

    from rich.console import Console

    from batchai2aml.report.text import show

    kept = StringIO() if request.output_file else None
    console = Console(
        file=kept or (sys.stderr if to_stderr else None),
        force_terminal=True if request.color == "always" else None,
        no_color=request.color == "never",
        highlight=False,
    )
    show(found, request.target, console, request.verbose)
    if kept is not None and request.output_file is not None:
        from batchai2aml.project.files import write_atomic

        write_atomic(request.output_file, kept.getvalue().encode("utf-8"))
