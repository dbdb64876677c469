"""`batchai2aml apply`: look, show, ask, carry out, say what happened."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from batchai2aml.apply import difference, display
from batchai2aml.apply.carrying import Event, Outcome, carry
from batchai2aml.apply.desired import INDEX, Wanted, secrets, wanted
from batchai2aml.apply.failures import Failure
from batchai2aml.apply.journal import Journal
from batchai2aml.apply.model import Change, Desired, Key, Place, Seen
from batchai2aml.apply.preflight import Problem, problems
from batchai2aml.apply.settling import settle
from batchai2aml.config import Misuse
from batchai2aml.project.secrets import SHORTEST, Secrets
from batchai2aml.rules.plans import PLANS

if TYPE_CHECKING:
    from batchai2aml.apply.azure import Azure

_SIGN_IN = ("AZURE_CLIENT_SECRET", "AZURE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD")
_SIDE_BY_SIDE = 8
_LONGEST = 600
"""Characters of a line; Azure can say much more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command line, understood; `timeout` is in seconds, for each resource."""

    plan: Path
    subscription: str | None = None
    resource_group: str | None = None
    workspace: str | None = None
    dry_run: bool = False
    offline: bool = False
    yes: bool = False
    submit: bool = False
    wait: bool = False
    expect: str | None = None
    timeout: float = 3600.0
    output_format: str = "full"
    color: str = "auto"
    quiet: bool = False
    verbose: bool = False


def apply(request: Request) -> int:
    """Make the resources of a plan exist; the exit status."""
    environment = dict(os.environ)
    chosen = Place(request.subscription or "", request.resource_group or "", request.workspace or "")
    plan = wanted(request.plan, chosen, environment, complete=not request.offline)
    _check(plan)
    run = _Run(request, plan, environment, _secrets(plan, environment))
    if request.offline:
        changes = [Change(desired, "unknown", reason="Azure was not asked") for desired in plan.resources]
        run.show(changes, [], None, {}, display.digest(changes, environment))
        return 0
    from batchai2aml.apply import azure

    azure.quiet()
    if request.verbose:
        azure.log_requests()
    try:
        with contextlib.nullcontext() if request.dry_run else Journal(plan.folder, run.secrets.mask) as journal:
            status = run.all(azure.Azure(environment), journal)
    except Misuse as error:
        if threading.active_count() == 1:
            raise
        print(f"batchai2aml: {error}", file=sys.stderr)
        _leave(2)
    except KeyboardInterrupt:
        print("batchai2aml: interrupted; jobs that were sent go on, and nothing else is under way", file=sys.stderr)
        _leave(130)
    if threading.active_count() > 1:
        _leave(status)  # somebody still waits for Azure, whose end has been told
    return status


def _leave(status: int) -> NoReturn:
    """End the process at once: threads that wait for Azure must not keep it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _check(plan: Wanted) -> None:
    """
    Refuse a plan with mistakes.

    Raises:
        Misuse: the plan's own checks find some.

    """
    from batchai2aml.plan.folder import inspect

    own = {rule.id for rule in PLANS}
    results, findings = inspect(plan.folder / INDEX, plan.folder.parent, date.today())
    broken = [result for result in results if result.error is not None]
    wrong = [found for found in findings if found.rule in own and found.severity == "error"]
    if broken or wrong:
        place = broken[0].path if broken else str(wrong[0].where)
        said = broken[0].error.message if broken and broken[0].error is not None else wrong[0].message
        more = len(broken) + len(wrong) - 1
        others = f" (and {more} more)" if more else ""
        raise Misuse(f"{place}: {said}{others}; `batchai2aml scan {plan.folder}` lists what is wrong with the plan")


def _secrets(plan: Wanted, environment: Mapping[str, str]) -> Secrets:
    """The values that nobody may read: those that the plan names, and those of the sign-in."""
    names = {name for desired in plan.resources for name in secrets(desired)} | set(_SIGN_IN)
    values = {environment.get(name, ""): name for name in names}
    return Secrets({value: name for value, name in values.items() if len(value) >= SHORTEST})


