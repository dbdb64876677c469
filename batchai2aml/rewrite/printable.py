"""From abstract values to printable ones: the user's expressions, where they mean the same."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache, partial

import libcst as cst

from batchai2aml.batchai.configuration import ATTRIBUTES, OPTIONAL_ATTRIBUTES, SECRET_ATTRIBUTES
from batchai2aml.config import Settings
from batchai2aml.emit.style import Style
from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.printing import Printer
from batchai2aml.project.secrets import Secrets
from batchai2aml.readers.python.bodies import leaf_value, leaves
from batchai2aml.readers.python.domain import Abstract, Const, External, Instance, ModelObject, Slot, Unknown, same
from batchai2aml.readers.python.program import Program
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.rounds import NUMBERS, ROUNDS
from batchai2aml.readers.python.scope import Scope
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.placeholders import substituted
from batchai2aml.rewrite.tree import ancestors, descendants, lone_condition
from batchai2aml.rewrite.work import FileWork, work_of
from batchai2aml.text import Segment, Text
from batchai2aml.values import Expression


class Printable:
    """What a value may be printed as; the files of a unit with their printers."""

    def __init__(self, program: Program, files: list[str], settings: Settings, secrets: Secrets) -> None:
        self.program = program
        self.settings = settings
        self.secrets = secrets
        self.work = {path: work_of(program.sources[path]) for path in files}

    def file(self, cell: Cell) -> FileWork:
        """The file of a cell."""
        if cell.path not in self.work:
            raise Unconvertible(f"the code is in {cell.path}, which is not among the files given")
        return self.work[cell.path]

    def printer(self, cell: Cell) -> Printer:
        """The printer for a file."""
        work = self.file(cell)
        return Printer(work.style, self.settings, work.needed.add)

    def translate(self, code: str, cell: Cell, scope: Scope) -> str:
        """The user's expression with what it reads of replaced objects put right."""
        style = self.file(cell).style

        def attribute(match: re.Match[str]) -> str:
            holder, name = match.groups()
            if name in ATTRIBUTES and _is_configuration(scope.get(holder)):
                return self.configuration(holder, name, cell, style)
            return match.group()

        return re.sub(r"\b([A-Za-z_]\w*)\.(\w+)\b(?!\()", attribute, code)

    def configuration(self, holder: str, name: str, cell: Cell, style: Style) -> str:
        """`cfg.admin` of the recipes as a look-up in the loaded JSON, or in the environment for a secret."""
        if name in SECRET_ATTRIBUTES:
            optional = name in OPTIONAL_ATTRIBUTES
            return self.printer(cell).environment(SECRET_ATTRIBUTES[name], optional=optional).text
        keys = ATTRIBUTES[name]
        if name in OPTIONAL_ATTRIBUTES:
            first = f".get({style.string(keys[0])})" if len(keys) == 1 else f"[{style.string(keys[0])}]"
            return holder + first + "".join(f".get({style.string(key)})" for key in keys[1:])
        return holder + "".join(f"[{style.string(key)}]" for key in keys)

    def valid(self, code: str, expected: Abstract, cell: Cell, scope: Scope) -> bool:
        """Whether an expression still means the same where `scope` was taken."""
        me = self.program.interpreter
        assert me is not None
        found = me.meaning(code, cell, scope)
        undefined = isinstance(expected, Unknown) and expected.undefined
        if found is None or not (undefined or self._reachable(code, cell, scope)):
            return False
        if isinstance(expected, Unknown) and (isinstance(found, Unknown) or expected.kind in (ROUNDS, NUMBERS)):
            return not (isinstance(found, Unknown) and found.undefined) or expected.undefined
        return same(found, expected.first_round if isinstance(expected, Text) else expected)

    def _reachable(self, code: str, cell: Cell, scope: Scope) -> bool:
        """Whether every name in an expression is bound at a place, or can be imported there."""
        missing = {name for name in names_read(code) if scope.get(name) is None and name not in _BUILTINS}
        if not missing or scope.wild:
            return True
        modules = missing & sys.stdlib_module_names
        if missing != modules or cell.path not in self.work:
            return False
        self.file(cell).needed |= modules
        return True

    def text(self, text: Text, cell: Cell, scope: Scope, changed: frozenset[str] = frozenset()) -> Text:
        """A text whose expressions may all be printed where `scope` was taken; others become literals."""
        segments: list[Segment] = []
        for segment in self.without_secrets(text, cell).segments:
            code = segment.code
            placeholder = substituted(segment, scope) if code is not None else None
            if placeholder is not None:
                segments.extend(placeholder.segments)
                continue
            if code is not None:
                said = segment.example if segment.text is None else segment.text
                expected: Abstract = Unknown(code, undefined=segment.undefined) if said is None else Text.literal(said)
                fits = self.valid(code, expected, cell, scope) or self._number(code, said, cell, scope)
                fits = fits and not changed & set(_NAME.findall(code))
                segment = _parameter(segment, code, scope) if fits else segment
                code = self.translate(code, cell, scope) if fits else None
            segments.append(replace(segment, code=code))
        return Text.join([Text((segment,)) for segment in segments])

    def without_secrets(self, text: Text, cell: Cell) -> Text:
        """A text whose secrets are read from the environment."""
        return Text(tuple(part for segment in text.segments for part in self._without_secrets(segment, cell)))

    def _without_secrets(self, segment: Segment, cell: Cell) -> list[Segment]:
        """A literal piece of a text, with reads of the environment where it holds secrets."""
        if segment.code is not None or not segment.text or not self.secrets.inside(segment.text):
            return [segment]
        value = next(value for value in self.secrets.values if value in segment.text)
        before, after = segment.text.split(value, 1)
        read = Segment(None, self.printer(cell).environment(self.secrets.values[value]).text)
        around = [self._without_secrets(Segment(part), cell) if part else [] for part in (before, after)]
        return [*around[0], read, *around[1]]

    def _number(self, code: str, said: str | None, cell: Cell, scope: Scope) -> bool:
        me = self.program.interpreter
        found = me.meaning(code, cell, scope) if me else None
        return isinstance(found, Const) and str(found.value) == said

    def given(
        self,
        path: str,
        slot: Slot,
        cell: Cell,
        scope: Scope,
        changed: frozenset[str] = frozenset(),
        origin: Scope | None = None,
    ) -> Given:
        """
        A value as it may be printed at a place: the expression only if it means the same there.

        `changed` are names that a loop, which the place is not in, went on to change. `origin` are the names where
        the value was written, if that was another function: its parameters stand for what the call gave.
        """
        written = self._handed(slot.cell.code(slot.node), slot.cell, cell, scope, origin)
        value = leaf_value(path, slot)
        fits = self.valid(written, slot.value, cell, scope) and not self._names_batchai(written, scope)
        fits = fits and not changed & set(_NAME.findall(written)) and not self.secrets.inside(written)
        if not fits and isinstance(slot.value, Unknown) and _READS_ENVIRONMENT.fullmatch(slot.value.code):
            self.file(cell).needed.add("os")
            written, fits = slot.value.code, True
        code = self.translate(written, cell, scope) if fits else None
        text: Text | None = None
        match slot.value:
            case Text():
                handed = partial(self._handed, source=slot.cell, cell=cell, scope=scope, origin=origin)
                text = self.text(_with_code(slot.value, handed), cell, scope, changed)
                if code is not None and any(s.text is None and s.code is None for s in text.segments):
                    text = Text((Segment(None, code, many=True, example=slot.value.first_round.known),))
            case Unknown():
                found = slot.value
                text = Text((Segment(None, code, found.secret, found.undefined, origin=found.code),))
        if text is not None and text.known is not None and code is not None and not written.startswith(("'", '"')):
            whole = Text((_parameter(Segment(text.known, code), written, scope),))
            text = whole if re.fullmatch(r"[\w.\[\]'\"]+", written) else text
        numeric = isinstance(slot.value, Unknown) and slot.value.kind == NUMBERS
        return Given(value, code, text, _at_run_time(slot.value), numeric)

    def _handed(self, code: str, source: Cell, cell: Cell, scope: Scope, origin: Scope | None) -> str:
        """An expression of a function that the place calls, in the place's own words."""
        if origin is None or not origin.given or origin.home is scope.home or origin.caller is not scope.home:
            return code
        if source.path != cell.path:
            return code
        names = names_read(code)
        if not names or not names <= origin.given.keys():
            return code
        return re.sub(r"(?<![\w.'\"])([A-Za-z_]\w*)\b", lambda m: origin.given.get(m[1], m[1]), code)

    def _names_batchai(self, code: str, scope: Scope) -> bool:
        """Whether an expression reads the Batch AI SDK itself, such as a member of an enumeration."""
        for name in _NAME.findall(code):
            value = scope.get(name)
            if isinstance(value, External) and value.dotted.startswith("azure.mgmt.batchai"):
                return True
        return False

    def argument(self, record: CallRecord, name: str) -> Given | None:
        """An argument of a call, printable where the call stands."""
        slot = record.arguments.get(name)
        if slot is None:
            return None
        if slot.cell is record.cell and isinstance(slot.node, cst.BaseExpression):
            code = self.translate(slot.cell.code(slot.node), record.cell, record.scope)
            value = leaf_value(name, slot)
            text = slot.value if isinstance(slot.value, Text) else Text((Segment(None, code),))
            return Given(value, code, self.text(text, record.cell, record.scope), _at_run_time(slot.value))
        return self.given(name, slot, record.cell, record.scope)

    def body(self, made: ModelObject) -> Body:
        """The leaves of a parameter object, printable where it is built."""
        found: dict[str, Given] = {}
        conditions = dict(self._conditions(made))
        stale = self._ended_loops(made)
        for leaf in leaves(made):
            changed = stale | loop_names(leaf.slot.node, leaf.slot.cell, made)
            given = self.given(leaf.path, leaf.slot, made.cell, made.scope, changed, leaf.scope)
            condition = conditions.get(id(leaf.slot.node))
            if condition is not None and given.code is not None:
                test = self.translate(made.cell.code(condition.test), made.cell, made.scope)
                code = f"{given.code} if {test} else None"
                given = replace(given, value=Expression(code), code=code, text=None, runtime=True)
            found[leaf.path] = given
        return Body(found)

    def _ended_loops(self, made: ModelObject) -> frozenset[str]:
        """The variables of loops that are over when a body is built; they hold what their last round left."""
        around = set(ancestors(made.cell.module, made.node))
        names: set[str] = set()
        for loop in descendants(made.cell.module, cst.For):
            if loop not in around:
                names |= set(_NAME.findall(made.cell.code(loop.target)))
        return frozenset(names - set(made.scope.parameters))

    def condition_of(self, made: ModelObject, cell: Cell, statement: cst.CSTNode) -> cst.If | None:
        """The `if` around a late change that sets one value the constructor left open, or None."""
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        target = small.targets[0].target if isinstance(small, cst.Assign) and len(small.targets) == 1 else None
        if not isinstance(target, cst.Attribute) or re.search(rf"\b{target.attr.value}\s*=", cell.code(made.node)):
            return None
        return lone_condition(cell.module, statement)

    def _conditions(self, made: ModelObject) -> Iterator[tuple[int, cst.If]]:
        for cell, statement, conditional in made.late:
            condition = self.condition_of(made, cell, statement) if conditional and cell is made.cell else None
            small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
            if condition is not None and isinstance(small, cst.Assign):
                yield id(small.value), condition


