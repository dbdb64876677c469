"""The helpers of the official recipes' `utilities` package, both generations."""

from __future__ import annotations

import json
from dataclasses import dataclass

import libcst as cst

from batchai2aml.batchai import schema
from batchai2aml.batchai.configuration import ATTRIBUTES, SECRET_ATTRIBUTES
from batchai2aml.readers.python import strings
from batchai2aml.readers.python.arguments import Arguments
from batchai2aml.readers.python.domain import (
    NONE,
    Abstract,
    Bound,
    Client,
    Instance,
    Mapping,
    ModelObject,
    Result,
    Sequence,
    Slot,
    Unknown,
)
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.scope import Scope
from batchai2aml.readers.python.sdk import new_client, new_record
from batchai2aml.text import Segment, Text


@dataclass(frozen=True, slots=True)
class Helper:
    """A helper's parameters since 2018-05-01 and before."""

    now: tuple[str, ...]
    before: tuple[str, ...] = ()


_JOB = ("client", "resource_group_name", "workspace_name", "experiment_name", "job_name", "cluster_name")
HELPERS: dict[str, Helper] = {
    "Configuration": Helper(("file_name",)),
    "create_batchai_client": Helper(("configuration",)),
    "create_resource_group": Helper(("configuration",)),
    "print_cluster_status": Helper(("cluster",)),
    "print_job_status": Helper(("job",)),
    "wait_for_job_completion": Helper(
        (*_JOB, "output_directory_id", "file_name"),
        ("client", "resource_group_name", "job_name", "cluster_name", "output_directory_id", "file_name"),
    ),
    "convert_job_to_jcp": Helper(("job", "client")),
    "OutputStreamer": Helper(
        (
            "client",
            "resource_group",
            "workspace_name",
            "experiment_name",
            "job_name",
            "output_directory_id",
            "file_name",
        ),
        ("client", "resource_group", "job_name", "output_directory_id", "file_name"),
    ),
    "MetricExtractor": Helper(("output_dir_id", "logfile", "regex", "calculate_method")),
    "download_file": Helper(("sas", "destination")),
    "download_and_upload_mnist_dataset_to_blob": Helper(("blob_service", "container_name", "directory")),
    "download_and_upload_rnn_dataset_to_blob": Helper(("blob_service", "container_name", "directory")),
    "NumericParameter": Helper(("parameter_name", "data_type", "start", "end", "scale", "num_values", "step")),
    "DiscreteParameter": Helper(("parameter_name", "values")),
    "DictParameter": Helper(("parameter_name", "values")),
    "FileParameter": Helper(
        (
            "parameter_name",
            "storage_account_name",
            "storage_account_key",
            "storage_type",
            "mount_path",
            "mount_method",
            "container",
            "fileshare",
            "directory",
            "filter_str",
        )
    ),
    "ParameterSweep": Helper(("param_specs",)),
    "ExperimentUtils": Helper(("client", "resource_group_name", "workspace_name", "experiment_name", "log_to_stdout")),
}

_OBJECTS = frozenset(
    {
        "MetricExtractor",
        "OutputStreamer",
        "NumericParameter",
        "DiscreteParameter",
        "DictParameter",
        "FileParameter",
        "ParameterSweep",
        "ExperimentUtils",
    }
)


def external_helper(dotted: str) -> str | None:
    """The helper behind a name of a `utilities` package that is not in the project."""
    parts = dotted.split(".")
    return parts[-1] if parts[0] == "utilities" and parts[-1] in HELPERS else None


def call(me: Interpreter, name: str, node: cst.Call, arguments: Arguments, scope: Scope) -> Abstract:
    """A call of a helper function or class."""
    helper = HELPERS.get(name)
    if helper is None:
        return Unknown(me.code(node))
    names = helper.now
    if (
        helper.before
        and len(arguments.positional) + len(arguments.keywords) <= len(helper.before)
        and not _is_now(name, arguments)
    ):
        names = helper.before
    _load_path(me, arguments, scope)
    if name == "create_batchai_client":
        return new_client(me, node, arguments, scope, names, "helpers.create_batchai_client")
    record = new_record(me, f"helpers.{name}", node, scope, arguments.bind(names))
    record.old = names is helper.before
    me.add(record)
    if name == "Configuration":
        return _configuration(me, record.arguments, me.code(node), record)
    if name in _OBJECTS:
        attributes = {key: slot.value for key, slot in record.arguments.items()}
        return Instance(None, attributes, name, record, me.code(node))
    if name == "convert_job_to_jcp":
        return Unknown(me.code(node), record=record)
    return NONE if name != "download_file" else Unknown(me.code(node))


def _load_path(me: Interpreter, arguments: Arguments, scope: Scope) -> None:
    """A configuration's file name where the loaded configuration belongs: treat the name as loaded from here on."""
    slot = arguments.slot(0, "configuration")
    if slot is None or not isinstance(slot.value, Text) or not isinstance(slot.node, cst.Name):
        return
    if (slot.value.known or "").endswith(".json"):
        scope.set(slot.node.value, Instance(None, {"file_name": slot.value}, "Configuration", code=slot.node.value))


def _is_now(name: str, arguments: Arguments) -> bool:
    if "experiment_name" in arguments.keywords or "workspace_name" in arguments.keywords:
        return True
    if name == "wait_for_job_completion":
        # six positional arguments fit both; before, the fifth was the id of an output directory
        fifth = arguments.get(4)
        given = len(arguments.positional) + len(arguments.keywords)
        return given == 6 and not (isinstance(fifth, Text) and (fifth.known or "").lower() == "stdouterr")
    return False


