"""The command line: parse, call, print. Heavy imports live inside the functions."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from batchai2aml import __version__
from batchai2aml.config import Misuse, Settings, load

if TYPE_CHECKING:
    from batchai2aml.scanning import Scan

app = typer.Typer(
    help="Move projects from Azure Batch AI to Azure Machine Learning.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

FORMATS = ("full", "concise", "json", "markdown", "github")
LATER = ("sarif", "html")

Paths = Annotated[Optional[list[Path]], typer.Argument(help="Files and folders; default: the working directory.")]
Format = Annotated[str, typer.Option("--output-format", help=f"One of {', '.join(FORMATS)}.")]
OutputFile = Annotated[
    Optional[Path], typer.Option("--output-file", help="Write the report there instead of to stdout.")
]
Select = Annotated[
    Optional[list[str]], typer.Option("--select", metavar="RULE", help="Only findings of these rules (BAI112, BAI3).")
]
Ignore = Annotated[Optional[list[str]], typer.Option("--ignore", metavar="RULE", help="No findings of these rules.")]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Leave with 0 whatever was found.")]
Color = Annotated[str, typer.Option("--color", help="auto, always or never.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only the result, no talk.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Every place of every finding.")]


def _version(value: bool) -> None:
    if value:
        print(f"batchai2aml {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Move projects from Azure Batch AI to Azure Machine Learning."""


@app.command()
def scan(
    paths: Paths = None,
    output_format: Format = "full",
    output_file: OutputFile = None,
    select: Select = None,
    ignore: Ignore = None,
    exit_zero: ExitZero = False,
    color: Color = "auto",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Find Batch AI use and say what it would become."""
    from batchai2aml.scanning import scan as look

    given = paths or [Path()]
    settings = _settings(given, select, ignore, exit_zero)
    _check_format(output_format)
    found = look(given, settings)
    _complain(found)
    _write(found, None, output_format, output_file, color, verbose)
    raise typer.Exit(_scan_status(found, settings))


@app.command()
def explain(rule: Annotated[str, typer.Argument(help="A rule's id, such as BAI112.")]) -> None:
    """Say what a finding means and what to do about it."""
    from batchai2aml.rules import RULES

    found = RULES.get(rule.upper())
    if found is None:
        import difflib

        near = ", ".join(difflib.get_close_matches(rule.upper(), RULES, 3))
        raise Misuse(f"no rule '{rule}'" + (f"; near are {near}" if near else ""))
    print(f"{found.id} {found.title} ({found.severity})\n")
    if found.meaning:
        print(f"What it means: {found.meaning}.")
    print(f"Raised for:    {found.raised}.")
    print(f"What to do:    {found.action}.")


def _settings(paths: list[Path], select: list[str] | None, ignore: list[str] | None, exit_zero: bool) -> Settings:
    from batchai2aml.rules import RULES

    first = paths[0].resolve()
    settings = load(first if first.is_dir() else first.parent)
    for rule in (*(select or ()), *(ignore or ())):
        if not any(known.startswith(rule) for known in RULES):
            raise Misuse(f"no rule begins with '{rule}'")
    return replace(
        settings,
        select=tuple(select) if select else settings.select,
        ignore=(*settings.ignore, *(ignore or ())),
        exit_zero=exit_zero or settings.exit_zero,
    )


def _check_format(output_format: str) -> None:
    if output_format in LATER:
        raise Misuse(f"--output-format {output_format} is not built yet; use one of {', '.join(FORMATS)}")
    if output_format not in FORMATS:
        raise Misuse(f"--output-format must be one of {', '.join(FORMATS)}, not '{output_format}'")


def _complain(found: Scan) -> None:
    for path in found.missing:
        print(f"batchai2aml: {path}: no such file or folder", file=sys.stderr)
    for hole in found.holes:
        print(f"batchai2aml: {hole}: read but not accounted for (BAI901); please report this", file=sys.stderr)


def _write(
    found: Scan, target: str | None, output_format: str, output_file: Path | None, color: str, verbose: bool
) -> None:
    if output_format == "full":
        _write_text(found, target, output_file, color, verbose)
        return
    import importlib

    text: str = importlib.import_module(f"batchai2aml.report.{output_format}").render(found, target)
    if output_file is None:
        sys.stdout.write(text)
    else:
        from batchai2aml.project.files import write_atomic

        write_atomic(output_file, text.encode("utf-8"))


def _write_text(found: Scan, target: str | None, output_file: Path | None, color: str, verbose: bool) -> None:
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
            file=handle, force_terminal=True if color == "always" else None, no_color=color == "never", highlight=False
        )
        show(found, target, console, verbose)
    finally:
        if handle:
            handle.close()


def _scan_status(found: Scan, settings: Settings) -> int:
    if found.holes:
        return 3
    if settings.exit_zero:
        return 0
    if found.missing or any(file.error is not None for file in found.files):
        return 2
    return 1 if found.operations else 0


_USAGE: type[Exception] = typer.BadParameter.__mro__[2]
"""What every error of usage derives from; typer carries it, but does not export it by name."""


def run(argv: list[str] | None = None) -> int:
    """Run a command; every error that a user can cause is one line on stderr."""
    try:
        result = app(argv, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except typer.Exit as stop:
        return int(stop.exit_code)
    except _USAGE as error:
        print(f"batchai2aml: {getattr(error, 'format_message', error.__str__)()}", file=sys.stderr)
        return 2
    except Misuse as error:
        print(f"batchai2aml: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except (KeyboardInterrupt, typer.Abort):
        print("batchai2aml: interrupted", file=sys.stderr)
        return 130
