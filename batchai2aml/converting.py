"""`convert`: from a scan to new files."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from batchai2aml.config import Settings
from batchai2aml.mapping.ledger import finding
from batchai2aml.mapping.types import Finding, Ledger
from batchai2aml.place import Failure, Where
from batchai2aml.project.dependencies import replaced, replaced_installs
from batchai2aml.project.text import Decoded
from batchai2aml.remaining import STAYS, from_environment, say_left
from batchai2aml.scanning import FileResult, Scan

if TYPE_CHECKING:
    from batchai2aml.generate.program import Generated, Swap
    from batchai2aml.plan.model import Plan
    from batchai2aml.readers.python.program import Program


_OURS = ("AZURE_", "BATCHAI_")
"""How the environment variables begin that no command line passes to a generated script."""
_REQUIRED = re.compile(r"os\.environ\[\\?['\"](\w+)")
_READS = re.compile(r"os\.environ(?:\.get\(|\[)\\?['\"](\w+)")


@dataclass(eq=False)
class Conversion:
    """
    A scan with what the files become: new bytes by path, and files that are new.

    `planned` is the plan that commands in the new code name, `plan` are its files; `needs_plan` says that there are
    such commands. `outputs` are the scripts that stand for documents, `documents` those that are converted.
    """

    scan: Scan
    changed: dict[str, bytes] = field(default_factory=dict)
    new: dict[str, bytes] = field(default_factory=dict)
    planned: Plan | None = None
    plan: dict[str, bytes] = field(default_factory=dict)
    old: dict[str, Decoded] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    needs_plan: bool = False
    documents: set[str] = field(default_factory=set)

    def output_of(self, path: str) -> str | None:
        """Where the code is that stands for a file: the file itself, or the script that was made from it."""
        return path if path in self.changed or path in self.new else self.outputs.get(path)

    @property
    def _alone(self) -> list[bytes]:
        """The scripts that no converted file calls: nobody else gives them their variables."""
        calling = b"\n".join(self.changed.values())
        return [
            data
            for path, data in self.new.items()
            if path.endswith("_azureml.py") and posixpath.basename(path).encode() not in calling
        ]

    @property
    def variables(self) -> list[str]:
        """The environment variables that the new code reads and the old code did not."""
        new = {name for data in self.changed.values() for name in _READS.findall(data.decode("utf-8", "replace"))}
        scripts = [data for path, data in self.new.items() if path.endswith("_azureml.py")]
        asked = {name for data in scripts for name in _READS.findall(data.decode())}
        new |= {name for name in asked if name.startswith(_OURS)}
        new |= {name for data in self._alone for name in _REQUIRED.findall(data.decode())}
        return sorted(new - {name for old in self.old.values() for name in _READS.findall(old.text)})


def convert(scan: Scan, settings: Settings) -> Conversion:
    """Work out the conversion of everything that a scan found; nothing is written."""
    result = Conversion(scan)
    outcomes: dict[str, str] = {}
    findings = list(scan.ledger.findings)
    swaps = _generate(result, outcomes, findings, settings)
    if scan.program is not None:
        _rewrite(result, scan.program, outcomes, findings, swaps, settings)
    say_left(result.scan, result.changed, outcomes, findings)
    for path, (data, _) in scan.packages.items():
        _packages(result, outcomes, findings, path, data, settings)
    finished = sorted(
        path for path, outcome in outcomes.items() if outcome == "converted" and path not in scan.packages
    )
    if finished and settings.target == "v1":
        detail = "support of SDK v1 ended on 2026-06-30; --target v2 writes code for its successor"
        findings.append(finding("BAI906", Where(finished[0]), detail, "changed"))
    scan.files = [_outcome(file, outcomes) for file in scan.files]
    kept = tuple(f for f in dict.fromkeys(findings) if settings.wants(f.rule) and f.severity != "info")
    scan.ledger = Ledger(scan.ledger.entries, kept)
    return result


def _rewrite(
    result: Conversion,
    program: Program,
    outcomes: dict[str, str],
    findings: list[Finding],
    swaps: Mapping[str, Swaps],
    settings: Settings,
) -> None:
    """Rewrite the units of a program, and command lines in notebooks."""
    from batchai2aml.rewrite.check import problems, unset
    from batchai2aml.rewrite.unit import rewrite

    scan = result.scan
    unread = {failure.where.path for failure in scan.failures}
    for files in units(program):
        if unread.intersection(files):
            outcomes.update(dict.fromkeys(files, "failed"))
            continue
        try:
            done = rewrite(program, files, settings, scan.secrets)
        except Exception as error:  # a defect of ours must not stop the other files
            detail = f"{type(error).__name__} while rewriting {', '.join(files)}"
            scan.failures.append(Failure(Where(files[0]), detail))
            outcomes.update(dict.fromkeys(files, "failed"))
            continue
        if done.reason is not None:
            where, note = done.reason
            findings.append(finding(note.rule, where, f"{STAYS}: {note.detail}", "manual", "error"))
            outcomes.update(dict.fromkeys(files, "partly"))
            continue
        texts = {path: _text(program, path, cells, swaps.get(path, {}), settings) for path, cells in done.cells.items()}
        wrong = [problem for path in files for problem in problems(program, path, done.cells[path], scan.secrets)]
        wrong += [problem for path in files for problem in unset(path, done.cells[path], done.wanted.get(path, []))]
        if wrong:
            scan.failures += wrong
            outcomes.update(dict.fromkeys(files, "failed"))
            continue
        known = {(found.rule, found.message) for found in findings}
        for where, note in done.notes:
            said = finding(note.rule, where, note.detail, note.disposition, note.severity)
            findings += [said] if (said.rule, said.message) not in known else []
        for path, text in texts.items():
            source = program.sources[path]
            outcomes[path] = "converted" if not source.broken else "partly"
            result.old[path] = source.decoded
            result.changed[path] = source.decoded.encode(text)
        result.new.update(done.new_files)
    for path, own in swaps.items():
        if path in program.sources and path not in result.changed and outcomes.get(path) != "failed":
            source = program.sources[path]
            cells = {cell.index: cell.magics.text if cell.magics else cell.text for cell in source.cells}
            result.old[path] = source.decoded
            result.changed[path] = source.decoded.encode(_text(program, path, cells, own, settings))


Swaps: TypeAlias = "Mapping[int | None, list[Swap]]"
"""Pieces of a program or notebook with what takes their place, by cell."""


def _generated(result: Conversion, settings: Settings) -> Iterator[Generated]:
    """What becomes of command lines and documents: scripts for SDK v1, commands and files of the plan for v2."""
    scan = result.scan
    assert scan.scripts is not None
    if settings.target == "v2":
        from batchai2aml.generate.commands import generate as generate_commands
        from batchai2aml.planning import planned

        result.planned = planned(scan, settings)
        yield from generate_commands(scan.scripts, scan.lookup, result.planned)
        return
    from batchai2aml.generate.program import generate

    program = scan.program.operations if scan.program is not None else []
    busy = frozenset(posixpath.dirname(op.where.path) or "." for op in program if op.op == "jobs.create")
    yield from generate(scan.scripts, scan.lookup, settings, scan.secrets, busy)


def _generate(
    result: Conversion, outcomes: dict[str, str], findings: list[Finding], settings: Settings
) -> dict[str, Swaps]:
    """New forms of command lines and documents; the answer is what becomes of the command lines of each file."""
    scan = result.scan
    if scan.scripts is None or not scan.scripts.requests:
        return {}
    swaps: dict[str, Swaps] = {}
    for made in _generated(result, settings):
        if made.failures:
            scan.failures += made.failures
            outcomes[made.source] = "failed"
            continue
        for where, note in (*made.stays, *((made.reason,) if made.reason is not None else ())):
            findings.append(finding(note.rule, where, f"{STAYS}: {note.detail}", "manual", "error"))
        if made.reason is not None:
            outcomes[made.source] = "partly"
            continue
        outcomes[made.source] = "partly" if made.left else "converted"
        result.needs_plan = result.needs_plan or settings.target == "v2"
        outcomes.update(dict.fromkeys(made.documents, "converted"))
        result.documents |= {*made.documents, *made.made_from}
        result.outputs.update(dict.fromkeys(made.documents, made.path))
        findings += [
            finding(note.rule, where, note.detail, note.disposition, note.severity) for where, note in made.notes
        ]
        result.new.update(made.new_files)
        if made.path in made.new_files:
            scan.files = [*scan.files, FileResult(made.path, "python", "converted")]
            outcomes[made.path] = "converted"
        if made.swaps:
            swaps[made.source] = made.swaps
        file = scan.scripts.sources.get(made.source)
        if made.text is not None and file is not None:
            result.old[made.source] = file.decoded
            result.changed[made.source] = file.decoded.encode(
                scan.secrets.mask(from_environment(made.text, file, scan.secrets))
            )
    return swaps


def foresee(scan: Scan, settings: Settings) -> None:
    """Add to a scan what only a conversion finds out: above all what would stay as it is, and why."""
    if scan.program is None and scan.scripts is None:
        return
    files, failures = scan.files, list(scan.failures)
    convert(scan, settings)
    scan.files, scan.failures = files, failures


def _packages(
    result: Conversion,
    outcomes: dict[str, str],
    findings: list[Finding],
    path: str,
    data: bytes,
    settings: Settings,
) -> None:
    """A list of packages; it stays while code that needs the old package does."""
    from batchai2aml.project.text import decode

    converted = any(outcome == "converted" for outcome in outcomes.values())
    kept = any(
        outcome in ("partly", "failed") and path.endswith((".py", ".pyw", ".ipynb"))
        for path, outcome in outcomes.items()
    )
    if kept or (not converted and result.scan.helpers):
        outcomes[path] = "partly"
        found = result.scan.packages[path][1][0]
        detail = f"{found.text} is still needed"
        findings.append(finding("BAI910", Where(path, None, found.line), detail, "changed"))
        return
    decoded = decode(data)
    result.old[path] = decoded
    result.changed[path] = decoded.encode(replaced(decoded.text, settings.target))
    outcomes[path] = "converted"


def _outcome(file: FileResult, outcomes: dict[str, str]) -> FileResult:
    if file.outcome == "unreadable":
        return replace(file, outcome="failed")
    return replace(file, outcome=outcomes.get(file.path, "untouched"))


def units(program: Program) -> list[list[str]]:
    """
    Files that hang together: they share a client, a call in one is reached from another, or its answer is looked at.

    A file that only names states, as tests do, stands for itself.
    """
    group: dict[str, str] = {path: path for path in program.sources}

    def top(path: str) -> str:
        while group[path] != path:
            path = group[path]
        return path

    for record in program.records:
        here, client = record.cell.path, getattr(record.receiver, "record", None)
        for there in (record.where.path, client.cell.path if client is not None else here):
            if here in group and there in group:
                group[top(here)] = top(there)
    for made in program.models:
        for record in made.sent:
            if made.cell.path in group and record.cell.path in group:
                group[top(made.cell.path)] = top(record.cell.path)
    for read in program.reads:
        if read.cell.path in group and read.record.cell.path in group:
            group[top(read.cell.path)] = top(read.record.cell.path)
    found: defaultdict[str, list[str]] = defaultdict(list)
    calling = {record.cell.path for record in program.records} | {made.cell.path for made in program.models}
    calling |= {read.cell.path for read in program.reads} | {poll.cell.path for poll in program.polls}
    for path in sorted(program.sources):
        if path in calling:
            found[top(path)].append(path)
    members = program.interpreter.members if program.interpreter is not None else []
    naming = {cell.path for cell, _, _ in members}.intersection(program.sources) - calling
    return [*found.values(), *([path] for path in sorted(naming))]


def _text(program: Program, path: str, cells: Mapping[int | None, str], swaps: Swaps, settings: Settings) -> str:
    from batchai2aml.project.notebooks import write_cells

    source = program.sources[path]
    if source.kind == "python":
        return _swapped(cells[None], swaps.get(None, ()))
    changed: dict[int, str] = {}
    for cell in source.cells:
        text = cells[cell.index]
        if text != cell.text and cell.index is not None:
            changed[cell.index] = cell.magics.restore(text) if cell.magics else text
    for whole in source.notebook:
        text = changed.get(whole.index, whole.source)
        text = _swapped(text, swaps.get(whole.index, ()))
        if whole.type == "code":
            text = replaced_installs(text, settings.target)
        if text != whole.source:
            changed[whole.index] = text
    return write_cells(source.decoded.text, source.notebook, changed, settings.clear_outputs)


def _swapped(text: str, swaps: Iterable[Swap]) -> str:
    """A text with some pieces replaced, each in its own place."""
    for swap in sorted(swaps, key=lambda found: -found.nth):
        at = -1
        for _ in range(swap.nth + 1):
            at = text.find(swap.old, at + 1)
        if at >= 0:
            text = text[:at] + swap.new + text[at + len(swap.old) :]
    return text
