"""The leaves of a parameter object, by their REST paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from batchai2aml.batchai import schema
from batchai2aml.batchai.schema.types import camel
from batchai2aml.readers.python.domain import (
    Abstract,
    Const,
    Mapping,
    ModelObject,
    Result,
    Sequence,
    Slot,
    Unknown,
)
from batchai2aml.readers.python.scope import Scope
from batchai2aml.text import Text
from batchai2aml.values import Expression, Literal, Secret, Value


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar of a body, the slot that holds it, and the names as they were where its object was made."""

    path: str
    slot: Slot
    scope: Scope | None = None


def leaves(body: ModelObject, prefix: str = "") -> Iterator[Leaf]:
    """Every scalar below a parameter object, in the order in which the user set them."""
    for attribute, slot in body.slots.items():
        row = body.row(attribute)
        assert row is not None
        yield from below(_join(prefix, row.path), slot, body.scope)
    for key, slot in body.extra.items():
        yield from below(_join(prefix, camel(key)), slot, body.scope)


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def below(path: str, slot: Slot, scope: Scope | None = None) -> Iterator[Leaf]:
    """Every scalar at or below a path."""
    match slot.value:
        case ModelObject() as inner if inner.slots or inner.extra:
            yield from leaves(inner, path)
        case Sequence(items, _, is_open) if items:
            for number, item in enumerate(items):
                yield from below(f"{path}[{number}]", _place(item, slot), scope)
            if is_open:
                yield Leaf(f"{path}[]", Slot(Unknown(slot.cell.code(slot.node)), slot.node, slot.cell), scope)
        case Mapping(entries, _) if entries:
            for key, item in entries.items():
                yield from below(f"{path}.{key}", Slot(item, slot.node, slot.cell), scope)
        case _:
            yield Leaf(path, slot, scope)


def _place(item: Abstract, slot: Slot) -> Slot:
    if isinstance(item, ModelObject):
        return Slot(item, item.node, item.cell)
    return Slot(item, slot.node, slot.cell)


def leaf_value(path: str, slot: Slot) -> Value:
    """The value of a leaf; at a secret's place, and wherever a secret went, only its source is kept."""
    value = slot.value
    code = slot.cell.code(slot.node)
    secret = schema.is_secret(path)
    match value:
        case Const(None):
            return Literal(None)
        case Text() if secret or value.secret:
            literal = all(segment.code is None for segment in value.segments) and code.startswith(("'", '"'))
            return Secret(path if literal else code)
        case Unknown() if secret or value.secret:
            return Secret(value.code if value.code else code)
        case Const(scalar):
            return Secret(path) if secret else Literal(scalar if not isinstance(scalar, bytes) else repr(scalar))
        case Text():
            return value.value(code)
        case Unknown():
            return _reference(value)
        case Result():
            return Expression(code, value.record.index)
        case Sequence([], _, False):
            return Literal(None)
        case Mapping(entries, False) if not entries:
            return Literal(None)
    return Secret(code) if secret else Expression(code)


def _reference(value: Unknown) -> Value:
    if value.record is None:
        return Expression(value.code, undefined=value.undefined)
    if value.code.endswith(".id"):
        known = arm_id(value)
        if known is not None:
            return Literal(known)
    return Expression(value.code, value.record.index)


_TYPES = {"clusters": "clusters", "file_servers": "fileServers", "experiments": "experiments", "jobs": "jobs"}


def arm_id(value: Unknown) -> str | None:
    """The ARM id behind `cluster.id`, when subscription, group, workspace and name are all known."""
    from batchai2aml.readers.python.domain import Client, Instance

    record = value.record
    if record is None or record.call is None or record.op.split(".")[0] not in _TYPES:
        return None
    group = record.op.split(".")[0]
    client = record.receiver
    subscription: Abstract | None = None
    if isinstance(client, Client):
        slot = client.arguments.get("subscription_id")
        configuration = client.arguments.get("configuration")
        if slot is not None:
            subscription = slot.value
        elif configuration is not None and isinstance(configuration.value, Instance):
            subscription = configuration.value.attributes.get("subscription_id")
    single = {"clusters": "cluster", "file_servers": "file_server", "experiments": "experiment", "jobs": "job"}[group]
    parts = [subscription, record.argument("resource_group_name")]
    scope = [record.argument("workspace_name")] if not record.old else []
    name = record.argument(f"{single}_name")
    texts = [part.known if isinstance(part, Text) else None for part in [*parts, *scope, name]]
    if any(text is None for text in texts):
        return None
    subscription_id, resource_group, *rest = [text or "" for text in texts]
    middle = f"workspaces/{rest[0]}/" if scope else ""
    return (
        f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}/providers/Microsoft.BatchAI/"
        f"{middle}{_TYPES[group]}/{rest[-1]}"
    )
