"""Files of the project, as a program in one of its folders names them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Lookup:
    """
    `content` gives the bytes of a path below the project's root, or None; `sizes` the bytes that each file has.

    `folder` is where the program stands, below the root; it is what the methods start from.
    """

    content: Callable[[str], bytes | None]
    sizes: Mapping[str, int] = field(default_factory=dict)
    folder: str = ""

    def seen_from(self, path: str) -> Lookup:
        """The same project, seen from where a file is run: its folder, or the one around its package."""
        folder = posixpath.dirname(path)
        while folder and self.content(posixpath.join(folder, "__init__.py")) is not None:
            folder = posixpath.dirname(folder)
        return replace(self, folder=folder)

    def below(self, folder: str) -> dict[str, int]:
        """The files in a folder and below it, relative to that folder, with their sizes in bytes."""
        start = posixpath.normpath(posixpath.join(self.folder, folder))
        prefix = "" if start == "." else start + "/"
        return {path[len(prefix) :]: size for path, size in self.sizes.items() if path.startswith(prefix)}

    def find(self, tail: str) -> str | None:
        """A file by the end of its path, or by its name if no other has it; relative to the folder."""
        parts = [part for part in tail.split("/") if part]
        for start in range(len(parts)):
            name = "/".join(parts[start:])
            for candidate in (posixpath.join(self.folder, name), name):
                if self.content(candidate) is not None:
                    return posixpath.relpath(candidate, self.folder or ".")
        same = [path for path in self.sizes if path.rsplit("/", 1)[-1] == parts[-1]] if parts else []
        return posixpath.relpath(same[0], self.folder or ".") if len(same) == 1 else None

    def read(self, path: str) -> str | None:
        """The text of a local file, or None."""
        data = self.content(posixpath.normpath(posixpath.join(self.folder, path)))
        return None if data is None else data.decode("utf-8", "replace")
