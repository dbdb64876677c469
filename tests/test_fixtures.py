"""The fixtures: what comes out, and what must hold of every conversion."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Callable
from pathlib import Path

import pytest

from batchai2aml.emit.templates import launcher
from tests.conftest import FIXTURES, Done, cases

CONVERTED = cases("scripts", "notebooks", "commands")
SECRETS = re.compile(r"not-a-real|bm90|c2VjcmV0|Not-a-real-Passw0rd")


def converted(project: Callable[[str], Path], run: Callable[..., Done], case: str) -> tuple[Path, Path, Done]:
    """The input and the output of a case."""
    source = project(case)
    target = source.parent / "out"
    return source, target, run("convert", ".", "--output", target, "--output-format", "json", cwd=source)


def python_of(path: Path) -> str:
    """The code of a script or of all cells of a notebook."""
    text = path.read_bytes().decode("latin-1" if b"coding: latin-1" in path.read_bytes()[:80] else "utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    code = "\n".join(cell for cell in cells if not cell.startswith("%%"))
    code = re.sub(r"\\\n", "", code)
    return re.sub(r"^(\s*)[!%].*$", r"\1pass", re.sub(r"= *!.*$", "= None", code, flags=re.M), flags=re.M)


def comments(code: str) -> list[str]:
    """All comments of a program."""
    tokens = tokenize.generate_tokens(io.StringIO(code.replace("\r\n", "\n")).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


@pytest.mark.parametrize("case", CONVERTED)
def test_what_comes_out(project: Callable[[str], Path], run: Callable[..., Done], case: str) -> None:
    source, target, _ = converted(project, run, case)
    expected = FIXTURES / case / "expected"
    for made in sorted(path for path in target.rglob("*") if path.is_file()):
        inside = made.relative_to(target)
        if made.name == "batchai_launch.py":
            assert made.read_bytes() == launcher()
        elif (expected / inside).exists():
            assert made.read_bytes() == (expected / inside).read_bytes()
        else:
            assert made.read_bytes() == (source / inside).read_bytes()
    for wanted in sorted(path for path in expected.rglob("*") if path.is_file()):
        assert (target / wanted.relative_to(expected)).is_file()


@pytest.mark.parametrize("case", CONVERTED)
def test_every_file_with_batch_ai_is_converted(
    project: Callable[[str], Path], run: Callable[..., Done], case: str
) -> None:
    _, _, done = converted(project, run, case)
    outcomes = {file["outcome"] for file in json.loads(done.out)["files"]}
    assert "converted" in outcomes
    assert outcomes <= {"converted", "untouched"}
    assert done.status in (0, 1)


@pytest.mark.parametrize("case", CONVERTED)
def test_output_parses_and_names_no_batch_ai(
    project: Callable[[str], Path], run: Callable[..., Done], case: str
) -> None:
    source, target, _ = converted(project, run, case)
    users = (source / "utilities").is_dir()  # no fixture holds the recipes' own
    gone = ("azure.mgmt.batchai",) if users else ("azure.mgmt.batchai", "utilities")
    for path in [*target.rglob("*.py"), *target.rglob("*.ipynb")]:
        code = python_of(path)
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(gone)
            if isinstance(node, ast.Import):
                assert not any(item.name.startswith(gone) for item in node.names)


@pytest.mark.parametrize("case", CONVERTED)
def test_converting_again_changes_nothing(project: Callable[[str], Path], run: Callable[..., Done], case: str) -> None:
    _, target, _ = converted(project, run, case)
    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    again = run("convert", ".", "--write", cwd=target)
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before
    assert again.status == 0, again.err


@pytest.mark.parametrize("case", CONVERTED)
def test_no_comment_is_lost(project: Callable[[str], Path], run: Callable[..., Done], case: str) -> None:
    source, target, _ = converted(project, run, case)
    for path in [*source.rglob("*.py"), *source.rglob("*.ipynb")]:
        kept = comments(python_of(target / path.relative_to(source)))
        assert [comment for comment in comments(python_of(path)) if comment not in kept] == []


@pytest.mark.parametrize("case", CONVERTED)
def test_no_secret_anywhere(project: Callable[[str], Path], run: Callable[..., Done], case: str) -> None:
    source, target, done = converted(project, run, case)
    report = source.parent / "report.md"
    shown = run("convert", ".", "--report", report, "--verbose", cwd=source)
    scanned = run("scan", ".", "--verbose", cwd=source)
    for text in (done.out, done.err, shown.out, shown.err, scanned.out, scanned.err, report.read_text()):
        assert not SECRETS.search(text)
    for path in target.rglob("*"):
        if path.is_file() and path.name != "train.py":
            assert not SECRETS.search(path.read_text(encoding="latin-1")), path


@pytest.mark.parametrize("case", CONVERTED)
def test_lines_outside_batch_ai_stay(project: Callable[[str], Path], run: Callable[..., Done], case: str) -> None:
    source, target, _ = converted(project, run, case)
    for path in source.rglob("*.ipynb"):
        old, new = json.loads(path.read_text()), json.loads((target / path.relative_to(source)).read_text())
        assert new["metadata"] == old["metadata"]
        for before, after in zip(old["cells"], new["cells"], strict=True):
            assert {k: v for k, v in before.items() if k != "source"} == {
                k: v for k, v in after.items() if k != "source"
            }
            if before["cell_type"] != "code":
                assert before == after
    for path in source.rglob("*.py"):
        assert (b"\r\n" in path.read_bytes()) == (b"\r\n" in (target / path.relative_to(source)).read_bytes())


@pytest.mark.parametrize("case", cases("noop"))
def test_noop(project: Callable[[str], Path], run: Callable[..., Done], case: str) -> None:
    source = project(case)
    before = {path: path.read_bytes() for path in source.rglob("*") if path.is_file()}
    assert run("scan", ".", cwd=source).status == 0
    done = run("convert", ".", "--write", cwd=source)
    assert done.status == 0
    assert {path: path.read_bytes() for path in source.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("bad/python2", "old.py:2  is Python 2; convert it first"),
        ("bad/broken_notebook", "half.ipynb:2  is not valid JSON"),
        ("bad/latin1_and_nul", "nul.py:1  holds NUL bytes"),
        ("bad/broken_json", "job.json:4  a comma or '}' is missing here (column 5)"),
    ],
)
def test_bad_files_get_one_line(
    project: Callable[[str], Path], run: Callable[..., Done], case: str, message: str
) -> None:
    done = run("scan", ".", cwd=project(case))
    assert done.status == 2
    assert message in done.out
    assert "Traceback" not in done.err + done.out


def test_one_bad_file_does_not_stop_the_others(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    done = run("scan", ".", "--output-format", "json", cwd=project("bad/latin1_and_nul"))
    files = {file["path"]: file["outcome"] for file in json.loads(done.out)["files"]}
    assert files == {"latin.py": "batch-ai", "nul.py": "unreadable"}
