"""What `apply` says: the plan before, the events during, the outcome after; as text and as JSON."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from batchai2aml.apply.carrying import Event, Outcome
from batchai2aml.apply.difference import as_made
from batchai2aml.apply.failures import Failure
from batchai2aml.apply.model import WORDS, Action, Change, Place
from batchai2aml.apply.preflight import Problem

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

_SIGNS: Mapping[Action, str] = {
    "create": "+",
    "update": "~",
    "unchanged": "=",
    "fixed": "!",
    "blocked": "x",
    "unknown": "?",
}
_COUNTED: Mapping[Action, str] = {
    "create": "to create",
    "update": "to update in place",
    "unchanged": "unchanged",
    "fixed": "that cannot be changed",
    "blocked": "blocked",
    "unknown": "unknown",
}


def digest(changes: Iterable[Change], environment: Mapping[str, str]) -> str:
    """A hash of what the plan wants, with what the environment holds, and what was seen of it; no secret is in it."""
    found = [
        {
            "key": str(change.desired.key),
            "place": [change.desired.place.subscription, change.desired.place.group, change.desired.place.workspace],
            "tree": as_made(change.desired, environment),
            "name": change.desired.service_name,
            "needs": [str(need) for need in change.desired.needs],
            "action": change.action,
            "seen": None if change.seen is None else [change.seen.state, change.seen.values],
        }
        for change in changes
    ]
    return hashlib.sha256(json.dumps(found, sort_keys=True, default=str).encode()).hexdigest()[:16]


def plan_lines(place: Place, changes: Sequence[Change], problems: Sequence[Problem], code: str) -> Iterator[str]:
    """The plan, for people."""
    yield f"Workspace {place.workspace}, resource group {place.group}, subscription {place.subscription}"
    yield ""
    width = max((len(str(change.desired.key)) for change in changes), default=0)
    for change in changes:
        notes = "; ".join(part for part in (change.reason, *change.unseen) if part)
        sign, word = ("-", "not sent") if change.unsent else (_SIGNS[change.action], WORDS[change.action])
        head = f"  {sign} {word:<17} {change.desired.key!s:<{width}}"
        yield f"{head}  {notes}".rstrip()
        for found in change.differences:
            yield f"      {found.path}: {_shown(found.old)} -> {_shown(found.new)}"
        if change.remedy:
            yield f"      -> {change.remedy}"
    yield ""
    counts = Counter(change.action for change in changes if not change.unsent)
    told = [f"{counts[action]} {word}" for action, word in _COUNTED.items() if counts[action]]
    unsent = sum(change.unsent for change in changes)
    told += [f"{unsent} not sent"] if unsent else []
    yield f"{', '.join(told) or 'nothing in the plan'}. Hash {code}"
    for title, stops in (("In the way:", True), ("To look at:", False)):
        told_here = [problem for problem in problems if problem.stops == stops]
        if told_here:
            yield ""
            yield title
        for problem in told_here:
            yield f"  {problem.about}: {problem.message}"
            yield f"      -> {problem.remedy}"


def _shown(value: object) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def failure_lines(about: str, failure: Failure) -> Iterator[str]:
    """One failure, as a block: what it is about, Azure's words, and what to do."""
    yield f"{about} failed"
    yield (
        f"    Azure: {failure}"
        if failure.code or failure.cause not in ("local", "changed", "otherwise")
        else f"    {failure}"
    )
    yield f"    -> {failure.remedy}"


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """How it ended, for people."""
    for key, failure in outcome.failed.items():
        yield from failure_lines(str(key), failure)
    for key, reason in outcome.skipped.items():
        yield f"{key} was left: {reason}"
    if outcome.interrupted:
        for change in outcome.under_way:
            yield f"{change.desired.key} was under way; Azure may go on with it"
        left = ", ".join(str(change.desired.key) for change in outcome.left)
        yield f"Interrupted{f'; not begun: {left}' if left else ''}. Run apply again to finish"
        return
    for change in outcome.left:
        yield f"{change.desired.key} was not begun"
    parts = [f"{len(outcome.done)} done", f"{len(outcome.failed)} failed", f"{len(outcome.skipped)} left"]
    yield ", ".join(part for part in parts if not part.startswith("0 ") or part.endswith("done"))


