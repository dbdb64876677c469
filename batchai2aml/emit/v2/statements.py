"""Azure ML SDK v2: from the model to expressions (azure-ai-ml 1.35)."""

from __future__ import annotations

import re

from batchai2aml.azureml import images, names
from batchai2aml.azureml.model import (
    Binding,
    Code,
    Compute,
    Datastore,
    Distribution,
    Job,
    Mpi,
    ParameterServers,
    Registry,
    TorchProcesses,
)
from batchai2aml.emit import python
from batchai2aml.emit.style import Style
from batchai2aml.emit.v2 import words

IMPORTS: dict[str, str] = {
    **dict.fromkeys(
        ("Input", "MLClient", "MpiDistribution", "Output", "PyTorchDistribution", "TensorFlowDistribution", "command"),
        "azure.ai.ml",
    ),
    **dict.fromkeys(
        (
            "AccountKeyConfiguration",
            "AmlCompute",
            "AmlComputeSshSettings",
            "AzureBlobDatastore",
            "AzureFileDatastore",
            "Command",
            "Environment",
            "Job",
            "NetworkSettings",
            "UsernamePasswordConfiguration",
            "Workspace",
            "WorkspaceConnection",
        ),
        "azure.ai.ml.entities",
    ),
    **dict.fromkeys(("Choice", "LogUniform", "Uniform"), "azure.ai.ml.sweep"),
    "JobException": "azure.ai.ml.exceptions",
    **dict.fromkeys(("HttpResponseError", "ResourceExistsError"), "azure.core.exceptions"),
    **dict.fromkeys(
        (
            "AzureCliCredential",
            "ClientSecretCredential",
            "DefaultAzureCredential",
            "InteractiveBrowserCredential",
            "ManagedIdentityCredential",
        ),
        "azure.identity",
    ),
    "BlobServiceClient": "azure.storage.blob",
    "ShareServiceClient": "azure.storage.fileshare",
}
"""Where each name of the SDK, and of what it brings along, is imported from."""


def compute(made: Compute, name: Code, style: Style) -> list[tuple[str, Code]]:
    """The keyword arguments of a cluster."""
    found: list[tuple[str, Code | None]] = [("name", name), ("size", made.size), ("tier", _tier(made.priority, style))]
    found += [("min_instances", made.scale.least), ("max_instances", made.scale.most)]
    found.append(("idle_time_before_scale_down", made.idle))
    if made.account is not None:
        inner: list[tuple[str, Code | None]] = [
            ("admin_username", made.account.name),
            ("ssh_key_value", made.account.key),
            ("admin_password", made.account.password),
        ]
        settings = python.call("AmlComputeSshSettings", [(key, code) for key, code in inner if code is not None], style)
        found.append(("ssh_public_access_enabled", Code("True")))
        found.append(("ssh_settings", Code(settings)))
    if made.network is not None:
        found.append(("network_settings", Code(f"NetworkSettings(subnet={made.network.id})")))
    if made.tags:
        found.append(("tags", Code("{" + ", ".join(f"{key}: {value}" for key, value in made.tags) + "}")))
    return [(key, value) for key, value in found if value is not None]


def _tier(priority: Code, style: Style) -> Code:
    """Batch AI's word for the priority, as Azure ML writes it."""
    if priority.text[:1] in "'\"":
        return Code(priority.text.replace("lowpriority", "low_priority"))
    old, new = style.string("lowpriority"), style.string("low_priority")
    return Code(f"{_operand(priority)}.replace({old}, {new})")


def compute_names(made: Compute) -> set[str]:
    """What a cluster's object names of the SDK."""
    found = {"AmlCompute"}
    found |= {"AmlComputeSshSettings"} if made.account is not None else set()
    return found | ({"NetworkSettings"} if made.network is not None else set())


def datastore(store: Datastore, style: Style) -> tuple[str, list[tuple[str, Code | str]]]:
    """The class of a datastore, and its keyword arguments."""
    blob = store.kind == "blob"
    found: list[tuple[str, Code | str]] = [
        ("name", style.string(store.name)),
        ("account_name", store.account),
        ("container_name" if blob else "file_share_name", store.container),
    ]
    if store.endpoint:
        found.append(("endpoint", style.string(store.endpoint)))
    found.append(("credentials", f"AccountKeyConfiguration(account_key={store.key})"))
    return ("AzureBlobDatastore" if blob else "AzureFileDatastore"), found


