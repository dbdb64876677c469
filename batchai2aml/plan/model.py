"""What a plan holds."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import TypeAlias

from batchai2aml.azureml.model import FOLDER_TO_FILL, METRIC, Code
from batchai2aml.emit.az import Tree
from batchai2aml.place import Where

Kind: TypeAlias = OneOf["workspace", "connection", "compute", "datastore", "environment", "job"]

KINDS: dict[Kind, str] = {
    "workspace": "workspaces",
    "connection": "connections",
    "compute": "computes",
    "datastore": "datastores",
    "environment": "environments",
    "job": "jobs",
}
"""The folder of each kind, in the order in which resources are made."""


SECRET_KEYS = frozenset(
    {"account_key", "admin_password", "client_secret", "password", "sas_token", "pat", "secret_access_key"}
)
"""Keys of the plan's files whose values are secrets."""

SETUP = "the setup task of cluster"
"""How a draft names where its lines are from, when nodes were prepared and not a job."""

Place: TypeAlias = "tuple[str | None, str | None]"
"""A workspace and its resource group, as far as the project names them."""


@dataclass(frozen=True, slots=True)
class Resource:
    """
    A resource, what it is made from, and the others that it needs, by kind and name.

    `given` are keys of the tree that the file does not hold, with the environment variables that do; `left_out` are
    values that only the run of the program knows, `late` those of them that a command sets, by their keys. `folder` is
    the job's code, below the project's root; `places` are the workspaces that it belongs to, each with its resource
    group.
    """

    kind: Kind
    name: str
    tree: Tree
    origin: tuple[Where, ...]
    needs: tuple[tuple[Kind, str], ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    late: Mapping[str, Code] = field(default_factory=dict)
    folder: str | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A resource that has no file, and why."""

    kind: Kind
    name: str
    origin: Where
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """
    The resources in the order in which they are made, and the place that most of them belong to.

    `made` are the computes and jobs that operations ask for, by the operation's index, as kind and name; `drafts` are
    Dockerfiles, and `conda_files` those of jobs without an image, by the environment that they are for.
    """

    place: Place
    resources: tuple[Resource, ...]
    unwritten: tuple[Unwritten, ...]
    made: Mapping[int, tuple[Kind, str]] = field(default_factory=dict)
    drafts: Mapping[str, str] = field(default_factory=dict)
    conda_files: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: Kind, name: str) -> Resource | None:
        """The resource of a name, if the plan has a file for it."""
        return next((found for found in self.resources if (found.kind, found.name) == (kind, name)), None)

    def reason(self, where: Where) -> str | None:
        """Why what a place asks for has no file."""
        return next((found.reason for found in self.unwritten if found.origin == where), None)

    def asked_by(self, index: int) -> Resource | None:
        """The resource that an operation asks for."""
        return self.of(*self.made[index]) if index in self.made else None

    @property
    def to_do(self) -> tuple[str, ...]:
        """What a person must do before the plan can be carried out."""
        found = [
            f"environments/{name}/conda.yml is a draft for jobs that named no image: complete its packages"
            for name in self.conda_files
        ]
        found += [
            f"job/{resource.name}: report the metric that it compares runs by ({METRIC}), or name another one"
            for resource in self.resources
            if resource.tree.get("type") == "sweep"
        ]
        found += [
            f"environments/{name}/Dockerfile is a draft with what a setup task installed: complete it, and write"
            f" `build: {{path: {name}}}` in place of the image of the environment that its jobs use"
            for name, draft in self.drafts.items()
            if SETUP in draft
        ]
        folders = {resource.folder: resource.name for resource in self.resources if resource.folder is not None}
        found += [
            f"job/{name}: put its script into {folder}"
            for folder, name in folders.items()
            if posixpath.basename(folder) == FOLDER_TO_FILL
        ]
        return tuple(found)
