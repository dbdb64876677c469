"""The keywords of an estimator: size, distribution, image, environment, time."""

from __future__ import annotations

import re

from batchai2aml.azureml import images
from batchai2aml.azureml.model import Code, Registry
from batchai2aml.batchai import commandline
from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.commands import Surroundings
from batchai2aml.mapping.durations import WEEK, seconds
from batchai2aml.mapping.printing import Printer
from batchai2aml.mapping.toolkits import Launch, per_node
from batchai2aml.mapping.types import Verdict
from batchai2aml.project.secrets import REGISTRY_PASSWORD
from batchai2aml.text import Text


def estimator(what: Launch, body: Body) -> str:
    """The class: the toolkit's own where SDK v1 has one, else `Estimator`."""
    image = body.has("properties.containerSettings")
    by_toolkit = {"tensorFlowSettings": "TensorFlow", "pyTorchSettings": "PyTorch"}
    if what.toolkit == "chainerSettings" and not image:
        return "Chainer"
    return by_toolkit.get(what.toolkit, "Estimator")


def keywords(
    body: Body,
    what: Launch,
    nodes: Given | None,
    distributed: bool,
    many: bool,
    around: Surroundings,
    printer: Printer,
    notes: list[Verdict],
) -> list[tuple[str, Code]]:
    """What the estimator is given beside its script: nodes, distribution, image, environment, time."""
    alone = _master_only(what, many, notes)
    found: list[tuple[str, Code]] = [("node_count", printer.code(nodes) if nodes and not alone else Code("1"))]
    found += _distribution(body, what, nodes, distributed, many, printer, notes)
    found.append(("use_gpu", Code(str(around.gpu))))
    image = body.get("properties.containerSettings.imageSourceRegistry.image")
    if image is not None:
        found += [("custom_docker_image", _image(body, image, printer)), ("user_managed", Code("True"))]
    elif estimator(what, body) == "Estimator":
        found += [("custom_docker_image", printer.string("TODO_batchai_image")), ("user_managed", Code("True"))]
    memory = body.get("properties.containerSettings.shmSize")
    if memory is not None:
        digits = memory.known is not None and memory.known.isdigit()
        found.append(("shm_size", printer.string(f"{memory.known}b") if digits else printer.code(memory)))
    variables = _variables(body, printer)
    variables += [(printer.string(name), printer.text(value)) for name, value in what.environment]
    if variables:
        found.append(("environment_variables", Code("{" + ", ".join(f"{k}: {v}" for k, v in variables) + "}")))
    found.append(("max_run_duration_seconds", _limit(body, printer)))
    return found


_OWN_HOSTS = frozenset({"AZ_BATCHAI_MPI_HOST_FILE", "AZ_BATCH_HOST_LIST", "AZ_BATCHAI_WORKER_HOSTS"})


def _idle_nodes(what: Launch) -> bool:
    """Whether a custom command runs on the master node only, and reaches no other by itself."""
    return what.toolkit == "customToolkitSettings" and not what.mpi and not reaches_nodes(what)


def reaches_nodes(what: Launch) -> bool:
    """Whether a custom command starts work on the other nodes by itself: it starts MPI, or is told their names."""
    texts = [what.command or Text(()), what.line or Text(()), *what.words]
    named = {name for text in texts for name in commandline.variables(text)}
    return what.toolkit == "customToolkitSettings" and not what.mpi and (what.own_mpi or bool(_OWN_HOSTS & named))


def _master_only(what: Launch, many: bool, notes: list[Verdict]) -> bool:
    if not many or what.toolkit != "customToolkitSettings":
        return False
    if _idle_nodes(what):
        notes.append(Verdict("changed", "BAI516", "the other nodes had nothing to do; node_count=1"))
        return True
    if not what.mpi and not what.own_mpi:
        notes.append(Verdict("manual", "BAI516", "the command reaches other nodes by itself", "error"))
    return False


def _image(body: Body, image: Given, printer: Printer) -> Code:
    replacement = printer.settings.images.get(image.known or "")
    if replacement:
        return printer.string(replacement)
    server = body.get("properties.containerSettings.imageSourceRegistry.serverUrl")
    if server is None or image.known is None or server.known is None:
        return printer.code(image)
    address = re.sub(r"^https?://", "", server.known).rstrip("/")
    address = address.removesuffix("/v1").removesuffix("/v2")
    if images.host(image.known) or address in ("", "docker.io", "index.docker.io"):
        return printer.code(image)
    return printer.string(f"{address}/{image.known}")