def as_json(
    place: Place,
    changes: Sequence[Change],
    problems: Sequence[Problem],
    outcome: Outcome | None,
    states: Mapping[str, str],
    code: str,
) -> dict[str, object]:
    """The plan and its outcome, for programs."""
    found: dict[str, object] = {
        "schema_version": "1",
        "subscription": place.subscription,
        "resource_group": place.group,
        "workspace": place.workspace,
        "hash": code,
        "changes": [_change(change) for change in changes],
        "problems": [{"about": p.about, "message": p.message, "remedy": p.remedy, "stops": p.stops} for p in problems],
    }
    if states:
        found["jobs"] = dict(states)
    if outcome is not None:
        found["outcome"] = {
            "done": [str(change.desired.key) for change in outcome.done],
            "failed": [
                {"resource": str(key), "code": f.code, "message": f.message, "cause": f.cause, "remedy": f.remedy}
                for key, f in outcome.failed.items()
            ],
            "left": [{"resource": str(key), "reason": reason} for key, reason in outcome.skipped.items()]
            + [{"resource": str(change.desired.key), "reason": "not begun"} for change in outcome.left],
            "under_way": [str(change.desired.key) for change in outcome.under_way],
            "interrupted": outcome.interrupted,
        }
    return found


def _change(change: Change) -> dict[str, object]:
    key = change.desired.key
    return {
        "kind": key.kind,
        "name": key.name,
        "workspace": change.desired.place.workspace,
        "azure_name": change.desired.service_name,
        "action": change.action,
        "fields": [{"path": d.path, "from": d.old, "to": d.new} for d in change.differences],
        "reason": change.reason,
        "remedy": change.remedy,
        "unseen": list(change.unseen),
    }


_STILL = 30.0
"""Seconds after which a pipe is told again what is at work."""


class Progress:
    """The events as they come: a table that changes on a terminal, a line for each in a pipe."""

    def __init__(self, stream: TextIO, color: str) -> None:
        from rich.console import Console

        self._console = Console(
            file=stream, no_color=color == "never" or None, force_terminal=True if color == "always" else None
        )
        self._started: dict[str, float] = {}
        self._ended: list[str] = []
        self._told: dict[str, float] = {}
        self._live: Live | None = None

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            from rich.live import Live

            self._live = Live(self._table(), console=self._console, refresh_per_second=4, transient=False)
            self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.update(self._table())
            self._live.__exit__(None, None, None)

    def tell(self, event: Event) -> None:
        """Show an event."""
        name = str(event.change.desired.key)
        if event.kind == "started":
            self._started[name] = time.monotonic()
            line = f"{name}: {WORDS[event.change.action]}"
        else:
            self._started.pop(name, None)
            word = {"done": "done", "failed": "failed", "skipped": "left"}[event.kind]
            more = f": {event.reason}" if event.kind == "skipped" else f" after {event.seconds:.0f} s"
            line = f"{name}: {word}{more}"
            self._ended.append(line)
        if self._live is None:
            self._line(line)

    def show(self) -> None:
        """Bring the table up to date, or say now and then what is still at work."""
        if self._live is not None:
            self._live.update(self._table())
            return
        now = time.monotonic()
        for name, since in self._started.items():
            if now - self._told.get(name, since) >= _STILL:
                self._told[name] = now
                self._line(f"{name}: at work for {now - since:.0f} s")

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> Table:
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        for line in self._ended:
            table.add_row(line, "")
        for name, since in self._started.items():
            table.add_row(f"{name}: at work", f"{time.monotonic() - since:.0f} s")
        return table
