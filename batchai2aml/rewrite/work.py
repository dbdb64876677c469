"""A file under change: its edits, its names, and what its new code needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from batchai2aml.azureml.names import identifier
from batchai2aml.emit.style import Style
from batchai2aml.emit.style import of as style_of
from batchai2aml.mapping.storage import Mount
from batchai2aml.readers.python.sources import Cell, Source
from batchai2aml.rewrite.edits import CellEdits
from batchai2aml.rewrite.tree import descendants, parents


@dataclass(eq=False)
class FileWork:
    """A file under change: its edits, the names it uses, the modules that the new code needs."""

    source: Source
    style: Style
    edits: dict[int, CellEdits]
    taken: set[str]
    needed: set[str] = field(default_factory=set)
    wanted: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    datastores: dict[tuple[str, int], int] = field(default_factory=dict)
    ours: set[str] = field(default_factory=set)
    mounted: dict[str, Mount] = field(default_factory=dict)

    def has_datastore(self, name: str, function: int, before: int | None = None) -> bool:
        """Whether a datastore's variable is bound where a function can see it, and before a call."""
        places = [at for (store, where), at in self.datastores.items() if store == name and where in (0, function)]
        return any(before is None or at < before for at in places)

    def cell_edits(self, cell: Cell) -> CellEdits:
        """The edits of a cell."""
        return self.edits[id(cell)]

    def name(self, wish: str) -> str:
        """A variable that nothing in the file uses yet."""
        found = identifier(wish, self.taken)
        self.taken.add(found)
        return found

    def again(self, wish: str) -> str:
        """A loop variable, which later loops of ours may use again."""
        if wish not in self.ours and wish in self.taken:
            wish = self.name(wish)
        self.ours.add(wish)
        self.taken.add(wish)
        return wish


def _variables(module: cst.Module) -> Iterator[cst.Name]:
    """The names that stand for variables, and not for attributes or keywords."""
    above = parents(module)
    for name in descendants(module, cst.Name):
        holder = above.get(name)
        attribute = isinstance(holder, cst.Attribute) and holder.attr is name
        if not attribute and not (isinstance(holder, cst.Arg) and holder.keyword is name):
            yield name


def work_of(source: Source) -> FileWork:
    """A file before its first change."""
    text = "\n".join(cell.text for cell in source.cells)
    taken = {name.value for cell in source.cells for name in _variables(cell.module)}
    return FileWork(source, style_of(text), {id(cell): CellEdits(cell) for cell in source.cells}, taken)
