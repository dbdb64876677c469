"""Plans that were edited by hand: each mistake that the SDK lets through is found, at its line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.conftest import HERE, Done

FILES = {
    "plan.yml": """\
        version: 1
        workspace: vision
        resource_group: rg
        resources:
        - {kind: compute, name: pool, file: computes/pool.yml}
        - {kind: datastore, name: bai_data, file: datastores/bai_data.yml}
        - {kind: environment, name: fit, file: environments/fit.yml}
        - {kind: job, name: fit, file: jobs/fit.yml}
        expected:
        - compute/there
        """,
    "computes/pool.yml": """\
        name: pool
        type: amlcompute
        size: Standard_NC4as_T4_v3
        min_instances: 0
        max_instances: 4
        """,
    "datastores/bai_data.yml": """\
        name: bai_data
        type: azure_blob
        account_name: contoso
        container_name: data
        """,
    "environments/fit.yml": """\
        name: fit
        version: "1"
        image: contoso/fit:2
        """,
    "jobs/fit.yml": """\
        type: command
        experiment_name: fit
        code: ../../src
        command: python fit.py --data ${{inputs.DATA}} --out ${{outputs.OUT}}
        inputs:
          DATA:
            type: uri_folder
            path: azureml://datastores/bai_data/paths/raw
        outputs:
          OUT:
            type: uri_folder
            path: azureml://datastores/bai_data/paths/${{name}}/out
        environment: azureml:fit:1
        compute: azureml:pool
        resources:
          instance_count: 2
        distribution:
          type: mpi
          process_count_per_instance: 2
        limits:
          timeout: 3600
        """,
}


def written(folder: Path, changes: dict[str, tuple[str, str]]) -> Path:
    """A plan with some texts replaced."""
    for name, text in FILES.items():
        path = folder / "azureml" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        body = dedent(text)
        if name in changes:
            assert changes[name][0] in body
            body = body.replace(*changes[name], 1)
        path.write_text(body)
    (folder / "src").mkdir(exist_ok=True)
    return folder / "azureml"


MISTAKES = [
    ("jobs/fit.yml", "outputs.OUT}}", "outputs.RESULT}}", "BAI951", 4, True),
    ("jobs/fit.yml", "inputs.DATA}}", "inputs.RAW}}", "BAI951", 4, False),
    ("jobs/fit.yml", "instance_count: 2", "instance_count: 0", "BAI952", 16, True),
    ("jobs/fit.yml", "process_count_per_instance: 2", "process_count_per_instance: 0", "BAI952", 19, True),
    ("jobs/fit.yml", "bai_data/paths/raw", "bai_data/raw", "BAI953", 8, True),
    ("jobs/fit.yml", "azureml:fit:1", "azureml:fit", "BAI954", 13, False),
    ("jobs/fit.yml", "compute: azureml:pool", "compute: pool", "BAI955", 14, True),
    ("jobs/fit.yml", "experiment_name: fit", "experiment_name: _fit", "BAI956", 2, False),
    ("computes/pool.yml", "name: pool", "name: my_pool", "BAI956", 1, True),
    ("datastores/bai_data.yml", "name: bai_data", "name: Bai-Data", "BAI956", 1, False),
    ("computes/pool.yml", "Standard_NC4as_T4_v3", "Standard_NC6", "BAI112", 3, True),
    ("computes/pool.yml", "min_instances: 0", "min_instances: 5", "BAI957", 4, True),
    ("jobs/fit.yml", "instance_count: 2", "instance_count: 5", "BAI128", 16, True),
    ("jobs/fit.yml", "azureml:pool", "azureml:other", "BAI958", 14, True),
    ("jobs/fit.yml", "datastores/bai_data/paths/raw", "datastores/bai_other/paths/raw", "BAI958", 8, True),
    ("jobs/fit.yml", "azureml:fit:1", "azureml:other:1", "BAI958", 13, True),
    ("plan.yml", "computes/pool.yml", "computes/gone.yml", "BAI959", 5, True),
    ("datastores/bai_data.yml", "type: azure_blob", "type: azure_blob\ncredentials:\n  account_key: bm90LWEta2V5", "BAI960", 4, True),
]  # fmt: skip


SWEEP = """\
    type: sweep
    experiment_name: fit
    trial:
      code: ../../src
      command: python fit.py --rate ${{search_space.RATE}} --data ${{inputs.DATA}}
      environment: azureml:fit:1
      resources:
        instance_count: 2
    inputs:
      DATA:
        type: uri_folder
        path: azureml://datastores/bai_data/paths/raw
    compute: azureml:pool
    search_space:
      RATE: {type: uniform, min_value: 0.1, max_value: 0.9}
    sampling_algorithm: random
    objective: {goal: minimize, primary_metric: loss}
    limits:
      max_total_trials: 4
    """


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ("search_space.RATE}}", "search_space.SPEED}}", "BAI951", 5),
        ("inputs.DATA}}", "inputs.RAW}}", "BAI951", 5),
        ("azureml:fit:1", "azureml:fit", "BAI954", 6),
        ("azureml:fit:1", "azureml:other:1", "BAI958", 6),
        ("instance_count: 2", "instance_count: 5", "BAI128", 8),
        ("instance_count: 2", "instance_count: 0", "BAI952", 8),
        ("max_total_trials: 4", "max_total_trials: 0", "BAI952", 19),
    ],
)
def test_each_mistake_in_a_sweep_is_found(
    tmp_path: Path, run: Callable[..., Done], old: str, new: str, rule: str, line: int
) -> None:
    plan = written(tmp_path, {})
    (plan / "jobs" / "fit.yml").write_text(dedent(SWEEP))
    assert run("scan", plan).status == 0
    (plan / "jobs" / "fit.yml").write_text(dedent(SWEEP).replace(old, new, 1))
    done = run("scan", plan, "--output-format", "json")
    assert [(f["rule"], f["where"]["line"]) for f in json.loads(done.out)["findings"]] == [(rule, line)]


@pytest.mark.parametrize(("name", "old", "new", "rule", "line", "sdk"), MISTAKES)
def test_each_mistake_is_found(
    tmp_path: Path, run: Callable[..., Done], name: str, old: str, new: str, rule: str, line: int, sdk: bool
) -> None:
    folder = written(tmp_path, {name: (old, new)})
    done = run("scan", folder, "--output-format", "json", cwd=tmp_path)
    assert done.status == 1
    found = {(f["rule"], f["where"]["path"], f["where"]["line"]) for f in json.loads(done.out)["findings"]}
    assert (rule, name, line) in found


def test_the_sdk_lets_them_through(tmp_path: Path) -> None:
    for number, (name, old, new, *_, sdk) in enumerate(MISTAKES):
        if sdk and name != "plan.yml":
            written(tmp_path / str(number), {name: (old, new)})
    command = [sys.executable, str(HERE / "plan" / "load.py"), str(tmp_path)]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert len(said) > 40
    assert {path: why for path, why in said.items() if why} == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("azureml:pool", "azureml:there"),
        ("azureml:fit:1", "azureml:fit@latest"),
        ("limits:\n  timeout: 3600\n", ""),
        ("--out ${{outputs.OUT}}", "--name ${{name}} --out ${{ outputs.OUT }}"),
    ],
)
def test_what_is_no_mistake(tmp_path: Path, run: Callable[..., Done], old: str, new: str) -> None:
    folder = written(tmp_path, {"jobs/fit.yml": (old, new)})
    done = run("scan", folder, cwd=tmp_path)
    assert (done.status, done.out) == (0, "A plan of 5 files: 0 need a person, 0 warnings.\n")


def test_a_file_that_is_not_in_the_index(tmp_path: Path, run: Callable[..., Done]) -> None:
    folder = written(tmp_path, {})
    (folder / "computes" / "mine.yml").write_text("name: mine\ntype: amlcompute\n")
    done = run("scan", folder / "plan.yml", cwd=tmp_path)
    assert done.status == 1
    assert "azureml/computes/mine.yml is not in plan.yml" in done.out


@pytest.mark.parametrize("name", ["plan.yml", "jobs/fit.yml"])
@pytest.mark.parametrize("text", ["a: [1\n", "- 1\n", "\tb: 1\n", "", "a: 1\na\n"])
def test_broken_files_get_one_line(tmp_path: Path, run: Callable[..., Done], name: str, text: str) -> None:
    folder = written(tmp_path, {})
    (folder / name).write_text(text)
    done = run("scan", folder, cwd=tmp_path)
    assert done.status == 2
    assert "Traceback" not in done.err + done.out
    assert "BAI801" in done.out


def test_plans_of_ours_have_no_mistakes(tmp_path: Path, run: Callable[..., Done]) -> None:
    script = "az batchai cluster create -g rg -w space -n pool -s Standard_NC4as_T4_v3 --min 0 --max 2\n"
    (tmp_path / "run.sh").write_text(script)
    run("convert", ".", "--output", "out", cwd=tmp_path)
    assert run("scan", tmp_path / "out" / "azureml", cwd=tmp_path).status == 0
