"""The migration report as Markdown."""

from __future__ import annotations

from batchai2aml.report.capabilities import capabilities
from batchai2aml.report.groups import detail, groups, headline
from batchai2aml.scanning import Scan
from batchai2aml.values import to_text


def render(scan: Scan, target: str | None) -> str:
    """Summary, files, findings by rule, capabilities that the project uses, and the whole ledger."""
    lines = ["# Migration from Azure Batch AI to Azure Machine Learning", "", headline(scan), ""]
    lines += ["## Files", "", "| file | outcome |", "|---|---|"]
    lines += [f"| {_cell(file.path)} | {file.outcome}{_error(file.error)} |" for file in scan.files]
    lines += ["", "## What a person should read", ""]
    for group in groups(scan):
        lines += [f"### {group.rule.id} {group.rule.title} ({group.severity})", ""]
        lines += [group.rule.meaning + ".", ""] if group.rule.meaning else []
        lines += [f"* `{found.where}` {_cell(detail(found, group.rule))}" for found in group.findings]
        lines += ["", f"To do: {group.action}.", ""] if group.action != "nothing" else [""]
    rows = capabilities(scan.operations)
    if rows:
        lines += ["## Capabilities", "", "| Batch AI | Azure ML | here |", "|---|---|---|"]
        lines += [f"| {row.subject} | {row.azureml} | {', '.join(row.rules)} |" for row in rows]
        lines += [""]
    lines += ["## Ledger", "", "| place | what | value | disposition | becomes | rules |", "|---|---|---|---|---|---|"]
    for entry in scan.ledger.entries:
        value = "" if entry.value is None else f"`{_cell(to_text(entry.value))}`"
        becomes = entry.v2 if target == "v2" else entry.v1
        lines.append(
            f"| `{entry.where}` | {_cell(entry.path)} | {value} | {entry.disposition} | {_cell(becomes)} | "
            f"{', '.join(entry.rules)} |"
        )
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("`", "'")


def _error(error: object) -> str:
    return "" if error is None else f": {_cell(getattr(error, 'message', ''))}"
