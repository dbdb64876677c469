"""What many tests share: running the command line as a user does, and walking the fixtures."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"


@dataclass(frozen=True)
class Done:
    """A finished command."""

    status: int
    out: str
    err: str


@pytest.fixture
def run() -> Callable[..., Done]:
    """Run `batchai2aml` as a child process."""

    def command(*words: object, cwd: Path | None = None) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "batchai2aml", *map(str, words)],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return command


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a fixture's input, in a folder of its own."""

    def copy(case: str) -> Path:
        target = tmp_path / "project"
        shutil.copytree(FIXTURES / case / "input", target)
        return target

    return copy


def cases(*topics: str) -> list[str]:
    """The fixtures of these topics, as `topic/case`."""
    return sorted(
        f"{topic.name}/{case.name}"
        for topic in FIXTURES.iterdir()
        if topic.name in topics
        for case in topic.iterdir()
        if (case / "input").is_dir()
    )
