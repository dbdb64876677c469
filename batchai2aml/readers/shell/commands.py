"""Commands of a script in order: their words, what they write, and whether a branch or a loop holds them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeAlias

from batchai2aml.batchai.model import Reached
from batchai2aml.readers.shell.dialects import POWERSHELL, SH, Dialect
from batchai2aml.readers.shell.words import Word, Words, closing
from batchai2aml.text import Segment, Text


@dataclass(frozen=True, slots=True)
class Heredoc:
    """
    Text that a command is fed: its stretch of the source, and whether variables in it are filled in.

    `known` are the variables by then.
    """

    start: int
    end: int
    literal: bool
    known: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """
    A simple command: its words, without what stands before it (`VAR=x`, `if`, `sudo`) and its redirections.

    `into` is the file that it writes, or `appends` to, `out_of` the one that it is fed; a `piped` one is fed what the
    one before prints. `folder` is where the script has gone by then, `known` are the variables. A `prefixed` one is run
    by another program, such as `nohup`.
    """

    words: tuple[Word, ...]
    reached: Reached
    into: Text | None = None
    fed: Heredoc | None = None
    folder: str = ""
    prefixed: bool = False
    begin: int | None = None
    appends: bool = False
    out_of: Text | None = None
    piped: bool = False
    known: Mapping[str, Text] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """Where the command begins in the source."""
        return self.words[0].start if self.begin is None else self.begin

    @property
    def end(self) -> int:
        """Where its last word ends."""
        return self.words[-1].end

    @property
    def away(self) -> bool:
        """Whether it runs in a folder that is not known, or outside the project."""
        return self.folder.startswith(("?", "/", "~"))

    @property
    def program(self) -> str:
        """The program's name without its folder."""
        return posixpath.basename(self.words[0].text.known or "").removesuffix(".cmd").removesuffix(".exe")


_OPENS: dict[str, Reached] = {
    "if": "branch",
    "case": "branch",
    "for": "loop",
    "while": "loop",
    "until": "loop",
    "select": "loop",
    "foreach": "loop",
}
_CLOSES = frozenset({"fi", "done", "esac"})
_RUNNERS = frozenset({"sudo", "nohup", "env", "timeout", "xargs", "nice", "stdbuf", "exec", "command"})
"""Programs that run the one behind their options."""
_BEFORE = frozenset({"then", "else", "elif", "do", "!", "{", "}", "time", "call", "if", "while", "until"})
_DECLARES = frozenset({"export", "declare", "local", "readonly", "typeset", "setenv"})
_REPLACED = re.compile(r"(?:-I|-i|--replace=?)(\{\}|%|$)")
_ASKS = frozenset({"[", "[[", "test", "grep", "egrep", "diff", "cmp", "which", "type", "read"})
"""Programs whose exit status is an answer: what stands behind `&&` is a branch."""
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)\+?=")

_ARRAY = re.compile(r"([A-Za-z_]\w*)\+?=\(")
_CALLED = re.compile(r"[ \t]*&[ \t]+(?=az)")


def _behind_runner(words: list[Word]) -> int:
    """How many words stand before the program that another one runs: `sudo -E az`, `timeout 60 az`."""
    runner = words[0].text.known or ""
    if runner not in _RUNNERS or (runner == "xargs" and not _filled_in(words)):
        return 0
    for number, word in enumerate(words[1:], 1):
        if posixpath.basename(word.text.known or "").removesuffix(".cmd") == "az":
            return number
    return 0


def _filled_in(words: list[Word]) -> str:
    """What `xargs` replaces in the words of the command that it runs; nothing when it puts them behind it."""
    for word, after in pairwise(words):
        found = _REPLACED.match(word.text.known or "")
        if found is not None:
            return found.group(1) or (after.text.known if found.group() == "-I" else None) or "{}"
    return ""


def _with_open(text: Text, shown: str) -> Text:
    """A text in which `shown` stands for something that is filled in when the command is run."""
    made: list[Segment] = []
    for segment in text.segments:
        if segment.code is not None:
            made.append(segment)
            continue
        pieces = re.split(f"({re.escape(shown)})", segment.text or "")
        made += [Segment(None, shown) if piece == shown else Segment(piece) for piece in pieces if piece]
    return Text(tuple(made)) if made else text


