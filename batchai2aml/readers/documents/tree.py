"""JSON with the place of every value; comments, trailing commas and shell variables are read and reported."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from batchai2aml.readers.markers import CLOSE, OPEN, filled
from batchai2aml.text import Segment, Text

Leaf: TypeAlias = "Text | int | float | bool | None"
"""A text may hold shell variables; everything else is what JSON says."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the line and column it begins at, both counted from 1; members and items of what holds others."""

    line: int
    column: int
    leaf: Leaf = None
    members: tuple[tuple[str, Node], ...] | None = None
    items: tuple[Node, ...] | None = None

    def get(self, key: str) -> Node | None:
        """The last member of this name, as JSON readers keep it."""
        return next((node for name, node in reversed(self.members or ()) if name == key), None)

    @property
    def text(self) -> str | None:
        """What a text says, when it is one and all of it is known."""
        return self.leaf.known if isinstance(self.leaf, Text) else None


@dataclass(frozen=True, slots=True)
class Document:
    """A document with what its text had that JSON does not allow: line and what it is."""

    root: Node
    repaired: tuple[tuple[int, str], ...] = ()


class BrokenJson(Exception):
    """Text that is no JSON, with the line and column where reading stopped."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


_BLANK = re.compile(r"[ \t\r\n\ufeff\u00a0]+")
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?\*/", re.S)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"', re.S)
_OTHER = re.compile(rf"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])|true|false|null|{OPEN}\d+{CLOSE}", re.ASCII)
_DEEPEST = 200


def parse(text: str, variables: tuple[Segment, ...] = ()) -> Document:
    """
    Read a document; `variables` are the segments that the markers in the text stand for.

    Raises:
        BrokenJson: the text is no JSON, also when comments and trailing commas are overlooked.

    """
    reader = _Reader(text, variables)
    root = reader.value(0)
    reader.skip()
    if reader.at < len(text):
        raise reader.broken("text goes on behind the end of the document")
    return Document(root, tuple(dict.fromkeys(reader.repaired)))


@dataclass(eq=False)
class _Reader:
    source: str
    variables: tuple[Segment, ...]
    at: int = 0
    repaired: list[tuple[int, str]] = field(default_factory=list)
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.starts = [0, *(found.end() for found in re.finditer("\n", self.source))]

    def place(self) -> tuple[int, int]:
        line = bisect_right(self.starts, self.at)
        return line, self.at - self.starts[line - 1] + 1

    def broken(self, message: str) -> BrokenJson:
        return BrokenJson(message, *self.place())

    def skip(self) -> None:
        """Blanks and comments."""
        while True:
            if blank := _BLANK.match(self.source, self.at):
                self.at = blank.end()
            elif comment := _COMMENT.match(self.source, self.at):
                self.repaired.append((self.place()[0], "a comment"))
                self.at = comment.end()
            else:
                return

    def value(self, depth: int) -> Node:
        self.skip()
        if depth > _DEEPEST:
            raise self.broken("nested too deeply")
        start = self.source[self.at : self.at + 1]
        line, column = self.place()
        if start == "{":
            return Node(line, column, members=tuple(self.members(depth)))
        if start == "[":
            return Node(line, column, items=tuple(self.items(depth)))
        if start == '"':
            return Node(line, column, self.string())
        found = _OTHER.match(self.source, self.at)
        if found is None:
            raise self.broken("a value is missing here" if start in ("", ",", "}", "]") else f"unexpected {start!r}")
        self.at = found.end()
        word = found.group()
        return Node(line, column, self.text(word) if word[0] == OPEN else json.loads(word))

    def members(self, depth: int) -> list[tuple[str, Node]]:
        found: list[tuple[str, Node]] = []
        for _ in self.listed("}"):
            if self.source[self.at] != '"':
                raise self.broken("a key in double quotes is missing here")
            key = self.string()
            self.skip()
            if self.source[self.at : self.at + 1] != ":":
                raise self.broken("a colon is missing here")
            self.at += 1
            found.append((key.known or key.start, self.value(depth + 1)))
        return found

    def items(self, depth: int) -> list[Node]:
        return [self.value(depth + 1) for _ in self.listed("]")]

    def listed(self, end: str) -> Iterator[None]:
        """Step from comma to comma until the closing bracket."""
        self.at += 1
        first = True
        while True:
            self.skip()
            here = self.source[self.at : self.at + 1]
            if here == end:
                self.at += 1
                return
            if not first:
                if here != ",":
                    raise self.broken(f"a comma or {end!r} is missing here" if here else f"{end!r} is missing")
                comma = self.place()[0]
                self.at += 1
                self.skip()
                if self.source[self.at : self.at + 1] == end:
                    self.repaired.append((comma, "a comma before a closing bracket"))
                    self.at += 1
                    return
            if self.at >= len(self.source):
                raise self.broken(f"{end!r} is missing")
            first = False
            yield

    def string(self) -> Text:
        found = _STRING.match(self.source, self.at)
        if found is None:
            raise self.broken("the text is not closed on its line")
        try:
            decoded = json.loads(found.group(), strict=False)
        except ValueError:
            raise self.broken("a backslash that means nothing") from None
        if any("\ud800" <= char <= "\udfff" for char in decoded):
            raise self.broken("half of a character")
        self.at = found.end()
        return self.text(decoded)

    def text(self, decoded: str) -> Text:
        """Text with its shell variables."""
        return filled(decoded, self.variables)
