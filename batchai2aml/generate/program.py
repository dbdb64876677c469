"""Generating: for every script, and every document that no script sends, a Python script; whole, or not at all."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise

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
    program or notebook with what takes their place, by cell. `left` says that commands stay that are none.
    """

    source: str
    path: str
    new_files: Mapping[str, bytes] = field(default_factory=dict)
    text: str | None = None
    swaps: Mapping[int | None, list[Swap]] = field(default_factory=dict)
    documents: frozenset[str] = frozenset()
    notes: tuple[tuple[Where, Verdict], ...] = ()
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

    def path_for(self, source: str) -> str:
        """Where the script for a file stands: beside it, under a name that no other file has."""
        folder, name = posixpath.split(source)
        for stem in (name.split(".")[0], name, f"{name}_2"):
            path = posixpath.join(folder, f"{slug(stem) or 'commands'}_azureml.py")
            there = self.files.content(path)
            own = there is None or MADE_FROM in there
            if own and self.taken.setdefault(path, source) == source:
                return path
        raise Unprintable(f"there is a file {path} already")

    def draft(
        self, source: str, requests: list[Request], made_from: tuple[str, ...], subscription: Text | None = None
    ) -> Draft:
        """An empty script."""
        return Draft(
            self.path_for(source),
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
    accounts = frozenset(
        setting.written.known
        for request in found.requests
        for setting in request.settings
        if setting.path.endswith(".accountName") and isinstance(setting.written, Text) and setting.written.known
    )
    shared = Shared(files, settings, secrets, accounts, busy)
    for script in found.scripts:
        yield _guarded(script.path, partial(_of_script, script, shared))
    for path, document in found.documents.items():
        if path not in found.used and path not in found.finished:
            yield _guarded(path, partial(_of_document, path, document.requests, shared))
    for request in found.unsent:
        detail = "the document that is written here is sent by no command of the project; build the estimator instead"
        reason = Verdict("manual", "BAI703", detail, "error")
        yield Generated(request.where.path, "", reason=(request.where, reason))


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
    draft = shared.draft(
        script.path,
        [record.request for record in script.records],
        (script.path, *sorted(script.documents)),
        script.subscription,
    )
    path = draft.path
    calls: defaultdict[Part, list[tuple[CommandRecord, Step]]] = defaultdict(list)
    left = False
    written: dict[tuple[object, ...], Step] = {}
    for record in script.records:
        if record.parsed is None:
            continue
        if record.request.op == "unknown":
            left = True
            continue
        missing = next((notice for notice in record.request.notices if notice.kind == "missing file"), None)
        if missing is not None:
            reason = Verdict("manual", "BAI809", f"{missing.detail} is not in the project", "error")
            return Generated(script.path, path, reason=(record.request.where, reason))
        known = _same(record.request)
        step = written.get(known)
        if step is None:
            outcome = _write(draft, record.request, shared.secrets.mask(_about(record)))
            if isinstance(outcome, Verdict):
                return Generated(script.path, path, reason=(record.request.where, outcome))
            step = written[known] = draft.steps[-1]
        calls[record.part].append((record, step))
    _say_away(draft, [record for found in calls.values() for record, _ in found])
    made = _finished(draft, frozenset(script.documents), left, shared.secrets)
    return _placed(made, calls, posixpath.basename(path), script.kind, shared)


def _say_away(draft: Draft, records: Iterable[CommandRecord]) -> None:
    """A note about the first command that stands behind a `cd` to a folder outside the project."""
    away = next((record for record in records if record.command.folder.startswith(("?", "/", "~"))), None)
    if away is not None:
        name = posixpath.basename(draft.path)
        detail = f"{name} is called by its name from another folder, here and below: give its path there"
        draft.note(away.request.where, Verdict("manual", "BAI703", detail, "error"))


def _placed(
    made: Generated,
    calls: Mapping[Part, list[tuple[CommandRecord, Step]]],
    name: str,
    kind: str,
    shared: Shared,
) -> Generated:
    """What was made, with the command lines of the source in their new form."""
    swaps: defaultdict[int | None, list[Swap]] = defaultdict(list)
    text: str | None = None
    for part, found in calls.items():
        try:
            if part.code:
                style = style_of(shared.files.read(part.path) or "")
                swaps[part.cell].append(
                    Swap(part.code, expression(part, found, name, style), nth(part.around, part.code, part.offset))
                )
                continue
            spans = [(record.command.start, record.command.end, call(record, step, name)) for record, step in found]
            _check_apart(spans)
        except Unprintable as error:
            reason = Verdict("manual", "BAI802", str(error), "error")
            return Generated(made.source, made.path, reason=(found[0][0].request.where, reason))
        if kind == "notebook":
            text_of = part.text
            swaps[part.cell] += [Swap(text_of[a:b], new, nth(text_of, text_of[a:b], a)) for a, b, new in spans]
        else:
            text = replaced(part.text, spans)
    return replace(made, text=text, swaps=swaps)


def nth(text: str, piece: str, at: int) -> int:
    """How often a piece stands in a text before a place."""
    return text.count(piece, 0, at + len(piece) - 1) if piece else 0


def _check_apart(spans: Sequence[tuple[int, int, str]]) -> None:
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


def _of_document(source: str, requests: tuple[Request, ...], shared: Shared) -> Generated:
    draft = shared.draft(source, list(requests), (source,))
    for request in requests:
        outcome = _write(draft, request, f"What {posixpath.basename(source)} asks for.")
        if isinstance(outcome, Verdict):
            return Generated(source, draft.path, reason=(request.where, outcome))
    return _finished(draft, frozenset({source}), False, shared.secrets)


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
