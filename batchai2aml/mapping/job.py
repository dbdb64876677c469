"""Jobs, as runs of an estimator (MAPPING 2.3, 4 and 5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from batchai2aml.azureml import images
from batchai2aml.azureml.model import Binding, Code, Job, Launcher, Registry
from batchai2aml.batchai import commandline, paths
from batchai2aml.mapping.arguments import Arguments, Directories, directories
from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.conditions import WEEK, seconds
from batchai2aml.mapping.printing import Printer
from batchai2aml.mapping.sources import Snapshot, Upload, locate, snapshot
from batchai2aml.mapping.storage import Mount
from batchai2aml.mapping.toolkits import Launch, launch, per_node
from batchai2aml.mapping.types import Verdict
from batchai2aml.project.secrets import REGISTRY_PASSWORD
from batchai2aml.text import Text

LAUNCHER = "batchai_launch.py"
_MPI_TOOLKITS = frozenset(
    {"cntkSettings", "caffeSettings", "caffe2Settings", "chainerSettings", "horovodSettings", "customMpiSettings"}
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    What a job needs to know beside its body.

    `find` looks a file of the project up by name, seen from the program's folder; `read` gives a local file's text.
    """

    mounts: Sequence[Mount]
    uploads: Sequence[Upload]
    compute: Code
    gpu: bool
    find: Callable[[str], str | None]
    read: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A job with what was noticed on the way, and the uploads that the snapshot makes needless."""

    job: Job
    notes: tuple[Verdict, ...]
    uploads: tuple[Upload, ...]
    mounts: tuple[Mount, ...]
    outputs: tuple[Binding, ...] = ()


def job(body: Body, around: Surroundings, printer: Printer) -> Mapped:
    """
    The estimator for a job.

    Raises:
        NoToolkit: the job does not name exactly one toolkit.
        Unprintable: a value cannot be written where the estimator will stand.

    """
    nodes = body.get("properties.nodeCount")
    many = nodes is None or nodes.number != 1
    distributed = many or body.has("properties.tensorFlowSettings.workerCount")
    what = launch(body, distributed)
    where = directories(body, around.mounts)
    found = snapshot(what.script, where, around.uploads, around.find) if what.script is not None else None
    arguments = Arguments(where, printer, many, _rank(what, many), what.backend)
    arguments.reasons += what.reasons
    arguments.notes += what.notes
    arguments.add(what.words)
    used = list(found.uploads) if found else []
    launcher = _launcher(body, what, found, arguments, around, printer, used)
    notes = list(arguments.notes)
    if found is not None and found.rule == "BAI521":
        notes.append(Verdict("changed", "BAI521", found.detail))
    if found is None and what.script is not None:
        notes.append(_unfound(what.script, where))
    if launcher is not None:
        prepared, needed = _prepare(body, around, arguments, printer)
        used += needed
        launcher = replace(
            launcher, args=tuple(arguments.launched), prepare=prepared, reasons=tuple(dict.fromkeys(arguments.reasons))
        )
        notes.append(Verdict("exact", "BAI526", "; ".join(launcher.reasons), "info"))
    made = Job(
        _estimator(what, body),
        printer.text(found.folder) if found else _folder(what, where, printer),
        _entry(what, found, launcher, printer),
        around.compute,
        tuple(arguments.entries),
        tuple(_keywords(body, what, nodes, distributed, many, around, printer, notes)),
        _registry(body, printer),
        launcher,
        tuple(arguments.bindings.values()),
    )
    return Mapped(
        made, tuple(notes), tuple(dict.fromkeys(used)), tuple(where.mounts.values()), _outputs(where, printer, many)
    )


def _outputs(where: Directories, printer: Printer, many: bool) -> tuple[Binding, ...]:
    """Every output directory as a binding, whether an argument uses it or not."""
    every = Arguments(where, printer, many)
    found = [every.bind_output(name, Text(())) for name in where.outputs]
    return tuple(binding for binding in found if isinstance(binding, Binding))


def _rank(what: Launch, many: bool) -> str:
    if what.toolkit == "pyTorchSettings" and what.backend != "mpi":
        return "RANK"
    return ""


def _unfound(script: Text, where: Directories) -> Verdict:
    found = where.resolve(script)
    shown = script.known or script.start
    if found.root in ("temp",):
        return Verdict("manual", "BAI523", f"{shown} is made by the job preparation", "error")
    if found.root == "local":
        return Verdict("changed", "BAI522", shown)
    return Verdict("manual", "BAI520", f"{shown}; put it into the folder TODO_batchai_source", "error")


def _folder(what: Launch, where: Directories, printer: Printer) -> Code:
    if what.script is None or where.resolve(what.script).root in ("temp", "local"):
        return printer.string(".")
    return printer.string("TODO_batchai_source")


def _entry(what: Launch, found: Snapshot | None, launcher: Launcher | None, printer: Printer) -> Code:
    if launcher is not None:
        return printer.string(LAUNCHER)
    return printer.text(found.entry) if found else _file_name(what.script or Text(()), printer)


def _file_name(script: Text, printer: Printer) -> Code:
    """The name of a script without its folders, cut off at run time where only the run knows it."""
    if len(script.segments) == 1 and script.segments[0].text is None and script.segments[0].code:
        printer.need("os")
        return Code(f"os.path.basename({script.segments[0].code})")
    return printer.text(paths.basename(script))


def _launcher(
    body: Body,
    what: Launch,
    found: Snapshot | None,
    arguments: Arguments,
    around: Surroundings,
    printer: Printer,
    needless: list[Upload],
) -> Launcher | None:
    """The launcher's plan, or None when direct form says everything (MAPPING 0.4)."""
    reasons = arguments.reasons
    if body.has("properties.jobPreparation"):
        reasons.append("the job has a preparation command")
    if body.has("properties.secrets"):
        reasons.append("secrets must become environment variables")
    if what.python is not None:
        reasons.append("an interpreter is named")
    if (
        found is None
        and what.script is not None
        and arguments.directories.resolve(what.script).root in ("temp", "local")
    ):
        reasons.append("the script is not in the snapshot")
    for _, words in what.roles:
        for name in (name for word in words for name in commandline.variables(word)):
            arguments.serve(name)
    local = _join(found.folder, found.entry) if found else None
    text = around.read(local) if local else None
    _serve_readers(local, text, arguments)
    if text is None:
        arguments.expose_all(set(commandline.variables(what.command or what.script or Text(()))))
    env = _served_environment(body, arguments, printer)
    if what.toolkit == "caffe2Settings":
        reasons.append("Caffe2 takes its rank from $AZ_BATCHAI_TASK_INDEX") if not reasons else None
    if what.command is not None:
        command, carried = _with_local_files(what.command, arguments, around, _is_code)
        needless += carried
        for name in commandline.variables(command):
            arguments.serve(name)
        return Launcher(command=printer.text(command), env=env, secrets=_secrets(body))
    if not reasons:
        return None
    script = found.entry if found else what.script
    assert script is not None
    stored = found is None and arguments.directories.resolve(script).root in ("mount", "input", "unknown")
    return Launcher(
        script=_file_name(script, printer) if stored else printer.text(script),
        python=printer.code(what.python) if what.python else None,
        roles=tuple((role, tuple(printer.text(word) for word in words)) for role, words in what.roles),
        env=env,
        secrets=_secrets(body),
    )


