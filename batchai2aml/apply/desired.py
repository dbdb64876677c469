"""The plan's folder as `apply` takes it: every resource with its place, its needs and its name in Azure."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from batchai2aml.apply.model import Desired, Key, Place
from batchai2aml.config import Misuse
from batchai2aml.plan.model import KINDS, Kind
from batchai2aml.plan.reading import BrokenYaml, Sheet, read
from batchai2aml.project.text import Unreadable, decode

INDEX = "plan.yml"
_HARMLESS = ("display_name", "experiment_name", "tags.")
"""What a job may lack that only its program knows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that a plan wants: the place that most of it belongs to, its resources in order, and what must be there."""

    folder: Path
    place: Place
    resources: tuple[Desired, ...]
    expected: tuple[Key, ...]
    unwritten: tuple[Key, ...]

    def get(self, key: Key) -> Desired | None:
        """The resource of a key."""
        return next((found for found in self.resources if found.key == key), None)


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


def wanted(
    plan: Path, subscription: str | None, group: str | None, workspace: str | None, complete: bool = True
) -> Wanted:
    """
    What a plan wants; the names given win over the plan's. Where it need not be `complete`, names may be missing.

    Raises:
        Misuse: a file cannot be read, or nothing says where the resources belong.

    """
    folder, index = folder_of(plan)
    sheet = _read(index)
    own = _config(folder)
    where = Place(
        subscription or os.environ.get("AZURE_SUBSCRIPTION_ID") or own.get("subscription_id", ""),
        group or _text(sheet.get("resource_group")) or own.get("resource_group", ""),
        workspace or _text(sheet.get("workspace")) or own.get("workspace_name", ""),
    )
    chosen = Place(subscription or "", group or "", workspace or "")
    entries = _list(sheet.get("resources"))
    resources = [
        made for entry in entries if isinstance(entry, dict) for made in _resources(folder, entry, where, chosen)
    ]
    if complete:
        _check_places(where, resources, index)
    several = len({made.place for made in resources}) > 1
    resources = [_renamed(made) for made in resources] if several else resources
    expected = tuple(key for text in _list(sheet.get("expected")) if (key := _key(str(text))) is not None)
    unwritten = tuple(
        Key(entry["kind"], str(entry.get("name")))
        for entry in _list(sheet.get("not_written"))
        if isinstance(entry, dict) and entry.get("kind") in KINDS and entry.get("name")
    )
    return Wanted(folder, where, tuple(resources), expected, unwritten)


def _check_places(where: Place, resources: list[Desired], index: Path) -> None:
    if any(not made.place.workspace for made in resources):
        raise Misuse(f"{index}: no workspace is named; give --workspace")
    if any(not made.place.group for made in resources):
        raise Misuse(f"{index}: no resource group is named; give --resource-group")
    if not where.subscription:
        raise Misuse("no subscription is named; give --subscription, or set AZURE_SUBSCRIPTION_ID")


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
    tree = _read(path).tree
    given = entry.get("set")
    places = [place for place in _list(entry.get("in")) if isinstance(place, dict)] or [{}]
    needs = tuple(key for text in _list(entry.get("needs")) if (key := _key(str(text))) is not None)
    late = tuple(str(key) for key in _list(entry.get("left_out")) if not str(key).startswith(_HARMLESS))
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
            named = _service_name(known, name, tree)
            yield Desired(Key(known, name), own, path, tree, named, variables, needs, late)


def _service_name(kind: Kind, name: str, tree: Mapping[str, object]) -> str:
    """
    The name in Azure.

    A job's own name is its idempotency key: what the file says, or else one made of the file's content, so that
    the same job is not sent twice and a changed one is another.
    """
    if kind != "job":
        return _text(tree.get("name")) or name
    own = _text(tree.get("name"))
    digest = hashlib.sha256(json.dumps(tree, sort_keys=True, default=str).encode()).hexdigest()[:10]
    return own or f"{re.sub(r'[^A-Za-z0-9_-]', '-', name)[:200]}-{digest}"


def _renamed(made: Desired) -> Desired:
    """The resource with the workspace in its key, and in those of its needs."""
    here = made.place.workspace
    needs = tuple(replace(key, workspace=here) for key in made.needs)
    return replace(made, key=replace(made.key, workspace=here), needs=needs)


def _key(text: str) -> Key | None:
    kind, _, name = text.partition("/")
    known = next((one for one in KINDS if one == kind), None)
    return Key(known, name) if known is not None and name else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


SECRETS = frozenset({"credentials.account_key", "credentials.password", "ssh_settings.admin_password"})
"""Keys whose values are never shown or compared."""


def unset(desired: Desired, environment: Mapping[str, str]) -> list[str]:
    """The variables of a resource that the environment does not hold."""
    return [name for name in dict.fromkeys(desired.given.values()) if not environment.get(name)]


def filled(desired: Desired, environment: Mapping[str, str], secrets: bool = False) -> dict[str, object]:
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
        if key in SECRETS and not secrets:
            holder.pop(last, None)
            continue
        before, value = holder.get(last), environment.get(name)
        if value is not None:
            place = f"${{{name}}}"
            holder[last] = before.replace(place, value) if isinstance(before, str) and place in before else value
    if tree.get("credentials") == {}:
        del tree["credentials"]
    return tree
