"""What becomes of every call (MAPPING part 3)."""

from __future__ import annotations

import re

from batchai2aml.mapping.types import Row, row

CALLS: dict[str, Row] = {
    "client.create": row("changed", "BAI701 BAI610", "Workspace.from_config()", "MLClient"),
    "client.credentials": row("changed", "BAI610", "auth=", "DefaultAzureCredential()"),
    "workspaces.create": row("changed", "BAI142 BAI701", "Workspace.create()", "workspaces.begin_create()"),
    "workspaces.update": row("exact", "BAI701", "ws.update(tags=)", "begin_update()"),
    "workspaces.get": row("exact", "BAI701", "Workspace.get()", "workspaces.get()"),
    "workspaces.delete": row("changed", "BAI725", "ws.delete()", "workspaces.begin_delete()"),
    "workspaces.list": row("changed", "BAI701", "Workspace.list()", "workspaces.list()"),
    "workspaces.list_by_resource_group": row("changed", "BAI701", "Workspace.list()", "workspaces.list()"),
    "clusters.create": row("changed", "BAI127", "ComputeTarget.create()", "compute.begin_create_or_update()"),
    "clusters.update": row("changed", "BAI129", "compute.update()", "compute.begin_update()"),
    "clusters.get": row("exact", "BAI701", "ComputeTarget(workspace=, name=)", "compute.get()"),
    "clusters.delete": row("exact", "BAI701", "compute.delete()", "compute.begin_delete()"),
    "clusters.list": row("changed", "BAI722", "ComputeTarget.list(ws)", "compute.list()"),
    "clusters.list_by_workspace": row("exact", "BAI701", "ComputeTarget.list(ws)", "compute.list()"),
    "clusters.list_by_resource_group": row("changed", "BAI722", "ComputeTarget.list(ws)", "compute.list()"),
    "clusters.list_remote_login_information": row("exact", "BAI705", "compute.list_nodes()"),
    "file_servers.create": row("manual", "BAI145"),
    "file_servers.get": row("manual", "BAI145"),
    "file_servers.delete": row("manual", "BAI145"),
    "file_servers.list": row("manual", "BAI145"),
    "file_servers.list_by_workspace": row("manual", "BAI145"),
    "file_servers.list_by_resource_group": row("manual", "BAI145"),
    "experiments.create": row("exact", "BAI143", "Experiment(ws, name=)", "experiment_name="),
    "experiments.get": row("changed", "BAI143", "Experiment(ws, name=)", "jobs.list()"),
    "experiments.list_by_workspace": row("changed", "BAI143", "Experiment.list(ws)", "jobs.list()"),
    "experiments.delete": row("manual", "BAI144", "experiment.archive()", "archive the jobs"),
    "jobs.create": row("changed", "BAI201 BAI202", "experiment.submit()", "jobs.create_or_update()"),
    "jobs.get": row("changed", "BAI701", "run", "jobs.get()"),
    "jobs.wait": row("changed", "BAI721", "run.wait_for_completion()", "jobs.stream()"),
    "jobs.stream_file": row("changed", "BAI721", "run.wait_for_completion(show_output=True)", "jobs.stream()"),
    "jobs.exec": row("manual", "BAI705"),
    "clusters.exec": row("manual", "BAI705"),
    "clusters.list_files": row("manual", "BAI116"),
    "unknown": row("manual", "BAI806"),
    "jobs.terminate": row("exact", "BAI707", "run.cancel()", "jobs.begin_cancel()"),
    "jobs.delete": row("manual", "BAI708", "", "jobs.begin_delete()"),
    "jobs.list": row("changed", "BAI722", "experiment.get_runs()", "jobs.list()"),
    "jobs.list_by_experiment": row("changed", "BAI701", "experiment.get_runs()", "jobs.list()"),
    "jobs.list_by_resource_group": row("changed", "BAI722", "experiment.get_runs()", "jobs.list()"),
    "jobs.list_output_files": row("changed", "BAI704", "run.get_file_names()", "jobs.download()"),
    "jobs.list_remote_login_information": row("changed", "BAI705", "compute.list_nodes()"),
    "usages.list": row("changed", "BAI706", "AmlCompute.list_usages()", "compute.list_usage()"),
    "operations.list": row("dropped", "BAI703"),
    "helpers.Configuration": row("changed", "BAI719", "json.load()"),
    "helpers.create_batchai_client": row("changed", "BAI610", "Workspace.from_config()", "MLClient.from_config()"),
    "helpers.create_resource_group": row("changed", "BAI729", "create_resource_group=True", "az group create"),
    "helpers.print_cluster_status": row("changed", "BAI701", "compute.get_status().serialize()", "compute.get()"),
    "helpers.print_job_status": row("changed", "BAI701", "run.get_status()", "jobs.get().status"),
    "helpers.wait_for_job_completion": row("changed", "BAI721", "run.wait_for_completion()", "jobs.stream()"),
    "helpers.convert_job_to_jcp": row("changed", "BAI720", "the same estimator again", "command() again"),
    "helpers.OutputStreamer": row("changed", "BAI721", "run.wait_for_completion(show_output=True)", "jobs.stream()"),
    "helpers.MetricExtractor": row("changed", "BAI715", "run.get_all_logs()", "jobs.download()"),
    "helpers.download_file": row("exact", "BAI701", "urllib.request.urlretrieve()"),
    "helpers.download_and_upload_mnist_dataset_to_blob": row("changed", "BAI328", "datastore.upload()"),
    "helpers.download_and_upload_rnn_dataset_to_blob": row("changed", "BAI328", "datastore.upload()"),
    "helpers.NumericParameter": row("exact", "BAI711", "a sampling function"),
    "helpers.DiscreteParameter": row("exact", "BAI711", "a list"),
    "helpers.DictParameter": row("changed", "BAI711", "a list of dicts"),
    "helpers.FileParameter": row("manual", "BAI716", "a list of paths"),
    "helpers.ParameterSweep": row("changed", "BAI711", "a loop"),
    "helpers.from_json": row("manual", "BAI719"),
    "helpers.generate_jobs": row("changed", "BAI711", "a loop"),
    "helpers.generate_jobs_random_search": row("changed", "BAI711", "a loop"),
    "helpers.ExperimentUtils": row("changed", "BAI710", "a loop of submissions"),
    "helpers.wait_all_jobs": row("changed", "BAI710", "run.wait_for_completion()", "jobs.stream()"),
    "helpers.get_metrics_for_jobs": row("changed", "BAI715", "run.get_all_logs()", "jobs.download()"),
    "helpers.resubmit_failed_jobs": row("changed", "BAI710"),
    "helpers.delete_jobs_in_experiment": row("manual", "BAI708"),
    "helpers.log_to_stdout": row("dropped", "BAI710"),
    "storage.create_container": row("exact", "BAI301", "create_if_not_exists=True"),
    "storage.create_share": row("exact", "BAI301", "create_if_not_exists=True"),
    "storage.create_directory": row("dropped", "BAI320"),
    "storage.delete_container": row("changed", "BAI323", "kept as it is"),
    "storage.delete_share": row("changed", "BAI323", "kept as it is"),
    "storage.delete_blob": row("changed", "BAI323", "kept as it is"),
    "storage.delete_file": row("changed", "BAI323", "kept as it is"),
    "storage.generate_blob_shared_access_signature": row("manual", "BAI324", "kept as it is"),
    "storage.generate_container_shared_access_signature": row("manual", "BAI324", "kept as it is"),
    "storage.generate_share_shared_access_signature": row("manual", "BAI324", "kept as it is"),
    "storage.create_blob_from_path": row("exact", "BAI320", "datastore.upload_files(), or source_directory="),
    "storage.create_file_from_path": row("exact", "BAI320", "datastore.upload_files(), or source_directory="),
}

