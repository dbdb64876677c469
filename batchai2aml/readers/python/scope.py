"""Names and what they stand for, one scope inside another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

    from batchai2aml.readers.python.domain import Abstract


@dataclass(eq=False, slots=True)
class Scope:
    """
    A module, class or function body.

    `wild` when a star import may have brought any name; `parameters` are those of a function, `function` is its
    definition. `given` has the expressions that a call gave for parameters, `caller` the function that called.
    """

    kind: str
    parent: Scope | None = None
    names: dict[str, Abstract] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    wild: bool = False
    parameters: frozenset[str] = frozenset()
    function: cst.CSTNode | None = None
    caller: cst.CSTNode | None = None
    given: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> Abstract | None:
        """What a name stands for; class bodies are skipped from inside functions, as Python does."""
        for scope in self.chain:
            if name in scope.names and (scope is self or scope.kind != "class"):
                return scope.names[name]
        return None

    def set(self, name: str, value: Abstract) -> None:
        """Bind a name here, or in the module when it was declared `global`."""
        (self.module if name in self.outer else self).names[name] = value

    @property
    def chain(self) -> Iterator[Scope]:
        """The scope itself and those around it, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        *_, outermost = self.chain
        return outermost

    @property
    def home(self) -> cst.CSTNode | None:
        """The definition of the function around; None at module level."""
        return next((scope.function for scope in self.chain if scope.function is not None), None)

    def snapshot(self) -> Scope:
        """The scope as it is now, for asking later what an expression would have meant here."""
        parent = self.parent.snapshot() if self.parent else None
        return replace(self, parent=parent, names=dict(self.names), outer=set(self.outer))
