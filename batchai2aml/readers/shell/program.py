"""The commands of a project's scripts that speak of Batch AI, or of the files that its jobs use."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from batchai2aml.batchai.cli.parse import Parsed
from batchai2aml.batchai.model import Reached
from batchai2aml.batchai.request import Request
from batchai2aml.place import Where
from batchai2aml.project.lookup import Lookup
from batchai2aml.readers.documents.tree import CLOSE, OPEN, BrokenJson, parse
from batchai2aml.readers.shell import azure, hosts, storage
from batchai2aml.readers.shell.azure import Found, Session
from batchai2aml.readers.shell.commands import Command, Reader
from batchai2aml.readers.shell.dialects import MAKE, SH, Dialect
from batchai2aml.readers.shell.hosts import Stretch, Variable
from batchai2aml.readers.shell.words import Words
from batchai2aml.text import Segment, Text


@dataclass(frozen=True, slots=True)
class Part:
    """
    One text of commands with the stretches to read: a whole file, a cell of a notebook, or an expression of a program.

    An expression begins in `line`, at `offset` of `around`; its source is `code`, `pieces` are what its markers stand
    for. `listed` says that it is a list of words, `split` that the program splits it at blanks; `sees` gives the
    expression that says there what another says elsewhere, if any does.
    """

    path: str
    cell: int | None
    text: str
    stretches: tuple[Stretch | Variable, ...]
    line: int = 1
    code: str = ""
    offset: int = 0
    around: str = ""
    pieces: tuple[Segment, ...] = ()
    listed: bool = False
    split: bool = False
    sees: Callable[[str, str | None], str | None] = field(default=lambda code, said: code, compare=False)
    reached: Reached = "always"


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """A command and the request that it stands for; `parsed` is None for what only moves files."""

    request: Request
    part: Part
    command: Command
    dialect: Dialect
    parsed: Parsed | None = None

    @property
    def text(self) -> str:
        """The command as it is written."""
        return self.part.text[self.command.start : self.command.end]


@dataclass(eq=False)
class Script:
    """
    The commands of one file, and the documents that they name, by path below the project's root.

    `sent` are the places where programs write the documents that they name.
    """

    path: str
    kind: str
    records: list[CommandRecord] = field(default_factory=list)
    documents: set[str] = field(default_factory=set)
    sent: set[Where] = field(default_factory=set)
    subscription: Text | None = None
    folder: str = ""

    @property
    def drives(self) -> bool:
        """Whether a command speaks of Batch AI itself."""
        return any(record.parsed is not None for record in self.records)


def parts_of(path: str, kind: str, text: str, dialect: Dialect = SH) -> list[Part]:
    """A file of commands as parts; notebooks are taken apart by their own reader."""
    if kind == "makefile":
        return [Part(path, None, text, tuple(hosts.makefile(text)), reached="branch")]
    if kind == "markdown":
        return [Part(path, None, text, tuple(hosts.markdown(text)))]
    return [Part(path, None, text, (Stretch(0, len(text), dialect),))]


def read_script(
    path: str,
    kind: str,
    parts: Sequence[Part],
    files: Lookup,
    known: Mapping[str, Text] | None = None,
    documents: Sequence[tuple[Text, Found]] = (),
) -> Script:
    """
    Read the commands of a file.

    `known` are variables that the program around them sets, `documents` the files that it writes.
    """
    found = Script(path, kind, folder=posixpath.dirname(path))
    reading = _Reading(found, files, dict(known or {}), {_file(name, ""): made for name, made in documents})
    for part in parts:
        reading.part(part)
    return found


@dataclass(eq=False)
class _Reading:
    script: Script
    files: Lookup
    variables: dict[str, Text]
    documents: dict[tuple[str | None, ...], Found] = field(default_factory=dict)
    written: dict[tuple[str | None, ...], tuple[str, tuple[Segment, ...], Where]] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        self.session = Session(self._load, self.variables)

    def part(self, part: Part) -> None:
        """Read the stretches of one text, in order."""
        folder = ""
        blocks: list[Reached] = []
        pieces = {str(number): Text((segment,)) for number, segment in enumerate(part.pieces)}
        for stretch in part.stretches:
            if isinstance(stretch, Variable):
                scan = Words(part.text, stretch.start, stretch.end, MAKE, self.variables, lambda start, end: None)
                value = scan.word().text
                whole = scan.at >= stretch.end
                self.variables[stretch.name] = value if whole else Text((Segment(None, f"$({stretch.name})"),))
                continue
            variables = {**self.variables, **pieces} if part.code else self.variables
            reader = Reader(part.text, stretch.dialect, variables, self._include, folder=folder)
            reader.blocks = list(blocks) if part.reached == "always" else [part.reached]
            reader.read(stretch.start, stretch.end)
            folder = reader.folder if self.script.kind != "makefile" else ""
            blocks = list(reader.blocks) if self.script.kind == "markdown" else []
            for command in sorted(reader.commands, key=lambda found: found.start):
                self._command(part, command, stretch.dialect)

    def _include(self, path: str) -> dict[str, Text]:
        """The variables that another script of the project sets."""
        text = self.files.read(posixpath.join(self.script.folder, path)) or self.files.read(path)
        if text is None or len(text) > 200_000:
            return {}
        reader = Reader(text, variables=dict(self.variables))
        reader.read()
        return reader.variables

    def _command(self, part: Part, command: Command, dialect: Dialect) -> None:
        line = part.text.count("\n", 0, command.start) + part.line
        where = Where(part.path, part.cell, line)
        words = [word.text.known or "" for word in command.words]
        self._remember(part, command, words)
        if command.program.lower() == "azcopy":
            self._traced(storage.copied(command, where, self._below), part, command, dialect)
        if command.program != "az" or len(words) < 2:
            return
        if words[1] == "batchai":
            if len(words) == 2 or {"-h", "--help"} & set(words):
                return
            request, parsed = self.session.request(command, where)
            self.script.records.append(CommandRecord(request, part, command, dialect, parsed))
        elif words[1] == "storage":
            made = storage.upload(command, where, self._below) or storage.created(command, where)
            self._traced(made, part, command, dialect)
        elif words[1] == "configure":
            self.session.configure([word.text for word in command.words[2:]])
        elif words[1:3] == ["account", "set"]:
            self.script.subscription = azure.subscription([word.text for word in command.words[3:]])

    def _traced(self, made: Request | None, part: Part, command: Command, dialect: Dialect) -> None:
        if made is not None:
            self.script.records.append(CommandRecord(made, part, command, dialect))

    def _remember(self, part: Part, command: Command, words: list[str]) -> None:
        """Files that the script writes itself, and files of the project that it fetches under another name."""
        if command.fed is not None:
            target = command.into
            if target is None and command.program == "tee":
                target = next((w.text for w in command.words[1:] if not w.text.start.startswith("-")), None)
            if target is not None:
                self.written[_file(target, command.folder)] = self._fed(part, command)
        if command.program in ("wget", "curl"):
            address = next((word for word in words if "://" in word), "")
            for option in ("-O", "-o", "--output-document", "--output"):
                if option in words and words.index(option) + 1 < len(words):
                    self.renamed[words[words.index(option) + 1]] = posixpath.basename(address.split("?")[0])
        if command.program in ("cp", "mv") and len(words) == 3:
            self.renamed[words[2]] = words[1]

    def _fed(self, part: Part, command: Command) -> tuple[str, tuple[Segment, ...], Where]:
        """The text of a here-document, its variables replaced by markers."""
        assert command.fed is not None
        start, end, known = command.fed.start, command.fed.end, command.fed.known
        where = Where(part.path, part.cell, part.text.count("\n", 0, start) + 1)
        if command.fed.literal:
            return part.text[start:end], (), where
        segments: list[Segment] = []

        def marked(match: re.Match[str]) -> str:
            if match.group().startswith("\\"):
                return match.group()[1:]
            inner = Words(match.group(), 0, len(match.group()), SH, known, lambda first, last: None)
            segments.extend(inner.word().text.segments[:1])
            return f"{OPEN}{len(segments) - 1}{CLOSE}"

        text = re.sub(r"\\[$`\\]|\$\([^()]*\)|\$\{\w+[^}]*\}|\$[A-Za-z_]\w*", marked, part.text[start:end])
        return text, tuple(segments), where

    def _below(self, folder: str) -> list[str]:
        return list(self.files.seen_from(self.script.path).below(folder))

    def _load(self, given: Text, folder: str) -> Found | BrokenJson | None:
        """The document behind the name of a configuration file."""
        name = _file(given, folder)
        if name in self.documents:
            self.script.sent.add(self.documents[name].where)
            return self.documents[name]
        if name in self.written:
            text, segments, where = self.written[name]
            return _document(text, segments, where)
        last = given.segments[-1].text if given.segments and given.segments[-1].code is None else None
        known = given.known if given.known is not None else last.lstrip("/") if last and "/" in last else None
        if known is None:
            return None
        for candidate in self._candidates(known, folder):
            text_found = self.files.read(candidate)
            if text_found is not None:
                self.script.documents.add(candidate)
                return _document(text_found, (), Where(candidate))
        return None

    def _candidates(self, known: str, folder: str) -> Iterator[str]:
        """Where a file may lie: beside the script, where the script has gone, at the root, or anywhere by its name."""
        tried: list[str] = []
        for name in (known, self.renamed.get(known, "")):
            if not name:
                continue
            name = name.lstrip("@").replace("\\", "/")
            tried += [posixpath.join(self.script.folder, folder, name), posixpath.join(self.script.folder, name), name]
        for path in tried:
            yield posixpath.normpath(path)
        for name in (known, self.renamed.get(known, "")):
            base = posixpath.basename(name)
            same = [path for path in self.files.sizes if base and posixpath.basename(path) == base]
            if len(same) == 1:
                yield same[0]


def _file(name: Text, folder: str) -> tuple[str | None, ...]:
    """What tells files apart whose names may hold variables."""
    if name.known is not None:
        return (posixpath.normpath(posixpath.join(folder, name.known)),)
    return name.pieces


def _document(text: str, segments: tuple[Segment, ...], where: Where) -> Found | BrokenJson:
    try:
        return Found(parse(text, segments), where)
    except BrokenJson as error:
        return error