@dataclass(frozen=True)
class _Run:
    """One run: what was asked for, what the plan wants, what the environment holds, and what must not be shown."""

    request: Request
    plan: Wanted
    environment: Mapping[str, str]
    secrets: Secrets

    def all(self, service: Azure, journal: Journal | None) -> int:
        """Look, show, ask, carry out; the exit status."""
        try:
            service.sign_in()
        except Failure as failure:
            for line in display.failure_lines("The sign-in", failure):
                self._complain(line)
            return 2
        changes, missing = self._changes(service)
        found = list(problems(changes, missing, service, self.environment))
        todo = [change for change in changes if change.action in ("create", "update")]
        code = display.digest(changes, self.environment)
        if self.request.expect not in (None, code):
            self.show(changes, found, None, {}, code)
            changed = f"the plan, or what is there, has changed: the hash is {code}, not {self.request.expect}"
            raise Misuse(f"{changed}; look at it again")
        stuck = any(change.action in ("fixed", "blocked", "unknown") for change in changes)
        if any(problem.stops for problem in found) or self.request.dry_run or not todo:
            stopped = stuck or any(problem.stops for problem in found)
            states = {} if stopped or self.request.dry_run else self._follow(changes, None, service)
            self.show(changes, found, None, states, code)
            if stopped:
                return 2
            return _ended(states) or int(self.request.dry_run and bool(todo))
        if self.request.output_format == "full":
            self.show(changes, found, None, {}, code)
        self._confirm()
        assert journal is not None
        journal.write(event="begun", hash=code)
        outcome = self._carry(todo, service, journal)
        journal.write(event="interrupted" if outcome.interrupted else "ended", failed=str(len(outcome.failed)))
        if self.request.output_format == "full":
            for line in display.outcome_lines(outcome):
                self._say(line)
        if outcome.interrupted:
            if self.request.output_format == "json":
                self.show(changes, found, outcome, {}, code)
            _leave(130)
        states = self._follow(changes, outcome, service)
        if self.request.output_format == "json":
            self.show(changes, found, outcome, states, code)
        return 2 if outcome.failed or outcome.skipped or outcome.left or stuck else _ended(states)

    def _say(self, line: str) -> None:
        print(_cut(self.secrets.mask(line)), flush=True)

    def _complain(self, line: str) -> None:
        print(_cut(self.secrets.mask(line)), file=sys.stderr, flush=True)

    def _changes(self, service: Azure) -> tuple[list[Change], list[Place]]:
        """What is to be done about each resource of the plan, and the workspaces that are not there."""
        submit = self.request.submit
        own = {desired.place: desired for desired in self.plan.resources if desired.key.kind == "workspace"}
        spaces = [
            own.get(made.place)
            or Desired(
                Key("workspace", made.place.workspace, made.key.workspace),
                made.place,
                self.plan.folder,
                {},
                made.place.workspace,
            )
            for made in {made.place: made for made in self.plan.resources}.values()
        ]
        seen = self._looked(service, spaces)
        there = {desired.place for desired in spaces if isinstance(seen[id(desired)], Seen)}
        outside = [desired for desired in self.plan.outside if desired.key.kind != "job"]
        asked = [
            desired
            for desired in self.plan.resources
            if desired.key.kind != "workspace" and desired.place in there and (submit or desired.key.kind != "job")
        ]
        seen |= self._looked(service, [*asked, *(made for made in outside if made.place in there)])
        absent = {made.key: why for made in outside if (why := _why_absent(seen.get(id(made))))}
        for desired in spaces:
            why = _why_absent(seen[id(desired)])
            if why and desired.place not in own:
                absent[desired.key] = f"{why}, and the plan does not make it"
        made = [difference.change(d, seen.get(id(d)), self.environment, submit) for d in self.plan.resources]
        missing = [desired.place for desired in spaces if seen[id(desired)] is None]
        return difference.blocked(made, absent), missing

    def _looked(self, service: Azure, asked: Sequence[Desired]) -> dict[int, Seen | Failure | None]:
        """What is there of each resource, asked side by side; who does not answer in time is not waited for."""

        def look(desired: Desired) -> Seen | Failure | None:
            try:
                return service.look(desired)
            except Failure as failure:
                return failure

        pool = ThreadPoolExecutor(_SIDE_BY_SIDE)
        try:
            until = time.monotonic() + self.request.timeout
            found: dict[int, Seen | Failure | None] = {}
            for desired, answer in [(desired, pool.submit(look, desired)) for desired in asked]:
                try:
                    found[id(desired)] = answer.result(max(0.0, until - time.monotonic()))
                except FutureTimeout:
                    found[id(desired)] = Failure("no answer", "", f"no answer within {self.request.timeout:.0f} s")
            return found
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def show(
        self,
        changes: Sequence[Change],
        found: Sequence[Problem],
        outcome: Outcome | None,
        states: Mapping[str, str],
        code: str,
    ) -> None:
        """Print the plan, or with JSON all that is known by now; `code` is the hash of plan and state."""
        if self.request.output_format == "json":
            tree = display.as_json(self.plan.place, changes, found, outcome, states, code)
            print(self.secrets.mask(json.dumps(tree, indent=2, ensure_ascii=False, default=str)), flush=True)
            return
        for line in display.plan_lines(self.plan.place, changes, found, code):
            self._say(line)

    def _confirm(self) -> None:
        """
        Ask, unless the answer was given.

        Raises:
            Misuse: the answer is no, or there is nobody to ask.

        """
        if self.request.yes:
            return
        if not sys.stdin.isatty():
            raise Misuse("nobody can be asked here; give --yes to carry the plan out, or --dry-run to look at it only")
        print("\nCarry this out? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Misuse("nothing was changed")

    def _carry(self, todo: Sequence[Change], service: Azure, journal: Journal) -> Outcome:
        given_up: set[Key] = set()

        def work(change: Change) -> None:
            name, known = str(change.desired.key), change.desired.service_name

            def note(event: str, said: str) -> None:
                if change.desired.key in given_up:
                    raise Failure("no answer", "", "it was given up")
                journal.write(event=event, resource=name, azure_name=known, said=said)

            settle(service, change, self.environment, time.sleep, note, min(self.request.timeout, 300.0))

        def tell(event: Event) -> None:
            if event.failure is not None and event.failure.cause == "no answer":
                given_up.add(event.change.desired.key)
            journal.write(event=event.kind, resource=str(event.change.desired.key), action=event.change.action)
            if not self.request.quiet:
                progress.tell(event)

        needs = {change.desired.key: [*difference.needed(change.desired)] for change in todo}
        progress = display.Progress(sys.stderr, self.request.color)
        with progress, contextlib.redirect_stderr(io.StringIO()):  # the SDK prints there at each upload
            return carry(todo, needs, work, tell, progress.show, self.request.timeout)

    def _follow(self, changes: Sequence[Change], outcome: Outcome | None, service: Azure) -> dict[str, str]:
        """Wait for the jobs that were sent, show what they say, and give the states that they ended in."""
        states: dict[str, str] = {}
        if not (self.request.wait and self.request.submit):
            return states
        sent = {change.desired.key for change in outcome.done} if outcome is not None else set()
        for change in changes:
            if change.desired.key.kind == "job" and (change.desired.key in sent or change.seen is not None):
                name = str(change.desired.key)
                try:
                    stream = sys.stderr if self.request.output_format == "json" else sys.stdout
                    states[name] = service.follow(change.desired, stream)
                except Failure as failure:
                    states[name] = _state(service, change.desired)
                    for line in display.failure_lines(f"Following {name}", failure):
                        self._complain(line)
        return states


def _why_absent(seen: Seen | Failure | None) -> str:
    if isinstance(seen, Failure):
        return f"it could not be read: {seen}"
    return "it is not there" if seen is None else ""


def _state(service: Azure, job: Desired) -> str:
    try:
        seen = service.look(job)
    except Failure:
        return "unknown"
    return seen.detail if seen is not None else "unknown"


def _ended(states: Mapping[str, str]) -> int:
    """The exit status for jobs that were waited for: whatever is not completed is not what was asked for."""
    return 2 if any(state != "Completed" for state in states.values()) else 0


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
