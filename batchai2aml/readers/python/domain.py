"""What a name can stand for while a program is read without being run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from batchai2aml.text import Segment, Text

if TYPE_CHECKING:
    from batchai2aml.batchai.schema import Field, Model
    from batchai2aml.readers.python.records import CallRecord
    from batchai2aml.readers.python.scope import Scope
    from batchai2aml.readers.python.sources import Cell


@dataclass(frozen=True, slots=True)
class Const:
    """A number, a truth value, None or bytes."""

    value: int | float | bool | bytes | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """
    A value that only the run knows, as the source writes it; `undefined` when nothing defines the name.

    `kind` says what little is known of it: `datetime`, `path`, `environ`, ...; `document` is what a JSON text says.
    """

    code: str
    undefined: bool = False
    secret: bool = False
    kind: str = ""
    record: CallRecord | None = None
    document: Mapping | None = None


@dataclass(frozen=True, slots=True)
class External:
    """Something of a module that is not read: `azure.mgmt.batchai.models.ResourceId`."""

    dotted: str


@dataclass(eq=False, slots=True)
class Sequence:
    """A list, tuple or set; `open` when elements may be missing."""

    items: list[Abstract]
    kind: str = "list"
    open: bool = False


@dataclass(eq=False, slots=True)
class Mapping:
    """
    A dict; keys that are not known make it `open`. `source` is the file it was loaded from.

    `ini` marks what `configparser` made: a parser, or one of its sections; `other` is an object under a key that is
    not known. `codes` are the expressions that values were given by, where they are names.
    """

    entries: dict[object, Abstract] = field(default_factory=dict)
    open: bool = False
    source: str | None = None
    ini: bool = False
    other: Abstract | None = None
    codes: dict[object, str] = field(default_factory=dict)

    def keep(self, value: Abstract) -> None:
        """Keep an object, or something of an answer, whose key is not known."""
        self.open = True
        answered = isinstance(value, Unknown) and value.record is not None
        if self.other is None and (answered or isinstance(value, (Result, ModelObject, Instance))):
            self.other = value


@dataclass(frozen=True, slots=True)
class Slot:
    """A value, the expression that put it there, and the file part it stands in."""

    value: Abstract
    node: cst.CSTNode
    cell: Cell


@dataclass(eq=False, slots=True)
class ModelObject:
    """
    An object of azure.mgmt.batchai.models.

    `extra` are keywords that the class does not have; `late` the statements that changed it after it was built;
    `own_uses` what the program does with it that only the SDK's object can do; `branches` how many branches it
    was built in.
    """

    model: Model
    node: cst.CSTNode
    cell: Cell
    scope: Scope
    statement: cst.CSTNode | None
    slots: dict[str, Slot] = field(default_factory=dict)
    extra: dict[str, Slot] = field(default_factory=dict)
    late: list[tuple[Cell, cst.CSTNode, bool]] = field(default_factory=list)
    sent: list[CallRecord] = field(default_factory=list)
    reached: str = "always"
    parent: ModelObject | None = None
    own_uses: list[str] = field(default_factory=list)
    branches: int = 0

    def row(self, name: str) -> Field | None:
        """The schema's row for an attribute."""
        return self.model.field(name)


@dataclass(eq=False, slots=True)
class Function:
    """A function of the project, perhaps bound to an instance."""

    name: str
    node: cst.FunctionDef | cst.Lambda
    cell: Cell
    closure: Scope
    owner: Abstract | None = None
    known_helper: str | None = None

    @property
    def decorators(self) -> frozenset[str]:
        """The decorators, as the source writes them."""
        return frozenset(self.cell.code(line.decorator) for line in getattr(self.node, "decorators", ()))

    def bound_to(self, owner: Abstract | None) -> Function:
        """The function as a method of an object, or of a class."""
        return replace(self, owner=owner)


@dataclass(eq=False, slots=True)
class ClassValue:
    """A class of the project."""

    name: str
    node: cst.ClassDef
    cell: Cell
    scope: Scope
    bases: list[Abstract] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class of the project, or of the recipes' `utilities` (`kind` is then the helper's name)."""

    cls: ClassValue | None
    attributes: dict[str, Abstract] = field(default_factory=dict)
    kind: str = ""
    record: CallRecord | None = None
    code: str = ""


@dataclass(eq=False, slots=True)
class ModuleValue:
    """A module of the project."""

    name: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Bound:
    """`receiver.name`, about to be called."""

    receiver: Abstract
    name: str


@dataclass(eq=False, slots=True)
class Client:
    """A Batch AI client (`kind` "batchai") or a storage client (its class name)."""

    kind: str
    record: CallRecord
    arguments: dict[str, Slot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """`client.jobs`."""

    client: Client | Unknown
    name: str


@dataclass(eq=False, slots=True)
class Result:
    """What a call answered; `poller` until `.result()` is asked of it, `many` for a listing."""

    record: CallRecord
    poller: bool = False
    many: bool = False


Abstract: TypeAlias = (
    Const
    | Text
    | Unknown
    | External
    | Sequence
    | Mapping
    | ModelObject
    | Function
    | ClassValue
    | Instance
    | ModuleValue
    | Bound
    | Client
    | Group
    | Result
)

NONE = Const(None)
MISSING = object()


def key_of(value: Abstract | None) -> object:
    """
    The key that a value is in a dict, or MISSING when only the run knows.

    An element of a set, whose order nobody knows, is a key of its own.
    """
    match value:
        case Text() if value.known is not None:
            return value.known
        case Const(scalar):
            return scalar
        case Unknown(kind=kind) if kind.startswith("element"):
            return value
    return MISSING


def from_key(key: object) -> Abstract:
    """The value behind a dict's key."""
    if isinstance(key, Unknown):
        return key
    if isinstance(key, str):
        return Text.literal(key)
    return Const(key) if isinstance(key, (int, float, bool, bytes)) else NONE


_ONCE = re.compile(
    r"\b(?:time|now|utcnow|today|uuid\d?|random|rand\w+|choice|token_\w+|urandom|mkdtemp|input|getpass)\("
)
"""Calls that say something else each time: in command lines, a text that one made is named, and not made anew."""
_REFERENCE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


_COMMAND = re.compile(r"\baz(?:\.cmd)?\s+batchai\s")


def as_text(value: Abstract, code: str, into: str = "") -> Text:
    """The value inside a larger text, where `code` is the expression that was put in; `into` is what begins it."""
    match value:
        case Text():
            known = value.known
            once = known is None and any(_ONCE.search(segment.code or "") for segment in value.segments)
            if once and _REFERENCE.fullmatch(code) and _COMMAND.search(into):
                return Text((Segment(None, code, value.secret),))
            if known is not None and not code.startswith(("'", '"')):
                return Text((Segment(known, code, value.secret),))
            return value
        case Const(scalar) if not isinstance(scalar, bytes):
            return Text((Segment(str(scalar), code),))
        case Unknown():
            return Text((Segment(None, code or value.code, value.secret, value.undefined, origin=value.code),))
        case _:
            return Text((Segment(None, code),))


def same(left: Abstract, right: Abstract) -> bool:
    """Whether two values are the same thing, as far as can be known."""
    if left is right:
        return True
    match left, right:
        case Text(), Text():
            return (left.known is not None and left.known == right.known) or left == right
        case Const(), Const():
            return left.value == right.value and type(left.value) is type(right.value)
        case Unknown(), Unknown():
            return left.code == right.code and left.record is right.record
        case External(), External():
            return left == right
        case _:
            return False
