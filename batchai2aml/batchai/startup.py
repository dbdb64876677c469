"""What stands before the program on a command line: variables, folders, and setup that only the old machines needed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from batchai2aml.text import Text

_END = r"\s*(?:;|&&)\s*"
_WORD = r"""(?:[^\s;&|<>$`'"()]|\$\{?\w+\}?|'[^']*'|"[^"$`]*")+"""
_VALUE = r"""(?:[^\s;&|<>$`'"()]|'[^']*'|"[^"$`]*")*"""
_LIBRARY = re.compile(rf"\s*(?:source|\.)\s+\S*mpivars\.sh(?:\s+[\w-]+)?{_END}")
_TALK = re.compile(rf"\s*(?:echo\s+[^;&|<>]*|set\s+-[exuv]+){_END}")
_SET = rf"[A-Za-z_]\w*={_VALUE}"
_EXPORTS = re.compile(rf"\s*export\s+({_SET}(?:\s+{_SET})*){_END}")
_ASSIGNED = re.compile(rf"\s*(?:env\s+)?((?:{_SET}\s+)+)(?=\S)")
_FOLDER = re.compile(rf"\s*cd\s+({_WORD}){_END}")
_OTHER = re.compile(rf"\s*(?:(?:cd|export)\s+[^;&|]+?|(?:source|\.|conda)\s+[^;&|]+?){_END}")


NOTHING = Text(())


@dataclass(frozen=True, slots=True)
class Start:
    """
    A command line in its parts.

    `environment` are variables that it sets to plain values, `folder` where it goes; `before` is all of that as it is
    written, with what else must run first (then it is not `plain`). `dropped` has no use any more, `talk` only prints;
    `line` is the rest.
    """

    line: Text
    environment: tuple[tuple[str, Text], ...] = ()
    folder: Text | None = None
    before: Text = NOTHING
    plain: bool = True
    dropped: tuple[str, ...] = ()
    talk: tuple[str, ...] = ()

    @property
    def whole(self) -> Text:
        """The line with what stands before it, for a shell."""
        return Text.join([self.before, self.line])


def start_of(line: Text) -> Start:
    """Take a command line's preparations off its front, as far as they are certain."""
    environment: list[tuple[str, Text]] = []
    folder: Text | None = None
    before, plain, dropped, talk = NOTHING, True, list[str](), list[str]()
    while True:
        known = line.start
        kept = True
        if (found := _LIBRARY.match(known)) is not None:
            dropped.append(found.group().strip(" ;&"))
            kept = False
        elif (found := _TALK.match(known)) is not None:
            talk.append(found.group().strip(" ;&"))
            kept = False
        elif (found := _EXPORTS.match(known) or _ASSIGNED.match(known)) is not None:
            environment += [_pair(word) for word in shlex.split(found.group(1))]
        elif folder is None and (found := _FOLDER.match(known)) is not None:
            folder = Text.literal(found.group(1).strip("'\""))
        elif (found := _OTHER.match(known)) is not None:
            plain = False
        else:
            return Start(line, tuple(environment), folder, before, plain, tuple(dropped), tuple(talk))
        before = Text.join([before, Text.literal(found.group().lstrip())]) if kept else before
        line = line.without(found.end())


def _pair(word: str) -> tuple[str, Text]:
    name, _, value = word.partition("=")
    return name, Text.literal(value)


def inner(words: Sequence[Text]) -> Text | None:
    """The command line inside `bash -c "..."`, or None."""
    known = [word.known for word in words[:2]]
    shells = ("bash", "sh", "/bin/bash", "/bin/sh")
    if len(words) == 3 and known[0] in shells and known[1] in ("-c", "-lc", "-ic"):
        return words[2]
    return None
