"""Drafts of Dockerfiles: what is recognised becomes a layer, and nothing of the rest is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from batchai2aml.plan.dockerfiles import dockerfile
from tests.conftest import Done


@pytest.mark.parametrize(
    ("command", "layers"),
    [
        ("apt-get install -y sox", ["RUN apt-get update && apt-get install -y sox"]),
        ("sudo apt-get update && sudo apt-get -y install a b", ["RUN apt-get update && apt-get install -y a b"]),
        ("pip install x==1 y; python3 -m pip install z", ["RUN pip install x==1 y", "RUN pip install z"]),
        ("bash -c 'conda install -y -c conda-forge q'", ["RUN conda install -y -c conda-forge q"]),
        ("modprobe ib_uverbs && pip install x", ["# for you to decide: modprobe ib_uverbs", "RUN pip install x"]),
        (
            "echo 'a;b' && apt-get upgrade",
            ["# for you to decide: echo 'a;b'", "RUN apt-get update && apt-get upgrade -y"],
        ),
        ("pip install $EXTRA", ["# for you to decide: pip install $EXTRA"]),
        ("curl -s https://a/b.sh | bash", ["# for you to decide: curl -s https://a/b.sh | bash"]),
    ],
)
def test_layers(command: str, layers: list[str]) -> None:
    text = dockerfile("img:1", [("the setup task of cluster c", command)])
    head, start, blank, origin, *rest = text.splitlines()
    assert head.startswith("# batchai2aml plan")
    assert (start, blank, origin) == ("FROM img:1", "", "# the setup task of cluster c")
    assert rest == layers


def test_the_draft_stands_beside_the_environment(tmp_path: Path, run: Callable[..., Done]) -> None:
    job = {
        "properties": {
            "nodeCount": 1,
            "customToolkitSettings": {"commandLine": "python fit.py"},
            "stdOutErrPathPrefix": "$AZ_BATCHAI_MOUNT_ROOT/x",
            "containerSettings": {"imageSourceRegistry": {"image": "contoso/fit:3"}},
        }
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    (tmp_path / "fit.py").write_text("print()\n")
    (tmp_path / "run.sh").write_text(
        "az batchai cluster create -g g -w w -n pool -s Standard_D2s_v5 -t 1 --setup-task 'apt-get install -y sox'"
        " --setup-task-output /tmp\naz batchai job create -g g -w w -e e -n n -c pool -f job.json\n"
    )
    run("convert", ".", "--target", "v2", "--output", "out", cwd=tmp_path)
    folder = tmp_path / "out" / "azureml"
    assert "RUN apt-get update && apt-get install -y sox" in (folder / "environments/bai-fit/Dockerfile").read_text()
    assert yaml.safe_load((folder / "environments/bai-fit.yml").read_text())["image"] == "contoso/fit:3"
    (to_do,) = yaml.safe_load((folder / "plan.yml").read_text())["to_do"]
    assert to_do.startswith("environments/bai-fit/Dockerfile is a draft")
    assert run("scan", "azureml", cwd=tmp_path / "out").status == 0
