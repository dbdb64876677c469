"""One resource, from what is planned to what is there: attempts, and a look after each at what took effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from batchai2aml.apply.difference import differences, fulfilled
from batchai2aml.apply.failures import PASSING, Failure
from batchai2aml.apply.model import Change, Desired, Seen

Tell = Callable[[str, str], None]
"""Is told of each step, with Azure's words on it: for the journal."""


class Service(Protocol):
    """What makes and shows resources."""

    def look(self, desired: Desired) -> Seen | None:
        """A resource as it is now."""

    def make(self, change: Change) -> None:
        """Create or change a resource, and wait until that is over."""


def pauses(patience: float) -> Iterator[float]:
    """Seconds to wait before each further attempt, up to `patience` in all."""
    wait, spent = 1.0, 0.0
    while spent < patience:
        yield wait
        spent += wait
        wait = min(wait * 2, 30.0)


def settle(
    service: Service,
    change: Change,
    environment: Mapping[str, str],
    pause: Callable[[float], None],
    tell: Tell,
    patience: float = 300.0,
) -> None:
    """
    Make a resource as it is planned.

    Whatever an attempt answers, what counts is what is there afterwards: an answer may be lost, an operation may have
    taken effect, or be still at work.

    Raises:
        Failure: it cannot be had; the last attempt's.

    """
    desired = change.desired
    waits = pauses(patience)
    if _there(service, change, environment, pause, pauses(patience)):
        return
    while True:
        try:
            tell("asked", change.action)
            service.make(change)
            tell("answered", "done")
            failure = None
        except Failure as raised:
            tell("answered", str(raised))
            failure = raised
        seen = _seen_after(service, desired, failure, pause)
        if fulfilled(desired, seen, environment):
            return
        if failure is None:
            failure = _otherwise(service, desired, seen, environment, pause, pauses(patience))
            if failure is None:
                return
        elif seen is not None and seen.state == "failed" and failure.cause == "missing":
            failure = Failure("failed", "", seen.detail)
        wait = next(waits, None)
        if failure.cause not in PASSING or wait is None:
            raise failure
        pause(max(wait, failure.after or 0.0))


def _there(
    service: Service,
    change: Change,
    environment: Mapping[str, str],
    pause: Callable[[float], None],
    waits: Iterator[float],
) -> bool:
    """
    Whether a resource is there already as it is planned.

    Raises:
        Failure: it is no longer as it was when the plan was shown.

    """
    shown = change.seen
    while True:
        try:
            now = _ready(service, change.desired, pause)
            break
        except Failure as failure:
            wait = next(waits, None)
            if failure.cause not in PASSING or wait is None:
                raise
            pause(max(wait, failure.after or 0.0))
    if fulfilled(change.desired, now, environment):
        return True
    if shown is not None and shown.state == "busy":
        if change.action == "create" and now is not None and now.state == "ready":
            raise Failure("changed", "", "Azure was at work on it, and it is another than the plan wants")
        return False
    if (shown is None) != (now is None) or (shown is not None and now is not None and shown.values != now.values):
        told = "gone" if now is None else "there" if shown is None else "another"
        raise Failure("changed", "", f"it is {told} since the plan was shown")
    return False


def _otherwise(
    service: Service,
    desired: Desired,
    seen: Seen | None,
    environment: Mapping[str, str],
    pause: Callable[[float], None],
    waits: Iterator[float],
) -> Failure | None:
    """Why a resource is not there as it should be although Azure has said so; None if it takes a moment only."""
    looks = 0
    while looks < 3:
        if seen is not None and seen.state == "failed":
            return Failure("failed", "", seen.detail)
        wait = next(waits, None)
        if wait is None:
            break
        pause(wait)
        try:
            seen = _ready(service, desired, pause)
            looks += 1
        except Failure as blind:
            if blind.cause not in PASSING:
                return blind
        if fulfilled(desired, seen, environment):
            return None
    if seen is None:
        return Failure("lost", "", "Azure said that it is done, but does not have it")
    found = [f"{one.path} is {one.old!r} and not {one.new!r}" for one, _ in differences(desired, seen, environment)]
    return Failure("otherwise", "", f"Azure said that it is done, but {', '.join(found)}")


def _seen_after(
    service: Service, desired: Desired, failure: Failure | None, pause: Callable[[float], None]
) -> Seen | None:
    """What is there after an attempt; None too where that cannot be said, and the attempt's own failure says why."""
    try:
        return _ready(service, desired, pause)
    except Failure as blind:
        if failure is not None and failure.cause not in PASSING:
            raise failure from None
        if blind.cause not in PASSING:
            raise
        return None


def _ready(service: Service, desired: Desired, pause: Callable[[float], None]) -> Seen | None:
    """What is there once Azure is no longer at work on it."""
    wait = 1.0
    while True:
        seen = service.look(desired)
        if seen is None or seen.state != "busy":
            return seen
        pause(wait)
        wait = min(wait * 1.5, 15.0)
