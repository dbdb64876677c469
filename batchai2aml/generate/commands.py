"""Scripts of commands for SDK v2: each command of az batchai becomes commands of az ml, where it stood."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from batchai2aml.batchai.request import Request
from batchai2aml.emit.style import Style
from batchai2aml.emit.style import of as style_of
from batchai2aml.emit.templates import launcher
from batchai2aml.generate.azml import Around, Word, Words, commands
from batchai2aml.generate.lines import SEPARATOR, between, split
from batchai2aml.generate.program import Generated, Swap, each, is_unknown, placed, swapped, without_file
from batchai2aml.mapping.job import LAUNCHER
from batchai2aml.mapping.printing import Unprintable
from batchai2aml.mapping.types import Verdict
from batchai2aml.place import Where
from batchai2aml.plan.files import path_of
from batchai2aml.plan.model import Plan
from batchai2aml.project.lookup import Lookup
from batchai2aml.readers.scripts import Scripts
from batchai2aml.readers.shell.program import CommandRecord, Part, Script
from batchai2aml.text import Segment, Text

_VARIABLE = {"make": "$${}", "powershell": "$env:{}", "cmd": "%{}%"}
_SUBSTITUTION = {"make": "$$(", "cmd": ""}


@dataclass(frozen=True, slots=True)
class Shared:
    """What the commands of all scripts are made of; `indices` are the operations of requests, by identity."""

    files: Lookup
    plan: Plan
    indices: Mapping[int, int]


def generate(found: Scripts, files: Lookup, plan: Plan) -> Iterator[Generated]:
    """What becomes of everything that was read; jobs and clusters are in the plan's files."""
    pairs = zip(found.requests, found.operations, strict=True)
    shared = Shared(files, plan, {id(request): operation.index for request, operation in pairs})
    return each(
        found,
        partial(_of_script, shared=shared),
        partial(_of_document, shared=shared),
        partial(_of_unsent, shared=shared),
    )


def _of_script(script: Script, shared: Shared) -> Generated:
    """The commands of a file; one that cannot be converted stays, and the others do not wait."""
    stays: list[tuple[Where, Verdict]] = []
    notes: list[tuple[Where, Verdict]] = []
    made: dict[Part, list[tuple[CommandRecord, list[Words]]]] = defaultdict(list)
    for record in script.records:
        if record.parsed is None or is_unknown(record):
            continue
        missing = without_file(record.request)
        if missing is not None:
            stays.append((record.request.where, missing))
            continue
        around = _around(record, script, shared)
        try:
            lines = commands(record.request, around)
        except Unprintable as error:
            stays.append((record.request.where, Verdict("manual", "BAI802", str(error), "error")))
            continue
        made[record.part].append((record, lines))
        notes += [(record.request.where, note) for note in around.notes]
    notes += _away([record for found in made.values() for record, _ in found])
    notes += _nowhere([record.request for found in made.values() for record, _ in found])
    text: str | None = None
    swaps: defaultdict[int | None, list[Swap]] = defaultdict(list)
    for part, found in made.items():
        try:
            if part.code:
                style = style_of(shared.files.read(part.path) or "")
                swaps[part.cell].append(swapped(part, _expression(part, found, style)))
                continue
            text, own = placed(part, [(record, _printed(record, lines)) for record, lines in found], script.kind)
            swaps[part.cell] += own
        except Unprintable as error:
            verdict = Verdict("manual", "BAI802", str(error), "error")
            stays += [(record.request.where, verdict) for record, _ in found]
    left = bool(stays) or any(is_unknown(record) for record in script.records)
    requests = [record.request for found in made.values() for record, _ in found]
    return Generated(
        script.path,
        "",
        _launchers(requests, shared),
        text=text,
        swaps=swaps,
        documents=frozenset(script.documents) if not stays else frozenset(),
        made_from=frozenset({*script.documents, *(where.path for where in script.sent)}),
        notes=tuple(notes),
        stays=tuple(stays),
        left=left,
    )


def _away(records: Sequence[CommandRecord]) -> Iterator[tuple[Where, Verdict]]:
    """A note about the first command that runs in a folder which is not known."""
    for record in records:
        if record.command.away:
            detail = (
                "the files of the plan are named as seen from the script's own folder, here and below: correct them"
            )
            yield record.request.where, Verdict("manual", "BAI703", detail, "error")
            return


