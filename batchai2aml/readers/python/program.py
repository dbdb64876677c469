"""The Python reader: from the files of a project to Batch AI operations and the places that hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from batchai2aml.batchai import calls, schema
from batchai2aml.batchai.model import Field, Operation, Reading
from batchai2aml.place import Failure, Where
from batchai2aml.project.lookup import Lookup
from batchai2aml.readers.python.bodies import Leaf, below, leaf_value, leaves
from batchai2aml.readers.python.domain import Abstract, Function, ModelObject, Result, Sequence, Slot, Unknown
from batchai2aml.readers.python.domain import Mapping as DictValue
from batchai2aml.readers.python.interpreter import Interpreter, Read
from batchai2aml.readers.python.modules import Modules
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.rounds import merge_models, merge_records, merged
from batchai2aml.readers.python.scope import Scope
from batchai2aml.readers.python.sources import Cell, Source
from batchai2aml.values import Value


@dataclass(eq=False)
class Program:
    """What reading a project's Python files found; `operations[i]` is the public form of `records[i]`."""

    modules: Modules
    sources: dict[str, Source]
    scopes: dict[str, Scope]
    records: list[CallRecord] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    models: list[ModelObject] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    polls: list[CallRecord] = field(default_factory=list)
    interpreter: Interpreter | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    @property
    def files(self) -> Lookup:
        """The files of the project, whether they are programs or not."""
        return Lookup(self.modules.read, self.sizes)


def read_program(
    files: Iterable[tuple[str, bool]],
    read: Callable[[str], bytes | None],
    sources: Mapping[str, Source] | None = None,
    listed: Collection[str] = (),
) -> Program:
    """
    Read these files (path, whether it is a notebook) as programs of one project.

    `read` gives the bytes of a path below the project's root, or None; files that cannot be parsed are
    left out (whoever found them has said so already). `sources` are files that are parsed already; of the
    modules that the programs import, those that are `listed` and drive Batch AI join the programs.
    """
    modules = Modules(read)
    modules.sources.update(sources or {})
    me = Interpreter(modules)
    program = Program(modules, {}, {})
    for path, notebook in files:
        source = modules.source(path, notebook)
        if source is None:
            continue
        program.sources[path] = source
        me.steps = 0
        try:
            program.scopes[path] = _run(me, source, path)
        except Exception as error:  # a defect of ours, or code nested too deeply, must not stop the other files
            program.failures.append(Failure(Where(path), f"{type(error).__name__} while reading"))
    for path in sorted({cell.path for cell in driven(me)}.intersection(listed) - program.sources.keys()):
        program.sources[path] = modules.sources[path]
    for function in sorted(me.functions, key=_only_looks):
        me.steps = 0
        me.entry = function.cell.path
        if function.cell.path in program.sources:
            try:
                me.read_uncalled(function)
            except Exception as error:
                detail = f"{type(error).__name__} while reading {function.name}"
                program.failures.append(Failure(Where(function.cell.path), detail))
    program.records, program.models, program.reads, program.polls = me.records, me.models, me.reads, me.polls
    program.interpreter = me
    _add_unsent(program)
    _drop_foreign_storage(program)
    _order(program)
    program.operations = [_operation(record) for record in program.records]
    merge_models(program.models)
    merge_records(program.records)
    return program


_CALLS = re.compile(r"\.(?:jobs?|clusters?)\.\w+\(")


def _only_looks(function: Function) -> bool:
    """Whether a function makes no call of its own; such ones come last, since calls tell what is looked at."""
    return not _CALLS.search(function.cell.code(function.node))


def driven(found: Program | Interpreter) -> Iterator[Cell]:
    """The file parts that call Batch AI, build its objects, or look at its answers; one may come many times."""
    yield from (record.cell for record in found.records if not _is_own_storage(record))
    yield from (made.cell for made in found.models)
    yield from (read.cell for read in found.reads)
    yield from (poll.cell for poll in found.polls)
    me = found.interpreter if isinstance(found, Program) else found
    yield from (cell for cell, _, _ in (me.members if me else ()))


def _is_own_storage(record: CallRecord) -> bool:
    """Whether a storage call is no part of what another file does with Batch AI."""
    return record.op.startswith("storage.") and record.where.path == record.cell.path


def readings(program: Program) -> list[Reading]:
    """The attributes that the project's own files read from answers, each place once."""
    found: dict[tuple[int, str, Where], Reading] = {}
    for read in program.reads:
        helper = read.record.op.startswith("helpers.") and read.attribute != "environment_variables"
        if read.cell.path in program.sources and read.record.index >= 0 and not helper:
            where = read.cell.where(read.node)
            key = (read.record.index, read.attribute, where)
            found[key] = Reading(read.record.index, read.record.op, read.attribute, where)
    for poll in program.polls:
        asked = poll.receiver
        if isinstance(asked, Result) and poll.cell.path in program.sources and asked.record.index >= 0:
            where, attribute = poll.cell.where(poll.node), poll.op.removeprefix("poller.") + "()"
            found[asked.record.index, attribute, where] = Reading(asked.record.index, asked.record.op, attribute, where)
    return list(found.values())


