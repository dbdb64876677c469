"""Jobs of the second target as one line for a shell: what stays in view, and where the launcher is still needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Done

SHARE = {
    "azureFileUrl": "https://contoso.file.core.windows.net/work",
    "relativeMountPath": "work",
    "accountName": "contoso",
}
ROOT = "$AZ_BATCHAI_JOB_MOUNT_ROOT/work"


@pytest.fixture
def job(tmp_path: Path, run: Callable[..., Done]) -> Callable[..., dict[str, Any]]:
    """The job's file for properties that stand beside the usual ones."""

    def make(**properties: Any) -> dict[str, Any]:
        whole = {
            "nodeCount": 1,
            "stdOutErrPathPrefix": ROOT,
            "mountVolumes": {"azureFileShares": [SHARE]},
            "inputDirectories": [{"id": "DATA", "path": f"{ROOT}/data"}],
            "outputDirectories": [{"id": "MODEL", "pathPrefix": ROOT, "pathSuffix": "model"}],
            "containerSettings": {"imageSourceRegistry": {"image": "python:3.6"}},
            **properties,
        }
        (tmp_path / "job.json").write_text(json.dumps({"properties": whole}))
        (tmp_path / "fit.py").write_text("print()\n")
        (tmp_path / "run.sh").write_text("az batchai job create -g g -w w -e e -n one -c pool -f job.json\n")
        run("convert", ".", "--target", "v2", "--output", "out", cwd=tmp_path)
        found: dict[str, Any] = yaml.safe_load((tmp_path / "out" / "azureml" / "jobs" / "one.yml").read_text())
        return found

    return make


def custom(line: str) -> dict[str, Any]:
    return {"customToolkitSettings": {"commandLine": line}}


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (
            "python fit.py --data $AZ_BATCHAI_INPUT_DATA/a | tee log",
            "python fit.py --data ${{inputs.DATA}}/a | tee log",
        ),
        ("Rscript fit.R ${AZ_BATCHAI_INPUT_DATA}", "Rscript fit.R ${{inputs.DATA}}"),
        (
            f"python fit.py --in {ROOT}/raw > {ROOT}/logs/a.txt",
            "python fit.py --in ${{inputs.work_raw}} > ${{outputs.work_logs}}/a.txt",
        ),
        ("python fit.py -x 1 -x 2", "python fit.py -x 1 -x 2"),
        (
            "python fit.py --pair a=$AZ_BATCHAI_INPUT_DATA,b=$AZ_BATCHAI_OUTPUT_MODEL/m",
            "python fit.py --pair a=${{inputs.DATA}},b=${{outputs.MODEL}}/m",
        ),
        ("python fit.py > $AZ_BATCHAI_STDOUTERR_DIR/o.txt", "mkdir -p logs && python fit.py > logs/o.txt"),
    ],
)
def test_the_line_stays_in_view(job: Callable[..., dict[str, Any]], line: str, command: str) -> None:
    made = job(**custom(line))
    assert made["command"] == command
    assert "BATCHAI_LAUNCH" not in made.get("environment_variables", {})


def test_what_a_line_writes_is_an_output(job: Callable[..., dict[str, Any]]) -> None:
    made = job(**custom(f"python fit.py > {ROOT}/logs/a.txt"))
    assert made["outputs"] == {
        "work_logs": {"type": "uri_folder", "mode": "rw_mount", "path": "azureml://datastores/bai_work/paths/logs"}
    }


def test_processes_are_started_by_the_service(job: Callable[..., dict[str, Any]]) -> None:
    made = job(**custom("mpirun -n 2 -hosts $AZ_BATCH_HOST_LIST ./run --in $AZ_BATCHAI_INPUT_DATA"))
    assert made["command"] == "./run --in ${{inputs.DATA}}"
    assert made["distribution"] == {"type": "mpi", "process_count_per_instance": 2}


@pytest.mark.parametrize(
    ("preparation", "start"),
    [
        ("pip install x", "pip install x && python fit.py"),
        ("cd /tmp; pip install x", "(cd /tmp; pip install x) && python"),
    ],
)
def test_a_preparation_runs_first(job: Callable[..., dict[str, Any]], preparation: str, start: str) -> None:
    made = job(**custom("python fit.py --a 1"), jobPreparation={"commandLine": preparation})
    assert made["command"].startswith(start)


@pytest.mark.parametrize(
    "properties",
    [
        custom("python fit.py $AZ_BATCHAI_JOB_TEMP | tee x"),
        {**custom("./start.sh | tee $AZ_BATCHAI_SHARED_JOB_TEMP/x")},
        {
            **custom("a | b"),
            "secrets": [{"name": "T", "valueSecretReference": {"secretUrl": "https://k.vault.azure.net/secrets/t"}}],
        },
        {**custom("mpirun -n $(cat n) ./a"), "nodeCount": 2},
        {
            "horovodSettings": {"pythonScriptFilePath": f"{ROOT}/fit.py", "processCount": 4},
            "nodeCount": 2,
            "jobPreparation": {"commandLine": "pip install x"},
        },
    ],
)
def test_where_the_launcher_is_needed(job: Callable[..., dict[str, Any]], properties: dict[str, Any]) -> None:
    made = job(**properties)
    assert made["command"].startswith("python batchai_launch.py")
    assert json.loads(made["environment_variables"]["BATCHAI_LAUNCH"])
