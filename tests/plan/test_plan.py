"""The plan that every conversion with a destination writes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from batchai2aml.plan.files import dump
from tests.conftest import FIXTURES, HERE, Done, cases

CASES = cases("scripts", "notebooks", "commands")
CREATE = "az batchai job create -g rg -w space -e ex"


def plan_of(folder: Path) -> dict[str, Any]:
    found = yaml.safe_load((folder / "azureml" / "plan.yml").read_text())
    assert isinstance(found, dict)
    return found


def tree_of(folder: Path, path: str) -> dict[str, Any]:
    found = yaml.safe_load((folder / "azureml" / path).read_text())
    assert isinstance(found, dict)
    return {key: value for key, value in found.items() if key != "$schema"}


def document(**properties: object) -> str:
    start = {
        "nodeCount": 1,
        "containerSettings": {"imageSourceRegistry": {"image": "contoso/fit:2"}},
        "customToolkitSettings": {"commandLine": "python fit.py"},
        "stdOutErrPathPrefix": "$AZ_BATCHAI_JOB_MOUNT_ROOT/logs",
    }
    return json.dumps({"properties": {**start, **properties}})


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All fixtures, converted."""
    top = tmp_path_factory.mktemp("plans")
    for case in CASES:
        source = top / "in" / case
        shutil.copytree(FIXTURES / case / "input", source)
        command = [sys.executable, "-m", "batchai2aml", "convert", ".", "--output", str(top / "out" / case)]
        subprocess.run(command, cwd=source, check=False, capture_output=True)
    return top / "out"


def test_the_sdk_loads_and_serialises_every_file(everything: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "plan" / "load.py"), str(everything)], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert len(said) > 50
    assert {path: why for path, why in said.items() if why} == {}


@pytest.mark.parametrize("case", CASES)
def test_the_index_is_true(everything: Path, case: str) -> None:
    folder = everything / case / "azureml"
    if not folder.exists():
        assert case in ("scripts/crlf_tabs", "scripts/watching")
        return
    plan = plan_of(everything / case)
    resources = plan["resources"]
    assert isinstance(resources, list)
    listed = {entry["file"]: entry for entry in resources}
    assert set(listed) == {str(path.relative_to(folder)) for path in folder.glob("*/*.yml")}
    names = {f"{entry['kind']}/{entry['name']}" for entry in resources}
    assert len(names) == len(resources)
    missing = {f"{found['kind']}/{found['name']}" for found in plan.get("not_written", [])}
    for file, entry in listed.items():
        tree = yaml.safe_load((folder / file).read_text())
        assert tree.get("name", entry["name"]) == entry["name"]
        for place in entry["from"]:
            said = re.fullmatch(r"(.+?)(?:\[\d+\])?:(\d+)", place)
            assert said is not None
            assert (FIXTURES / case / "input" / said.group(1)).is_file()
            assert int(said.group(2)) > 0
        for need in entry.get("needs", ()):
            assert need in names | set(plan.get("expected", ())) | missing
        if entry["kind"] == "job":
            assert (folder / "jobs" / tree["code"]).resolve().is_dir()
            stores = set(re.findall(r"azureml://datastores/(\w+)/paths/", json.dumps(tree)))
            assert {f"datastore/{name}" for name in stores} <= set(entry["needs"])
            bound = set(re.findall(r"\$\{\{(?:in|out)puts\.(\w+)\}\}", tree["command"]))
            assert bound == {*tree.get("inputs", ()), *tree.get("outputs", ())}


def test_no_secret_is_in_a_plan(everything: Path) -> None:
    text = "".join(path.read_text() for path in everything.rglob("azureml/**/*.yml"))
    assert len(text) > 5000
    assert not re.search(r"not-a-real|bm90|c2VjcmV0|Not-a-real-Passw0rd", text)


def test_a_parameter_server(everything: Path) -> None:
    tree = tree_of(everything / "scripts/parameter_server", "jobs/flowers-ps-1.yml")
    variables = tree.pop("environment_variables")
    assert isinstance(variables, dict)
    assert json.loads(variables["BATCHAI_LAUNCH"])["role_args"]["ps"] == ["--role=ps"]
    assert tree == {
        "type": "command",
        "display_name": "flowers-ps-1",
        "experiment_name": "flowers",
        "code": "../../src",
        "command": "python batchai_launch.py --bai-input-IMAGES ${{inputs.IMAGES}} --bai-output-CKPT ${{outputs.CKPT}}",
        "inputs": {
            "IMAGES": {
                "type": "uri_folder",
                "mode": "ro_mount",
                "path": "azureml://datastores/bai_images/paths/flowers",
            }
        },
        "outputs": {
            "CKPT": {
                "type": "uri_folder",
                "mode": "rw_mount",
                "path": "azureml://datastores/bai_runs/paths/${{name}}/outputs/ckpt",
            }
        },
        "environment": "azureml:bai-tensorflow:1",
        "compute": "azureml:gpu-pool",
        "resources": {"instance_count": 2},
        "distribution": {"type": "tensorflow", "worker_count": 2, "parameter_server_count": 1},
        "limits": {"timeout": 604800},
    }