def _run(me: Interpreter, source: Source, path: str) -> Scope:
    me.entry, me.flags, me.frames = path, [], []
    if source.kind == "python":
        key = path.removesuffix(".py").removesuffix("/__init__")
        return me.modules.execute(me, source, key, key.replace("/", ".")).scope
    scope = Scope("module")
    for cell in source.cells:
        me.run(cell, scope)
    return scope


def _add_unsent(program: Program) -> None:
    """Parameter objects that were built and never sent are operations of their own."""
    import libcst as cst

    seen: set[int] = set()
    for made in program.models:
        if made.sent or id(made.node) in seen or any(m.sent for m in program.models if m.node is made.node):
            continue
        seen.add(id(made.node))
        assert isinstance(made.node, cst.Call)
        op = schema.ROOTS[made.model.name]
        program.records.append(
            CallRecord(
                op,
                made.node,
                made.cell,
                made.statement,
                made.scope,
                made.cell.where(made.node),
                None,
                "uncalled",
                call=calls.CALLS[op],
                body=made,
            )
        )


def _drop_foreign_storage(program: Program) -> None:
    """Storage calls in files that have nothing to do with Batch AI are not ours to speak of."""
    ours = {
        path
        for record in program.records
        if not record.op.startswith("storage.")
        for path in (record.where.path, record.cell.path)
    }
    program.records = [
        record
        for record in program.records
        if not record.op.startswith("storage.") or record.where.path in ours or record.cell.path in ours
    ]


def _order(program: Program) -> None:
    for index, record in enumerate(program.records):
        record.index = index


def _operation(record: CallRecord) -> Operation:
    group = record.op.split(".")[0]
    single = {"clusters": "cluster", "jobs": "job", "file_servers": "file_server"}.get(group)
    key = {"workspaces": "workspace_name", "experiments": "experiment_name"}.get(group, f"{single}_name")
    taken = {"resource_group_name", "workspace_name", "experiment_name", key, "parameters", "jcp_list"}
    return Operation(
        index=record.index,
        op=record.op,
        resource="workspace" if group == "client" else calls.RESOURCE[group],
        where=record.where,
        reached=record.reached,  # type: ignore[arg-type]
        api_version=api_version(record),
        name=_value(record.arguments.get(key)),
        fields=tuple(_fields(record)) if record.body else (),
        arguments=tuple(_arguments(record, record.arguments, taken)),
        rounds=tuple(tuple(_arguments(record, again.arguments, taken)) for again in record.again),
        via=record.via,
        resource_group=_value(record.arguments.get("resource_group_name")),
        workspace=_value(record.arguments.get("workspace_name")),
        experiment=_value(record.arguments.get("experiment_name")),
    )


def _arguments(record: CallRecord, given: Mapping[str, Slot], taken: set[str]) -> Iterable[Field]:
    """What a call is given beside the body."""
    for name, slot in given.items():
        if name not in taken and not (record.body and record.body.row(name)):
            for leaf in _argument(name, slot):
                yield Field(leaf.path, leaf_value(leaf.path, leaf.slot), leaf.slot.cell.where(leaf.slot.node))


def _argument(name: str, slot: Slot) -> Iterable[Leaf]:
    """The leaves of an argument: a dict and the options of a listing have several."""
    if not isinstance(slot.value, (ModelObject, DictValue)):
        return [Leaf(name, slot)]
    if isinstance(slot.value, ModelObject) and slot.value.model.name in schema.ROOTS:
        return []
    return below(name, slot)


def _fields(record: CallRecord) -> Iterable[Field]:
    assert record.body is not None
    others = [{leaf.path: leaf.slot for leaf in leaves(again.body)} for again in record.again if again.body]
    for leaf in leaves(record.body):
        slot = leaf.slot
        for other in others:
            slot = replace(slot, value=_alike(slot, other.get(leaf.path)))
        yield Field(leaf.path, leaf_value(leaf.path, slot), leaf.slot.cell.where(leaf.slot.node))


def _alike(slot: Slot, other: Slot | None) -> Abstract:
    return Unknown(slot.cell.code(slot.node)) if other is None else merged(slot, other.value)


def _value(slot: Slot | None) -> Value | None:
    if slot is None or isinstance(slot.value, (ModelObject, DictValue, Sequence)):
        return None
    return leaf_value("", slot)


def api_version(record: CallRecord) -> str:
    """The API version that a call was written for, as far as its shape and fields tell."""
    if record.body is not None:
        mine = [row for a in record.body.slots if (row := record.body.row(a))]
        if any(row.sdk == frozenset({"0.2"}) for row in mine):
            return "2017-09-01-preview"
    if record.old:
        return "2018-03-01"
    return "2018-05-01"


__all__ = ["Program", "read_program", "readings"]
