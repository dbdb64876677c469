"""Which files of a project are looked at."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

SKIPPED = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".tox",
        ".nox",
        ".venv",
        "venv",
        "env",
        ".env",
        "virtualenv",
        "node_modules",
        "build",
        "dist",
        "__pycache__",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".ipynb_checkpoints",
        "site-packages",
        ".eggs",
        ".idea",
        ".vscode",
    }
)
"""Folders that are never walked into: version control, virtual environments, build results, caches."""

SUFFIXES = (".py", ".ipynb")
_NEEDLE = re.compile(rb"batch_?ai", re.IGNORECASE)
_OF_DOCUMENTS = re.compile(
    rb"batch_?ai|[\"'](?:scaleSettings|nodeSetup|stdOutErrPathPrefix|userAccountSettings|jobPreparation|dataDisks"
    rb"|(?:cntk|pyTorch|tensorFlow|caffe2?|chainer|horovod|customToolkit|customMpi)Settings)\\?[\"']",
    re.IGNORECASE,
)
"""What files of documents say, and programs and notebooks that write them."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may matter: its path, how it is shown, and its bytes (None when they cannot be read)."""

    path: Path
    shown: str
    data: bytes | None
    error: str | None = None


def walk(folder: Path, exclude: Iterable[str] = (), everything: bool = False) -> Iterator[Path]:
    """
    The files below a folder that git would not ignore, in order; without git, all but `SKIPPED`.

    With `everything` also those in `SKIPPED` folders that git keeps.
    """
    patterns = tuple(exclude)
    listed = _from_git(folder)
    for path in sorted(listed if listed is not None else _from_disk(folder)):
        inside = path.relative_to(folder)
        if everything and listed is not None:
            yield path
            continue
        if any(part in SKIPPED or part.endswith(".egg-info") for part in inside.parts[:-1]):
            continue
        if any(fnmatch(inside.as_posix(), pattern) or pattern.rstrip("/") in inside.parts for pattern in patterns):
            continue
        if _in_virtual_environment(path, folder):
            continue
        yield path


def _from_git(folder: Path) -> list[Path] | None:
    command = ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return None
    if done.returncode:
        return None
    names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    if not names and _ignored(folder):
        return None
    return [path for name in dict.fromkeys(names) if (path := folder / name).is_file()]


def _ignored(folder: Path) -> bool:
    """Whether the folder itself is ignored by the repository around it; the user named it all the same."""
    done = subprocess.run(
        ["git", "-C", str(folder), "check-ignore", "-q", "."],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode == 0


def _from_disk(folder: Path) -> list[Path]:
    found: list[Path] = []
    for top, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED]
        found.extend(Path(top) / name for name in files)
    return found


def _in_virtual_environment(path: Path, folder: Path) -> bool:
    return any(
        (parent / "pyvenv.cfg").exists() for parent in path.parents if parent != folder and folder in parent.parents
    )


def package_lists(paths: Iterable[Path], shown: dict[Path, str]) -> Iterator[Found]:
    """The files that list a Batch AI package."""
    from batchai2aml.project.dependencies import lists_packages

    for path in paths:
        if lists_packages(path.name):
            try:
                data = path.read_bytes()
            except OSError as error:
                yield Found(path, shown[path], None, f"cannot be read: {error.strerror}")
                continue
            if _NEEDLE.search(data) and lists_packages(path.name, data):
                yield Found(path, shown[path], data)


SCRIPTS: dict[str, str] = {
    **dict.fromkeys((".sh", ".bash", ".zsh", ".ksh", ".azcli", ".command", ".bat", ".cmd"), "shell"),
    **dict.fromkeys((".ps1", ".psm1"), "powershell"),
    **dict.fromkeys((".md", ".markdown", ".mdown", ".rmd"), "markdown"),
    ".mk": "makefile",
    ".json": "json",
    **dict.fromkeys(
        (".cs", ".fs", ".java", ".kt", ".js", ".ts", ".go", ".r", ".rb", ".scala", ".http", ".rest"), "other"
    ),
}
"""The kind of a file of commands, by the end of its name; JSON files are told apart when they are read."""
_MAKEFILES = frozenset({"makefile", "gnumakefile"})
_LARGEST = 4 * 1024 * 1024


def script_kind(path: Path) -> str | None:
    """The kind of a file of commands, or of a JSON file; None for everything else."""
    if path.name.lower() in _MAKEFILES:
        return "makefile"
    known = SCRIPTS.get(path.suffix.lower())
    return "shell" if known is None and not path.suffix and _has_shebang(path) else known


def _has_shebang(path: Path) -> bool:
    try:
        with path.open("rb") as handle:
            return bool(re.match(rb"#!.*\b(?:ba|z|k|da)?sh\b", handle.readline(200)))
    except OSError:
        return False


def scripts(paths: Iterable[Path], shown: dict[Path, str]) -> Iterator[tuple[Found, str]]:
    """The files of commands, and JSON files, that may speak of Batch AI, each with its kind."""
    for path in paths:
        kind = script_kind(path)
        if kind is None:
            continue
        try:
            data = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
        except OSError as error:
            yield Found(path, shown[path], None, f"cannot be read: {error.strerror}"), kind
            continue
        if (_OF_DOCUMENTS if kind == "json" else _NEEDLE).search(data):
            yield Found(path, shown[path], data), kind


def _module(path: Path) -> bytes:
    """What an import calls a file: a package by its folder."""
    return (path.parent.name if path.stem == "__init__" else path.stem).encode()


def candidates(paths: Iterable[Path], shown: dict[Path, str]) -> list[Found]:
    """The Python files and notebooks that name Batch AI or keys of its documents, and those that import them."""
    from batchai2aml.project.dependencies import lists_packages

    named: dict[Path, Found] = {}
    others: dict[Path, bytes] = {}
    for path in paths:
        if path.suffix not in SUFFIXES or (lists_packages(path.name) and path.suffix != ".py"):
            continue
        try:
            data = path.read_bytes()
        except OSError as error:
            named[path] = Found(path, shown[path], None, f"cannot be read: {error.strerror}")
            continue
        if lists_packages(path.name, data):
            continue
        if _OF_DOCUMENTS.search(data):
            named[path] = Found(path, shown[path], data)
        else:
            others[path] = data
    stems = {_module(path) for path in named if path.suffix == ".py"}
    fresh = stems
    while fresh:
        pattern = re.compile(
            rb"\b(?:import|from)\b[^\n]*\b(?:" + b"|".join(re.escape(s) for s in sorted(fresh)) + rb")\b"
        )
        found = [path for path, data in others.items() if pattern.search(data)]
        fresh = {_module(path) for path in found if path.suffix == ".py"} - stems
        stems |= fresh
        for path in found:
            named[path] = Found(path, shown[path], others.pop(path))
    return [named[path] for path in sorted(named)]
