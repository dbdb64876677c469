"""
Attributes that programs read from answers, and what says the same in Azure ML (MAPPING 3.9).

`{0}` is the object, `{1}` what that was read from, `{2}` the workspace.
"""

from __future__ import annotations

from batchai2aml.mapping.states import ATTRIBUTES as STATES
from batchai2aml.mapping.types import Row, row

_NODES = "{2}.compute.list_nodes({0}.name)"
"""The nodes of a cluster; azure-ai-ml 1.35 leaves what it names in snake case empty, and sets the names of REST."""


_STEADY = (
    f"('Resizing' if any(vars(node).get('nodeState') in ('preparing', 'leaving') for node in {_NODES}) else 'Steady')"
)


def _in_state(state: str) -> str:
    return f"sum(vars(node).get('nodeState') == '{state}' for node in {_NODES})"


CLUSTER: dict[str, Row] = {
    "name": row("exact", "BAI701", "{0}.name"),
    "id": row("exact", "BAI701", "{0}.id"),
    "vm_size": row("exact", "BAI701", "{0}.vm_size", "{0}.size"),
    "vm_priority": row("exact", "BAI701", "{0}.vm_priority", "{0}.tier"),
    "location": row("exact", "BAI701", "{0}.location"),
    "tags": row("exact", "BAI701", "{0}.tags"),
    "provisioning_state": row("changed", "BAI717", "{0}.provisioning_state"),
    "provisioning_state_transition_time": row(
        "exact", "BAI701", "{0}.get_status().provisioning_state_transition_time", ""
    ),
    "creation_time": row("exact", "BAI701", "{0}.get_status().creation_time", ""),
    "allocation_state_transition_time": row("exact", "BAI701", "{0}.get_status().allocation_state_transition_time", ""),
    "allocation_state": row("changed", "BAI717", "{0}.get_status().allocation_state", _STEADY),
    "current_node_count": row("exact", "BAI701", "{0}.get_status().current_node_count", f"len(list({_NODES}))"),
    "node_state_counts": row("exact", "BAI701", "{0}.get_status().node_state_counts", "{0}"),
    "errors": row("changed", "BAI717", "{0}.get_status().errors", ""),
    "errors.code": row("changed", "BAI717", "{0}['error']['code']", ""),
    "errors.message": row("changed", "BAI717", "{0}['error']['message']", ""),
    "node_state_counts.idle_node_count": row("exact", "BAI701", "{0}.idle_node_count", _in_state("idle")),
    "node_state_counts.running_node_count": row("exact", "BAI701", "{0}.running_node_count", _in_state("running")),
    "node_state_counts.preparing_node_count": row(
        "exact", "BAI701", "{0}.preparing_node_count", _in_state("preparing")
    ),
    "node_state_counts.unusable_node_count": row("exact", "BAI701", "{0}.unusable_node_count", _in_state("unusable")),
    "node_state_counts.leaving_node_count": row("exact", "BAI701", "{0}.leaving_node_count", _in_state("leaving")),
    "scale_settings": row("changed", "BAI717", "{0}.get_status().scale_settings", "{0}"),
    "scale_settings.manual": row("exact", "BAI717", "{0}"),
    "scale_settings.manual.target_node_count": row("changed", "BAI717", "{0}.maximum_node_count", "{0}.max_instances"),
    "scale_settings.auto_scale": row("exact", "BAI717", "{0}"),
    "scale_settings.auto_scale.minimum_node_count": row(
        "exact", "BAI717", "{0}.minimum_node_count", "{0}.min_instances"
    ),
    "scale_settings.auto_scale.maximum_node_count": row(
        "exact", "BAI717", "{0}.maximum_node_count", "{0}.max_instances"
    ),
}
JOB: dict[str, Row] = {
    "name": row("changed", "BAI202", "{0}.display_name"),
    "id": row("changed", "BAI202", "{0}.id"),
    "execution_state": row("changed", "BAI717", "{0}.get_status()", "{0}.status"),
    "execution_info": row("changed", "BAI717", "{0}.get_details()", "{0}"),
    "execution_info.start_time": row("changed", "BAI717", "{0}.get('startTimeUtc')", "{0}.creation_context.created_at"),
    "execution_info.end_time": row(
        "changed", "BAI717", "{0}.get('endTimeUtc')", "{0}.creation_context.last_modified_at"
    ),
    "execution_info.exit_code": row(
        "manual", "BAI718", "int({0}['status'] != 'Completed')", "int({0}.status != 'Completed')"
    ),
    "execution_info.errors": row("changed", "BAI717", "[e['error'] for e in [{0}.get('error')] if e]", ""),
    "execution_info.errors.code": row("changed", "BAI717", "{0}['code']", ""),
    "execution_info.errors.message": row("changed", "BAI717", "{0}['message']", ""),
    "job_output_directory_path_segment": row("changed", "BAI326", "{0}.id", "{0}.name"),
    "creation_time": row(
        "changed", "BAI717", "{0}.get_details().get('startTimeUtc', '')", "{0}.creation_context.created_at"
    ),
    "environment_variables": row("changed", "BAI714", "{0}.get_tags()", "{0}.tags"),
}
EXPERIMENT: dict[str, Row] = {
    "name": row("exact", "BAI701", "{0}.name", "{0}"),
    "id": row("exact", "BAI701", "{0}.id", "{0}"),
}
WORKSPACE: dict[str, Row] = {
    "name": row("exact", "BAI701", "{0}.name"),
    "location": row("exact", "BAI701", "{0}.location"),
    "id": row("changed", "BAI701", "{0}.get_details()['id']", "{0}.id"),
}
LOGIN: dict[str, Row] = {
    "node_id": row("exact", "BAI705", "{0}['nodeId']", "vars({0})['nodeId']"),
    "ip_address": row("exact", "BAI705", "{0}['publicIpAddress']", "vars({0})['publicIpAddress']"),
    "port": row("exact", "BAI705", "{0}['port']", "vars({0})['port']"),
}
FILE: dict[str, Row] = {
    "name": row("changed", "BAI704", "{0}"),
    "download_url": row("changed", "BAI704", ""),
}

