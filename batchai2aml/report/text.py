"""The report for a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from batchai2aml.report.groups import detail, groups, headline
from batchai2aml.scanning import Scan

if TYPE_CHECKING:
    from rich.console import Console

_STYLE = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_SHOWN = 3


def show(scan: Scan, target: str | None, console: Console, verbose: bool) -> None:
    """Print the summary, then findings by rule; with `verbose` every place of each."""
    from rich.markup import escape

    console.print(f"[bold]{escape(headline(scan))}[/bold]")
    for file in scan.files:
        if file.error is not None:
            place = f"{file.path}:{file.error.line}" if file.error.line else file.path
            console.print(
                f"[bold red]unreadable[/bold red] {escape(place)}: {escape(file.error.message)}", soft_wrap=True
            )
    if not scan.operations:
        return
    console.print()
    for file in scan.files:
        if file.outcome != "clean" and file.outcome != "unreadable":
            counts = Counter(op.op for op in scan.operations if op.where.path == file.path and op.fields)
            what = ", ".join(f"{n} {op}" for op, n in sorted(counts.items())) or "calls only"
            console.print(f"  {file.outcome:<10} {escape(file.path)}  [dim]{what}[/dim]", soft_wrap=True)
    by = Counter(entry.disposition for entry in scan.ledger.entries)
    console.print(
        f"\nLedger: {by['exact']} exact, {by['changed']} changed, {by['dropped']} dropped, {by['manual']} manual\n"
    )
    for group in groups(scan):
        style = _STYLE[group.severity]
        console.print(
            f"[{style}]{group.rule.id}[/{style}] [bold]{escape(group.rule.title)}[/bold] ({len(group.findings)})"
        )
        shown = group.findings if verbose else group.findings[:_SHOWN]
        for found in shown:
            console.print(f"    {escape(str(found.where))}  {escape(detail(found, group.rule))}", soft_wrap=True)
        if len(group.findings) > len(shown):
            console.print(f"    [dim]and {len(group.findings) - len(shown)} more (--verbose)[/dim]")
        if group.rule.action != "nothing":
            console.print(f"    -> {escape(group.rule.action)}")
