"""What the rules of the mapping may know beside the value that they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from batchai2aml.batchai.model import Field, Operation
from batchai2aml.config import Settings
from batchai2aml.mapping.printing import Style
from batchai2aml.mapping.types import Verdict
from batchai2aml.project.lookup import Lookup


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What conditions may know beside the field.

    All operations, the files of the project, the user's settings, how literals are written, and the day that
    retirement dates count from; whether a literal password is one that Azure ML refuses.
    """

    operations: tuple[Operation, ...]
    files: Lookup
    settings: Settings
    style: Style
    today: date
    weak_password: bool = False

    def jobs(self) -> Iterator[Operation]:
        """Every job of the project."""
        return (op for op in self.operations if op.op == "jobs.create")


Check: TypeAlias = Callable[[Field, Operation, Facts], Iterator[Verdict]]
