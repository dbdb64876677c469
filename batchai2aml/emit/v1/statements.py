"""Azure ML SDK v1: from the model to statements."""

from __future__ import annotations

from collections import Counter

from batchai2aml.azureml.model import (
    IMAGE_TO_CHOOSE,
    Binding,
    Code,
    Compute,
    Datastore,
    Distribution,
    Job,
    Mpi,
    ParameterServers,
    Scale,
    TorchProcesses,
)
from batchai2aml.emit.python import WIDTH, call, environment, nested
from batchai2aml.emit.style import Style
from batchai2aml.emit.templates import render

IMPORTS: dict[str, str] = {
    "AmlCompute": "azureml.core.compute",
    "AzureMLException": "azureml.exceptions",
    "AzureCliAuthentication": "azureml.core.authentication",
    "ComputeTarget": "azureml.core.compute",
    "ComputeTargetException": "azureml.core.compute_target",
    "ContainerRegistry": "azureml.core.container_registry",
    "Dataset": "azureml.core",
    "Datastore": "azureml.core",
    "Estimator": "azureml.train.estimator",
    "Experiment": "azureml.core",
    "InteractiveLoginAuthentication": "azureml.core.authentication",
    "MsiAuthentication": "azureml.core.authentication",
    "OutputFileDatasetConfig": "azureml.data",
    "PyTorchConfiguration": "azureml.core.runconfig",
    "Run": "azureml.core",
    "ServicePrincipalAuthentication": "azureml.core.authentication",
    "Workspace": "azureml.core",
    "WorkspaceException": "azureml.exceptions",
    **dict.fromkeys(("Chainer", "Gloo", "Mpi", "Nccl", "PyTorch", "TensorFlow"), "azureml.train.dnn"),
}
"""Where each name of the SDK is imported from."""


def datastore(store: Datastore, workspace: str, style: Style) -> str:
    """The registration of a datastore, or a look-up of one that must be made by hand."""
    if store.kind == "placeholder":
        return f"{store.variable} = Datastore.get({workspace}, {style.string(store.name)})"
    function, arguments = registration(store, style)
    return f"{store.variable} = " + call(function, [("workspace", workspace), *arguments], style)


def registration(store: Datastore, style: Style) -> tuple[str, list[tuple[str, Code | str]]]:
    """The call that registers a datastore, and its arguments without the workspace."""
    blob = store.kind == "blob"
    arguments: list[tuple[str, Code | str]] = [
        ("datastore_name", style.string(store.name)),
        ("container_name" if blob else "file_share_name", store.container),
        ("account_name", store.account),
        ("account_key", store.key),
    ]
    if store.endpoint:
        arguments.append(("endpoint", style.string(store.endpoint)))
    arguments.append(("overwrite", "True"))
    if store.create:
        arguments.append(("create_if_not_exists", "True"))
    return f"Datastore.register_azure_{'blob_container' if blob else 'file_share'}", arguments


def compute(made: Compute, style: Style) -> str:
    """The configuration of a cluster."""
    return call("AmlCompute.provisioning_configuration", provisioning(made), style)


def provisioning(made: Compute) -> list[tuple[str, Code]]:
    """The keyword arguments of a cluster's configuration, in the order of the SDK's signature."""
    found: list[tuple[str, Code | None]] = [("vm_size", made.size), ("vm_priority", made.priority)]
    found += scale(made.scale)
    found.append(("idle_seconds_before_scaledown", made.idle))
    if made.account is not None:
        found += [
            ("admin_username", made.account.name),
            ("admin_user_password", made.account.password),
            ("admin_user_ssh_key", made.account.key),
        ]
    if made.network is not None:
        found += [
            ("vnet_resourcegroup_name", made.network.group),
            ("vnet_name", made.network.network),
            ("subnet_name", made.network.subnet),
        ]
    if made.tags:
        found.append(("tags", Code("{" + ", ".join(f"{name}: {value}" for name, value in made.tags) + "}")))
    return [(name, value) for name, value in found if value is not None]


def scale(made: Scale) -> list[tuple[str, Code]]:
    """The keyword arguments that say how many nodes a cluster has."""
    found = [("min_nodes", made.least), ("max_nodes", made.most)]
    return [(name, value) for name, value in found if value is not None]


def binding(made: Binding, style: Style) -> str:
    """A data reference or an output, mounted."""
    if made.direction == "input":
        path = f"{made.path}, " if made.path else ""
        return f"{made.datastore}.path({path}data_reference_name={style.string(made.id)}).as_mount()"
    mount = "as_mount(disable_metadata_cache=True)" if made.many_nodes else "as_mount()"
    where = f"({made.datastore}, {made.path})"
    short = f"OutputFileDatasetConfig(name={style.string(made.id)}, destination={where}).{mount}"
    if len(short) < WIDTH - 24:
        return short
    return f"OutputFileDatasetConfig(\n    name={style.string(made.id)},\n    destination={where}).{mount}"


def destination(template: str, run: str, style: Style) -> str:
    """The folder that a run wrote an output into: its template with the id of the run `run` filled in."""
    if template[:1] == "f" and "{{run-id}}" in template:
        return template.replace("{{run-id}}", f"{{{run}.id}}")
    pieces: list[str] = []
    for number, part in enumerate(template.split("{run-id}")):
        if number:
            pieces.append(f"{run}.id")
        text = part.strip()
        for quote in "'\"":
            text = text.removeprefix(quote).removesuffix(quote) if text.count(quote) == 1 else text
        if text in ("''", '""', ""):
            continue
        pieces.append(text if text[:1] in "'\"" or " + " in text or text.isidentifier() else style.string(text))
    return " + ".join(pieces)