def _serve_readers(local: str | None, text: str | None, arguments: Arguments) -> None:
    """Hand the launcher what a script of the user reads from Batch AI's variables by itself."""
    read = sorted(set(re.findall(r"AZ_BATCHAI_\w+", text or "")))
    if read:
        arguments.notes.append(Verdict("changed", "BAI403", f"{local} reads {', '.join(read)}"))
        for name in read:
            arguments.serve(name)
        arguments.reasons.append("the script reads Batch AI's variables")


def _join(folder: Text, name: Text) -> str | None:
    if folder.known is None or name.known is None:
        return None
    return name.known if folder.known == "." else f"{folder.known}/{name.known}"


def _with_local_files(
    command: Text, arguments: Arguments, around: Surroundings, accept: Callable[[Text], bool]
) -> tuple[Text, list[Upload]]:
    """A command with the paths of uploaded files as they are in the snapshot, and those uploads."""
    words = commandline.split(command)
    carried: list[Upload] = []
    if words.shell or words.broken:
        return command, carried
    pieces: list[Text] = []
    for word in words.words:
        head, path = _value_part(word)
        located = locate(path, arguments.directories, around.uploads) if commandline.variables(path) else None
        if located is not None and located.upload is not None and not located.upload.renamed:
            if accept(located.upload.local):
                path = located.upload.local
                carried.append(located.upload)
                _serve_readers(path.known, around.read(path.known or ""), arguments)
        pieces += [Text.literal(" ") if pieces else Text(()), commandline.quoted(Text.join([head, path]))]
    return (Text.join(pieces) if carried else command), carried