def _configuration(me: Interpreter, arguments: dict[str, Slot], code: str, record: object) -> Instance:
    slot = arguments.get("file_name")
    path = slot.value.known if slot and isinstance(slot.value, Text) else None
    content = me.modules.data_file(me, path) if path else None
    instance = Instance(None, {}, "Configuration", code=code)
    if slot is not None:
        instance.attributes["file_name"] = slot.value
    if content is None:
        return instance
    try:
        loaded = json.loads(content)
    except ValueError:
        return instance
    for attribute, keys in ATTRIBUTES.items():
        value = loaded
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str):
            secret = attribute in SECRET_ATTRIBUTES
            instance.attributes[attribute] = Text((Segment(value, None, secret),)) if value else Text(())
        elif value is None:
            instance.attributes[attribute] = NONE
    return instance


def member(me: Interpreter, receiver: Instance, attribute: str, node: cst.Attribute) -> Abstract:
    """An attribute of a helper's object that was not set by its constructor."""
    code = me.code(node)
    if receiver.kind == "Configuration":
        return Unknown(code, secret=attribute in SECRET_ATTRIBUTES, kind="configuration")
    if receiver.kind == "ParameterSweep" and attribute.isupper():
        return Unknown(code, kind="substitution")
    return Bound(receiver, attribute)


def item(receiver: Instance, key: Abstract, code: str) -> Abstract:
    """`sweep['NAME']`."""
    if receiver.kind == "ParameterSweep":
        return Unknown(code, kind="substitution")
    return Unknown(code)


def call_method(
    me: Interpreter, receiver: Instance, method: str, node: cst.Call, arguments: Arguments, scope: Scope
) -> Abstract:
    """A method of a helper's object."""
    code = me.code(node)
    if receiver.kind == "file":
        if method in ("read", "readlines"):
            path = receiver.attributes.get("path")
            content = me.modules.data_file(me, path.known) if isinstance(path, Text) and path.known else None
            return Text.literal(content) if content is not None and method == "read" else Unknown(code)
        return Unknown(code)
    if receiver.kind == "ParameterSweep" and method in ("generate_jobs", "generate_jobs_random_search", "from_json"):
        record = new_record(me, f"helpers.{method}", node, scope, arguments.bind(("job_create_parameters", "num_jobs")))
        me.add(record)
        return _generated(receiver, arguments.get(0, "job_create_parameters"))
    if receiver.kind == "ExperimentUtils":
        return _experiment_utils(me, receiver, method, node, arguments, scope)
    return Unknown(code)


def _generated(sweep: Instance, template: Abstract | None) -> Abstract:
    combinations = Sequence([Mapping(open=True)], open=True)
    if not isinstance(template, ModelObject):
        return Sequence([Sequence([], open=True), combinations], "tuple")
    job = ModelObject(template.model, template.node, template.cell, template.scope, template.statement)
    job.slots, job.extra, job.reached = dict(template.slots), dict(template.extra), template.reached
    template.sent.extend(job.sent)
    specs = sweep.attributes.get("param_specs")
    variables: list[Abstract] = []
    variable = schema.MODELS["EnvironmentVariable"]
    for spec in specs.items if isinstance(specs, Sequence) else []:
        if not isinstance(spec, Instance):
            continue
        name = spec.attributes.get("parameter_name")
        known = name.known if isinstance(name, Text) else None
        made = ModelObject(variable, template.node, template.cell, template.scope, template.statement)
        made.slots["name"] = Slot(Text.literal(f"PARAM_{known}"), template.node, template.cell)
        made.slots["value"] = Slot(Unknown(f"sweep[{known!r}]"), template.node, template.cell)
        variables.append(made)
    job.slots["environment_variables"] = Slot(Sequence(variables), template.node, template.cell)
    job.parent = template
    return Sequence([Sequence([job], open=True), combinations], "tuple")


def _experiment_utils(
    me: Interpreter, receiver: Instance, method: str, node: cst.Call, arguments: Arguments, scope: Scope
) -> Abstract:
    code = me.code(node)
    if method == "submit_jobs":
        named = arguments.bind(("jcp_list", "job_name_prefix", "max_retries", "num_threads"))
        record = new_record(me, "jobs.create", node, scope, named)
        record.via = "utilities.experiment.ExperimentUtils.submit_jobs"
        _place(record, receiver)
        prefix = named.get("job_name_prefix")
        if prefix is not None and isinstance(prefix.value, Text):
            name = Text.join([prefix.value, Text.literal("_"), Text((Segment(None, "hash of the parameters"),))])
            record.arguments["job_name"] = Slot(name, prefix.node, prefix.cell)
        jobs = named.get("jcp_list")
        first = jobs.value.items[0] if jobs and isinstance(jobs.value, Sequence) and jobs.value.items else None
        if isinstance(first, ModelObject):
            record.body = first
            first.sent.append(record)
            if first.parent is not None:
                first.parent.sent.append(record)
        me.add(record)
        return Result(record, poller=True, many=True)
    record = new_record(me, f"helpers.{method}", node, scope, arguments.bind(()))
    if method == "resubmit_failed_jobs":
        _place(record, receiver)
    me.add(record)
    return Unknown(code, record=record)


def _place(record: CallRecord, utilities: Instance) -> None:
    """The client and the experiment that an `ExperimentUtils` was made with."""
    client = utilities.attributes.get("client")
    record.receiver = client if isinstance(client, Client) else None
    for key in ("resource_group_name", "workspace_name", "experiment_name"):
        if utilities.record and key in utilities.record.arguments:
            record.arguments[key] = utilities.record.arguments[key]


__all__ = ["HELPERS", "call", "call_method", "external_helper", "item", "member", "strings"]