def _nowhere(requests: Sequence[Request]) -> Iterator[tuple[Where, Verdict]]:
    """A note where commands do not say which workspace they mean, as the older ones could not."""
    own = ("workspaces.", "usages.", "file_servers.", "experiments.")
    open_ones = [request for request in requests if not request.op.startswith(own) and "workspace" not in request.names]
    if open_ones:
        detail = "the commands name no workspace: az configure --defaults workspace=NAME says which, before they run"
        yield open_ones[0].where, Verdict("manual", "BAI140", detail, "error")


def _launchers(requests: Sequence[Request], shared: Shared) -> dict[str, bytes]:
    """The launcher, beside the scripts of the jobs that need it."""
    found: dict[str, bytes] = {}
    for request in requests:
        made = shared.plan.asked_by(shared.indices.get(id(request), -1))
        if made is not None and made.folder is not None and LAUNCHER in str(made.tree.get("command")):
            found[posixpath.normpath(posixpath.join(made.folder, LAUNCHER))] = launcher()
    return found


def _around(record: CommandRecord, script: Script, shared: Shared) -> Around:
    dialect = record.dialect.name
    here = "" if record.command.away else record.command.folder
    base = posixpath.normpath(posixpath.join(posixpath.dirname(script.path), here))
    template = _VARIABLE.get(dialect, "${}")

    def variable(name: str) -> Text:
        shown = template.format(name)
        return Text.literal(shown) if record.part.code else Text((Segment(None, shown),))

    return Around(
        shared.plan,
        shared.indices[id(record.request)],
        variable,
        partial(posixpath.relpath, start=base),
        _SUBSTITUTION.get(dialect, "$("),
    )


def _printed(record: CommandRecord, lines: Sequence[Words]) -> str:
    """
    Commands in the script's own dialect.

    Where the script does something with what the command prints or answers, they are one: each runs only when the one
    before it did not fail, and only the last one prints.
    """
    dialect = record.dialect.name
    shown = [" ".join(_shell_word(word, dialect) for word in words) for words in lines]
    if len(shown) == 1:
        return shown[0]
    before = _line_before(record)
    if _stands_alone(record):
        newline = "\r\n" if "\r\n" in record.part.text else "\n"
        called = "call " if dialect == "cmd" else ""
        return called + f"{newline}{before}{called}".join(shown)
    if record.command.prefixed or _ASSIGNS.search(before):
        raise Unprintable("the command is run with variables or by a program of its own, and several take its place")
    *first, last = shown
    silent = [f"{line} {_SILENT.get(dialect, '> /dev/null')}" for line in first]
    if dialect == "powershell":
        rest = (f"if ($LASTEXITCODE -eq 0) {{ {line} }}" for line in (*silent[1:], last))
        return f"& {{ {'; '.join((silent[0], *rest))} }}"
    if dialect == "cmd":
        return f"( {' && '.join(f'call {line}' for line in (*silent, last))} )"
    apart = " " if before.endswith("(") else ""  # "((" would be arithmetic
    return f"{apart}( {' && '.join((*silent, last))} )"


_SILENT = {"powershell": "| Out-Null", "cmd": "> nul"}
"""How a command is kept from printing."""
_ASSIGNS = re.compile(r"(?:^|[\s;&|(])\w+=\S*\s+$")


def _line_before(record: CommandRecord) -> str:
    text, start = record.part.text, record.command.start
    return text[text.rfind("\n", 0, start) + 1 : start]


def _stands_alone(record: CommandRecord) -> bool:
    """Whether a command is all that its line says, beside a prompt or what make puts before it."""
    text, end = record.part.text, record.command.end
    stop = text.find("\n", end)
    after = text[end : stop if stop >= 0 else len(text)]
    return not _line_before(record).strip(" \t@+-$>!") and not after.strip()


def _shell_word(word: Word, dialect: str) -> str:
    segments = word.text.segments
    if not word.as_is and all(segment.code is None for segment in segments):
        known = word.text.known or ""
        if dialect != "cmd":
            plain = set(known) & set(" '") and not set(known) & set('"$`\\!')
            return f'"{known}"' if plain and "'" in known else shlex.quote(known)
        return f'"{known}"' if set(known) & set(" &|<>'()") or not known else known
    escape: Callable[[str], str] = str if word.as_is else _escaped
    pieces = [segment.code or escape(segment.text or "") for segment in segments]
    for number, segment in enumerate(segments[:-1]):
        if segment.code is not None and re.match(r"\w", pieces[number + 1]):
            pieces[number] = re.sub(r"^\$([A-Za-z_][\w:]*)$", r"${\1}", pieces[number])
    return f'"{"".join(pieces)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")


