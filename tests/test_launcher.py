"""The launcher, run for real with the variables that Azure ML sets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from batchai2aml.emit.templates import launcher

SCRIPT = """
import json, os, sys
names = [n for n in os.environ if n.startswith('AZ_BATCHAI_')] + ['EXTRA']
print(json.dumps({'argv': sys.argv[1:], 'env': {n: os.environ.get(n) for n in names}}))
"""


def _works(command: str) -> bool:
    return subprocess.run([command, "-c", "pass"], capture_output=True, check=False).returncode == 0


PYTHONS = [sys.executable, *(found for name in ("python2.7",) if (found := shutil.which(name)) and _works(found))]
CLUSTER = {"worker": ["w0:1", "w1:1"], "ps": ["p0:1"]}


@pytest.fixture(params=PYTHONS)
def python(request: pytest.FixtureRequest) -> str:
    """An interpreter that images of that time hold."""
    return str(request.param)


def start(
    python: str, folder: Path, plan: dict[str, object], *words: str, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the launcher with a plan."""
    (folder / "batchai_launch.py").write_bytes(launcher())
    (folder / "batchai_launch.json").write_text(json.dumps(plan))
    (folder / "train.py").write_text(SCRIPT)
    variables = {"PATH": os.environ["PATH"], "TMPDIR": str(folder), "AZUREML_RUN_ID": "run_1", **env}
    command = [python, str(folder / "batchai_launch.py"), *words]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def said(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    """What the started script saw."""
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def config(role: str, index: int, **cluster: list[str]) -> str:
    return json.dumps({"cluster": cluster or CLUSTER, "task": {"type": role, "index": index}})


@pytest.mark.parametrize(("role", "index", "own"), [("worker", 1, ["--job=worker"]), ("ps", 0, ["--job=ps"])])
def test_arguments_by_role(python: str, tmp_path: Path, role: str, index: int, own: list[str]) -> None:
    plan = {
        "script": "train.py",
        "args": ["--i=$AZ_BATCHAI_TASK_INDEX"],
        "role_args": {"worker": ["--job=worker"], "ps": ["--job=ps"]},
    }
    seen = said(start(python, tmp_path, plan, "--steps", "10", TF_CONFIG=config(role, index)))
    assert seen["argv"] == [f"--i={index}", *own, "--steps", "10"]
    assert seen["env"]["AZ_BATCHAI_WORKER_HOSTS"] == "w0:1,w1:1"
    assert seen["env"]["AZ_BATCHAI_PS_HOSTS"] == "p0:1"


def test_a_chief_is_worker_zero_and_may_have_its_own_arguments(python: str, tmp_path: Path) -> None:
    plan = {"script": "train.py", "role_args": {"master": ["--m"], "worker": ["--w"]}}
    cluster = {"chief": ["c:1"], "worker": ["w:1"]}
    assert said(start(python, tmp_path, plan, TF_CONFIG=config("chief", 0, **cluster)))["argv"] == ["--m"]
    seen = said(start(python, tmp_path, plan, TF_CONFIG=config("worker", 0, **cluster)))
    assert seen["argv"] == ["--w"]
    assert seen["env"]["AZ_BATCHAI_TASK_INDEX"] == "1"


def test_bindings_become_variables_and_folders(python: str, tmp_path: Path) -> None:
    words = [
        "--bai-input-DATA",
        "/d",
        "--bai-output-MODEL",
        str(tmp_path / "m"),
        "--bai-shared-temp",
        str(tmp_path / "s"),
        "--bai-mount-afs",
        str(tmp_path),
        "--x",
    ]
    seen = said(start(python, tmp_path, {"script": "train.py", "env": {"EXTRA": "$AZ_BATCHAI_INPUT_DATA/e"}}, *words))
    assert seen["argv"] == ["--x"]
    assert seen["env"]["AZ_BATCHAI_INPUT_DATA"] == "/d"
    assert seen["env"]["EXTRA"] == "/d/e"
    assert (tmp_path / "m").is_dir()
    assert (tmp_path / "s").is_dir()
    assert os.path.samefile(os.path.join(seen["env"]["AZ_BATCHAI_JOB_MOUNT_ROOT"], "afs"), tmp_path)


def test_preparation_runs_once_and_its_failure_counts(python: str, tmp_path: Path) -> None:
    plan = {"script": "train.py", "prepare": "echo once >> prepared.log"}
    said(start(python, tmp_path, plan, LOCAL_RANK="0"))
    said(start(python, tmp_path, plan, LOCAL_RANK="1"))
    assert (tmp_path / "prepared.log").read_text() == "once\n"
    other = tmp_path / "other"
    other.mkdir()
    assert start(python, other, {"script": "train.py", "prepare": "exit 7"}).returncode == 7


def test_commands_and_exit_statuses(python: str, tmp_path: Path) -> None:
    done = start(python, tmp_path, {"command": "echo $AZ_BATCHAI_INPUT_D | tee out.txt; exit 3"}, "--bai-input-D", "/x")
    assert (done.returncode, done.stdout) == (3, "/x\n")


def test_the_plan_may_come_with_the_run(python: str, tmp_path: Path) -> None:
    own = json.dumps({"script": "train.py", "args": ["--mine"]})
    seen = said(start(python, tmp_path, {"script": "other.py"}, "--x", BATCHAI_LAUNCH=own))
    assert seen["argv"] == ["--mine", "--x"]


def test_arguments_that_a_shell_takes_apart(python: str, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).touch()
    plan = {
        "script": "train.py",
        "args": ["--x"],
        "line": "--files $AZ_BATCHAI_INPUT_D/*.csv 'two words' | tee out.txt",
    }
    seen = said(start(python, tmp_path, plan, "--bai-input-D", str(tmp_path), "--y"))
    assert seen["argv"] == ["--x", "--y", "--files", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "two words"]
    assert (tmp_path / "out.txt").exists()
    plan["line"] = "| exit 4"
    assert start(python, tmp_path, plan).returncode == 4


def test_the_temporary_folder_is_shared_by_the_processes_of_a_node(python: str, tmp_path: Path) -> None:
    first = said(start(python, tmp_path, {"script": "train.py"}, LOCAL_RANK="0"))
    second = said(start(python, tmp_path, {"script": "train.py"}, LOCAL_RANK="1"))
    assert first["env"]["AZ_BATCHAI_JOB_TEMP"] == second["env"]["AZ_BATCHAI_JOB_TEMP"]


def test_a_script_elsewhere_is_started_by_its_own_path(python: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "other.py").write_text("print('other')")
    done = start(python, tmp_path, {"script": str(tmp_path / "deep" / "other.py")})
    assert done.stdout == "other\n"
