"""The secret values that a program names, as literals or through its configuration files."""

from __future__ import annotations

from collections.abc import Iterator

from batchai2aml.batchai import schema
from batchai2aml.batchai.configuration import SECRET_ATTRIBUTES
from batchai2aml.project import secrets
from batchai2aml.readers.python.bodies import leaves
from batchai2aml.readers.python.domain import Abstract, Instance, Mapping, ModelObject, Sequence
from batchai2aml.readers.python.library import sounds_secret
from batchai2aml.readers.python.program import Program
from batchai2aml.text import Text

_BY_ARGUMENT = {
    "account_key": secrets.STORAGE_KEY,
    "storage_account_key": secrets.STORAGE_KEY,
    "credential": secrets.STORAGE_KEY,
    "secret": secrets.CLIENT_SECRET,
    "client_secret": secrets.CLIENT_SECRET,
    "password": secrets.PASSWORD,
    "sas_token": secrets.SAS_TOKEN,
}


def accounts(program: Program) -> frozenset[str]:
    """The storage accounts that the project's mounts name."""
    return frozenset(
        leaf.slot.value.known
        for made in program.models
        for leaf in leaves(made)
        if leaf.path.endswith(".accountName") and isinstance(leaf.slot.value, Text) and leaf.slot.value.known
    )


def secret_values(program: Program) -> Iterator[tuple[str, str]]:
    """Every secret value with the environment variable that takes its place."""
    every = accounts(program)
    for made in program.models:
        by_path = {leaf.path: leaf.slot.value for leaf in leaves(made)}
        for leaf in leaves(made):
            if schema.is_secret(leaf.path):
                key = leaf.path.rsplit(".", 1)[-1]
                name = secrets.BY_KEY.get(key, secrets.OTHER)
                if key == "accountKey":
                    account = by_path.get(leaf.path.replace("credentials.accountKey", "accountName"))
                    name = secrets.storage_key(account.known if isinstance(account, Text) else None, every)
                yield from _texts(leaf.slot.value, name, always=True)
            elif isinstance(leaf.slot.value, Text):
                yield from secrets.spotted("".join(s.text or " " for s in leaf.slot.value.segments), named=True)
        yield from _variables(made)
    for record in program.records:
        for name, slot in record.arguments.items():
            if name in _BY_ARGUMENT:
                yield from _texts(slot.value, _BY_ARGUMENT[name], always=True)
            else:
                yield from _texts(slot.value, secrets.OTHER)
                if isinstance(slot.value, Text):
                    yield from secrets.spotted(slot.value.known or "")
    for scope in program.scopes.values():
        for value in scope.names.values():
            yield from _texts(value, secrets.OTHER)


def _variables(made: ModelObject) -> Iterator[tuple[str, str]]:
    """Environment variables of a job whose names say that they hold a secret."""
    slot = made.slots.get("environment_variables")
    for item in slot.value.items if slot is not None and isinstance(slot.value, Sequence) else ():
        if not isinstance(item, ModelObject):
            continue
        name, value = item.slots.get("name"), item.slots.get("value")
        known = name.value.known if name is not None and isinstance(name.value, Text) else None
        if value is not None and sounds_secret(known) and known:
            yield from _texts(value.value, secrets.variable_for(known), always=True)


def _texts(value: Abstract, name: str, always: bool = False, depth: int = 0) -> Iterator[tuple[str, str]]:
    match value:
        case Text():
            for segment in value.segments:
                if (segment.secret or always) and segment.text:
                    yield segment.text, name
        case Instance(kind="Configuration") if depth < 3:
            for key, inner in value.attributes.items():
                yield from _texts(inner, SECRET_ATTRIBUTES.get(key, name), depth=depth + 1)
        case Mapping() if depth < 4:
            for inner in value.entries.values():
                yield from _texts(inner, name, depth=depth + 1)
        case Sequence() if depth < 4:
            for inner in value.items:
                yield from _texts(inner, name, depth=depth + 1)
