"""The plan carried out: in the order of needs, what is independent side by side, and an end in good order."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal as OneOf

from batchai2aml.apply.failures import Failure
from batchai2aml.apply.model import Change, Key


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a resource, after so many seconds of work on it."""

    kind: OneOf["started", "done", "failed", "skipped"]
    change: Change
    seconds: float = 0.0
    failure: Failure | None = None
    reason: str = ""


@dataclass(eq=False)
class Outcome:
    """How it ended: what is done, failed, was left because of that, or was under way when it stopped."""

    done: list[Change] = field(default_factory=list)
    failed: dict[Key, Failure] = field(default_factory=dict)
    skipped: dict[Key, str] = field(default_factory=dict)
    under_way: list[Change] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)
    interrupted: bool = False


def carry(
    changes: Sequence[Change],
    needs: Mapping[Key, Sequence[Key]],
    work: Callable[[Change], None],
    tell: Callable[[Event], None],
    show: Callable[[], None],
    limit: float,
    side_by_side: int = 4,
) -> Outcome:
    """
    Do what is to be done.

    `needs` are the keys that each resource waits for. `work` does one change in a thread of its own and raises
    `Failure`; after `limit` seconds it is given up. `show` is called some times a second.
    """
    waiting = {change.desired.key: change for change in changes}
    running: dict[Key, tuple[Change, float]] = {}
    ended: queue.SimpleQueue[tuple[Key, Failure | None]] = queue.SimpleQueue()
    outcome = Outcome()
    order = list(waiting)
    missing: set[Key] = set()

    def thread(change: Change) -> None:
        failure: Failure | None = None
        try:
            work(change)
        except Failure as raised:
            failure = raised
        except Exception as error:  # a defect of ours must not hang the others
            failure = Failure("local", type(error).__name__, str(error))
        ended.put((change.desired.key, failure))

    def start() -> None:
        for key in order:
            if key not in waiting or len(running) >= side_by_side:
                continue
            wanted = [need for need in needs.get(key, ()) if need in order]
            broken = next((need for need in wanted if need in missing), None)
            if broken is not None:
                missing.add(key)
                outcome.skipped[key] = f"{broken} is not there"
                tell(Event("skipped", waiting.pop(key), reason=outcome.skipped[key]))
            elif not any(need in waiting or need in running for need in wanted):
                change = waiting.pop(key)
                running[key] = (change, time.monotonic())
                tell(Event("started", change))
                threading.Thread(target=thread, args=(change,), daemon=True).start()

    def end(key: Key, failure: Failure | None) -> None:
        if key not in running:
            return  # given up before
        change, since = running.pop(key)
        seconds = time.monotonic() - since
        if failure is None:
            outcome.done.append(change)
            tell(Event("done", change, seconds))
        else:
            outcome.failed[key] = failure
            if change.action == "create":
                missing.add(key)
            tell(Event("failed", change, seconds, failure))

    try:
        while waiting or running:
            before = len(waiting)
            start()
            if not running:
                if len(waiting) == before:
                    break  # only what needs itself is left
                continue
            with contextlib.suppress(queue.Empty):
                end(*ended.get(timeout=0.2))
            for key, (_, since) in list(running.items()):
                if time.monotonic() - since > limit:
                    end(key, Failure("no answer", "", f"no end after {limit:.0f} s"))
            show()
    except KeyboardInterrupt:
        outcome.interrupted = True
        outcome.under_way = [change for change, _ in running.values()]
    outcome.left = list(waiting.values())
    return outcome
