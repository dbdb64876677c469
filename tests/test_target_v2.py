"""The fixtures with `--target v2`: what comes out, and what must hold of every conversion."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import FIXTURES, Done
from tests.test_fixtures import CONVERTED, SECRETS, comments, python_of

OLD = ("azure.mgmt.batchai", "azureml.core", "azureml.train", "azureml.data")


@pytest.mark.parametrize("case", CONVERTED)
def test_what_comes_out(project: Callable[[str], Path], run: Callable[..., Done], case: str) -> None:
    source = project(case)
    target = source.parent / "out"
    done = run("convert", ".", "--target", "v2", "--output", target, "--output-format", "json", cwd=source)
    assert done.status in (0, 1), done.err
    assert {file["outcome"] for file in json.loads(done.out)["files"]} <= {"converted", "untouched"}
    expected = FIXTURES / case / "expected_v2"
    made = {path.relative_to(target): path for path in target.rglob("*") if path.is_file()}
    for inside, path in made.items():
        if path.name != "batchai_launch.py" and inside.parts[0] != "azureml":
            same = expected / inside if (expected / inside).exists() else source / inside
            assert path.read_bytes() == same.read_bytes(), inside
    for wanted in expected.rglob("*"):
        assert wanted.is_dir() or wanted.relative_to(expected) in made
    _check_programs(source, target)
    for path in made.values():
        assert path.name == "train.py" or not SECRETS.search(path.read_text(encoding="latin-1")), path
    before = {path: path.read_bytes() for path in made.values()}
    again = run("convert", ".", "--target", "v2", "--write", cwd=target)
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before
    assert again.status == 0, again.err


def _check_programs(source: Path, target: Path) -> None:
    """Programs parse, name no older package, and keep their comments."""
    for path in [*target.rglob("*.py"), *target.rglob("*.ipynb")]:
        code = python_of(path)
        for node in ast.walk(ast.parse(code)):
            names = [item.name for item in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.startswith(OLD) for name in names)
        if (source / path.relative_to(target)).exists():
            kept = comments(code)
            assert [c for c in comments(python_of(source / path.relative_to(target))) if c not in kept] == []
