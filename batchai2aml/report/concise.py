"""One line a finding, for editors and grep."""

from __future__ import annotations

from batchai2aml.scanning import Scan


def render(scan: Scan, target: str | None) -> str:
    """`path:line: RULE severity message`."""
    lines = [
        f"{found.where}: {found.rule} {found.severity}: {found.message}"
        for found in scan.ledger.findings
        if not found.suppressed
    ]
    return "".join(line + "\n" for line in lines)
