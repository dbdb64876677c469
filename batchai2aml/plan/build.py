"""From what a project does with Batch AI to the resources that Azure ML needs for it."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal as OneOf

from batchai2aml.azureml import images, names
from batchai2aml.azureml.model import IMAGE_TO_CHOOSE, Code, Datastore, Job, Registry
from batchai2aml.batchai.model import Operation
from batchai2aml.emit import az
from batchai2aml.mapping import compute as clusters
from batchai2aml.mapping.body import Body
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.job import Mapped
from batchai2aml.mapping.preview import mapped
from batchai2aml.mapping.printing import Printer, Unprintable
from batchai2aml.mapping.storage import Mount
from batchai2aml.mapping.toolkits import NoToolkit
from batchai2aml.plan import sweeps
from batchai2aml.plan.dockerfiles import dockerfile
from batchai2aml.plan.files import MARK
from batchai2aml.plan.model import KINDS, SETUP, Kind, Place, Plan, Resource, Unwritten
from batchai2aml.project.secrets import REGISTRY_PASSWORD, storage_key
from batchai2aml.values import Expression, Literal, Parts, Value

CLUSTER = "BATCHAI_CLUSTER"
"""The environment variable for the cluster of a job that names none."""
STORAGE_ACCOUNT = "AZURE_BATCHAI_STORAGE_ACCOUNT"
"""The environment variable for a storage account that only the run knows."""


def build(facts: Facts, settable: Container[int] = ()) -> Plan:
    """The plan for a project; the operations in `settable` are commands, which can set values that are not written."""
    draft = _Draft(facts, settable)
    for operation in facts.operations:
        if operation.op == "workspaces.create":
            draft.add_workspace(operation)
        elif operation.op == "clusters.create" and operation.fields:
            draft.add_compute(operation)
    for operation in facts.jobs():
        if operation.fields:
            draft.add_job(operation)
    order = list(KINDS)
    made = sorted(draft.resources, key=lambda found: order.index(found.kind))
    asked: dict[int, tuple[Kind, str]] = {index: ("compute", name) for index, name in draft.computes.items()}
    asked |= {index: ("job", name) for index, name in draft.jobs.items()}
    return Plan(_most_common(facts), tuple(made), tuple(draft.unwritten), asked, draft.dockerfiles(), draft.conda_files)


def _most_common(facts: Facts) -> Place:
    """The workspace and resource group that most operations name."""
    found = Counter(place for operation in facts.operations if any(place := _place_of(operation)))
    return found.most_common(1)[0][0] if found else (None, None)


def _place_of(operation: Operation) -> Place:
    known = _known(operation.name if operation.op.startswith("workspaces.") else operation.workspace)
    return (names.workspace(known) if known else None, _known(operation.resource_group))


def _known(value: Value | None) -> str | None:
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None


@dataclass(eq=False)
class _Draft:
    facts: Facts
    settable: Container[int]
    resources: list[Resource] = field(default_factory=list)
    unwritten: list[Unwritten] = field(default_factory=list)
    computes: dict[int, str] = field(default_factory=dict)
    jobs: dict[int, str] = field(default_factory=dict)
    open_accounts: dict[str, int] = field(default_factory=dict)
    prepared: dict[str, tuple[str, list[tuple[str, str]]]] = field(default_factory=dict)
    conda_files: dict[str, str] = field(default_factory=dict)

    @property
    def printer(self) -> Printer:
        return Printer(self.facts.style, self.facts.settings, lambda module: None)

    def add(self, resource: Resource, other_name: Callable[[int], str] | None = None) -> str:
        """
        Keep a resource; the answer is its name, another one when a different resource has it already.

        The same resource from several places is one; names that differ in case only would be one file on some disks.
        """
        number, wanted = 2, resource
        while True:
            key = (wanted.kind, wanted.name.lower())
            there = next((r for r in self.resources if (r.kind, r.name.lower()) == key), None)
            if there is None:
                self.resources.append(wanted)
                return wanted.name
            if there.tree == wanted.tree and there.kind != "job":
                origin = tuple(dict.fromkeys((*there.origin, *wanted.origin)))
                places = tuple(dict.fromkeys((*there.places, *wanted.places)))
                self.resources[self.resources.index(there)] = replace(there, origin=origin, places=places)
                return there.name
            name = other_name(number) if other_name is not None else f"{resource.name}-{number}"
            tree = {**resource.tree, "name": name} if "name" in resource.tree else resource.tree
            wanted, number = replace(resource, name=name, tree=tree), number + 1

    def add_workspace(self, operation: Operation) -> None:
        """`workspaces.create`."""
        name = _known(operation.name)
        if name is None:
            self._unwritten("workspace", operation, "its name is known only when the program runs")
            return
        given = {argument.path: _known(argument.value) for argument in operation.arguments}
        location = given.get("location") or _known(operation.get("location"))
        legal = names.workspace(name)
        tree = az.workspace(legal, _known(operation.resource_group), location)
        self.add(self._resource("workspace", legal, tree, operation))

    def _resource(
        self, kind: Kind, name: str, tree: az.Tree, operation: Operation, given: Mapping[str, str] | None = None
    ) -> Resource:
        return Resource(kind, name, tree, (operation.where,), given=given or {}, places=(_place_of(operation),))

    def add_compute(self, operation: Operation) -> None:
        """`clusters.create`."""
        name = _known(operation.name)
        if name is None:
            self._unwritten("compute", operation, "its name is known only when the program runs")
            return
        largest = max((_nodes(job) for job in self.facts.jobs()), default=0)
        legal = names.compute(name)
        try:
            made = clusters.compute(Body.of(operation.fields), largest or None, self.printer)
            tree, given = az.compute(made, legal)
        except (az.OnlyAtRun, Unprintable) as error:
            self._unwritten("compute", operation, str(error))
            return
        found = self._resource("compute", legal, tree, operation, given=given)
        self.computes[operation.index] = self.add(found, lambda number: f"{legal[:21]}-v{number}")

    def add_job(self, operation: Operation) -> None:
        """`jobs.create`."""
        if Body.of(operation.fields).open:
            self._unwritten("job", operation, "a list of its parameters is known only when the program runs")
            return
        try:
            run = mapped(operation, self.facts, lines=True)
            self._job(operation, run)
        except (az.OnlyAtRun, Unprintable, NoToolkit) as error:
            self._unwritten("job", operation, str(error))

    def _job(self, operation: Operation, run: Mapped) -> None:
        late: az.Late = {}
        given: dict[str, str] = {}
        compute = self._compute_of(operation)
        if compute is None and operation.index in self.settable:
            compute = self._set_compute(operation, late, given)
        if compute is None:
            self._unwritten("job", operation, "the name of its cluster is known only when the program runs")
            return
        folder = posixpath.normpath(
            posixpath.join(self.facts.files.seen_from(operation.where.path).folder, az.text(run.job.source_directory))
        )
        if folder.startswith(".."):
            self._unwritten("job", operation, "the folder of its script is outside the project")
            return
        stores, needs = self._stores(operation, run)
        tried = self._sweep(operation)
        # nothing is kept before the whole job could be written
        settable = operation.index in self.settable
        body = az.job(run.job, "", "", compute, stores, late if settable or tried is not None else None)
        body["code"] = posixpath.relpath(folder, "azureml/jobs")
        trial = body
        if tried is not None:
            (body, trial), late = sweeps.tree(body, late, tried), {}
        environment = self._environment(operation, run.job)
        image = az.text(run.job.image) if run.job.image is not None else images.OWN
        self._prepare(environment, image, [*self._setup(compute), *_preparation(operation)])
        named: list[tuple[Kind, str]] = [] if given or "compute" in late else [("compute", compute)]
        needs = [*named, *needs, ("environment", environment)]
        if run.job.registry is not None:
            needs.append(("connection", self._connection(operation, run.job.registry)))
        trial["environment"] = f"azureml:{environment}:1"
        titles, left_out = self._titles(operation)
        tree = {"$schema": body.pop("$schema"), "type": body.pop("type"), **titles, **body}
        shown = _known(operation.name) or posixpath.basename(operation.where.path).split(".")[0]
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", shown).strip("-") or "job"
        found = self._resource("job", stem, tree, operation, given)
        found = replace(found, needs=tuple(needs), left_out=(*left_out, *late), late=late, folder=folder)
        self.jobs[operation.index] = self.add(found, lambda number: f"{stem}-{number}")

    def _sweep(self, operation: Operation) -> sweeps.Sweep | None:
        """The sweep of the service that a job becomes, if it is one of many."""
        if not sweeps.is_generated(operation):
            return None
        if self.facts.settings.sweeps != "service":
            raise Unprintable(sweeps.LOOP)
        return sweeps.sweep(operation, self.facts)

    def _titles(self, operation: Operation) -> tuple[dict[str, object], tuple[str, ...]]:
        """The job's own name, its experiment and its tags."""
        found: dict[str, object] = {}
        left_out: list[str] = []
        if operation.name is not None:
            name = _known(operation.name)
            found |= {"display_name": name} if name is not None else {}
            left_out += [] if name is not None else ["display_name"]
        experiment = operation.experiment or operation.get("properties.experimentName")
        stem = posixpath.basename(operation.where.path).split(".")[0]
        known = _known(experiment)
        if experiment is not None and known is None:
            left_out.append("experiment_name")
        else:
            found["experiment_name"] = names.experiment(known or stem)
        tags = {f.path[5:]: _known(f.value) for f in operation.fields if f.path.startswith("tags.")}
        left_out += [f"tags.{name}" for name, value in tags.items() if value is None]
        written = {name: value for name, value in tags.items() if value is not None}
        return {**found, **({"tags": written} if written else {})}, tuple(left_out)

    def _compute_of(self, operation: Operation) -> str | None:
        """The compute that a job runs on: the one that the plan makes, or else one that must be there."""
        value = operation.get("properties.cluster.id")
        made = [op for op in self.facts.operations if op.index in self.computes]
        if value is None:
            return self.computes[made[0].index] if len(made) == 1 else None
        name = self._cluster_name(value)
        if name is None:
            return None
        same = [op for op in made if _known(op.name) == name]
        here = [op for op in same if op.where.path == operation.where.path]
        chosen = (here or same)[-1:]
        return self.computes[chosen[0].index] if chosen else names.compute(name)

    @staticmethod
    def _set_compute(operation: Operation, late: az.Late, given: dict[str, str]) -> str:
        """What stands for the compute of a job whose command says it, or whose document does not."""
        value = operation.get("properties.cluster.id")
        if isinstance(value, Expression):
            late["compute"] = Code(value.code)
        else:
            given["compute"] = CLUSTER
        return f"${{{CLUSTER}}}"

    def _cluster_name(self, value: Value) -> str | None:
        match value:
            case Literal(str(known)):
                return posixpath.basename(known.rstrip("/"))
            case Expression(_, int(index)):
                return _known(next((op.name for op in self.facts.operations if op.index == index), None))
            case Parts(parts) if isinstance(parts[-1], str) and "/" in parts[-1]:
                return posixpath.basename(parts[-1].rstrip("/"))
        return None

    def _stores(self, operation: Operation, run: Mapped) -> tuple[dict[str, str], list[tuple[Kind, str]]]:
        """The datastores that a job binds: their names in the plan, by those in the job."""
        used = {binding.datastore for binding in run.job.bindings}
        found: dict[str, str] = {}
        for mount in run.mounts:
            if mount.datastore in used and mount.datastore not in found:
                found[mount.datastore] = self._store(operation, mount)
        return found, [("datastore", name) for name in dict.fromkeys(found.values())]

    def _store(self, operation: Operation, mount: Mount) -> str:
        if mount.kind == "placeholder":
            reason = "copy the data of the file server into blob or file storage, and register that under this name"
            self._unwritten("datastore", operation, reason, mount.datastore)
            return mount.datastore
        empty = Code("''")
        account, container = self.printer.text(mount.account), self.printer.text(mount.container)
        kind: OneOf["blob", "file"] = "blob" if mount.kind == "blob" else "file"
        store = Datastore(mount.datastore, mount.datastore, kind, account, container, empty, endpoint=mount.endpoint)
        variable = storage_key(mount.account.known, self.accounts)
        given = {"credentials.account_key": variable}
        if mount.account.known is None:
            given["account_name"] = self._account_variable(account.text)
        try:
            tree = az.datastore(store, given.get("account_name"))
        except az.OnlyAtRun as error:
            self._unwritten("datastore", operation, str(error), mount.datastore)
            return mount.datastore
        found = self._resource("datastore", mount.datastore, tree, operation, given)
        stem = f"{mount.datastore}_{names.slug(az.text(container))}"
        return self.add(found, lambda number: stem if number == 2 else f"{stem}_{number - 1}")

    def _account_variable(self, code: str) -> str:
        """The environment variable for an account that only the run knows."""
        number = self.open_accounts.setdefault(code, len(self.open_accounts) + 1)
        return STORAGE_ACCOUNT if number == 1 else f"{STORAGE_ACCOUNT}_{number}"

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The storage accounts that the project names."""
        return frozenset(
            known
            for operation in self.facts.operations
            for found in operation.fields
            if found.path.endswith(".accountName") and (known := _known(found.value))
        )

    def _environment(self, operation: Operation, job: Job) -> str:
        if job.image is None:
            return self._conda(operation, job)
        image = az.text(job.image)
        stem = re.sub(r"@.*|:[^/]*$", "", image).rsplit("/", 1)[-1]
        name = names.ours(stem)
        return self.add(self._resource("environment", name, az.environment(name, "1", image), operation))

    def _conda(self, operation: Operation, job: Job) -> str:
        """Azure ML's own image with what a job without an image needs, shared by jobs that need the same."""
        content, number = az.conda_file(job.packages, MARK), 1
        while True:
            name = names.ours("conda" if number == 1 else f"conda-{number}")
            if self.conda_files.setdefault(name, content) == content:
                tree = az.environment(name, "1", images.OWN, f"{name}/conda.yml")
                return self.add(self._resource("environment", name, tree, operation))
            number += 1

    def _prepare(self, environment: str, image: str, commands: list[tuple[str, str]]) -> None:
        """Keep what installs software for the jobs of an environment."""
        known = self.prepared.setdefault(environment, (image, []))[1] if commands else []
        known += [command for command in commands if command not in known]

    def _setup(self, compute: str) -> list[tuple[str, str]]:
        """The setup task of the cluster that a compute stands for."""
        clusters = [op for op in self.facts.operations if self.computes.get(op.index) == compute]
        tasks = [(op, _known(op.get("properties.nodeSetup.setupTask.commandLine"))) for op in clusters]
        return [(f"{SETUP} {_known(op.name)}", task) for op, task in tasks if task]

    def dockerfiles(self) -> dict[str, str]:
        """The drafts, by environment; a cluster that no job of the plan runs on has one of its own."""
        found = {name: dockerfile(image, commands) for name, (image, commands) in self.prepared.items()}
        told = "".join(found.values())
        for name in self.computes.values():
            setup = self._setup(name)
            if setup and not any(f"# {origin}\n" in told for origin, _ in setup):
                found[f"setup-of-{name}"] = dockerfile(IMAGE_TO_CHOOSE, setup)
        return found

    def _connection(self, operation: Operation, registry: Registry) -> str:
        name = names.ours(az.text(registry.address))
        tree = az.connection(registry, name)
        given = {"credentials.password": REGISTRY_PASSWORD} if registry.password is not None else {}
        return self.add(self._resource("connection", name, tree, operation, given))

    def _unwritten(self, kind: Kind, operation: Operation, reason: str, name: str = "") -> None:
        shown = name or _known(operation.name) or ""
        found = Unwritten(kind, shown, operation.where, reason)
        if all((u.kind, u.name, u.reason) != (kind, shown, reason) or kind == "job" for u in self.unwritten):
            self.unwritten.append(found)


def _preparation(operation: Operation) -> list[tuple[str, str]]:
    command = _known(operation.get("properties.jobPreparation.commandLine"))
    return [(f"the preparation of job {_known(operation.name) or '?'}", command)] if command else []


def _nodes(operation: Operation) -> int:
    value = operation.get("properties.nodeCount")
    return value.count if isinstance(value, Literal) else 0
