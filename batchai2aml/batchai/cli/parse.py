"""A command line of `az batchai`, taken apart as argparse does it: abbreviations, `--name=value`, `-gmygroup`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal as OneOf
from typing import TypeAlias

from batchai2aml.batchai.cli.commands import COMMANDS, GLOBAL
from batchai2aml.batchai.cli.types import GENERATIONS, Command, Flag
from batchai2aml.text import Text

Trouble: TypeAlias = OneOf["unknown command", "unknown flag", "no value", "abbreviated"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option as it was given: its row, how it was spelled, its value (None of a switch), and which word it is."""

    flag: Flag
    spelled: str
    value: Text | None
    number: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """
    A command with its options; `strange` are words that it does not know, with what is wrong.

    `old` says that it was written for 0.1 or 0.2, whose `-c` is the configuration file.
    """

    command: Command | None
    options: tuple[Option, ...] = ()
    strange: tuple[tuple[str, Trouble], ...] = ()
    old: bool = False

    def option(self, to: str) -> Option | None:
        """The last option about something, as argparse keeps it, or None."""
        return next((option for option in reversed(self.options) if option.flag.to == to), None)

    def value(self, to: str) -> Text | None:
        """The value of the last option about something, or None."""
        found = self.option(to)
        return found.value if found is not None else None


def parse(words: Sequence[Text]) -> Parsed:
    """Take the words behind `az batchai` apart."""
    names = [word.known or "" for word in words]
    for length in (3, 2, 1):
        command = COMMANDS.get(" ".join(names[:length]))
        if command is not None and len(names) >= length:
            return _options(command, words[length:], length)
    return Parsed(None, strange=((" ".join(names[:3]), "unknown command"),))


def _options(command: Command, words: Sequence[Text], skipped: int) -> Parsed:
    generation = _generation(command, words)
    rows = [row for row in (*command.flags, *GLOBAL) if generation in row.generations]
    rest = [row for row in command.flags if generation not in row.generations]
    options: list[Option] = []
    strange: list[tuple[str, Trouble]] = []
    at = 0
    while at < len(words):
        word, number = words[at], skipped + at
        at += 1
        if not word.start.startswith("-") or word.start == "-":
            strange.append((word.known or word.start, "unknown flag"))
            continue
        spelled, value = _cut(word, [*rows, *rest])
        row, trouble = _row(spelled, rows, rest)
        if row is None:
            strange.append((spelled, "unknown flag"))
            at += at < len(words) and value is None and not words[at].start.startswith("-")
            continue
        if trouble is not None:
            strange.append((spelled, trouble))
        if row.takes and value is None:
            if at < len(words):
                value = words[at]
                at += 1
            else:
                strange.append((spelled, "no value"))
        options.append(Option(row, spelled, value if row.takes else None, number))
        while row.to in _SEVERAL and at < len(words) and not words[at].start.startswith("-"):
            options.append(Option(row, spelled, words[at], skipped + at))
            at += 1
    return Parsed(command, tuple(options), tuple(strange), generation != GENERATIONS[-1])


_SEVERAL = ("ids",)
"""Options that take all words up to the next option."""


def _cut(word: Text, rows: Sequence[Flag]) -> tuple[str, Text | None]:
    """The name of an option, and the value that is written in the same word."""
    start = word.start
    if start.startswith("--"):
        name, value = word.partition("=")
        return (name.known or start, value) if "=" in start else (start, None)
    single = start[:2]
    if len(word.segments) > 1 or len(start) > 2:
        if any(single in row.names for row in rows):
            return single, word.without(2).stripped("=") if start[2:3] == "=" else word.without(2)
    return start, None


def _row(spelled: str, rows: Sequence[Flag], rest: Sequence[Flag]) -> tuple[Flag | None, Trouble | None]:
    for row in (*rows, *rest):
        if spelled in row.names:
            return row, None
    if not spelled.startswith("--"):
        return None, None
    close = {row.to: row for row in (*rows, *rest) if any(name.startswith(spelled) for name in row.names)}
    return (next(iter(close.values())), "abbreviated") if len(close) == 1 else (None, None)


def _generation(command: Command, words: Sequence[Text]) -> str:
    """
    The generation that a command line was written for.

    `-c` is the cluster since 0.3 and the configuration file before it: decided by the other options, and by
    what follows it.
    """
    known = [word.known or word.start for word in words]
    given = {word.split("=")[0] if word.startswith("--") else word[:2] for word in known if word.startswith("-")}
    new = {"-w", "--workspace", "-e", "--experiment", "-f", "--config-file", "--cluster"}
    old = {"-r", "--cluster-name", "-l", "--location", "--config", "--container-name", "--nfs-resource-group"}
    if (
        command.words in ("job file list", "job file stream")
        and given & {"-n", "--name"}
        and not given & {"-j", "--job"}
    ):
        return "0.2"
    if len(command.generations) < len(GENERATIONS):
        return max(command.generations)
    names_file = any(first == "-c" and second.endswith(".json") for first, second in pairwise(known))
    return "0.2" if names_file or (given & old and not given & new) else "0.3"
