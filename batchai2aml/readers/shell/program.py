"""The commands of a project's scripts that speak of Batch AI, or of the files that its jobs use."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from batchai2aml.batchai.cli.parse import Parsed
from batchai2aml.batchai.model import Reached
from batchai2aml.batchai.request import Request
from batchai2aml.place import Where
from batchai2aml.project.lookup import Lookup
from batchai2aml.readers.documents.tree import BrokenJson, parse
from batchai2aml.readers.shell import azure, hosts, storage
from batchai2aml.readers.shell.azure import Found, Session
from batchai2aml.readers.shell.commands import Command, Reader
from batchai2aml.readers.shell.dialects import MAKE, SH, Dialect
from batchai2aml.readers.shell.files import Content, Files, name_of
from batchai2aml.readers.shell.hosts import Saved, Stretch, Variable
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
    stretches: tuple[Stretch | Variable | Saved, ...]
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
    reading = _Reading(found, files, dict(known or {}), documents)
    for part in parts:
        reading.part(part)
    return found


_STANDARD_INPUT = ("-", "@-", "/dev/stdin", "/dev/fd/0")


@dataclass(eq=False)
class _Reading:
    script: Script
    files: Lookup
    variables: dict[str, Text]
    documents: Sequence[tuple[Text, Found]]
    cell: int | None = None
    fed: Content | None = None
    shelf: Files = field(init=False)
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = Files(self.files, self.script.folder)
        self.session = Session(self._load, self.variables)

    def part(self, part: Part) -> None:
        """Read the stretches of one text, in order."""
        folder = ""
        blocks: list[Reached] = []
        pieces = {str(number): Text((segment,)) for number, segment in enumerate(part.pieces)}
        for stretch in part.stretches:
            if isinstance(stretch, Saved):
                line = part.line + part.text.count("\n", 0, stretch.start)
                body = Content(part.text[stretch.start : stretch.end], (), Where(part.path, part.cell, line))
                self.shelf.write(Text.literal(stretch.name), folder, body, stretch.appends)
                continue
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
        self.cell = part.cell
        fed = part.line + part.text.count("\n", 0, command.fed.start) if command.fed is not None else line
        if command.program == "az" and words[1:2] == ["batchai"]:
            self.fed = self.shelf.fed(part.text, command, replace(where, line=fed))
        self.shelf.follow(part.text, command, replace(where, line=fed))
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

    def _below(self, folder: str) -> list[str]:
        return list(self.files.seen_from(self.script.path).below(folder))

    def _load(self, given: Text, folder: str) -> Found | BrokenJson | None:
        """The document behind the name of a configuration file."""
        content = self.fed if given.known in _STANDARD_INPUT else self.shelf.find(given, folder)
        if content is None or content.path:
            made = self._of_program(given, folder)
            if made is not None:
                self.script.sent.add(made.where)
                return replace(made, writer=self.shelf.writers.get(name_of(given, folder), made.writer))
        if content is None:
            return None
        self.script.sent.add(content.where)
        try:
            document = parse(content.text, content.variables)
        except BrokenJson as error:
            return error
        if content.path:
            self.script.documents.add(content.path)
        return Found(document, content.where, content.writer)

    def _of_program(self, given: Text, folder: str) -> Found | None:
        """A document that a program writes under this name: the last one in the script itself, or else any."""
        name, last = name_of(given, folder), _last(given)
        made = [found for written, found in self.documents if name_of(written, "") == name]
        if not made and last:
            made = [found for written, found in self.documents if _last(written) == last]
        own = [found for found in made if found.where.path == self.script.path]
        before = [found for found in own if (found.where.cell or 0) <= (self.cell or 0)]
        return next((found for these in (before, own, made) for found in reversed(these)), None)


def _last(name: Text) -> str:
    """The file's own name, without its folder."""
    known = (name.segments[-1].text or "") if name.segments else ""
    whole = name.known is not None or "/" in known
    return posixpath.basename(known) if whole else ""