def _without_comma(text: Text) -> Text:
    """A default of a PowerShell parameter, without the comma before the next one."""
    last = text.segments[-1] if text.segments else None
    if last is None or last.code is not None or not (last.text or "").endswith(","):
        return text
    return Text.join([Text(text.segments[:-1]), Text.literal((last.text or "")[:-1])])


Include: TypeAlias = Callable[[str], "dict[str, Text]"]


@dataclass(eq=False)
class Reader:
    """Reads a stretch of a source; `include` gives the variables that a sourced script sets."""

    source: str
    dialect: Dialect = SH
    variables: dict[str, Text] = field(default_factory=dict)
    include: Include = lambda path: {}
    commands: list[Command] = field(default_factory=list)
    blocks: list[Reached] = field(default_factory=list)
    folder: str = ""
    arrays: dict[str, tuple[Text, ...]] = field(default_factory=dict)
    functions: int = 0
    open_functions: int = 0
    outside: list[str] = field(default_factory=list)

    def read(self, start: int = 0, end: int | None = None) -> None:
        """Read the commands between two places of the source."""
        _Stretch(self, start, len(self.source) if end is None else end).read()

    @property
    def reached(self) -> Reached:
        """Whether a loop or a branch is open."""
        return "loop" if "loop" in self.blocks else "branch" if self.blocks else "always"

    def assign(self, name: str, value: Text, guarded: bool = False) -> None:
        """Set a variable; what a branch, a loop or a `guarded` command sets is open afterwards."""
        unsure = (self.blocks or guarded) and name in self.variables and self.variables[name] != value
        if unsure or "loop" in self.blocks:
            value = Text((Segment(None, f"${name}", value.secret),))
        self.variables[name] = value


