"""The files of the fixtures' plans against JSON Schemas that are made from the SDK's own classes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import FIXTURES


def said(folder: Path) -> dict[str, list[str]]:
    """What is wrong with each file, from a process of its own: the SDK warns as it is imported."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.plan.schemas", str(folder)]
    done = subprocess.run(command, cwd=FIXTURES.parent, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_every_file_of_the_fixtures() -> None:
    found = said(FIXTURES)
    assert len(found) > 40
    assert {path: problems for path, problems in found.items() if problems} == {}


JOB: dict[str, Any] = {
    "$schema": "https://azuremlschemas.azureedge.net/latest/commandJob.schema.json",
    "type": "command",
    "command": "python a.py",
    "environment": "azureml:e:1",
    "compute": "azureml:c",
    "resources": {"instance_count": 1},
}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, None),
        ({"typo": 1}, "typo"),
        ({"command": 3}, "command"),
        ({"resources": {"instance_counts": 2}}, "instance_counts"),
        ({"limits": {"timeout": "soon"}}, "timeout"),
        ({"distribution": {"type": "mpl"}}, "distribution"),
        ({"environment_variables": ["A"]}, "environment_variables"),
    ],
)
def test_mistakes_are_seen(tmp_path: Path, change: dict[str, Any], problem: str | None) -> None:
    path = tmp_path / "azureml" / "jobs" / "a.yml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump({**JOB, **change}))
    (problems,) = said(tmp_path).values()
    assert (problems == []) is (problem is None)
    assert problem is None or problem in problems[0]