USAGE: dict[str, Row] = {
    "name": row("changed", "BAI706", "{0}['name']", "{0}.name"),
    "name.value": row("changed", "BAI706", "{0}['value']", "{0}.value"),
    "name.localized_value": row("changed", "BAI706", "{0}['localizedValue']", "{0}.localized_value"),
    "value": row("changed", "BAI706", "{0}['value']", "{0}.value"),
    "localized_value": row("changed", "BAI706", "{0}['localizedValue']", "{0}.localized_value"),
    "current_value": row("changed", "BAI706", "{0}['currentValue']", "{0}.current_value"),
    "limit": row("changed", "BAI706", "{0}['limit']", "{0}.limit"),
    "unit": row("changed", "BAI706", "{0}['unit']", "{0}.unit"),
}

POLLER: dict[str, Row] = {
    "result()": row("exact", "BAI702", "{0}"),
    "wait()": row("exact", "BAI702"),
    "status()": row("changed", "BAI702", "{0}.provisioning_state"),
    "done()": row("changed", "BAI702"),
    "next()": row("exact", "BAI701", "next({0})"),
    "by_page()": row("changed", "BAI701", "[{0}]"),
}
"""Methods of a poller, where the calls of SDK v1 wait themselves, and of a listing, which comes as a whole."""

_BY_GROUP = {"clusters": CLUSTER, "jobs": JOB, "experiments": EXPERIMENT, "workspaces": WORKSPACE, "usages": USAGE}
_OF_TEXT = frozenset({"value", "name", "lower", "upper", "title", "capitalize"})
"""What programs ask of a state: the member's parts, and methods of the text that it is."""

UNKNOWN = row("manual", "BAI718")

LOST = frozenset(
    {
        "execution_state",
        "execution_state_transition_time",
        "execution_info",
        "job_output_directory_path_segment",
        "download_url",
        "node_setup",
        "mount_volumes",
        "std_out_err_path_prefix",
        "mount_settings",
    }
)
"""Attributes that only objects of Batch AI have."""


def row_for(op: str, attribute: str) -> Row | None:
    """The row for an attribute of what an operation answers; None when nothing says the same."""
    group, _, method = op.partition(".")
    if attribute.endswith("()"):
        return POLLER.get(attribute)
    if method == "list_output_files":
        return FILE.get(attribute)
    if method == "list_remote_login_information":
        return LOGIN.get(attribute)
    if group == "helpers":
        return JOB.get(attribute) if attribute == "environment_variables" else None
    head, _, last = attribute.rpartition(".")
    if head.split(".")[0] in STATES and last in _OF_TEXT:
        return row("exact", "BAI717", "{0}" if last in ("value", "name") else f"{{0}}.{last}")
    return _BY_GROUP.get(group, {}).get(attribute)
