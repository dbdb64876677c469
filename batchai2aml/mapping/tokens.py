"""Command lines in the ledger: every word of them, with what became of it (MAPPING 4.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from batchai2aml.batchai import commandline
from batchai2aml.batchai.model import Field, Operation
from batchai2aml.mapping.job import Mapped
from batchai2aml.mapping.types import Row, Verdict
from batchai2aml.text import Text
from batchai2aml.values import Value

_COMMANDS = re.compile(r"[cC]ommandLine(Args)?$")
_GLOB = re.compile(r"[*?]|\[[^\]]+\]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a command line: its number, what it says, what usually becomes of it, and what was noticed."""

    number: int
    value: Value
    row: Row
    notes: tuple[Verdict, ...]


def is_command(field: Field) -> bool:
    """Whether a field holds a command line, or arguments of one."""
    return bool(_COMMANDS.search(field.path))


def count(field: Field) -> int:
    """How many words a command line has; one with an open quote counts as one."""
    words = commandline.split(Text.of(field.value))
    return 1 if words.broken else len(words.words)


def tokens(field: Field, row: Row, mapped: Mapped | None) -> Iterator[Token]:
    """The words of a command line; `row` is what becomes of the whole, `mapped` the job if it could be mapped."""
    line = Text.of(field.value)
    words = commandline.split(line)
    if words.broken:
        yield Token(0, field.value, Row("manual", ("BAI413",), row.v1, row.v2), ())
        return
    handled = {word.pieces: found for found in (mapped.handled if mapped else ()) for word in found.words}
    starts_mpi = mapped is not None and mapped.launch.mpi and field.path.endswith("Settings.commandLine")
    for number, word in enumerate(words.words):
        found = handled.get(word.pieces)
        usual = row
        if found is not None:
            usual = Row(row.disposition, row.rules, found.v1, row.v2)
        elif starts_mpi:
            usual = Row("changed", ("BAI510",), "distributed_training=Mpi()", "MpiDistribution()")
        yield Token(
            number, word.value(field.path), usual, (*(found.notes if found else ()), *_noticed(word, words.shell))
        )


def _noticed(word: Text, shell: bool) -> Iterator[Verdict]:
    """What a word says by itself."""
    known = "".join(segment.text or "" for segment in word.segments)
    if shell and _GLOB.search(known):
        yield Verdict("changed", "BAI410", known)
    if "${{" in known:
        yield Verdict("changed", "BAI416", known)
    if "AZ_BATCHAI_PREV_OUTPUT" in known:
        yield Verdict("manual", "BAI419", known, "error")


def line_notes(field: Field) -> Iterator[Verdict]:
    """What a command line says as a whole."""
    line = Text.of(field.value)
    computed = [
        segment.code for segment in line.segments if segment.text is None and segment.code and not segment.secret
    ]
    if computed and len(line.segments) > 1:
        yield Verdict("changed", "BAI414", ", ".join(dict.fromkeys(computed)))


_PROGRAM = re.compile(r"(pythonScriptFilePath|configFilePath|Settings\.commandLine)$")
_OF_PROGRAM = ("BAI403", "BAI520", "BAI521", "BAI522", "BAI523")


def program_field(operation: Operation, mapped: Mapped | None) -> Field | None:
    """The field that says what a job runs."""
    start = f"properties.{mapped.launch.toolkit}." if mapped is not None else "-"
    return next((f for f in operation.fields if f.path.startswith(start) and _PROGRAM.search(f.path)), None)


def job_notes(mapped: Mapped) -> tuple[list[Verdict], list[Verdict]]:
    """What was noticed about a job beside the words of its command lines: about its program, and about the rest."""
    of_words = [note for found in mapped.handled for note in found.notes]
    rest = [note for note in mapped.notes if note not in of_words]
    return [n for n in rest if n.rule in _OF_PROGRAM], [n for n in rest if n.rule not in _OF_PROGRAM]
