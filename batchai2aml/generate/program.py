"""Generating: for every script, and every document that no script sends, a Python script; whole, or not at all."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import TypeAlias

from batchai2aml.batchai.request import Request
from batchai2aml.config import Settings
from batchai2aml.emit.style import of as style_of
from batchai2aml.generate.draft import Draft, Step, slug
from batchai2aml.generate.lines import call, expression, replaced
from batchai2aml.generate.steps import write
from batchai2aml.generate.variables import Variables
from batchai2aml.mapping.printing import Unprintable
from batchai2aml.mapping.toolkits import NoToolkit
from batchai2aml.mapping.types import Verdict
from batchai2aml.place import Failure, Where
from batchai2aml.project.lookup import Lookup
from batchai2aml.project.secrets import Secrets
from batchai2aml.readers.scripts import Scripts
from batchai2aml.readers.shell.program import CommandRecord, Part, Script
from batchai2aml.rewrite.check import own_problems, unset
from batchai2aml.text import Text


@dataclass(frozen=True, slots=True)
class Swap:
    """A piece of a program or notebook, what takes its place, and how often it stands in the text before that."""

    old: str
    new: str
    nth: int


@dataclass(frozen=True, slots=True)
class Generated:
    """
    What became of one file: the new script and what it needs, or the reason why all stays.

    `text` is the source with its command lines replaced, where it is nothing but commands; `swaps` are pieces of a
    program or notebook with what takes their place, by cell. `made_from` are files with documents that the new commands
    stand for. `left` says that commands stay: those that are none, and those in `stays`, with the reason.
    """

    source: str
    path: str
    new_files: Mapping[str, bytes] = field(default_factory=dict)
    text: str | None = None
    swaps: Mapping[int | None, list[Swap]] = field(default_factory=dict)
    documents: frozenset[str] = frozenset()
    made_from: frozenset[str] = frozenset()
    notes: tuple[tuple[Where, Verdict], ...] = ()
    stays: tuple[tuple[Where, Verdict], ...] = ()
    reason: tuple[Where, Verdict] | None = None
    failures: tuple[Failure, ...] = ()
    left: bool = False


MADE_FROM = b"# batchai2aml: made from "


@dataclass(frozen=True, slots=True)
class Shared:
    """
    What all scripts of a project are written with; `busy` are folders whose launcher another program uses.

    `plans` are the launchers' plans so far, `taken` the scripts with what each is made from.
    """

    files: Lookup
    settings: Settings
    secrets: Secrets
    accounts: frozenset[str]
    busy: frozenset[str]
    plans: dict[str, bytes] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)

    def path_for(self, source: str, owner: str) -> str:
        """Where the script for a file stands: beside it, under a name that is free and that the file does not call."""
        folder, name = posixpath.split(source)
        for stem in (name.split(".")[0], name, f"{name}_2"):
            path = posixpath.join(folder, f"{slug(stem) or 'commands'}_azureml.py")
            there = self.files.content(path)
            called = posixpath.basename(path).encode() in (self.files.content(source) or b"")
            own = there is None or (MADE_FROM in there and not called)
            if own and self.taken.setdefault(path, owner) == owner:
                return path
        raise Unprintable(f"there is a file {path} already")

    def draft(
        self,
        source: str,
        requests: list[Request],
        made_from: tuple[str, ...],
        subscription: Text | None = None,
        what: str = "commands",
    ) -> Draft:
        """An empty script for the commands or the documents of a file."""
        return Draft(
            self.path_for(source, f"{what} of {source}"),
            source,
            requests,
            self.files.seen_from(source),
            self.settings,
            self.accounts,
            made_from,
            self.busy,
            self.plans,
            Variables(self.secrets),
            subscription,
        )


def generate(
    found: Scripts, files: Lookup, settings: Settings, secrets: Secrets, busy: frozenset[str]
) -> Iterator[Generated]:
    """The scripts for everything that was read; `busy` are folders whose launcher another program uses."""
    shared = Shared(files, settings, secrets, found.accounts, busy)
    return each(
        found,
        partial(_of_script, shared=shared),
        partial(_of_document, shared=shared),
        partial(_of_unsent, shared=shared),
    )


def each(
    found: Scripts,
    of_script: Callable[[Script], Generated],
    of_document: Callable[[str, Sequence[Request]], Generated],
    of_unsent: Callable[[str, Sequence[Request]], Generated],
) -> Iterator[Generated]:
    """What is made of each script, of each document that none of them sends, and of those that nobody sends."""
    for script in found.scripts:
        yield _guarded(script.path, partial(of_script, script))
    for path, document in found.documents.items():
        if path not in found.used and path not in found.finished:
            yield _guarded(path, partial(of_document, path, document.requests))
    unsent: defaultdict[str, list[Request]] = defaultdict(list)
    for request in found.unsent:
        unsent[request.where.path].append(request)
    for path, requests in unsent.items():
        requests.sort(key=lambda request: (request.where.cell or 0, request.where.line or 0))
        yield _guarded(path, partial(of_unsent, path, requests))


def _guarded(source: str, make: Callable[[], Generated]) -> Generated:
    """What is made of one file; a defect of ours must not stop the others."""
    try:
        return make()
    except Unprintable as error:
        reason = Verdict("manual", "BAI802", str(error), "error")
        return Generated(source, "", reason=(Where(source), reason))
    except Exception as error:
        failure = Failure(Where(source), f"{type(error).__name__} while writing its script")
        return Generated(source, "", failures=(failure,))


def _of_script(script: Script, shared: Shared) -> Generated:
    """A script for the commands of a file; a command that cannot be converted stays, and the others do not wait."""
    stays: dict[int, Verdict] = {}
    while True:
        draft = shared.draft(
            script.path,
            [record.request for record in script.records],
            (script.path, *sorted(script.documents)),
            script.subscription,
        )
        calls, failed = _steps(draft, script, shared, stays)
        placed = None if failed else _placed(calls, posixpath.basename(draft.path), script.kind, shared)
        if isinstance(placed, Placed):
            break
        stays |= failed or _stays_in(script, placed)
    _say_away(draft, [record for found in calls.values() for record, _ in found])
    left = bool(stays) or any(is_unknown(record) for record in script.records)
    made = _finished(draft, frozenset(script.documents), left, shared.secrets)
    reasons = tuple((script.records[number].request.where, verdict) for number, verdict in stays.items())
    return replace(made, stays=reasons, text=placed.text, swaps=placed.swaps)


def _stays_in(script: Script, failed: tuple[Part, Verdict] | None) -> dict[int, Verdict]:
    """The commands of a text that cannot be put into new words."""
    if failed is None:
        return {}
    part, verdict = failed
    return {number: verdict for number, record in enumerate(script.records) if record.part is part}


def is_unknown(record: CommandRecord) -> bool:
    """Whether it is a command that az batchai never had."""
    return record.parsed is not None and record.request.op == "unknown"


Calls: TypeAlias = "Mapping[Part, list[tuple[CommandRecord, Step]]]"
"""The commands of a file that become calls of a step, by the text that they stand in."""


def _steps(
    draft: Draft, script: Script, shared: Shared, stays: Mapping[int, Verdict]
) -> tuple[Calls, dict[int, Verdict]]:
    """Write the steps of all commands but those that stay; the second answer are those that cannot be written."""
    calls: defaultdict[Part, list[tuple[CommandRecord, Step]]] = defaultdict(list)
    written: dict[tuple[object, ...], Step] = {}
    failed: dict[int, Verdict] = {}
    for number, record in enumerate(script.records):
        if record.parsed is None or is_unknown(record) or number in stays:
            continue
        missing = without_file(record.request)
        if missing is not None:
            failed[number] = missing
            continue
        known = _same(record.request)
        step = written.get(known)
        if step is None:
            outcome = _write(draft, record.request, shared.secrets.mask(_about(record)))
            if isinstance(outcome, Verdict):
                failed[number] = outcome
                continue
            step = written[known] = draft.steps[-1]
        calls[record.part].append((record, step))
    return calls, failed


def without_file(request: Request) -> Verdict | None:
    """Why a command stays that sends a file which is not there."""
    missing = next((notice for notice in request.notices if notice.kind == "missing file"), None)
    if missing is None:
        return None
    return Verdict("manual", "BAI809", f"{missing.detail} is not in the project", "error")


def _say_away(draft: Draft, records: Iterable[CommandRecord]) -> None:
    """A note about the first command that stands behind a `cd` to a folder outside the project."""
    away = next((record for record in records if record.command.away), None)
    if away is not None:
        name = posixpath.basename(draft.path)
        detail = f"{name} is called by its name from another folder, here and below: give its path there"
        draft.note(away.request.where, Verdict("manual", "BAI703", detail, "error"))


@dataclass(frozen=True, slots=True)
class Placed:
    """The command lines of a source in their new form."""

    text: str | None
    swaps: Mapping[int | None, list[Swap]]


def _placed(calls: Calls, name: str, kind: str, shared: Shared) -> Placed | tuple[Part, Verdict]:
    """The new form of all command lines, or the text in which one has none."""
    swaps: defaultdict[int | None, list[Swap]] = defaultdict(list)
    text: str | None = None
    for part, found in calls.items():
        try:
            if part.code:
                style = style_of(shared.files.read(part.path) or "")
                swaps[part.cell].append(swapped(part, expression(part, found, name, style)))
                continue
            text, own = placed(part, [(record, call(record, step, name)) for record, step in found], kind)
            swaps[part.cell] += own
        except Unprintable as error:
            return part, Verdict("manual", "BAI802", str(error), "error")
    return Placed(text, swaps)


def swapped(part: Part, new: str) -> Swap:
    """The new expression of a program that says command lines."""
    return Swap(part.code, new, _nth(part.around, part.code, part.offset))


def placed(part: Part, lines: Sequence[tuple[CommandRecord, str]], kind: str) -> tuple[str | None, list[Swap]]:
    """
    New command lines where the old ones stand: the whole text anew, or what is swapped in a cell of a notebook.

    Raises:
        Unprintable: a command stands inside another.

    """
    spans = [(record.command.start, record.command.end, new) for record, new in lines]
    _check_apart(spans)
    if kind != "notebook":
        return replaced(part.text, spans), []
    text = part.text
    return None, [Swap(text[a:b], new, _nth(text, text[a:b], a)) for a, b, new in spans]


def _nth(text: str, piece: str, at: int) -> int:
    """How often a piece stands in a text before a place."""
    return text.count(piece, 0, at + len(piece) - 1) if piece else 0


def _check_apart(spans: Sequence[tuple[int, int, str]]) -> None:
    """
    No command may stand inside another.

    Raises:
        Unprintable: one does.

    """
    ordered = sorted(spans)
    if any(after[0] < before[1] for before, after in pairwise(ordered)):
        raise Unprintable("a command of az batchai stands inside the words of another")


def _same(request: Request) -> tuple[object, ...]:
    """What makes two commands the same, wherever they stand."""
    parts = (request.settings, request.arguments, tuple(request.names.values()))
    given = tuple((setting.path, setting.written) for part in parts for setting in part)
    return (request.op, given, tuple((flag.to, flag.value) for flag in request.flags))


def _about(record: CommandRecord) -> str:
    words = " ".join(record.parsed.command.words.split()) if record.parsed and record.parsed.command else ""
    return f"In place of az batchai {words}, line {record.request.where.line}."


def _of_document(source: str, requests: Sequence[Request], shared: Shared) -> Generated:
    draft = shared.draft(source, list(requests), (source,), what="documents")
    for request in requests:
        outcome = _write(draft, request, f"What {posixpath.basename(source)} asks for.")
        if isinstance(outcome, Verdict):
            return Generated(source, draft.path, reason=(request.where, outcome))
    return _finished(draft, frozenset({source}), False, shared.secrets)


def _of_unsent(source: str, requests: Sequence[Request], shared: Shared) -> Generated:
    """A script for the documents that a program writes and nobody sends; the program itself stays."""
    made = _of_document(source, requests, shared)
    detail = "the document that is written here is sent by no command of the project"
    if made.reason is None and not made.failures:
        return replace(
            made,
            left=True,
            documents=frozenset(),
            stays=tuple(_unsent(request, f"{detail}; {made.path} sends it") for request in requests),
        )
    return replace(made, stays=tuple(_unsent(request, detail) for request in requests))


def _unsent(request: Request, detail: str) -> tuple[Where, Verdict]:
    return request.where, Verdict("manual", "BAI703", detail, "error")


def _write(draft: Draft, request: Request, about: str) -> str | Verdict:
    """The name of a step, or why there is none."""
    try:
        return write(draft, request, about)
    except (Unprintable, NoToolkit) as error:
        return Verdict("manual", "BAI802", str(error), "error")


def _finished(draft: Draft, documents: frozenset[str], left: bool, secrets: Secrets) -> Generated:
    if not draft.steps:
        return Generated(draft.source, draft.path, left=True)
    text = draft.render()
    failures = [*own_problems(draft.path, text, secrets), *unset(draft.path, {None: text}, draft.check)]
    return Generated(
        draft.source,
        draft.path,
        {**draft.new_files, draft.path: text.encode()},
        documents=documents,
        notes=tuple(draft.notes),
        failures=tuple(failures),
        left=left,
    )
