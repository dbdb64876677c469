"""Clusters, as AmlCompute (MAPPING 2.1 and 2.2)."""

from __future__ import annotations

from batchai2aml.mapping.fields.mounts import MOUNTS
from batchai2aml.mapping.types import Row, row

_IMAGE = "properties.virtualMachineConfiguration.imageReference."
_TASK = "properties.nodeSetup.setupTask."
_COUNTERS = "properties.nodeSetup.performanceCountersSettings.appInsightsReference."
_USER = "properties.userAccountSettings."

CLUSTERS: dict[str, Row] = {
    "location": row("changed", "BAI131", "region of the workspace"),
    "tags.*": row("exact", "BAI130", "tags="),
    "properties.vmSize": row("exact", "BAI101", "vm_size=", "size="),
    "properties.vmPriority": row("exact", "BAI111", "vm_priority=", "tier="),
    "properties.scaleSettings.manual.targetNodeCount": row(
        "changed", "BAI101", "min_nodes=, max_nodes=", "min_instances=, max_instances="
    ),
    "properties.scaleSettings.manual.nodeDeallocationOption": row("dropped", "BAI108"),
    "properties.scaleSettings.autoScale.minimumNodeCount": row("exact", "BAI101", "min_nodes=", "min_instances="),
    "properties.scaleSettings.autoScale.maximumNodeCount": row("exact", "BAI101", "max_nodes=", "max_instances="),
    "properties.scaleSettings.autoScale.initialNodeCount": row("dropped", "BAI101"),
    _IMAGE + "publisher": row("dropped", "BAI114"),
    _IMAGE + "offer": row("dropped", "BAI114"),
    _IMAGE + "sku": row("dropped", "BAI114"),
    _IMAGE + "version": row("dropped", "BAI114"),
    _IMAGE + "virtualMachineImageId": row("manual", "BAI115"),
    _TASK + "commandLine": row("manual", "BAI116", "draft Dockerfile"),
    _TASK + "environmentVariables[].name": row("manual", "BAI116", "draft Dockerfile"),
    _TASK + "environmentVariables[].value": row("manual", "BAI116", "draft Dockerfile"),
    _TASK + "secrets[].name": row("manual", "BAI116"),
    _TASK + "secrets[].value": row("manual", "BAI116"),
    _TASK + "secrets[].valueSecretReference.sourceVault.id": row("manual", "BAI608"),
    _TASK + "secrets[].valueSecretReference.secretUrl": row("manual", "BAI608"),
    _TASK + "runElevated": row("dropped", "BAI118"),
    _TASK + "stdOutErrPathPrefix": row("dropped", "BAI118"),
    _TASK + "stdOutErrPathSuffix": row("dropped", "BAI902"),
    _COUNTERS + "component.id": row("manual", "BAI121"),
    _COUNTERS + "instrumentationKey": row("manual", "BAI121"),
    _COUNTERS + "instrumentationKeySecretReference.sourceVault.id": row("manual", "BAI121 BAI608"),
    _COUNTERS + "instrumentationKeySecretReference.secretUrl": row("manual", "BAI121 BAI608"),
    _USER + "adminUserName": row("exact", "BAI122", "admin_username=", "ssh_settings.admin_username"),
    _USER + "adminUserSshPublicKey": row("exact", "BAI122", "admin_user_ssh_key=", "ssh_settings.ssh_key_value"),
    _USER + "adminUserPassword": row("changed", "BAI123", "admin_user_password=", "ssh_settings.admin_password"),
    "properties.subnet.id": row("exact", "BAI125", "vnet_resourcegroup_name=, vnet_name=, subnet_name=", "subnet="),
    **{
        f"properties.nodeSetup.mountVolumes.{path}": Row(
            "manual" if found.disposition == "manual" else "changed", (*found.rules, "BAI119"), found.v1, found.v2
        )
        for path, found in MOUNTS.items()
    },
}

UPDATES: dict[str, Row] = {
    "tags.*": row("manual", "BAI130", "", "tags="),
    "properties.scaleSettings.manual.targetNodeCount": row(
        "changed", "BAI129", "update(min_nodes=, max_nodes=)", "min_instances, max_instances"
    ),
    "properties.scaleSettings.manual.nodeDeallocationOption": row("dropped", "BAI108"),
    "properties.scaleSettings.autoScale.minimumNodeCount": row(
        "exact", "BAI129", "update(min_nodes=)", "min_instances"
    ),
    "properties.scaleSettings.autoScale.maximumNodeCount": row(
        "exact", "BAI129", "update(max_nodes=)", "max_instances"
    ),
    "properties.scaleSettings.autoScale.initialNodeCount": row("dropped", "BAI101"),
}
