"""What the rewriter writes of Azure ML's Python SDK, whichever of its two generations it writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol
from typing import Literal as OneOf

from batchai2aml.azureml.model import Code, Compute, Datastore, Job, Scale, Wanted
from batchai2aml.azureml.search import Search
from batchai2aml.emit.style import Style


class File(Protocol):
    """The file that is written into: its style, what it must import, and its free names."""

    style: Style
    wanted: set[str]
    needed: set[str]

    def name(self, wish: str) -> str:
        """A variable that nothing in the file uses yet."""

    def again(self, wish: str) -> str:
        """A loop variable, which later loops may use again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What takes the place of a call: statements before it, and the expression for its answer, if it has one."""

    lines: tuple[str, ...] = ()
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """
    A workspace as a call names it.

    `credential` is the sign-in object of the program, if it has one; `makes_group` says that the program made the
    resource group, too, `recorded` that its other programs find the workspace through a configuration file, and
    `elsewhere` that it works with several resource groups.
    """

    name: Code
    group: Code
    subscription: Code
    credential: str = ""
    location: Code | None = None
    tags: Code | None = None
    makes_group: bool = False
    recorded: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """
    A cluster or a run that a call is about: a variable that holds it, or what is needed to look it up.

    The workspace and the names are asked for only where they are written, since each may need an import.
    """

    variable: str | None
    workspace: Callable[[], str]
    name: Callable[[], Code]
    experiment: Callable[[], str] = str


@dataclass(frozen=True, slots=True)
class Reading:
    """Where the values of a metric are: the output directory of a job, the file in it, and how they are read."""

    workspace: Callable[[], str]
    output: str
    datastore: str
    path: Code
    share: bool
    logfile: str
    regex: str
    reduced: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """
    A sweep that the service runs, as names and expressions of the new code.

    `make` is the function that makes a job from a dictionary; it is given `names`, the placeholders of the parameters
    in `space`. The sweep goes into the list `jobs`; `count` is how many combinations the `algorithm` tries.
    """

    names: str
    job: str
    jobs: str
    space: str
    make: str
    algorithm: OneOf["grid", "random"]
    count: str


class Sdk(ABC):
    """One generation of the SDK, writing into one file."""

    workspace_variable: ClassVar[str]
    job_variable: ClassVar[str]
    imports: ClassVar[Mapping[str, str]]
    """Where each name of the SDK is imported from."""
    classes: ClassVar[Mapping[str, str]]
    """What an object of each of Batch AI's classes became; others have no counterpart."""
    exceptions: ClassVar[Mapping[str, str]]
    """What the calls of each group raise; the key "" is for all others."""
    pollers: ClassVar[frozenset[str]]
    """Calls that answer with a poller, as Batch AI's did."""
    times_are_texts: ClassVar[bool]
    """Whether the times of a run are texts, and not those of `datetime`."""
    lost: ClassVar[frozenset[str]]
    """What the old exceptions had and the new ones have not."""
    fetching: ClassVar[str]
    """What fetches a file of a run, for a comment."""
    has_experiments: ClassVar[bool]
    """Whether experiments are objects, and not names."""
    makes_groups: ClassVar[bool]
    """Whether the creation of a workspace makes its resource group, too."""
    takes_lines: ClassVar[bool]
    """Whether a job takes a line for a shell, and not only a script with words."""
    names_outputs: ClassVar[bool]
    """Whether an output is fetched by its name, and not from its folder in a datastore."""
    takes_conda_files: ClassVar[bool]
    """Whether an environment is made of an image and a conda file."""
    keeps_storage: ClassVar[bool]
    """Whether data goes to storage through the storage's own client, and not through a datastore."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.style = file.style

    def want(self, *names: str) -> None:
        """Import names of the SDK."""
        self.file.wanted.update(names)

    def need(self, *modules: str) -> None:
        """Import modules."""
        self.file.needed.update(modules)

    def string(self, text: str) -> str:
        """A string literal."""
        return self.style.string(text)

    # signing in

    @abstractmethod
    def service_principal(self, tenant: Code, client: Code, secret: Code) -> str:
        """The sign-in object for a service principal."""

    @abstractmethod
    def credential(self, old: str) -> str | None:
        """The sign-in object that takes the place of one of the class `old`; None where that may stay."""

    # workspaces

    @abstractmethod
    def opened(self, credential: str) -> str:
        """The workspace that the configuration file names."""

    @abstractmethod
    def workspace_created(self, variable: str, place: Place) -> Answer:
        """A workspace is made, and is in `variable` from then on."""

    @abstractmethod
    def workspace_got(self, variable: str | None, workspace: Callable[[], str], place: Place) -> Answer:
        """A workspace is looked up; with a `variable`, this is where the program's client begins."""

    @abstractmethod
    def workspace_deleted(self, workspace: str, place: Callable[[], Place]) -> str:
        """A workspace is deleted."""

    @abstractmethod
    def workspace_updated(self, workspace: str, name: Code | None, tags: Code) -> Answer:
        """A workspace gets other tags."""

    @abstractmethod
    def workspaces(self, workspace: Callable[[], str], subscription: Callable[[], Code], group: Code | None) -> str:
        """All workspaces of a subscription, or of a resource group."""

    @abstractmethod
    def of_cluster(self, variable: str) -> str | None:
        """The workspace of a cluster that a variable holds, where the object knows it."""

    # clusters

    @abstractmethod
    def cluster_spec(self, made: Compute, name: Code | None) -> str:
        """The object that describes a cluster; its `name` where it is known already."""

    @abstractmethod
    def cluster_wanted(self, made: Compute) -> Wanted:
        """What the object sets."""

    @abstractmethod
    def cluster_created(self, variable: str, cluster: Resource, spec: str, again: bool, named: bool) -> Answer:
        """
        A cluster is made from its description `spec`.

        `again` says that the program has looked for it already, `named` that the description has its name.
        """

    @abstractmethod
    def cluster(self, cluster: Resource) -> str:
        """A cluster as it is now, looked up where no variable holds it."""

    @abstractmethod
    def cluster_reference(self, holder: str) -> str:
        """What a job names the cluster in `holder` by."""

    @abstractmethod
    def cluster_named(self, workspace: Callable[[], str], name: str) -> str:
        """What a job names a cluster of this name by."""

    @abstractmethod
    def cluster_updated(self, cluster: Resource, scale: Scale) -> Answer:
        """A cluster gets another size."""

    @abstractmethod
    def cluster_deleted(self, cluster: Resource) -> tuple[str, str, str]:
        """A cluster is deleted: what is called, the call on that, and the wait on it where the call only begins."""

    @abstractmethod
    def clusters(self, workspace: str) -> str:
        """All clusters of a workspace."""

    @abstractmethod
    def nodes(self, cluster: Resource) -> str:
        """The nodes of a cluster, with their addresses."""

    @abstractmethod
    def usages(self, workspace: str, location: Code | None) -> str:
        """What is used of the limits in a region."""

    # storage

    @abstractmethod
    def datastore(self, store: Datastore, workspace: str) -> str:
        """The statement that registers a datastore, or finds one that must be made by hand."""

    @abstractmethod
    def datastore_wanted(self, store: Datastore) -> Wanted:
        """What the registration sets."""

    # experiments and jobs

    @abstractmethod
    def experiment(self, workspace: Callable[[], str], name: Code) -> str:
        """What jobs name an experiment by."""

    @abstractmethod
    def experiments(self, workspace: str) -> str:
        """All experiments of a workspace."""

    @abstractmethod
    def experiment_deleted(self, workspace: Callable[[], str], experiment: str) -> list[str]:
        """An experiment is put away."""

    @abstractmethod
    def job(self, made: Job, workspace: Callable[[], str]) -> tuple[list[str], str]:
        """Statements that must come before a job, and the job itself."""

    @abstractmethod
    def job_wanted(self, made: Job) -> list[Wanted]:
        """What the job sets."""

    @abstractmethod
    def job_afterwards(self, made: Job, variable: str) -> list[str]:
        """Statements that complete a job once it has its name; without a `variable`, only whether there are any."""

    @abstractmethod
    def submitted(
        self, run: str, job: str, workspace: Callable[[], str], experiment: str, name: Code | None, tags: str
    ) -> list[str]:
        """A job is sent, and its run is in `run` from then on."""

    @abstractmethod
    def variables(self, job: str) -> str:
        """The dictionary of a job's environment variables, to be changed."""

    def space(self, found: Search) -> str:
        """What the service tries for a parameter; only SDK v2 has sweeps of the service."""
        raise NotImplementedError

    def sweep(self, made: Sweep) -> str:
        """The statements that make a job for all combinations; only SDK v2 has sweeps of the service."""
        raise NotImplementedError

    def trials(self, runs: str, workspace: Callable[[], str]) -> str:
        """The runs of the sweeps in a list; only SDK v2 has sweeps of the service."""
        raise NotImplementedError

    @abstractmethod
    def swept(
        self, run: str, job: str, workspace: Callable[[], str], experiment: str, prefix: str, served: bool = False
    ) -> list[str]:
        """A job of a sweep is sent, with its environment variables as tags; or, `served`, the sweep itself."""

    @abstractmethod
    def sent_again(self, job: str, workspace: Callable[[], str], experiment: str) -> str:
        """A job of a sweep that is sent once more."""

    # runs

    @abstractmethod
    def found(self, run: Resource) -> str:
        """A run: its variable, or a search by display name."""

    @abstractmethod
    def refreshed(self, run: str, workspace: Callable[[], str], again: bool) -> str:
        """What the service knows of a run by now; with `again`, the program expects that asking fails."""

    @abstractmethod
    def runs(self, workspace: Callable[[], str], experiment: str) -> str:
        """All runs of an experiment."""

    @abstractmethod
    def waited(self, run: str, workspace: Callable[[], str], shown: bool) -> list[str]:
        """The program waits for the end of a run; `shown`, with its output."""

    @abstractmethod
    def cancelled(self, run: str, workspace: Callable[[], str]) -> tuple[str, str, str]:
        """A run is stopped: what is called, the call on that, and the wait on it where the call only begins."""

    @abstractmethod
    def run_deleted(self, run: Callable[[], str], workspace: Callable[[], str]) -> Answer:
        """A run is deleted."""

    @abstractmethod
    def runs_deleted(self, workspace: Callable[[], str], runs: Callable[[], str]) -> list[str]:
        """All runs of a list are deleted."""

    @abstractmethod
    def status(self, run: str) -> str:
        """The state of a run."""

    @abstractmethod
    def status_of_info(self, info: str) -> str:
        """The state of a run, from what became of its execution info."""

    @abstractmethod
    def printed(self, code: str, workspace: Callable[[], str], cluster: bool) -> str:
        """The statement that prints how a cluster or a run is."""

    def title(self, run: str) -> str:
        """The name that a run was given."""
        return f"{run}.display_name"

    @abstractmethod
    def tags(self, run: str) -> str:
        """The tags of a run."""

    @abstractmethod
    def run_nodes(self, run: str, workspace: str) -> Answer:
        """The nodes that a run works on."""

    # what runs wrote

    @abstractmethod
    def files(self, run: str, workspace: Callable[[], str]) -> Answer:
        """The files that a run left by itself, its logs among them."""

    @abstractmethod
    def output_files(self, run: str, workspace: Callable[[], str], output: str, path: Code, store: Datastore) -> Answer:
        """The files in an output directory; `store` says where that is, its variable is empty where it is not bound."""

    @abstractmethod
    def file_name(self, file: str) -> str:
        """The name of a listed file."""

    @abstractmethod
    def fetched(self, run: str, file: str, target: str) -> str:
        """A listed file is copied to a local one."""

    @abstractmethod
    def metric(self, function: str, reading: Reading) -> str:
        """A function that reads the metric of a run."""
