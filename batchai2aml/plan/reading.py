"""Files of a plan, read back with the line of every value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from batchai2aml.place import Where

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A YAML file: what it says, and the line of every key and item."""

    path: str
    tree: dict[str, object]
    lines: dict[Path, int] = field(default_factory=dict)

    def where(self, *path: str | int) -> Where:
        """The place of a value, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return Where(self.path, None, self.lines.get(path, 1))

    def get(self, *path: str | int) -> object:
        """A value, or None."""
        found: object = self.tree
        for step in path:
            if isinstance(found, dict):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Every text in the file, with its path."""
        yield from _texts(self.tree, ())


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, str(key)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*path, number))
    elif isinstance(value, str):
        yield path, value


class BrokenYaml(Exception):
    """A file that is no YAML, or no mapping; with the line and column where reading stopped."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


def read(path: str, text: str) -> Sheet:
    """
    A file of a plan.

    Raises:
        BrokenYaml: the text is no YAML, or holds no mapping.

    """
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        tree = loader.construct_document(root) if root is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise BrokenYaml(
            error.problem or "no YAML", mark.line + 1 if mark else 1, mark.column + 1 if mark else 1
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        raise BrokenYaml(str(error).split("\n", 1)[0], 1, 1) from None
    if not isinstance(tree, dict) or root is None:
        raise BrokenYaml("a mapping of keys and values is missing", 1, 1)
    return Sheet(path, tree, dict(_lines(root, ())))


def _lines(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, str(key.value)), key.start_mark.line + 1
            yield from _lines(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield (*path, number), item.start_mark.line + 1
            yield from _lines(item, (*path, number))
