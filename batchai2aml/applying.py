"""`batchai2aml apply`: look, show, ask, carry out, say what happened."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from batchai2aml.apply import difference, display
from batchai2aml.apply.carrying import Event, Outcome, carry
from batchai2aml.apply.desired import SECRETS, Wanted, wanted
from batchai2aml.apply.failures import Failure
from batchai2aml.apply.journal import Journal
from batchai2aml.apply.model import Change, Desired, Key, Place, Seen
from batchai2aml.apply.preflight import Problem, problems
from batchai2aml.apply.settling import settle
from batchai2aml.config import Misuse
from batchai2aml.project.secrets import SHORTEST
from batchai2aml.rules.plans import PLANS

if TYPE_CHECKING:
    from batchai2aml.apply.azure import Azure

_SIGN_IN = ("AZURE_CLIENT_SECRET", "AZURE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD")
_SIDE_BY_SIDE = 8


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
    plan = wanted(
        request.plan, request.subscription, request.resource_group, request.workspace, complete=not request.offline
    )
    _check(plan)
    if request.offline:
        return _offline(plan, request)
    from batchai2aml.apply import azure

    azure.quiet()
    if request.verbose:
        azure.log_requests()
    environment = dict(os.environ)
    hide = _hider(plan, environment)
    try:
        if request.dry_run:
            return _run(request, plan, azure.Azure(environment), environment, hide, None)
        with Journal(plan.folder, hide) as journal:
            return _run(request, plan, azure.Azure(environment), environment, hide, journal)
    except KeyboardInterrupt:
        print("batchai2aml: interrupted; jobs that were sent go on, and nothing else is under way", file=sys.stderr)
        _leave(130)


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
    results, findings = inspect(plan.folder / "plan.yml", plan.folder.parent, date.today())
    broken = [result for result in results if result.error is not None]
    wrong = [found for found in findings if found.rule in own and found.severity == "error"]
    if broken or wrong:
        place = broken[0].path if broken else str(wrong[0].where)
        said = broken[0].error.message if broken and broken[0].error is not None else wrong[0].message
        more = len(broken) + len(wrong) - 1
        others = f" (and {more} more)" if more else ""
        raise Misuse(f"{place}: {said}{others}; `batchai2aml scan {plan.folder}` lists what is wrong with the plan")


def _hider(plan: Wanted, environment: Mapping[str, str]) -> Callable[[str], str]:
    """What takes secrets out of a text: those that the plan names, and those of the sign-in."""
    named = {name for desired in plan.resources for key, name in desired.given.items() if key in SECRETS}
    values = sorted({environment.get(name, "") for name in (*named, *_SIGN_IN)} - {""}, key=len, reverse=True)
    values = [value for value in values if len(value) >= SHORTEST]

    def hide(text: str) -> str:
        for value in values:
            for form in (value, json.dumps(value)[1:-1]):
                text = text.replace(form, "MASKED")
        return text

    return hide


def _offline(plan: Wanted, request: Request) -> int:
    changes = [Change(desired, "unknown", reason="Azure was not asked") for desired in plan.resources]
    _show_plan(request, plan.place, changes, [], None, str)
    return 0


def _run(
    request: Request,
    plan: Wanted,
    service: Azure,
    environment: Mapping[str, str],
    hide: Callable[[str], str],
    journal: Journal | None,
) -> int:
    try:
        service.sign_in()
    except Failure as failure:
        for line in display.failure_lines("The sign-in", failure):
            print(hide(line), file=sys.stderr)
        return 2
    changes = _changes(plan, service, environment, request.submit)
    found = list(problems(changes, service, environment))
    todo = [change for change in changes if change.action in ("create", "update")]
    code = display.digest(changes)
    stuck = any(change.action in ("fixed", "blocked", "unknown") for change in changes)
    if request.expect is not None and request.expect != code:
        _show_plan(request, plan.place, changes, found, None, hide)
        changed = f"the plan, or what is there, has changed: the hash is {code}, not {request.expect}"
        raise Misuse(f"{changed}; look at it again")
    if request.dry_run or found or not todo:
        _show_plan(request, plan.place, changes, found, None, hide)
        if journal is not None and found:
            journal.write(event="refused", problems=str(len(found)))
        if found or stuck:
            return 2
        followed = _follow(request, changes, service, hide)
        return followed or int(request.dry_run and bool(todo))
    if request.output_format == "full":
        _show_plan(request, plan.place, changes, found, None, hide)
    _confirm(request)
    assert journal is not None
    journal.write(event="begun", hash=code)
    outcome = _carry(request, todo, changes, service, environment, journal)
    if request.output_format == "full":
        for line in display.outcome_lines(outcome):
            print(hide(line))
    else:
        _show_plan(request, plan.place, changes, found, outcome, hide)
    journal.write(event="interrupted" if outcome.interrupted else "ended", failed=str(len(outcome.failed)))
    if outcome.interrupted:
        _leave(130)
    if outcome.failed or outcome.skipped or stuck:
        return 2
    return _follow(request, changes, service, hide)


def _changes(plan: Wanted, service: Azure, environment: Mapping[str, str], submit: bool) -> list[Change]:
    """What is to be done about each resource of the plan."""
    own = {desired.place: desired for desired in plan.resources if desired.key.kind == "workspace"}
    spaces = [
        own.get(place) or Desired(Key("workspace", place.workspace), place, plan.folder, {}, place.workspace)
        for place in dict.fromkeys(desired.place for desired in plan.resources)
    ]
    outside = [key for key in (*plan.expected, *plan.unwritten) if key.kind != "job"]
    others = [Desired(key, plan.place, plan.folder, {}, key.name) for key in outside]
    seen = _looked(service, spaces)
    there = {desired.place for desired in spaces if isinstance(seen[id(desired)], Seen)}
    asked = [
        desired
        for desired in (*plan.resources, *others)
        if desired.key.kind != "workspace" and desired.place in there and (submit or desired.key.kind != "job")
    ]
    seen |= _looked(service, asked)
    absent = {d.key: "it is not there" for d in others if d.place in there and seen.get(id(d)) is None}
    for desired in spaces:
        answer = seen[id(desired)]
        if desired.tree:
            continue  # one that the plan makes
        if isinstance(answer, Failure):
            absent[desired.key] = f"it could not be read: {answer}"
        elif answer is None:
            absent[desired.key] = "it is not there, and the plan does not make it"
    made = [difference.change(d, seen.get(id(d)), environment, submit) for d in plan.resources]
    return difference.blocked(made, absent)


def _looked(service: Azure, asked: Sequence[Desired]) -> dict[int, Seen | Failure | None]:
    """What is there of each resource, asked side by side."""

    def look(desired: Desired) -> Seen | Failure | None:
        try:
            return service.look(desired)
        except Failure as failure:
            return failure

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        return {id(desired): answer for desired, answer in zip(asked, pool.map(look, asked), strict=True)}


def _show_plan(
    request: Request,
    place: Place,
    changes: Sequence[Change],
    found: Sequence[Problem],
    outcome: Outcome | None,
    hide: Callable[[str], str],
) -> None:
    if request.output_format == "json":
        tree: Any = display.as_json(place, changes, found, outcome)
        print(hide(json.dumps(tree, indent=2, ensure_ascii=False, default=str)))
        return
    for line in display.plan_lines(place, changes, found):
        print(hide(line))
    sys.stdout.flush()


def _confirm(request: Request) -> None:
    """
    Ask, unless the answer was given.

    Raises:
        Misuse: the answer is no, or there is nobody to ask.

    """
    if request.yes:
        return
    if not sys.stdin.isatty():
        raise Misuse("nobody can be asked here; give --yes to carry the plan out, or --dry-run to look at it only")
    print("\nCarry this out? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Misuse("nothing was changed")


def _carry(
    request: Request,
    todo: Sequence[Change],
    changes: Sequence[Change],
    service: Azure,
    environment: Mapping[str, str],
    journal: Journal,
) -> Outcome:
    def work(change: Change) -> None:
        name, known = str(change.desired.key), change.desired.service_name

        def note(event: str, said: str) -> None:
            journal.write(event=event, resource=name, azure_name=known, said=said)

        settle(service, change, environment, time.sleep, note, min(request.timeout, 300.0))

    def tell(event: Event) -> None:
        journal.write(event=event.kind, resource=str(event.change.desired.key), action=event.change.action)
        if not request.quiet:
            progress.tell(event)

    spaces = {change.desired.place: change.desired.key for change in changes if change.desired.key.kind == "workspace"}
    needs = {change.desired.key: [*change.desired.needs] for change in todo}
    for change in todo:
        space = spaces.get(change.desired.place)
        if space is not None and space != change.desired.key:
            needs[change.desired.key].append(space)
    with display.Progress(sys.stderr, request.color) as progress:
        return carry(todo, needs, work, tell, progress.show, request.timeout)


def _follow(request: Request, changes: Sequence[Change], service: Azure, hide: Callable[[str], str]) -> int:
    """Wait for the plan's jobs, and show what they say."""
    if not (request.wait and request.submit) or request.dry_run:
        return 0
    status = 0
    for change in changes:
        if change.desired.key.kind == "job" and change.action in ("create", "unchanged"):
            try:
                service.follow(change.desired)
            except Failure as failure:
                status = 2
                for line in display.failure_lines(str(change.desired.key), failure):
                    print(hide(line), file=sys.stderr)
    return status
