"""Options of the list calls; they travel in the query, not in a body."""

from __future__ import annotations

from batchai2aml.batchai.schema.types import ONLY_1_0, SINCE_1_0, SINCE_2_0, UNTIL_1_0, field, model

OPTIONS = (
    model(
        "ClustersListByResourceGroupOptions",
        field("filter", sdk=ONLY_1_0),
        field("select", sdk=ONLY_1_0),
        field("max_results", type="int", sdk=ONLY_1_0),
        sdk=UNTIL_1_0,
        positional=("filter", "select", "max_results"),
    ),
    model(
        "ClustersListByWorkspaceOptions",
        field("max_results", type="int"),
        sdk=SINCE_2_0,
    ),
    model(
        "ClustersListOptions",
        field("filter", sdk=ONLY_1_0),
        field("select", sdk=ONLY_1_0),
        field("max_results", type="int", sdk=ONLY_1_0),
        sdk=UNTIL_1_0,
        positional=("filter", "select", "max_results"),
    ),
    model(
        "ExperimentsListByWorkspaceOptions",
        field("max_results", type="int"),
        sdk=SINCE_2_0,
    ),
    model(
        "FileServersListByResourceGroupOptions",
        field("filter", sdk=ONLY_1_0),
        field("select", sdk=ONLY_1_0),
        field("max_results", type="int", sdk=ONLY_1_0),
        sdk=UNTIL_1_0,
        positional=("filter", "select", "max_results"),
    ),
    model(
        "FileServersListByWorkspaceOptions",
        field("max_results", type="int"),
        sdk=SINCE_2_0,
    ),
    model(
        "FileServersListOptions",
        field("filter", sdk=ONLY_1_0),
        field("select", sdk=ONLY_1_0),
        field("max_results", type="int", sdk=ONLY_1_0),
        sdk=UNTIL_1_0,
        positional=("filter", "select", "max_results"),
    ),
    model(
        "JobsListByExperimentOptions",
        field("max_results", type="int"),
        sdk=SINCE_2_0,
    ),
    model(
        "JobsListByResourceGroupOptions",
        field("filter", sdk=ONLY_1_0),
        field("select", sdk=ONLY_1_0),
        field("max_results", type="int", sdk=ONLY_1_0),
        sdk=UNTIL_1_0,
        positional=("filter", "select", "max_results"),
    ),
    model(
        "JobsListOptions",
        field("filter", sdk=ONLY_1_0),
        field("select", sdk=ONLY_1_0),
        field("max_results", type="int", sdk=ONLY_1_0),
        sdk=UNTIL_1_0,
        positional=("filter", "select", "max_results"),
    ),
    model(
        "JobsListOutputFilesOptions",
        field("outputdirectoryid", sdk=SINCE_1_0),
        field("directory", sdk=SINCE_1_0),
        field("linkexpiryinminutes", type="int", sdk=SINCE_1_0),
        field("max_results", type="int", sdk=SINCE_1_0),
        positional=("outputdirectoryid", "linkexpiryinminutes", "max_results"),
    ),
    model(
        "WorkspacesListByResourceGroupOptions",
        field("max_results", type="int"),
        sdk=SINCE_2_0,
    ),
    model(
        "WorkspacesListOptions",
        field("max_results", type="int"),
        sdk=SINCE_2_0,
    ),
)
