"""Command lines, word by word, with parts that only the run knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from batchai2aml.text import Segment, Text

_SHELL = re.compile(r"[|&;<>`*?~(){}\[\]]|\$\(")
_HOSTS = frozenset({"AZ_BATCHAI_PS_HOSTS", "AZ_BATCHAI_WORKER_HOSTS", "AZ_BATCHAI_TASK_INDEX"})
_VARIABLES = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a command line; `shell` when it needs one (pipes, globs), `broken` when quotes do not match."""

    words: tuple[Text, ...]
    shell: bool = False
    broken: bool = False


def split(line: Text) -> Words:
    """Split by the shell's rules. An expression inside the text counts as one piece without blanks."""
    words: list[Text] = []
    current: list[Segment] = []
    started = shell = False
    quote = ""
    for segment in line.segments:
        text = segment.text
        if text is None or (segment.code is not None and not re.search(r"[\s'\"\\]", text)):
            current.append(segment)
            started = True
            shell = shell or bool(text and not quote and _SHELL.search(text))
            continue
        at = 0
        while at < len(text):
            char = text[at]
            at += 1
            if quote:
                if char == quote:
                    quote = ""
                elif char == "\\" and quote == '"' and at < len(text) and text[at] in '"\\$`':
                    current.append(Segment(text[at]))
                    at += 1
                else:
                    current.append(Segment(char))
            elif char in "'\"":
                quote, started = char, True
            elif char == "\\" and at < len(text):
                current.append(Segment(text[at]))
                started = True
                at += 1
            elif char.isspace():
                if started:
                    words.append(Text.join([Text((piece,)) for piece in current]))
                current, started = [], False
            else:
                shell = shell or bool(_SHELL.match(char)) or text.startswith("$(", at - 1)
                current.append(Segment(char))
                started = True
    if started:
        words.append(Text.join([Text((piece,)) for piece in current]))
    return Words(tuple(words), shell, bool(quote))


def quoted(word: Text) -> Text:
    """A word with the quotes that a shell needs to keep it one word; variables in it are still filled in."""
    if not any(re.search(r"[\s'\"\\|&;<>()]", segment.text or "") for segment in word.segments):
        return word
    inside = [
        replace(s, text=re.sub(r'(["\\`])', r"\\\1", s.text)) if s.text and not s.code else s for s in word.segments
    ]
    return Text.join([Text.literal('"'), Text(tuple(inside)), Text.literal('"')])


def variables(text: Text) -> list[str]:
    """The names of the environment variables that a text reads."""
    found = [_VARIABLES.findall(segment.text or segment.example or "") for segment in text.segments]
    return [name for names in found for name in names]


def is_flag(word: Text) -> bool:
    """Whether a word is an option; a negative number is a value."""
    return bool(re.match(r"-{1,2}[A-Za-z]", word.start))


def is_many(word: Text) -> bool:
    """Whether a word that only the run knows may turn out to be several, or none."""
    return any(segment.many for segment in word.segments)


def value_of(word: Text) -> tuple[Text, Text] | None:
    """`--name=value` as its two parts, or None."""
    if not word.start.startswith("-") or "=" not in word.start:
        return None
    name, value = word.partition("=")
    return name, value


@dataclass(frozen=True, slots=True)
class Roles:
    """Arguments of a TensorFlow job: what all roles share, and what only one gets."""

    shared: tuple[Text, ...]
    by_role: tuple[tuple[str, tuple[Text, ...]], ...]


def split_roles(worker: Sequence[Text], others: Sequence[tuple[str, Sequence[Text]]]) -> Roles:
    """
    What the worker's arguments share with every other role, in the worker's order, and the rest by role.

    Words are compared as pairs (an option and its value), so that a value does not part from its option.
    """
    mine = pairs(worker)
    theirs = {role: pairs(words) for role, words in others}
    shared = [pair for pair in mine if all(_holds(other, pair) for other in theirs.values())]
    rest: list[tuple[str, tuple[Text, ...]]] = []
    for role, found in (("worker", mine), *theirs.items()):
        own = tuple(word for pair in found if not _holds(shared, pair) for word in pair)
        rest.append((role, own))
    return Roles(tuple(word for pair in shared for word in pair), tuple(rest))


def pairs(words: Sequence[Text]) -> list[tuple[Text, ...]]:
    """Options with their values; other words alone."""
    found: list[tuple[Text, ...]] = []
    at = 0
    while at < len(words):
        takes = is_flag(words[at]) and value_of(words[at]) is None
        if takes and at + 1 < len(words) and not is_flag(words[at + 1]) and not is_many(words[at + 1]):
            found.append((words[at], words[at + 1]))
            at += 2
        else:
            found.append((words[at],))
            at += 1
    return found


def _holds(found: Sequence[tuple[Text, ...]], pair: tuple[Text, ...]) -> bool:
    wanted = [word.pieces for word in pair]
    return any([word.pieces for word in other] == wanted for other in found)


def names_hosts(words: Sequence[Text]) -> bool:
    """Whether arguments name the hosts or the rank of a TensorFlow cluster."""
    return any(name in _HOSTS for word in words for name in variables(word))
