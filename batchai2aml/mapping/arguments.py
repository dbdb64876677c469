"""A job's arguments: which words are data, which are variables, what stands in `script_params` (MAPPING 4.3 to 4.6)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from batchai2aml.azureml.model import Argument, Binding, Code
from batchai2aml.azureml.names import binding as binding_id
from batchai2aml.azureml.names import slug
from batchai2aml.batchai import commandline, paths
from batchai2aml.mapping.directories import Directories, joined
from batchai2aml.mapping.printing import Printer
from batchai2aml.mapping.storage import Mount
from batchai2aml.mapping.types import Verdict
from batchai2aml.text import Segment, Text

_OUTPUT_WORDS = (
    "out",
    "model",
    "checkpoint",
    "ckpt",
    "log",
    "save",
    "export",
    "result",
    "tensorboard",
    "snapshot",
    "summary",
)
_LAUNCHED = frozenset(
    {
        "AZ_BATCHAI_TASK_INDEX",
        "AZ_BATCHAI_PS_HOSTS",
        "AZ_BATCHAI_WORKER_HOSTS",
        "AZ_BATCHAI_JOB_TEMP",
        "AZ_BATCHAI_JOB_TEMP_DIR",
        "AZ_BATCHAI_SHARED_JOB_TEMP",
        "AZ_BATCHAI_NUM_GPUS",
        "AZ_BATCHAI_NUM_GPUS_PER_NODE",
    }
)
"""Variables that exist only once the launcher runs; Azure ML would not fill them in on the command line."""

_SERVED = frozenset(
    {
        "AZ_BATCHAI_TASK_INDEX",
        "AZ_BATCHAI_PS_HOSTS",
        "AZ_BATCHAI_WORKER_HOSTS",
        "AZ_BATCHAI_JOB_TEMP",
        "AZ_BATCHAI_JOB_TEMP_DIR",
        "AZ_BATCHAI_NUM_GPUS",
        "AZ_BATCHAI_NUM_GPUS_PER_NODE",
        "AZ_BATCHAI_JOB_MOUNT_ROOT",
        "AZ_BATCHAI_MOUNT_ROOT",
        "AZ_BATCHAI_SHARED_JOB_TEMP",
        "AZ_BATCHAI_PYTORCH_INIT_METHOD",
    }
)


def _as_text(value: Code) -> Code:
    """A number as the text that a plan holds."""
    return value if value.text[:1] in "'\"" or not re.fullmatch(r"[-\d.]+", value.text) else Code(repr(value.text))


def _nowhere(what: str, path: Text) -> Verdict:
    """A directory that lies in no mount, or of which only the run knows where it lies."""
    if not path.start and path.segments:
        return Verdict("manual", "BAI309", f"{what} is {path.segments[0].code}", "error")
    return Verdict("manual", "BAI310", f"{what} lies in no mount", "error")


@dataclass(frozen=True, slots=True)
class Handled:
    """A word of a command line, or an option with its value: what was noticed, and where it went."""

    words: tuple[Text, ...]
    notes: tuple[Verdict, ...]
    v1: str


@dataclass(eq=False)
class Arguments:
    """
    Collects the entries of `script_params`, the bindings that they need, and why a launcher is needed.

    With `lines` the target takes a line for a shell, where a path below an output may stand.
    """

    directories: Directories
    printer: Printer
    many_nodes: bool
    rank: str = ""
    backend: str = ""
    lines: bool = False
    entries: list[Argument] = field(default_factory=list)
    launched: list[Code] = field(default_factory=list)
    bindings: dict[str, Binding] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    notes: list[Verdict] = field(default_factory=list)
    handled: list[Handled] = field(default_factory=list)

    def add(self, words: Sequence[Text]) -> None:
        """Words of a command line, in order."""
        seen: set[str] = set()
        for pair in commandline.pairs(words):
            before, kept = len(self.notes), len(self.entries)
            self._add(pair, seen)
            v1 = "script_params=" if len(self.entries) > kept else "launcher: args"
            self.handled.append(Handled(pair, tuple(self.notes[before:]), v1))

    def serve_words(self, words: Sequence[Text], v1: str) -> None:
        """Words that the launcher runs as they are: it sets the variables that they read."""
        for pair in commandline.pairs(words):
            before = len(self.notes)
            for name in (name for word in pair for name in commandline.variables(word)):
                self.serve(name)
            self.handled.append(Handled(pair, tuple(self.notes[before:]), v1))

    def _add(self, pair: tuple[Text, ...], seen: set[str]) -> None:
        flag, value = pair[0], pair[1] if len(pair) == 2 else None
        split = commandline.value_of(flag)
        if value is None and split is not None:
            flag, value = split
            if commandline.variables(value):
                self.notes.append(Verdict("exact", "BAI412", f"{flag.known}=...", "info"))
        if value is None and not commandline.is_flag(flag):
            self._positional(flag)
            return
        if value is not None and self._by_launcher(value):
            self.launched += [self.printer.text(word) for word in pair]
            return
        if value is not None and value.known == "":
            self.reasons.append("an argument is empty")
            self.launched += [self.printer.text(word) for word in pair]
            return
        name = flag.known or "?"
        if name in seen:
            self._repeated(pair, name)
            return
        seen.add(name)
        self.entries.append(Argument(self.printer.text(flag), None if value is None else self.value(value, name)))

    def _by_launcher(self, value: Text) -> bool:
        """Whether only the launcher can say a value; the variable is then served, and the word goes into its plan."""
        names = [name for name in commandline.variables(value) if name in _LAUNCHED]
        if not names or (names == ["AZ_BATCHAI_TASK_INDEX"] and self.rank):
            return False
        for name in commandline.variables(value):
            self.serve(name)
        return True

    def _repeated(self, pair: tuple[Text, ...], name: str) -> None:
        """A dictionary holds an option once; its first value joins the others in the launcher's plan."""
        self.reasons.append(f"the option {name} is repeated")
        self.notes.append(Verdict("changed", "BAI411", f"{name} is given more than once"))
        flag = self.printer.text(pair[0] if len(pair) == 2 else (commandline.value_of(pair[0]) or pair)[0])
        for entry in [entry for entry in self.entries if entry.name == flag and not isinstance(entry.value, Binding)]:
            self.entries.remove(entry)
            self.launched += [entry.name, *([_as_text(entry.value)] if isinstance(entry.value, Code) else [])]
        for word in pair:
            for variable in commandline.variables(word):
                self.serve(variable)
        self.launched += [self.printer.text(word) for word in pair]

    def plan_words(self, words: Sequence[Text]) -> tuple[Code, ...]:
        """Words as the launcher's plan lists them; what may be several is split when the plan is written."""
        found: list[Code] = []
        for pair in commandline.pairs(words):
            several = self._several(pair[0]) if len(pair) == 1 else None
            found += [several] if several is not None else [self.printer.text(word) for word in pair]
        return tuple(found)

    def _several(self, word: Text) -> Code | None:
        """A word that may be several, or none, as the plan splits it when it is written; None when it is one."""
        if word.known is not None or word.code is None:
            return None
        self.printer.need("shlex")
        return Code(f"*shlex.split({word.code})")

    def _positional(self, word: Text) -> None:
        several = self._several(word)
        if several is not None:
            self.reasons.append("how many arguments there are is known only at run time")
            self.launched.append(several)
            for name in commandline.variables(word):
                self.serve(name)
            if word.segments[0].example is None:
                self._mount_root()
                self.expose_all(())
            return
        bound = self.value(word, "")
        if isinstance(bound, Binding):
            self.entries.append(Argument(Code(""), bound))
        else:
            self.entries.append(Argument(bound, None))

    def value(self, word: Text, flag: str) -> Code | Binding:
        """One value: a binding for a path in storage, a variable of Azure ML, or the text itself."""
        names = commandline.variables(word)
        if not names:
            return self.printer.number(word)
        if len(names) > 1 or not word.start.startswith("$"):
            return self._mixed(word, names)
        name = names[0]
        if name == "AZ_BATCHAI_PYTORCH_INIT_METHOD":
            self.notes.append(Verdict("changed", "BAI512", "$AZ_BATCHAI_PYTORCH_INIT_METHOD is env:// now"))
            return self.printer.string("env://")
        if name == "AZ_BATCHAI_PYTORCH_BACKEND" and self.backend:
            return self.printer.string(self.backend)
        if name == "AZ_BATCHAI_TASK_INDEX" and self.rank:
            self.notes.append(Verdict("changed", "BAI512", f"$AZ_BATCHAI_TASK_INDEX is ${self.rank} now"))
            return self.printer.string(f"${self.rank}")
        if name == "AZ_BATCHAI_STDOUTERR_DIR":
            self.notes.append(Verdict("changed", "BAI408", word.known or flag))
            return self.printer.text(Text.join([Text.literal("logs"), word.without(len("$" + name))]))
        return self._path(word, name, flag)

    def _mixed(self, word: Text, names: Sequence[str]) -> Code:
        for name in names:
            self.serve(name)
        self.reasons.append("an argument needs a part of a variable")
        return self.printer.text(word)

    def _path(self, word: Text, name: str, flag: str) -> Code | Binding:
        found = paths.resolve(word, self.directories.levels)
        if found.root == "input" and found.name in self.directories.inputs:
            return self.bind_input(found.name, found.rest)
        if found.root == "output" and found.name in self.directories.outputs:
            if self.lines and found.rest.segments:
                return self._mixed(word, [name])
            return self.bind_output(found.name, found.rest)
        if found.root in ("input", "output"):
            self.notes.append(Verdict("manual", "BAI311", f"${name} is not declared by the job", "error"))
            return self.printer.text(word)
        if found.root == "mount":
            return self.bind_mount(found, flag)
        if found.root == "unknown" and "MOUNT_ROOT" in name:
            self.notes.append(Verdict("manual", "BAI310", f"{word.known or name}: no such mount", "error"))
        self.serve(name)
        return self.printer.text(word)

    def serve(self, name: str) -> None:
        """A variable that the launcher sets, or that nothing can set."""
        for prefix, table in (
            ("AZ_BATCHAI_INPUT_", self.directories.inputs),
            ("AZ_BATCHAI_OUTPUT_", self.directories.outputs),
        ):
            if name.startswith(prefix):
                self.expose(name)
                if name[len(prefix) :] not in table:
                    self.notes.append(Verdict("manual", "BAI311", f"${name} is not declared by the job", "error"))
                return
        if name in _SERVED:
            self.reasons.append(f"${name} is set by the launcher")
            if name.startswith("AZ_BATCHAI_JOB_TEMP"):
                self.notes.append(Verdict("changed", "BAI404", f"${name}"))
            if name == "AZ_BATCHAI_SHARED_JOB_TEMP":
                self._shared()
            if name.endswith("MOUNT_ROOT"):
                self._mount_root()
        elif name in ("AZ_BATCHAI_MPI_HOST_FILE", "AZ_BATCH_HOST_LIST", "AZ_BATCHAI_NODE_LIST"):
            self.notes.append(Verdict("manual", "BAI406", f"${name}", "error"))
        elif name.startswith("AZ_"):
            self.notes.append(Verdict("manual", "BAI402", f"${name}", "error"))

    def expose(self, name: str) -> None:
        """Hand a directory to the launcher under the name of its Batch AI variable."""
        for prefix, bind, option in (
            ("AZ_BATCHAI_INPUT_", self.bind_input, "--bai-input-"),
            ("AZ_BATCHAI_OUTPUT_", self.bind_output, "--bai-output-"),
        ):
            identifier = name[len(prefix) :]
            table = self.directories.inputs if "INPUT" in prefix else self.directories.outputs
            if not name.startswith(prefix) or identifier not in table:
                continue
            flag = self.printer.string(f"{option}{identifier}")
            if not any(entry.name == flag for entry in self.entries):
                self.reasons.append(f"${name} is read on the node")
                self.entries.append(Argument(flag, bind(identifier, Text(()))))

    def expose_all(self, named: Collection[str]) -> None:
        """
        Hand over every directory that no argument binds, since nobody knows what the program reads.

        `named` are variables that say where the program itself is.
        """
        bound = {binding.id for binding in self.bindings.values()}
        for prefix, table in (("INPUT", self.directories.inputs), ("OUTPUT", self.directories.outputs)):
            for name in table:
                variable = f"AZ_BATCHAI_{prefix}_{name}"
                if binding_id(name) not in bound and variable not in named:
                    self.expose(variable)

    def _mount_root(self) -> None:
        for name, mount in self.directories.mounts.items():
            flag = self.printer.string(f"--bai-mount-{name}")
            if any(entry.name == flag for entry in self.entries):
                continue
            self.notes.append(Verdict("changed", "BAI415", name))
            self.entries.append(Argument(flag, self._input(f"{slug(name)}_root", mount, mount.inside)))

    def _shared(self) -> None:
        flag = self.printer.string("--bai-shared-temp")
        if any(entry.name == flag for entry in self.entries):
            return
        share = next((m for m in self.directories.mounts.values() if m.kind == "file"), None)
        share = share or next(iter(self.directories.mounts.values()), None)
        if share is None:
            self.notes.append(Verdict("manual", "BAI402", "$AZ_BATCHAI_SHARED_JOB_TEMP without a mount", "error"))
            return
        self.notes.append(Verdict("changed", "BAI405", f"a folder of the run in {share.datastore}"))
        self.entries.append(Argument(flag, self._output("SHARED", share, Text.literal("{run-id}/shared"))))

    def bind_input(self, name: str, rest: Text) -> Binding | Code:
        """The data reference of an input directory, or of a path below it."""
        found = paths.resolve(self.directories.inputs[name], self.directories.levels)
        if found.root != "mount":
            self.notes.append(_nowhere(f"input {name}", self.directories.inputs[name]))
            return self.printer.text(joined(self.directories.inputs[name], rest))
        mount = self.directories.mounts[found.name]
        self._level(found, mount)
        path = joined(mount.inside, found.rest, rest)
        identifier = binding_id(name if not rest.segments else f"{name}_{slug(rest.known or 'path')}")
        return self._input(identifier, mount, path)

    def bind_output(self, name: str, rest: Text) -> Binding | Code:
        """The output of an output directory, or of a path below it."""
        prefix, suffix = self.directories.outputs[name]
        found = paths.resolve(prefix, self.directories.levels)
        if found.root != "mount":
            self.notes.append(_nowhere(f"output {name}", prefix))
            return self.printer.text(joined(prefix, suffix, rest))
        mount = self.directories.mounts[found.name]
        self._level(found, mount)
        path = joined(mount.inside, found.rest, Text.literal("{run-id}/outputs"), suffix.stripped("/"), rest)
        identifier = binding_id(name if not rest.segments else f"{name}_{slug(rest.known or 'path')}")
        return self._output(identifier, mount, path)

    def bind_mount(self, found: paths.Path, flag: str) -> Binding:
        """The binding of a path in a mount; whether it is read or written is told from the option before it."""
        mount = self.directories.mounts[found.name]
        self._level(found, mount)
        path = joined(mount.inside, found.rest)
        identifier = binding_id(
            f"{slug(found.name)}_{slug(found.rest.known or 'path')}" if found.rest.segments else slug(found.name)
        )
        if any(word in flag.lower() for word in _OUTPUT_WORDS):
            return self._output(identifier, mount, path)
        if not flag or not re.search(r"in|data|src|source|path|file|dir|train|test|image", flag.lower()):
            self.notes.append(Verdict("changed", "BAI315", flag or (found.rest.known or found.name)))
        return self._input(identifier, mount, path)

    def _level(self, found: paths.Path, mount: Mount) -> None:
        if found.level and mount.level != found.level:
            self.notes.append(Verdict("changed", "BAI312", f"{mount.name} is mounted by the {mount.level}"))

    def _input(self, identifier: str, mount: Mount, path: Text) -> Binding:
        code = self.printer.text(path) if path.segments else None
        is_file = paths.names_file(path.known or "")
        return self._kept(Binding(identifier, mount.datastore, code, "input", file=is_file))

    def _output(self, identifier: str, mount: Mount, path: Text) -> Binding:
        return self._kept(Binding(identifier, mount.datastore, self._template(path), "output", self.many_nodes))

    def _template(self, path: Text) -> Code:
        """A destination; `{run-id}` must stay as it is, so no f-string is made of it."""
        numbers = any(s.code is not None and (s.text is None or s.text.isdigit()) for s in path.segments)
        if numbers or all(segment.code is None for segment in path.segments):
            return self.printer.text(path)
        pieces: list[str] = []
        for segment in path.segments:
            pieces.append(self.printer.text(Text((Segment(segment.text, segment.code),))).text)
        return Code(" + ".join(pieces))

    def _kept(self, made: Binding) -> Binding:
        return self.bindings.setdefault(made.id, made)