def connection(made: Registry, workspace: str, style: Style) -> str:
    """The statement that tells a workspace of a private registry."""
    host = str(words.pieces(made.address)[0])
    credentials = [
        ("username", made.username or Code(style.string(""))),
        ("password", made.password or Code(style.string(""))),
    ]
    inner = python.call("UsernamePasswordConfiguration", credentials, style)
    arguments: list[tuple[str, Code | str]] = [
        ("name", style.string(names.ours(host))),
        ("type", style.string("container_registry")),
        ("target", made.address),
        ("credentials", inner),
    ]
    return f"{workspace}.connections.create_or_update({python.call('WorkspaceConnection', arguments, style)})"


def job(made: Job, style: Style) -> list[tuple[str, Code | str]]:
    """The keyword arguments of a command job, but for its name and its experiment."""
    found: list[tuple[str, Code | str]] = [
        ("code", made.source_directory),
        ("command", words.line(made.line, style) if made.line else words.command(made, style)),
    ]
    for direction in ("input", "output"):
        bound = {item.id: item for item in made.bindings if item.direction == direction}
        if bound:
            entries = [f"{style.string(name)}: {_binding(item, style)}" for name, item in bound.items()]
            lines = "".join(f"\n    {python.nested(entry)}," for entry in entries)
            found.append((f"{direction}s", f"{{{lines}\n}}"))
    found.append(("environment", _environment(made, style)))
    variables = python.environment(made)
    if variables is not None:
        found.append(("environment_variables", variables))
    found += [("compute", made.compute), ("instance_count", made.nodes)]
    how = _distribution(made.distribution)
    if how is not None:
        found.append(("distribution", how))
    if made.shared_memory is not None:
        found.append(("shm_size", made.shared_memory))
    found.append(("timeout", made.limit))
    return found


def _environment(made: Job, style: Style) -> str:
    image = made.image or Code(style.string(images.OWN))
    if made.conda_file is None:
        return f"Environment(image={image})"
    return python.call("Environment", [("image", image), ("conda_file", made.conda_file)], style)


def _binding(made: Binding, style: Style) -> str:
    path = words.uri(made.datastore, made.path, style)
    kind, mode = ("Input", "ro_mount") if made.direction == "input" else ("Output", "rw_mount")
    shape = style.string("uri_file" if made.file else "uri_folder")
    return python.call(kind, [("type", shape), ("mode", style.string(mode)), ("path", path)], style)


def _distribution(how: Distribution | None) -> str | None:
    match how:
        case ParameterServers(workers, servers):
            return f"TensorFlowDistribution(worker_count={workers}, parameter_server_count={servers})"
        case Mpi(per_node):
            return f"MpiDistribution(process_count_per_instance={per_node})"
        case TorchProcesses(_, nodes, total):
            return f"PyTorchDistribution(process_count_per_instance={_each(total, nodes)})"
    return None


def _each(total: Code | None, nodes: Code) -> str:
    if total is None:
        return "1"
    if total.text.isdigit() and nodes.text.isdigit():
        return str(max(1, -(-int(total.text) // max(1, int(nodes.text)))))
    return f"{_operand(total)} // {_operand(nodes)}"


def _operand(code: Code) -> str:
    """An expression that an operator may stand beside."""
    return code.text if re.fullmatch(r"[\w.]+(\[[^\[\]]*\]|\([^()]*\))*", code.text) else f"({code})"


def job_names(made: Job) -> set[str]:
    """What a job names of the SDK."""
    found = {"command", "Environment"}
    found |= {"Input" if item.direction == "input" else "Output" for item in made.bindings}
    match made.distribution:
        case ParameterServers():
            found.add("TensorFlowDistribution")
        case Mpi():
            found.add("MpiDistribution")
        case TorchProcesses():
            found.add("PyTorchDistribution")
    return found | ({"UsernamePasswordConfiguration", "WorkspaceConnection"} if made.registry is not None else set())
