"""Files that a script writes or changes itself: here-documents, `echo`, `sed`, `envsubst`, copies under other names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from batchai2aml.place import Where
from batchai2aml.project.lookup import Lookup
from batchai2aml.readers.markers import MARKER, marked, marker
from batchai2aml.readers.shell import sed
from batchai2aml.readers.shell.commands import Command, Heredoc
from batchai2aml.readers.shell.dialects import SH
from batchai2aml.readers.shell.words import Words
from batchai2aml.text import Segment, Text

Name: TypeAlias = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """
    The text of a file with a marker for every variable in it, and the place of its first line.

    `path` is the file of the project that it began as; `writer` a program that has written it since, and how is not
    known.
    """

    text: str
    variables: tuple[Segment, ...]
    where: Where
    path: str = ""
    writer: str = ""

    def then(self, other: Content) -> Content:
        """The text with another behind it."""
        text = self.text + _renumbered(other.text, len(self.variables))
        return replace(self, text=text, variables=(*self.variables, *other.variables))


@dataclass(eq=False)
class Files:
    """
    The files of a script in `folder`, as its commands leave them one after the other.

    `writers` are the programs that have written files of which only the name is known.
    """

    project: Lookup
    folder: str
    written: dict[Name, Content] = field(default_factory=dict)
    writers: dict[Name, str] = field(default_factory=dict)
    fetched: dict[str, str] = field(default_factory=dict)
    printed: Content | None = None

    def write(self, name: Text, folder: str, content: Content, appends: bool = False) -> None:
        """A text becomes a file, or the end of one."""
        before = self.find(name, folder) if appends else None
        self.written[name_of(name, folder)] = before.then(content) if before is not None else content

    def follow(self, source: str, command: Command, where: Where) -> None:
        """What a command does to files."""
        words = [word.text.known or "" for word in command.words]
        if command.program in ("wget", "curl"):
            self._fetch(words)
        elif command.program in ("cp", "mv") and len(words) == 3:
            self._copy(command, words)
        elif command.program == "sed" and (edited := sed.of([word.text for word in command.words[1:]])).in_place:
            for name in edited.files:
                self._change(name, command, edited)
        else:
            made = self._output(source, command, where)
            target = command.into or _operand(command, "tee")
            self.printed = made if target is None or command.program == "tee" else None
            if target is not None and made is not None:
                self.write(target, command.folder, made, command.appends)
            elif target is not None:
                self._spoil(target, command)

    def find(self, given: Text, folder: str) -> Content | None:
        """The file behind a name: one that the script wrote, or one of the project."""
        name = name_of(given, folder)
        if name in self.written:
            return self.written[name]
        last = given.segments[-1].text if given.segments and given.segments[-1].code is None else None
        known = given.known if given.known is not None else last.lstrip("/") if last and "/" in last else None
        for path in self._candidates(known, folder) if known else ():
            text = self.project.read(path)
            if text is not None:
                return Content(text, (), Where(path), path)
        return None

    def _candidates(self, known: str, folder: str) -> Iterator[str]:
        """Where a file may lie: beside the script, where the script has gone, at the root, or anywhere by its name."""
        names = [name for name in (known, self.fetched.get(known, "")) if name]
        for name in (name.lstrip("@").replace("\\", "/") for name in names):
            for path in (posixpath.join(self.folder, folder, name), posixpath.join(self.folder, name), name):
                yield posixpath.normpath(path)
        for name in names:
            base = posixpath.basename(name)
            same = [path for path in self.project.sizes if base and posixpath.basename(path) == base]
            if len(same) == 1:
                yield same[0]

    def _fetch(self, words: list[str]) -> None:
        address = next((word for word in words if "://" in word), "")
        for option in ("-O", "-o", "--output-document", "--output"):
            if option in words and words.index(option) + 1 < len(words):
                self.fetched[words[words.index(option) + 1]] = posixpath.basename(address.split("?")[0])

    def _copy(self, command: Command, words: list[str]) -> None:
        there = self.find(command.words[1].text, command.folder)
        target = command.words[2].text
        if words[2].endswith("/"):
            target = Text.literal(posixpath.join(words[2], posixpath.basename(words[1])))
        if there is not None:
            self.written[name_of(target, command.folder)] = there

    def _change(self, name: Text, command: Command, edited: sed.Script) -> None:
        there = self.find(name, command.folder)
        if there is not None:
            self.written[name_of(name, command.folder)] = _edited(there, edited)
        else:
            self._spoil(name, command)

    def _spoil(self, name: Text, command: Command) -> None:
        """A program that is not followed writes a file."""
        there = self.find(name, command.folder)
        if there is not None:
            self.written[name_of(name, command.folder)] = replace(there, writer=command.program)
        self.writers[name_of(name, command.folder)] = command.program

    def fed(self, source: str, command: Command, where: Where) -> Content | None:
        """What a command reads from its standard input."""
        return self._input(source, command, where, [])

    def _input(self, source: str, command: Command, where: Where, names: list[Text]) -> Content | None:
        """What a command reads: the files that it names, or what is fed to it."""
        if names:
            found = [self.find(name, command.folder) for name in names]
            known = [content for content in found if content is not None]
            first = known[0] if known and len(known) == len(found) else None
            for content in known[1:]:
                first = first.then(content) if first is not None else None
            return first
        if command.fed is not None:
            return _fed(source, command.fed, where)
        if command.out_of is not None:
            return self.find(command.out_of, command.folder)
        return self.printed if command.piped else None

    def _output(self, source: str, command: Command, where: Where) -> Content | None:
        """What a command prints, as far as it is one whose work is followed."""
        texts = [word.text for word in command.words[1:]]
        match command.program:
            case "echo" | "printf" | "Write-Output":
                said = _said(command.program, texts)
                return None if said is None else Content(*marked(said), where)
            case "cat" | "tee":
                names = [text for text in texts if not text.start.startswith("-")] if command.program == "cat" else []
                return self._input(source, command, where, names)
            case "sed":
                edited = sed.of(texts)
                there = self._input(source, command, where, list(edited.files))
                return None if there is None else _edited(there, edited)
            case "envsubst":
                there = self._input(source, command, where, [])
                return None if there is None else _filled_in(there, command.known, texts)
        return None


def name_of(given: Text, folder: str) -> Name:
    """What tells files apart whose names may hold variables."""
    if given.known is not None:
        return (posixpath.normpath(posixpath.join(folder, given.known)),)
    return given.pieces


def _renumbered(text: str, by: int) -> str:
    return MARKER.sub(lambda found: marker(int(found.group(1)) + by), text)


def _operand(command: Command, program: str) -> Text | None:
    """The first operand of a program that writes to it."""
    if command.program != program:
        return None
    return next((word.text for word in command.words[1:] if not word.text.start.startswith("-")), None)


_VARIABLE = re.compile(r"\\[$`\\]|\$\(\((?:[^()]|\([^()]*\))*\)\)|\$\([^()]*\)|\$\{\w+[^}]*\}|\$[A-Za-z_]\w*")


def _fed(source: str, fed: Heredoc, where: Where) -> Content:
    """The text of a here-document."""
    text = source[fed.start : fed.end]
    return Content(text, (), where) if fed.literal else Content(*_with_markers(text, fed.known), where)


def _with_markers(text: str, known: Mapping[str, Text]) -> tuple[str, tuple[Segment, ...]]:
    segments: list[Segment] = []

    def shown(match: re.Match[str]) -> str:
        if match.group().startswith("\\"):
            return match.group()[1:]
        inner = Words(match.group(), 0, len(match.group()), SH, known, lambda first, last: None)
        segments.extend(inner.word().text.segments[:1])
        return marker(len(segments) - 1)

    return _VARIABLE.sub(shown, text), tuple(segments)


def _said(program: str, texts: list[Text]) -> Text | None:
    """What `echo` and `printf` print; None where the format asks for more than its arguments in a row."""
    options = 0
    while options < len(texts) and re.fullmatch(r"-[neE]+", texts[options].known or ""):
        options += 1
    escapes = program == "printf" or any("e" in (text.known or "") for text in texts[:options])
    words = texts[options:]
    if program == "printf" and words:
        form = (words[0].known or words[0].start).replace("\\n", "")
        if form == "%s":
            words = words[1:]
        elif "%" in form:
            return None
    joined = Text.join(piece for word in words for piece in (Text.literal(" "), word)).without(1 if words else 0)
    if not escapes:
        return joined
    return Text(
        tuple(
            replace(segment, text=segment.text.replace("\\n", "\n").replace("\\t", "\t"))
            if segment.code is None and segment.text is not None
            else segment
            for segment in joined.segments
        )
    )


def _edited(there: Content, script: sed.Script) -> Content:
    """A file as `sed` leaves it."""
    if script.substitutions is None:
        return replace(there, writer="sed")
    text, variables = there.text, there.variables
    for found in script.substitutions:
        new, more = marked(found.new)
        text = _replaced(text, found, _renumbered(new, len(variables)))
        variables = (*variables, *more)
    return replace(there, text=text, variables=variables)


def _replaced(text: str, found: sed.Substitution, new: str) -> str:
    count = 0 if found.everywhere else 1

    def put(match: re.Match[str]) -> str:
        return new.replace("\0", match.group())

    return "\n".join(found.old.sub(put, line, count=count) for line in text.split("\n"))


_NAME = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")


def _filled_in(there: Content, known: Mapping[str, Text], only: list[Text]) -> Content:
    """A file as `envsubst` leaves it; the variables of Batch AI are for the job, and stay."""
    listed = {a or b for text in only for a, b in _NAME.findall("".join(s.code or s.text or "" for s in text.segments))}
    segments = list(there.variables)

    def shown(match: re.Match[str]) -> str:
        name = match.group(1) or match.group(2)
        if (listed and name not in listed) or name.startswith("AZ_BATCHAI_"):
            return match.group()
        value = known.get(name)
        segments.append(Segment(value.known if value else None, match.group(), bool(value and value.secret)))
        return marker(len(segments) - 1)

    text = _NAME.sub(shown, there.text)
    return replace(there, text=text, variables=tuple(segments))
