"""The secret values that a program names, as literals or through its configuration files."""

from __future__ import annotations

from collections.abc import Iterator

from batchai2aml.batchai import schema
from batchai2aml.readers.python.bodies import leaves
from batchai2aml.readers.python.domain import Abstract, Instance, Mapping, Sequence
from batchai2aml.readers.python.program import Program
from batchai2aml.text import Text

_BY_KEY = {
    "accountKey": "AZURE_BATCHAI_STORAGE_KEY",
    "adminUserPassword": "BATCHAI_ADMIN_PASSWORD",
    "password": "BATCHAI_REGISTRY_PASSWORD",
    "instrumentationKey": "BATCHAI_INSTRUMENTATION_KEY",
    "value": "BATCHAI_SECRET",
}
_BY_ARGUMENT = {
    "account_key": "AZURE_BATCHAI_STORAGE_KEY",
    "storage_account_key": "AZURE_BATCHAI_STORAGE_KEY",
    "credential": "AZURE_BATCHAI_STORAGE_KEY",
    "secret": "AZURE_CLIENT_SECRET",
    "client_secret": "AZURE_CLIENT_SECRET",
    "password": "AZURE_PASSWORD",
    "sas_token": "AZURE_BATCHAI_SAS_TOKEN",
}


def secret_values(program: Program) -> Iterator[tuple[str, str]]:
    """Every secret value with the environment variable that takes its place."""
    for made in program.models:
        for leaf in leaves(made):
            if schema.is_secret(leaf.path):
                key = leaf.path.rsplit(".", 1)[-1]
                yield from _texts(leaf.slot.value, _BY_KEY.get(key, "BATCHAI_SECRET"), always=True)
    for record in program.records:
        for name, slot in record.arguments.items():
            if name in _BY_ARGUMENT:
                yield from _texts(slot.value, _BY_ARGUMENT[name], always=True)
            else:
                yield from _texts(slot.value, "BATCHAI_SECRET")
    for scope in program.scopes.values():
        for value in scope.names.values():
            yield from _texts(value, "BATCHAI_SECRET")


def _texts(value: Abstract, name: str, always: bool = False, depth: int = 0) -> Iterator[tuple[str, str]]:
    match value:
        case Text():
            for segment in value.segments:
                if (segment.secret or always) and segment.text:
                    yield segment.text, name
        case Instance(kind="Configuration") if depth < 3:
            for key, inner in value.attributes.items():
                yield from _texts(inner, _CONFIGURATION.get(key, name), depth=depth + 1)
        case Mapping() if depth < 4:
            for inner in value.entries.values():
                yield from _texts(inner, name, depth=depth + 1)
        case Sequence() if depth < 4:
            for inner in value.items:
                yield from _texts(inner, name, depth=depth + 1)


_CONFIGURATION = {
    "aad_secret_key": "AZURE_CLIENT_SECRET",
    "storage_account_key": "AZURE_BATCHAI_STORAGE_KEY",
    "admin_password": "BATCHAI_ADMIN_PASSWORD",
    "container_registry_password": "BATCHAI_REGISTRY_PASSWORD",
}