def _value_part(word: Text) -> tuple[Text, Text]:
    """`--name=value` and `name=value` cut behind the equals sign; other words whole."""
    option = word.start.startswith("-")
    if (option and commandline.value_of(word)) or (not option and "$" not in word.start.split("=", 1)[0]):
        name, value = word.partition("=")
        if value.segments:
            return Text.join([name, Text.literal("=")]), value
    return Text(()), word


def _prepare(
    body: Body, around: Surroundings, arguments: Arguments, printer: Printer
) -> tuple[Code | None, list[Upload]]:
    """The preparation command, with uploaded scripts as they are in the snapshot."""
    given = body.get("properties.jobPreparation.commandLine")
    if given is None or given.text is None:
        return None, []
    command, used = _with_local_files(given.text, arguments, around, _plain)
    for name in commandline.variables(command):
        arguments.serve(name)
    if re.search(r"\b(mount|sudo|systemctl|service|docker|modprobe)\b", given.known or ""):
        arguments.notes.append(Verdict("manual", "BAI210", given.known or "", "error"))
    same = not used and given.code is not None
    return (Code(given.code) if same and given.code else printer.text(command)), used


_CODE = (".py", ".sh", ".cntk", ".bs", ".prototxt", ".ipynb", ".r", ".lua", ".pl", ".m", ".jl")


def _is_code(local: Text) -> bool:
    """Whether a file is part of the program, rather than data that it reads."""
    return (local.known or local.segments[-1].text or "").lower().endswith(_CODE)


def _plain(local: Text) -> bool:
    return "/" not in (local.known or "/")


def _served_environment(body: Body, arguments: Arguments, printer: Printer) -> tuple[tuple[str, Code], ...]:
    found: list[tuple[str, Code]] = []
    for item in body.items("properties.environmentVariables"):
        name, value = item.get("name"), item.get("value")
        if name and name.known and value and value.text and "$" in value.text.start:
            for variable in commandline.variables(value.text):
                arguments.serve(variable)
            arguments.reasons.append(f"{name.known} is made of other variables")
            found.append((name.known, printer.text(value.text)))
    return tuple(found)


def _secrets(body: Body) -> tuple[tuple[str, str, str], ...]:
    found: list[tuple[str, str, str]] = []
    for item in body.items("properties.secrets"):
        name, url = item.get("name"), item.get("valueSecretReference.secretUrl")
        parts = re.match(r"(https://[^/]+)/secrets/([^/]+)", url.known or "") if url else None
        if name and name.known:
            vault, secret = parts.groups() if parts else ("TODO_key_vault_url", name.known.lower().replace("_", "-"))
            found.append((name.known, vault, secret))
    return tuple(found)


