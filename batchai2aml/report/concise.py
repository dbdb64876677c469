"""One line a finding, for editors and grep."""

from __future__ import annotations

from batchai2aml.scanning import Scan


def render(scan: Scan, target: str | None) -> str:
    """`path:line: RULE severity message`, errors of files first."""
    lines = [
        f"{file.path}:{file.error.line or 1}: unreadable: {file.error.message}"
        for file in scan.files
        if file.error is not None
    ]
    lines += [
        f"{found.where}: {found.rule} {found.severity}: {found.message}"
        for found in scan.ledger.findings
        if not found.suppressed
    ]
    return "".join(line + "\n" for line in lines)
