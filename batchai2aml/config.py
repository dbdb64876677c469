"""Settings: `[tool.batchai2aml]` of the nearest pyproject.toml, and what the command line says on top."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from batchai2aml.mapping.types import Finding, Ledger


class Misuse(Exception):
    """Something is wrong with how the program was called; the message is one line for the user."""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    How to run. `select` and `ignore` are rule ids or their beginnings (`BAI3`).

    `idle_seconds` is how long a cluster keeps idle nodes; with `scale_to_zero` one of a fixed size may shrink to none.
    `sweeps` is `loop`, or `service` where Azure ML is to run them itself.
    """

    target: str = "v1"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    exit_zero: bool = False
    clear_outputs: bool = False
    idle_seconds: int = 1800
    scale_to_zero: bool = False
    sweeps: str = "loop"
    vm_sizes: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)

    def wants(self, rule: str) -> bool:
        """Whether findings of a rule are reported."""
        if self.select and not rule.startswith(self.select):
            return False
        return not (self.ignore and rule.startswith(self.ignore))

    def filter(self, ledger: Ledger, lines: Mapping[tuple[str, int | None], list[str]]) -> Ledger:
        """The ledger with findings deselected, or marked as suppressed by a comment on their line."""
        findings = tuple(_suppressed(f, lines) for f in ledger.findings if self.wants(f.rule))
        used = {(f.where.path, f.where.cell, f.where.line, f.rule) for f in findings if f.suppressed}
        return replace(ledger, findings=(*findings, *_unused(lines, used)))


_COMMENT = re.compile(r"#\s*batchai2aml:\s*(ignore-file|ignore\[([A-Z0-9,\s]+)\])")


def _suppressed(finding: Finding, lines: Mapping[tuple[str, int | None], list[str]]) -> Finding:
    text = lines.get((finding.where.path, finding.where.cell), [])
    line = text[finding.where.line - 1] if 0 < finding.where.line <= len(text) else ""
    for found in _COMMENT.finditer(line):
        rules = {rule.strip() for rule in (found.group(2) or "").split(",")}
        if finding.rule in rules:
            return replace(finding, suppressed=True)
    return finding


def ignores_file(text: str) -> bool:
    """Whether a file asks to be left out as a whole."""
    return any(found.group(1) == "ignore-file" for found in _COMMENT.finditer(text))


def _unused(
    lines: Mapping[tuple[str, int | None], list[str]], used: set[tuple[str, int | None, int, str]]
) -> Iterator[Finding]:
    """Findings about ignore comments that silence nothing."""
    from batchai2aml.mapping.ledger import finding
    from batchai2aml.place import Where

    for (path, cell), text in lines.items():
        for number, line in enumerate(text, 1):
            for found in _COMMENT.finditer(line):
                for rule in re.split(r"[,\s]+", (found.group(2) or "").strip()):
                    if rule and (path, cell, number, rule) not in used:
                        yield finding("BAI908", Where(path, cell, number), rule, "exact")


def load(start: Path) -> Settings:
    """
    The settings that hold for a folder.

    Raises:
        Misuse: the file is not TOML, or has a key that is not known (with the nearest one that is).

    """
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            table = _table(file)
            if table is not None:
                return _from_table(table, file)
    return Settings()


def _table(file: Path) -> dict[str, Any] | None:
    if b"tool.batchai2aml" not in file.read_bytes():
        return None
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with file.open("rb") as handle:
            found = tomllib.load(handle).get("tool", {}).get("batchai2aml")
    except tomllib.TOMLDecodeError as error:
        raise Misuse(f"{file}: is not valid TOML: {error}") from None
    return found if isinstance(found, dict) else None


def _from_table(table: dict[str, Any], file: Path) -> Settings:
    known = {entry.name.replace("_", "-"): entry for entry in fields(Settings)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(sorted(known))}"
            raise Misuse(f"{file}: unknown key '{key}' in [tool.batchai2aml]{hint}")
        name = known[key].name
        default = getattr(Settings(), name)
        if isinstance(default, tuple):
            if not isinstance(value, list):
                raise Misuse(f"{file}: '{key}' in [tool.batchai2aml] must be a list")
            value = tuple(str(item) for item in value)
        elif not isinstance(value, type(default)):
            raise Misuse(f"{file}: '{key}' in [tool.batchai2aml] must be a {type(default).__name__}")
        values[name] = value
    return Settings(**values)
