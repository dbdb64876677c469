"""What the rewriting of one unit shares: places, edits, findings, and what the handlers tell each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from batchai2aml.azureml.model import Binding, Job, Wanted
from batchai2aml.config import Settings
from batchai2aml.emit.sdk import Answer, Sdk
from batchai2aml.emit.v1.sdk import V1
from batchai2aml.emit.v2.sdk import V2
from batchai2aml.mapping.storage import Mount
from batchai2aml.mapping.types import Verdict
from batchai2aml.place import Where
from batchai2aml.project.lookup import Lookup
from batchai2aml.project.secrets import Secrets
from batchai2aml.readers.python.domain import ModelObject
from batchai2aml.readers.python.program import Program
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.secrets import accounts
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.edits import CellEdits, Unconvertible
from batchai2aml.rewrite.printable import Printable
from batchai2aml.rewrite.tree import ancestors
from batchai2aml.rules import Disposition, Severity

_STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
SDKS: Mapping[str, type[Sdk]] = {"v1": V1, "v2": V2}


@dataclass(frozen=True, slots=True)
class Site:
    """How a call stands in its statement: alone, assigned to `target`, returned, or inside something else."""

    form: str
    statement: cst.CSTNode
    outer: cst.BaseExpression
    target: str | None = None


@dataclass(frozen=True, slots=True)
class DoneJob:
    """A job whose estimator is in place: what the submission needs to know of it."""

    job: Job
    made: ModelObject
    mounts: tuple[Mount, ...]
    needless: frozenset[int]
    written: bool
    outputs: tuple[Binding, ...] = ()


class Context(Printable):
    """Everything the handlers of a unit share."""

    def __init__(self, program: Program, files: list[str], settings: Settings, secrets: Secrets) -> None:
        super().__init__(program, files, settings, secrets)
        self.accounts = accounts(program)
        self.built = {id(made.node) for made in program.models}
        self.at = Where(files[0])
        self.notes: list[tuple[Where, Verdict]] = []
        self.new_files: dict[str, bytes] = {}
        self.renamed: dict[int, bool] = {}
        self.workspace_names: dict[int, str] = {}
        self.experiments: dict[tuple[tuple[str, int], str], str] = {}
        self.runs: dict[tuple[tuple[str, int], str], str] = {}
        self.sweep_runs: dict[str, str] = {}
        self.sweep_jobs: dict[str, str] = {}
        self.signed_in: dict[str, str] = {}
        self.waits: dict[int, str] = {}
        self.opened: dict[tuple[str, int], str] = {}
        self.jobs: dict[int, DoneJob] = {}
        self.idle_functions: dict[int, tuple[Cell, cst.FunctionDef]] = {}
        self.registered: dict[int, list[str]] = {}
        self.dropped_uploads: set[int] = set()
        self.kept_storage: set[int] = set()
        self.handled: set[int] = set()
        self.wanted: dict[str, list[Wanted]] = {path: [] for path in files}

    @property
    def cells(self) -> Iterator[Cell]:
        """The file parts of the unit."""
        for work in self.work.values():
            yield from work.source.cells

    def sdk(self, cell: Cell) -> Sdk:
        """The SDK, writing into the file of a cell."""
        return SDKS[self.settings.target](self.file(cell))

    def function(self, cell: Cell, node: cst.CSTNode) -> int:
        """The function that a node stands in, as a number that tells functions apart; 0 at module level."""
        around = ancestors(cell.module, node)
        return next((id(here) for here in around if isinstance(here, (cst.FunctionDef, cst.Lambda))), 0)

    def place(self, record: CallRecord) -> tuple[str, int]:
        """The file and the function that a call stands in."""
        return record.cell.path, self.function(record.cell, record.node)

    def edits(self, cell: Cell) -> CellEdits:
        """The edits of a cell."""
        return self.file(cell).cell_edits(cell)

    def note(
        self,
        record: CallRecord,
        rule: str,
        detail: str,
        disposition: Disposition = "changed",
        severity: Severity | None = None,
    ) -> None:
        """Keep a finding at the place of a call."""
        where = record.cell.where(record.node)
        self.notes.append((where, Verdict(disposition, rule, detail, severity)))

    def say(self, cell: Cell, node: cst.CSTNode, comment: str) -> None:
        """Put a comment above the statement that a node stands in, once."""
        statement = next(here for here in ancestors(cell.module, node) if isinstance(here, _STATEMENTS))
        edits = self.edits(cell)
        start = edits.block(statement)[0]
        if not any(at == start and comment in text for at, _, text in edits.inserts):
            edits.insert(statement, [comment])

    def site(self, record: CallRecord) -> Site:
        """How the call of a record stands in its statement."""
        statement, outer = record.statement, record.outer or record.node
        if statement is None:
            raise Unconvertible("the call stands outside a statement")
        if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
            small = statement.body[0]
            value = getattr(small, "value", None)
            if isinstance(value, cst.Await):
                value = value.expression
            if value is outer:
                if isinstance(small, cst.Expr):
                    return Site("bare", statement, outer)
                if isinstance(small, cst.Return):
                    return Site("return", statement, outer)
                if isinstance(small, cst.Assign) and len(small.targets) == 1:
                    target = small.targets[0].target
                    code = record.cell.code(target)
                    if isinstance(target, (cst.Name, cst.Attribute)):
                        return Site("assign", statement, outer, None if code == "_" else code)
        return Site("nested", statement, outer)

    def in_expression(self, record: CallRecord) -> bool:
        """Whether a call stands in a comprehension or a lambda, where no statement can be put before it."""
        for here in ancestors(record.cell.module, record.node):
            if isinstance(here, (cst.BaseComp, cst.Lambda, *_STATEMENTS)):
                return not isinstance(here, _STATEMENTS)
        return False

    def put(self, record: CallRecord, lines: list[str], value: str | None) -> None:
        """
        Put statements and a value where a call stood.

        `value` is what the call's answer becomes; a bare name that `lines` bind is not repeated.
        """
        site = self.site(record)
        edits = self.edits(record.cell)
        style = self.file(record.cell).style
        if site.form == "nested":
            if value is None:
                raise Unconvertible("the answer of the call is used inside a larger expression")
            if lines and self.in_expression(record):
                raise Unconvertible("the call stands in a comprehension or a lambda, and needs statements of its own")
            if lines:
                edits.insert(site.statement, [style.lines("\n".join(lines))])
            edits.replace(site.outer, value)
            return
        result = list(lines)
        if value is not None:
            if site.form == "return":
                result.append(f"return {value}")
            elif site.target is not None and site.target != value:
                result.append(f"{site.target} = {value}")
            elif site.target is None and not re.fullmatch(r"[\w.]+", value):
                result.append(value)
        elif site.form == "return":
            result.append("return None")
        elif site.target is not None:
            self.file(record.cell).gone.add(site.target)
        edits.replace_statement(site.statement, [style.lines("\n".join(result))] if result else [])

    def answer(self, record: CallRecord, answer: Answer) -> None:
        """Put what takes the place of a call where it stood."""
        self.put(record, list(answer.lines), answer.value)

    def remove(self, record: CallRecord) -> None:
        """Take a call's statement out."""
        self.put(record, [], None)

    def files(self, cell: Cell) -> Lookup:
        """The files of the project, seen from the folder of a program."""
        return self.program.files.seen_from(cell.path)
