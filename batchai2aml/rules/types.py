"""What one rule of the catalogue says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

Severity: TypeAlias = OneOf["error", "warning", "info"]
Disposition: TypeAlias = OneOf["exact", "changed", "dropped", "manual"]

RANK: dict[str, int] = {"exact": 0, "dropped": 1, "changed": 2, "manual": 3}
"""The worst disposition of several rules wins."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of finding. `severity` is the usual one; `worst` what it can rise to at a certain place."""

    id: str
    severity: Severity
    title: str
    meaning: str
    raised: str
    action: str
    worst: Severity | None = None