class _Stretch:
    """One run over a stretch of the source."""

    def __init__(self, reader: Reader, start: int, end: int) -> None:
        self.reader = reader
        nested = self._nested
        self.scan = Words(reader.source, start, end, reader.dialect, reader.variables, nested)
        self.words: list[Word] = []
        self.into: Text | None = None
        self.appends = False
        self.out_of: Text | None = None
        self.piped = False
        self.pending: list[tuple[str, bool, bool]] = []
        self.opened: Reached | None = None
        self.call_at: int | None = None
        self.guarded = False

    def _nested(self, start: int, end: int) -> None:
        folder = self.reader.folder
        self.reader.read(start, end)
        self.reader.folder = folder

    def read(self) -> None:
        """Step through the stretch, one word or operator at a time."""
        scan = self.scan
        while True:
            if not self.words and (self._assigned_line() or self._called()):
                continue
            scan.skip_blanks()
            if self._array():
                continue
            if scan.at >= scan.end:
                self._finish("")
                return
            char = scan.here
            if char in "\n;&|()" or (char in "{}" and scan.dialect is POWERSHELL):
                self._operator(char)
            elif scan.source.startswith(scan.dialect.comment, scan.at) or self._remark():
                self._comment()
            elif char in "<>" and not scan.placeholder():
                self._redirected()
            elif re.compile(r"\d?&?>").match(scan.source, scan.at):
                scan.at += len(scan.source[scan.at :]) - len(scan.source[scan.at :].lstrip("0123456789&"))
                self._redirected()
            else:
                before = scan.at
                self.words += scan.words(self.reader.arrays)
                if scan.at == before:
                    scan.at += 1

    def _remark(self) -> bool:
        here = self.scan.source[self.scan.at : self.scan.at + 4].lower()
        return self.scan.dialect.name == "cmd" and not self.words and here.startswith(("rem ", "@rem"))

    def _comment(self) -> None:
        end = self.scan.source.find("\n", self.scan.at, self.scan.end)
        self.scan.at = self.scan.end if end < 0 else end

    def _assigned_line(self) -> bool:
        """`$name = value` of PowerShell and `set NAME=value` of cmd; says whether one stands here."""
        scan = self.scan
        found = scan.dialect.assignment.match(scan.source, scan.at, scan.end) if scan.dialect.assignment else None
        if found is None:
            return False
        scan.at = found.end()
        if scan.dialect is not POWERSHELL:
            stop = re.compile(r"[\"\r\n&|]").search(scan.source, scan.at, scan.end)
            end = stop.start() if stop else scan.end
            inner = Words(scan.source, scan.at, end, scan.dialect, scan.variables, scan.nested)
            value = inner.word().text if not re.search(r"\s", scan.source[scan.at : end].strip()) else None
            self.reader.assign(found.group(1), value or Text((Segment(None, f"%{found.group(1)}%"),)))
            quoted = found.group().endswith('"=') or '"' in found.group()
            scan.at = end + 1 if quoted and scan.source[end : end + 1] == '"' else end
            return True
        if scan.here in "\"'" or scan.here.isdigit():
            value = _without_comma(scan.word().text)
            scan.skip_blanks()
            simple = scan.at >= scan.end or scan.here in "\n;#"
            self.reader.assign(found.group(1), value if simple else Text((Segment(None, f"${found.group(1)}"),)))
        else:
            self.reader.assign(found.group(1), Text((Segment(None, f"${found.group(1)}"),)))
        return True

    def _operator(self, char: str) -> None:
        scan = self.scan
        scan.at += 1
        operator = char
        if char in "&|" and scan.here == char:
            scan.at += 1
            operator = char * 2
        if char == "(" and not self.words:
            self.reader.outside.append(self.reader.folder)
        if char == "(" and len(self.words) == 1 and re.compile(r"\s*\)\s*\{").match(scan.source, scan.at, scan.end):
            self.reader.functions += 1
        if scan.dialect is POWERSHELL:
            self._bracket(char)
        self._finish(operator)
        if char == ")" and self.reader.outside:
            self.reader.folder = self.reader.outside.pop()
        if char == "\n":
            self._bodies()

    def _bracket(self, char: str) -> None:
        """Blocks of PowerShell, each a branch or a loop."""
        blocks = self.reader.blocks
        if char == "{":
            self._finish(char)
            blocks.append(self.opened or "branch")
            self.opened = None
        elif char == "}" and blocks:
            self._finish(char)
            blocks.pop()

    def _called(self) -> bool:
        """`& program` of PowerShell; says whether one stands here."""
        found = _CALLED.match(self.scan.source, self.scan.at, self.scan.end)
        if found is None or self.scan.dialect is not POWERSHELL:
            return False
        self.scan.at, self.call_at = found.end(), found.end() - 1
        return True

    def _bodies(self) -> None:
        """The texts of here-documents, which begin behind the line that asks for them."""
        scan = self.scan
        for delimiter, literal, tabs in self.pending:
            start = scan.at
            indent = r"\t*" if tabs else ""
            found = re.compile(rf"^{indent}{re.escape(delimiter)}[ \t]*\r?$", re.M).search(scan.source, start, scan.end)
            end = found.start() if found else scan.end
            scan.at = found.end() if found else scan.end
            self._feed(Heredoc(start, end, literal, dict(self.reader.variables)))
        self.pending = []

    def _feed(self, body: Heredoc) -> None:
        last = self.reader.commands[-1] if self.reader.commands else None
        if last is not None:
            self.reader.commands[-1] = replace(last, fed=body)

    def _redirected(self) -> None:
        scan = self.scan
        operator = re.compile(r"<<<|<<-?|<|>>|>\||>&|>").match(scan.source, scan.at, scan.end)
        if operator is None:
            scan.at += 1
            return
        scan.at = operator.end()
        scan.skip_blanks()
        quoted = scan.here in "'\"\\" and scan.here != ""
        target = scan.word() if scan.at < scan.end and scan.here not in "\n;" else None
        if target is None:
            return
        if operator.group() in ("<<", "<<-"):
            self.pending.append((target.text.known or "", quoted, operator.group() == "<<-"))
        elif operator.group().startswith(">") and operator.group() != ">&":
            self.into, self.appends = target.text, operator.group() == ">>"
        elif operator.group() == "<":
            self.out_of = target.text

    def _finish(self, by: str) -> None:
        """The end of a command."""
        words, into, out_of, piped = self.words, self.into, self.out_of, self.piped
        self.words, self.into, self.out_of, self.piped = [], None, None, by == "|"
        begin, self.call_at = self.call_at, None
        words = self._without_keywords(words, by)
        guarded = self.guarded
        asks = bool(words) and (words[0].text.known or "") in _ASKS
        self.guarded = by == "||" or (by in ("&&", "|") and guarded) or (by == "&&" and asks)
        while words and (found := _ASSIGNED.match(words[0].text.start)):
            value = words[0].text.partition("=")[1]
            if len(words) == 1 or all(_ASSIGNED.match(word.text.start) for word in words):
                self.reader.assign(found.group(1), value, guarded or self.guarded)
            words = self._without_keywords(words[1:], by)
        if not words:
            return
        first = words[0].text.known or ""
        if first.startswith(("@", "-")) and self.reader.dialect.name == "make":
            words[0] = Word(
                Text.literal(first.lstrip("@-")), words[0].start + len(first) - len(first.lstrip("@-")), words[0].end
            )
        self._effect(words)
        run = _behind_runner(words)
        if run and first == "xargs":
            shown = _filled_in(words)
            words = [replace(word, text=_with_open(word.text, shown)) for word in words]
        self.reader.commands.append(
            Command(
                tuple(words[run:]),
                "branch" if guarded and self.reader.reached == "always" else self.reader.reached,
                into,
                None,
                self.reader.folder,
                prefixed=run > 0,
                begin=begin,
                appends=self.appends,
                out_of=out_of,
                piped=piped,
                known=dict(self.reader.variables) if first == "envsubst" else {},
            )
        )

    def _array(self) -> bool:
        """`NAME=(...)`; says whether one stands here."""
        scan = self.scan
        found = _ARRAY.match(scan.source, scan.at, scan.end)
        if found is None or self.words:
            return False
        close = closing(scan.source, found.end(), scan.end)
        if close < 0:
            return False
        inside = Words(scan.source, found.end(), close, scan.dialect, scan.variables, scan.nested)
        items: list[Text] = []
        while inside.at < inside.end:
            inside.skip_blanks()
            before = inside.at
            items += [word.text for word in inside.words()]
            inside.at += inside.at == before
        self.reader.arrays[found.group(1)] = tuple(items)
        scan.at = close + 1
        return True

    def _without_keywords(self, words: list[Word], by: str) -> list[Word]:
        """Take the shell's own words off the front, and keep count of the blocks that they open and close."""
        blocks = self.reader.blocks
        while words:
            known = (
                (words[0].text.known or "").lower() if self.reader.dialect is POWERSHELL else words[0].text.known or ""
            )
            if known in _OPENS and self.reader.dialect is POWERSHELL:
                self.opened = _OPENS[known]
                if known == "foreach" and len(words) > 1:
                    self.reader.variables[(words[1].text.code or "").lstrip("$")] = Text(
                        (Segment(None, words[1].text.code),)
                    )
                return []
            if known in _OPENS:
                blocks.append(_OPENS[known])
                if known in ("for", "foreach", "select") and len(words) > 1:
                    name = (words[1].text.known or words[1].text.start or words[1].text.code or "").lstrip("$")
                    self.reader.variables[name] = Text((Segment(None, f"${name}"),))
                    return []
                if known == "case":
                    return []
            elif known in _CLOSES:
                if blocks:
                    blocks.pop()
            elif known not in _BEFORE:
                return words
            if known == "{" and (self.reader.functions or self.guarded):
                self.reader.functions -= self.reader.functions > 0
                blocks.append("branch")
                self.reader.open_functions += 1
            elif known == "}" and self.reader.open_functions and blocks:
                self.reader.open_functions -= 1
                blocks.pop()
            words = words[1:]
        return words

    def _effect(self, words: list[Word]) -> None:
        """What a command does to the variables and the folder."""
        first, reader = words[0].text.known or "", self.reader
        if first in _DECLARES:
            for word in words[1:]:
                found = _ASSIGNED.match(word.text.start)
                if found:
                    reader.assign(found.group(1), word.text.partition("=")[1])
        elif first == "read":
            for word in words[1:]:
                if word.text.known and not word.text.known.startswith("-"):
                    reader.assign(word.text.known, Text((Segment(None, f"${word.text.known}"),)))
        elif first in ("cd", "pushd", "Set-Location") and len(words) == 2 and not reader.blocks:
            text = words[1].text
            above = text.segments[0].code if text.segments and text.segments[0].text is None else None
            here = above is not None and ("dirname" in above or "BASH_SOURCE" in above or "%~dp0" in above)
            rest = Text(text.segments[1:]).known if here else text.known
            target = (rest or "").lstrip("/") or "." if here and rest is not None else rest or "?"
            reader.folder = (
                target if target.startswith(("/", "~")) else posixpath.normpath(posixpath.join(reader.folder, target))
            )
        elif first in ("source", ".") and len(words) > 1 and words[1].text.known:
            for name, value in reader.include(words[1].text.known).items():
                reader.assign(name, value)