CLUSTER = "az batchai cluster create -g rg -w space -s Standard_D2s_v5"


def test_a_cluster_and_what_its_file_does_not_hold(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "c.json").write_text(
        json.dumps(
            {
                "properties": {
                    "vmPriority": "lowpriority",
                    "subnet": {
                        "id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v/subnets/d"
                    },
                }
            }
        )
    )
    (tmp_path / "run.sh").write_text(
        f"{CLUSTER} -n big_pool --min 1 --max 3 -f c.json -u ops -p Not-a-real-Passw0rd1 -k ~/.ssh/id_rsa.pub\n"
    )
    run("convert", ".", "--output", "out", cwd=tmp_path)
    assert tree_of(tmp_path / "out", "computes/big-pool.yml") == {
        "name": "big-pool",
        "type": "amlcompute",
        "size": "Standard_D2s_v5",
        "tier": "low_priority",
        "min_instances": 1,
        "max_instances": 3,
        "idle_time_before_scale_down": 1800,
        "ssh_public_access_enabled": True,
        "ssh_settings": {"admin_username": "ops"},
        "network_settings": {
            "subnet": "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v/subnets/d"
        },
    }
    plan = plan_of(tmp_path / "out")
    assert (plan["workspace"], plan["resource_group"]) == ("space", "rg")
    (entry,) = plan["resources"]
    assert entry["set"] == {
        "ssh_settings.ssh_key_value": "BATCHAI_SSH_PUBLIC_KEY",
        "ssh_settings.admin_password": "BATCHAI_ADMIN_PASSWORD",
    }
    assert plan["environment_variables"] == ["BATCHAI_ADMIN_PASSWORD", "BATCHAI_SSH_PUBLIC_KEY"]


def test_names_are_made_unique_and_references_follow(tmp_path: Path, run: Callable[..., Done]) -> None:
    share = {"azureFileUrl": "https://acct.file.core.windows.net/{}", "relativeMountPath": "data"}
    for name, count in (("a", 1), ("b", 2), ("c", 2)):
        url = {**share, "azureFileUrl": share["azureFileUrl"].format("a" if name == "a" else "b")}
        body = document(
            mountVolumes={"azureFileShares": [url]},
            customToolkitSettings={"commandLine": "python fit.py --data $AZ_BATCHAI_JOB_MOUNT_ROOT/data/x"},
        )
        folder = tmp_path / name
        folder.mkdir()
        (folder / "job.json").write_text(body)
        (folder / "fit.py").write_text("print()\n")
        (folder / "run.sh").write_text(
            f"{CLUSTER} -n pool --min 0 --max {count}\n{CREATE} -c pool -n fit -f job.json\n"
        )
    run("convert", ".", "--output", "out", cwd=tmp_path)
    made = {}
    for name in ("fit", "fit-2", "fit-3"):
        tree = tree_of(tmp_path / "out", f"jobs/{name}.yml")
        made[tree["code"]] = (tree["compute"], tree["inputs"]["data_x"]["path"])
    assert made == {
        "../../a": ("azureml:pool", "azureml://datastores/bai_data/paths/x"),
        "../../b": ("azureml:pool-v2", "azureml://datastores/bai_data_b/paths/x"),
        "../../c": ("azureml:pool-v2", "azureml://datastores/bai_data_b/paths/x"),
    }
    entries = plan_of(tmp_path / "out")["resources"]
    places = {entry["name"]: entry["from"] for entry in entries}
    assert places["pool-v2"] == ["b/run.sh:1", "c/run.sh:1"]


