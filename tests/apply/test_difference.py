"""What counts as a difference: Azure spells some values otherwise, and keeps some back."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchai2aml.apply.difference import differences
from batchai2aml.apply.model import Desired, Key, Place
from batchai2aml.apply.observed import error, seen
from batchai2aml.plan.model import Kind

PLACE = Place("s", "rg", "vision")
SUBNET = "/subscriptions/s/resourceGroups/Net/providers/Microsoft.Network/virtualNetworks/V/subnets/Nodes"


def differing(kind: Kind, tree: dict[str, object], body: dict[str, object]) -> list[str]:
    desired = Desired(Key(kind, "x"), PLACE, Path("x.yml"), tree, "x")
    return [found.path for found, _ in differences(desired, seen(kind, body), {})]


@pytest.mark.parametrize(
    ("tree", "inner", "paths"),
    [
        ({"size": "STANDARD_NC6"}, {"vmSize": "Standard_NC6"}, []),
        ({"size": "STANDARD_NC6"}, {"vmSize": "Standard_NC12"}, ["size"]),
        ({"tier": "low_priority"}, {"vmPriority": "LowPriority"}, []),
        ({"tier": "dedicated"}, {"vmPriority": "LowPriority"}, ["tier"]),
        ({"idle_time_before_scale_down": 1800}, {"scaleSettings": {"nodeIdleTimeBeforeScaleDown": "PT30M"}}, []),
        ({"idle_time_before_scale_down": 1800}, {"scaleSettings": {"nodeIdleTimeBeforeScaleDown": "PT1H"}}, ["idle_time_before_scale_down"]),
        ({"network_settings": {"subnet": SUBNET}}, {"subnet": {"id": SUBNET.lower()}}, []),
        ({"network_settings": {"vnet_name": "v", "subnet": "nodes"}}, {"subnet": {"id": SUBNET}}, []),
        ({"network_settings": {"subnet": SUBNET}}, {}, ["network_settings.subnet"]),
        ({"ssh_public_access_enabled": True, "ssh_settings": {"admin_username": "me"}}, {"remoteLoginPortPublicAccess": "NotSpecified", "userAccountCredentials": None}, []),
        ({"ssh_public_access_enabled": True}, {"remoteLoginPortPublicAccess": "Disabled"}, ["ssh_public_access_enabled"]),
    ],
)  # fmt: skip
def test_clusters(tree: dict[str, object], inner: dict[str, object], paths: list[str]) -> None:
    body = {"properties": {"computeType": "AmlCompute", "provisioningState": "Succeeded", "properties": inner}}
    assert differing("compute", tree, body) == paths


def test_other_kinds() -> None:
    connection = {
        "properties": {"category": "ContainerRegistry", "target": "https://contoso.example/", "credentials": None}
    }
    wanted = {"type": "container_registry", "target": "https://contoso.example", "credentials": {"username": "me"}}
    assert differing("connection", wanted, connection) == []
    store = {
        "properties": {
            "datastoreType": "AzureFile",
            "accountName": "a",
            "fileShareName": "b",
            "endpoint": "core.windows.net",
        }
    }
    assert differing("datastore", {"type": "azure_file", "account_name": "a", "file_share_name": "b"}, store) == []
    assert differing("datastore", {"type": "azure_blob", "account_name": "a"}, store) == ["type"]
    space = {"location": "East US", "tags": {"team": "vision", "more": "1"}, "properties": {}}
    assert differing("workspace", {"location": "eastus", "tags": {"team": "vision"}}, space) == []
    assert differing("workspace", {"location": "westus", "display_name": "V"}, space) == ["location", "display_name"]


@pytest.mark.parametrize(
    ("state", "wanted"), [("Succeeded", "ready"), ("Failed", "failed"), ("Canceled", "failed"), ("Creating", "busy")]
)
def test_states(state: str, wanted: str) -> None:
    assert seen("compute", {"properties": {"provisioningState": state}}).state == wanted


def test_the_innermost_error_is_told() -> None:
    inner = {"code": "QuotaExceeded", "message": "too many cores"}
    body = {
        "error": {
            "code": "DeploymentFailed",
            "message": "see below",
            "details": [{"code": "Conflict", "message": "x", "details": [inner]}],
        }
    }
    assert error(body) == ("QuotaExceeded", "too many cores")
    assert error({"error": {"code": "A", "message": "b"}}) == ("A", "b")
    assert error({}) == ("", "")
