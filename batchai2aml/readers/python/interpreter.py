"""
Reading a program without running it: statements, calls of the project's own functions, and the bookkeeping.

It follows assignments, imports inside the project, calls and literal loops, and gives up on a value, never on a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from batchai2aml.place import Where
from batchai2aml.readers.python.arguments import Arguments
from batchai2aml.readers.python.domain import (
    NONE,
    Abstract,
    ClassValue,
    Const,
    Function,
    Instance,
    Mapping,
    ModelObject,
    Sequence,
    Unknown,
    same,
)
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.scope import Scope
from batchai2aml.readers.python.shell import Dumped, ShellText, note
from batchai2aml.readers.python.sources import Cell
from batchai2aml.text import Text

if TYPE_CHECKING:
    from batchai2aml.readers.python.modules import Modules

_DEPTH = 24
_STEPS = 400_000


@dataclass(eq=False, slots=True)
class Frame:
    """A function (or module) being read, and the place that it has reached."""

    name: str
    cell: Cell
    at: cst.CSTNode | None = None
    node: cst.CSTNode | None = None
    returns: list[Abstract] = field(default_factory=list)
    yields: list[Abstract] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Read:
    """An attribute of an answer that the program looks at."""

    record: CallRecord
    attribute: str
    node: cst.Attribute
    cell: Cell


@dataclass(frozen=True, slots=True)
class StateTest:
    """A comparison with a state of an answer; `left` says on which side the state is, `attribute` which it is."""

    cell: Cell
    node: cst.Comparison
    left: bool
    attribute: str


@dataclass(frozen=True, slots=True)
class StateKey:
    """Something that is looked up by a state of an answer; `attribute` says which state."""

    cell: Cell
    holder: cst.BaseExpression
    attribute: str


class Interpreter:
    """Reads the programs of one project; what was found is in `records`, `models`, `reads` and `polls`."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.records: list[CallRecord] = []
        self.models: list[ModelObject] = []
        self.reads: list[Read] = []
        self.groups: dict[int, tuple[Cell, cst.Attribute]] = {}
        self.polls: list[CallRecord] = []
        self.configuration_reads: list[tuple[Cell, cst.Attribute]] = []
        self.members: list[tuple[Cell, cst.Attribute, str]] = []
        self.tests: list[StateTest] = []
        self.keys: list[StateKey] = []
        self.secret_reads: list[tuple[Cell, cst.Subscript | cst.Call, str]] = []
        self.shell: dict[int, ShellText] = {}
        self.dumped: list[Dumped] = []
        self.handed: dict[str, set[str]] = {}
        self.functions: list[Function] = []
        self.called: set[int] = set()
        self.entry = ""
        self.frames: list[Frame] = []
        self.flags: list[str] = []
        self.statement: cst.CSTNode | None = None
        self.steps = 0
        self.quiet = False
        self._seen: dict[tuple[object, ...], CallRecord] = {}

    # -- where we are ------------------------------------------------------------------

    @property
    def cell(self) -> Cell:
        """The file part that is being read."""
        return self.frames[-1].cell

    def code(self, node: cst.CSTNode) -> str:
        """The source of a node of the current cell."""
        return self.cell.code(node)

    @property
    def reached(self) -> str:
        """How the current statement is reached: the strongest of uncalled, loop, branch, always."""
        for flag in ("uncalled", "loop", "branch"):
            if flag in self.flags:
                return flag
        return "always"

    @contextmanager
    def flagged(self, flag: str) -> Iterator[None]:
        """Statements below are reached only in a branch, a loop, or not at all."""
        self.flags.append(flag)
        try:
            yield
        finally:
            self.flags.pop()

    def place(self, node: cst.CSTNode) -> tuple[Where, str | None]:
        """The innermost place in the entry file, and the helper (`path:line in name`) if the node is elsewhere."""
        if self.quiet:
            return Where(self.cell.path, self.cell.index), None
        here = self.cell.where(node)
        found = here
        if self.cell.path != self.entry:
            for frame in reversed(self.frames[:-1]):
                if frame.cell.path == self.entry and frame.at is not None:
                    found = frame.cell.where(frame.at)
                    return found, f"{here} in {self.frames[-1].name}"
            return here, None
        callers = [f for f in self.frames[:-1] if f.cell.path == self.entry and f.at is not None]
        if len(self.frames) > 1 and callers and callers[-1].at is not None and self.frames[-1].node is not None:
            return found, f"{callers[-1].cell.where(callers[-1].at)} in {self.frames[-1].name}"
        return found, None

    def add(self, record: CallRecord) -> CallRecord:
        """Keep a call, or count it as one more round of a call that was seen at the same place."""
        if self.quiet:
            return record
        key = (record.op, id(record.node), record.where, record.via)
        known = self._seen.get(key)
        if known is not None:
            known.again.append(record)
            return record
        record.index = len(self.records)
        self._seen[key] = record
        self.records.append(record)
        return record

    def ask(self, record: CallRecord) -> None:
        """Keep a call of a poller's method, once for each place."""
        if not self.quiet and all(record.node is not known.node for known in self.polls):
            self.polls.append(record)

    def note_late(self, target: ModelObject) -> None:
        """Remember that the current statement changed an object after it was built."""
        if self.quiet:
            return
        while target.parent is not None:
            target = target.parent
        if self.statement is not None and self.statement is not target.statement:
            deeper = self.flags.count("branch") > target.branches
            target.late.append((self.cell, self.statement, deeper or self.reached != target.reached))

    # -- expressions (see evaluation.py) ------------------------------------------------

    def evaluate(self, node: cst.CSTNode, scope: Scope) -> Abstract:
        """What an expression stands for."""
        from batchai2aml.readers.python.evaluation import EVALUATE

        self.steps += 1
        rule = EVALUATE.get(type(node))
        if self.steps > _STEPS:
            return Unknown(self.code(node))
        if rule is None:
            self._look_inside(node, scope)
            return Unknown(self.code(node))
        value = rule(self, node, scope)
        if isinstance(value, (Text, Sequence)):
            note(self, node, value, scope)
        return value

    def _look_inside(self, node: cst.CSTNode, scope: Scope) -> None:
        """Read the parts of something that has no rule of its own; what it means stays open."""
        for child in node.children:
            if isinstance(child, cst.BaseExpression):
                self.evaluate(child, scope)
            elif isinstance(child, (cst.BaseSuite, cst.BaseStatement, cst.BaseSmallStatement)):
                with self.flagged("branch"):
                    self.execute(child, scope)
            else:
                self._look_inside(child, scope)

    # -- functions -------------------------------------------------------------------------

    def invoke(self, function: Function, arguments: Arguments, code: str, node: cst.CSTNode | None) -> Abstract:
        """Read the body of a function of the project with these arguments."""
        self.called.add(id(function.node))
        depth = sum(1 for frame in self.frames if frame.node is function.node)
        if depth >= 2 or len(self.frames) > _DEPTH:
            return Unknown(code)
        scope = Scope("function", function.closure, function=function.node)
        scope.caller = next((frame.node for frame in reversed(self.frames) if frame.node is not None), None)
        self._bind(function, arguments, scope)
        if node is not None:
            self.frames[-1].at = node
        frame = Frame(function.name, function.cell, node=function.node)
        statement = self.statement
        self.frames.append(frame)
        try:
            if isinstance(function.node, cst.Lambda):
                return self.evaluate(function.node.body, scope)
            self.execute(function.node.body, scope)
        finally:
            self.frames.pop()
            self.statement = statement
        if frame.yields:
            if any(name.endswith("contextmanager") for name in function.decorators):
                return _joined(frame.yields, code)
            return Sequence(frame.yields, open=True)
        return _joined(frame.returns, code)

    def _bind(self, function: Function, arguments: Arguments, scope: Scope) -> None:
        params = function.node.params
        ordered = [*params.posonly_params, *params.params]
        positional = [slot.value for slot in arguments.positional]
        if function.owner is not None:
            positional.insert(0, function.owner)
        for number, param in enumerate([*ordered, *params.kwonly_params]):
            name = param.name.value
            if number < len(ordered) and number < len(positional):
                value: Abstract = positional[number]
            elif name in arguments.keywords:
                value = arguments.keywords[name].value
            elif param.default is not None and not arguments.open:
                self.frames.append(Frame(function.name, function.cell))
                try:
                    value = self.evaluate(param.default, function.closure)
                finally:
                    self.frames.pop()
            else:
                value = Unknown(name, kind="parameter")
            scope.names[name] = value
        scope.parameters = frozenset(scope.names)
        own = [param.name.value for param in ordered][0 if function.owner is None else 1 :]
        scope.given = {name: slot.cell.code(slot.node) for name, slot in arguments.bind(own).items()}
        for name, given in scope.given.items():
            self.handed.setdefault(name, set()).add(given)
        if isinstance(params.star_arg, cst.Param):
            scope.names[params.star_arg.name.value] = Sequence(positional[len(ordered) :], "tuple", arguments.open)
        if params.star_kwarg is not None:
            taken = set(scope.names)
            rest: dict[object, Abstract] = {k: s.value for k, s in arguments.keywords.items() if k not in taken}
            scope.names[params.star_kwarg.name.value] = Mapping(rest, arguments.open)

    def instantiate(self, cls: ClassValue, arguments: Arguments, code: str, node: cst.CSTNode | None) -> Abstract:
        """An object of a class of the project, after its `__init__`."""
        instance = Instance(cls, code=code)
        init = self.member(cls, "__init__")
        if isinstance(init, Function):
            self.invoke(init.bound_to(instance), arguments, code, node)
        else:
            given = arguments.bind(_fields(cls))
            instance.attributes = {name: slot.value for name, slot in given.items()}
        return instance

    def member(self, cls: ClassValue, name: str) -> Abstract | None:
        """A name of a class or of its bases in the project."""
        if name in cls.scope.names:
            return cls.scope.names[name]
        for base in cls.bases:
            if isinstance(base, ClassValue):
                found = self.member(base, name)
                if found is not None:
                    return found
        return None

    def read_uncalled(self, function: Function) -> None:
        """Read a function that nothing called, with parameters that nobody knows."""
        if id(function.node) in self.called or not isinstance(function.node, cst.FunctionDef):
            return
        owner = function.owner
        self.frames.append(Frame("<module>", function.cell))
        try:
            with self.flagged("uncalled"):
                if isinstance(owner, ClassValue):
                    owner = self._blank(owner, function)
                self.invoke(function.bound_to(owner), Arguments(open=True), function.name, None)
        finally:
            self.frames.pop()

    def _blank(self, cls: ClassValue, function: Function) -> Abstract | None:
        if "staticmethod" in function.decorators:
            return None
        instance = Instance(cls, code="self")
        init = self.member(cls, "__init__")
        if isinstance(init, Function) and function.name != "__init__":
            self.invoke(init.bound_to(instance), Arguments(open=True), "self", None)
        return instance

    # -- statements (see statements.py) ------------------------------------------------------

    def execute(self, node: cst.CSTNode, scope: Scope) -> str | None:
        """Read a block or statement; the answer says how it was left (`return`, `break`, ...), if it was."""
        from batchai2aml.readers.python.statements import EXECUTE

        rule = EXECUTE.get(type(node))
        if self.steps > _STEPS:
            return None
        if rule is None:
            if isinstance(node, cst.BaseCompoundStatement):
                self.statement = node
            self._look_inside(node, scope)
            return None
        return rule(self, node, scope)

    def meaning(self, code: str, cell: Cell, scope: Scope) -> Abstract | None:
        """What an expression would stand for where `scope` was taken; nothing is recorded."""
        try:
            node = cst.parse_expression(code)
        except cst.ParserSyntaxError:
            return None
        self.quiet, self.steps = True, 0
        self.frames.append(Frame("<question>", cell))
        try:
            return self.evaluate(node, scope.snapshot())
        finally:
            self.frames.pop()
            self.quiet = False

    def run(self, cell: Cell, scope: Scope) -> None:
        """Read one file part at module level."""
        self.frames.append(Frame("<module>", cell))
        try:
            for statement in cell.module.body:
                self.frames[-1].at = statement
                self.execute(statement, scope)
        finally:
            self.frames.pop()


def _fields(cls: ClassValue) -> list[str]:
    """The fields of a data class or a typed tuple, in order: the names that its bodies annotate."""
    found: list[str] = []
    for base in cls.bases:
        found += _fields(base) if isinstance(base, ClassValue) else []
    for line in cls.node.body.body:
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
            found.append(small.target.value)
    return list(dict.fromkeys(found))


def _joined(returns: list[Abstract], code: str) -> Abstract:
    """One value for all the `return` statements that a call can leave by."""
    if not returns:
        return NONE
    first = returns[0]
    if all(same(first, other) for other in returns[1:]):
        return first
    objects = [value for value in returns if not isinstance(value, (Const, Unknown))]
    return objects[0] if objects else Unknown(code)
