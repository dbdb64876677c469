"""The command line: parse, call, print. Heavy imports live inside the functions."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Optional

import typer

from batchai2aml import __version__
from batchai2aml.config import Misuse, Settings, load

app = typer.Typer(
    help="Move projects from Azure Batch AI to Azure Machine Learning.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

FORMATS = ("full", "concise", "json", "sarif", "github", "markdown", "html")

REPORTS = {".md": "markdown", ".html": "html", ".json": "json", ".sarif": "sarif"}
"""The endings of report files, and their formats."""

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
    from batchai2aml import running

    given = paths or [Path()]
    settings = _settings(given, select, ignore, exit_zero)
    _check_sweeps(settings)
    _check_format(output_format)
    _check_color(color)
    request = running.Request(
        paths=tuple(given),
        settings=settings,
        output_format=output_format,
        output_file=output_file,
        color=color,
        quiet=quiet,
        verbose=verbose,
    )
    raise typer.Exit(running.scan(request))


@app.command()
def convert(
    paths: Paths = None,
    target: Annotated[
        str | None, typer.Option(help="v1 (default): AmlCompute and estimators (SDK v1); v2: azure-ai-ml.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write a migrated copy of the project there.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Edit the files in place.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; leave with 1 if something would change.")
    ] = False,
    fail_on_change: Annotated[
        bool, typer.Option("--fail-on-change", help="With --write: leave with 1 if a file changed.")
    ] = False,
    report: Annotated[
        list[Path] | None, typer.Option(help="Also write a report (.md, .html, .json or .sarif; repeatable).")
    ] = None,
    vm_size: Annotated[list[str] | None, typer.Option(metavar="OLD=NEW", help="Replace a VM size.")] = None,
    image: Annotated[list[str] | None, typer.Option(metavar="OLD=NEW", help="Replace a container image.")] = None,
    idle_seconds: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="How long clusters keep idle nodes (1800).")
    ] = None,
    scale_to_zero: Annotated[
        bool, typer.Option("--scale-to-zero", help="Let clusters of a fixed size shrink to no nodes.")
    ] = False,
    sweeps: Annotated[
        str | None,
        typer.Option(help="loop (default): parameter sweeps stay loops; service: Azure ML runs them (v2 only)."),
    ] = None,
    clear_outputs: Annotated[bool, typer.Option("--clear-outputs", help="Empty the outputs of changed cells.")] = False,
    output_format: Format = "full",
    output_file: OutputFile = None,
    select: Select = None,
    ignore: Ignore = None,
    exit_zero: ExitZero = False,
    color: Color = "auto",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Rewrite Batch AI code for Azure ML; with no destination, print the change as a diff."""
    given = paths or [Path()]
    settings = _settings(given, select, ignore, exit_zero)
    settings = replace(
        settings,
        target=target or settings.target,
        clear_outputs=clear_outputs or settings.clear_outputs,
        idle_seconds=idle_seconds or settings.idle_seconds,
        scale_to_zero=scale_to_zero or settings.scale_to_zero,
        sweeps=sweeps or settings.sweeps,
        vm_sizes={**settings.vm_sizes, **_pairs("--vm-size", vm_size)},
        images={**settings.images, **_pairs("--image", image)},
    )
    _check_target(settings.target)
    _check_sweeps(settings)
    _check_format(output_format)
    _check_color(color)
    _check_reports(report or [])
    if output is not None and write:
        raise Misuse("--output and --write cannot be used together")
    if check and (output is not None or write):
        raise Misuse("--check writes nothing; leave --output and --write out")
    from batchai2aml import running

    request = running.Request(
        paths=tuple(given),
        settings=settings,
        target=settings.target,
        output=output,
        write=write,
        check=check,
        fail_on_change=fail_on_change,
        reports=tuple((path, REPORTS[path.suffix]) for path in report or ()),
        output_format=output_format,
        output_file=output_file,
        color=color,
        quiet=quiet,
        verbose=verbose,
    )
    raise typer.Exit(running.convert(request))


def _check_target(target: str) -> None:
    if target not in ("v1", "v2"):
        raise Misuse(f"--target must be v1 or v2, not '{target}'")


def _check_sweeps(settings: Settings) -> None:
    if settings.sweeps not in ("loop", "service"):
        raise Misuse(f"--sweeps must be loop or service, not '{settings.sweeps}'")
    if settings.sweeps == "service" and settings.target == "v1":
        raise Misuse("--sweeps service needs --target v2; for SDK v1 sweeps are loops")


