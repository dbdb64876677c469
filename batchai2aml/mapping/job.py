"""Jobs, as runs of a script (MAPPING 2.3, 4 and 5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from batchai2aml.azureml.model import FOLDER_TO_FILL, Binding, Code, Job, Launcher
from batchai2aml.batchai import commandline, mpi, paths
from batchai2aml.mapping import execution
from batchai2aml.mapping.arguments import Arguments, Handled
from batchai2aml.mapping.body import Body
from batchai2aml.mapping.commands import (
    Carried,
    Surroundings,
    prepare,
    serve_readers,
    with_local_files,
    with_preparation,
)
from batchai2aml.mapping.directories import Directories, directories
from batchai2aml.mapping.printing import Printer
from batchai2aml.mapping.shell_lines import shell_line
from batchai2aml.mapping.sources import Snapshot, Upload, is_code, snapshot
from batchai2aml.mapping.storage import Mount
from batchai2aml.mapping.toolkits import Launch, launch
from batchai2aml.mapping.types import Verdict
from batchai2aml.text import Text

LAUNCHER = "batchai_launch.py"
_FIRST_NODE = "only the first node starts the command"


@dataclass(frozen=True, slots=True)
class Mapped:
    """
    A job with what was noticed on the way, and the uploads that the snapshot makes needless.

    `handled` are the words of its command lines, with those of the notes that are about them; `local` is the script,
    if the project has it.
    """

    job: Job
    launch: Launch
    notes: tuple[Verdict, ...]
    handled: tuple[Handled, ...]
    directories: Directories
    local: str | None
    uploads: tuple[Upload, ...]
    outputs: tuple[Binding, ...] = ()

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """The mounts of the job and of its cluster."""
        return tuple(self.directories.mounts.values())


def job(body: Body, around: Surroundings, printer: Printer) -> Mapped:
    """
    The run for a job.

    Raises:
        NoToolkit: the job does not name exactly one toolkit.
        Unprintable: a value cannot be written where the new code will stand.

    """
    nodes = body.get("properties.nodeCount")
    many = nodes is None or nodes.number != 1
    tensorflow = "properties.tensorFlowSettings."
    asked = ("workerCount", "parameterServerCount", "workerCommandLineArgs", "parameterServerCommandLineArgs")
    distributed = any(body.has(tensorflow + key) for key in asked) or (
        many and nodes is not None and bool(nodes.number)
    )
    what = launch(body, distributed)
    where = directories(body, around.mounts)
    found = snapshot(what.script, where, around.uploads, around.files.find) if what.script is not None else None
    arguments = Arguments(where, printer, many, _rank(what, many), what.backend, around.lines)
    arguments.reasons += what.reasons
    arguments.notes += what.notes
    arguments.add(what.words)
    used = list(found.uploads) if found else []
    original, own = what.command, what.toolkit in ("customToolkitSettings", "customMpiSettings")
    carried = with_local_files(original, arguments, around, is_code, own) if original is not None else None
    if carried is not None:
        what = _aware(replace(what, command=carried.command), carried, around, many)
        used += carried.uploads
        arguments.notes += what.notes[len(arguments.notes) :]
        arguments.reasons += [reason for reason in what.reasons if reason not in arguments.reasons]
    if many and execution.reaches_nodes(what):
        arguments.reasons.append(_FIRST_NODE)
    named = commandline.variables(original or what.script or Text(()))
    launcher = _launcher(body, what, found, named, arguments, around, printer)
    notes = list(arguments.notes)
    if found is not None and found.rule == "BAI521":
        notes.append(Verdict("changed", "BAI521", found.detail))
    if found is None and what.script is not None:
        notes.append(_unfound(what.script, where))
    if launcher is not None:
        prepared, needed = prepare(body, around, arguments, printer)
        used += needed
        launcher = replace(
            launcher, args=tuple(arguments.launched), prepare=prepared, reasons=tuple(dict.fromkeys(arguments.reasons))
        )
    how = execution.distribution(body, what, nodes, distributed, many, printer, notes)
    line = None
    if launcher is not None and around.lines:
        given = body.get("properties.jobPreparation.commandLine")
        line = shell_line(
            what,
            launcher,
            printer.text(found.entry) if found is not None else None,
            carried.command if carried is not None else None,
            with_preparation(given, around, arguments) if given is not None else None,
            how,
            lambda: Arguments(where, printer, many, _rank(what, many), what.backend),
        )
        if line is not None:
            launcher = None
            notes = [*line.notes, *(note for note in notes if note not in arguments.notes)]
    if launcher is not None:
        notes.append(Verdict("exact", "BAI526", "; ".join(launcher.reasons), "info"))
    made = Job(
        execution.framework(what, body),
        printer.text(found.folder) if found else _folder(what, where, carried, printer),
        _entry(what, found, launcher, printer),
        around.compute,
        tuple(arguments.entries) if line is None else (),
        execution.node_count(what, nodes, many, printer, notes),
        how,
        around.gpu,
        execution.image(what, body, printer),
        execution.shared_memory(body, printer),
        execution.environment(what, body, printer),
        execution.limit(body, printer),
        execution.registry(body, printer),
        launcher,
        tuple(arguments.bindings.values()) if line is None else line.bindings,
        line.pieces if line is not None else (),
        execution.packages(what, body),
    )
    return Mapped(
        made,
        what,
        tuple(notes),
        tuple(arguments.handled),
        where,
        _join(found.folder, found.entry) if found else None,
        tuple(dict.fromkeys(used)),
        _outputs(where, printer, many),
    )


def _aware(what: Launch, carried: Carried, around: Surroundings, many: bool) -> Launch:
    """A command with what its launch scripts do: one that starts MPI reaches the other nodes by itself."""
    notes = [Verdict("changed", "BAI521", f"{name}, found by its name") for name in carried.found]
    texts = {name: around.files.read(name) or "" for name in carried.files if not name.endswith(".py")}
    starting = [name for name, text in texts.items() if mpi.names_starter(Text.literal(text))]
    if starting and many and not what.mpi:
        notes.append(Verdict("manual", "BAI509", f"{starting[0]} starts MPI itself", "error"))
        what = replace(what, own_mpi=True)
    return replace(what, notes=(*what.notes, *notes))


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
    return Verdict("manual", "BAI520", f"{shown}; put it into the folder {FOLDER_TO_FILL}", "error")


def _folder(what: Launch, where: Directories, carried: Carried | None, printer: Printer) -> Code:
    if carried is not None:
        return printer.text(carried.folder)
    if what.script is None or where.resolve(what.script).root in ("temp", "local"):
        return printer.string(".")
    return printer.string(FOLDER_TO_FILL)


def _entry(what: Launch, found: Snapshot | None, launcher: Launcher | None, printer: Printer) -> Code:
    if launcher is not None:
        return printer.string(LAUNCHER)
    return printer.text(found.entry) if found else _file_name(what.script or Text(()), printer)


def _file_name(script: Text, printer: Printer) -> Code:
    """The name of a script without its folders, cut off at run time where only the run knows it."""
    if script.known is None and script.code is not None:
        printer.need("os")
        return Code(f"os.path.basename({script.code})")
    return printer.text(paths.basename(script))


def _launcher(
    body: Body,
    what: Launch,
    found: Snapshot | None,
    named: Sequence[str],
    arguments: Arguments,
    around: Surroundings,
    printer: Printer,
) -> Launcher | None:
    """The launcher's plan, or None when direct form says everything (MAPPING 0.4); `named`: a command's variables."""
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
    if what.line is not None:
        arguments.serve_words(commandline.split(what.line).words, "launcher: line")
    for _, words in what.roles:
        arguments.serve_words(words, "launcher: role_args")
    local = _join(found.folder, found.entry) if found else None
    text = around.files.read(local) if local else None
    serve_readers(local, text, arguments)
    if text is None:
        arguments.expose_all(set(named))
    env = _served_environment(body, arguments, printer)
    if what.toolkit == "caffe2Settings":
        reasons.append("Caffe2 takes its rank from $AZ_BATCHAI_TASK_INDEX") if not reasons else None
    if what.command is not None:
        arguments.serve_words(commandline.split(what.command).words, "launcher: command")
        alone = _FIRST_NODE in reasons
        return Launcher(command=printer.text(what.command), env=env, secrets=_secrets(body), first_only=alone)
    if not reasons:
        return None
    script = found.entry if found else what.script
    assert script is not None
    stored = found is None and arguments.directories.resolve(script).root in ("mount", "input", "unknown")
    return Launcher(
        script=_file_name(script, printer) if stored else printer.text(script),
        python=printer.code(what.python) if what.python else None,
        line=printer.text(what.line) if what.line is not None else None,
        roles=tuple((role, arguments.plan_words(words)) for role, words in what.roles),
        env=env,
        secrets=_secrets(body),
        first_only=_FIRST_NODE in reasons,
    )


def _join(folder: Text, name: Text) -> str | None:
    if folder.known is None or name.known is None:
        return None
    return name.known if folder.known == "." else f"{folder.known}/{name.known}"


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


def _secrets(body: Body) -> tuple[tuple[str, str, str, str], ...]:
    found: list[tuple[str, str, str, str]] = []
    for item in body.items("properties.secrets"):
        name, url = item.get("name"), item.get("valueSecretReference.secretUrl")
        parts = re.match(r"(https://[^/]+)/secrets/([^/]+)(?:/(\w+))?", url.known or "") if url else None
        if name and name.known:
            open_place = ("TODO_key_vault_url", name.known.lower().replace("_", "-"), None)
            vault, secret, version = parts.groups() if parts else open_place
            found.append((name.known, vault, secret, version or ""))
    return tuple(found)
