"""A generated script while it is being written: its functions, what they import, and what they read from outside."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from batchai2aml.azureml.model import Code, Wanted
from batchai2aml.batchai import schema
from batchai2aml.batchai.request import Request, Scope, Setting
from batchai2aml.config import Settings
from batchai2aml.emit.style import Style
from batchai2aml.emit.templates import render
from batchai2aml.emit.v1.statements import IMPORTS
from batchai2aml.generate.variables import Variable, Variables
from batchai2aml.mapping import toolkits
from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.job import Mapped
from batchai2aml.mapping.printing import Printer
from batchai2aml.mapping.types import Verdict
from batchai2aml.place import Where
from batchai2aml.project import secrets
from batchai2aml.project.lookup import Lookup
from batchai2aml.text import Text

_PATH = re.compile(r"[~./]|[A-Z]:|.*\.pub$")


def _is_path(text: Text) -> bool:
    """Whether a key is given by the path of its file."""
    last = text.segments[-1].text if text.segments else None
    return bool(_PATH.match(text.start) or (last is not None and last.endswith(".pub")))


@dataclass(frozen=True, slots=True)
class Step:
    """
    A function of the script: what it says it does, its lines, and the variables that it reads.

    `secrets` are environment variables with what the command line writes for them.
    """

    name: str
    about: str
    lines: tuple[str, ...]
    variables: tuple[Variable, ...]
    secrets: tuple[tuple[str, str], ...]
    always: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A job that the script submits, and the variables that its request reads."""

    request: Request
    mapped: Mapped
    reads: frozenset[Variable]


