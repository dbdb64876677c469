"""JSON Schemas of what `az ml` takes, made from the classes that azure-ai-ml itself reads YAML with.

python -m tests.plan.schemas FOLDER     validates every file of the plans below FOLDER, and prints what is wrong
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from azure.ai.ml._schema._datastore import AzureBlobSchema, AzureFileSchema
from azure.ai.ml._schema._sweep import SweepJobSchema
from azure.ai.ml._schema.assets.environment import EnvironmentSchema
from azure.ai.ml._schema.compute.aml_compute import AmlComputeSchema
from azure.ai.ml._schema.core.fields import ExperimentalField, UnionField
from azure.ai.ml._schema.job.command_job import CommandJobSchema
from azure.ai.ml._schema.workspace.connections.workspace_connection import WorkspaceConnectionSchema
from azure.ai.ml._schema.workspace.workspace import WorkspaceSchema
from jsonschema import Draft202012Validator
from marshmallow import Schema, fields

_CLASSES: dict[str, type[Schema]] = {
    "amlCompute": AmlComputeSchema,
    "azureBlob": AzureBlobSchema,
    "azureFile": AzureFileSchema,
    "commandJob": CommandJobSchema,
    "environment": EnvironmentSchema,
    "sweepJob": SweepJobSchema,
    "workspace": WorkspaceSchema,
    "workspaceConnection": WorkspaceConnectionSchema,
}
_PLAIN: list[tuple[type[fields.Field], str]] = [
    (fields.Integer, "integer"),
    (fields.Number, "number"),
    (fields.Boolean, "boolean"),
    (fields.String, "string"),
]


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a kind of file, by the name in its `$schema` line."""
    return _object(_CLASSES[name](context={"base_path": "."}), 0)


def _object(made: Schema, depth: int) -> dict[str, Any]:
    properties = {found.data_key or key: _field(found, depth + 1) for key, found in made.fields.items()}
    required = [found.data_key or key for key, found in made.fields.items() if found.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _field(found: fields.Field, depth: int) -> dict[str, Any]:
    if depth > 8:
        return {}
    if isinstance(found, UnionField):
        return {"anyOf": [_field(inner, depth + 1) for inner in found._union_fields]}
    if isinstance(found, ExperimentalField):
        return _field(found._experimental_field, depth + 1)
    own = getattr(found, "_jsonschema_type_mapping", None)
    if own is not None and not isinstance(found, fields.Nested):
        told: dict[str, Any] = own()
        return {key: value for key, value in told.items() if key in ("type", "enum", "pattern", "format")}
    if isinstance(found, fields.Nested):
        inner = _object(found.schema, depth)
        return {"type": "array", "items": inner} if found.many else inner
    if isinstance(found, fields.Mapping):
        values = _field(found.value_field, depth + 1) if found.value_field is not None else {}
        return {"type": "object", "additionalProperties": values}
    if isinstance(found, fields.List):
        return {"type": "array", "items": _field(found.inner, depth + 1)}
    return next(({"type": name} for kind, name in _PLAIN if isinstance(found, kind)), {})


def problems(path: Path) -> list[str]:
    """What is wrong with a file of a plan."""
    tree = yaml.safe_load(path.read_text())
    name = str(tree["$schema"]).rsplit("/", 1)[-1].split(".")[0]
    found = Draft202012Validator(schema(name)).iter_errors(tree)
    return [f"{'.'.join(map(str, error.path)) or '.'}: {error.message[:200]}" for error in found]


def main(folder: Path) -> None:
    """Print, as JSON, every file with what is wrong with it."""
    files = sorted(folder.rglob("azureml/*/*.yml"))
    print(json.dumps({str(path.relative_to(folder)): problems(path) for path in files}, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
