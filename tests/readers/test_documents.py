"""JSON documents: every leaf is read, whatever its shape; what is broken is said with its place."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchai2aml.batchai import schema
from batchai2aml.batchai.schema.types import SDK_VERSIONS
from batchai2aml.config import Settings
from batchai2aml.emit.style import Style
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.ledger import build, holes
from batchai2aml.place import Where
from batchai2aml.project.lookup import Lookup
from batchai2aml.readers.documents.files import JsonFile, read_file
from batchai2aml.readers.documents.tree import BrokenJson, parse
from batchai2aml.values import to_json


def read(text: str) -> JsonFile:
    found = read_file("job.json", text)
    assert found is not None
    return found


def leaves(text: str) -> dict[str, object]:
    return {setting.path: to_json(setting.value) for setting in read(text).requests[0].settings}


def ledger_of(text: str) -> tuple[list[tuple[str, str, str]], list[object]]:
    """The entries (kind, path, disposition) of a document, and what is not accounted for."""
    found = read(text)
    operations = [request.operation(n, "job") for n, request in enumerate(found.requests)]
    facts = Facts(tuple(operations), Lookup(lambda path: None), Settings(), Style(), date(2026, 11, 1))
    ledger = build(facts)
    return [(e.kind, e.path, e.disposition) for e in ledger.entries], list(holes(operations, ledger))


JOB = {
    "properties": {
        "nodeCount": 2,
        "customToolkitSettings": {"commandLine": "python train.py"},
        "stdOutErrPathPrefix": "$AZ_BATCHAI_JOB_MOUNT_ROOT/logs",
    }
}


def test_a_document_without_its_wrapper_has_the_same_leaves() -> None:
    assert leaves(json.dumps(JOB["properties"])) == leaves(json.dumps(JOB))


def test_comments_and_trailing_commas_are_read_and_said() -> None:
    text = '{\n  // which cluster\n  "properties": {\n    "nodeCount": 2,\n    "stdOutErrPathPrefix": "x", # logs\n  }, /* end */\n}'
    assert leaves(text) == {"properties.nodeCount": 2, "properties.stdOutErrPathPrefix": "x"}
    notices = read(text).requests[0].notices
    assert [(n.kind, n.where.line) for n in notices] == [
        ("repaired", 2),
        ("repaired", 5),
        ("repaired", 5),
        ("repaired", 6),
        ("repaired", 6),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ('{"a": 1', 1, 8, "missing"),
        ('{\n  "a" 1\n}', 2, 7, "colon"),
        ('{\n  "a": "open\n}', 2, 8, "not closed"),
        ('{"a": [1 2]}', 1, 10, "comma"),
        ("{'a': 1}", 1, 2, "double quotes"),
        ('{"a": }', 1, 7, "value"),
        ('{"a": 1} x', 1, 10, "goes on"),
        ("[" * 300, 1, 202, "deeply"),
        ('{"a": "\\q"}', 1, 7, "backslash"),
        ("", 1, 1, "value"),
    ],
)
def test_broken_json_names_its_place(text: str, line: int, column: int, said: str) -> None:
    with pytest.raises(BrokenJson) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert said in caught.value.message


def test_a_key_in_the_wrong_case_was_ignored_and_is_said() -> None:
    text = json.dumps({"properties": {**JOB["properties"], "schedulingpriority": "high", "NodeCount": 4}})
    assert leaves(text)["properties.nodeCount"] == 2
    entries, open_ends = ledger_of(text)
    assert ("key", "properties.schedulingpriority", "manual") in entries
    assert ("key", "properties.NodeCount", "manual") in entries
    assert open_ends == []


def test_counts_as_text_become_numbers() -> None:
    text = json.dumps({"properties": {**JOB["properties"], "nodeCount": "2"}})
    assert leaves(text)["properties.nodeCount"] == 2
    assert [n.kind for n in read(text).requests[0].notices] == ["text for a number"]


def test_placeholders_are_open_parts_and_keys_are_secret() -> None:
    share = {
        "accountName": "<AZURE_BATCHAI_STORAGE_ACCOUNT>",
        "azureFileUrl": "https://<AZURE_BATCHAI_STORAGE_ACCOUNT>.file.core.windows.net/s",
        "relativeMountPath": "s",
        "credentials": {"accountKey": "<AZURE_BATCHAI_STORAGE_KEY>"},
    }
    found = leaves(json.dumps({"properties": {**JOB["properties"], "mountVolumes": {"azureFileShares": [share]}}}))
    at = "properties.mountVolumes.azureFileShares[0]."
    assert found[at + "accountName"] == {"expr": "$AZURE_BATCHAI_STORAGE_ACCOUNT"}
    assert found[at + "azureFileUrl"] == {
        "parts": ["https://", {"expr": "$AZURE_BATCHAI_STORAGE_ACCOUNT"}, ".file.core.windows.net/s"]
    }
    assert found[at + "credentials.accountKey"] == {"secret": True, "source": "$AZURE_BATCHAI_STORAGE_KEY"}


def test_the_last_of_two_same_keys_counts_and_both_are_accounted_for() -> None:
    text = '{"properties": {"nodeCount": 1, "nodeCount": 2, "stdOutErrPathPrefix": "x"}}'
    assert leaves(text)["properties.nodeCount"] == 2
    entries, open_ends = ledger_of(text)
    assert sorted(kind for kind, path, _ in entries if path == "properties.nodeCount") == ["field", "key"]
    assert open_ends == []


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"properties": {"horovodSettings": {}}}, "job_json"),
        ({"stdOutErrPathPrefix": "x"}, "job_json"),
        (
            {"$schema": "https://raw.githubusercontent.com/Azure/BatchAI/master/schemas/2018-05-01/cluster.json"},
            "cluster_json",
        ),
        ({"properties": {"vmSize": "a", "scaleSettings": {"manual": {"targetNodeCount": 1}}}}, "cluster_json"),
        ({"nodeSetup": {"setupTask": {"commandLine": "x"}}}, "cluster_json"),
        ({"properties": {"sshConfiguration": {}, "dataDisks": {}}}, "file_server_json"),
        ({"properties": {"computeType": "AmlCompute", "properties": {"vmSize": "a"}}}, None),
        ({"properties": {"vmSize": "a", "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 1}}}}, None),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"properties": {}}}, None),
        ({"name": "web", "version": "1.0"}, None),
        ([1, 2], None),
    ],
)
def test_what_a_document_is(document: object, kind: str | None) -> None:
    found = read_file("x.json", json.dumps(document))
    assert (found.kind if found else None) == kind


def test_arm_templates_are_filled_in() -> None:
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#",
        "parameters": {"size": {"type": "string", "defaultValue": "Standard_D2_v2"}, "nodes": {"type": "int"}},
        "variables": {"ws": "vision"},
        "resources": [
            {
                "type": "Microsoft.BatchAI/workspaces",
                "apiVersion": "2018-05-01",
                "name": "[variables('ws')]",
                "location": "eastus",
                "resources": [
                    {
                        "type": "clusters",
                        "apiVersion": "2018-05-01",
                        "name": "pool",
                        "dependsOn": ["[variables('ws')]"],
                        "properties": {
                            "vmSize": "[parameters('size')]",
                            "scaleSettings": {"manual": {"targetNodeCount": "[parameters('nodes')]"}},
                            "subnet": {"id": "[resourceId('Microsoft.Network/x', 'y')]"},
                        },
                    }
                ],
            },
            {"type": "Microsoft.Storage/storageAccounts", "name": "other"},
        ],
    }
    found = read(json.dumps(template))
    assert found.kind == "arm_template"
    workspace, cluster = found.requests
    assert (workspace.op, cluster.op) == ("workspaces.create", "clusters.create")
    operation = cluster.operation(0, "cluster")
    assert to_json(operation.workspace) == "vision"  # type: ignore[arg-type]
    assert to_json(operation.name) == "pool"  # type: ignore[arg-type]
    said = {setting.path: to_json(setting.value) for setting in cluster.settings}
    assert said["properties.vmSize"] == "Standard_D2_v2"
    assert said["properties.scaleSettings.manual.targetNodeCount"] == {"expr": "[parameters('nodes')]"}
    assert [n.kind for n in cluster.notices] == ["template expression", "template expression"]


def _values(row_type: str) -> st.SearchStrategy[Any]:
    texts = st.sampled_from(["a", "$AZ_BATCHAI_JOB_MOUNT_ROOT/x/y", "PT1H", "a b", "ü", ""])
    return {"int": st.integers(0, 9), "bool": st.booleans()}.get(row_type, texts)


def _documents(name: str, version: str, depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """Documents of a class of one API version; any key may be missing."""
    inner: dict[str, st.SearchStrategy[Any]] = {}
    outer: dict[str, st.SearchStrategy[Any]] = {}
    for row in schema.MODELS[name].fields:
        if version not in row.sdk or row.read_only:
            continue
        value = _documents(row.item, version, depth + 1) if row.item in schema.MODELS else _values(row.item)
        if row.is_list:
            value = st.lists(value, max_size=2)
        elif row.type.startswith("{"):
            value = st.dictionaries(st.sampled_from(["team", "cost center"]), value, max_size=2)
        (inner if row.inside else outer)[row.rest] = value
    if not inner:
        return st.fixed_dictionaries({}, optional=outer)
    wrapped = st.fixed_dictionaries({"properties": st.fixed_dictionaries({}, optional=inner)}, optional=outer)
    return wrapped


def paths_of(value: object, path: str = "") -> list[str]:
    """Every leaf of a document; what is empty is a leaf too."""
    if isinstance(value, dict) and value:
        return [leaf for key, item in value.items() for leaf in paths_of(item, f"{path}.{key}" if path else key)]
    if isinstance(value, list) and value:
        return [leaf for number, item in enumerate(value) for leaf in paths_of(item, f"{path}[{number}]")]
    return [path]


ROOTS = ["JobCreateParameters", "ClusterCreateParameters", "FileServerCreateParameters"]


@pytest.mark.parametrize("name", ROOTS)
@pytest.mark.parametrize("version", SDK_VERSIONS[:3])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_leaf_of_any_document_is_in_the_ledger(name: str, version: str, data: st.DataObject) -> None:
    document = data.draw(_documents(name, version))
    strange = data.draw(
        st.dictionaries(st.sampled_from(["NodeCount", "process_count", "toolType"]), st.integers(), max_size=2)
    )
    document["properties"].update(strange)
    assert accounted(document, name) == sorted(paths_of(document))


def accounted(document: dict[str, Any], name: str) -> list[str]:
    """The leaves of a document that its ledger names."""
    from batchai2aml.readers.documents.files import request_of

    operation = request_of(parse(json.dumps(document)), name, Where("x.json")).operation(0, "job")
    facts = Facts((operation,), Lookup(lambda path: None), Settings(), Style(), date(2026, 11, 1))
    ledger = build(facts)
    assert holes([operation], ledger) == []
    return sorted(entry.path for entry in ledger.entries if entry.kind in ("field", "key"))
