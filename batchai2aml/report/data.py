"""The result of a run as plain data: the shape that `schema.json` describes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from batchai2aml import __version__
from batchai2aml.batchai.model import Operation
from batchai2aml.mapping.types import Entry, Finding
from batchai2aml.scanning import FileResult, Scan
from batchai2aml.values import to_json

SCHEMA_VERSION = "1"


def schema() -> dict[str, Any]:
    """The JSON Schema of what `to_data` gives."""
    import json
    from importlib.resources import files

    found: dict[str, Any] = json.loads(files("batchai2aml.report").joinpath("schema.json").read_text("utf-8"))
    return found


def to_data(scan: Scan, target: str | None = None) -> dict[str, Any]:
    """The JSON output; `target` is given for a conversion."""
    fields = {(e.operation, e.path): e for e in scan.ledger.entries if e.kind == "field"}
    data: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "batchai2aml", "version": __version__},
        "files": [_file(file, target is not None) for file in scan.files],
        "operations": [_operation(operation, fields) for operation in scan.operations],
        "ledger": [_entry(entry) for entry in scan.ledger.entries],
        "findings": [_finding(found) for found in scan.ledger.findings],
        "summary": summary(scan),
    }
    if target is not None:
        data["target"] = target
    return data


def summary(scan: Scan) -> dict[str, dict[str, int]]:
    """Counts of files, operations, ledger entries and findings."""
    return {
        "files": dict(Counter(file.outcome for file in scan.files)),
        "operations": dict(Counter(operation.op for operation in scan.operations)),
        "ledger": dict(Counter(entry.disposition for entry in scan.ledger.entries)),
        "findings": dict(Counter(found.severity for found in scan.ledger.findings if not found.suppressed)),
    }


def _file(file: FileResult, converted: bool) -> dict[str, Any]:
    error = file.error
    data: dict[str, Any] = {
        "path": file.path,
        "kind": file.kind,
        "outcome": file.outcome,
        "api_version": file.api_version,
        "error": None if error is None else {"message": error.message, "line": error.line, "column": error.column},
    }
    if converted:
        data["output"] = file.output
    return data


def _operation(operation: Operation, entries: dict[tuple[int | None, str], Entry]) -> dict[str, Any]:
    return {
        "op": operation.op,
        "resource": operation.resource,
        "name": None if operation.name is None else to_json(operation.name),
        "resource_group": None if operation.resource_group is None else to_json(operation.resource_group),
        "workspace": None if operation.workspace is None else to_json(operation.workspace),
        "experiment": None if operation.experiment is None else to_json(operation.experiment),
        "where": operation.where.to_json(),
        "reached": operation.reached,
        "via": operation.via,
        "fields": [
            {
                "path": field.path,
                "value": to_json(field.value),
                "where": field.where.to_json(),
                "disposition": entries[operation.index, field.path].disposition,
                "rules": list(entries[operation.index, field.path].rules),
                "target": _target(entries[operation.index, field.path]),
            }
            for field in operation.fields
        ],
    }


def _target(entry: Entry) -> dict[str, str]:
    return {"v1": entry.v1, "v2": entry.v2}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "operation": entry.operation,
        "path": entry.path,
        "where": entry.where.to_json(),
        "value": None if entry.value is None else to_json(entry.value),
        "disposition": entry.disposition,
        "rules": list(entry.rules),
        "target": _target(entry),
    }


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "severity": found.severity,
        "effort": found.effort,
        "disposition": found.disposition,
        "where": found.where.to_json(),
        "message": found.message,
        "action": found.action,
        "suppressed": found.suppressed,
    }
