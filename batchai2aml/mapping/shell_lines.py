"""Jobs as one line for a shell, where the target takes such: pipes, other programs and preparations stay in view."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from batchai2aml.azureml.model import Binding, Code, Distribution, Launcher, Mpi
from batchai2aml.batchai import commandline, paths
from batchai2aml.mapping.arguments import Arguments
from batchai2aml.mapping.toolkits import Launch
from batchai2aml.mapping.types import Verdict
from batchai2aml.text import Segment, Text

_REASONS = re.compile(
    r"the command needs a shell|the program is not a Python script|the command is not a script"
    r"|the command starts MPI itself|the option .* is repeated|an argument is empty|an interpreter is named"
    r"|an argument needs a part of a variable|the job has a preparation command"
    r"|how many arguments there are is known only at run time"
    r"|\$AZ_BATCHAI_(INPUT|OUTPUT)_\w+ is read on the node|\$AZ_BATCHAI_(JOB_)?MOUNT_ROOT is set by the launcher"
)
"""Why a job needs the launcher where it takes a script and a list of words, and not where it takes a line."""
_PATH = re.compile(r"\$\{?(AZ_\w+)\}?((?:/[\w.+-]+)*)")
_WRITES = re.compile(r"(?:>>?|\btee(?:\s+-a)?)\s*\"?$")
_CHANGES = re.compile(r"\b(?:cd|pushd|export|source|set|umask|alias|exit)\b|\|\||;|(?:^|\s)\.\s|(?:^|\s)\w+=")
_GOES = re.compile(r"\b(?:cd|pushd)\b")
_OPTION = re.compile(r"(--?[\w-]+)[= ]\s*\"?$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line in pieces, what it binds, and what was noticed."""

    pieces: tuple[Code | Binding, ...]
    bindings: tuple[Binding, ...]
    notes: tuple[Verdict, ...]


class _Unbound(Exception):
    """A variable that only the launcher sets."""


def shell_line(
    what: Launch,
    launcher: Launcher,
    script: Code | None,
    command: Text | None,
    preparation: Text | None,
    how: Distribution | None,
    fresh: Callable[[], Arguments],
) -> Line | None:
    """
    The line that does what the launcher would, or None where it cannot.

    `script` is the script's name in the snapshot, `command` the user's own line with the files of the snapshot.
    """
    if launcher.secrets or launcher.env or launcher.roles or launcher.first_only:
        return None
    if not all(_REASONS.fullmatch(reason) for reason in launcher.reasons):
        return None
    alone = how is None or (isinstance(how, Mpi) and how.per_node == Code("1"))
    if preparation is not None and not alone:
        return None
    arguments = fresh()
    parts: list[Code | Binding] = []
    try:
        if preparation is not None:
            # it was a process of its own: what it changed in its environment ended with it
            start, end = ("(", ") && ") if _CHANGES.search(preparation.known or preparation.start) else ("", " && ")
            parts += [arguments.printer.string(start)] if start else []
            parts += [*_pieces(preparation, arguments), arguments.printer.string(end)]
        if command is not None:
            parts += _pieces(command, arguments)
        elif script is not None:
            parts += [*_program(what, arguments), arguments.printer.string(" "), script]
            for word in _words(what):
                parts += [arguments.printer.string(" "), *_pieces(word, arguments)]
        else:
            return None
    except _Unbound:
        return None
    if any(isinstance(part, Code) and re.match(r"[fF]?['\"]logs\b", part.text) for part in parts):
        if command is not None and _GOES.search(command.known or command.start):
            return None
        parts.insert(0, arguments.printer.string("mkdir -p logs && "))
    return Line(tuple(parts), tuple(arguments.bindings.values()), (*what.notes, *arguments.notes))


def _program(what: Launch, arguments: Arguments) -> Iterator[Code | Binding]:
    given = what.python.text if what.python is not None else None
    yield from _pieces(given if given is not None else Text.literal("python"), arguments)


def _words(what: Launch) -> Sequence[Text]:
    """The script's arguments: as they are where a shell took them apart, else each as one word."""
    return [what.line] if what.line is not None else [commandline.quoted(word) for word in what.words]


def _pieces(text: Text, arguments: Arguments) -> Iterator[Code | Binding]:
    """A text with its paths bound."""
    before = ""
    for segment in text.segments:
        if segment.code is not None or segment.text is None:
            said = segment.example if segment.text is None else segment.text
            if "$AZ_" in (said or "") or (segment.many and said is None):
                raise _Unbound(segment.code)
            yield arguments.printer.text(Text((segment,)))
            before = "?"
            continue
        at = 0
        for found in _PATH.finditer(segment.text):
            if found.start() > at:
                yield arguments.printer.string(segment.text[at : found.start()])
            yield from _bound(found, before + segment.text[: found.start()], arguments)
            at = found.end()
        if at < len(segment.text):
            yield arguments.printer.string(segment.text[at:])
        before += segment.text


def _bound(found: re.Match[str], before: str, arguments: Arguments) -> Iterator[Code | Binding]:
    """What takes the place of a variable and the path behind it."""
    name, below = found.groups()
    if name == "AZ_BATCHAI_STDOUTERR_DIR":
        yield arguments.printer.string(f"logs{below}")
        return
    there = paths.resolve(Text((Segment(f"${name}{below}"),)), arguments.directories.levels)
    bound: Binding | Code | None = None
    rest = ""
    if there.root == "input" and there.name in arguments.directories.inputs:
        bound, rest = arguments.bind_input(there.name, Text(())), there.rest.known or ""
    elif there.root == "output" and there.name in arguments.directories.outputs:
        bound, rest = arguments.bind_output(there.name, Text(())), there.rest.known or ""
    elif there.root == "mount":
        bound, rest = _mounted(there, before, arguments)
    if not isinstance(bound, Binding):
        raise _Unbound(name)
    yield bound
    if rest:
        yield arguments.printer.string(f"/{rest}")


def _mounted(there: paths.Path, before: str, arguments: Arguments) -> tuple[Binding, str]:
    """A path in a mount; a file that the line writes lies in a folder that is bound."""
    option = _OPTION.search(before)
    if _WRITES.search(before):
        folder, _, name = (there.rest.known or "").rpartition("/")
        above = paths.Path("mount", there.name, Text.literal(folder), there.level)
        return arguments.bind_mount(above, "--out"), name
    return arguments.bind_mount(there, option[1] if option else ""), ""
