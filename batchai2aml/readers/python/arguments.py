"""The arguments of a call, evaluated."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, field

from batchai2aml.readers.python.domain import Abstract, Slot


@dataclass(frozen=True, slots=True)
class Arguments:
    """Positional and keyword arguments; `open` when `*` or `**` brought some that are not known."""

    positional: tuple[Slot, ...] = ()
    keywords: dict[str, Slot] = field(default_factory=dict)
    open: bool = False

    def bind(self, names: SequenceOf[str]) -> dict[str, Slot]:
        """The arguments by parameter name; what has no name in `names` keeps its keyword."""
        bound = dict(zip(names, self.positional, strict=False))
        return {**bound, **self.keywords}

    def get(self, position: int, name: str = "") -> Abstract | None:
        """The value of one argument, by position or keyword."""
        if position < len(self.positional):
            return self.positional[position].value
        slot = self.keywords.get(name)
        return slot.value if slot else None

    def slot(self, position: int, name: str = "") -> Slot | None:
        """The slot of one argument, by position or keyword."""
        return self.positional[position] if position < len(self.positional) else self.keywords.get(name)
