"""Words of command lines, with quotes taken off and variables filled in; every word knows where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from batchai2aml.batchai.commandline import split
from batchai2aml.readers.shell.dialects import Dialect
from batchai2aml.text import Segment, Text

_PLACEHOLDER = re.compile(r"<[A-Za-z][^<>\n|;&$`]*?(?<=[\w\s.!-])>")
_PLAIN = re.compile(r"[\w./:=@+,-]+")
"""Characters that mean nothing but themselves, in and out of quotes."""
_DEFAULT = re.compile(r":?[-=]([\w./@:-]+)\}$")
_EDITED = re.compile(r"\$\{\w+(?:[/#%^,@]|:[^-=?]|\+)")
"""`${name//./}` and its relatives, which say something else than the variable."""
_WHOLE_ARRAY = re.compile(r'"?\$\{(\w+)\[[@*]\]\}"?')
_ENDS = "\n;&|()"
_SECRET = re.compile(r"\bkeys\s+list\b|\bkeyvault\s+secret\s+show\b|generate-sas|connection-string")


@dataclass(frozen=True, slots=True)
class Word:
    """A word and the stretch of the source that it takes."""

    text: Text
    start: int
    end: int


@dataclass(eq=False)
class Words:
    """
    Reads words at a place in a source, moving on as it goes.

    `nested` is called with the stretch of a command substitution; `variables` are the values known so far.
    """

    source: str
    at: int
    end: int
    dialect: Dialect
    variables: Mapping[str, Text]
    nested: Callable[[int, int], None]
    pieces: list[Segment] = field(default_factory=list)

    @property
    def here(self) -> str:
        """The next character, or nothing at the end."""
        return self.source[self.at] if self.at < self.end else ""

    def skip_blanks(self) -> None:
        """Blanks, and line ends that a continuation character stands before."""
        while self.at < self.end:
            if self.here in " \t\r" or (self.here == "\f"):
                self.at += 1
            elif length := self.continued():
                self.at += length
            else:
                return

    def continued(self) -> int:
        """The length of a continuation character with its line end, or 0."""
        found = re.compile(re.escape(self.dialect.escape) + r"[ \t]*\r?\n").match(self.source, self.at, self.end)
        return found.end() - self.at if found else 0

    def placeholder(self) -> str:
        """`<storage account name>`, as documentation writes it, or nothing."""
        found = _PLACEHOLDER.match(self.source, self.at, self.end)
        return found.group() if found else ""

    def words(self, arrays: Mapping[str, tuple[Text, ...]] | None = None) -> list[Word]:
        """What begins here: one word, or those of an array, or of a variable that stands for several."""
        found = _WHOLE_ARRAY.match(self.source, self.at, self.end)
        if found is not None and arrays and found.group(1) in arrays:
            start, self.at = self.at, found.end()
            return [Word(text, start, self.at) for text in arrays[found.group(1)]]
        word = self.word()
        if not self.several:
            return [word]
        return [Word(text, word.start, word.end) for text in split(Text.literal(word.text.known or "")).words]

    @property
    def several(self) -> bool:
        """Whether the last word is one unquoted variable that stands for several words."""
        only = self.pieces[0] if len(self.pieces) == 1 else None
        return only is not None and only.code is not None and bool(re.search(r"\s", (only.text or "").strip()))

    def word(self) -> Word:
        """The word that begins here."""
        start, self.pieces = self.at, []
        while self.at < self.end:
            char = self.here
            if char in " \t\r" or char in _ENDS or self.continued():
                break
            if char in "{}" and self.dialect.name == "powershell":
                break
            if char in "<>":
                if char == ">" or not (shown := self.placeholder()):
                    break
                self.pieces.append(Segment(None, shown))
                self.at += len(shown)
            elif char in self.dialect.quotes:
                self._quoted(char)
            elif not self._special():
                self._literal(char)
        return Word(_joined(self.pieces), start, self.at)

    def _quoted(self, quote: str) -> None:
        self.at += 1
        self.pieces.append(Segment(""))
        plain = quote == "'" and self.dialect.name != "ipython"
        while self.at < self.end and self.here != quote:
            if plain or not self._special(quoted=True):
                self._literal(self.here)
        self.at += 1

    def _literal(self, char: str) -> None:
        found = _PLAIN.match(self.source, self.at, self.end)
        text = found.group() if found else char
        self.pieces.append(Segment(text))
        self.at += len(text)

    def _special(self, quoted: bool = False) -> bool:
        """An escape, a variable or a command substitution; says whether there was one."""
        char, dialect = self.here, self.dialect
        following = self.source[self.at + 1 : self.at + 2]
        if char == dialect.escape and self.at + 1 < self.end:
            if length := self.continued():
                self.at += length
                return True
            kept = quoted and dialect.name != "powershell" and following not in '"\\$`'
            self.pieces.append(Segment(char + following if kept else following))
            self.at += 2
            return True
        if dialect.name == "cmd" and char in "%!":
            return self._variable()
        if char == "`" and dialect.name != "powershell":
            return self._substituted(self.at + 1, self.source.find("`", self.at + 1, self.end), 1)
        opens = "$$(" if dialect.name == "make" else "$("
        if self.source.startswith(opens, self.at) and dialect.name != "cmd":
            if dialect.name == "make" or not dialect.variable.match(self.source, self.at, self.end):
                inside = self.at + len(opens)
                return self._substituted(inside, closing(self.source, inside, self.end), 1)
        return char in "${\ue000" and self._variable()

    def _variable(self) -> bool:
        found = self.dialect.variable.match(self.source, self.at, self.end)
        if found is None:
            return False
        self.at = found.end()
        name = next((group for group in found.groups() if group), "")
        value = self.variables.get(name)
        if self.dialect.name == "python" and value is not None:
            self.pieces.extend(value.segments)
            return True
        secret = value.secret if value is not None else False
        edited = self.dialect.name == "sh" and is_edited(found.group())
        known = value.known if value is not None and "[" not in found.group() and not edited else None
        if value is None and (default := _DEFAULT.search(found.group())):
            known = default.group(1)
        self.pieces.append(Segment(known, found.group(), secret))
        return True

    def _substituted(self, start: int, end: int, closed_by: int) -> bool:
        if end < 0:
            return False
        code = self.source[self.at : end + closed_by]
        self.nested(start, end)
        self.pieces.append(Segment(None, code, bool(_SECRET.search(code))))
        self.at = end + closed_by
        return True


def is_edited(source: str) -> bool:
    """Whether an expansion says something else than its variable, as `${name%.json}` does."""
    return _EDITED.match(source) is not None


def _joined(pieces: list[Segment]) -> Text:
    joined = Text.join(Text((piece,)) for piece in pieces)
    return joined if joined.segments else Text((Segment(""),)) if pieces else Text(())


def closing(source: str, at: int, end: int) -> int:
    """The place of the parenthesis that closes the one before `at`, quotes minded; -1 without one."""
    depth, quote = 1, ""
    while at < end:
        char = source[at]
        if char == "\\":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if not depth:
                return at
        at += 1
    return -1
