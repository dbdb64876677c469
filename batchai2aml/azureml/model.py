"""What is emitted, before it is text: leaves are Python source (`Code`), trees are Azure ML's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias


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
    """A directory or `file` of a job: an input (data reference) or an output (upload or mount)."""

    id: str
    datastore: str
    path: Code | None
    direction: OneOf["input", "output"]
    many_nodes: bool = False
    file: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """An entry of `script_params`: an option (or a positional word) and its value; a bare option has None."""

    name: Code
    value: Code | Binding | None


IMAGE_TO_CHOOSE, FOLDER_TO_FILL = "TODO_batchai_image", "TODO_batchai_source"
"""What stands where a person must name an image, or put the script that was not found."""
METRIC, METRIC_GOAL = "metric", "minimize"
"""What a sweep of the service compares its runs by, until a person names something else."""
PLAN_VARIABLE = "BATCHAI_LAUNCH"
"""The environment variable that holds the launcher's plan where no file does."""


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
class Scale:
    """The nodes that a cluster keeps at least, and has at most; None for what stays."""

    least: Code
    most: Code | None


@dataclass(frozen=True, slots=True)
class Account:
    """The SSH account of a cluster's nodes."""

    name: Code
    password: Code | None
    key: Code | None


@dataclass(frozen=True, slots=True)
class Network:
    """The subnet of a cluster: its ARM id, and the resource group, the virtual network and the name in it."""

    id: Code
    group: Code
    network: Code
    subnet: Code


@dataclass(frozen=True, slots=True)
class Compute:
    """An AmlCompute cluster; `idle` is in seconds."""

    size: Code | None
    priority: Code
    scale: Scale
    idle: Code
    account: Account | None
    network: Network | None
    tags: tuple[tuple[Code, Code], ...]


@dataclass(frozen=True, slots=True)
class Registry:
    """A private image registry."""

    address: Code
    username: Code | None
    password: Code | None


@dataclass(frozen=True, slots=True)
class Mpi:
    """Processes that Azure ML starts through MPI."""

    per_node: Code


@dataclass(frozen=True, slots=True)
class ParameterServers:
    """TensorFlow's workers and parameter servers."""

    workers: Code
    servers: Code


@dataclass(frozen=True, slots=True)
class TorchProcesses:
    """
    PyTorch's processes, `total` of them on all nodes, or one on each when that is None.

    `choice` is an expression that says the back end when only the run knows it.
    """

    backend: OneOf["gloo", "nccl"]
    nodes: Code
    total: Code | None = None
    choice: Code | None = None


Distribution: TypeAlias = Mpi | ParameterServers | TorchProcesses


@dataclass(frozen=True, slots=True)
class Job:
    """
    A run of a script: on which nodes, in which image, with which arguments.

    `framework` is the toolkit's name where SDK v1 has an estimator of its own for it. `image` is None where the job
    named none; `packages` are then what it is known to need from pip, and `conda_file` where these are written, as far
    as they are. `limit` is in seconds. The environment is pairs, or an expression for a dictionary.
    `line` is what a shell runs in place of the script and its arguments, where the target takes that.
    """

    framework: OneOf["", "Chainer", "PyTorch", "TensorFlow"]
    source_directory: Code
    entry_script: Code
    compute: Code
    arguments: tuple[Argument, ...]
    nodes: Code
    distribution: Distribution | None
    gpu: bool
    image: Code | None
    shared_memory: Code | None
    environment: tuple[tuple[Code, Code], ...] | Code
    limit: Code
    registry: Registry | None = None
    launcher: Launcher | None = None
    bindings: tuple[Binding, ...] = ()
    line: tuple[Code | Binding, ...] = ()
    packages: tuple[str, ...] = ()
    conda_file: Code | None = None
