"""What is emitted, before it is text: leaves are Python source (`Code`), trees are Azure ML's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf


@dataclass(frozen=True, slots=True)
class Code:
    """A Python expression, ready to be printed."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What the output must set: a call with these keywords, or (without a function) a dict with these keys.

    An empty value stands for any.
    """

    function: str
    keywords: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Datastore:
    """A registered storage: a blob container or a file share; `placeholder` when it must be made by hand."""

    variable: str
    name: str
    kind: OneOf["blob", "file", "placeholder"]
    account: Code
    container: Code
    key: Code
    create: bool = False
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """A directory of a job: an input (data reference) or an output (upload or mount)."""

    id: str
    datastore: str
    path: Code | None
    direction: OneOf["input", "output"]
    many_nodes: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """An entry of `script_params`: an option (or a positional word) and its value; a bare option has None."""

    name: Code
    value: Code | Binding | None


@dataclass(frozen=True, slots=True)
class Launcher:
    """
    What the launcher must know beyond the command line; `script` is None when `command` is run instead.

    `line` are arguments that a shell takes apart, `args` those that stand for themselves; with `first_only` the
    program runs on the first node only.
    """

    script: Code | None = None
    command: Code | None = None
    python: Code | None = None
    args: tuple[Code, ...] = ()
    line: Code | None = None
    roles: tuple[tuple[str, tuple[Code, ...]], ...] = ()
    env: tuple[tuple[str, Code], ...] = ()
    prepare: Code | None = None
    secrets: tuple[tuple[str, str, str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    first_only: bool = False


@dataclass(frozen=True, slots=True)
class Compute:
    """An AmlCompute cluster: keyword arguments in the order of the SDK's signature."""

    arguments: tuple[tuple[str, Code], ...]


@dataclass(frozen=True, slots=True)
class Registry:
    """A private image registry."""

    address: Code
    username: Code | None
    password: Code | None


@dataclass(frozen=True, slots=True)
class Job:
    """
    A run as an estimator of SDK v1 describes it.

    `pytorch` is a `PyTorchConfiguration` that its run configuration needs beside what the estimator can be given.
    """

    estimator: str
    source_directory: Code
    entry_script: Code
    compute: Code
    arguments: tuple[Argument, ...]
    keywords: tuple[tuple[str, Code], ...]
    registry: Registry | None = None
    launcher: Launcher | None = None
    bindings: tuple[Binding, ...] = ()
    pytorch: Code | None = None
