"""What a run is given beside its script: size, distribution, image, environment, time (MAPPING 2.3 and 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal as OneOf

from batchai2aml.azureml import images
from batchai2aml.azureml.model import (
    Code,
    Distribution,
    Mpi,
    ParameterServers,
    Registry,
    TorchProcesses,
)
from batchai2aml.batchai import commandline
from batchai2aml.batchai.installs import installs
from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.durations import WEEK, seconds
from batchai2aml.mapping.printing import Printer
from batchai2aml.mapping.toolkits import Launch, per_node
from batchai2aml.mapping.types import Verdict
from batchai2aml.project.secrets import REGISTRY_PASSWORD
from batchai2aml.text import Text


def framework(what: Launch, body: Body) -> OneOf["", "Chainer", "PyTorch", "TensorFlow"]:
    """The toolkit, where SDK v1 has an estimator for it."""
    if what.toolkit == "tensorFlowSettings":
        return "TensorFlow"
    if what.toolkit == "pyTorchSettings":
        return "PyTorch"
    return "Chainer" if what.toolkit == "chainerSettings" and not body.has("properties.containerSettings") else ""


def node_count(what: Launch, nodes: Given | None, many: bool, printer: Printer, notes: list[Verdict]) -> Code:
    """The nodes of a run: one where the others had nothing to do."""
    return Code("1") if _master_only(what, many, notes) or nodes is None else printer.code(nodes)


def image(what: Launch, body: Body, printer: Printer) -> Code | None:
    """The image; None where the job ran on the machine itself."""
    given = body.get("properties.containerSettings.imageSourceRegistry.image")
    return _image(body, given, printer) if given is not None else None


_PACKAGES = {
    "caffe2Settings": "torch",
    "chainerSettings": "chainer",
    "cntkSettings": "cntk-gpu",
    "horovodSettings": "horovod",
    "pyTorchSettings": "torch",
    "tensorFlowSettings": "tensorflow",
}
"""What brings a toolkit, by its name for pip; Caffe2 is part of PyTorch, and Caffe is not there."""


def packages(what: Launch, body: Body) -> tuple[str, ...]:
    """What a job without an image needs from pip: its toolkit, and what its preparation installs."""
    if body.has("properties.containerSettings.imageSourceRegistry.image"):
        return ()
    preparation = body.get("properties.jobPreparation.commandLine")
    known = preparation.known if preparation is not None else None
    installed = [name for part in installs(known or "") for name in part.packages]
    toolkit = _PACKAGES.get(what.toolkit)
    named = any(re.match(rf"{toolkit}(-gpu)?\b", name) for name in installed)
    return tuple(dict.fromkeys([*([toolkit] if toolkit and not named else []), *installed]))


def shared_memory(body: Body, printer: Printer) -> Code | None:
    """The size of the container's shared memory."""
    given = body.get("properties.containerSettings.shmSize")
    if given is None:
        return None
    digits = given.known is not None and given.known.isdigit()
    return printer.string(f"{given.known}b") if digits else printer.code(given)


def environment(what: Launch, body: Body, printer: Printer) -> tuple[tuple[Code, Code], ...]:
    """The environment variables: the job's, and those of its command line."""
    own = ((printer.string(name), printer.text(value)) for name, value in what.environment)
    return (*_variables(body, printer), *own)


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
        elif value.code is None and value.text is None and value.known is not None:
            text = printer.string(value.known)
        elif value.number is not None and value.text is None:
            text = printer.string(str(value.number)) if value.code == str(value.number) else Code(f"str({value.code})")
        elif value.numeric and value.code is not None:
            text = Code(f"str({value.code})")
        else:
            text = printer.code(value)
        found.append((printer.code(name), text))
    return found


def limit(body: Body, printer: Printer) -> Code:
    """The longest time of a run, in seconds."""
    given = body.get("properties.constraints.maxWallClockTime")
    if given is None:
        return Code(str(WEEK))
    length = seconds(given.known or "")
    if length is not None:
        return Code(str(length))
    if given.known is not None:
        return Code(str(WEEK))
    return Code(f"int({printer.code(given)}.total_seconds())")


def distribution(
    body: Body, what: Launch, nodes: Given | None, distributed: bool, many: bool, printer: Printer, notes: list[Verdict]
) -> Distribution | None:
    """How the processes of a run are started on its nodes."""
    if what.toolkit == "tensorFlowSettings":
        if not distributed:
            return None
        settings = body.below("properties.tensorFlowSettings")
        workers, servers = settings.get("workerCount") or nodes, settings.get("parameterServerCount")
        return ParameterServers(
            printer.code(workers) if workers else Code("1"), printer.code(servers) if servers else Code("1")
        )
    processes = what.processes
    single = not many and (processes is None or processes.number == 1) and what.per_node is None
    if single or _idle_nodes(what):
        return None
    notes += _unequal(what, processes, nodes)
    if what.toolkit == "pyTorchSettings" and what.backend != "mpi":
        return _torch(what, processes, nodes, printer, notes)
    count = printer.code(what.per_node) if what.per_node is not None else per_node(processes, nodes, printer)
    if what.toolkit in ("chainerSettings",):
        notes.append(Verdict("changed", "BAI527", "check the communicator"))
    if processes is None:
        notes.append(Verdict("exact", "BAI508", "one process a node", "info"))
    notes.append(Verdict("changed", "BAI524", "the image must carry the MPI that Azure ML starts"))
    return Mpi(count)


def _unequal(what: Launch, processes: Given | None, nodes: Given | None) -> Iterator[Verdict]:
    """Numbers of processes that nodes cannot share equally."""
    if processes is None or nodes is None or not processes.number or not nodes.number:
        return
    if what.per_node is None:
        if what.mpi and processes.number % nodes.number:
            yield Verdict("manual", "BAI507", f"{processes.known} processes on {nodes.known} nodes", "error")
    elif what.per_node.number and processes.number != what.per_node.number * nodes.number:
        detail = f"{processes.known} processes, {what.per_node.known} on each of {nodes.known} nodes"
        yield Verdict("manual", "BAI507", detail, "error")


def _torch(
    what: Launch, processes: Given | None, nodes: Given | None, printer: Printer, notes: list[Verdict]
) -> TorchProcesses:
    if what.backend not in ("gloo", "nccl"):
        shown = "a back end that only the run knows" if what.open_backend else what.backend or "no back end"
        notes.append(Verdict("changed", "BAI511", f"{shown} became Gloo"))
    several = processes is not None and per_node(processes, nodes, printer) != Code("1")
    return TorchProcesses(
        "nccl" if what.backend == "nccl" else "gloo",
        printer.code(nodes) if nodes is not None else Code("1"),
        printer.code(processes) if processes is not None and several else None,
        printer.code(what.open_backend) if what.open_backend is not None else None,
    )


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
