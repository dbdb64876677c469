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

PACKAGES: dict[str, tuple[str, ...]] = {"v1": ("azureml-sdk",), "v2": ("azure-ai-ml", "azure-identity")}
"""What the converted code needs, by target."""

_STORAGE = {
    re.compile(r"(?<![\w.-])azure-storage-blob\s*(?:[~=]=|<=?)\s*[0-9][\w.*]*"): "azure-storage-blob>=12",
    re.compile(r"(?<![\w.-])azure-storage-file(?![\w-])\s*(?:[~=]=|[<>]=?)?\s*(?:[0-9][\w.*]*)?"): (
        "azure-storage-file-share"
    ),
    re.compile(r"(?<![\w.-])azure-storage(?![\w-])\s*(?:[~=]=|[<>]=?)?\s*(?:[0-9][\w.*]*)?"): "azure-storage-blob>=12",
}
"""Older storage packages, which cannot be installed beside azure-ai-ml, and what the converted code uses instead."""

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


def lists_packages(name: str, text: bytes = b"setup(") -> bool:
    """Whether a file of this name lists packages; a `setup.py` without `setup(...)` is a program like any other."""
    if name.lower() == "setup.py" and b"setup(" not in text:
        return False
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
    new = " ".join(PACKAGES[target])
    storage = _newer_storage if target == "v2" else str
    lines = [storage(_OLD.sub(new, line)) if _INSTALL.match(line) else line for line in text.split("\n")]
    return "\n".join(lines)


def replaced(text: str, target: str) -> str:
    """The list with the target's package in place of Batch AI's; comments stay as they are."""
    lines: list[str] = []
    missing = [name for name in PACKAGES[target] if not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text)]
    for line in text.split("\n"):
        found = _OLD.search(line)
        if found and not line[: found.start()].lstrip().startswith("#"):
            whole = line.strip().strip("-'\", \r") == found.group().strip()
            if whole:
                lines += [_OLD.sub(name, line) for name in missing]
            else:
                quote = line[found.start() - 1 : found.start()]
                between = f"{quote}, {quote}" if quote in ("'", '"') and line[found.end() :].startswith(quote) else " "
                line = _OLD.sub(between.join(missing or PACKAGES[target][:1]), line)
                lines.append(_newer_storage(line) if target == "v2" else line)
            missing = []
            continue
        lines.append(_newer_storage(line) if target == "v2" else line)
    return "\n".join(lines)


def _newer_storage(line: str) -> str:
    """A line of a list with the storage packages that azure-ai-ml brings along."""
    if line.lstrip().startswith("#"):
        return line
    for old, new in _STORAGE.items():
        line = old.sub(new, line)
    return line