KEPT = row("exact", "BAI817", "kept as it is")
"""Storage calls that have nothing to do with a mount stay as they are."""


CALLS_V2: dict[str, Row] = {
    "jobs.delete": row("exact", "BAI701", "", "jobs.begin_delete()"),
    "helpers.delete_jobs_in_experiment": row("exact", "BAI701", "", "jobs.begin_delete()"),
    "storage.create_container": row("exact", "BAI301", "", "kept, in the words of version 12"),
    "storage.create_share": row("exact", "BAI301", "", "kept, in the words of version 12"),
    "storage.create_directory": row("exact", "BAI301", "", "kept, in the words of version 12"),
}
"""Calls of which something else becomes where the code is written for SDK v2."""


def row_of(op: str, target: str = "v1") -> Row | None:
    """The row of a call."""
    if target == "v2" and op in CALLS_V2:
        return CALLS_V2[op]
    if op in CALLS:
        return CALLS[op]
    return KEPT if op.startswith("storage.") else None


_NO_USE = row("dropped", "BAI709")
ARGUMENTS: dict[str, Row] = {
    "custom_headers": _NO_USE,
    "operation_config": _NO_USE,
    "polling": _NO_USE,
    "raw": _NO_USE,
    "api_version": _NO_USE,
    "max_results": row("changed", "BAI703"),
    "maxResults": row("changed", "BAI703"),
    "filter": row("changed", "BAI703"),
    "select": row("changed", "BAI703"),
    "linkexpiryinminutes": row("dropped", "BAI704"),
}
"""What becomes of an argument, or of an option of a listing, where that is not what becomes of the whole call."""


_OF_STORAGE = frozenset({"quota", "metadata", "public_access"})
"""What a share or container could be given when it was made, and a datastore cannot give it."""


def argument_row(op: str, path: str) -> Row | None:
    """The row of an argument beside the body."""
    keys = re.split(r"[.\[]", path)
    if op in ("storage.create_share", "storage.create_container") and keys[0] in _OF_STORAGE:
        return row("changed", "BAI703")
    own = next((ARGUMENTS[key] for key in keys if key in ARGUMENTS), None)
    return own if own is not None and not op.startswith(("helpers.", "storage.")) else row_of(op)
