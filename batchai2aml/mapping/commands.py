"""Command lines of a job: uploaded files as the snapshot has them, and the preparation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from batchai2aml.azureml.model import Code
from batchai2aml.batchai import commandline
from batchai2aml.mapping.arguments import Arguments
from batchai2aml.mapping.body import Body
from batchai2aml.mapping.printing import Printer
from batchai2aml.mapping.sources import Upload, locate
from batchai2aml.mapping.storage import Mount
from batchai2aml.mapping.types import Verdict
from batchai2aml.project.lookup import Lookup
from batchai2aml.text import Text


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a job needs to know beside its body; `files` are seen from the program's folder."""

    mounts: Sequence[Mount]
    uploads: Sequence[Upload]
    compute: Code
    gpu: bool
    files: Lookup


def serve_readers(local: str | None, text: str | None, arguments: Arguments) -> None:
    """Hand the launcher what a script of the user reads from Batch AI's variables by itself."""
    read = sorted(set(re.findall(r"AZ_BATCHAI_\w+", text or "")))
    if read:
        arguments.notes.append(Verdict("changed", "BAI403", f"{local} reads {', '.join(read)}"))
        for name in read:
            arguments.serve(name)
        arguments.reasons.append("the script reads Batch AI's variables")


def with_local_files(
    command: Text, arguments: Arguments, around: Surroundings, accept: Callable[[Text], bool]
) -> tuple[Text, list[Upload]]:
    """A command with the paths of uploaded files as they are in the snapshot, and those uploads."""
    words = commandline.split(command)
    carried: list[Upload] = []
    if words.shell or words.broken:
        return command, carried
    pieces: list[Text] = []
    for word in words.words:
        head, path = _value_part(word)
        located = locate(path, arguments.directories, around.uploads) if commandline.variables(path) else None
        if located is not None and located.upload is not None and not located.upload.renamed:
            if accept(located.upload.local):
                path = located.upload.local
                carried.append(located.upload)
                serve_readers(path.known, around.files.read(path.known or ""), arguments)
        pieces += [Text.literal(" ") if pieces else Text(()), commandline.quoted(Text.join([head, path]))]
    return (Text.join(pieces) if carried else command), carried


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
    command, used = with_local_files(given.text, arguments, around, _plain)
    arguments.serve_words(commandline.split(command).words, "launcher: prepare")
    if re.search(r"\b(mount|sudo|systemctl|service|docker|modprobe)\b", given.known or ""):
        arguments.notes.append(Verdict("manual", "BAI210", given.known or "", "error"))
    same = not used and given.code is not None
    return (Code(given.code) if same and given.code else printer.text(command)), used


def _plain(local: Text) -> bool:
    return "/" not in (local.known or "/")
