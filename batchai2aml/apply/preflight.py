"""What must hold before the first change: all problems in one list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from batchai2aml.apply.desired import filled, secrets, unset
from batchai2aml.apply.failures import Failure
from batchai2aml.apply.model import (
    PROVIDER,
    RESOURCES_VERSION,
    VERSION,
    Change,
    Desired,
    Place,
    group_path,
    workspace_path,
)
from batchai2aml.apply.observed import get
from batchai2aml.azureml.images import host
from batchai2aml.plan.files import items


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands in the way, and what to do about it."""

    about: str
    message: str
    remedy: str
    stops: bool = True


class Asker(Protocol):
    """What answers a GET of Resource Manager, and reads files as the SDK does."""

    def ask(self, path: str, version: str = VERSION) -> object:
        """The answer, or `Failure`."""

    def load(self, desired: Desired) -> object:
        """The SDK's object of a file, or `Failure`."""


def problems(
    changes: Sequence[Change], missing: Sequence[Place], azure: Asker, environment: Mapping[str, str]
) -> Iterator[Problem]:
    """
    The problems of what is to be done; what cannot be asked is left to the operations themselves.

    `missing` are the workspaces that are not there.
    """
    todo = [change for change in changes if change.action in ("create", "update")]
    yield from _variables(changes, environment)
    yield from _files(todo, azure, environment)
    yield from _images(todo, changes)
    for place in missing:
        yield from _group(place, azure)
    for place in dict.fromkeys(change.desired.place for change in todo):
        here = [change for change in todo if change.desired.place == place]
        yield from _provider(place, azure)
        yield from _permissions(place, here, azure)
        yield from _sizes(place, here, azure, environment)


def _variables(changes: Sequence[Change], environment: Mapping[str, str]) -> Iterator[Problem]:
    """Variables that are not set: those of secrets only where a secret goes along."""
    missing: dict[str, list[str]] = {}
    for change in changes:
        kind, hidden = change.desired.key.kind, secrets(change.desired)
        goes_along = change.action == "create" or (change.action == "update" and kind not in ("compute", "workspace"))
        for name in () if change.unsent else unset(change.desired, environment):
            if name in hidden and not goes_along:
                continue
            missing.setdefault(name, []).append(str(change.desired.key))
    for name, keys in missing.items():
        yield Problem(", ".join(keys), f"the environment variable {name} is not set", f"export {name}=...")


_OPEN = frozenset({"", "mcr.microsoft.com", "docker.io", "ghcr.io", "nvcr.io", "quay.io"})
"""Registries that everybody can read, in part; Azure's own are open to whoever has the role for it."""
_IMAGE = re.compile(r"[\w.:-]+(/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?")


def _images(todo: Sequence[Change], changes: Sequence[Change]) -> Iterator[Problem]:
    """Images by their names only: whether they are there, only Azure itself can find out."""
    targets = [str(c.desired.tree.get("target")) for c in changes if c.desired.key.kind == "connection"]
    opened = {re.sub(r"^https?://|/$", "", target) for target in targets}
    for change in todo:
        image, about = change.desired.tree.get("image"), str(change.desired.key)
        if change.desired.key.kind != "environment" or not isinstance(image, str):
            continue
        registry = host(image)
        if not _IMAGE.fullmatch(image):
            yield Problem(about, f"'{image}' is no name of an image", "correct it in its file")
        elif image.startswith("TODO_"):
            yield Problem(about, f"'{image}' stands for an image", "write the image's name into its file")
        elif registry not in _OPEN and registry not in opened and not registry.endswith(".azurecr.io"):
            remedy = "add a connection to it, if the workspace has none and it is not open to everybody"
            yield Problem(about, f"nothing in the plan opens the registry {registry}", remedy, stops=False)


def _asked(azure: Asker, path: str, version: str = VERSION) -> object:
    """An answer, or None where there is none to be had."""
    try:
        return azure.ask(path, version)
    except Failure:
        return None


_OF_WORKSPACE = frozenset({"$schema", "name", "resource_group", "location", "tags", "description", "display_name"})
"""What apply sets of a new workspace."""


def _files(todo: Sequence[Change], azure: Asker, environment: Mapping[str, str]) -> Iterator[Problem]:
    """Files that the SDK refuses, and workspaces that want more than apply gives them."""
    for change in todo:
        desired = change.desired
        if not unset(desired, environment):
            try:
                azure.load(desired)
            except Failure as failure:
                yield Problem(str(desired.key), failure.message, failure.remedy)
        more = sorted(set(desired.tree) - _OF_WORKSPACE)
        if desired.key.kind == "workspace" and change.action == "create" and more:
            remedy = f"az ml workspace create --file {desired.path}, and run apply again"
            yield Problem(str(desired.key), f"apply does not set {', '.join(more)} of a new workspace", remedy)


def _group(place: Place, azure: Asker) -> Iterator[Problem]:
    """Whether there is a group for a workspace that is not there."""
    try:
        azure.ask(group_path(place), RESOURCES_VERSION)
    except Failure as failure:
        if failure.code == "SubscriptionNotFound":
            yield Problem(place.subscription, "the subscription is not there", "check its id, and who is signed in")
        elif failure.code == "ResourceGroupNotFound":
            remedy = f"az group create --name {place.group} --location REGION"
            yield Problem(place.group, "the resource group is not there", remedy)


