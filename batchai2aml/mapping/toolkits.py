"""How each toolkit starts its processes: what is run, with which words, how many times (MAPPING part 5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from batchai2aml.azureml.model import Code
from batchai2aml.batchai import commandline, mpi, startup
from batchai2aml.batchai.schema import TOOLKIT_KEYS
from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.printing import Printer
from batchai2aml.mapping.types import Verdict
from batchai2aml.text import Text
from batchai2aml.values import Expression, Literal


@dataclass(frozen=True, slots=True)
class Launch:
    """
    One toolkit's start: a script with words, or a command line that only a shell can take apart.

    `open_backend` is a back end that only the run knows. `roles` are the words of a distributed TensorFlow job by
    role, `line` the script's arguments where a shell must take them apart. `mpi` says that the user's command
    started MPI, `per_node` and `environment` what it asked for; `own_mpi` that it still does.
    """

    toolkit: str
    script: Text | None = None
    words: tuple[Text, ...] = ()
    line: Text | None = None
    command: Text | None = None
    roles: tuple[tuple[str, tuple[Text, ...]], ...] = ()
    python: Given | None = None
    processes: Given | None = None
    backend: str = ""
    open_backend: Given | None = None
    notes: tuple[Verdict, ...] = ()
    reasons: tuple[str, ...] = ()
    mpi: bool = False
    own_mpi: bool = False
    per_node: Given | None = None
    environment: tuple[tuple[str, Text], ...] = ()


class NoToolkit(Exception):
    """A job with no toolkit, or with several."""


def launch(body: Body, distributed: bool) -> Launch:
    """
    What a job starts.

    Raises:
        NoToolkit: the job does not name exactly one toolkit.

    """
    keys = [key for key in TOOLKIT_KEYS if body.has(f"properties.{key}")]
    if len(keys) != 1:
        raise NoToolkit(f"the job names {len(keys) or 'no'} toolkits")
    key = keys[0]
    settings = body.below(f"properties.{key}")
    if key in ("customToolkitSettings", "customMpiSettings"):
        return _command(key, settings)
    if key == "tensorFlowSettings":
        return _tensorflow(settings, distributed)
    config = settings.get("configFilePath")
    split = _split(settings.get("commandLineArgs"))
    if config is not None and config.text is not None:
        start = "cntk configFile=" if key == "cntkSettings" else "caffe train --solver="
        given = settings.get("commandLineArgs")
        tail = [Text.literal(" "), given.text] if given and given.text else []
        return Launch(
            key,
            command=Text.join([Text.literal(start), config.text, *tail]),
            processes=settings.get("processCount"),
            reasons=("the program is not a Python script",),
        )
    script = settings.get("pythonScriptFilePath")
    if script is None or script.text is None:
        raise NoToolkit(f"{key} names no script")
    backend = settings.get("communicationBackend")
    return Launch(
        key,
        script.text,
        () if split.line else split.words,
        split.line,
        python=settings.get("pythonInterpreterPath"),
        processes=settings.get("processCount"),
        backend=(backend.known or "").lower() if backend else "",
        open_backend=backend if backend is not None and backend.known is None else None,
        reasons=split.reasons,
        notes=split.notes,
    )


@dataclass(frozen=True, slots=True)
class _Arguments:
    """Arguments of a script: as words, or as a line for a shell."""

    words: tuple[Text, ...] = ()
    line: Text | None = None
    reasons: tuple[str, ...] = ()
    notes: tuple[Verdict, ...] = ()


def _split(given: Given | None) -> _Arguments:
    if given is None or given.text is None:
        return _Arguments()
    found = commandline.split(given.text)
    shown = given.text.known or given.text.start
    if found.broken:
        why = ("the quotes of the arguments do not match",)
        return _Arguments(found.words, given.text, why, (Verdict("manual", "BAI413", shown, "error"),))
    if found.shell:
        return _Arguments(
            found.words, given.text, ("the arguments need a shell",), (Verdict("changed", "BAI409", shown),)
        )
    return _Arguments(found.words)


def _tensorflow(settings: Body, distributed: bool) -> Launch:
    script = settings.get("pythonScriptFilePath")
    if script is None or script.text is None:
        raise NoToolkit("tensorFlowSettings names no script")
    python = settings.get("pythonInterpreterPath")
    worker_given = settings.get("workerCommandLineArgs")
    master_given = settings.get("masterCommandLineArgs") or worker_given
    every = [_split(given) for given in (master_given, worker_given or master_given)]
    every.append(_split(settings.get("parameterServerCommandLineArgs")))
    if not distributed:
        alone = every[0]
        return Launch(
            "tensorFlowSettings",
            script.text,
            () if alone.line else alone.words,
            alone.line,
            python=python,
            reasons=alone.reasons,
            notes=alone.notes,
        )
    shells = [replace(note, disposition="manual", severity="error") for found in every for note in found.notes]
    master, worker, server = (found.words for found in every)
    others: list[tuple[str, Sequence[Text]]] = [("ps", server)]
    if [word.pieces for word in master] != [word.pieces for word in worker]:
        others.insert(0, ("master", master))
    split = commandline.split_roles(worker, others)
    differ = any(words for _, words in split.by_role)
    reasons: list[str] = []
    if differ:
        reasons.append("the arguments differ by role")
    if commandline.names_hosts(split.shared):
        reasons.append("the arguments name the hosts")
    roles = split.by_role if differ else ()
    return Launch(
        "tensorFlowSettings",
        script.text,
        split.shared,
        roles=roles,
        python=python,
        reasons=tuple(reasons),
        notes=tuple(shells),
    )


_PYTHON = re.compile(r"(^|/)python(\d(\.\d+)?)?$")


def _command(key: str, settings: Body) -> Launch:
    given = settings.get("commandLine")
    if given is None or given.text is None:
        raise NoToolkit(f"{key} names no command")
    processes = settings.get("processCount")
    line = _unwrapped(given.text)
    start = startup.start_of(line)
    if not mpi.names_starter(given.text):
        return _started(key, line, start, processes)
    split = commandline.split(start.line)
    run = mpi.parse(split.words) if not split.broken and not split.shell else None
    asked = [_count(run.processes), _count(run.per_node)] if run is not None else []
    if run is None or any(found is _OPEN for found in asked) or any("$" in v.start for _, v in run.environment):
        return Launch(
            key,
            command=given.text,
            processes=processes,
            reasons=("the command starts MPI itself",),
            own_mpi=True,
            notes=(Verdict("manual", "BAI509", given.known or "mpirun", "error"),),
        )
    again = startup.start_of(mpi_program(run))
    inside = replace(
        again,
        environment=(*start.environment, *again.environment),
        folder=again.folder or start.folder,
        before=Text.join([start.before, again.before]),
        plain=start.plain and again.plain,
        talk=(),
    )
    dropped = "; ".join([*start.dropped, *start.talk, *again.dropped, *run.dropped])
    notes = (Verdict("changed", "BAI510", f"left out: {dropped}"),) if dropped else ()
    made = _started(key, inside.whole, inside, asked[0])
    environment = (*made.environment, *run.environment)
    return replace(made, mpi=True, per_node=asked[1], environment=environment, notes=(*made.notes, *notes))


def counts(line: Text) -> list[Text]:
    """The numbers of processes that a command line gives to MPI."""
    if not mpi.names_starter(line):
        return []
    split = commandline.split(startup.start_of(_unwrapped(line)).line)
    run = mpi.parse(split.words) if not split.broken and not split.shell else None
    return [text for text in (run.processes, run.per_node) if text is not None] if run is not None else []


def _unwrapped(line: Text) -> Text:
    """The command line inside `bash -c`, or the line itself."""
    words = commandline.split(line)
    return (None if words.broken else startup.inner(words.words)) or line


def mpi_program(run: mpi.MpiRun) -> Text:
    """The command line that MPI starts in every process."""
    nested = startup.inner(run.program)
    if nested is not None:
        return nested
    joined = Text.join(piece for word in run.program for piece in (Text.literal(" "), commandline.quoted(word)))
    return joined.stripped(" ")


def _started(key: str, line: Text, start: startup.Start, processes: Given | None) -> Launch:
    """What a command line starts, with the variables that it sets first and the folder that it goes to."""
    names = {name for name, _ in start.environment} & set(commandline.variables(start.line))
    if start.plain and not start.talk and not names and not (start.environment and commandline.split(start.line).shell):
        made = _program(key, start.line, commandline.split(start.line), processes)
        if made.script is not None and (script := _from_folder(start.folder, made)) is not None:
            return replace(made, script=script, environment=start.environment)
        if start.folder is None:
            return replace(made, environment=start.environment)
    return _program(key, line, commandline.split(line), processes)


def _from_folder(folder: Text | None, made: Launch) -> Text | None:
    """The script as seen from the job's own folder; None where only the folder it goes to gives words a meaning."""
    assert made.script is not None
    if folder is None:
        return made.script
    relative = [word for word in made.words if re.match(r"(?![$/]|\w+://)[^-=]*/", word.start)]
    name = made.script.known
    if relative or name is None or not folder.start.startswith("$AZ_BATCHAI"):
        return None
    if name.startswith("$") or name.startswith("/"):
        inside = folder.known is not None and name.startswith(f"{folder.known.rstrip('/')}/")
        return made.script if inside else None
    plain = name.removeprefix("./")
    return Text.join([folder.stripped("/"), Text.literal(f"/{plain}")]) if "/" not in plain else None


