"""The accounting: every leaf that was read gets an entry, and what has none is our own failure (BAI901)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from batchai2aml.batchai import schema
from batchai2aml.batchai.model import Field, Operation, Reading, Trace
from batchai2aml.mapping import operations as whole
from batchai2aml.mapping import reads
from batchai2aml.mapping.calls import argument_row, row_of
from batchai2aml.mapping.conditions import verdicts
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.fields import general, row_for
from batchai2aml.mapping.job_checks import verdicts as together
from batchai2aml.mapping.names import argument_verdicts, name_verdicts
from batchai2aml.mapping.preview import preview
from batchai2aml.mapping.tokens import count, is_command, job_notes, line_notes, program_field, tokens
from batchai2aml.mapping.types import Effort, Entry, Finding, Kind, Ledger, Row, Verdict
from batchai2aml.mapping.written import flag_row, key_row, meant, noticed
from batchai2aml.place import Failure, Where
from batchai2aml.rules import RANK, RULES, Disposition, Severity
from batchai2aml.values import Literal, Value, to_text

_SIGNIFICANT = frozenset(
    [
        "BAI115",
        "BAI116",
        "BAI117",
        "BAI121",
        "BAI145",
        "BAI210",
        "BAI211",
        "BAI226",
        "BAI307",
        "BAI308",
        "BAI406",
        "BAI509",
        "BAI523",
        "BAI814",
    ]
)


def build(
    facts: Facts,
    readings: Iterable[Reading] = (),
    packages: Iterable[tuple[Where, str]] = (),
    variables: Iterable[Trace] = (),
) -> Ledger:
    """
    The ledger of operations, of readings, and of packages that are listed or installed (place and name).

    `variables` are what training scripts read from Batch AI's environment.
    """
    entries: list[Entry] = []
    findings: list[Finding] = []
    for operation in facts.operations:
        for entry, notes in _of_operation(operation, facts):
            entries.append(entry)
            findings.extend(notes)
        elsewhere = [
            notice for notice in operation.notices if notice.where != operation.where or _is_document(operation)
        ]
        findings += [note for notice in elsewhere for note in _said([noticed(notice)], notice.where)]
    for reading in readings:
        entry, notes = _of_reading(reading, facts.settings.target)
        entries.append(entry)
        findings.extend(notes)
    for where, package in packages:
        entries.append(
            Entry(
                "name",
                None,
                "package",
                where,
                Literal(package),
                "changed",
                ("BAI701",),
                "azureml-sdk",
                "azure-ai-ml",
            )
        )
    for trace in variables:
        entries.append(
            Entry("read", None, trace.what, trace.where, None, "changed", ("BAI403",), "launcher", "launcher")
        )
        findings.append(finding("BAI403", trace.where, trace.what, "changed"))
    return Ledger(tuple(entries), tuple(_once(findings)))


def _is_document(operation: Operation) -> bool:
    """Whether an operation is only a body that nothing sends."""
    return operation.reached == "uncalled" and bool(operation.fields)


def _of_reading(reading: Reading, target: str) -> tuple[Entry, list[Finding]]:
    known = reads.row_for(reading.op, reading.attribute) or reads.UNKNOWN
    if target == "v2" and known.v1 and not known.v2:
        known = replace(reads.UNKNOWN, v1=known.v1)
    entry = Entry(
        "read",
        reading.operation,
        reading.attribute,
        reading.where,
        None,
        known.disposition,
        known.rules,
        known.v1.format("_", "_"),
        known.v2.format("_", "_", "ml_client"),
    )
    severity: Severity | None = "error" if known.disposition == "manual" else None
    shown = f".{reading.attribute} of {reading.op}"
    notes = [
        finding(rule, reading.where, shown, known.disposition, severity)
        for rule in known.rules
        if (severity or RULES[rule].severity) != "info"
    ]
    return entry, notes


def _of_operation(operation: Operation, facts: Facts) -> Iterator[tuple[Entry, list[Finding]]]:
    mapped = preview(operation, facts) if operation.op == "jobs.create" and operation.fields else None
    of_script, of_job = job_notes(mapped) if mapped is not None else ([], [])
    of_job += together(operation, mapped, facts) if mapped is not None else ()
    row = row_of(operation.op, facts.settings.target)
    written = [noticed(notice) for notice in operation.notices if notice.where == operation.where]
    if not _is_document(operation):
        extra = [*whole.verdicts(operation, facts), *written]
        written = []
        yield _entry("call", operation, operation.op, operation.where, None, row, [*extra, *of_job])
        of_job = []
    yield from _of_writing(operation)
    for path, value in _names(operation):
        notes = list(name_verdicts(operation, path, value, facts))
        entry, _ = _entry("name", operation, path, operation.where, value, _NAMES[path], notes)
        yield entry, _said(notes, operation.where)
    for field in operation.arguments:
        own, notes = argument_row(operation.op, field.path), list(argument_verdicts(operation, field, facts))
        entry, _ = _entry("name", operation, field.path, field.where, field.value, own or _UNKNOWN, notes)
        yield entry, _said(notes, field.where)
    program = program_field(operation, mapped)
    for field in operation.fields:
        row = _field_row(operation, field)
        extra = list(verdicts(field, operation, facts))
        extra += line_notes(field) if is_command(field) else ()
        extra += [*of_script, *of_job] if field is program else ()
        yield _entry("field", operation, field.path, field.where, field.value, row, extra)
        if is_command(field) and row is not None:
            for token in tokens(field, row, mapped):
                path = f"{field.path}[{token.number}]"
                entry, _ = _entry("token", operation, path, field.where, token.value, token.row, list(token.notes))
                yield entry, _said(token.notes, field.where)


def _of_writing(operation: Operation) -> Iterator[tuple[Entry, list[Finding]]]:
    """Options of the command line and strange keys of the document."""
    for flag in operation.flags:
        entry, notes = _entry("flag", operation, flag.spelled, flag.where, flag.value, flag_row(operation, flag), [])
        yield entry, [note for note in notes if note.severity == "error"]
    for key in operation.keys:
        near = meant(operation, key)
        yield _entry("key", operation, key.path, key.where, key.value, key_row(key), [near] if near else [])


def _names(operation: Operation) -> Iterator[tuple[str, Value]]:
    for path in ("name", "resource_group", "workspace", "experiment"):
        value = getattr(operation, path)
        if value is not None:
            yield path, value


_NAMES = {
    "name": Row("exact", ("BAI701",), "name", "name"),
    "resource_group": Row("exact", ("BAI140",), "Workspace", "MLClient"),
    "workspace": Row("exact", ("BAI140",), "Workspace", "MLClient"),
    "experiment": Row("exact", ("BAI143",), "Experiment(ws, name=)", "experiment_name="),
}
_NO_SUCH_KEY = Row("manual", ("BAI803",), "", "")
_UNKNOWN = Row("manual", ("BAI901",), "", "")


def _field_row(operation: Operation, field: Field) -> Row | None:
    if field.value == Literal(None) or field.value == Literal(""):
        found = row_for(operation.op, field.path)
        return replace(found, disposition="dropped") if found else None
    found = row_for(operation.op, field.path)
    if found is None and not any(
        path == general(field.path) or path.startswith(general(field.path)) for path in schema.paths(operation.op)
    ):
        return _NO_SUCH_KEY
    return found


def _entry(
    kind: Kind,
    operation: Operation,
    path: str,
    where: Where,
    value: Value | None,
    row: Row | None,
    extra: list[Verdict],
) -> tuple[Entry, list[Finding]]:
    known = row or _UNKNOWN
    disposition = max([known.disposition, *(v.disposition for v in extra)], key=lambda d: RANK[d])
    raised = {verdict.rule for verdict in extra}
    rules = tuple(dict.fromkeys([*known.rules, *(v.rule for v in extra)]))
    entry = Entry(
        kind,
        operation.index,
        path,
        where,
        value,
        disposition,
        rules,
        known.v1,
        known.v2,
    )
    shown = f"{path} = {to_text(value)}" if value is not None else path
    notes = _said(extra, where)
    for number, rule in enumerate(rule for rule in known.rules if rule not in raised):
        severity: Severity | None = "error" if known.disposition == "manual" and number == 0 else None
        if (severity or RULES[rule].severity) != "info":
            notes.append(finding(rule, where, shown, known.disposition, severity))
    return entry, notes


def _said(notes: Iterable[Verdict], where: Where) -> list[Finding]:
    """Findings for what was noticed; an info is a line of the ledger only."""
    return [
        finding(note.rule, where, note.detail, note.disposition, note.severity)
        for note in notes
        if (note.severity or RULES[note.rule].severity) != "info"
    ]


def finding(
    rule: str, where: Where, detail: str, disposition: Disposition, severity: Severity | None = None
) -> Finding:
    """A finding of a rule at a place; `detail` names the concrete values."""
    known = RULES[rule]
    level = severity or known.severity
    effort: Effort = "significant" if rule in _SIGNIFICANT else "medium" if level == "error" else "simple"
    message = f"{known.title}: {detail}" if detail else known.title
    return Finding(rule, level, effort, disposition, where, message, known.action)


_PER_NAME = frozenset({"BAI141", "BAI601", "BAI602"})
"""Rules about a name, which are said where it is met first."""


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    seen: set[tuple[str, Where | None, str]] = set()
    for found in findings:
        key = (found.rule, None if found.rule in _PER_NAME else found.where, found.message)
        if key not in seen:
            seen.add(key)
            yield found


def holes(operations: Iterable[Operation], ledger: Ledger) -> list[Failure]:
    """Fields, words and calls that were read and have no entry of a known rule: what the law forbids."""
    accounted = {(e.operation, e.path) for e in ledger.entries if e.kind == "field" and "BAI901" not in e.rules}
    calls = {e.operation for e in ledger.entries if e.kind == "call" and "BAI901" not in e.rules}
    words = {(e.operation, e.path) for e in ledger.entries if e.kind == "token"}
    written = {(e.operation, e.path) for e in ledger.entries if e.kind in ("flag", "key") and "BAI901" not in e.rules}
    missing: list[Failure] = []
    for operation in operations:
        open_paths = [f.path for f in operation.fields if (operation.index, f.path) not in accounted]
        given = [*(flag.spelled for flag in operation.flags), *(key.path for key in operation.keys)]
        open_paths += [path for path in given if (operation.index, path) not in written]
        for field in filter(is_command, operation.fields):
            paths = (f"{field.path}[{number}]" for number in range(count(field)))
            open_paths += [path for path in paths if (operation.index, path) not in words]
        if operation.index not in calls and not _is_document(operation):
            open_paths.append(operation.op)
        missing += [Failure(operation.where, f"{path} was read but is not accounted for") for path in open_paths]
    return missing
