"""Jobs that ran on the machine itself: Azure ML's own image, with a draft of the packages that they are known to need."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from batchai2aml.batchai.installs import installs
from tests.conftest import HERE, Done

PROGRAM = """from azure.mgmt.batchai import BatchAIManagementClient, models
from azure.common.credentials import get_azure_cli_credentials

client = BatchAIManagementClient(*get_azure_cli_credentials())
"""
JOB = """parameters = models.JobCreateParameters(
    cluster=models.ResourceId(id='/subscriptions/x/resourceGroups/g/providers/Microsoft.BatchAI/workspaces/w/clusters/p'),
    node_count=1, std_out_err_path_prefix='$AZ_BATCHAI_MOUNT_ROOT/logs', {more})
client.jobs.create('g', 'w', 'e', '{name}', parameters).result()
"""
PREPARED = "job_preparation=models.JobPreparation(command_line='pip install {}'), "
CHAINER = "chainer_settings=models.ChainerSettings(python_script_file_path='fit.py', process_count=1)"
CUSTOM = "custom_toolkit_settings=models.CustomToolkitSettings(command_line='python fit.py')"


def job(name: str, toolkit: str, packages: str = "") -> str:
    return JOB.format(name=name, more=(PREPARED.format(packages) if packages else "") + toolkit)


def converted(folder: Path, run: Callable[..., Done], program: str, target: str = "v2") -> Path:
    (folder / "go.py").write_text(PROGRAM + program)
    (folder / "fit.py").write_text("print()\n")
    done = run("convert", ".", "--target", target, "--output", "out", cwd=folder)
    assert done.status == 1  # BAI211 needs a person
    return folder / "out"


def packages_of(path: Path) -> list[str]:
    dependencies = yaml.safe_load(path.read_text())["dependencies"]
    assert dependencies[:2] == ["python=3.10", "pip"]
    return [name for entry in dependencies[2:] for name in entry["pip"]]


def test_a_draft_stands_beside_the_program_and_in_the_plan(tmp_path: Path, run: Callable[..., Done]) -> None:
    out = converted(tmp_path, run, job("one", CHAINER, "chainer==5.1 cupy") + job("two", CUSTOM))
    code = (out / "go.py").read_text()
    assert code.count("image='mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04'") == 2
    assert "conda_file='batchai_environment.yml'" in code
    assert "conda_file='batchai_environment_2.yml'" in code
    assert packages_of(out / "batchai_environment.yml") == ["chainer==5.1", "cupy"]
    assert packages_of(out / "batchai_environment_2.yml") == []
    environments = {
        path.name: yaml.safe_load(path.read_text()) for path in (out / "azureml" / "environments").glob("*.yml")
    }
    drafts = {
        name: packages_of(out / "azureml/environments" / tree["conda_file"]) for name, tree in environments.items()
    }
    assert sorted(drafts.values()) == [[], ["chainer==5.1", "cupy"]]
    index = yaml.safe_load((out / "azureml/plan.yml").read_text())
    assert [line.partition("/conda.yml")[0] for line in index["to_do"]] == [
        "environments/bai-conda",
        "environments/bai-conda-2",
    ]
    loaded = subprocess.run(
        [sys.executable, str(HERE / "plan" / "load.py"), str(out)], capture_output=True, text=True, check=True
    )
    assert set(json.loads(loaded.stdout).values()) == {""}
    assert run("scan", "azureml", cwd=out).status == 0


def test_jobs_that_need_the_same_share_a_draft(tmp_path: Path, run: Callable[..., Done]) -> None:
    out = converted(tmp_path, run, job("one", CHAINER) + job("two", CHAINER))
    assert (out / "go.py").read_text().count("conda_file='batchai_environment.yml'") == 2
    assert [path.name for path in out.glob("batchai_environment*")] == ["batchai_environment.yml"]
    assert packages_of(out / "batchai_environment.yml") == ["chainer"]


def test_the_older_sdk_asks_for_an_image(tmp_path: Path, run: Callable[..., Done]) -> None:
    out = converted(tmp_path, run, job("one", CUSTOM), target="v1")
    assert "custom_docker_image='TODO_batchai_image'" in (out / "go.py").read_text()
    assert not list(out.glob("batchai_environment*"))


@pytest.mark.parametrize(
    ("command", "packages"),
    [
        ("pip install a==1 'b>=2' && apt-get install -y c", ["a==1", "b>=2"]),
        ("sudo -H pip3 install --upgrade a", ["a"]),
        ("bash -c 'python3 -m pip install -q a; pip install b'", ["a", "b"]),
        ("pip install -r requirements.txt", []),
        ("pip install $PACKAGE", []),
        ("pip install 'a", []),
        ("conda install a", []),
    ],
)
def test_what_pip_installs_by_name(command: str, packages: Sequence[str]) -> None:
    assert [name for part in installs(command) for name in part.packages] == packages
