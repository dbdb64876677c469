"""What a plan wants against what there is."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from batchai2aml.apply.desired import filled, secrets
from batchai2aml.apply.failures import Failure
from batchai2aml.apply.model import Change, Desired, Difference, Key, Seen
from batchai2aml.apply.observed import get
from batchai2aml.plan.model import Kind

_VARIABLE = re.compile(r"\$\{\w+\}")


@dataclass(frozen=True, slots=True)
class _Row:
    """
    A key of a file that is compared: whether it can be changed, and how its values are brought into one form.

    One that is `kept back` may be missing in Azure's answers although it is set.
    """

    key: str
    changes: bool = False
    form: Callable[[object], object] = lambda value: value
    kept_back: bool = False


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _tier(value: object) -> object:
    return re.sub(r"[^a-z]", "", value.lower()) if isinstance(value, str) else value


def _location(value: object) -> object:
    return value.replace(" ", "").lower() if isinstance(value, str) else value


def _address(value: object) -> object:
    return re.sub(r"^https?://|/$", "", value.lower()) if isinstance(value, str) else value


def _image(value: object) -> object:
    return value.removeprefix("docker.io/") if isinstance(value, str) else value


_ROWS: Mapping[Kind, tuple[_Row, ...]] = {
    "workspace": (
        _Row("location", False, _location),
        _Row("description", True),
        _Row("display_name", True),
        _Row("tags", True),
    ),
    "compute": (
        _Row("size", False, _lower),
        _Row("tier", False, _tier),
        _Row("location", False, _location),
        _Row("min_instances", True),
        _Row("max_instances", True),
        _Row("idle_time_before_scale_down", True),
        _Row("ssh_public_access_enabled", False, kept_back=True),
        _Row("ssh_settings.admin_username", False, kept_back=True),
        _Row("network_settings.subnet"),
        _Row("tags", True),
    ),
    "datastore": (
        _Row("type", False, _lower),
        _Row("account_name", True),
        _Row("container_name", True),
        _Row("file_share_name", True),
        _Row("endpoint", True),
    ),
    "environment": (_Row("image", False, _image), _Row("conda_file"), _Row("build")),
    "connection": (
        _Row("type", False, _lower),
        _Row("target", True, _address),
        _Row("credentials.username", True, kept_back=True),
    ),
    "job": (),
}
"""What is compared, by kind (AZURE 6 says what the service lets change); other keys are not looked at."""

_UNSEEN: Mapping[Kind, str] = {
    "datastore": "whether its key is still the right one cannot be seen",
    "connection": "whether its password is still the right one cannot be seen",
    "compute": "whether its password is still the right one cannot be seen",
}

_FIXED: Mapping[Kind, str] = {
    "workspace": "take the value from the workspace into the plan, or name another workspace",
    "compute": "give the cluster another name in the plan, or delete it (az ml compute delete) and run apply again",
    "datastore": "give the datastore another name in the plan, and in the jobs that use it",
    "environment": "raise the version in its file, and in the jobs that name it",
    "connection": "give the connection another name in the plan",
    "job": "",
}


def differences(desired: Desired, seen: Seen, environment: Mapping[str, str]) -> Iterator[tuple[Difference, bool]]:
    """
    What differs, each with whether it can be changed.

    Keys that the plan does not set are not compared, but for what an environment is made of; nor are those whose
    variable is not set.
    """
    kind = desired.key.kind
    tree = as_made(desired, environment)
    for row in _ROWS[kind]:
        new, old = get(tree, row.key), seen.values.get(row.key)
        if isinstance(new, str) and _VARIABLE.search(new):
            continue
        if (new is None and kind != "environment") or (old is None and row.kept_back):
            continue
        if isinstance(new, Mapping) and row.key == "tags":
            known = old if isinstance(old, Mapping) else {}
            for name, value in new.items():
                if known.get(name) != value:
                    yield Difference(f"{row.key}.{name}", known.get(name), value), row.changes
        elif not _alike(row, old, new):
            yield Difference(row.key, old, new), row.changes


def _alike(row: _Row, old: object, new: object) -> bool:
    if row.key == "network_settings.subnet" and isinstance(old, str) and isinstance(new, str):
        whole = new.startswith("/")
        return old.lower().rstrip("/") == new.lower().rstrip("/") if whole else _name(old) == _name(new)
    return row.form(old) == row.form(new)


def _name(value: str) -> str:
    return value.rstrip("/").rpartition("/")[2].lower()


def as_made(desired: Desired, environment: Mapping[str, str]) -> dict[str, object]:
    """The tree with what the environment holds, what a conda file says, and a digest of what an image is built from."""
    tree = filled(desired, environment)
    if desired.key.kind != "environment":
        return tree
    folder, conda, build = desired.path.parent, tree.get("conda_file"), tree.get("build")
    if isinstance(conda, str):
        with contextlib.suppress(OSError, ValueError, yaml.YAMLError):
            tree = {**tree, "conda_file": yaml.safe_load((folder / conda).read_text(encoding="utf-8"))}
    if isinstance(build, Mapping) and isinstance(build.get("path"), str):
        tree = {**tree, "build": _digest(folder / str(build["path"]))}
    return tree


def _digest(folder: Path) -> str:
    """A digest of the names and contents of a folder's files."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def fulfilled(desired: Desired, seen: Seen | None, environment: Mapping[str, str]) -> bool:
    """Whether a resource is there as the plan wants it."""
    return seen is not None and seen.state == "ready" and not any(True for _ in differences(desired, seen, environment))


