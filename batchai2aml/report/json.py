"""JSON, for programs."""

from __future__ import annotations

import json

from batchai2aml.report.data import to_data
from batchai2aml.scanning import Scan


def render(scan: Scan, target: str | None) -> str:
    """The whole result as one JSON document."""
    return json.dumps(to_data(scan, target), indent=1, ensure_ascii=False) + "\n"
