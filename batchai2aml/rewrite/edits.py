"""Changes to the text of one file part: every byte outside them stays."""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass, field, replace
from functools import cached_property

import libcst as cst

from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.tree import descendants

_NEWLINE = re.compile(r"\r\n|\n|\r")
_LONE = re.compile(r"(?<!\r)\n")


class Unconvertible(Exception):
    """A statement that cannot be rewritten; the unit that it belongs to stays as it is."""

    def __init__(self, reason: str, rule: str = "BAI703") -> None:
        super().__init__(reason)
        self.reason = reason
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Change:
    """Text to put in place of a span."""

    start: int
    stop: int
    text: str


@dataclass(eq=False)
class CellEdits:
    """The changes to a cell; expressions inside a replaced statement are dropped with it."""

    cell: Cell
    expressions: list[Change] = field(default_factory=list)
    statements: list[Change] = field(default_factory=list)
    inserts: list[tuple[int, int, str]] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._lines = [0, *(found.end() for found in _NEWLINE.finditer(self.cell.text))]
        self._newline = "\r\n" if "\r\n" in self.cell.text else "\n"
        if self._lines[-1] != len(self.cell.text):
            self._lines.append(len(self.cell.text))

    def offset(self, line: int, column: int) -> int:
        """The position of a line (from 1) and column (from 0)."""
        return self._lines[line - 1] + column

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """First and last position of a node's own text."""
        found = self.cell.range(node)
        return self.offset(found.start.line, found.start.column), self.offset(found.end.line, found.end.column)

    def block(self, statement: cst.CSTNode) -> tuple[int, int, str]:
        """The whole lines of a statement, and its indentation."""
        found = self.cell.range(statement)
        start = self._lines[found.start.line - 1]
        head = self.cell.text[start : start + found.start.column]
        if head.strip() or not isinstance(statement, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            raise Unconvertible("the statement shares its line with another one")
        if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) > 1:
            raise Unconvertible("the line holds several statements (a; b)")
        stop = self._lines[found.end.line] if found.end.line < len(self._lines) else len(self.cell.text)
        return start, stop, head

    def indent(self, statement: cst.CSTNode) -> str:
        """The white space before a statement."""
        found = self.cell.range(statement)
        start = self._lines[found.start.line - 1]
        return self.cell.text[start : start + found.start.column]

    def replace(self, node: cst.CSTNode, text: str) -> None:
        """Put an expression in another's place."""
        start, stop = self.span(node)
        self.expressions = [c for c in self.expressions if (c.start, c.stop) != (start, stop)]
        self.expressions.append(Change(start, stop, text))

    def replace_statement(self, statement: cst.CSTNode, lines: list[str]) -> None:
        """Put lines (indented relative to the statement) in a statement's place; its comments stay."""
        start, stop, indent = self.block(statement)
        if any(c.start < start and stop <= c.stop and self.cell.text[c.start : start].strip() for c in self.statements):
            return  # it went with a larger statement
        ending = "\n" if self.cell.text[start:stop].endswith("\n") else ""
        text = "\n".join(lines)
        kept = [comment for comment in comments(self.cell.text[start:stop]) if comment not in text]
        body = "\n".join([*kept, *lines])
        self.removed.discard(start)
        self.statements = [change for change in self.statements if not start <= change.stop - 1 < stop]
        if all(line.startswith("#") for line in body.split("\n") if line):
            self.removed.add(start)
        if not body:
            start, stop = self._with_blank_lines(start, stop)
        self.statements.append(Change(start, stop, _indented(body, indent) + (ending if body else "")))

    def _with_blank_lines(self, start: int, stop: int) -> tuple[int, int]:
        """A removed statement takes the blank line before it along when another blank line, or nothing, follows."""
        text = self.cell.text
        rest = text[stop:]
        if rest.strip() and rest.split("\n", 1)[0].strip():
            return start, stop
        while start > 1 and text[start - 1] == "\n":
            line = text.rfind("\n", 0, start - 1) + 1
            if text[line : start - 1].strip():
                break
            start = line
        return start, stop

    def insert(self, statement: cst.CSTNode, lines: list[str], after: bool = False) -> None:
        """Put lines before or after a statement that stays."""
        found = self.cell.range(statement)
        line = min(found.end.line, len(self._lines) - 1) if after else found.start.line - 1
        text = _indented("\n".join(lines), self.indent(statement))
        self.inserts.append((self._lines[line], len(self.inserts), text + "\n"))

    def touches(self, node: cst.CSTNode) -> bool:
        """Whether a change covers a node."""
        start, stop = self.span(node)
        return any(change.start <= start and stop <= change.stop for change in [*self.expressions, *self.statements])

    def code(self, node: cst.CSTNode) -> str:
        """The source of an expression with the changes inside it made."""
        start, stop = self.span(node)
        inner = _outermost([c for c in self.expressions if start <= c.start and c.stop <= stop])
        return _apply(self.cell.text[start:stop], [Change(c.start - start, c.stop - start, c.text) for c in inner])

    def render(self) -> str:
        """The new text."""
        blocks = [(change.start, change.stop) for change in self.statements]
        changes = [
            change
            for change in _outermost(self.expressions)
            if not any(start <= change.start and change.stop <= stop for start, stop in blocks)
        ]
        changes += self._closed(self._filled())
        text = self.cell.text
        joined: dict[int, str] = {}
        for at, _, added in sorted(self.inserts, key=lambda item: (item[0], item[1])):
            joined[at] = joined.get(at, "") + added
        for at, added in joined.items():
            if at == len(text) and text and not text.endswith("\n"):
                changes.append(Change(at, at, "\n" + added.rstrip("\n")))
            else:
                changes.append(Change(at, at, added))
        own = [replace(change, text=_LONE.sub(self._newline, change.text)) for change in changes]
        result = _apply(text, own)
        return result if text.endswith("\n") or not text else result.rstrip("\r\n")

    def _closed(self, changes: list[Change]) -> list[Change]:
        """The changes, with statements that went one after the other taking a blank line along as one does."""
        result: list[Change] = []
        for change in sorted(changes, key=lambda c: (c.start, c.stop)):
            last = result[-1] if result else None
            if last is not None and last.stop == change.start and not last.text and not change.text:
                start, stop = self._with_blank_lines(last.start, change.stop)
                result[-1] = Change(start, stop, "")
            else:
                result.append(change)
        return result

    @cached_property
    def _blocks(self) -> list[tuple[cst.IndentedBlock, list[int]]]:
        """The blocks of the cell, with the positions of the lines that their statements begin on."""
        return [
            (block, [self._lines[self.cell.range(s).start.line - 1] for s in block.body])
            for block in descendants(self.cell.module, cst.IndentedBlock)
        ]

    def _filled(self) -> list[Change]:
        """The statement changes, with `pass` where a block would be left without a statement."""
        filled = {change.start: change for change in self.statements}
        for block, starts in self._blocks:
            if starts and all(start in self.removed for start in starts):
                ends = [change for change in filled.values() if change.start <= starts[-1] < change.stop]
                last, indent = ends[-1], self.indent(block.body[-1])
                above = last.text if last.text.endswith("\n") or not last.text else f"{last.text}\n"
                filled[last.start] = Change(last.start, last.stop, f"{above}{indent}pass\n")
        return list(filled.values())


def _outermost(changes: list[Change]) -> list[Change]:
    """The changes that lie in no other one; the text of an outer change was made from the inner ones."""
    return [
        change
        for change in changes
        if not any(
            other is not change and other.start <= change.start and change.stop <= other.stop for other in changes
        )
    ]


def _apply(text: str, changes: list[Change]) -> str:
    for change in sorted(changes, key=lambda c: (c.start, c.stop), reverse=True):
        text = text[: change.start] + change.text + text[change.stop :]
    return text


def _indented(text: str, indent: str) -> str:
    return "\n".join(indent + line if line else line for line in text.split("\n")) if text else ""


def comments(source: str) -> list[str]:
    """The comments in a piece of source, in order."""
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.strip() + "\n").readline):
            if token.type == tokenize.COMMENT:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    return found