def listing(store: str, kind: str, folder: str, style: Style) -> str:
    """
    The names of the files in a folder of a datastore; `kind` is `file` for a share.

    `Datastore.file_service` and `.blob_service` of azureml-core 1.61 are the clients of version 12.
    """
    if kind == "file":
        found = f"{store}.file_service.list_directories_and_files({folder})"
        return f"[item[{style.string('name')}] for item in {found}]"
    container = f"{store}.blob_service.get_container_client({store}.container_name)"
    name = f"blob.name.split({style.string('/')})[-1]"
    return f"[{name} for blob in {container}.list_blobs(name_starts_with={folder})]"


def job(made: Job, params: str, style: Style) -> tuple[list[str], str]:
    """
    Statements that must come before the estimator, and the estimator itself.

    `params` is the name of the dictionary of arguments.
    """
    before: list[str] = []
    uses = Counter(entry.value.id for entry in made.arguments if isinstance(entry.value, Binding))
    names: dict[str, str] = {}
    for found in made.bindings:
        if uses[found.id] > 1:
            names[found.id] = f"{found.id.lower()}_{found.direction}"
            before.append(f"{names[found.id]} = {binding(found, style)}")
    arguments: list[tuple[str, Code | str]] = list(_script(made))
    if made.arguments:
        entries = [_entry(entry.name, entry.value, names, style) for entry in made.arguments]
        before.append(render("v1/script_params", style.quote, variable=params, entries=entries))
        arguments.append(("script_params", params))
    if made.registry is not None:
        before += _registry(made, style)
    return before, call(estimator(made), [*arguments, *_given(made, style)], style)


def estimator(made: Job) -> str:
    """The class: the toolkit's own where there is one."""
    return made.framework or "Estimator"


def keywords(made: Job, style: Style) -> list[tuple[str, Code]]:
    """What an estimator is given beside the dictionary of arguments and the registry of its image."""
    return [*_script(made), *(pair for pair in _given(made, style) if pair[0] != "image_registry_details")]


def _script(made: Job) -> list[tuple[str, Code]]:
    return [
        ("source_directory", made.source_directory),
        ("entry_script", made.entry_script),
        ("compute_target", made.compute),
    ]


def _given(made: Job, style: Style) -> list[tuple[str, Code]]:
    """Nodes, distribution, image, environment, time."""
    found: list[tuple[str, Code]] = [
        ("node_count", made.nodes),
        *_distribution(made.distribution, style),
        ("use_gpu", Code(str(made.gpu))),
    ]
    image = made.image if made.image is not None or made.framework else Code(style.string(IMAGE_TO_CHOOSE))
    if image is not None:
        found.append(("custom_docker_image", image))
        if made.registry is not None:
            found.append(("image_registry_details", Code("registry")))
        found.append(("user_managed", Code("True")))
    if made.shared_memory is not None:
        found.append(("shm_size", made.shared_memory))
    variables = environment(made)
    if variables is not None:
        found.append(("environment_variables", variables))
    found.append(("max_run_duration_seconds", made.limit))
    if made.registry is not None and image is None:
        found.append(("image_registry_details", Code("registry")))
    return found


def _distribution(how: Distribution | None, style: Style) -> list[tuple[str, Code]]:
    match how:
        case ParameterServers(workers, servers):
            return [
                ("worker_count", workers),
                ("parameter_server_count", servers),
                ("distributed_backend", Code(style.string("ps"))),
            ]
        case Mpi(per_node):
            return [("distributed_training", Code(f"Mpi(process_count_per_node={per_node})"))]
        case TorchProcesses(choice=Code(choice)):
            test = f"({choice}) == {style.string('nccl')}"
            return [("distributed_training", Code(f"Nccl() if {test} else Gloo()"))]
        case TorchProcesses(backend):
            return [("distributed_training", Code(f"{backend.capitalize()}()"))]
    return []


def several_processes(made: Job, style: Style) -> Code | None:
    """
    The PyTorch configuration for more than one process a node, or None.

    An estimator's `Gloo()` and `Nccl()` take no count (azureml-train-core 1.62).
    """
    how = made.distribution
    if not isinstance(how, TorchProcesses) or how.total is None:
        return None
    backend = style.string(how.backend.capitalize())
    return Code(f"PyTorchConfiguration({backend}, process_count={how.total}, node_count={how.nodes})")


def processes(pytorch: Code, variable: str) -> str:
    """The statement that gives an estimator several PyTorch processes a node."""
    return f"{variable}.run_config.pytorch = {pytorch}"


def names(made: Job) -> set[str]:
    """What a job's estimator and its arguments name of the SDK."""
    found = {estimator(made)}
    if any(binding.direction == "output" for binding in made.bindings):
        found.add("OutputFileDatasetConfig")
    match made.distribution:
        case Mpi():
            found.add("Mpi")
        case TorchProcesses(choice=Code()):
            found |= {"Gloo", "Nccl"}
        case TorchProcesses(backend):
            found.add(backend.capitalize())
    return found | ({"ContainerRegistry"} if made.registry is not None else set())


def _registry(made: Job, style: Style) -> list[str]:
    assert made.registry is not None
    lines = ["registry = ContainerRegistry()", f"registry.address = {made.registry.address}"]
    if made.registry.username is not None:
        lines.append(f"registry.username = {made.registry.username}")
    if made.registry.password is not None:
        lines.append(f"registry.password = {made.registry.password}")
    return lines


def _entry(name: Code, value: Code | Binding | None, names: dict[str, str], style: Style) -> tuple[str, str]:
    if value is None:
        return str(name), style.string("")
    shown = str(value) if isinstance(value, Code) else names.get(value.id) or binding(value, style)
    if not name.text:
        return nested(shown), style.string("")
    return str(name), nested(shown)
