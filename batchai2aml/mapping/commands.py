"""Command lines of a job: uploaded files as the snapshot has them, and the preparation."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from batchai2aml.azureml.model import Code
from batchai2aml.batchai import commandline
from batchai2aml.mapping.arguments import Arguments
from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.printing import Printer
from batchai2aml.mapping.sources import Upload, locate
from batchai2aml.mapping.storage import Mount
from batchai2aml.mapping.types import Verdict
from batchai2aml.project.lookup import Lookup
from batchai2aml.text import Text


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    What a job needs to know beside its body.

    `files` are seen from the program's folder; `lines` says that the target takes a line for a shell.
    """

    mounts: Sequence[Mount]
    uploads: Sequence[Upload]
    compute: Code
    gpu: bool
    files: Lookup
    lines: bool = False


def serve_readers(local: str | None, text: str | None, arguments: Arguments) -> None:
    """Hand the launcher what a script of the user reads from Batch AI's variables by itself."""
    read = sorted(set(re.findall(r"AZ_BATCHAI_\w+", text or "")))
    if read:
        arguments.notes.append(Verdict("changed", "BAI403", f"{local} reads {', '.join(read)}"))
        for name in read:
            arguments.serve(name)
        arguments.reasons.append("the script reads Batch AI's variables")


_HERE = Text.literal(".")


@dataclass(frozen=True, slots=True)
class Carried:
    """
    A command with the files of the program as the snapshot has them.

    `folder` is the snapshot's, `uploads` are those that it makes needless, `found` are files that were found by name.
    """

    command: Text
    folder: Text = _HERE
    uploads: tuple[Upload, ...] = ()
    files: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


def with_local_files(
    command: Text, arguments: Arguments, around: Surroundings, accept: Callable[[Text], bool], search: bool = False
) -> Carried:
    """A command with the paths of its programs as they are in the snapshot; with `search` also by their names."""
    words = commandline.split(command)
    if words.broken or _GOES.search(command.known or command.start):
        return Carried(command)
    pieces = _in_shell(command) if words.shell else [_value_part(word) for word in words.words]
    local: dict[int, Text] = {}
    uploads: list[Upload] = []
    found: list[str] = []
    for number, (_, path) in enumerate(pieces):
        located = locate(path, arguments.directories, around.uploads) if commandline.variables(path) else None
        if located is None:
            continue
        if located.upload is not None and not located.upload.renamed and accept(located.upload.local):
            local[number] = located.upload.local
            uploads.append(located.upload)
        elif search and located.upload is None and located.path.root == "mount" and located.path.rest.known:
            there = around.files.find(located.path.rest.known)
            if there is not None and accept(Text.literal(there)):
                local[number] = Text.literal(there)
                found.append(there)
    known = [text.known for text in local.values()]
    folder = _shared_folder(known) if search else "."
    joined: list[Text] = []
    for number, (head, path) in enumerate(pieces):
        if number in local:
            name = local[number].known
            serve_readers(name, around.files.read(name or ""), arguments)
            path = local[number] if name is None else Text.literal(posixpath.relpath(name, folder))
            if number == 0 and not head.segments and search:
                path = Text.join([Text.literal("bash " if (name or "").endswith(".sh") else "./"), path])
        if words.shell:
            joined += [head, path]
        else:
            word = (
                Text.join([head, path])
                if number == 0 and number in local
                else commandline.quoted(Text.join([head, path]))
            )
            joined += [Text.literal(" ") if joined else Text(()), word]
    if not local:
        return Carried(command)
    files = tuple(name for name in known if name is not None)
    return Carried(Text.join(joined), Text.literal(folder), tuple(uploads), files, tuple(found))


def _shared_folder(names: Sequence[str | None]) -> str:
    """The folder that holds all files; the program's own when one of them is known only at run time."""
    folders = [posixpath.dirname(name) for name in names if name is not None]
    if len(folders) < len(names) or not folders or any(not folder for folder in folders):
        return "."
    return posixpath.commonpath(folders) or "."


_GOES = re.compile(r"(^|[;&|(]\s*)(cd|pushd)\s")
"""A command that changes its folder: names in the snapshot would lead nowhere."""

_PATHS = re.compile(r"\$\{?AZ_BATCHAI_\w+\}?(?:/[\w.-]+)+")


def _in_shell(command: Text) -> list[tuple[Text, Text]]:
    """A line for a shell, cut before and behind every path in it; what is open stays in one piece."""
    if command.known is None:
        return [(Text(()), command)]
    pieces: list[tuple[Text, Text]] = []
    at = 0
    for found in _PATHS.finditer(command.known):
        path = command.without(found.start()).upto(found.end() - found.start())
        pieces.append((command.without(at).upto(found.start() - at), path))
        at = found.end()
    return [*pieces, (command.without(at), Text(()))]


def _value_part(word: Text) -> tuple[Text, Text]:
    """`--name=value` and `name=value` cut behind the equals sign; other words whole."""
    option = word.start.startswith("-")
    if (option and commandline.value_of(word)) or (not option and "$" not in word.start.split("=", 1)[0]):
        name, value = word.partition("=")
        if value.segments:
            return Text.join([name, Text.literal("=")]), value
    return Text(()), word


def prepare(
    body: Body, around: Surroundings, arguments: Arguments, printer: Printer
) -> tuple[Code | None, list[Upload]]:
    """The preparation command, with uploaded scripts as they are in the snapshot."""
    given = body.get("properties.jobPreparation.commandLine")
    if given is None or given.text is None:
        return None, []
    carried = with_local_files(given.text, arguments, around, _plain)
    command, used = carried.command, list(carried.uploads)
    arguments.serve_words(commandline.split(command).words, "launcher: prepare")
    if re.search(r"\b(mount|sudo|systemctl|service|docker|modprobe)\b", given.known or ""):
        arguments.notes.append(Verdict("manual", "BAI210", given.known or "", "error"))
    same = not used and given.code is not None
    return (Code(given.code) if same and given.code else printer.text(command)), used


def with_preparation(given: Given, around: Surroundings, arguments: Arguments) -> Text | None:
    """The preparation command with uploaded scripts as they are in the snapshot, as text."""
    return with_local_files(given.text, arguments, around, _plain).command if given.text is not None else None


def _plain(local: Text) -> bool:
    return "/" not in (local.known or "/")
