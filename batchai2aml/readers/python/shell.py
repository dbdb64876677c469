"""Command lines that a program puts together as texts or lists, and the JSON documents that it writes for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import libcst as cst

from batchai2aml.batchai.model import Reached
from batchai2aml.place import Where
from batchai2aml.readers.documents.tree import Node
from batchai2aml.readers.python.domain import (
    Abstract,
    Const,
    Instance,
    Mapping,
    Sequence,
    Slot,
    Unknown,
    as_text,
)
from batchai2aml.readers.python.rounds import merged
from batchai2aml.readers.python.sources import Cell
from batchai2aml.text import Segment, Text

if TYPE_CHECKING:
    from batchai2aml.readers.python.interpreter import Interpreter
    from batchai2aml.readers.python.scope import Scope

_COMMAND = re.compile(r"(?:^|[;&|(]\s*|\bsudo\s+)az(?:\.cmd)?\s+batchai\s")
_TEXTS = (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)
_PARTS = (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString, cst.BinaryOperation, cst.Call, cst.List)
_WRITERS = ("json.dump", "simplejson.dump")


@dataclass(eq=False)
class ShellText:
    """An expression that says a command line: what it says in all rounds, and the names that can be seen there."""

    node: cst.BaseExpression
    cell: Cell
    value: Text | Sequence
    scope: Scope
    reached: Reached

    @property
    def words(self) -> list[Text] | None:
        """The words of a list, each with the expression that it was given by; None of a text."""
        if isinstance(self.value, Text):
            return None
        written = [element.value for element in getattr(self.node, "elements", ())]
        if len(written) != len(self.value.items):
            return [leaf(item) for item in self.value.items]
        pairs = zip(self.value.items, written, strict=True)
        return [leaf(item) if isinstance(node, _TEXTS) else _named(item, self.cell.code(node)) for item, node in pairs]


@dataclass(eq=False)
class Dumped:
    """
    A document that the program writes: the file's name, what is in it in all rounds, and where it is written.

    `calls` are the calls that led there: a helper writes as many documents as there are calls of it.
    """

    node: cst.Call
    calls: tuple[int, ...]
    name: Text
    value: Mapping
    where: Where


def _named(value: Abstract, code: str) -> Text:
    """A word that is given by a name: what it says, if that is known, and the name."""
    said = leaf(value)
    return Text((Segment(said.known, code, said.secret),))


def note(me: Interpreter, node: cst.CSTNode, value: Abstract, scope: Scope) -> None:
    """Take note of an expression that says a command line of Batch AI."""
    if not isinstance(node, _PARTS) or not _says_command(node, value):
        return
    assert isinstance(value, (Text, Sequence))
    known = me.shell.get(id(node))
    if known is None:
        me.shell[id(node)] = ShellText(node, me.cell, value, scope, cast(Reached, me.reached))
    else:
        again = merged(Slot(known.value, node, known.cell), value)
        known.value = again if isinstance(again, (Text, Sequence)) else known.value


def _says_command(node: cst.CSTNode, value: Abstract) -> bool:
    if isinstance(value, Text):
        return bool(_COMMAND.search(value.start))
    if not isinstance(value, Sequence) or not isinstance(node, cst.List) or len(value.items) < 3 or value.open:
        return False
    return [item.known if isinstance(item, Text) else None for item in value.items[:2]] == ["az", "batchai"]


def note_document(me: Interpreter, dotted: str, node: cst.Call, value: Abstract | None, to: Abstract | None) -> None:
    """Take note of `json.dump(document, file)`."""
    if dotted in _WRITERS:
        _note(me, node, value, to)


def note_text(me: Interpreter, node: cst.Call, value: Abstract | None, to: Abstract | None) -> None:
    """Take note of `file.write(json.dumps(document))` and `Path(...).write_text(...)`."""
    if isinstance(value, Unknown) and value.document is not None:
        _note(me, node, value.document, to)


def _note(me: Interpreter, node: cst.Call, value: Abstract | None, to: Abstract | None) -> None:
    name = to.attributes.get("name") if isinstance(to, Instance) and to.kind == "file" else to
    value = Mapping(open=True) if isinstance(value, Unknown) else value
    if not isinstance(name, Text) or not isinstance(value, Mapping):
        return
    from batchai2aml.readers.python.library import frozen

    value = frozen(value)
    calls = tuple(id(frame.at) for frame in me.frames[:-1])
    known = next((made for made in me.dumped if made.node is node and made.calls == calls), None)
    if known is None:
        me.dumped.append(Dumped(node, calls, name, value, _place(me, node)))
        return
    again, named = (merged(Slot(old, node, me.cell), new) for old, new in ((known.value, value), (known.name, name)))
    known.value = again if isinstance(again, Mapping) else known.value
    known.name = named if isinstance(named, Text) else known.name


def _place(me: Interpreter, node: cst.Call) -> Where:
    """Where a document is written: in a helper that is given the document, where the helper is called."""
    function = me.frames[-1].node
    caller = me.frames[-2] if len(me.frames) > 1 else None
    if isinstance(function, cst.FunctionDef) and caller is not None and caller.at is not None:
        given = {parameter.name.value for parameter in function.params.params}
        if given & {name.value for name in _below(node) if isinstance(name, cst.Name)} - {"file", "f", "fp"}:
            return caller.cell.where(caller.at)
    return me.cell.where(node)


def outermost(me: Interpreter) -> list[ShellText]:
    """The expressions that no other one holds; a bare text in the program is no command."""
    found = list(me.shell.values())
    inside = {id(child) for text in found for child in _below(text.node)}
    bare = {id(line.value) for text in found for line in _bare(text.cell)}
    return [text for text in found if id(text.node) not in inside | bare and not _grows(text)]


def _grows(text: ShellText) -> bool:
    """Whether the program goes on to add words to a command line that it keeps in a variable."""
    for line in _below(text.cell.module):
        if isinstance(line, cst.Assign) and line.value is text.node and isinstance(line.targets[0].target, cst.Name):
            name = re.escape(line.targets[0].target.value)
            return bool(re.search(rf"\b{name}\s*\+=|\b{name}\.(?:append|extend|insert)\(", text.cell.text))
    return False


def _below(node: cst.CSTNode) -> list[cst.CSTNode]:
    return [inner for child in node.children for inner in (child, *_below(child))]


def _bare(cell: Cell) -> list[cst.Expr]:
    return [line for line in _below(cell.module) if isinstance(line, cst.Expr) and isinstance(line.value, _TEXTS)]


def as_node(value: Abstract, code: str = "") -> Node:
    """A dictionary of the program as a document; a value that was given by a name keeps it."""
    match value:
        case Mapping(entries):
            codes = value.codes
            return Node(1, 1, members=tuple((str(key), as_node(e, codes.get(key, ""))) for key, e in entries.items()))
        case Sequence(items):
            return Node(1, 1, items=tuple(as_node(item) for item in items))
        case Const(scalar) if not code or scalar is None or isinstance(scalar, bytes):
            return Node(1, 1, scalar if not isinstance(scalar, bytes) else None)
    return Node(1, 1, as_text(value, code) if code else leaf(value))


def is_open(value: Abstract) -> bool:
    """Whether a dictionary or list has members that are not known."""
    match value:
        case Mapping(entries, known_in_part):
            return known_in_part or any(is_open(entry) for entry in entries.values())
        case Sequence(items, _, known_in_part):
            return known_in_part or any(is_open(item) for item in items)
    return False


def leaf(value: Abstract) -> Text:
    """A leaf as text: what it says, or the expression that says it."""
    if isinstance(value, Text):
        return value
    if isinstance(value, Const):
        return Text.literal(str(value.value))
    code = value.code if isinstance(value, Unknown) else ""
    return Text((Segment(None, code, undefined=isinstance(value, Unknown) and value.undefined),))


def says(me: Interpreter, code: str, cell: Cell, scope: Scope, said: str) -> bool:
    """Whether an expression says a text where `scope` was taken."""
    value = me.meaning(code, cell, scope)
    return value is not None and leaf(value).known == said


def means(me: Interpreter, text: ShellText, code: str, said: str | None) -> str | None:
    """
    The expression that says, where a command line is put together, what `code` says where a document is made.

    `said` is what it says, if that is known. Parameters are replaced by what every call gives for them.
    """
    if said is not None:
        return code if says(me, code, text.cell, text.scope, said) else None
    try:
        expression = cst.parse_expression(code)
    except cst.ParserSyntaxError:
        return None
    outside = _Outside({name: min(given) for name, given in me.handed.items() if len(given) == 1})
    moved = expression.visit(outside)
    every = (moved, *_below(moved)) if isinstance(moved, cst.BaseExpression) else ()
    attributes = {id(node.attr) for node in every if isinstance(node, cst.Attribute)}
    names = {node.value for node in every if isinstance(node, cst.Name) and id(node) not in attributes}
    visible = names <= text.scope.module.names.keys() | {"os", "str", "int", "float"}
    sure = not {name for name, given in me.handed.items() if len(given) > 1} & outside.met
    return cst.Module([]).code_for_node(moved) if visible and sure and isinstance(moved, cst.BaseExpression) else None


class _Outside(cst.CSTTransformer):
    """Parameters replaced by the expressions that were given for them."""

    def __init__(self, given: dict[str, str]) -> None:
        super().__init__()
        self.given = given
        self.met: set[str] = set()

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        self.met.add(original_node.value)
        code = self.given.get(original_node.value)
        return cst.parse_expression(code) if code is not None else updated_node
