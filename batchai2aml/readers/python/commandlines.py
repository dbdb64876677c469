"""Command lines in programs and notebooks, as parts that the reader of scripts takes."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial

from batchai2aml.place import Where
from batchai2aml.readers.documents.tree import CLOSE, OPEN, BrokenJson, Document, parse
from batchai2aml.readers.python.domain import Abstract, Const
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.program import Program
from batchai2aml.readers.python.shell import ShellText, as_node, leaf, means, outermost
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
        lines = [Part(path, cell.index, cell.source, tuple(notebook_cell(cell.source))) for cell in cells]
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


def _is_number(value: Abstract) -> bool:
    return isinstance(value, Const) and isinstance(value.value, (int, float))


_ENV = re.compile(r"^[ \t]*%(?:set_)?env[ \t]+([A-Za-z_]\w*)(?:[ \t]*=[ \t]*|[ \t]+)([^\s{}$\"']+)[ \t]*$", re.M)
"""`%env NAME=value`, as long as the value is written out."""


def written(program: Program) -> list[tuple[Text, Found]]:
    """The documents that programs and cells of notebooks write, with the names of the files."""
    dumped = program.interpreter.dumped if program.interpreter is not None else ()
    found = [(made.name, Found(Document(as_node(made.value)), made.where)) for made in dumped]
    for path, source in program.sources.items():
        for cell in source.notebook:
            for saved in notebook_cell(cell.source) if cell.type == "code" else ():
                if isinstance(saved, Saved) and not saved.appends and saved.name.endswith(".json"):
                    line = 1 + cell.source.count("\n", 0, saved.start)
                    with suppress(BrokenJson):
                        document = parse(cell.source[saved.start : saved.end])
                        found.append((Text.literal(saved.name), Found(document, Where(path, cell.index, line))))
    return found


def _offset(text: ShellText) -> int:
    """Where an expression begins in the text of its cell."""
    start = text.cell.range(text.node).start
    lines = text.cell.text.split("\n")
    return sum(len(line) + 1 for line in lines[: start.line - 1]) + start.column


def _is_split(text: ShellText) -> bool:
    """Whether the program calls `.split()` of a text."""
    return f"{text.cell.code(text.node)}.split(" in text.cell.text


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
                shown += f"{OPEN}{len(pieces) - 1}{CLOSE}"
        return f'"{shown}"' if listed and (not shown or re.search(r"[^\w./:=@%+,-]", shown)) else shown

    words = text.words
    source = (
        marked(text.value, False) if isinstance(text.value, Text) else " ".join(marked(w, True) for w in words or ())
    )
    where = text.cell.where(text.node)
    return Part(
        where.path,
        where.cell,
        source,
        (Stretch(0, len(source), PYTHON),),
        where.line,
        text.cell.code(text.node),
        _offset(text),
        text.cell.text,
        tuple(pieces),
        words is not None,
        _is_split(text),
        partial(means, me, text),
        "branch" if text.reached == "uncalled" else text.reached,
    )
