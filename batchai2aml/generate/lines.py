"""Command lines where they stand: `az batchai ...` becomes a call of the generated script, all else stays."""

from __future__ import annotations

import re
from collections.abc import Iterable

from batchai2aml.generate.draft import Step
from batchai2aml.generate.variables import key
from batchai2aml.readers.shell.program import CommandRecord
from batchai2aml.text import Text

_OWN = ("AZURE_BATCHAI_STORAGE_ACCOUNT", "AZURE_SUBSCRIPTION_ID", "HOME", "HOSTNAME", "LOGNAME", "USER")
"""Variables that are the environment's own already."""


def call(record: CommandRecord, step: Step, script: str) -> str:
    """The command line that runs a step, in the dialect of the one that it replaces."""
    dialect = record.dialect.name
    python = "python" if dialect in ("powershell", "cmd") else "python3"
    program = f"{python} {script} {step.name}"
    spelled = {key(source): source for source in _sources(record)}
    passed = [
        (variable.name, spelled.get(key(variable.source), variable.source))
        for variable in step.variables
        if variable.name not in _OWN
    ]
    passed += [(name, source) for name, source in step.secrets if name not in source]
    if dialect == "cmd":
        passed = [(name, source) for name, source in passed if source.strip("%!").upper() != name]
    puts = "".join(record.dialect.put.format(name=name, value=source) for name, source in passed)
    whole = puts + program
    return f"& {{ {whole} }}" if puts and dialect == "powershell" and record.command.captured else whole


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
