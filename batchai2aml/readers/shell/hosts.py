"""Where command lines stand in files that are not only command lines: Makefiles, Markdown, notebook cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from batchai2aml.readers.shell.dialects import CMD, IPYTHON, MAKE, POWERSHELL, SH, Dialect


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a text that is read as commands."""

    start: int
    end: int
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that the text around the commands sets, and the stretch of its value."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Saved:
    """A stretch that becomes a file."""

    name: str
    start: int
    end: int
    appends: bool = False


_RECIPE = re.compile(r"^\t(?:[^\\\n]|\\(?:\r?\n|[^\n]))*", re.M)
_MADE = re.compile(r"^(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[:?+]{0,2}=[ \t]*([^\n]*)$", re.M)


def makefile(text: str) -> Iterator[Stretch | Variable]:
    """Recipe lines of a Makefile and its variables."""
    parts: list[tuple[int, Stretch | Variable]] = []
    for found in _RECIPE.finditer(text):
        parts.append((found.start(), Stretch(found.start() + 1, found.end(), MAKE)))
    for found in _MADE.finditer(text):
        value = found.group(2).split("#", 1)[0].rstrip()
        parts.append((found.start(), Variable(found.group(1), found.start(2), found.start(2) + len(value))))
    yield from (part for _, part in sorted(parts, key=lambda pair: pair[0]))


_FENCE = re.compile(
    r"^(?P<indent>[ \t]*(?:>[ \t]?)*)(?P<fence>`{3,}|~{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^[ \t>]*(?P=fence)",
    re.M | re.S,
)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?:(?: {4}|\t)[^\n]*\n?)+")
_PROMPT = re.compile(r"[ \t]*(?:>[ \t]?)*(?:[\w.()@~:/-]*[$#>][ \t]+|PS[^>\n]*>[ \t]*|C:[^>\n]*>[ \t]*)?")
_LANGUAGES = {
    "powershell": POWERSHELL,
    "ps1": POWERSHELL,
    "posh": POWERSHELL,
    "bat": CMD,
    "batch": CMD,
    "cmd": CMD,
    "dos": CMD,
}
_NO_SHELL = frozenset(
    {"json", "python", "python3", "py", "yaml", "yml", "xml", "csharp", "java", "diff", "ini", "toml"}
)


def markdown(text: str) -> Iterator[Stretch]:
    """The command lines in the code blocks of a Markdown text; what they print is passed over."""
    blocks = [(f.start("body"), f.end("body"), f.group("info").strip().lower()) for f in _FENCE.finditer(text)]
    for found in _INDENTED.finditer(text):
        if not any(found.start() < end and start < found.end() for start, end, _ in blocks):
            blocks.append((found.start(), found.end(), ""))
    for start, end, info in sorted(blocks):
        language = re.split(r"[\s,{]", info.lstrip("{."), maxsplit=1)[0]
        if language in _NO_SHELL:
            continue
        dialect = _LANGUAGES.get(language, SH)
        for line_start, line_end in _lines(text, start, end, dialect):
            yield Stretch(line_start, line_end, dialect)


_COMMAND = re.compile(
    r"(?:sudo[ \t]+)?(?:az|azcopy|wget|curl|cat|cd|export|set|for|if|while|done|fi|do|source)\b"
    r"|\$?[A-Za-z_]\w*[ \t]*=|[^\n]*\baz[ \t]+batchai[ \t]"
)


def _lines(text: str, start: int, end: int, dialect: Dialect) -> Iterator[tuple[int, int]]:
    """The logical lines of a block that are commands."""
    at = start
    while at < end:
        stop = _line_end(text, at, end, dialect)
        begin = _PROMPT.match(text, at, stop)
        command = begin.end() if begin else at
        heredoc = re.search(r"<<-?[ \t]*['\"\\]?(\w+)", text[command:stop])
        if heredoc is not None:
            closing = re.compile(rf"^[ \t]*{heredoc.group(1)}[ \t]*$", re.M).search(text, stop, end)
            stop = closing.end() if closing else stop
        if _COMMAND.match(text, command, stop):
            yield command, stop
        at = stop + 1


def _line_end(text: str, at: int, end: int, dialect: Dialect) -> int:
    while True:
        stop = text.find("\n", at, end)
        if stop < 0:
            return end
        if not text[at:stop].rstrip().endswith(dialect.escape):
            return stop
        at = stop + 1


_MAGIC = re.compile(r"^[ \t]*(?:[\w ,.\[\]'\"]+?=[ \t]*)?!{1,2}(?P<line>[^\n]*(?:(?<=\\)\n[^\n]*)*)", re.M)
_CELL = re.compile(r"\A\s*%%(?:bash|sh|script[ \t]+(?:bash|sh)|!)[^\n]*\n|\A\s*%%cmd[^\n]*\n")
_SYSTEM = re.compile(r"^[ \t]*%(?:sx|system|sc)[ \t]+(?P<line>[^\n]*)", re.M)


_SAVED = re.compile(
    r"\A\s*%%(?:writefile|file)[ \t]+(?P<append>(?:-a|--append)[ \t]+)?['\"]?(?P<name>[^'\"\n]+?)['\"]?[ \t]*\n"
)


def notebook_cell(source: str) -> Iterator[Stretch | Saved]:
    """The `!` lines of a code cell, or the whole of a `%%bash` or `%%writefile` cell."""
    saved = _SAVED.match(source)
    if saved is not None:
        yield Saved(saved.group("name"), saved.end(), len(source), bool(saved.group("append")))
        return
    whole = _CELL.match(source)
    if whole is not None:
        yield Stretch(whole.end(), len(source), CMD if "%%cmd" in whole.group() else SH)
        return
    if source.lstrip().startswith("%%") and not re.match(r"\s*%%(?:time|timeit|capture|prun)\b", source):
        return
    for found in _MAGIC.finditer(source):
        yield Stretch(found.start("line"), found.end("line"), IPYTHON)
    for found in _SYSTEM.finditer(source):
        yield Stretch(found.start("line"), found.end("line"), IPYTHON)
