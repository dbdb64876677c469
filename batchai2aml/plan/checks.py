"""Mistakes in a plan that the SDK lets through: its loaders look at one file, and at its form only."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from batchai2aml.azureml import names, sizes
from batchai2aml.mapping.ledger import finding
from batchai2aml.mapping.types import Finding
from batchai2aml.plan.model import KINDS, SECRET_KEYS, Kind
from batchai2aml.plan.reading import Path, Sheet

_BY_FOLDER: dict[str, Kind] = {folder: kind for kind, folder in KINDS.items()}
_BOUND = re.compile(r"\$\{\{\s*(inputs|outputs|search_space)\.(\w+)")
_ADDRESS = re.compile(r"azureml://datastores/([a-z0-9_]{1,255})/paths/.*")
_VARIABLE = re.compile(r"\$\{\w+\}")


@dataclass(frozen=True, slots=True)
class _Checked:
    """The sheets of a plan by kind, the index, what they name, and the day that retirement dates count from."""

    index: Sheet
    sheets: Mapping[Kind, list[Sheet]]
    names: frozenset[str]
    today: date

    def knows(self, kind: Kind, name: str) -> bool:
        """Whether the plan makes a resource, or says that it is there."""
        return f"{kind}/{name}" in self.names


def _names(index: Sheet, sheets: Mapping[Kind, list[Sheet]]) -> frozenset[str]:
    """The resources that a plan makes or says to be there, as `kind/name`."""
    expected, unwritten = index.get("expected"), index.get("not_written")
    return frozenset(
        [
            *(f"{kind}/{sheet.get('name')}" for kind, found in sheets.items() for sheet in found),
            *(str(name) for name in (expected if isinstance(expected, list) else ())),
            *(
                f"{entry.get('kind')}/{entry.get('name')}"
                for entry in (unwritten if isinstance(unwritten, list) else ())
                if isinstance(entry, dict)
            ),
        ]
    )


def check(index: Sheet, files: list[Sheet], today: date) -> Iterator[Finding]:
    """The mistakes of a plan; `files` are its resources, each in the folder of its kind."""
    sheets: dict[Kind, list[Sheet]] = {}
    for sheet in files:
        kind = _BY_FOLDER.get(posixpath.basename(posixpath.dirname(sheet.path)))
        if kind is not None:
            sheets.setdefault(kind, []).append(sheet)
    plan = _Checked(index, sheets, _names(index, sheets), today)
    yield from _listed(plan, files)
    for kind, found in sheets.items():
        yield from _doubled(found)
        for sheet in found:
            yield from _name(kind, sheet)
            yield from _addresses(sheet, plan)
            yield from _credentials(sheet)
            if kind in _CHECKS:
                yield from _CHECKS[kind](sheet, plan)


def _error(rule: str, sheet: Sheet, path: Path, detail: str) -> Finding:
    return finding(rule, sheet.where(*path), detail, "manual", "error")


def _listed(plan: _Checked, files: list[Sheet]) -> Iterator[Finding]:
    folder = posixpath.dirname(plan.index.path)
    entries = plan.index.get("resources")
    listed: dict[str, int] = {}
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            listed[posixpath.normpath(posixpath.join(folder, str(entry.get("file"))))] = number
    there = {sheet.path for sheet in files}
    for path, number in listed.items():
        if path not in there:
            yield _error("BAI959", plan.index, ("resources", number, "file"), f"{path} is not there")
    for sheet in files:
        if sheet.path not in listed:
            yield _error("BAI959", sheet, (), f"{sheet.path} is not in {posixpath.basename(plan.index.path)}")


def _doubled(found: list[Sheet]) -> Iterator[Finding]:
    seen: dict[str, Sheet] = {}
    for sheet in found:
        name = sheet.get("name")
        if isinstance(name, str) and seen.setdefault(name, sheet) is not sheet:
            yield _error("BAI602", sheet, ("name",), f"{name} is also the name in {seen[name].path}")


_LEGAL: dict[Kind, Callable[[str], str]] = {
    "workspace": names.workspace,
    "compute": names.compute,
    "datastore": lambda name: re.sub(r"[^a-z0-9_]", "_", name.lower())[:255] or "x",
}


def _name(kind: Kind, sheet: Sheet) -> Iterator[Finding]:
    name = sheet.get("name")
    legal = _LEGAL.get(kind)
    if legal is None:
        return
    if not isinstance(name, str) or not name:
        yield _error("BAI956", sheet, ("name",), f"the {kind} has no name")
    elif legal(name) != name:
        yield _error("BAI956", sheet, ("name",), f"{name}; {legal(name)} would do")


def _addresses(sheet: Sheet, plan: _Checked) -> Iterator[Finding]:
    for path, text in sheet.texts():
        if not text.startswith("azureml://datastores"):
            continue
        found = _ADDRESS.fullmatch(text)
        if found is None:
            yield _error("BAI953", sheet, path, text)
        elif not plan.knows("datastore", found.group(1)):
            yield _error("BAI958", sheet, path, f"datastore {found.group(1)}")


def _credentials(sheet: Sheet) -> Iterator[Finding]:
    for path, text in sheet.texts():
        if path[-1] in SECRET_KEYS and text and not _VARIABLE.fullmatch(text):
            yield _error("BAI960", sheet, path, ".".join(str(step) for step in path))


def _count(sheet: Sheet, path: Path, least: int) -> Iterator[Finding]:
    value = sheet.get(*path)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
        yield _error("BAI952", sheet, path, f"{path[-1]}: {value}")


def _compute(sheet: Sheet, plan: _Checked) -> Iterator[Finding]:
    least, most = sheet.get("min_instances"), sheet.get("max_instances")
    yield from _count(sheet, ("min_instances",), 0)
    yield from _count(sheet, ("max_instances",), 1)
    yield from _count(sheet, ("idle_time_before_scale_down",), 1)
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield _error("BAI957", sheet, ("min_instances",), f"min_instances {least}, max_instances {most}")
    size = sheet.get("size")
    row = sizes.series(size) if isinstance(size, str) else None
    if row is not None:
        gone = row.date <= plan.today
        tense = "was" if gone else "will be"
        detail = f"{size} ({row.name}) {tense} retired on {row.date}; look at {row.successors}"
        yield finding("BAI112", sheet.where("size"), detail, "manual", "error" if gone else "warning")


def _trial(sheet: Sheet) -> Path:
    """Where a job says what is run: in itself, or in the trial of a sweep."""
    return ("trial",) if sheet.get("type") == "sweep" else ()


def _job(sheet: Sheet, plan: _Checked) -> Iterator[Finding]:
    trial = _trial(sheet)
    command = sheet.get(*trial, "command")
    for group, name in dict.fromkeys(_BOUND.findall(command)) if isinstance(command, str) else ():
        declared = sheet.get(group)
        if not isinstance(declared, dict) or name not in declared:
            yield _error("BAI951", sheet, (*trial, "command"), f"{group}.{name}")
    for group in ("inputs", "outputs"):
        declared = sheet.get(group)
        for name in declared if isinstance(declared, dict) else ():
            if names.binding(str(name)) != name:
                yield _error("BAI956", sheet, (group, str(name)), f"{name}; {names.binding(str(name))} would do")
    yield from _count(sheet, (*trial, "resources", "instance_count"), 1)
    for key in ("timeout", "trial_timeout", "max_total_trials", "max_concurrent_trials"):
        yield from _count(sheet, ("limits", key), 1)
    for key in ("process_count_per_instance", "worker_count"):
        yield from _count(sheet, (*trial, "distribution", key), 1)
    yield from _count(sheet, (*trial, "distribution", "parameter_server_count"), 0)
    experiment = sheet.get("experiment_name")
    if isinstance(experiment, str) and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}", experiment):
        yield _error("BAI956", sheet, ("experiment_name",), f"{experiment}; {names.experiment(experiment)} would do")
    yield from _references(sheet, plan)


def _references(sheet: Sheet, plan: _Checked) -> Iterator[Finding]:
    trial = _trial(sheet)
    environment, compute = sheet.get(*trial, "environment"), sheet.get("compute")
    if isinstance(environment, str):
        name, version = _reference(environment)
        if not version:
            yield _error("BAI954", sheet, (*trial, "environment"), environment)
        elif not environment.startswith("azureml://") and not plan.knows("environment", name):
            yield _error("BAI958", sheet, (*trial, "environment"), f"environment {name}")
    if not isinstance(compute, str):
        return
    if not compute.startswith("azureml:"):
        yield _error("BAI955", sheet, ("compute",), compute)
        return
    name = compute.removeprefix("azureml:")
    if not plan.knows("compute", name) and not _VARIABLE.fullmatch(name):
        yield _error("BAI958", sheet, ("compute",), f"compute {name}")
    nodes = sheet.get(*trial, "resources", "instance_count")
    for other in plan.sheets.get("compute", ()):
        most = other.get("max_instances")
        if other.get("name") == name and isinstance(nodes, int) and isinstance(most, int) and nodes > most:
            yield _error(
                "BAI128", sheet, (*trial, "resources", "instance_count"), f"{nodes} nodes on a cluster of {most}"
            )


def _reference(text: str) -> tuple[str, str]:
    """The name and the version or label of `azureml:name:1` or `azureml:name@latest`."""
    rest = text.removeprefix("azureml:")
    found = re.fullmatch(r"([^:@]*)(?:[:@](.+))?", rest)
    return (found.group(1), found.group(2) or "") if found else (rest, rest)


_CHECKS: dict[Kind, Callable[[Sheet, _Checked], Iterator[Finding]]] = {"compute": _compute, "job": _job}
