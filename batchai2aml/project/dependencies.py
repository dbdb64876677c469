"""Dependencies: Batch AI packages in requirements, setup files and environments become the target's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

FILES = (
    "requirements*.txt",
    "requirements*.in",
    "constraints*.txt",
    "setup.py",
    "setup.cfg",
    "pyproject.toml",
    "environment*.yml",
    "environment*.yaml",
    "conda*.yml",
    "conda*.yaml",
)
"""The names of files that list packages."""

PACKAGES: dict[str, str] = {"v1": "azureml-sdk", "v2": "azure-ai-ml"}
"""What the converted code needs, by target."""

_OLD = re.compile(
    r"(?<![\w.-])azure[-_.]mgmt[-_.]batchai(?![\w-])(?:\[[\w,\s-]*\])?"
    r"(?:\s*(?:[~=!<>]=?=?)\s*[\w.*+!-]+(?:\s*,\s*[~=!<>]=?=?\s*[\w.*+!-]+)*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dependency:
    """A Batch AI package in a list: its line (from 1) and the words there."""

    line: int
    text: str


def lists_packages(name: str) -> bool:
    """Whether a file of this name lists packages."""
    return any(fnmatch(name.lower(), pattern) for pattern in FILES)


def find(text: str) -> Iterator[Dependency]:
    """The Batch AI packages that a list of packages names."""
    for number, line in enumerate(text.split("\n"), 1):
        for found in _OLD.finditer(line):
            if not line[: found.start()].lstrip().startswith("#"):
                yield Dependency(number, found.group())


_INSTALL = re.compile(r"^\s*[!%]?\s*(sudo\s+)?(python\d?\s+-m\s+)?(pip\d?|conda)\s+install\b")


def installs(text: str) -> Iterator[Dependency]:
    """The Batch AI packages that `pip install` lines of a notebook's cell name."""
    for number, line in enumerate(text.split("\n"), 1):
        if _INSTALL.match(line):
            for found in _OLD.finditer(line):
                yield Dependency(number, found.group())


def replaced_installs(text: str, target: str) -> str:
    """A cell with the target's package in its `pip install` lines."""
    lines = [_OLD.sub(PACKAGES[target], line) if _INSTALL.match(line) else line for line in text.split("\n")]
    return "\n".join(lines)


def replaced(text: str, target: str) -> str:
    """The list with the target's package in place of Batch AI's; comments stay as they are."""
    lines: list[str] = []
    there = re.search(rf"(?<![\w.-]){re.escape(PACKAGES[target])}(?![\w-])", text) is not None
    for line in text.split("\n"):
        found = _OLD.search(line)
        if found and not line[: found.start()].lstrip().startswith("#"):
            whole = line.strip().strip("-'\", \r") == found.group().strip()
            if there and whole:
                continue
            line = _OLD.sub(PACKAGES[target], line)
            there = True
        lines.append(line)
    return "\n".join(lines)
