"""Converted fixtures, executed against the real azureml-core and azureml-train-core.

Needs an interpreter with the extra `judges`, named by BATCHAI2AML_V1_PYTHON; `.ci/run` makes one. Run with `pytest -m judge`.
What is expected was worked out from the sources of the fixtures by hand.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Done
from tests.test_fixtures import converted, python_of

pytestmark = pytest.mark.judge
STAND_IN = Path(__file__).with_name("stand_in.py")


@pytest.fixture
def effects(project: Callable[[str], Path], run: Callable[..., Done]) -> Callable[..., list[dict[str, Any]]]:
    """Convert a fixture, run a file of the output, and give what it would have made."""

    def play(
        case: str, file: str, *existing: str, then: str = "", variables: dict[str, str] | None = None
    ) -> list[dict[str, Any]]:
        _, target, _ = converted(project, run, case)
        path = target / file
        if path.suffix == ".ipynb":
            path = target / "cells.py"
            path.write_text(python_of(target / file))
        environment = {
            **os.environ,
            "STORAGE_KEY": "k",
            "SPEECH_KEY": "k",
            "AZURE_BATCHAI_STORAGE_KEY": "k",
            "APP": "a",
            "SECRET": "s",
            "TENANT": "t",
            "SUB": "s",
            "S": "s",
            "KEY": "k",
            "CLIENT": "c",
            "OPS_PASSWORD": "Pass-word1",
            "BATCHAI_REGISTRY_PASSWORD": "r",
            "BATCHAI_ADMIN_PASSWORD": "Pass-word1",
            "AZURE_SUBSCRIPTION_ID": "s",
            "AZURE_RESOURCE_GROUP": "rg",
            "HOME": str(target),
            "THEN": then,
            **(variables or {}),
        }
        command = [os.environ["BATCHAI2AML_V1_PYTHON"], str(STAND_IN), str(path.relative_to(target)), *existing]
        done = subprocess.run(command, cwd=target, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        found: list[dict[str, Any]] = json.loads(re.findall(r"^EFFECTS (.*)$", done.stdout, re.M)[-1])
        return found

    return play


def runs(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [effect for effect in found if effect["kind"] == "run"]


def test_parameter_server(effects: Callable[..., list[dict[str, Any]]]) -> None:
    found = effects("scripts/parameter_server", "run.py", "gpu-pool")
    assert [(e["name"], e["account"], e["in"]) for e in found if e["kind"] == "datastore"] == [
        ("bai_runs", "contosoml", "runs"),
        ("bai_images", "contosoml", "images"),
    ]
    (job,) = runs(found)
    assert (job["experiment"], job["nodes"], job["workers"], job["servers"]) == ("flowers", 2, 2, 1)
    assert (job["communicator"], job["image"], job["seconds"]) == (
        "ParameterServer",
        "tensorflow/tensorflow:1.12.0-gpu-py3",
        604800,
    )
    assert job["references"] == {"IMAGES": "flowers"}
    assert job["plan"]["script"] == "replica.py"
    assert job["plan"]["role_args"]["ps"] == ["--role=ps"]


def test_notebook(effects: Callable[..., list[dict[str, Any]]]) -> None:
    found = effects("notebooks/recipe_style", "numbers.ipynb")
    assert found[0] == {
        "kind": "workspace.create",
        "name": "numbers",
        "subscription_id": "00000000-0000-0000-0000-000000000002",
        "resource_group": "rg-numbers",
        "location": "eastus",
        "create_resource_group": True,
        "exist_ok": True,
    }
    (cluster,) = [e for e in found if e["kind"] == "compute"]
    assert cluster["name"] == "nc6"
    assert (cluster["vm_size"], cluster["min_nodes"], cluster["max_nodes"]) == ("STANDARD_NC6", 2, 2)
    assert (cluster["vm_priority"], cluster["admin_username"]) == ("dedicated", "ops")
    (job,) = runs(found)
    assert job["arguments"] == ["--datadir", "$AZUREML_DATAREFERENCE_DATA", "--outputdir", "DatasetOutputConfig:MODEL"]
    assert (job["script"], job["nodes"], job["per_node"]) == ("numbers.py", 2, 1)
    assert job["references"] == {"DATA": "mnist"}
    assert {"kind": "wait", "show_output": True} in found
    assert found[-1] == {"kind": "delete", "name": "nc6"}


def test_horovod_with_preparation(effects: Callable[..., list[dict[str, Any]]]) -> None:
    (job,) = runs(effects("scripts/horovod_preparation", "speech.py", "gpu"))
    assert (job["nodes"], job["per_node"], job["image"]) == (2, 2, "contoso.azurecr.io/speech:3")
    assert job["arguments"] == ["--data", "$AZUREML_DATAREFERENCE_CORPUS", "--epochs", 20, "--amp"]
    assert job["plan"] == {"script": "fit.py", "prepare": "pip install soundfile==0.10.2"}


def test_classes_loops_and_parameters(effects: Callable[..., list[dict[str, Any]]]) -> None:
    found = effects("scripts/class_with_client", "pool.py")
    (cluster,) = [e for e in found if e["kind"] == "compute"]
    assert (cluster["name"], cluster["vm_priority"], cluster["min_nodes"], cluster["max_nodes"]) == (
        "gpu-pool",
        "lowpriority",
        0,
        2,
    )
    first, second = runs(found)
    assert first["arguments"][:2] == ["--epochs", 10]
    assert second["arguments"][:2] == ["--epochs", 20]
    assert (first["script"], first["seconds"], first["framework"]) == ("train.py", 21600, "Python")


def test_custom_mpi(effects: Callable[..., list[dict[str, Any]]]) -> None:
    (job,) = runs(effects("scripts/custom_mpi", "score.py", "pool", then="send(None, 'cats')"))
    assert (job["script"], job["nodes"], job["per_node"]) == ("label.py", 3, 1)
    assert job["arguments"] == ["--pictures", "$AZUREML_DATAREFERENCE_bfs_path", "--out", "DatasetOutputConfig:LABELS"]
    assert job["references"] == {"bfs_path": "cats"}
    assert job["image"] == "contoso/score:1.4"


def test_script_inside_the_image(effects: Callable[..., list[dict[str, Any]]]) -> None:
    (job,) = runs(effects("scripts/positional_2017", "old.py", "nc6"))
    assert job["plan"] == {"script": "/opt/train/convnet.py"}
    assert job["arguments"] == ["--rate", 0.1, "-v"]


def test_an_older_file_in_another_encoding(effects: Callable[..., list[dict[str, Any]]]) -> None:
    found = effects("scripts/crlf_tabs", "pool.py", "pool", then="grow(None, 6)\ndrop(None)")
    assert [e for e in found if e["kind"] != "workspace.from_config"] == [
        {"kind": "update", "name": "pool", "min_nodes": 6, "max_nodes": 6},
        {"kind": "delete", "name": "pool"},
    ]


def test_several_pytorch_processes_a_node(effects: Callable[..., list[dict[str, Any]]]) -> None:
    wide, narrow = runs(effects("scripts/pytorch_processes", "ddp.py", "gpus"))
    assert (wide["communicator"], wide["nodes"], wide["processes"]) == ("Nccl", 2, 8)
    assert wide["arguments"] == ["--url", "env://", "--rank", "$RANK"]
    assert (narrow["communicator"], narrow["nodes"], narrow["processes"]) == ("Gloo", 1, 4)


def test_grid_search(effects: Callable[..., list[dict[str, Any]]]) -> None:
    found = effects("scripts/grid_search", "search.py", "pool")
    jobs = runs(found)
    rates = [0.001, 0.01, 0.1]
    tried = [(depth, rate) for depth in (2, 4) for rate in rates]
    assert [job["arguments"][:3] for job in jobs[:6]] == [["--depth", depth, "--rate"] for depth, _ in tried]
    # the first of the six had failed and was submitted again
    assert [job["arguments"][1] for job in jobs[6:]] == [2]
    assert [effect["kind"] for effect in found].count("wait") == 6


def test_uploads_in_loops(effects: Callable[..., list[dict[str, Any]]]) -> None:
    found = effects("scripts/uploads_in_loops", "go.py", "nc6")
    uploaded = [(e["files"], e["target_path"]) for e in found if e["kind"] == "upload"]
    assert uploaded == [(["a.csv"], "data"), (["b.csv"], "data")]
    (job,) = runs(found)
    assert (job["script"], job["references"]) == ("train.py", {"afs_data": "data"})


def test_jobs_that_are_built_ahead_keep_their_own_plans(effects: Callable[..., list[dict[str, Any]]]) -> None:
    german, french = runs(effects("scripts/jobs_built_ahead", "queue_up.py", "gpus"))
    assert german["plan"] == {"script": "learn.py", "prepare": "pip install tokens-de"}
    assert french["plan"] == {"script": "learn.py", "prepare": "pip install tokens-fr"}
    assert (german["arguments"], french["arguments"]) == (["--steps", 100], ["--steps", 200])


def test_script_of_a_shell_script(effects: Callable[..., list[dict[str, Any]]]) -> None:
    variables = {"NODES": "2", "STEPS": "create_workspace_forecast_ws submit"}
    found = effects("commands/polling_script", "train_all_azureml.py", "gpu-pool", variables=variables)
    assert found[0]["kind"] == "workspace.create"
    assert (found[0]["name"], found[0]["resource_group"]) == ("forecast-ws", "rg-forecast")
    (job,) = runs(found)
    assert (job["experiment"], job["nodes"], job["per_node"]) == ("forecast", 2, 1)
    assert (job["script"], job["arguments"], job["image"]) == ("fit.py", ["--epochs", 10], "contoso/forecast:7")


def test_script_of_a_walk_through(effects: Callable[..., list[dict[str, Any]]]) -> None:
    steps = "create_cluster_cpu submit_counting stream_counting"
    found = effects(
        "commands/walk_through", "readme_azureml.py", variables={"ACCOUNT_NAME": "contosowords", "STEPS": steps}
    )
    (cluster,) = [e for e in found if e["kind"] == "compute"]
    assert (cluster["name"], cluster["vm_size"], cluster["min_nodes"], cluster["max_nodes"]) == (
        "cpu",
        "Standard_D4_v2",
        2,
        2,
    )
    assert [(e["name"], e["account"], e["in"]) for e in found if e["kind"] == "datastore"] == [
        ("bai_corpus", "contosowords", "corpus")
    ]
    (job,) = runs(found)
    assert (job["experiment"], job["nodes"], job["script"]) == ("counts", 1, "count.py")
    assert job["arguments"] == [
        "--text",
        "$AZUREML_DATAREFERENCE_TEXT",
        "--out",
        "DatasetOutputConfig:COUNTS",
        "--least",
        5,
    ]
    assert job["references"] == {"TEXT": "raw"}
    assert {"kind": "wait", "show_output": True, "raise_on_error": False} in found


def test_script_of_the_old_command_line(effects: Callable[..., list[dict[str, Any]]]) -> None:
    found = effects(
        "commands/old_command_line",
        "setup_azureml.py",
        "nc6",
        variables={"USER": "me", "STEPS": "submit_align stream_align"},
    )
    assert [(e["name"], e["in"]) for e in found if e["kind"] == "datastore"] == [
        ("bai_audio", "audio"),
        ("bai_text", "text"),
    ]
    (job,) = runs(found)
    assert job["references"] == {"audio_wav": "wav", "text_book": "book"}
    assert (job["experiment"], job["script"], job["nodes"]) == ("setup", "align.py", 1)


def test_script_of_a_document(effects: Callable[..., list[dict[str, Any]]]) -> None:
    (job,) = runs(effects("commands/documents", "segment_azureml.py", "gpu", variables={"STEPS": ""}))
    assert (job["estimator"], job["nodes"], job["seconds"]) == ("PyTorch", 2, 21600)
    assert job["references"] == {"SCANS": "raw"}


def test_script_of_a_template(effects: Callable[..., list[dict[str, Any]]]) -> None:
    found = effects("commands/documents", "infra/template_azureml.py", variables={"STEPS": ""})
    assert (found[0]["name"], found[0]["location"]) == ("scans-ws", "eastus")
    (cluster,) = [e for e in found if e["kind"] == "compute"]
    assert (cluster["vm_size"], cluster["min_nodes"], cluster["max_nodes"]) == ("Standard_NC4as_T4_v3", 3, 3)


def test_script_of_a_notebook(effects: Callable[..., list[dict[str, Any]]]) -> None:
    (tuning,) = runs(
        effects("commands/notebook_lines", "steps_azureml.py", "cpu", variables={"STEPS": "submit_tuning_1"})
    )
    assert (tuning["nodes"], tuning["per_node"], tuning["arguments"]) == (2, 2, ["--trials", 20, "--seed", 1])


def test_script_of_a_program(effects: Callable[..., list[dict[str, Any]]]) -> None:
    variables = {"NAME": "waves-0", "RATE": "0.1", "NUMBER": "0", "STEPS": "submit"}
    (waves,) = runs(effects("commands/documents_in_python", "submit_azureml.py", "gpu", variables=variables))
    assert (waves["nodes"], waves["per_node"]) == (2, 2)
    assert waves["arguments"] == ["--rate", "0.1", "--data", "$AZUREML_DATAREFERENCE_DATA"]
