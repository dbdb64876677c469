"""Findings by rule, worst first, as both the text and the Markdown report list them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from batchai2aml.mapping.types import Finding
from batchai2aml.rules import RULES, Rule
from batchai2aml.scanning import Scan

_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one rule with the worst severity among them."""

    rule: Rule
    severity: str
    findings: tuple[Finding, ...]

    @property
    def action(self) -> str:
        """What to do, as the findings say."""
        return self.findings[0].action


def groups(scan: Scan) -> list[Group]:
    """Unsuppressed findings, grouped by rule and severity."""
    found: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for item in scan.ledger.findings:
        if not item.suppressed:
            found[item.severity, item.rule].append(item)
    ordered = sorted(found.items(), key=lambda pair: (_ORDER[pair[0][0]], pair[0][1]))
    return [Group(RULES[rule], severity, tuple(items)) for (severity, rule), items in ordered]


def detail(finding: Finding, rule: Rule) -> str:
    """The finding's message without the rule's title in front."""
    return finding.message.removeprefix(rule.title).removeprefix(": ")


def headline(scan: Scan) -> str:
    """One sentence that says what was found."""
    if not scan.operations and scan.packages:
        return f"No Batch AI calls found in {count(scan.seen, 'file')}, but Batch AI's package is listed."
    marked = sum(1 for file in scan.files if file.outcome != "clean" and file.error is None)
    if not scan.operations and marked:
        return f"No Batch AI calls found in {count(scan.seen, 'file')}, but {count(marked, 'file')} that depend on it."
    errors = sum(1 for f in scan.ledger.findings if f.severity == "error" and not f.suppressed)
    warnings = sum(1 for f in scan.ledger.findings if f.severity == "warning" and not f.suppressed)
    left = f"{errors} {'needs' if errors == 1 else 'need'} a person, {count(warnings, 'warning')}."
    planned = sum(1 for file in scan.files if file.kind == "plan")
    if not scan.operations and planned:
        return f"A plan of {count(planned, 'file')}: {left}"
    if not scan.operations:
        return f"No Batch AI use found in {count(scan.seen, 'file')}."
    calls = sum(1 for op in scan.operations if not op.op.startswith(("storage.", "helpers.")))
    files = len({op.where.path for op in scan.operations})
    leaves = sum(1 for entry in scan.ledger.entries if entry.kind == "field")
    return f"{count(calls, 'Batch AI call')} in {count(files, 'file')}, {count(leaves, 'field')} set: {left}"


def count(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it must be."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