def _provider(place: Place, azure: Asker) -> Iterator[Problem]:
    provider = _asked(azure, f"/subscriptions/{place.subscription}/providers/{PROVIDER}", RESOURCES_VERSION)
    state = get(provider, "registrationState")
    if state in ("NotRegistered", "Unregistered"):
        yield Problem(
            PROVIDER, "the subscription has not registered it", f"az provider register --namespace {PROVIDER}"
        )


_ACTIONS: Mapping[str, str] = {
    "workspace": f"{PROVIDER}/workspaces/write",
    "compute": f"{PROVIDER}/workspaces/computes/write",
    "datastore": f"{PROVIDER}/workspaces/datastores/write",
    "environment": f"{PROVIDER}/workspaces/environments/versions/write",
    "connection": f"{PROVIDER}/workspaces/connections/write",
    "job": f"{PROVIDER}/workspaces/jobs/write",
}
"""What somebody must be allowed to do, by kind."""


def _permissions(place: Place, here: Sequence[Change], azure: Asker) -> Iterator[Problem]:
    """What the person may not do, by the resource group's answer and then by the workspace's; none is no answer."""
    scopes = (group_path(place), workspace_path(place))
    denied = [_ACTIONS[kind] for kind in dict.fromkeys(change.desired.key.kind for change in here)]
    for scope in scopes:
        asked = (
            _asked(azure, f"{scope}/providers/Microsoft.Authorization/permissions", "2022-04-01") if denied else None
        )
        entries = items(get(asked, "value"))
        if not entries and scope == scopes[0]:
            return
        denied = [action for action in denied if not any(_allows(entry, action) for entry in entries)]
    for action in denied:
        remedy = "ask for the role 'AzureML Data Scientist' or 'Contributor'"
        yield Problem("permissions", f"you may not do {action}", remedy)


def _allows(entry: object, action: str) -> bool:
    def matches(patterns: object) -> bool:
        texts = [str(pattern) for pattern in patterns] if isinstance(patterns, list) else []
        forms = (re.escape(text).replace(r"\*", ".*") for text in texts)
        return any(re.fullmatch(form, action, re.IGNORECASE) for form in forms)

    return matches(get(entry, "actions")) and not matches(get(entry, "notActions"))


def _sizes(place: Place, here: Sequence[Change], azure: Asker, environment: Mapping[str, str]) -> Iterator[Problem]:
    """Sizes that the region does not have, and clusters beyond the quota."""
    clusters = [change for change in here if change.desired.key.kind == "compute"]
    region = _region(place, here, azure) if clusters else None
    if region is None:
        return
    below = f"/subscriptions/{place.subscription}/providers/{PROVIDER}/locations/{region}"
    listed = items(get(_asked(azure, f"{below}/vmSizes"), "value"))
    sizes = {str(get(size, "name")).lower(): size for size in listed}
    usages = items(get(_asked(azure, f"{below}/usages"), "value"))
    taken: dict[str, int] = {}
    for change in clusters:
        tree = filled(change.desired, environment)
        size = str(tree.get("size") or "")
        known = sizes.get(size.lower())
        about = str(change.desired.key)
        if sizes and known is None:
            remedy = "name one of `az ml compute list-sizes` in its file, or convert with --vm-size OLD=NEW"
            yield Problem(about, f"the size {size} is not there in {region}", remedy)
        elif known is not None and change.seen is None:
            said = _over_quota(known, tree, usages, region, taken)
            if said is not None:
                yield Problem(about, said, "ask for more quota, or lower max_instances")


def _over_quota(
    size: object, tree: Mapping[str, object], usages: Sequence[object], region: str, taken: dict[str, int]
) -> str | None:
    """What is too much about a cluster, as far as the region's usages say; `taken` is what others before it take."""
    cores, nodes = get(size, "vCPUs"), tree.get("max_instances")
    low = "low" in str(tree.get("tier", "")).lower()
    family = "TotalLowPriorityCores" if low else str(get(size, "family") or "")
    row = next((u for u in usages if family and str(get(u, "name.value")).lower() == family.lower()), None)
    limit, used = get(row, "limit"), get(row, "currentValue")
    if not (isinstance(cores, int) and isinstance(nodes, int) and isinstance(limit, int) and isinstance(used, int)):
        return None
    used += taken.get(family, 0)
    taken[family] = taken.get(family, 0) + cores * nodes
    if limit < 0 or cores * nodes <= limit - used:
        return None
    left = f"{max(0, limit - used)} of {limit}"
    return f"{nodes} nodes of {cores} cores are more than what is left of {family} in {region}: {left}"


def _region(place: Place, here: Sequence[Change], azure: Asker) -> str | None:
    """The region of the clusters: their own, or the workspace's."""
    own = [c for c in here if c.desired.key.kind in ("compute", "workspace") and c.desired.tree.get("location")]
    own.sort(key=lambda change: change.desired.key.kind)
    if own:
        return str(own[0].desired.tree["location"])
    found = get(_asked(azure, workspace_path(place)), "location")
    return str(found) if found else None
