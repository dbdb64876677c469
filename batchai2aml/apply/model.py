"""What `apply` works with: resources that a plan wants, what was seen of them, and what is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal as OneOf
from typing import TypeAlias

from batchai2aml.plan.model import Kind

Action: TypeAlias = OneOf["create", "update", "unchanged", "fixed", "blocked", "unknown"]
"""`fixed`: it exists, and what differs cannot be changed."""

WORDS: Mapping[Action, str] = {
    "create": "create",
    "update": "update in place",
    "unchanged": "unchanged",
    "fixed": "cannot be changed",
    "blocked": "blocked",
    "unknown": "unknown",
}
"""The actions as people read them."""


PROVIDER = "Microsoft.MachineLearningServices"
VERSION, RESOURCES_VERSION = "2024-10-01", "2021-04-01"
"""The API versions that are asked: of that provider, and of Resource Manager itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace, with the resource group and the subscription that it is in."""

    subscription: str
    group: str
    workspace: str


def group_path(place: Place) -> str:
    """The path of a resource group in Resource Manager."""
    return f"/subscriptions/{place.subscription}/resourceGroups/{place.group}"


def workspace_path(place: Place) -> str:
    """The path of a workspace in Resource Manager."""
    return f"{group_path(place)}/providers/{PROVIDER}/workspaces/{place.workspace}"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What tells resources apart: kind, name and, where a plan has several workspaces, the workspace."""

    kind: Kind
    name: str
    workspace: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" + (f" in {self.workspace}" if self.workspace else "")


@dataclass(frozen=True, slots=True)
class Desired:
    """
    A resource of the plan.

    `tree` is its file, in which values from the environment are still variables; `given` are the keys that the
    environment holds, `late` those that only the run of a program knows. `service_name` is the name in Azure, which for
    a job is made of its file's content.
    """

    key: Key
    place: Place
    path: Path
    tree: Mapping[str, object]
    service_name: str
    given: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[Key, ...] = ()
    late: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """
    A resource that exists: its values by key, as the plan's files spell them.

    `state` is `ready`, `busy` while Azure works on it, or `failed`; `detail` says which, in Azure's words.
    """

    values: Mapping[str, object]
    state: OneOf["ready", "busy", "failed"] = "ready"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that the plan wants otherwise."""

    path: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done about a resource, with why, what differs, and what cannot be seen."""

    desired: Desired
    action: Action
    differences: tuple[Difference, ...] = ()
    reason: str = ""
    remedy: str = ""
    unseen: tuple[str, ...] = ()
    seen: Seen | None = None

    @property
    def unsent(self) -> bool:
        """Whether it is a job that nobody has asked to send."""
        return self.desired.key.kind == "job" and self.action == "unchanged" and self.seen is None
