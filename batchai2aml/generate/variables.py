"""Shell variables in a generated script: passed on by the command line, or with the value that they are given."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from batchai2aml.project.secrets import Secrets
from batchai2aml.readers.shell.words import is_edited
from batchai2aml.text import Segment, Text

_NAMED = re.compile(
    r"^\$(?:(?:env|script|global):)?(?:([A-Za-z_]\w*)|\{(?:env:)?([A-Za-z_]\w*)[^}]*\}|\(([A-Za-z_]\w*)\))$|^\{([A-Za-z_]\w*)\}$|^[%!]([A-Za-z_]\w*)[%!]$",
    re.IGNORECASE,
)


_OF_SYSTEM = frozenset(
    {
        "HOME",
        "IFS",
        "LANG",
        "LD_LIBRARY_PATH",
        "OS",
        "PATH",
        "PWD",
        "PYTHONPATH",
        "SHELL",
        "TEMP",
        "TERM",
        "TMP",
        "USERPROFILE",
    }
)
"""Variables that programs need as they are."""
_TAKEN = frozenset(
    {
        "ALLOCATION_STATES",
        "INNER_STEPS",
        "JOB_STATES",
        "PROVISIONING_STATES",
        "STEPS",
        "SUBMITTED",
        "cluster",
        "estimator",
        "experiment",
        "json",
        "known",
        "launch",
        "main",
        "node",
        "parameters",
        "print",
        "registry",
        "run",
        "script_params",
        "status",
        "sys",
        "target",
        "usage",
        "ws",
    }
)
"""Names that generated scripts have for themselves."""


@dataclass(frozen=True, slots=True)
class Variable:
    """
    A value that the command line passes on: its name, how the script writes it, and what the script says it is.

    A `numeric` one is a count somewhere.
    """

    name: str
    source: str
    default: str | None = None
    numeric: bool = False

    @property
    def code(self) -> str:
        """The Python name that holds it: a constant when the script says what it is."""
        name = self.name if self.default is not None else self.name.lower()
        return f"{name}_value" if name in _TAKEN else name


@dataclass(eq=False)
class Variables:
    """
    The variables of one script; the same name, or the same other source, is the same variable.

    A value that holds one of the `secrets` is passed on by the command line.
    """

    secrets: Secrets = field(default_factory=Secrets)
    known: dict[str, Variable] = field(default_factory=dict)

    def count(self, text: Text) -> None:
        """Take note that a text is a count."""
        if len(text.segments) == 1 and _is_open(text.segments[0]):
            name = key(text.segments[0].code or "")
            if name in self.known:
                self.known[name] = replace(self.known[name], numeric=True)

    def learn(self, texts: Iterable[Text]) -> None:
        """Take note of every variable before any is printed: one that changes its value has no default."""
        for segment in (segment for text in texts for segment in text.segments):
            if not _is_open(segment):
                continue
            source = segment.code or ""
            name, default = key(source), segment.text
            if segment.secret or (default is not None and self.secrets.inside(default)):
                default = None
            before = self.known.get(name)
            if before is None:
                self.known[name] = Variable(self._free(_name(source)), source, default)
            elif before.default != default:
                self.known[name] = replace(before, default=None)

    def python(self, text: Text) -> tuple[Text, set[Variable]]:
        """A text with Python names for its variables, and those that it needs."""
        self.learn([text] if any(_is_open(s) and key(s.code or "") not in self.known for s in text.segments) else [])
        needed: set[Variable] = set()
        segments: list[Segment] = []
        for segment in text.segments:
            if not _is_open(segment):
                segments.append(segment)
                continue
            found = self.known[key(segment.code or "")]
            needed.add(found)
            segments.append(replace(segment, code=found.code, origin=segment.code))
        return Text(tuple(segments)), needed

    def _free(self, wanted: str) -> str:
        taken = {variable.name for variable in self.known.values()}
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        return name


def _is_open(segment: Segment) -> bool:
    """Whether a piece is a variable of the script, rather than text written in place."""
    return segment.code is not None and not segment.secret


def key(source: str) -> str:
    """What is the same for every spelling of a variable."""
    found = _NAMED.match(source)
    if found is None or is_edited(source):
        return source
    name = next(group for group in found.groups() if group)
    return name.upper() if source[:1] in "%!" else name


def _name(source: str) -> str:
    """A name for the environment: the variable's own, or the words of a placeholder."""
    found = _NAMED.match(source)
    if found is not None:
        name = next(group for group in found.groups() if group).upper()
    elif source.startswith(("$(", "`")):
        name = "VALUE"
    else:
        name = re.sub(r"\W+", "_", source).strip("_").upper() or "VALUE"
    name = f"ARGUMENT_{name}" if name[0].isdigit() else name
    return f"{name}_VALUE" if name in _OF_SYSTEM or keyword.iskeyword(name.lower()) else name