def _estimator(what: Launch, body: Body) -> str:
    image = body.has("properties.containerSettings")
    by_toolkit = {"tensorFlowSettings": "TensorFlow", "pyTorchSettings": "PyTorch"}
    if what.toolkit == "chainerSettings" and not image:
        return "Chainer"
    return by_toolkit.get(what.toolkit, "Estimator")


def _keywords(
    body: Body,
    what: Launch,
    nodes: Given | None,
    distributed: bool,
    many: bool,
    around: Surroundings,
    printer: Printer,
    notes: list[Verdict],
) -> list[tuple[str, Code]]:
    alone = _master_only(what, many, notes)
    found: list[tuple[str, Code]] = [("node_count", printer.code(nodes) if nodes and not alone else Code("1"))]
    found += _distribution(body, what, nodes, distributed, many, printer, notes)
    found.append(("use_gpu", Code(str(around.gpu))))
    image = body.get("properties.containerSettings.imageSourceRegistry.image")
    if image is not None:
        found += [("custom_docker_image", _image(body, image, printer)), ("user_managed", Code("True"))]
    elif _estimator(what, body) == "Estimator":
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
    text = what.command or Text(())
    own = what.mpi or "the command starts MPI itself" in what.reasons or _OWN_HOSTS & set(commandline.variables(text))
    return what.toolkit == "customToolkitSettings" and not own


def _master_only(what: Launch, many: bool, notes: list[Verdict]) -> bool:
    if not many or what.toolkit != "customToolkitSettings":
        return False
    if _idle_nodes(what):
        notes.append(Verdict("changed", "BAI516", "the other nodes had nothing to do; node_count=1"))
        return True
    if not what.mpi and "the command starts MPI itself" not in what.reasons:
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
    asked, given = what.per_node, (processes, nodes)
    if asked is not None and asked.number and all(g is not None and g.number for g in given):
        if processes is not None and nodes is not None and processes.number != asked.number * (nodes.number or 0):
            detail = f"{processes.known} processes, {asked.known} on each of {nodes.known} nodes"
            notes.append(Verdict("manual", "BAI507", detail, "error"))
    count = printer.code(what.per_node) if what.per_node is not None else per_node(processes, nodes, printer)
    if what.toolkit == "pyTorchSettings" and what.backend != "mpi":
        if what.backend not in ("gloo", "nccl"):
            notes.append(Verdict("changed", "BAI511", f"{what.backend or 'no back end'} became Gloo"))
        if count != Code("1"):
            notes.append(Verdict("manual", "BAI507", "several processes a node; use PyTorchConfiguration", "error"))
        return [("distributed_training", Code("Nccl()" if what.backend == "nccl" else "Gloo()"))]
    if what.toolkit in ("chainerSettings",):
        notes.append(Verdict("changed", "BAI527", "check the communicator"))
    if processes is None:
        notes.append(Verdict("exact", "BAI508", "one process a node", "info"))
    notes.append(Verdict("changed", "BAI524", "the image must carry the MPI that Azure ML starts"))
    return [("distributed_training", Code(f"Mpi(process_count_per_node={count})"))]


def _registry(body: Body, printer: Printer) -> Registry | None:
    registry = body.below("properties.containerSettings.imageSourceRegistry")
    user, password = registry.get("credentials.username"), registry.get("credentials.password")
    secret = registry.get("credentials.passwordSecretReference.secretUrl")
    if user is None and password is None and secret is None:
        return None
    server, image = registry.get("serverUrl"), registry.get("image")
    host = re.sub(r"^https?://", "", server.known or "").rstrip("/") if server else ""
    host = host or images.host(image.known or "" if image else "") or "docker.io"
    return Registry(
        printer.string(host),
        printer.code(user) if user else None,
        printer.secret(password, REGISTRY_PASSWORD) if password else printer.environment(REGISTRY_PASSWORD),
    )
