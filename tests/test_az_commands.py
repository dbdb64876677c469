"""`az batchai` commands with `--target v2`: the `az ml` command that stands where each stood."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done

PLACE = "-g rg -w team"
LOOKUP = f"\"$(az ml job list {PLACE} --query \"[?display_name=='fit' && experiment_name=='e'].name | [0]\" -o tsv)\""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("workspace create -g rg -n my_ws -l eastus", "az ml workspace create -n my_ws -g rg -l eastus"),
        (
            "workspace show -g rg -n team --query location -o tsv",
            "az ml workspace show -n team -g rg -o tsv --query location",
        ),
        ("workspace delete -g rg -n team -y", "az ml workspace delete -n team -g rg --yes"),
        (f"cluster show -n gpu_pool {PLACE} -o table", f"az ml compute show -n gpu-pool {PLACE} -o table"),
        (f"cluster delete -n pool {PLACE} -y --no-wait", f"az ml compute delete -n pool {PLACE} --yes --no-wait"),
        (f"cluster list {PLACE}", f"az ml compute list --type amlcompute {PLACE}"),
        (f"cluster node list -c pool {PLACE}", f"az ml compute list-nodes -n pool {PLACE}"),
        (
            f"cluster resize -n pool {PLACE} -t 3",
            f"az ml compute update -n pool {PLACE} --min-instances 3 --max-instances 3",
        ),
        (f"cluster resize -n pool {PLACE} -t 0", f"az ml compute update -n pool {PLACE} --min-instances 0"),
        (
            f"cluster auto-scale -n pool {PLACE} --min 1 --max 5",
            f"az ml compute update -n pool {PLACE} --min-instances 1 --max-instances 5",
        ),
        (f"job terminate -n fit -e e {PLACE} -y", f"az ml job cancel -n {LOOKUP} {PLACE}"),
        (f"job delete -n fit -e e {PLACE} -y", f"az ml job archive -n {LOOKUP} {PLACE}"),
        (f"job wait -n fit -e e {PLACE}", f"az ml job stream -n {LOOKUP} {PLACE}"),
        (f"job file stream -j fit -e e {PLACE} -f stdout.txt", f"az ml job stream -n {LOOKUP} {PLACE}"),
        (f"job file list -j fit -e e {PLACE} -d stdouterr", f"az ml job download -n {LOOKUP} {PLACE} --all"),
        (f"job list -e e {PLACE} -o table", f"az ml job list {PLACE} --query \"[?experiment_name=='e']\" -o table"),
        (
            f"job list -e e {PLACE} --query [].name",
            f"az ml job list {PLACE} --query \"[?experiment_name=='e'].display_name\"",
        ),
        ("list-usages -l eastus", "az ml compute list-usage -l eastus"),
    ],
)
def test_commands(tmp_path: Path, run: Callable[..., Done], old: str, new: str) -> None:
    (tmp_path / "run.sh").write_text(f"echo before\nif az batchai {old}; then echo done; fi\n")
    run("convert", ".", "--target", "v2", "--write", cwd=tmp_path)
    assert (tmp_path / "run.sh").read_text() == f"echo before\nif {new}; then echo done; fi\n"
    assert subprocess.run(["bash", "-n", "run.sh"], cwd=tmp_path, check=False).returncode == 0


def test_a_job_with_values_of_the_script(tmp_path: Path, run: Callable[..., Done]) -> None:
    properties = {
        "nodeCount": 1,
        "customToolkitSettings": {"commandLine": "python fit.py --rate RATE"},
        "environmentVariables": [{"name": "MODE", "value": "fast"}],
        "stdOutErrPathPrefix": "$AZ_BATCHAI_MOUNT_ROOT/x",
        "containerSettings": {"imageSourceRegistry": {"image": "contoso/fit:3"}},
    }
    (tmp_path / "fit.py").write_text("print()\n")
    (tmp_path / "job.json").write_text(json.dumps({"properties": properties}))
    (tmp_path / "run.sh").write_text(
        'for R in 0.1 0.2; do\n  sed "s/RATE/$R/" job.json > one.json\n'
        '  az batchai job create -g rg -w team -e e -c "$POOL" -n "fit-$R" -f one.json\ndone\n'
    )
    done = run("convert", ".", "--target", "v2", "--write", cwd=tmp_path)
    text = (tmp_path / "run.sh").read_text()
    assert 'az ml job create --file azureml/jobs/run.yml -g rg -w team --set "display_name=fit-$R"' in text
    assert '"environment_variables.BATCHAI_R=$R"' in text
    assert '"compute=$POOL"' in text
    job = (tmp_path / "azureml" / "jobs" / "run.yml").read_text()
    assert "command: python fit.py --rate ${BATCHAI_R}" in job
    assert done.status in (0, 1)


def test_a_command_without_its_file_stays(tmp_path: Path, run: Callable[..., Done]) -> None:
    line = "az batchai job create -g rg -w team -e e -c pool -n n -f gone.json\n"
    (tmp_path / "run.sh").write_text(line + "az batchai cluster show -g rg -w team -n pool\n")
    done = run("convert", ".", "--target", "v2", "--write", cwd=tmp_path)
    assert done.status == 1
    assert (tmp_path / "run.sh").read_text() == line + "az ml compute show -n pool -g rg -w team\n"


def test_a_batch_file_cannot_look_a_job_up(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "run.bat").write_text(
        "az batchai job wait -g rg -w team -e e -n fit\naz batchai cluster show -g rg -w team -n pool\n"
    )
    done = run("convert", ".", "--target", "v2", "--write", cwd=tmp_path)
    assert done.status == 1
    assert (
        (tmp_path / "run.bat")
        .read_text()
        .startswith("az batchai job wait -g rg -w team -e e -n fit\naz ml compute show")
    )


JOB = "az batchai job create -g rg -w team -e e -c pool -n one -f job.json"


@pytest.fixture
def project_of(tmp_path: Path, run: Callable[..., Done]) -> Callable[[str, str], str]:
    """A script beside a job's document, converted."""

    def make(name: str, text: str) -> str:
        share = {"azureFileUrl": "https://a.file.core.windows.net/s", "accountName": "a", "relativeMountPath": "s"}
        properties = {
            "nodeCount": 1,
            "customToolkitSettings": {"commandLine": "python fit.py --in $AZ_BATCHAI_JOB_MOUNT_ROOT/s/d"},
            "mountVolumes": {"azureFileShares": [share]},
            "stdOutErrPathPrefix": "$AZ_BATCHAI_JOB_MOUNT_ROOT/s",
            "containerSettings": {"imageSourceRegistry": {"image": "contoso/fit:3"}},
        }
        (tmp_path / "fit.py").write_text("print()\n")
        (tmp_path / "job.json").write_text(json.dumps({"properties": properties}))
        (tmp_path / name).write_text(text)
        run("convert", ".", "--target", "v2", "--write", cwd=tmp_path)
        return (tmp_path / name).read_text()

    return make


