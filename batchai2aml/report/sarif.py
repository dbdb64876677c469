"""SARIF 2.1.0 (OASIS standard), for code scanning services."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from batchai2aml import __version__
from batchai2aml.mapping.types import Finding
from batchai2aml.report.places import line_of, path_of
from batchai2aml.rules import RULES, Rule, Severity
from batchai2aml.scanning import Scan

_LEVEL: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}


def render(scan: Scan, target: str | None) -> str:
    """One run with a result for every finding, and the rules that they name."""
    used = sorted({found.rule for found in scan.ledger.findings})
    number = {rule: index for index, rule in enumerate(used)}
    driver = {"name": "batchai2aml", "version": __version__, "rules": [_rule(RULES[rule]) for rule in used]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not scan.failures}],
        "results": [_result(scan, found, number[found.rule]) for found in scan.ledger.findings],
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.meaning or rule.title}."},
        "help": {"text": f"Raised for: {rule.raised}. To do: {rule.action}."},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
    }


def _result(scan: Scan, found: Finding, rule: int) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": quote(path_of(scan, found.where.path))},
        "region": {"startLine": max(1, line_of(scan, found.where))},
    }
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": rule,
        "level": _LEVEL[found.severity],
        "message": {"text": found.message},
        "locations": [{"physicalLocation": place}],
        "properties": {"disposition": found.disposition, "effort": found.effort},
    }
    if found.suppressed:
        result["suppressions"] = [{"kind": "inSource"}]
    return result
