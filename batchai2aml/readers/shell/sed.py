"""Command lines of `sed`, as far as they put one text in the place of another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from batchai2aml.readers.markers import MARKER, filled, marked
from batchai2aml.text import Segment, Text


@dataclass(frozen=True, slots=True)
class Substitution:
    """`s/old/new/`: in `new`, a NUL character stands for what was found."""

    old: re.Pattern[str]
    new: Text
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Script:
    """What `sed` is asked to do; `substitutions` is None when there is more to it."""

    substitutions: tuple[Substitution, ...] | None
    files: tuple[Text, ...]
    in_place: bool


_TAKES_VALUE = ("-e", "--expression")
_UNKNOWN = ("-f", "--file", "-n", "--quiet", "--silent")


def of(words: list[Text]) -> Script:
    """The words behind `sed`."""
    expressions: list[Text] = []
    operands: list[Text] = []
    in_place = extended = strange = False
    rest = iter(words)
    for word in rest:
        known = word.known or ""
        if known in _TAKES_VALUE:
            expressions.append(next(rest, Text(())))
        elif word.start.startswith("--expression="):
            expressions.append(word.without(len("--expression=")))
        elif re.fullmatch(r"-[Er]*i\S*|--in-place(?:=\S*)?", known):
            in_place, extended = True, extended or bool(re.match(r"-[Er]", known))
            if known.endswith("ie") and not known.startswith("--"):
                expressions.append(next(rest, Text(())))
        elif known in ("-E", "-r", "--regexp-extended"):
            extended = True
        elif known in _UNKNOWN:
            strange = True
        elif known or word.segments:
            operands.append(word)
    if in_place and operands and operands[0].known == "":
        operands.pop(0)
    if not expressions and operands:
        expressions.append(operands.pop(0))
    found = [_substitutions(expression, extended) for expression in expressions]
    known_all = (
        None if strange or any(f is None for f in found) else tuple(s for f in found if f is not None for s in f)
    )
    return Script(known_all, tuple(operands), in_place)


_COMMAND = re.compile(
    r"\s*s(?P<by>[^\w\s\\])(?P<old>(?:\\.|(?!(?P=by)).)*)(?P=by)"
    r"(?P<new>(?:\\.|(?!(?P=by)).)*)(?P=by)(?P<flags>[gIi]*)\s*(?:;|$|\n)",
    re.S,
)


def _substitutions(expression: Text, extended: bool) -> list[Substitution] | None:
    """The commands of a script; None when one is something else."""
    shown, codes = marked(expression)
    found: list[Substitution] = []
    at = 0
    while shown[at:].strip():
        command = _COMMAND.match(shown, at)
        if command is None:
            return None
        at = command.end()
        by = command.group("by")
        old = _pattern(_without_codes(command.group("old"), codes), by, extended, command.group("flags"))
        if old is None:
            return None
        found.append(Substitution(old, _replacement(command.group("new"), by, codes), "g" in command.group("flags")))
    return found


def _without_codes(text: str, codes: Sequence[Segment]) -> str | None:
    """A pattern with its variables filled in, if they are known."""
    values = {str(number): segment.text for number, segment in enumerate(codes)}
    if any(values[number] is None for number in MARKER.findall(text)):
        return None
    return MARKER.sub(lambda mark: values[mark.group(1)] or "", text)


def _pattern(text: str | None, by: str, extended: bool, flags: str) -> re.Pattern[str] | None:
    """A pattern in Python's words; None for groups and whatever else can go astray."""
    if text is None or not text:
        return None
    text = text.replace(f"\\{by}", by if by not in ".*[]^$+?(){}|" else f"\\{by}")
    if re.search(r"[(){}|+?]" if extended else r"\\[(){}|+?\dwWbsS<>]", text):
        return None
    if not extended:
        text = re.sub(r"(?<!\\)[(){}|+?]", lambda found: f"\\{found.group()}", text)
    try:
        return re.compile(text, re.I if set(flags) & {"i", "I"} else 0)
    except re.error:
        return None


def _replacement(text: str, by: str, codes: Sequence[Segment]) -> Text:
    plain = re.sub(r"\\(.)|&", lambda f: "\0" if f.group() == "&" else "\n" if f.group(1) == "n" else f.group(1), text)
    return filled(plain, codes)
