"""What a plan wants against what there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import yaml

from batchai2aml.apply.desired import SECRETS, filled
from batchai2aml.apply.failures import Failure
from batchai2aml.apply.model import Change, Desired, Difference, Key, Seen
from batchai2aml.plan.model import Kind


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


def _subnet(value: object) -> object:
    """The name of a subnet, which a file may give alone or as an id."""
    return value.rstrip("/").rpartition("/")[2].lower() if isinstance(value, str) else value


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
        _Row("network_settings.subnet", False, _subnet),
        _Row("tags", True),
    ),
    "datastore": (
        _Row("type", False, _lower),
        _Row("account_name", True),
        _Row("container_name", True),
        _Row("file_share_name", True),
        _Row("endpoint", True),
    ),
    "environment": (_Row("image", False, _image), _Row("conda_file", False)),
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


def look_up(tree: Mapping[str, object], key: str) -> object:
    """The value at a dotted key, or None."""
    found: object = tree
    for step in key.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def differences(desired: Desired, seen: Seen, environment: Mapping[str, str]) -> Iterator[tuple[Difference, bool]]:
    """What differs, each with whether it can be changed; keys that the plan does not set are not compared."""
    tree = _with_conda(desired, filled(desired, environment))
    for row in _ROWS[desired.key.kind]:
        new, old = look_up(tree, row.key), seen.values.get(row.key)
        if new is None or (old is None and row.kept_back):
            continue
        if isinstance(new, Mapping) and row.key == "tags":
            known = old if isinstance(old, Mapping) else {}
            for name, value in new.items():
                if known.get(name) != value:
                    yield Difference(f"{row.key}.{name}", known.get(name), value), row.changes
        elif row.form(new) != row.form(old):
            yield Difference(row.key, old, new), row.changes


def _with_conda(desired: Desired, tree: dict[str, object]) -> dict[str, object]:
    """The tree with what the conda file says, in the place of its name."""
    name = tree.get("conda_file")
    if desired.key.kind != "environment" or not isinstance(name, str):
        return tree
    try:
        return {**tree, "conda_file": yaml.safe_load((desired.path.parent / name).read_text(encoding="utf-8"))}
    except (OSError, ValueError, yaml.YAMLError):
        return tree


def fulfilled(desired: Desired, seen: Seen | None, environment: Mapping[str, str]) -> bool:
    """Whether a resource is there as the plan wants it."""
    return seen is not None and seen.state == "ready" and not any(True for _ in differences(desired, seen, environment))


def change(desired: Desired, seen: Seen | Failure | None, environment: Mapping[str, str], submit: bool) -> Change:
    """What is to be done about a resource, by itself."""
    kind = desired.key.kind
    if isinstance(seen, Failure):
        return Change(desired, "unknown", reason=f"it could not be read: {seen}", remedy=seen.remedy)
    if kind == "job" and seen is None and not submit:
        return Change(desired, "unchanged", reason="--submit sends it")
    if kind == "job" and seen is None and desired.late:
        named = ", ".join(desired.late)
        return Change(desired, "blocked", reason=f"only its program knows {named}", remedy="submit it with its program")
    if seen is None:
        return Change(desired, "create")
    unseen = (_UNSEEN[kind],) if SECRETS.intersection(desired.given) and kind in _UNSEEN else ()
    if "build" in desired.tree:
        unseen = (*unseen, "whether its build context is still the same cannot be seen")
    found = list(differences(desired, seen, environment))
    others = tuple(difference for difference, _ in found)
    firm = tuple(difference for difference, changes in found if not changes)
    if firm:
        return Change(desired, "fixed", firm, remedy=_FIXED[kind], unseen=unseen, seen=seen)
    if seen.state == "failed" and kind != "job":
        reason = f"it is there, but failed ({seen.detail}); it is made again"
        return Change(desired, "create", reason=reason, unseen=unseen, seen=seen)
    if seen.state == "busy" and kind != "job":
        reason = f"Azure is at work on it ({seen.detail}); apply waits for it"
        return Change(desired, "update" if others else "create", others, reason, unseen=unseen, seen=seen)
    if others:
        return Change(desired, "update", others, unseen=unseen, seen=seen)
    reason = f"sent before as {desired.service_name}: {seen.detail}" if kind == "job" else ""
    return Change(desired, "unchanged", reason=reason, unseen=unseen, seen=seen)


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
                reason = next((why for need in _needed(found.desired, by_key) if (why := trouble(need))), None)
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
        return f"{need} is there, and failed" if state.action == "fixed" and _broken(state) else None

    return [settle(found) for found in changes]


def _broken(found: Change) -> bool:
    return found.seen is not None and found.seen.state == "failed"


def _needed(desired: Desired, by_key: Mapping[Key, Change]) -> Iterator[Key]:
    """What a resource needs: what its entry says, and its workspace."""
    yield from desired.needs
    if desired.key.kind != "workspace":
        yield from (
            key for key, other in by_key.items() if key.kind == "workspace" and other.desired.place == desired.place
        )
        yield Key("workspace", desired.place.workspace)