def _with_code(text: Text, change: Callable[[str], str]) -> Text:
    """The text with other expressions for its pieces."""
    return Text(tuple(s if s.code is None else replace(s, code=change(s.code)) for s in text.segments))


_READS_ENVIRONMENT = re.compile(r"os\.(?:environ(?:\.get)?|getenv)[(\[](['\"])\w+\1(?:, *['\"][^'\"]*['\"])?[)\]]")
"""Expressions that mean the same everywhere."""
_BUILTINS = frozenset(dir(builtins))


@lru_cache(maxsize=4096)
def names_read(code: str) -> frozenset[str]:
    """The names that an expression takes from around it."""
    try:
        tree = ast.parse(code.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return frozenset()
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return frozenset(node.id for node in names) - own


_NAME = re.compile(r"\b[A-Za-z_]\w*")


def loop_names(node: cst.CSTNode, cell: Cell, made: ModelObject) -> frozenset[str]:
    """The variables of loops that a value was built in and the whole body was not."""
    around = {made.node, *ancestors(cell.module, made.node)} if made.cell is cell else set()
    names: set[str] = set()
    for here in ancestors(cell.module, node):
        if here in around:
            break
        if isinstance(here, (cst.For, cst.CompFor)):
            names |= set(_NAME.findall(cell.code(here.target)))
    return frozenset(names)


def _at_run_time(value: Abstract) -> bool:
    return isinstance(value, Unknown) and not value.undefined and value.kind != "configuration"


def _parameter(segment: Segment, code: str, scope: Scope) -> Segment:
    """A parameter of a function stays open when what was given for it is several words, or none."""
    said = segment.example if segment.text is None else segment.text
    if said is None or code not in scope.parameters or re.fullmatch(r"\S+", said):
        return segment
    return replace(segment, text=None, many=True, example=said)


def _is_configuration(value: Abstract | None) -> bool:
    return isinstance(value, Instance) and value.kind == "Configuration"