@dataclass(eq=False)
class Draft:
    """
    The script for the commands of one file, or for one document.

    `path` is where it will stand, `source` the file that it replaces the commands of, with `made_from` the files that
    all of it comes from; `accounts` are the storage accounts that the project names, `busy` the folders in which
    another program's launcher may find a plan, `plans` the plans that other scripts have made.
    """

    path: str
    source: str
    requests: list[Request]
    files: Lookup
    settings: Settings
    accounts: frozenset[str]
    made_from: tuple[str, ...]
    busy: frozenset[str]
    plans: dict[str, bytes]
    variables: Variables
    subscription: Text | None = None
    style: Style = field(default_factory=Style)
    wanted: set[str] = field(default_factory=set)
    needed: set[str] = field(default_factory=set)
    helpers: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    notes: list[tuple[Where, Verdict]] = field(default_factory=list)
    new_files: dict[str, bytes] = field(default_factory=dict)
    jobs: list[Sent] = field(default_factory=list)
    check: list[Wanted] = field(default_factory=list)
    reads: set[Variable] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for request in self.requests:
            settings = (*request.settings, *request.names.values(), *request.arguments)
            self.variables.learn(setting.written for setting in settings if isinstance(setting.written, Text))
        for setting in (setting for request in self.requests for setting in request.settings):
            if isinstance(setting.written, Text) and schema.is_number(setting.path):
                self.variables.count(setting.written)
            elif isinstance(setting.written, Text) and setting.path.endswith(".commandLine"):
                for text in toolkits.counts(setting.written):
                    self.variables.count(text)

    @property
    def printer(self) -> Printer:
        """Prints values; modules that the text uses are imported."""
        return Printer(self.style, self.settings, self.needed.add)

    def note(self, where: Where, verdict: Verdict) -> None:
        """Something to tell the user."""
        self.notes.append((where, verdict))

    def text(self, text: Text) -> Text:
        """A text of the script as Python says it; its variables are read by the step at hand."""
        made, needed = self.variables.python(text)
        self.reads |= needed
        if len(made.segments) == 1 and any(variable.numeric for variable in needed):
            return Text((replace(made.segments[0], code=f"str({made.segments[0].code})"),))
        return made

    def given(self, setting: Setting) -> Given:
        """A setting as the mapping takes it."""
        if not isinstance(setting.written, Text):
            return Given.of(setting.value)
        if schema.is_secret(setting.path):
            source = next((segment.code for segment in setting.written.segments if segment.code), None)
            if source is not None:
                self.secrets[self._variable_of(setting.path)] = source
            return Given(setting.value, None, setting.written)
        if schema.is_number(setting.path):
            text, needed = self.variables.python(setting.written)
            self.reads |= needed
            return Given(text.value(setting.path), text.code, None)
        text = self.text(setting.written)
        if setting.path.endswith(".adminUserSshPublicKey") and _is_path(text):
            self.needed.add("os")
            detail = f"{text.known or text.start} is read when the step runs, as az batchai read it"
            self.note(setting.where, Verdict("changed", "BAI122", detail, "warning"))
            return Given(text.value(setting.path), f"open(os.path.expanduser({self.printer.text(text)})).read()", text)
        return Given(text.value(setting.path), text.code, text)

    def _variable_of(self, path: str) -> str:
        return secrets.BY_KEY.get(path.rsplit(".", 1)[-1], secrets.OTHER)

    def body(self, request: Request) -> Body:
        """The body of a request."""
        return Body({setting.path: self.given(setting) for setting in request.settings})

    def name(self, request: Request, scope: Scope, legal: Callable[[str], str] | None = None) -> Code | None:
        """One of the names of a request, made legal where it is written out."""
        text = request.name(scope)
        if text is None:
            return None
        return self.legal(text, legal)

    def legal(self, text: Text, legal: Callable[[str], str] | None) -> Code:
        """A name as the script says it, or as Azure ML takes it."""
        known = text.known
        if known is not None and legal is not None and legal(known) != known:
            changed = legal(known)
            if text.code is not None and known.replace("_", "-") == changed:
                made = self.printer.text(self.text(text))
                return Code(f"{made}.replace({self.printer.string('_')}, {self.printer.string('-')})")
            return self.printer.string(changed)
        return self.printer.text(self.text(text))

    def step(self, request: Request, name: str, about: str, lines: Iterable[str]) -> Step:
        """Finish a step: read what it needs from outside, and keep it."""
        lines = list(lines)
        used = _named("\n".join([*lines, *self.helpers.values()]))
        found = tuple(sorted((v for v in self.reads if v.code in used), key=lambda variable: variable.name))
        first: list[str] = []
        for variable in found:
            if variable.default is None:
                self.needed.add("os")
                first.append(f"{variable.code} = {_read(f'os.environ[{self.style.string(variable.name)}]', variable)}")
        passed = tuple((name, source) for name, source in self.secrets.items() if name in used)
        self.reads, self.secrets = set(), {}
        text = [line for part in (*dict.fromkeys(first), *lines) for line in part.split("\n")]
        made = Step(self._free(name), about, tuple(text), found, passed, request.reached in ("always", "uncalled"))
        self.steps.append(made)
        return made

    def _free(self, wanted: str) -> str:
        taken = {step.name for step in self.steps} | set(self.helpers)
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        return name

    def helper(self, name: str, template: str = "", **values: object) -> str:
        """A function or constant that several steps use; the answer is its name."""
        if name not in self.helpers:
            self.helpers[name] = render(f"v1/{template or name}", self.style.quote, name=name, **values)
        return name

    def render(self) -> str:
        """The whole script."""
        constants = {v.name: v for step in self.steps for v in step.variables if v.default is not None}
        if constants:
            self.needed.add("os")
        return (
            render(
                "v1/script",
                self.style.quote,
                source=posixpath.basename(self.source),
                name=posixpath.basename(self.path),
                made_from=", ".join(
                    posixpath.relpath(path, posixpath.dirname(self.path) or ".") for path in self.made_from
                ),
                imports=self._imports(),
                constants=[f"{name} = {self._default(variable)}" for name, variable in constants.items()],
                helpers=list(self.helpers.values()),
                steps=self.steps,
            )
            + "\n"
        )

    def _default(self, variable: Variable) -> str:
        name, default = self.style.string(variable.name), self.style.string(variable.default or "")
        return _read(f"os.environ.get({name}, {default})", variable)

    def _imports(self) -> list[str]:
        by_module: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self.wanted):
            by_module[IMPORTS[name]].append(name)
        lines = [f"import {module}" for module in sorted({*self.needed, "os", "sys"})]
        return [
            *lines,
            "",
            *(f"from {module} import {', '.join(names)}" for module, names in sorted(by_module.items())),
        ]


def _named(code: str) -> set[str]:
    """The names that a piece of the script reads, and the environment variables."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def _read(code: str, variable: Variable) -> str:
    """A read of the environment; a count is a number."""
    return f"int({code})" if variable.numeric else code


def slug(text: str) -> str:
    """A piece of a Python name."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
