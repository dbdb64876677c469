"""The plan's folder as `apply` takes it: every resource with its place, its needs and its name in Azure."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from batchai2aml.apply.model import Desired, Key, Place
from batchai2aml.config import Misuse
from batchai2aml.plan.files import items
from batchai2aml.plan.model import KINDS, SECRET_KEYS
from batchai2aml.plan.reading import BrokenYaml, Sheet, read
from batchai2aml.project.text import Unreadable, decode

INDEX = "plan.yml"
_HARMLESS = ("display_name", "experiment_name", "tags.")
"""What a job may lack that only its program knows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that a plan wants: the place that most of it belongs to, and its resources in order."""

    folder: Path
    place: Place
    resources: tuple[Desired, ...]

    @property
    def outside(self) -> tuple[Desired, ...]:
        """What the resources need and the plan does not make."""
        own = {made.key for made in self.resources}
        needed = {need: made for made in self.resources for need in made.needs if need not in own}
        return tuple(
            Desired(need, made.place, self.folder, _version_of(need, made), need.name) for need, made in needed.items()
        )


def folder_of(plan: Path) -> tuple[Path, Path]:
    """
    The plan's folder and its index; `plan` is either of them.

    Raises:
        Misuse: there is no plan.

    """
    index = plan / INDEX if plan.is_dir() else plan
    if not index.is_file():
        raise Misuse(f"{index}: there is no plan; `batchai2aml convert --output DIR` writes one")
    return index.parent, index


def wanted(plan: Path, chosen: Place, environment: Mapping[str, str], complete: bool = True) -> Wanted:
    """
    What a plan wants; the names in `chosen` that are not empty win over the plan's.

    `environment` holds what the plan does not. Where it need not be `complete`, names may be missing.

    Raises:
        Misuse: a file cannot be read, or nothing says where the resources belong.

    """
    folder, index = folder_of(plan)
    sheet = _read(index)
    own = _config(folder)
    where = Place(
        chosen.subscription or environment.get("AZURE_SUBSCRIPTION_ID") or own.get("subscription_id", ""),
        chosen.group or _text(sheet.get("resource_group")) or own.get("resource_group", ""),
        chosen.workspace or _text(sheet.get("workspace")) or own.get("workspace_name", ""),
    )
    entries = items(sheet.get("resources"))
    resources = [
        _named(made, environment)
        for entry in entries
        if isinstance(entry, dict)
        for made in _resources(folder, entry, where, chosen)
    ]
    if complete:
        _check_places(where, resources, index)
    places = {made.place for made in resources}
    if len(places) > 1:
        alone = len({place.workspace for place in places}) == len(places)
        resources = [_renamed(made, alone) for made in resources]
    _check_needs(resources, index)
    return Wanted(folder, where, tuple(resources))


def _check_places(where: Place, resources: list[Desired], index: Path) -> None:
    if any(not made.place.workspace for made in resources):
        raise Misuse(f"{index}: no workspace is named; give --workspace")
    if any(not made.place.group for made in resources):
        raise Misuse(f"{index}: no resource group is named; give --resource-group")
    if not where.subscription:
        raise Misuse("no subscription is named; give --subscription, or set AZURE_SUBSCRIPTION_ID")


def _check_needs(resources: list[Desired], index: Path) -> None:
    """
    Refuse needs in a circle, and environments that a second run could not find.

    Raises:
        Misuse: there are some.

    """
    needs = {made.key: made.needs for made in resources}
    if len(needs) < len(resources):
        doubled = next(made.key for made in resources if sum(other.key == made.key for other in resources) > 1)
        raise Misuse(f"{index}: {doubled} is there twice")
    for made in resources:
        reached, found = set[Key](), list(made.needs)
        while found:
            key = found.pop()
            if key == made.key:
                raise Misuse(f"{index}: {made.key} needs itself; correct its needs")
            if key not in reached:
                reached.add(key)
                found += needs.get(key, ())
        if made.key.kind == "environment" and made.tree.get("version") is None:
            raise Misuse(f"{made.path}: the environment has no version; add one, such as `version: '1'`")


def _read(path: Path) -> Sheet:
    try:
        return read(path.as_posix(), decode(path.read_bytes()).text)
    except (BrokenYaml, Unreadable) as error:
        raise Misuse(f"{path}:{error.line or 1}: {error.message}; correct it, or convert again") from None
    except OSError as error:
        raise Misuse(f"{path}: cannot be read: {error.strerror}") from None


def _config(folder: Path) -> dict[str, str]:
    """The configuration of a workspace, as the portal gives it, beside the plan or above it."""
    for around in (folder, *folder.resolve().parents):
        for path in (around / "config.json", around / ".azureml" / "config.json"):
            try:
                found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
            except (OSError, ValueError):
                continue
            if isinstance(found, dict) and "workspace_name" in found:
                return {key: value for key, value in found.items() if isinstance(value, str)}
    return {}


def _resources(folder: Path, entry: Mapping[str, object], where: Place, chosen: Place) -> Iterator[Desired]:
    """A resource of the index, once for each workspace that it belongs to."""
    kind, name = entry.get("kind"), _text(entry.get("name"))
    known = next((one for one in KINDS if one == kind), None)
    if known is None:
        raise Misuse(f"{folder / INDEX}: '{kind}' is no kind of resource; known are {', '.join(KINDS)}")
    path = folder / _text(entry.get("file"))
    tree = _with_texts_as_keys(_read(path).tree)
    given = entry.get("set")
    places = [place for place in items(entry.get("in")) if isinstance(place, dict)] or [{}]
    needs = tuple(key for text in items(entry.get("needs")) if (key := _key(str(text))) is not None)
    late = tuple(str(key) for key in items(entry.get("left_out")) if not str(key).startswith(_HARMLESS))
    made: set[Place] = set()
    for place in places:
        own = Place(
            where.subscription,
            chosen.group or _text(place.get("resource_group")) or where.group,
            chosen.workspace or _text(place.get("workspace")) or where.workspace,
        )
        if known == "workspace":
            shown = chosen.workspace or name
            own = replace(own, group=chosen.group or _text(tree.get("resource_group")) or own.group, workspace=shown)
            name = shown
        if own not in made:
            made.add(own)
            variables = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
            yield Desired(Key(known, name), own, path, tree, name, variables, needs, late)


def _with_texts_as_keys(tree: Mapping[Any, object]) -> dict[str, object]:
    """The tree with keys that YAML takes for numbers or truths as texts, which is what Azure takes."""
    return {str(key): _with_texts_as_keys(value) if isinstance(value, dict) else value for key, value in tree.items()}


def _named(made: Desired, environment: Mapping[str, str]) -> Desired:
    """
    The resource with its name in Azure.

    A job's own name is its idempotency key: what the file says, or else one made of the file's content, so that
    the same job is not sent twice and a changed one is another. A cluster that the environment names is a need.
    """
    if made.key.kind != "job":
        return replace(made, service_name=_text(made.tree.get("name")) or made.key.name)
    tree = filled(made, environment)
    digest = hashlib.sha256(json.dumps(tree, sort_keys=True, default=str).encode()).hexdigest()[:10]
    own = _text(tree.get("name"))
    compute, needs = _text(tree.get("compute")).removeprefix("azureml:"), made.needs
    if "compute" in made.given and compute and "$" not in compute:
        needs = (*needs, Key("compute", compute))
    stem = re.sub(r"[^A-Za-z0-9_-]", "-", made.key.name)[:200]
    return replace(made, service_name=own or f"{stem}-{digest}", needs=needs)


def _version_of(need: Key, made: Desired) -> dict[str, object]:
    """The version of an environment that a job names."""
    found = re.search(rf"azureml:{re.escape(need.name)}:([^\"]+)\"", json.dumps(made.tree, default=str))
    return {"version": found[1]} if need.kind == "environment" and found is not None else {}


def _renamed(made: Desired, alone: bool) -> Desired:
    """The resource with its workspace in all keys, and with the group where that is not enough."""
    here = made.place.workspace if alone else f"{made.place.group}/{made.place.workspace}"
    needs = tuple(replace(key, workspace=here) for key in made.needs)
    return replace(made, key=replace(made.key, workspace=here), needs=needs)


def _key(text: str) -> Key | None:
    kind, _, name = text.partition("/")
    known = next((one for one in KINDS if one == kind), None)
    return Key(known, name) if known is not None and name else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def is_secret(key: str) -> bool:
    """Whether the values of a key are never shown or compared."""
    return key.rpartition(".")[2] in SECRET_KEYS


def secrets(desired: Desired) -> list[str]:
    """The variables that hold a resource's secrets."""
    return [name for key, name in desired.given.items() if is_secret(key)]


def unset(desired: Desired, environment: Mapping[str, str]) -> list[str]:
    """The variables of a resource that the environment does not hold."""
    return [name for name in dict.fromkeys(desired.given.values()) if not environment.get(name)]


def filled(desired: Desired, environment: Mapping[str, str], with_secrets: bool = False) -> dict[str, object]:
    """The resource's tree with what the environment holds; with secrets only where they are asked for."""
    tree = copy.deepcopy(dict(desired.tree))
    for key, name in desired.given.items():
        *above, last = key.split(".")
        holder = tree
        for step in above:
            inner = holder.setdefault(step, {})
            if not isinstance(inner, dict):
                break
            holder = inner
        if is_secret(key) and not with_secrets:
            holder.pop(last, None)
            continue
        before, value = holder.get(last), environment.get(name)
        if value is not None:
            place = f"${{{name}}}"
            holder[last] = before.replace(place, value) if isinstance(before, str) and place in before else value
    if tree.get("credentials") == {}:
        del tree["credentials"]
    return tree