def _expression(part: Part, found: Sequence[tuple[CommandRecord, list[Words]]], style: Style) -> str:
    """The expression of a program that says its command lines anew."""
    pieces: list[Text] = []
    at = 0
    for record, lines in found:
        pieces.append(between(part, at, record.command.start))
        whole = [piece for number, words in enumerate(lines) for piece in _command(number, words, len(lines))]
        if len(lines) > 1:
            whole = [Text.literal("( "), *whole, Text.literal(" )")]
        needs_shell = len(lines) > 1 or any(_for_shell(word) for word in lines[0])
        if part.listed and needs_shell:
            pieces += [Text.literal(SEPARATOR.join(("bash", "-c", ""))), *whole]
        elif part.listed:
            pieces += [piece for n, word in enumerate(lines[0]) for piece in _separated(n, word.text)]
        elif part.split and (needs_shell or any(" " in (word.text.known or "") for word in lines[0])):
            raise Unprintable("the program splits its command at blanks, and what takes its place needs a shell")
        elif part.split:
            pieces += [
                piece for n, word in enumerate(lines[0]) for piece in (Text.literal(" " if n else ""), word.text)
            ]
        else:
            pieces += whole
        at = record.command.end
    if not part.listed:
        return style.text(Text.join([*pieces, between(part, at, len(part.text))]))
    return f"[{', '.join(style.text(word) for word in split(Text.join(pieces)))}]"


def _separated(number: int, word: Text) -> list[Text]:
    return [Text.literal(SEPARATOR), word] if number else [word]


def _for_shell(word: Word) -> bool:
    """Whether only a shell makes a word what it is: it looks something up, or names an environment variable."""
    return word.as_is or any(
        segment.code is None and re.search(r"=\$\w+$", segment.text or "") for segment in word.text.segments
    )


def _command(number: int, words: Words, count: int) -> Iterator[Text]:
    """A command as a shell takes it, after the one before it; of several, only the last one prints."""
    yield Text.literal(" && " if number else "")
    for place, word in enumerate(words):
        yield Text.literal(" " if place else "")
        known = word.text.known if all(segment.code is None for segment in word.text.segments) else None
        if known is not None and not word.as_is and not _for_shell(word):
            yield Text.literal(shlex.quote(known))
        else:
            yield from (Text.literal('"'), word.text, Text.literal('"'))
    yield Text.literal(" > /dev/null" if number < count - 1 else "")


def _of_document(source: str, requests: Sequence[Request], shared: Shared) -> Generated:
    """A document that no script sends: the plan's files stand for it."""
    files = [shared.plan.asked_by(shared.indices[id(request)]) for request in requests]
    for request, made in zip(requests, files, strict=True):
        if made is None and request.op in ("jobs.create", "clusters.create"):
            why = shared.plan.reason(request.where) or "it has no file in the plan"
            reason = Verdict("manual", "BAI802", why, "error")
            return Generated(source, "", reason=(request.where, reason))
    named = next((path_of(made) for made in files if made is not None), "")
    by_hand = [
        (request.where, Verdict("manual", "BAI145", f"{request.op} has no counterpart", "error"))
        for request in requests
        if request.op.startswith("file_servers.")
    ]
    return Generated(source, named, _launchers(requests, shared), documents=frozenset({source}), notes=tuple(by_hand))


def _of_unsent(source: str, requests: Sequence[Request], shared: Shared) -> Generated:
    """Documents that a program writes and nobody sends; the program itself stays."""
    detail = "the document that is written here is sent by no command of the project"
    stays: list[tuple[Where, Verdict]] = []
    for request in requests:
        made = shared.plan.asked_by(shared.indices.get(id(request), -1))
        shown = detail if made is None else f"{detail}; {path_of(made)} has what it says"
        stays.append((request.where, Verdict("manual", "BAI703", shown, "error")))
    return Generated(source, "", _launchers(requests, shared), stays=tuple(stays), left=True)
