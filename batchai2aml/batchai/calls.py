"""
The client's calls in every SDK version, as one table.

A call is recognised by its group and method; which API generation it belongs to follows from how many
names it is given (`jobs.create(rg, job, parameters)` before 2018-05-01, five arguments since).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

CLIENTS = frozenset({"BatchAIManagementClient", "BatchAI"})

OPEN = ("resource_group_name",)
SPACE = ("resource_group_name", "workspace_name")
EXPERIMENT = ("resource_group_name", "workspace_name", "experiment_name")


@dataclass(frozen=True, slots=True)
class Call:
    """One method: `op` in the 2018-05-01 naming, its parameters now and before that version."""

    op: str
    now: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    body: str = ""

    def parameters(self, positional: int, keywords: Collection[str]) -> tuple[str, ...]:
        """The signature that fits a call with so many positional arguments and these keywords."""
        if not self.before:
            return self.now
        if not self.now:
            return self.before
        if {"workspace_name", "experiment_name"} & set(keywords):
            return self.now
        optional = {"tags", "scale_settings", "max_results"}
        required_now = [n for n in self.now if n not in optional and not n.endswith("_options")]
        given = positional + len([k for k in keywords if k in self.now or k in self.before])
        return self.now if given >= len(required_now) else self.before

    def is_old(self, parameters: tuple[str, ...]) -> bool:
        """Whether these parameters are those of the versions before 2018-05-01."""
        return bool(self.before) and parameters == self.before and self.before != self.now


def _named(group: str, single: str, scope: tuple[str, ...], *methods: str, old: bool = True) -> dict[str, Call]:
    now = (*scope, f"{single}_name")
    before = (*OPEN, f"{single}_name") if old else ()
    return {f"{group}.{method}": Call(f"{group}.{method}", now, before) for method in methods}


def _create(group: str, single: str, scope: tuple[str, ...], body: str) -> dict[str, Call]:
    now = (*scope, f"{single}_name", "parameters")
    return {f"{group}.create": Call(f"{group}.create", now, (*OPEN, f"{single}_name", "parameters"), body)}


def _lists(group: str, current: str, scope: tuple[str, ...]) -> dict[str, Call]:
    options = f"{group}_list_{current}_options" if current else f"{group}_list_options"
    return {
        f"{group}.list_{current}": Call(f"{group}.list_{current}", (*scope, options)),
        f"{group}.list": Call(f"{group}.list", before=(f"{group}_list_options",)),
        f"{group}.list_by_resource_group": Call(
            f"{group}.list_by_resource_group",
            before=(*OPEN, f"{group}_list_by_resource_group_options"),
        ),
    }


CALLS: dict[str, Call] = {
    **_named("workspaces", "workspace", OPEN, "get", "delete", old=False),
    "workspaces.create": Call("workspaces.create", (*SPACE, "location", "tags"), body="WorkspaceCreateParameters"),
    "workspaces.update": Call("workspaces.update", (*SPACE, "tags"), body="WorkspaceUpdateParameters"),
    "workspaces.list": Call("workspaces.list", ("workspaces_list_options",)),
    "workspaces.list_by_resource_group": Call(
        "workspaces.list_by_resource_group", (*OPEN, "workspaces_list_by_resource_group_options")
    ),
    **_create("clusters", "cluster", SPACE, "ClusterCreateParameters"),
    **_named("clusters", "cluster", SPACE, "get", "delete", "list_remote_login_information"),
    "clusters.update": Call(
        "clusters.update",
        (*SPACE, "cluster_name", "scale_settings"),
        (*OPEN, "cluster_name", "tags", "scale_settings"),
        "ClusterUpdateParameters",
    ),
    **_lists("clusters", "by_workspace", SPACE),
    **_create("file_servers", "file_server", SPACE, "FileServerCreateParameters"),
    **_named("file_servers", "file_server", SPACE, "get", "delete"),
    **_lists("file_servers", "by_workspace", SPACE),
    **_named("experiments", "experiment", SPACE, "create", "get", "delete", old=False),
    "experiments.list_by_workspace": Call(
        "experiments.list_by_workspace", (*SPACE, "experiments_list_by_workspace_options")
    ),
    **_create("jobs", "job", EXPERIMENT, "JobCreateParameters"),
    **_named("jobs", "job", EXPERIMENT, "get", "delete", "terminate", "list_remote_login_information"),
    "jobs.list_output_files": Call(
        "jobs.list_output_files",
        (*EXPERIMENT, "job_name", "jobs_list_output_files_options"),
        (*OPEN, "job_name", "jobs_list_output_files_options"),
    ),
    **_lists("jobs", "by_experiment", EXPERIMENT),
    "usages.list": Call("usages.list", ("location",)),
    "operations.list": Call("operations.list", ()),
}
"""Every method of the operation groups, by `group.method`; `begin_` is taken off before the look-up."""

GROUPS: dict[str, str] = {
    **{key.split(".")[0]: key.split(".")[0] for key in CALLS},
    "usage": "usages",
    "fileservers": "file_servers",
}
"""The attribute of the client and the group it stands for; `usage` is 1.0's name of `usages`."""

RESOURCE: dict[str, str] = {
    "workspaces": "workspace",
    "clusters": "cluster",
    "file_servers": "file_server",
    "experiments": "experiment",
    "jobs": "job",
    "usages": "usage",
    "operations": "usage",
    "storage": "storage",
    "helpers": "helper",
}


def look_up(group: str, method: str) -> Call | None:
    """The call behind `client.<group>.<method>`, with or without `begin_`."""
    return CALLS.get(f"{GROUPS.get(group, group)}.{method.removeprefix('begin_')}")
