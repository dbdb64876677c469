"""Command lines where they stand: `az batchai ...` becomes a call of the generated script, all else stays."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence

from batchai2aml.generate.draft import Step
from batchai2aml.generate.variables import key
from batchai2aml.mapping.printing import Style, Unprintable
from batchai2aml.readers.markers import filled
from batchai2aml.readers.shell.program import CommandRecord, Part
from batchai2aml.text import Segment, Text

_OF_SHELL = ("$", "%", "!", "<", "`", "{")
"""How variables of scripts begin; all else is an expression of a program that wrote the document."""
_OWN = ("AZURE_BATCHAI_STORAGE_ACCOUNT", "AZURE_SUBSCRIPTION_ID", "HOME", "HOSTNAME", "LOGNAME", "USER")
"""Variables that are the environment's own already."""


def call(record: CommandRecord, step: Step, script: str) -> str:
    """
    The command line that runs a step, in the dialect of the one that it replaces.

    Raises:
        Unprintable: the step needs a value that is not known there.

    """
    dialect = record.dialect.name
    folder = record.command.folder
    path = posixpath.relpath(script, folder) if folder and not record.command.away else script
    program = f"{'python' if dialect in ('powershell', 'cmd') else 'python3'} {path} {step.name}"
    passed = _passed(record, step)
    if dialect == "cmd":
        own = {f"%{name}%".lower() for name, _ in passed} | {f"!{name}!".lower() for name, _ in passed}
        passed = [(name, source) for name, source in passed if source.lower() not in own]
    puts = "".join(record.dialect.put.format(name=name, value=source) for name, source in passed)
    run_by_another = record.command.prefixed and dialect not in ("powershell", "cmd")
    whole = ("env " if puts and run_by_another else "") + puts + program
    return f"& {{ {whole} }}" if puts and dialect == "powershell" else whole


def _passed(record: CommandRecord, step: Step) -> list[tuple[str, str]]:
    """The environment variables that a step needs, each with what the command line writes for it."""
    spelled = {key(source): source for source in _sources(record)}
    found: list[tuple[str, str]] = []
    for variable in step.variables:
        source = spelled.get(key(variable.source), variable.source)
        foreign = not record.part.code and not source.startswith(_OF_SHELL)
        if foreign and record.dialect.name == "ipython" and not re.search(r"[{}'\"\n]", source):
            seen = record.part.sees(source, None) is not None
            foreign, source = not seen, f"{{{source}}}" if seen else source
        if foreign and variable.default is None:
            raise Unprintable(f"{source} is known only where the job's document is made")
        own = variable.name in _OWN and variable.default is None and source.strip("${}%") == variable.name
        if not own and not foreign:
            found.append((variable.name, source))
    return found + [(name, source) for name, source in step.secrets if name not in source]


def expression(part: Part, spans: Sequence[tuple[CommandRecord, Step]], script: str, style: Style) -> str:
    """
    The expression of a program that says its command lines anew.

    Raises:
        Unprintable: a value is not known where the command line is put together.

    """
    pieces: list[Text] = []
    at = 0
    for record, step in spans:
        pieces.append(between(part, at, record.command.start))
        quote = Text.literal("" if part.listed or part.split else '"')
        blank = Text.literal(SEPARATOR if part.listed else " ")
        passed = _passed_by_program(record, step)
        pieces += [Text.literal("env"), blank] if passed else []
        for name, source in passed:
            pieces += [Text.literal(f"{name}="), quote, Text((Segment(None, source),)), quote, blank]
        words = ("python3", script, step.name)
        pieces.append(Text.literal((SEPARATOR if part.listed else " ").join(words)))
        at = record.command.end
    if not part.listed:
        return style.text(Text.join([*pieces, between(part, at, len(part.text))]))
    return f"[{', '.join(style.text(word) for word in split(Text.join(pieces)))}]"


SEPARATOR = "\x00"
"""What stands between the words of a list while it is put together."""


def split(text: Text) -> list[Text]:
    words: list[Text] = []
    while True:
        word, text = text.partition(SEPARATOR)
        words.append(word)
        if not text.segments:
            return words


def _passed_by_program(record: CommandRecord, step: Step) -> list[tuple[str, str]]:
    own = {segment.code for word in record.command.words for segment in word.text.segments}
    defaults = {variable.name: variable.default for variable in step.variables}
    found: list[tuple[str, str]] = []
    for name, source in _passed(record, step):
        there = source if source in own else record.part.sees(source, defaults.get(name))
        if there is not None:
            found.append((name, there))
        elif defaults.get(name) is None:
            raise Unprintable(f"{source} is known only where the job's document is made")
    return found


def between(part: Part, start: int, end: int) -> Text:
    """What stands between two places of a text, its markers filled in."""
    return filled(part.text[max(start, 0) : end], part.pieces)


def _sources(record: CommandRecord) -> list[str]:
    """The variables of a command, as it writes them itself."""
    request = record.request
    settings = (*request.settings, *request.names.values(), *request.arguments)
    texts = [setting.written for setting in settings if isinstance(setting.written, Text)]
    return [segment.code for text in texts for segment in text.segments if segment.code is not None]


def replaced(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """A text with some stretches replaced; what overlaps a stretch further down stays."""
    limit = len(text)
    for start, end, new in sorted(spans, reverse=True):
        if end > limit:
            continue
        limit = start
        text = text[:start] + new + text[end:]
    return text
