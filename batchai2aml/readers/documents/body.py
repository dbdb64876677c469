"""From a document to the leaves of a request body, by the schema table; nothing in it is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from batchai2aml.batchai.model import Field, Notice
from batchai2aml.batchai.request import Setting, Written
from batchai2aml.batchai.schema import MODELS
from batchai2aml.batchai.schema.keys import is_secret_key
from batchai2aml.batchai.schema.types import Field as Row
from batchai2aml.place import Where
from batchai2aml.readers.documents.tree import Node
from batchai2aml.text import Segment, Text
from batchai2aml.values import Literal, Secret

ACCOUNT, KEY = "AZURE_BATCHAI_STORAGE_ACCOUNT", "AZURE_BATCHAI_STORAGE_KEY"
"""What `az batchai` fills in for `<NAME>`: from its options, or from environment variables of these names."""


@dataclass(eq=False)
class Body:
    """What a document says: leaves by REST path, keys that no schema knows, and what was noticed."""

    where: Where
    settings: list[Setting] = field(default_factory=list)
    keys: list[Field] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def at(self, node: Node) -> Where:
        """The place of a value; a document inside another file begins at that file's line."""
        return Where(self.where.path, self.where.cell, self.where.line + node.line - 1)


def read(root: Node, model: str, where: Where) -> Body:
    """The leaves of a document; `model` is the class of its body, `where` the place of its first line."""
    found = Body(where)
    rows = {row.rest: row for row in MODELS[model].fields}
    inside = root.get("properties")
    wrapped = inside is not None and inside.members is not None
    for key, node in _members(root, "", found):
        row = rows.get(key)
        if key == "properties" and wrapped and node.members:
            for name, value in _members(node, "properties", found):
                _member(name, value, "properties", rows, found)
        elif row is not None and (not wrapped or not row.inside):
            _value(row, node, row.path, found)
        else:
            _unread(key, node, found)
    return found


def _members(node: Node, path: str, found: Body) -> Iterator[tuple[str, Node]]:
    """Members, of which the last of a name counts."""
    names = [name for name, _ in node.members or ()]
    for number, (name, value) in enumerate(node.members or ()):
        if name in names[number + 1 :]:
            found.notices.append(Notice("duplicate", found.at(value), _join(path, name)))
            _unread(_join(path, name), value, found)
            continue
        yield name, value


def _member(key: str, node: Node, prefix: str, rows: dict[str, Row], found: Body) -> None:
    row = rows.get(key)
    if row is None:
        _unread(_join(prefix, key), node, found)
    else:
        _value(row, node, _join(prefix, key), found)


def _value(row: Row, node: Node, path: str, found: Body) -> None:
    """A value by its row: an object of a class, a list, a dictionary of texts, or a leaf."""
    if row.is_list and node.items:
        for number, item in enumerate(node.items):
            _item(row, item, f"{path}[{number}]", found)
    elif row.type.startswith("{") and node.members:
        for key, value in _members(node, path, found):
            _leaf(row, value, _join(path, key), found)
    elif not row.is_list and row.item in MODELS:
        _item(row, node, path, found)
    else:
        _leaf(row, node, path, found)


def _item(row: Row, node: Node, path: str, found: Body) -> None:
    if row.item in MODELS and node.members:
        rows = {inner.rest: inner for inner in MODELS[row.item].fields}
        for key, value in _members(node, path, found):
            _member(key, value, path, rows, found)
    else:
        _leaf(row, node, path, found)


def _leaf(row: Row, node: Node, path: str, found: Body) -> None:
    """A scalar; what is a scalar where an object belongs, or the other way round, is a strange key."""
    empty = node.leaf is None and not node.members and not node.items
    misplaced = node.members or node.items or row.item in MODELS or (row.is_list and not path.endswith("]"))
    if misplaced and not empty:
        _unread(path, node, found)
        return
    found.settings.append(Setting(path, _written(row, node, path, found), found.at(node)))


def _written(row: Row, node: Node, path: str, found: Body) -> Written:
    """A scalar in the type of its row; placeholders that `az batchai` fills in are open."""
    if not isinstance(node.leaf, Text):
        return node.leaf
    known = node.leaf.known
    number = {"int": int, "bool": lambda text: text.lower() == "true"}.get(row.item)
    if known is not None and number is not None and all(segment.code is None for segment in node.leaf.segments):
        if (known.isdecimal() and known.isascii()) or (row.item == "bool" and known.lower() in ("true", "false")):
            found.notices.append(Notice("text for a number", found.at(node), f'{path} = "{known}"'))
            return int(known) if row.item == "int" else known.lower() == "true"
    return with_placeholders(node.leaf)


def with_placeholders(text: Text) -> Text:
    """A text whose `<AZURE_BATCHAI_STORAGE_...>` are open parts."""
    pieces: list[Text] = []
    for segment in text.segments:
        rest = segment.text if segment.code is None else None
        if rest is None:
            pieces.append(Text((segment,)))
            continue
        while rest:
            at, name = min((rest.find(f"<{name}>") % (len(rest) + 1), name) for name in (ACCOUNT, KEY))
            pieces.append(Text.literal(rest[:at]))
            rest = rest[at:]
            if rest:
                pieces.append(Text((Segment(None, f"${name}", secret=name == KEY),)))
                rest = rest[len(name) + 2 :]
    return Text.join(pieces)


def _unread(path: str, node: Node, found: Body) -> None:
    """Every leaf below a key that Batch AI did not read."""
    for name, value in node.members or ():
        _unread(_join(path, name), value, found)
    for number, item in enumerate(node.items or ()):
        _unread(f"{path}[{number}]", item, found)
    if not node.members and not node.items:
        said = node.leaf.value(path) if isinstance(node.leaf, Text) else Literal(node.leaf)
        said = Secret(path) if isinstance(node.leaf, Text) and is_secret_key(path) else said
        found.keys.append(Field(path, said, found.at(node)))


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name
