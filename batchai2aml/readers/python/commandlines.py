"""Command lines in programs and notebooks, as parts that the reader of scripts takes."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from batchai2aml.place import Where
from batchai2aml.readers.documents.tree import BrokenJson, Document, Node, parse
from batchai2aml.readers.markers import marker
from batchai2aml.readers.python.domain import Abstract, Const
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.program import Program
from batchai2aml.readers.python.shell import Dumped, ShellText, as_node, is_open, leaf, means, outermost, says
from batchai2aml.readers.scripts import Programmed
from batchai2aml.readers.shell.azure import Found
from batchai2aml.readers.shell.dialects import PYTHON
from batchai2aml.readers.shell.hosts import Saved, Stretch, notebook_cell
from batchai2aml.readers.shell.program import Part
from batchai2aml.text import Segment, Text


def programmed(program: Program) -> dict[str, Programmed]:
    """The command lines in programs and notebooks, with the texts that their variables hold in the end."""
    if program.interpreter is None:
        return {}
    parts: dict[str, list[Part]] = {}
    for text in outermost(program.interpreter):
        if text.cell.path in program.sources:
            parts.setdefault(text.cell.path, []).append(_of_expression(program.interpreter, text))
    for path, source in program.sources.items():
        cells = [cell for cell in source.notebook if cell.type == "code"]
        sees = partial(_at_the_end, program, path)
        lines = [Part(path, cell.index, cell.source, tuple(notebook_cell(cell.source)), sees=sees) for cell in cells]
        parts[path] = [*parts.get(path, ()), *(part for part in lines if part.stretches)]
    found: dict[str, Programmed] = {}
    for path, mine in parts.items():
        scope = program.scopes.get(path)
        values = (scope.names if scope else {}).items()
        names = {name: leaf(value) for name, value in values if isinstance(value, Text) or _is_number(value)}
        for cell in program.sources[path].notebook:
            for name, said in _ENV.findall(cell.source) if cell.type == "code" else ():
                names.setdefault(name, Text.literal(said))
        if mine:
            found[path] = Programmed(sorted(mine, key=lambda part: (part.cell or 0, part.line)), names)
    return found


def _dumped(program: Program, made: Dumped) -> Found:
    """A document of a program; in a notebook with texts for names that its cells cannot see."""
    root = as_node(made.value)
    path = made.where.path
    if path.endswith(".ipynb") and path in program.scopes and program.interpreter is not None:
        root = _seen_by_cells(root, partial(_at_the_end, program, path))
    return Found(Document(root), made.where, f"a part of {path} that is not followed" if is_open(made.value) else "")


def _seen_by_cells(node: Node, sees: Callable[[str, str | None], str | None]) -> Node:
    if node.members is not None:
        return replace(node, members=tuple((key, _seen_by_cells(value, sees)) for key, value in node.members))
    if node.items is not None:
        return replace(node, items=tuple(_seen_by_cells(item, sees) for item in node.items))
    if not isinstance(node.leaf, Text):
        return node
    pieces = (
        segment
        if segment.code is None or segment.text is None or sees(segment.code, segment.text) is not None
        else replace(segment, code=None)
        for segment in node.leaf.segments
    )
    return replace(node, leaf=Text.join(Text((piece,)) for piece in pieces))


def _at_the_end(program: Program, path: str, code: str, said: str | None) -> str | None:
    """An expression, if the cells of a notebook can see its names, and it says there in the end what is said here."""
    scope, me = program.scopes.get(path), program.interpreter
    cells = program.sources[path].cells
    names = set(re.findall(r"(?<![\w.'\"])[A-Za-z_]\w*", code))
    if me is None or scope is None or not cells or not names <= scope.names.keys() | set(dir(builtins)):
        return None
    return code if said is None or says(me, code, cells[-1], scope, said) else None


def _is_number(value: Abstract) -> bool:
    return isinstance(value, Const) and isinstance(value.value, (int, float))


_ENV = re.compile(r"^[ \t]*%(?:set_)?env[ \t]+([A-Za-z_]\w*)(?:[ \t]*=[ \t]*|[ \t]+)([^\s{}$\"']+)[ \t]*$", re.M)
"""`%env NAME=value`, as long as the value is written out."""


def written(program: Program) -> list[tuple[Text, Found]]:
    """The documents that programs and cells of notebooks write, with the names of the files."""
    dumped = program.interpreter.dumped if program.interpreter is not None else ()
    found = [(made.name, _dumped(program, made)) for made in dumped]
    for path, source in program.sources.items():
        for cell in source.notebook:
            for saved in notebook_cell(cell.source) if cell.type == "code" else ():
                if isinstance(saved, Saved) and not saved.appends and saved.name.endswith(".json"):
                    line = 1 + cell.source.count("\n", 0, saved.start)
                    with suppress(BrokenJson):
                        document = parse(cell.source[saved.start : saved.end])
                        found.append((Text.literal(saved.name), Found(document, Where(path, cell.index, line))))
    return sorted(found, key=lambda pair: (pair[1].where.path, pair[1].where.cell or 0))


def _stretch(text: ShellText) -> tuple[int, int]:
    """Where an expression begins and ends in the text of its cell."""
    lines = text.cell.text.split("\n")
    found = text.cell.range(text.node)
    start, end = (sum(map(len, lines[: at.line - 1])) + at.line - 1 + at.column for at in (found.start, found.end))
    return start, end


def _is_split(text: ShellText) -> bool:
    """Whether the program calls `.split()` of a text."""
    own = len(getattr(text.node, "rpar", ()))
    return bool(re.match(rf"\s*(?:\)\s*){{{own}}}\.split\(", text.cell.text[_stretch(text)[1] :]))


def _of_expression(me: Interpreter, text: ShellText) -> Part:
    """An expression that says a command line, with a marker for everything in it that is not written in place."""
    pieces: list[Segment] = []

    def marked(word: Text, listed: bool) -> str:
        shown = ""
        for segment in word.segments:
            if segment.code is None and segment.text is not None:
                shown += re.sub(r'(["\\$`])', r"\\\1", segment.text) if listed else segment.text
            else:
                pieces.append(segment)
                shown += marker(len(pieces) - 1)
        return f'"{shown}"' if listed and (not shown or re.search(r"[^\w./:=@%+,-]", shown)) else shown

    words = text.words
    source = (
        marked(text.value, False) if isinstance(text.value, Text) else " ".join(marked(w, True) for w in words or ())
    )
    where = text.cell.where(text.node)
    start, end = _stretch(text)
    return Part(
        where.path,
        where.cell,
        source,
        (Stretch(0, len(source), PYTHON),),
        where.line,
        text.cell.text[start:end],
        start,
        text.cell.text,
        tuple(pieces),
        words is not None,
        _is_split(text),
        partial(means, me, text),
        "branch" if text.reached == "uncalled" else text.reached,
    )
