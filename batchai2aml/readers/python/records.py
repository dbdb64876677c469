"""What was seen while reading: calls, in the order in which the program reaches them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from batchai2aml.batchai.calls import Call
    from batchai2aml.place import Where
    from batchai2aml.readers.python.domain import Abstract, ModelObject, Slot
    from batchai2aml.readers.python.scope import Scope
    from batchai2aml.readers.python.sources import Cell


@dataclass(eq=False, slots=True)
class CallRecord:
    """
    One call site as one path through the program reaches it.

    `node` is the call itself, `outer` the call with `.result()` around it, `statement` the statement
    that both stand in, `scope` the names as they were just before. `again` are further rounds of a loop, `first` the
    arguments of the first; `arguments` then hold what all rounds say.
    """

    op: str
    node: cst.Call
    cell: Cell
    statement: cst.CSTNode | None
    scope: Scope
    where: Where
    via: str | None
    reached: str
    arguments: dict[str, Slot] = field(default_factory=dict)
    call: Call | None = None
    old: bool = False
    body: ModelObject | None = None
    receiver: Abstract | None = None
    outer: cst.BaseExpression | None = None
    again: list[CallRecord] = field(default_factory=list)
    first: dict[str, Slot] = field(default_factory=dict)
    index: int = -1
    waited: bool = False

    @property
    def rounds(self) -> list[dict[str, Slot]]:
        """The arguments of every round."""
        return [self.first or self.arguments, *(other.arguments for other in self.again)]

    def argument(self, name: str) -> Abstract | None:
        """The value of an argument, or None when it was not given."""
        slot = self.arguments.get(name)
        return slot.value if slot else None