def test_what_is_not_written_has_a_reason(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "job.json").write_text(document())
    server = {"fileServer": {"id": "/subscriptions/s/fileServers/nfs"}, "relativeMountPath": "nfs"}
    (tmp_path / "nfs.json").write_text(
        document(
            mountVolumes={"fileServers": [server]},
            customToolkitSettings={"commandLine": "python fit.py --in $AZ_BATCHAI_JOB_MOUNT_ROOT/nfs/a"},
        )
    )
    (tmp_path / "run.sh").write_text(
        f"{CREATE} -c $WHICH -n a -f job.json\n{CREATE} -c there -n b -f nfs.json\n{CREATE} -c there -n $NAME -f job.json\n"
    )
    run("convert", ".", "--output", "out", cwd=tmp_path)
    plan = plan_of(tmp_path / "out")
    assert [(u["kind"], u["name"], u["from"]) for u in plan["not_written"]] == [("datastore", "bai_nfs", "run.sh:2")]
    assert plan["expected"] == ["compute/there", "datastore/bai_nfs"]
    jobs = {e["name"]: e for e in plan["resources"] if e["kind"] == "job"}
    assert jobs["run"]["left_out"] == ["display_name"]
    assert jobs["a"]["left_out"] == ["compute"]
    assert (tmp_path / "out" / "TODO_batchai_source").is_dir()
    assert plan["to_do"] == ["job/run: put its script into TODO_batchai_source"]


def test_a_private_registry(tmp_path: Path, run: Callable[..., Done]) -> None:
    registry = {
        "serverUrl": "https://contoso.azurecr.io",
        "image": "fit:2",
        "credentials": {"username": "puller", "password": "Not-a-real-Passw0rd2"},
    }
    (tmp_path / "job.json").write_text(document(containerSettings={"imageSourceRegistry": registry}))
    (tmp_path / "fit.py").write_text("print()\n")
    (tmp_path / "run.sh").write_text(f"{CREATE} -c there -n a -f job.json\n")
    run("convert", ".", "--output", "out", cwd=tmp_path)
    out = tmp_path / "out"
    assert tree_of(out, "connections/bai-contoso-azurecr-io.yml") == {
        "name": "bai-contoso-azurecr-io",
        "type": "container_registry",
        "target": "https://contoso.azurecr.io",
        "credentials": {
            "type": "username_password",
            "username": "puller",
            "password": "${BATCHAI_REGISTRY_PASSWORD}",
        },
    }
    assert tree_of(out, "environments/bai-fit.yml")["image"] == "contoso.azurecr.io/fit:2"
    assert plan_of(out)["environment_variables"] == ["BATCHAI_REGISTRY_PASSWORD"]


def test_words_of_the_command_reach_the_program_as_they_are(tmp_path: Path, run: Callable[..., Done]) -> None:
    words = ["--a=b c", "it's", 'say "x"', "100%", "*", "plain", "a;b"]
    line = "python fit.py " + " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    (tmp_path / "job.json").write_text(document(customToolkitSettings={"commandLine": line}))
    (tmp_path / "fit.py").write_text("import json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    (tmp_path / "run.sh").write_text(f"{CREATE} -c there -n a -f job.json\n")
    run("convert", ".", "--output", "out", cwd=tmp_path)
    tree = tree_of(tmp_path / "out", "jobs/a.yml")
    variables = tree.get("environment_variables", {})
    assert isinstance(variables, dict)
    done = subprocess.run(
        ["bash", "-c", str(tree["command"]).replace("python ", f"{sys.executable} ", 1)],
        cwd=tmp_path / "out",
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout)
    assert said in (words, ["--a", "b c", *words[1:]])


def test_a_file_in_the_way_is_not_overwritten(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "azureml" / "computes").mkdir(parents=True)
    (tmp_path / "azureml" / "computes" / "pool.yml").write_text("name: mine\n")
    script = f"{CLUSTER} -n pool --min 0 --max 1\n"
    (tmp_path / "run.sh").write_text(script)
    done = run("convert", ".", "--write", cwd=tmp_path)
    assert done.status == 2
    assert done.err == (
        "batchai2aml: azureml/computes/pool.yml is in the way of the plan; move it, and run convert again\n"
    )
    assert (tmp_path / "run.sh").read_text() == script


def test_files_converted_one_after_the_other_share_a_plan(tmp_path: Path, run: Callable[..., Done]) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.sh").write_text(f"{CLUSTER} -n {name} --min 0 --max 1\n")
        run("convert", f"{name}.sh", "--write", cwd=tmp_path)
    entries = plan_of(tmp_path)["resources"]
    assert sorted(entry["file"] for entry in entries) == ["computes/one.yml", "computes/two.yml"]


def test_a_diff_and_a_check_write_no_plan(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "run.sh").write_text(f"{CLUSTER} -n pool --min 0 --max 1\n")
    assert "azureml/" not in run("convert", ".", cwd=tmp_path).out
    run("convert", ".", "--check", cwd=tmp_path)
    assert not (tmp_path / "azureml").exists()


@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.lists(st.text())))
def test_yaml_says_what_the_tree_says(tree: dict[str, object]) -> None:
    assert yaml.safe_load(dump(tree)) == tree
