"""Converted fixtures, executed against the real azure-ai-ml, with its network stood in for by `tests.azure`.

What is expected was worked out from the sources of the fixtures by hand; that both targets send the same jobs is
asked of the two SDKs themselves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.agreement import differences, effects, of_v1, of_v2
from tests.conftest import Done
from tests.test_fixtures import python_of

pytestmark = pytest.mark.judge


@pytest.fixture
def sent(project: Callable[[str], Path], run: Callable[..., Done]) -> Callable[..., tuple[list[dict[str, Any]], Path]]:
    """Convert a fixture, run a file of the output, and give what it asked the service for, with the file's folder."""

    sources: list[Path] = []

    def play(
        case: str, file: str, then: str = "", target: str = "v2", settings: str = "", change: tuple[str, str] = ("", "")
    ) -> tuple[list[dict[str, Any]], Path]:
        if not sources:
            sources.append(project(case))
        source = sources[0]
        if settings:
            (source / "pyproject.toml").write_text(settings)
            text = (source / file).read_text()
            assert change[0] in text
            (source / file).write_text(text.replace(*change))
        output = source.parent / target
        run("convert", ".", "--target", target, "--output", output, cwd=source)
        path = output / file
        if path.suffix == ".ipynb":
            text = python_of(path)
            path = path.with_name("cells__.py")
            path.write_text(text)
        python = sys.executable if target == "v2" else os.environ["BATCHAI2AML_V1_PYTHON"]
        return effects(target, path, python, then), path.parent

    return play


def puts(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The bodies of what was made of a kind."""
    ours = (e for e in found if e["host"] == "management.azure.com" and e["method"] == "PUT")
    return [e["body"]["properties"] for e in ours if f"/{kind}/" in e["path"]]


def test_a_notebook_from_the_workspace_to_its_end(sent: Callable[..., Any]) -> None:
    found, folder = sent("notebooks/recipe_style", "numbers.ipynb")
    asked = [(e["method"], e["path"].rsplit("/", 1)[-1]) for e in found if e["host"] == "management.azure.com"]
    assert asked[0][0] == "PUT"
    assert any("/deployments/" in e["path"] for e in found)
    (cluster,) = puts(found, "computes")
    inner = cluster["properties"]
    assert (inner["vmSize"], inner["vmPriority"], inner["scaleSettings"]["maxNodeCount"]) == (
        "STANDARD_NC6",
        "Dedicated",
        2,
    )
    (job,) = of_v2(found, folder)
    assert job["words"] == ["numbers.py", "--datadir", "input DATA", "--outputdir", "output MODEL"]
    assert (job["nodes"], job["inputs"]["DATA"][1]) == (2, "mnist")
    assert ("DELETE", "nc6") in asked


def test_parameter_servers(sent: Callable[..., Any]) -> None:
    found, folder = sent("scripts/parameter_server", "run.py")
    stores = {e["path"].rsplit("/", 1)[-1]: e["body"]["properties"] for e in found if "/datastores/" in e["path"]}
    assert {name: store["accountName"] for name, store in stores.items()} == {
        "bai_runs": "contosoml",
        "bai_images": "contosoml",
    }
    (job,) = of_v2(found, folder)
    assert job["distribution"] == ["tensorflow", 2, 1]
    assert job["image"] == "tensorflow/tensorflow:1.12.0-gpu-py3"
    assert (job["experiment"], job["seconds"], job["inputs"]) == (
        "flowers",
        604800,
        {"IMAGES": ["bai_images", "flowers"]},
    )
    assert job["plan"]["role_args"]["ps"] == ["--role=ps"]


def test_a_preparation_stands_before_the_script(sent: Callable[..., Any]) -> None:
    found, folder = sent("scripts/jobs_built_ahead", "queue_up.py")
    first, second = of_v2(found, folder)
    assert first["line"] == ["pip", "install", "tokens-de", "&&", "python", "learn.py", "--steps", "100"]
    assert second["line"][2] == "tokens-fr"
    assert second["environment"] == {"LANGUAGE": "fr"}
    assert first["plan"] is second["plan"] is None


def test_a_sweep_sends_each_combination(sent: Callable[..., Any]) -> None:
    found, folder = sent("scripts/grid_search", "search.py")
    jobs = of_v2(found, folder)
    assert sorted({job["environment"]["PARAM_DEPTH"] for job in jobs}) == ["2", "4"]
    assert len(jobs) == 6
    names = [e["path"] for e in found if e["method"] == "PUT" and "/jobs/" in e["path"]]
    assert len(set(names)) == 6
    assert len([e for e in found if e["method"] == "DELETE" and "/jobs/" in e["path"]]) == 6


def test_processes_of_pytorch(sent: Callable[..., Any]) -> None:
    found, folder = sent("scripts/pytorch_processes", "ddp.py")
    assert [job["distribution"] for job in of_v2(found, folder)] == [["pytorch", 4], ["pytorch", 4]]


@pytest.mark.parametrize(
    ("case", "file"),
    [
        ("scripts/class_with_client", "pool.py"),
        ("scripts/horovod_preparation", "speech.py"),
        ("scripts/jobs_built_ahead", "queue_up.py"),
        ("scripts/parameter_server", "run.py"),
        ("scripts/positional_2017", "old.py"),
        ("scripts/pytorch_processes", "ddp.py"),
        ("scripts/uploads_in_loops", "go.py"),
        ("notebooks/recipe_style", "numbers.ipynb"),
    ],
)
def test_both_targets_send_the_same_jobs(sent: Callable[..., Any], case: str, file: str) -> None:
    found, folder = sent(case, file)
    older, _ = sent(case, file, target="v1")
    assert of_v1(older)
    assert list(differences(of_v1(older), of_v2(found, folder))) == []


def test_a_sweep_of_the_service_is_one_job(sent: Callable[..., Any]) -> None:
    settings = "[tool.batchai2aml]\nsweeps = 'service'\n"
    change = ("experiment.resubmit_failed_jobs()\n", "")
    found, _ = sent("scripts/grid_search", "search.py", settings=settings, change=change)
    (sweep,) = puts(found, "jobs")
    assert (sweep["jobType"], sweep["samplingAlgorithm"]["samplingAlgorithmType"]) == ("Sweep", "Grid")
    assert sweep["limits"] == {"jobLimitsType": "Sweep", "maxTotalTrials": 6, "trialTimeout": "P7D"}
    assert sweep["searchSpace"]["DEPTH"] == ["choice", [[2, 4]]]
    assert sweep["searchSpace"]["RATE"] == ["choice", [pytest.approx([0.001, 0.01, 0.1])]]
    assert sweep["trial"]["command"].startswith("export PARAM_DEPTH=${{search_space.DEPTH}}; export PARAM_RATE=")
    assert sweep["trial"]["command"].endswith(
        "python fit.py --depth ${{search_space.DEPTH}} --rate $PARAM_RATE --out ${{outputs.MODEL}}"
    )
    assert sweep["outputs"]["MODEL"]["uri"].startswith("azureml://datastores/bai_afs/paths/")
