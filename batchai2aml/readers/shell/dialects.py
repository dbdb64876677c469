"""How command lines differ: what continues a line, what escapes a character, how a variable is written."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """
    One way of writing command lines.

    `variable` matches a variable, its name in the first group that matched; `assignment` a line that sets one;
    `put` writes a variable for the environment of one command, `line` puts such before the command.
    """

    name: str
    escape: str
    comment: str
    variable: re.Pattern[str]
    assignment: re.Pattern[str] | None = None
    put: str = '{name}="{value}" '
    quotes: str = "'\""


_NAME = r"[A-Za-z_]\w*"
SH = Dialect("sh", "\\", "#", re.compile(rf"\$(?:\{{({_NAME}|[0-9])[^}}\n]*\}}|({_NAME}|[0-9@*#?!$]))"))
MAKE = Dialect(
    "make",
    "\\",
    "#",
    re.compile(
        rf"\$(?:\([a-z-]+[ \t][^()\n]*\)|\(({_NAME})\)|\{{({_NAME})\}}|\$\{{?({_NAME}|[0-9@*#?!])\}}?|([@<^*?+]))"
    ),
)
POWERSHELL = Dialect(
    "powershell",
    "`",
    "#",
    re.compile(rf"\$(?:\{{(?:env:)?({_NAME})\}}|(?:env:|script:|global:)?({_NAME}))", re.IGNORECASE),
    re.compile(
        rf"[ \t]*(?:\[[\w.]+\][ \t]*)?\$(?:env:|script:|global:)?({_NAME})[ \t]*=[ \t]*(?=[^=\s])", re.IGNORECASE
    ),
    '$env:{name} = "{value}"; ',
)
CMD = Dialect(
    "cmd",
    "^",
    "::",
    re.compile(rf"%%~?[a-z]*([A-Za-z])\b|%(?:({_NAME})%|~?\d)|!({_NAME})!"),
    re.compile(rf"[ \t]*set[ \t]+\"?({_NAME})=", re.IGNORECASE),
    'set "{name}={value}" & ',
    '"',
)
IPYTHON = Dialect("ipython", "\\", "#", re.compile(r"\{([^{}\n]+)\}|\$(?:\{(\w+)\}|(\w+))"))
"""Notebook lines behind `!`: `{expression}` and `$name` are Python's."""

PYTHON = Dialect("python", "\\", "#", re.compile("\ue000(\\d+)\ue001"))
"""Texts that a Python program puts together: every expression in them is a numbered marker."""

BY_SUFFIX: dict[str, tuple[str, Dialect]] = {
    ".sh": ("shell", SH),
    ".bash": ("shell", SH),
    ".zsh": ("shell", SH),
    ".ksh": ("shell", SH),
    ".azcli": ("shell", SH),
    ".command": ("shell", SH),
    ".ps1": ("powershell", POWERSHELL),
    ".psm1": ("powershell", POWERSHELL),
    ".bat": ("shell", CMD),
    ".cmd": ("shell", CMD),
}
"""The kind of a file and its dialect, by the end of its name."""
