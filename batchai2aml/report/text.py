"""The report for a terminal: a summary, what needs a person with its places, and one line for every other rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from batchai2aml.mapping.types import Finding
from batchai2aml.report.groups import Group, count, detail, groups, headline
from batchai2aml.scanning import Scan

if TYPE_CHECKING:
    from rich.console import Console

_HEADS = {
    "error": ("bold red", "Needs a person"),
    "warning": ("yellow", "Changed in meaning or cost"),
    "info": ("cyan", "Notes"),
}
_SHOWN = 3


def show(scan: Scan, target: str | None, console: Console, verbose: bool) -> None:
    """Print the summary, then findings by severity and rule; with `verbose` every place of each."""
    from rich.markup import escape

    console.print(f"[bold]{escape(headline(scan))}[/bold]")
    for line in _files(scan):
        console.print(escape(line), soft_wrap=True)
    every = groups(scan)
    for severity, (style, head) in _HEADS.items():
        mine = [group for group in every if group.severity == severity]
        if not mine:
            continue
        console.print(f"\n[{style}]{head}[/{style}]")
        for group in mine:
            console.print(
                f"  [{style}]{group.rule.id}[/{style}] [bold]{escape(group.rule.title)}[/bold] ({len(group.findings)})"
            )
            for line in _places(group, verbose) if verbose or severity == "error" else ():
                console.print(f"      {escape(line)}", soft_wrap=True)
            if group.action != "nothing":
                console.print(f"      -> {escape(group.action)}", soft_wrap=True)
    if not verbose and any(group.severity != "error" for group in every):
        console.print("\n--verbose shows every place; batchai2aml explain RULE says more.")


def _files(scan: Scan) -> Iterator[str]:
    """The files with Batch AI in them, what became of them, and what they send."""
    used = {operation.where.path for operation in scan.operations} | set(scan.packages)
    mine = [file for file in scan.files if file.path in used or file.outcome in ("batch-ai", "converted", "partly")]
    if mine:
        yield ""
    for file in mine:
        sent = Counter(op.op for op in scan.operations if op.where.path == file.path and op.fields)
        what = ", ".join(f"{number} {op}" for op, number in sorted(sent.items()))
        yield f"  {file.outcome:<10} {file.path}" + (f"  ({what})" if what else "")


def _places(group: Group, verbose: bool) -> Iterator[str]:
    """What a rule found, each text once with the places that share it."""
    same: defaultdict[str, list[Finding]] = defaultdict(list)
    for found in group.findings:
        same[detail(found, group.rule)].append(found)
    for text, findings in list(same.items())[: None if verbose else _SHOWN]:
        places = [str(item.where) for item in findings]
        if verbose or len(places) == 1:
            yield from (f"{place}  {text}" for place in places)
        else:
            yield f"{places[0]} and {count(len(places) - 1, 'other place')}  {text}"
    if not verbose and len(same) > _SHOWN:
        yield f"and {len(same) - _SHOWN} more"