def _program(key: str, line: Text, split: commandline.Words, processes: Given | None) -> Launch:
    """What a command line starts: a Python script with words where that is certain, else the command as it is."""
    words, shown = split.words, line.known or line.start
    whole = Launch(key, command=line, processes=processes)
    if split.broken:
        note = Verdict("manual", "BAI413", shown, "error")
        return replace(whole, reasons=("the quotes of the command do not match",), notes=(note,))
    if split.shell:
        return replace(whole, reasons=("the command needs a shell",), notes=(Verdict("changed", "BAI409", shown),))
    if not words or not _PYTHON.search(words[0].known or ""):
        return replace(whole, reasons=("the program is not a Python script",))
    at = 1
    while at < len(words) and words[at].known in ("-u", "-B", "-O"):
        at += 1
    if at >= len(words) or not words[at].segments or (words[at].known or "x").startswith("-"):
        return replace(whole, reasons=("the command is not a script",))
    return Launch(key, words[at], words[at + 1 :], processes=processes)


_OPEN = Given(Literal(None), None)
"""A count that a shell works out."""


def _count(text: Text | None) -> Given | None:
    """A number of processes: as a number, as the user's expression, or open."""
    if text is None:
        return None
    if text.known is not None and text.known.isdigit():
        return Given(Literal(int(text.known)), text.code or text.known)
    if text.code is not None:
        code = re.sub(r"^str\((\w+)\)$", r"\1", text.code)
        return Given(Expression(code), code)
    return _OPEN


def per_node(processes: Given | None, nodes: Given | None, printer: Printer) -> Code:
    """Processes on each node, as a number where both counts are known and as a division where not."""
    if processes is None:
        return Code("1")
    if nodes is None:
        return printer.code(processes)
    if processes.number is not None and nodes.number:
        return Code(str(max(1, -(-processes.number // nodes.number))))
    total, count = printer.code(processes), printer.code(nodes)
    return Code("1") if total == count else Code(f"{total} // {count}")
