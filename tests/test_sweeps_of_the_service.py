"""`--sweeps service`: one job of Azure ML for all combinations, in the code and in the plan."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
import yaml

from batchai2aml.azureml.model import Code
from batchai2aml.azureml.search import Choice, Range, Spread
from batchai2aml.emit.az import OnlyAtRun
from batchai2aml.emit.search import tree
from tests.conftest import HERE, Done

ONE_BY_ONE = "experiment.resubmit_failed_jobs()\n"


@pytest.fixture
def search(project: Callable[[str], Path]) -> Path:
    """The fixture of a grid search, without what only a loop can do."""
    folder = project("scripts/grid_search")
    path = folder / "search.py"
    text = path.read_text()
    assert text.count(ONE_BY_ONE) == 1
    path.write_text(text.replace(ONE_BY_ONE, ""))
    return folder


def converted(folder: Path, run: Callable[..., Done]) -> tuple[Path, Done]:
    out = folder.parent / "out"
    return out, run("convert", ".", "--target", "v2", "--sweeps", "service", "--output", out, cwd=folder)


def test_a_grid_is_one_job(search: Path, run: Callable[..., Done]) -> None:
    out, done = converted(search, run)
    assert done.status == 1
    assert "BAI712" in done.out
    code = (out / "search.py").read_text()
    assert "('DEPTH', Choice(values=[2, 4]))," in code
    assert "('RATE', Choice(values=list(numpy.geomspace(0.001, 0.1, 3))))," in code
    assert "sampling_algorithm='grid', primary_metric='metric', goal='minimize')]" in code
    assert "'export PARAM_' + name + '=' + value + '; '" in code
    assert "itertools" not in code
    assert "PARAM_' + name: str(value)" not in code


def test_numbers_drawn_at_random(search: Path, run: Callable[..., Done]) -> None:
    path = search / "search.py"
    path.write_text(path.read_text().replace("generate_jobs(template)", "generate_jobs_random_search(template, 7)"))
    out, _ = converted(search, run)
    code = (out / "search.py").read_text()
    assert "('RATE', LogUniform(min_value=math.log(0.001), max_value=math.log(0.1)))," in code
    assert "max_total_trials=7," in code
    job = yaml.safe_load((out / "azureml/jobs/search.yml").read_text())
    assert job["sampling_algorithm"] == "random"
    assert job["limits"] == {"max_total_trials": 7, "trial_timeout": 604800}
    assert job["search_space"]["DEPTH"] == {"type": "choice", "values": [2, 4]}
    drawn = job["search_space"]["RATE"]
    assert drawn == {
        "type": "loguniform",
        "min_value": pytest.approx(numpy.log(0.001)),
        "max_value": pytest.approx(numpy.log(0.1)),
    }


def test_the_job_in_the_plan(search: Path, run: Callable[..., Done]) -> None:
    out, _ = converted(search, run)
    job = yaml.safe_load((out / "azureml/jobs/search.yml").read_text())
    assert job["type"] == "sweep"
    assert job["trial"]["command"] == (
        "export PARAM_DEPTH=${{search_space.DEPTH}}; export PARAM_RATE=${{search_space.RATE}}; python fit.py"
        " --depth ${{search_space.DEPTH}} --rate $PARAM_RATE --out ${{outputs.MODEL}}"
    )
    assert job["search_space"]["RATE"] == {"type": "choice", "values": pytest.approx([0.001, 0.01, 0.1])}
    assert (job["sampling_algorithm"], job["limits"]["max_total_trials"]) == ("grid", 6)
    index = yaml.safe_load((out / "azureml/plan.yml").read_text())
    assert [line.partition(":")[0] for line in index["to_do"]] == ["job/search"]
    loaded = subprocess.run(
        [sys.executable, str(HERE / "plan" / "load.py"), str(out)], capture_output=True, text=True, check=True
    )
    assert set(json.loads(loaded.stdout).values()) == {""}
    assert run("scan", "azureml", cwd=out).status == 0
    schemas = [sys.executable, "-W", "ignore", "-m", "tests.plan.schemas", str(out)]
    said = subprocess.run(schemas, cwd=HERE.parent, capture_output=True, text=True, check=True)
    assert [problem for problems in json.loads(said.stdout).values() for problem in problems] == []


def test_what_changes_jobs_one_by_one_stays_a_loop(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    folder = project("scripts/grid_search")
    out, done = converted(folder, run)
    assert done.status == 0
    assert "itertools.product" in (out / "search.py").read_text()
    (left,) = yaml.safe_load((out / "azureml/plan.yml").read_text())["not_written"]
    assert left["reason"] == "what its loop does is known only when the program runs"
    said = run(
        "convert", ".", "--target", "v2", "--sweeps", "service", "--check", "--output-format", "json", cwd=folder
    )
    (told,) = [found["message"] for found in json.loads(said.out)["findings"] if found["rule"] == "BAI711"]
    assert told == "sweep became a loop: it stays a loop: failed jobs are sent again"


def test_a_loop_has_no_job_in_the_plan(search: Path, run: Callable[..., Done]) -> None:
    run("convert", ".", "--target", "v2", "--output", "../out", cwd=search)
    (left,) = yaml.safe_load((search.parent / "out/azureml/plan.yml").read_text())["not_written"]
    assert "--sweeps service" in left["reason"]


@pytest.mark.parametrize("words", [("--sweeps", "service"), ("--target", "v2", "--sweeps", "some")])
def test_what_is_not_there_is_refused(search: Path, run: Callable[..., Done], words: tuple[str, ...]) -> None:
    done = run("convert", ".", *words, cwd=search)
    assert done.status == 2
    assert done.err.startswith("batchai2aml: --sweeps ")


@pytest.mark.parametrize(
    ("function", "start", "end", "by"),
    [
        ("linspace", 0, 1, 5),
        ("geomspace", 0.001, 10, 5),
        ("arange", 1, 2, 0.25),
        ("linspace", 3, 9, 1),
        ("arange", 5, 1, 1),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_values_are_those_of_numpy(function: str, start: float, end: float, by: float, whole: bool) -> None:
    last = end + 0.001 if function == "arange" else end
    expected = getattr(numpy, function)(start, last, by).tolist()
    spread = Spread(function, Code(str(start)), Code(str(end)), Code(str(by)), whole)  # type: ignore[arg-type]
    found = tree(spread)
    assert found["type"] == "choice"
    assert found["values"] == ([round(value) for value in expected] if whole else pytest.approx(expected))


@pytest.mark.parametrize("found", [Choice(Code("DEPTHS")), Range(Code("low"), Code("1"), False), Choice(Code("3"))])
def test_what_only_the_run_knows(found: Choice | Range) -> None:
    with pytest.raises(OnlyAtRun):
        tree(found)