def _check_reports(reports: list[Path]) -> None:
    for path in reports:
        if path.suffix not in REPORTS:
            raise Misuse(f"--report {path}: the name must end in {', '.join(REPORTS)}")


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given or []:
        old, equals, new = text.partition("=")
        if not equals or not old or not new:
            raise Misuse(f"{option} takes OLD=NEW, not '{text}'")
        found[old] = new
    return found


@app.command()
def apply(
    plan: Annotated[Path, typer.Argument(help="The plan's folder, or its plan.yml.")] = Path("azureml"),
    subscription: Annotated[str | None, typer.Option(help="The subscription; it wins over the plan's.")] = None,
    resource_group: Annotated[str | None, typer.Option(help="The resource group; it wins over the plan's.")] = None,
    workspace: Annotated[str | None, typer.Option(help="The workspace; it wins over the plan's.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; leave with 1 if something would change.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="With --dry-run: use no network.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    submit: Annotated[bool, typer.Option("--submit", help="Send the plan's jobs, too.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="With --submit: show the jobs' output until they end.")] = False,
    expect: Annotated[
        str | None, typer.Option(metavar="HASH", help="Refuse unless plan and state still have this hash.")
    ] = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=1, help="How long to wait for one resource.")] = 3600,
    output_format: Annotated[str, typer.Option(help="full or json.")] = "full",
    color: Color = "auto",
    quiet: Quiet = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Each request, without bodies.")] = False,
) -> None:
    """Make the Azure ML resources of a plan exist."""
    if offline and not dry_run:
        raise Misuse("--offline needs --dry-run")
    if wait and not submit:
        raise Misuse("--wait needs --submit")
    if output_format == "json" and not (yes or dry_run):
        raise Misuse("--output-format json needs --yes or --dry-run, since nobody could read what is asked")
    if output_format not in ("full", "json"):
        raise Misuse(f"--output-format of apply must be full or json, not '{output_format}'")
    _check_color(color)
    from batchai2aml import applying

    request = applying.Request(
        plan=plan,
        subscription=subscription,
        resource_group=resource_group,
        workspace=workspace,
        dry_run=dry_run,
        offline=offline,
        yes=yes,
        submit=submit,
        wait=wait,
        expect=expect,
        timeout=timeout,
        output_format=output_format,
        color=color,
        quiet=quiet,
        verbose=verbose,
    )
    raise typer.Exit(applying.apply(request))


@app.command()
def explain(
    rules: Annotated[
        list[str] | None, typer.Argument(metavar="[RULE ...]", help="Rules (BAI112), or their beginnings (BAI1).")
    ] = None,
) -> None:
    """Say what findings mean and what to do about them; without a rule, list all."""
    rules = rules or []
    from batchai2aml.rules import RULES
    from batchai2aml.rules.v2 import ACTIONS

    chosen = [found for found in RULES.values() if any(found.id.startswith(rule.upper()) for rule in rules)]
    for rule in rules:
        if not any(known.startswith(rule.upper()) for known in RULES):
            raise Misuse(f"no rule '{rule}'; `batchai2aml explain` lists them all")
    if not rules or len(chosen) > len(rules):
        for found in chosen or RULES.values():
            print(f"{found.id} {found.severity:<8} {found.title}")
        return
    for number, found in enumerate(chosen):
        print(("\n" if number else "") + f"{found.id} {found.title} ({found.severity})\n")
        print(f"What it means: {found.meaning}.")
        print(f"Raised for:    {found.raised}.")
        print(f"What to do:    {found.action}.")
        if found.id in ACTIONS:
            print(f"With v2:       {ACTIONS[found.id]}.")


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
    if output_format not in FORMATS:
        raise Misuse(f"--output-format must be one of {', '.join(FORMATS)}, not '{output_format}'")


def _check_color(color: str) -> None:
    if color not in ("auto", "always", "never"):
        raise Misuse(f"--color must be auto, always or never, not '{color}'")


_USAGE: type[Exception] = typer.BadParameter.__mro__[2]
"""What every error of usage derives from; typer carries it, but does not export it by name."""


def run(argv: list[str] | None = None) -> int:
    """Run a command; every error that a user can cause is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        result = app(argv, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except typer.Exit as stop:
        return int(stop.exit_code)
    except _USAGE as error:
        message = getattr(error, "format_message", error.__str__)()
        print(message if message.startswith("Usage:") else f"batchai2aml: {message}", file=sys.stderr)
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
