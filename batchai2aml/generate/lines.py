"""Command lines where they stand: `az batchai ...` becomes a call of the generated script, all else stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from batchai2aml.generate.draft import Step
from batchai2aml.generate.variables import key
from batchai2aml.mapping.printing import Style, Unprintable
from batchai2aml.readers.documents.tree import CLOSE, OPEN
from batchai2aml.readers.shell.program import CommandRecord, Part
from batchai2aml.text import Segment, Text

_MARKER = re.compile(f"{OPEN}(\\d+){CLOSE}")
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
    program = f"{'python' if dialect in ('powershell', 'cmd') else 'python3'} {script} {step.name}"
    passed = _passed(record, step)
    if dialect == "cmd":
        passed = [(name, source) for name, source in passed if source.strip("%!").upper() != name]
    puts = "".join(record.dialect.put.format(name=name, value=source) for name, source in passed)
    whole = puts + program
    return f"& {{ {whole} }}" if puts and dialect == "powershell" and record.command.captured else whole


def _passed(record: CommandRecord, step: Step) -> list[tuple[str, str]]:
    """The environment variables that a step needs, each with what the command line writes for it."""
    spelled = {key(source): source for source in _sources(record)}
    found: list[tuple[str, str]] = []
    for variable in step.variables:
        source = spelled.get(key(variable.source), variable.source)
        foreign = not record.part.code and not source.startswith(_OF_SHELL)
        if foreign and variable.default is None:
            raise Unprintable(f"{source} is known only where the job's document is made")
        if variable.name not in _OWN and not foreign:
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
        pieces.append(_between(part, at, record.command.start))
        for name, source in _passed_by_program(record, step):
            quote = Text.literal("" if part.listed else '"')
            blank = Text.literal(SEPARATOR if part.listed else " ")
            start = Text.literal(f"env{SEPARATOR}{name}=" if part.listed and not at else f"{name}=")
            pieces += [start, quote, Text((Segment(None, source),)), quote, blank]
            at = -1
        words = ("python3", script, step.name)
        pieces.append(Text.literal((SEPARATOR if part.listed else " ").join(words)))
        at = record.command.end
    if not part.listed:
        return style.text(Text.join([*pieces, _between(part, at, len(part.text))]))
    return f"[{', '.join(style.text(word) for word in _split(Text.join(pieces)))}]"


SEPARATOR = "\x00"
"""What stands between the words of a list while it is put together."""


def _split(text: Text) -> list[Text]:
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


def _between(part: Part, start: int, end: int) -> Text:
    """What stands between two places of a text, its markers filled in."""
    pieces = _MARKER.split(part.text[max(start, 0) : end])
    return Text.join(
        Text((part.pieces[int(piece)],)) if number % 2 else Text.literal(piece) for number, piece in enumerate(pieces)
    )


def _sources(record: CommandRecord) -> list[str]:
    """The variables of a command, as it writes them itself."""
    request = record.request
    settings = (*request.settings, *request.names.values(), *request.arguments)
    texts = [setting.written for setting in settings if isinstance(setting.written, Text)]
    return [segment.code for text in texts for segment in text.segments if segment.code is not None]


def replaced(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """A text with some stretches replaced."""
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def has_commands(text: str) -> bool:
    """Whether a text still calls `az batchai`."""
    return bool(re.search(r"\baz(?:\.cmd|\.exe)?[ \t]+batchai[ \t]+[a-z]", text))
