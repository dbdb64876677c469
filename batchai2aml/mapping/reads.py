"""Attributes that programs read from answers, and what says the same in Azure ML (MAPPING 3.9); `{0}` is the object."""

from __future__ import annotations

from batchai2aml.mapping.types import Row, row

CLUSTER: dict[str, Row] = {
    "name": row("exact", "BAI701", "{0}.name"),
    "id": row("exact", "BAI701", "{0}.id"),
    "vm_size": row("exact", "BAI701", "{0}.vm_size", "{0}.size"),
    "vm_priority": row("exact", "BAI701", "{0}.vm_priority", "{0}.tier"),
    "location": row("exact", "BAI701", "{0}.location"),
    "tags": row("exact", "BAI701", "{0}.tags"),
    "provisioning_state": row("changed", "BAI717", "{0}.provisioning_state"),
    "allocation_state": row("changed", "BAI717", "{0}.get_status().allocation_state", ""),
    "current_node_count": row("exact", "BAI701", "{0}.get_status().current_node_count", ""),
    "node_state_counts": row("exact", "BAI701", "{0}.get_status().node_state_counts", ""),
    "errors": row("changed", "BAI717", "{0}.get_status().errors", ""),
    "scale_settings": row("changed", "BAI717", "{0}.get_status().scale_settings", "{0}.min_instances"),
}
JOB: dict[str, Row] = {
    "name": row("changed", "BAI202", "{0}.display_name"),
    "id": row("changed", "BAI202", "{0}.id"),
    "execution_state": row("changed", "BAI717", "{0}.get_status()", "{0}.status"),
    "execution_info": row("changed", "BAI717", "{0}.get_details()", ""),
    "job_output_directory_path_segment": row("changed", "BAI326", "{0}.id", "{0}.name"),
    "creation_time": row("changed", "BAI717", "{0}.get_details()['startTimeUtc']", ""),
    "environment_variables": row("changed", "BAI714", "{0}.get_tags()", ""),
}
EXPERIMENT: dict[str, Row] = {
    "name": row("exact", "BAI701", "{0}.name"),
    "id": row("exact", "BAI701", "{0}.id"),
}
WORKSPACE: dict[str, Row] = {
    "name": row("exact", "BAI701", "{0}.name"),
    "location": row("exact", "BAI701", "{0}.location"),
    "id": row("changed", "BAI701", "{0}.get_details()['id']", "{0}.id"),
}
LOGIN: dict[str, Row] = {
    "node_id": row("exact", "BAI705", "{0}['nodeId']"),
    "ip_address": row("exact", "BAI705", "{0}['publicIpAddress']"),
    "port": row("exact", "BAI705", "{0}['port']"),
}
FILE: dict[str, Row] = {
    "name": row("changed", "BAI704", "{0}"),
    "download_url": row("changed", "BAI704", ""),
}

_BY_GROUP = {"clusters": CLUSTER, "jobs": JOB, "experiments": EXPERIMENT, "workspaces": WORKSPACE}
UNKNOWN = row("manual", "BAI718")


def row_for(op: str, attribute: str) -> Row | None:
    """The row for an attribute of what an operation answers; None when nothing says the same."""
    group, _, method = op.partition(".")
    if method == "list_output_files":
        return FILE.get(attribute)
    if method == "list_remote_login_information":
        return LOGIN.get(attribute)
    if group == "helpers":
        return JOB.get(attribute) if attribute == "environment_variables" else None
    return _BY_GROUP.get(group, {}).get(attribute)
