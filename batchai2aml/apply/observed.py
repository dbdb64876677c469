"""From the answers of Azure Resource Manager to values as the plan's files spell them (API version 2024-10-01)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

import yaml

from batchai2aml.apply.model import Seen
from batchai2aml.plan.model import Kind

Body: TypeAlias = Mapping[str, object]

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?")


def _seconds(value: object) -> object:
    """A duration of ISO 8601, in seconds."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _enabled(value: object) -> object:
    return None if value in (None, "NotSpecified") else value == "Enabled"


def _snake(value: object) -> object:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", value).lower() if isinstance(value, str) else value


def _conda(value: object) -> object:
    """A conda file, as the data that it holds."""
    try:
        return yaml.safe_load(value) if isinstance(value, str) else value
    except yaml.YAMLError:
        return value


BUILT_FROM = "batchai2aml.built_from"
"""The tag that says which folder an environment was built from: a digest of it."""


def _build(properties: object) -> object:
    """What an environment was built from; only who built it can say it in full."""
    if get(properties, "build") is None:
        return None
    tags = get(properties, "tags")
    return tags.get(BUILT_FROM, "another folder") if isinstance(tags, Mapping) else "another folder"


def _same(value: object) -> object:
    return value


_PLACES: Mapping[Kind, tuple[tuple[str, str, Callable[[object], object]], ...]] = {
    "workspace": (
        ("location", "location", _same),
        ("tags", "tags", _same),
        ("description", "properties.description", _same),
        ("display_name", "properties.friendlyName", _same),
    ),
    "compute": (
        ("size", "properties.properties.vmSize", _same),
        ("tier", "properties.properties.vmPriority", _snake),
        ("location", "properties.computeLocation", _same),
        ("min_instances", "properties.properties.scaleSettings.minNodeCount", _same),
        ("max_instances", "properties.properties.scaleSettings.maxNodeCount", _same),
        (
            "idle_time_before_scale_down",
            "properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown",
            _seconds,
        ),
        ("ssh_public_access_enabled", "properties.properties.remoteLoginPortPublicAccess", _enabled),
        ("ssh_settings.admin_username", "properties.properties.userAccountCredentials.adminUserName", _same),
        ("network_settings.subnet", "properties.properties.subnet.id", _same),
        ("tags", "tags", _same),
    ),
    "datastore": (
        ("type", "properties.datastoreType", _snake),
        ("account_name", "properties.accountName", _same),
        ("container_name", "properties.containerName", _same),
        ("file_share_name", "properties.fileShareName", _same),
        ("endpoint", "properties.endpoint", _same),
        ("credentials", "properties.credentials.credentialsType", _same),
    ),
    "environment": (
        ("image", "properties.image", _same),
        ("conda_file", "properties.condaFile", _conda),
        ("build", "properties", _build),
    ),
    "connection": (
        ("type", "properties.category", _snake),
        ("target", "properties.target", _same),
        ("credentials.username", "properties.credentials.username", _same),
    ),
    "job": (),
}
"""Each key of a file, and where the answer has it."""

_ENDED = frozenset({"succeeded", "failed", "canceled", "cancelled"})


def seen(kind: Kind, body: Body) -> Seen:
    """A resource, from the answer to a GET."""
    values = {key: form(get(body, path)) for key, path, form in _PLACES[kind]}
    if kind == "job":
        return Seen(values, "ready", str(get(body, "properties.status") or "sent"))
    if kind == "compute" and values["location"] is None:
        values["location"] = get(body, "location")
    state = str(get(body, "properties.provisioningState") or "Succeeded")
    if state.lower() == "succeeded":
        return Seen(values)
    if state.lower() in _ENDED:
        return Seen(values, "failed", _error_of(body) or state)
    return Seen(values, "busy", state)


def get(body: object, path: str) -> object:
    """The value at a dotted path, or None."""
    for step in path.split("."):
        body = body.get(step) if isinstance(body, Mapping) else None
    return body


def _error_of(body: Body) -> str:
    errors = get(body, "properties.provisioningErrors")
    first = errors[0] if isinstance(errors, list) and errors else None
    code, message = (get(first, f"error.{key}") or get(first, key) for key in ("code", "message"))
    return ": ".join(str(part) for part in (code, message) if part)


def error(body: object) -> tuple[str, str]:
    """Azure's code and message in an answer that says what went wrong: the innermost that has a message."""
    found = get(body, "error")
    code, message = "", ""
    while isinstance(found, Mapping):
        code = str(found.get("code") or code)
        message = str(found.get("message") or message)
        details = found.get("details")
        inner = details[0] if isinstance(details, list) and details else None
        found = inner if isinstance(inner, Mapping) and inner.get("code") and inner.get("message") else None
    return code, message
