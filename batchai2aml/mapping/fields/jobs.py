"""Jobs, as runs (MAPPING 2.3)."""

from __future__ import annotations

from batchai2aml.mapping.fields.mounts import MOUNTS
from batchai2aml.mapping.fields.toolkits import TOOLKITS
from batchai2aml.mapping.types import Row, row

_IMAGE = "properties.containerSettings.imageSourceRegistry."
_SECRET = "properties.secrets[]."

JOBS: dict[str, Row] = {
    "location": row("dropped", "BAI130"),
    "tags.*": row("exact", "BAI130", "tags="),
    "properties.experimentName": row("exact", "BAI143", "Experiment(name=)", "experiment_name="),
    "properties.priority": row("dropped", "BAI204"),
    "properties.schedulingPriority": row("dropped", "BAI204"),
    "properties.cluster.id": row("exact", "BAI201", "compute_target=", "compute="),
    "properties.nodeCount": row("exact", "BAI203", "node_count=", "instance_count="),
    _IMAGE + "image": row("exact", "BAI212", "custom_docker_image=", "Environment(image=)"),
    _IMAGE + "serverUrl": row("exact", "BAI605", "ContainerRegistry().address", "prefix of the image"),
    _IMAGE + "credentials.username": row("changed", "BAI214", "ContainerRegistry().username", "WorkspaceConnection"),
    _IMAGE + "credentials.password": row("changed", "BAI214", "ContainerRegistry().password", "WorkspaceConnection"),
    _IMAGE + "credentials.passwordSecretReference.sourceVault.id": row("changed", "BAI608", "environment"),
    _IMAGE + "credentials.passwordSecretReference.secretUrl": row("changed", "BAI608", "environment"),
    "properties.containerSettings.shmSize": row("exact", "BAI215", "shm_size="),
    "properties.jobPreparation.commandLine": row("changed", "BAI209", "launcher: prepare", "command or launcher"),
    "properties.stdOutErrPathPrefix": row("changed", "BAI216", "logs of the run"),
    "properties.inputDirectories[].id": row("exact", "BAI221", "data_reference_name=", "inputs"),
    "properties.inputDirectories[].path": row("exact", "BAI221", "datastore.path()", "Input(path=)"),
    "properties.outputDirectories[].id": row("exact", "BAI218", "OutputFileDatasetConfig(name=)", "outputs"),
    "properties.outputDirectories[].pathPrefix": row("changed", "BAI218", "destination=", "Output(path=)"),
    "properties.outputDirectories[].pathSuffix": row("exact", "BAI218", "destination=", "Output(path=)"),
    "properties.outputDirectories[].type": row("dropped", "BAI220"),
    "properties.outputDirectories[].createNew": row("dropped", "BAI220"),
    "properties.environmentVariables[].name": row("exact", "BAI225", "environment_variables="),
    "properties.environmentVariables[].value": row("exact", "BAI225", "environment_variables="),
    _SECRET + "name": row("manual", "BAI226", "launcher: secrets"),
    _SECRET + "value": row("manual", "BAI226", "Key Vault"),
    _SECRET + "valueSecretReference.sourceVault.id": row("changed", "BAI608", "launcher: secrets"),
    _SECRET + "valueSecretReference.secretUrl": row("manual", "BAI226 BAI608", "launcher: secrets"),
    "properties.constraints.maxWallClockTime": row("exact", "BAI207", "max_run_duration_seconds=", "timeout="),
    **{f"properties.mountVolumes.{path}": found for path, found in MOUNTS.items()},
    **{f"properties.{path}": found for path, found in TOOLKITS.items()},
}
