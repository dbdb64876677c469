"""The schema table against the real packages, read as text from their wheels."""

from __future__ import annotations

import ast
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest

from batchai2aml.batchai import calls, schema

RELEASES = {"0.2": "0.2.0", "1.0": "1.0.1", "2.0": "2.0.0", "7.0": "7.0.0"}
RESPONSES = frozenset(
    {
        "BatchAIError",
        "Cluster",
        "CloudErrorBody",
        "Experiment",
        "File",
        "FileServer",
        "Job",
        "JobPropertiesExecutionInfo",
        "ListUsagesResult",
        "MountSettings",
        "NameValuePair",
        "NodeStateCounts",
        "Operation",
        "OperationDisplay",
        "ProxyResource",
        "RemoteLoginInformation",
        "Resource",
        "Usage",
        "UsageName",
        "Workspace",
    }
)


@pytest.fixture(scope="module", params=sorted(RELEASES))
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """An unpacked release of azure-mgmt-batchai."""
    version: str = request.param
    folder = tmp_path_factory.mktemp(f"batchai_{version}")
    wanted = f"azure-mgmt-batchai=={RELEASES[version]}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), wanted]
    subprocess.run(command, check=True, capture_output=True)
    archive = next(path for path in folder.iterdir() if path.suffix in (".whl", ".zip"))
    zipfile.ZipFile(archive).extractall(folder / "x")
    return version, folder / "x"


def parsed(path: Path) -> ast.Module:
    """A module of a release; its doc strings hold escapes that Python warns about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(path.read_text(encoding="utf-8"))


def classes(folder: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """`_attribute_map` of every model class: attribute -> (key, type)."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for path in folder.rglob("models/*.py"):
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ClassDef):
                continue
            for inner in node.body:
                if isinstance(inner, ast.Assign) and getattr(inner.targets[0], "id", "") == "_attribute_map":
                    table = ast.literal_eval(inner.value)
                    found[node.name] = {name: (row["key"], row["type"]) for name, row in table.items()}
            if node.name.endswith("Options"):
                found.setdefault(node.name, {})  # 0.2 sends options as plain keywords and has no map for them
    return found


@pytest.mark.network
def test_every_class_and_attribute(release: tuple[str, Path]) -> None:
    version, folder = release
    real = {
        name: table
        for name, table in classes(folder).items()
        if name not in RESPONSES and not name.endswith(("Paged", "ListResult"))
    }
    mine = {row.name: row for row in schema.MODELS.values() if version in row.sdk}
    assert set(mine) == set(real)
    for name, table in real.items():
        fields = {row.attribute: row for row in mine[name].fields if version in row.sdk}
        assert set(fields) == set(table), name
        for attribute, (key, kind) in table.items():
            if key and "Options" not in name:
                assert fields[attribute].path == key.replace("\\\\.", "."), (name, attribute)
            if kind.strip("[]") in real and kind != "[EnvironmentSetting]":
                assert fields[attribute].type == kind, (name, attribute)


@pytest.mark.network
def test_positional_order_of_the_first_version(release: tuple[str, Path]) -> None:
    version, folder = release
    if version != "0.2":
        return
    for path in folder.rglob("models/*.py"):
        for node in ast.walk(parsed(path)):
            model = schema.MODELS.get(node.name) if isinstance(node, ast.ClassDef) else None
            if model is None or not isinstance(node, ast.ClassDef):
                continue
            init = next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
            if init is not None:
                assert model.positional == tuple(arg.arg for arg in init.args.args[1:]), node.name


@pytest.mark.network
def test_every_call(release: tuple[str, Path]) -> None:
    version, folder = release
    for path in folder.rglob("operations/*_operations.py"):
        for node in parsed(path).body:
            if not isinstance(node, ast.ClassDef):
                continue
            group = "".join("_" + c.lower() if c.isupper() else c for c in node.name.removesuffix("Operations")).lstrip(
                "_"
            )
            for method in (n for n in node.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")):
                call = calls.look_up(group or "operations", method.name)
                assert call is not None, (group, method.name)
                names = [a.arg for a in method.args.args[1:] if a.arg not in ("custom_headers", "raw", "polling")]
                wanted = call.before if version in ("0.2", "1.0") and call.before else call.now
                if version == "7.0" and call.body and not call.op.endswith("jobs.create"):
                    names = [n for n in names if n != "parameters"]
                    wanted = tuple(n for n in wanted if n not in ("parameters", "location", "tags", "scale_settings"))
                assert tuple(names) == wanted, (version, call.op)


def test_secrets_are_marked() -> None:
    assert schema.is_secret("properties.secrets[0].value")
    assert schema.is_secret("properties.mountVolumes.azureFileShares[0].credentials.accountKey")
    assert schema.is_secret("properties.userAccountSettings.adminUserPassword")
    assert not schema.is_secret("properties.environmentVariables[0].value")
    assert not schema.is_secret("properties.userAccountSettings.adminUserSshPublicKey")
