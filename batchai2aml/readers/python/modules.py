"""The modules and data files of the project, read when the program asks for them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

import libcst as cst

from batchai2aml.project.text import Unreadable, decode
from batchai2aml.readers.python.domain import Abstract, External, ModuleValue
from batchai2aml.readers.python.fingerprints import helper_name
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.scope import Scope
from batchai2aml.readers.python.sources import Cell, Source, parse


class Modules:
    """Finds modules below the project's root; `read` gives the bytes of a path there, or None."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self.read = read
        self._loaded: dict[str, ModuleValue] = {}
        self.sources: dict[str, Source] = {}
        self.search: list[str] = []
        self.data_files: dict[str, str] = {}

    def source(self, path: str, notebook: bool = False) -> Source | None:
        """The parsed file at a path; None when there is none or it cannot be parsed."""
        if path not in self.sources:
            data = self.read(path)
            if data is None:
                return None
            try:
                self.sources[path] = parse(path, data, notebook)
            except Unreadable:
                return None
        return self.sources[path]

    def load(self, me: Interpreter, name: str, level: int = 0) -> Abstract:
        """The module behind a dotted name; `level` counts the dots of a relative import."""
        for folder in self._folders(me, level):
            path = posixpath.normpath(posixpath.join(folder, *name.split("."))) if name else folder
            found = self._module(me, path, name)
            if found is not None:
                return found
        return External(name)

    def _folders(self, me: Interpreter, level: int) -> list[str]:
        here = posixpath.dirname(me.cell.path if me.frames else me.entry)
        if level:
            for _ in range(level - 1):
                here = posixpath.dirname(here)
            return [here]
        entry = posixpath.dirname(me.entry)
        return list(dict.fromkeys([here, entry, *self.search, "", "src"]))

    def _module(self, me: Interpreter, path: str, name: str) -> ModuleValue | None:
        if path in ("", ".", ".."):
            return None
        if path in self._loaded:
            return self._loaded[path]
        for file in (f"{path}.py", f"{path}/__init__.py"):
            source = self.source(file)
            if source is not None:
                return self.execute(me, source, path, name)
        return None

    def execute(self, me: Interpreter, source: Source, path: str, name: str) -> ModuleValue:
        """Read a module's own statements, once."""
        if path in self._loaded:
            return self._loaded[path]
        module = ModuleValue(name, Scope("module"))
        self._loaded[path] = module
        entry, statement, flags = me.entry, me.statement, me.flags
        me.entry, me.flags = source.path, []
        try:
            for cell in source.cells:
                me.run(cell, module.scope)
        finally:
            me.entry, me.statement, me.flags = entry, statement, flags
        return module

    def submodule(self, me: Interpreter, module: ModuleValue, name: str) -> Abstract | None:
        """`package.name`, when that is a file of the project."""
        for path, loaded in self._loaded.items():
            if loaded is module:
                return self._module(me, f"{path}/{name}", f"{module.name}.{name}")
        return None

    def has_own(self, attribute: str) -> bool:
        """Whether a class of the project has an attribute of this name, set through `self` or in its body."""
        given = re.compile(
            rf"\bself\.{attribute}\s*(?::[^=\n]*)?=(?!=)|^\s+{attribute}\s*(?::|=(?!=))|def {attribute}\("
            rf"|namedtuple\([^)]*\b{attribute}\b",
            re.MULTILINE,
        )
        return any(given.search(cell.text) for source in self.sources.values() for cell in source.cells)

    def add_path(self, me: Interpreter, folder: str) -> None:
        """`sys.path.append(folder)`, seen from the folder of the program."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(me.entry), folder.replace("\\", "/")))
        if path == ".":
            path = ""
        if path not in self.search:
            self.search.append(path)

    def find_data(self, me: Interpreter, path: str) -> str | None:
        """The project's path of a file that the program opens, seen from where it would run."""
        written = path.replace("\\", "/")
        entry = posixpath.dirname(me.entry).removesuffix("/.ipynb_checkpoints")
        for folder in dict.fromkeys([entry, posixpath.dirname(me.cell.path), ""]):
            full = posixpath.normpath(posixpath.join(folder, written))
            if not full.startswith("/") and self.read(full) is not None:
                return full
        return None

    def data_file(self, me: Interpreter, path: str) -> str | None:
        """The text of a data file of the project, or None."""
        full = self.find_data(me, path)
        data = self.read(full) if full else None
        if data is None or full is None:
            return None
        try:
            self.data_files[full] = decode(data).text
        except Unreadable:
            return None
        return self.data_files[full]

    def helper_name(self, cell: Cell, node: cst.FunctionDef | cst.ClassDef) -> str | None:
        """The name of the recipes' helper that a definition is, by its content."""
        return helper_name(node.name.value, cell.code(node))