def change(desired: Desired, seen: Seen | Failure | None, environment: Mapping[str, str], submit: bool) -> Change:
    """What is to be done about a resource, by itself."""
    kind = desired.key.kind
    if isinstance(seen, Failure):
        return Change(desired, "unknown", reason=f"it could not be read: {seen}", remedy=seen.remedy)
    if kind == "job":
        return _job(desired, seen, submit)
    if seen is None:
        return Change(desired, "create")
    unseen = (_UNSEEN[kind],) if secrets(desired) and kind in _UNSEEN else ()
    found = list(differences(desired, seen, environment))
    others = tuple(difference for difference, _ in found)
    firm = tuple(difference for difference, changes in found if not changes)
    if firm:
        return Change(desired, "fixed", firm, remedy=_FIXED[kind], unseen=unseen, seen=seen)
    if seen.state == "failed":
        reason = f"it is there, but failed ({seen.detail}); it is made again"
        return Change(desired, "create", reason=reason, unseen=unseen, seen=seen)
    if seen.state == "busy":
        reason = f"Azure is at work on it ({seen.detail}); apply waits for it"
        return Change(desired, "update" if others else "create", others, reason, unseen=unseen, seen=seen)
    if others and kind == "datastore" and seen.values.get("credentials") != "None" and not secrets(desired):
        reason = "its key would be lost, which only a key in the plan can replace"
        remedy = "add `set: {credentials.account_key: VARIABLE}` to its entry in plan.yml, and set that variable"
        return Change(desired, "blocked", others, reason, remedy, seen=seen)
    return Change(desired, "update" if others else "unchanged", others, unseen=unseen, seen=seen)


def _job(desired: Desired, seen: Seen | None, submit: bool) -> Change:
    if seen is None and not submit:
        return Change(desired, "unchanged", reason="--submit sends it")
    if seen is None and desired.late:
        named = ", ".join(desired.late)
        return Change(desired, "blocked", reason=f"only its program knows {named}", remedy="submit it with its program")
    if seen is None:
        return Change(desired, "create")
    again = "to send it again, change its file, for example its tags" if seen.detail in ("Failed", "Canceled") else ""
    return Change(desired, "unchanged", (), f"sent before as {desired.service_name}: {seen.detail}", again, seen=seen)


def blocked(changes: list[Change], absent: Mapping[Key, str]) -> list[Change]:
    """
    The changes, with those blocked that need what will not be there.

    `absent` are resources outside the plan that are needed and missing, with why.
    """
    by_key = {found.desired.key: found for found in changes}
    result: dict[Key, Change] = {}

    def settle(found: Change) -> Change:
        key = found.desired.key
        if key not in result:
            result[key] = found
            if found.action in ("create", "update"):
                reason = next((why for need in needed(found.desired) if (why := trouble(need))), None)
                if reason is not None:
                    result[key] = Change(found.desired, "blocked", found.differences, reason, seen=found.seen)
        return result[key]

    def trouble(need: Key) -> str | None:
        if need in absent:
            return f"{need}: {absent[need]}"
        other = by_key.get(need)
        if other is None:
            return None
        state = settle(other)
        if state.action in ("blocked", "unknown"):
            return f"{need} is {state.action}"
        if state.action == "fixed" and need.kind != "workspace":
            return f"{need} is there otherwise than the plan wants it"
        return None

    return [settle(found) for found in changes]


def needed(desired: Desired) -> Iterator[Key]:
    """What a resource needs: what its entry says, and its workspace."""
    yield from desired.needs
    if desired.key.kind != "workspace":
        yield Key("workspace", desired.place.workspace, desired.key.workspace)