STORE = (
    "az ml datastore create --file azureml/datastores/bai_s.yml -g rg -w team"
    ' --set "credentials.account_key=$AZURE_BATCHAI_STORAGE_KEY"'
)
IMAGE = "az ml environment create --file azureml/environments/bai-fit.yml -g rg -w team"
SEND = "az ml job create --file azureml/jobs/one.yml -g rg -w team"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"  {JOB}\n", f"  {STORE}\n  {IMAGE}\n  {SEND}\n"),
        (
            f"if ! {JOB}; then exit 1; fi\n",
            f"if ! ( {STORE} > /dev/null && {IMAGE} > /dev/null && {SEND} ); then exit 1; fi\n",
        ),
        (
            f"ID=$({JOB} --query id -o tsv)\n",
            f"ID=$( ( {STORE} > /dev/null && {IMAGE} > /dev/null && {SEND} -o tsv --query name ))\n",
        ),
        (f"X=1 {JOB}\n", f"X=1 {JOB}\n"),
    ],
)
def test_several_commands_are_one_where_the_script_asks(
    project_of: Callable[[str, str], str], tmp_path: Path, old: str, new: str
) -> None:
    text = project_of("run.sh", old)
    assert text == new
    assert subprocess.run(["bash", "-n", "run.sh"], cwd=tmp_path, check=False).returncode == 0


def test_names_that_touch_stay_apart(project_of: Callable[[str, str], str]) -> None:
    text = project_of("run.sh", JOB.replace("-n one", '-n "$v"_"$i"') + "\n")
    assert '--set "display_name=${v}_$i"' in text


def test_a_name_that_may_change_is_set_where_it_is_used(project_of: Callable[[str, str], str]) -> None:
    text = project_of("run.sh", f'M=a\n[ "$1" = b ] && M=b\n{JOB.replace("-n one", "-n run-$M")}\n')
    assert '--set "display_name=run-$M"' in text


def test_text_around_a_fence_in_a_list_stays(project_of: Callable[[str, str], str]) -> None:
    text = "1. Make it:\n\n    ```\n    az batchai cluster show -g rg -w team -n pool\n    ```\n\n2. Then say hello.\n"
    assert project_of("a.md", text) == text.replace(
        "batchai cluster show -g rg -w team -n pool", "ml compute show -n pool -g rg -w team"
    )
