"""Installations on command lines: what apt, pip and conda were told to install, and what else stands beside them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

from batchai2aml.batchai import commandline, startup
from batchai2aml.text import Text

_PARTS = re.compile(r"(?:\"[^\"]*\"|'[^']*'|[^;&|\n'\"]|(?<![&|])[&|](?![&|])|['\"])+")
_PREFIX = re.compile(r"^(?:sudo\s+(?:-\w+\s+)*)?(?:DEBIAN_FRONTEND=\S+\s+)?")
_APT = re.compile(r"apt(?:-get)?\s+(?:-\S+\s+)*(install|update|upgrade)\b\s*(.*)")
_PIP = re.compile(r"(?:python[\d.]*\s+-m\s+)?pip[\d.]*\s+install\s+(.*)")
_CONDA = re.compile(r"(?:\S*/)?conda\s+install\s+(.*)")
_OF_RUN = re.compile(r"\$|[|<>`]")
_QUOTED = re.compile(r"'[^']*'|\"[^\"$`]*\"")
_YES = frozenset({"-y", "--yes", "--assume-yes", "-qq", "-q"})


@dataclass(frozen=True, slots=True)
class Install:
    """A part of a command line: an installation with its words, an `upgrade` or `update` of apt's, or anything else."""

    by: OneOf["apt", "pip", "conda", "upgrade", "update", "other"]
    words: str

    @property
    def packages(self) -> tuple[str, ...]:
        """What pip was told to install by name; nothing when options say where it comes from."""
        try:
            words = shlex.split(self.words)
        except ValueError:
            return ()
        options = [word for word in words if word.startswith("-")]
        plain = {"-q", "-U", "--quiet", "--upgrade", "--user", "--no-cache-dir", "--ignore-installed", "--no-deps"}
        if self.by != "pip" or not plain.issuperset(options):
            return ()
        return tuple(word for word in words if word not in options)


def installs(command: str) -> Iterator[Install]:
    """The parts of a command line, also inside `bash -c`, in their order."""
    for part in _PARTS.findall(_unwrapped(command)):
        plain = _PREFIX.sub("", part.strip())
        if not plain:
            continue
        apt, pip, conda = _APT.fullmatch(plain), _PIP.fullmatch(plain), _CONDA.fullmatch(plain)
        if _OF_RUN.search(_QUOTED.sub("", plain)):
            yield Install("other", plain)
        elif apt is not None and apt[1] == "install":
            yield Install("apt", _without_yes(apt[2]))
        elif apt is not None:
            yield Install("upgrade" if apt[1] == "upgrade" else "update", plain)
        elif pip is not None:
            yield Install("pip", pip[1])
        elif conda is not None:
            yield Install("conda", _without_yes(conda[1]))
        else:
            yield Install("other", plain)


def _without_yes(words: str) -> str:
    return " ".join(word for word in words.split() if word not in _YES)


def _unwrapped(command: str) -> str:
    """The command inside `bash -c`, or the command itself."""
    words = commandline.split(Text.literal(command))
    inner = None if words.broken else startup.inner(words.words)
    return (inner.known if inner is not None else None) or command