def _variables(body: Body, printer: Printer) -> list[tuple[Code, Code]]:
    found: list[tuple[Code, Code]] = []
    for item in body.items("properties.environmentVariables"):
        name, value = item.get("name"), item.leaves.get("value")
        if name is None or (value and value.text and "$" in value.text.start):
            continue
        if value is None or value.empty:
            text = printer.string("")
        elif value.number is not None and value.text is None:
            text = printer.string(str(value.number)) if value.code == str(value.number) else Code(f"str({value.code})")
        elif value.numeric and value.code is not None:
            text = Code(f"str({value.code})")
        else:
            text = printer.code(value)
        found.append((printer.code(name), text))
    return found


def _limit(body: Body, printer: Printer) -> Code:
    given = body.get("properties.constraints.maxWallClockTime")
    if given is None:
        return Code(str(WEEK))
    length = seconds(given.known or "")
    if length is not None:
        return Code(str(length))
    if given.known is not None:
        return Code(str(WEEK))
    return Code(f"int({printer.code(given)}.total_seconds())")


def _distribution(
    body: Body, what: Launch, nodes: Given | None, distributed: bool, many: bool, printer: Printer, notes: list[Verdict]
) -> list[tuple[str, Code]]:
    if what.toolkit == "tensorFlowSettings":
        if not distributed:
            return []
        settings = body.below("properties.tensorFlowSettings")
        workers, servers = settings.get("workerCount") or nodes, settings.get("parameterServerCount")
        return [
            ("worker_count", printer.code(workers) if workers else Code("1")),
            ("parameter_server_count", printer.code(servers) if servers else Code("1")),
            ("distributed_backend", printer.string("ps")),
        ]
    processes = what.processes
    single = not many and (processes is None or processes.number == 1) and what.per_node is None
    if single or _idle_nodes(what):
        return []
    if what.mpi and processes is not None and nodes is not None and processes.number and nodes.number:
        if what.per_node is None and processes.number % nodes.number:
            detail = f"{processes.known} processes on {nodes.known} nodes"
            notes.append(Verdict("manual", "BAI507", detail, "error"))
    asked, given = what.per_node, (processes, nodes)
    if asked is not None and asked.number and all(g is not None and g.number for g in given):
        if processes is not None and nodes is not None and processes.number != asked.number * (nodes.number or 0):
            detail = f"{processes.known} processes, {asked.known} on each of {nodes.known} nodes"
            notes.append(Verdict("manual", "BAI507", detail, "error"))
    count = printer.code(what.per_node) if what.per_node is not None else per_node(processes, nodes, printer)
    if what.toolkit == "pyTorchSettings" and what.backend != "mpi":
        if what.backend not in ("gloo", "nccl"):
            shown = "a back end that only the run knows" if what.open_backend else what.backend or "no back end"
            notes.append(Verdict("changed", "BAI511", f"{shown} became Gloo"))
        if what.open_backend is not None:
            test = f"({printer.code(what.open_backend)}) == {printer.string('nccl')}"
            return [("distributed_training", Code(f"Nccl() if {test} else Gloo()"))]
        return [("distributed_training", Code(f"{_backend(what)}()"))]
    if what.toolkit in ("chainerSettings",):
        notes.append(Verdict("changed", "BAI527", "check the communicator"))
    if processes is None:
        notes.append(Verdict("exact", "BAI508", "one process a node", "info"))
    notes.append(Verdict("changed", "BAI524", "the image must carry the MPI that Azure ML starts"))
    return [("distributed_training", Code(f"Mpi(process_count_per_node={count})"))]


def _backend(what: Launch) -> str:
    return "Nccl" if what.backend == "nccl" else "Gloo"


def several_processes(what: Launch, nodes: Given | None, many: bool, printer: Printer) -> Code | None:
    """
    The PyTorch configuration for more than one process a node, or None.

    An estimator's `Gloo()` and `Nccl()` take no count (azureml-train-core 1.62).
    """
    total = what.processes
    if what.toolkit != "pyTorchSettings" or what.backend == "mpi" or total is None:
        return None
    single = not many and total.number == 1
    if single or per_node(total, nodes, printer) == Code("1"):
        return None
    count = printer.code(nodes) if nodes is not None else Code("1")
    backend = printer.string(_backend(what))
    return Code(f"PyTorchConfiguration({backend}, process_count={printer.code(total)}, node_count={count})")


def registry(body: Body, printer: Printer) -> Registry | None:
    """The private registry of the image, or None."""
    given = body.below("properties.containerSettings.imageSourceRegistry")
    user, password = given.get("credentials.username"), given.get("credentials.password")
    secret = given.get("credentials.passwordSecretReference.secretUrl")
    if user is None and password is None and secret is None:
        return None
    server, image = given.get("serverUrl"), given.get("image")
    host = re.sub(r"^https?://", "", server.known or "").rstrip("/") if server else ""
    host = host or images.host(image.known or "" if image else "") or "docker.io"
    return Registry(
        printer.string(host),
        printer.code(user) if user else None,
        printer.secret(password, REGISTRY_PASSWORD) if password else printer.environment(REGISTRY_PASSWORD),
    )
