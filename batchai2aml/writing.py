"""A conversion as a diff, in place, or as a migrated copy."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from pathlib import Path

from batchai2aml.converting import Conversion
from batchai2aml.project.secrets import Secrets, collect, spotted


def diff(result: Conversion) -> Iterator[str]:
    """A unified diff that `git apply` takes; where a secret had to be masked, a line says that it does not."""
    for path in sorted({*result.changed, *result.new}):
        if path in result.new and path not in result.changed:
            yield from _hunks("", result.new[path].decode("utf-8"), path, is_new=True)
            continue
        decoded = result.old[path]
        old = decoded.text
        new = result.changed[path].decode(decoded.encoding if not decoded.bom else "utf-8-sig", "replace")
        lines = list(_hunks(old, new, path, is_new=False))
        masked = [result.scan.secrets.mask(line) for line in lines]
        if masked != lines:
            yield f"# {path}: secrets are masked below, so this part cannot be applied; use --output or --write\n"
        yield from masked


def _hunks(old: str, new: str, path: str, is_new: bool) -> Iterator[str]:
    before = old.splitlines(keepends=True) if not is_new else []
    after = new.splitlines(keepends=True)
    if before == after:
        return
    yield f"diff --git a/{path} b/{path}\n"
    if is_new:
        yield "new file mode 100644\n"
    source = "/dev/null" if is_new else f"a/{path}"
    for line in difflib.unified_diff(before, after, source, f"b/{path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def write_in_place(result: Conversion) -> list[Path]:
    """Write the changed and the new files below the scan's root; the answer is what was written."""
    from batchai2aml.project.files import write_atomic

    written: list[Path] = []
    for path, data in {**result.plan, **result.new, **result.changed}.items():
        target = result.scan.root / path
        if not target.exists() or target.read_bytes() != data:
            write_atomic(target, data)
            written.append(target)
    return written


_SETTINGS_FILES = (".json", ".ini", ".cfg", ".conf", ".toml", ".yaml", ".yml", ".env", ".properties")


def _of_file(path: str, text: str, known: Secrets, unread: Collection[str]) -> Secrets:
    """The secrets to keep out of a copied file: what the program showed, and what the file itself gives away."""
    named = path.endswith(_SETTINGS_FILES) or path in unread
    return Secrets({**collect(spotted(text, named)).values, **known.values})


def write_copy(result: Conversion, destination: Path) -> list[str]:
    """
    Write a migrated copy of the project; the answer names the files in which secrets were masked.

    Every file given, or in a folder given, that git would not ignore is there, converted or as it was.
    """
    from batchai2aml.project.discovery import walk
    from batchai2aml.project.files import write_atomic
    from batchai2aml.project.text import Unreadable, decode

    masked: list[str] = []
    unread = {file.path for file in result.scan.files if file.error is not None}
    root, target = result.scan.root, destination.resolve()
    whole = [path.resolve() for path in result.scan.given]
    every = [file for path in whole for file in (walk(path, everything=True) if path.is_dir() else [path])]
    for path in dict.fromkeys(every):
        shown = path.relative_to(root).as_posix()
        if target in path.parents or shown in result.changed:
            continue
        data = path.read_bytes()
        try:
            text = decode(data)
            secrets = _of_file(shown, text.text, result.scan.secrets, unread)
            if secrets.inside(text.text):
                data = text.encode(secrets.mask(text.text))
                masked.append(shown)
        except Unreadable:
            pass
        write_atomic(target / shown, data)
    for shown, data in {**result.plan, **result.new, **result.changed}.items():
        write_atomic(target / shown, data)
    return masked
