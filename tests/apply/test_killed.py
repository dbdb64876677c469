"""Killed after each single request of a full run: the next one finishes it, with nothing doubled and nothing lost."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.apply.conftest import Site, written
from tests.azure.cloud import Cloud
from tests.azure.server import Server

pytestmark = pytest.mark.judge


@contextmanager
def built(folder: Path) -> Iterator[Site]:
    """A site of its own, for a thread of its own."""
    folder.mkdir(parents=True)
    written(folder / "project")
    cloud = Cloud()
    with Server(folder, cloud) as server:
        yield Site(folder / "project", server, cloud)


def end(here: Site) -> set[str]:
    """What there is in the end: the ends of all paths, but for names that the service makes up."""
    return {path for path in here.state() if "/codes/" not in path}


def killed(folder: Path, number: int) -> tuple[bool, str, set[str]]:
    """Kill a run after a request, and run it twice more: whether it was killed, what is wrong, and the end."""
    with built(folder) as here:
        process = here.start("--yes", "--submit")
        hits: list[int] = []

        def stop(now: int) -> None:
            if now >= number and not hits:
                hits.append(now)
                process.send_signal(signal.SIGKILL)
                process.wait()

        here.server.watch = stop
        process.communicate(timeout=60)
        here.server.watch = lambda now: None
        if not hits:
            return False, "", set()
        second = here.run("--yes", "--submit")
        problem = f"{number}: {second.out}{second.err}" if second.status else ""
        third = here.run("--yes", "--submit")
        if third.status or here.server.writes:
            problem = problem or f"{number}: the third run has {[request.path for request in here.server.writes]}"
        return True, problem, end(here)


def test_after_each_single_request(tmp_path: Path) -> None:
    with built(tmp_path / "whole") as here:
        assert here.run("--yes", "--submit").status == 0
        count, wanted = len(here.server.asked), end(here)
    assert count > 25
    with ThreadPoolExecutor(3) as pool:
        ends = list(pool.map(lambda number: killed(tmp_path / str(number), number), range(count)))
    assert [problem for _, problem, _ in ends if problem] == []
    assert [number for number, (hit, _, found) in enumerate(ends) if hit and found != wanted] == []
    assert sum(hit for hit, _, _ in ends) >= count - 2  # runs differ in how often they look


def test_the_torn_line_of_a_killed_run_does_not_hide_the_next(site: Callable[..., Site]) -> None:
    here = site()
    journal = here.folder / "azureml" / ".journal.jsonl"
    journal.write_text('{"at": "2026-01-01", "event": "star')
    assert here.run("--yes").status == 0
    lines = journal.read_text().splitlines()
    assert lines[0] == '{"at": "2026-01-01", "event": "star'
    assert all(line.endswith("}") for line in lines[1:])
