"""IPython's own lines, hidden while the rest is read as Python and put back afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r"^(\s*)(%|!|\?)(.*)$|^(\s*)([\w.]+\?\??)\s*$")
_ASSIGN = re.compile(r"^(\s*[\w\s,.\[\]'\"]+?=\s*)(!|%)(?!=)(.*)$")
_MARK = re.compile(r"#?__batchai2aml_magic_(\d+)__(?:\(\))?")


@dataclass(frozen=True, slots=True)
class Masked:
    """
    A cell with its magics replaced by `__batchai2aml_magic_N__()`, which keeps lines and indentation.

    `cell_magic` is the name of a `%%magic` that owns the whole cell; the cell is then not Python.
    """

    text: str
    magics: tuple[str, ...]
    cell_magic: str = ""

    def restore(self, text: str) -> str:
        """The original lines back in their places."""
        return _MARK.sub(lambda mark: self.magics[int(mark.group(1))], text)


_PYTHON_CELLS = frozenset({"time", "timeit", "capture", "prun"})


def mask(source: str) -> Masked:
    """Hide the magics of a notebook cell."""
    magics: list[str] = []
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%"):
        name = first[2:].split(None, 1)[0] if first[2:].strip() else ""
        if name not in _PYTHON_CELLS:
            return Masked("", (), name or "?")
    result: list[str] = []
    continued = False
    for line in lines:
        plain, assigned = _LINE.match(line), _ASSIGN.match(line)
        inside = not continued and (plain or assigned) and _inside_string(result)
        if continued:
            magics.append(line)
            result.append(f"#__batchai2aml_magic_{len(magics) - 1}__")
            continued = line.endswith("\\")
        elif plain and not inside:
            indent = plain.group(1) if plain.group(2) else plain.group(4)
            magics.append(line[len(indent) :])
            result.append(f"{indent}__batchai2aml_magic_{len(magics) - 1}__()")
            continued = line.endswith("\\")
        elif assigned and not inside:
            magics.append(assigned.group(2) + assigned.group(3))
            result.append(f"{assigned.group(1)}__batchai2aml_magic_{len(magics) - 1}__()")
            continued = line.endswith("\\")
        else:
            result.append(line)
    return Masked("\n".join(result), tuple(magics))


def _inside_string(lines: list[str]) -> bool:
    """Whether the next line is inside a triple-quoted string or an open bracket."""
    text = "\n".join(lines)
    text = re.sub(r"('''|\"\"\").*?\1", "''", text, flags=re.S)
    if re.search(r"'''|\"\"\"", text):
        return True
    text = re.sub(r"\\.|'[^'\n]*'|\"[^\"\n]*\"|#[^\n]*", "", text)
    return sum(text.count(c) for c in "([{") > sum(text.count(c) for c in ")]}")
