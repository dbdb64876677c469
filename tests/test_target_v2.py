"""The fixtures with `--target v2`: what comes out, and what must hold of every conversion."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import FIXTURES, Done
from tests.test_fixtures import CONVERTED, SECRETS, comments, python_of

OLD = ("azure.mgmt.batchai", "azureml.core", "azureml.train", "azureml.data")


@pytest.mark.parametrize("case", CONVERTED)
def test_what_comes_out(project: Callable[[str], Path], run: Callable[..., Done], case: str) -> None:
    source = project(case)
    target = source.parent / "out"
    done = run("convert", ".", "--target", "v2", "--output", target, "--output-format", "json", cwd=source)
    assert done.status in (0, 1), done.err
    assert {file["outcome"] for file in json.loads(done.out)["files"]} <= {"converted", "untouched"}
    expected = FIXTURES / case / "expected_v2"
    made = {path.relative_to(target): path for path in target.rglob("*") if path.is_file()}
    for inside, path in made.items():
        if path.name != "batchai_launch.py" and inside.parts[0] != "azureml":
            same = expected / inside if (expected / inside).exists() else source / inside
            assert path.read_bytes() == same.read_bytes(), inside
    for wanted in expected.rglob("*"):
        assert wanted.is_dir() or wanted.relative_to(expected) in made
    _check_programs(source, target)
    for path in made.values():
        assert path.name == "train.py" or not SECRETS.search(path.read_text(encoding="latin-1")), path
    before = {path: path.read_bytes() for path in made.values()}
    again = run("convert", ".", "--target", "v2", "--write", cwd=target)
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before
    assert again.status == 0, again.err


def _check_programs(source: Path, target: Path) -> None:
    """Programs parse, name no older package, and keep their comments."""
    for path in [*target.rglob("*.py"), *target.rglob("*.ipynb")]:
        code = python_of(path)
        for node in ast.walk(ast.parse(code)):
            names = [item.name for item in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.startswith(OLD) for name in names)
        if (source / path.relative_to(target)).exists():
            kept = comments(code)
            assert [c for c in comments(python_of(source / path.relative_to(target))) if c not in kept] == []


SENT = """import os
from azure.common.credentials import ServicePrincipalCredentials
from azure.mgmt.batchai import BatchAIManagementClient, models

client = BatchAIManagementClient(ServicePrincipalCredentials(client_id='a', secret=os.environ['S'], tenant='t'), 's')
cluster = client.clusters.get('rg', 'team', 'pool')

"""
JOB = """{name} = models.JobCreateParameters(
    cluster=models.ResourceId(id=cluster.id), node_count=1,
    std_out_err_path_prefix='$AZ_BATCHAI_JOB_MOUNT_ROOT/fs',
    mount_volumes=models.MountVolumes(azure_file_shares=[models.AzureFileShareReference(
        account_name='{account}', azure_file_url='https://{account}.file.core.windows.net/s',
        credentials=models.AzureStorageCredentialsInfo(account_key=os.environ['KEY']), relative_mount_path='fs')]),
    output_directories=[models.OutputDirectory(id='O', path_prefix='$AZ_BATCHAI_JOB_MOUNT_ROOT/fs')],
    container_settings=models.ContainerSettings(image_source_registry=models.ImageSourceRegistry(image='i:1')),
    custom_toolkit_settings=models.CustomToolkitSettings(command_line='{line}'))
"""
LINE = "python fit.py --data $AZ_BATCHAI_JOB_MOUNT_ROOT/fs/d --model $AZ_BATCHAI_OUTPUT_O/m.pt"


def converted(tmp_path: Path, run: Callable[..., Done], text: str) -> tuple[str, Done]:
    """A program beside its training script, converted."""
    (tmp_path / "fit.py").write_text("print()\n")
    (tmp_path / "go.py").write_text(SENT + text)
    done = run("convert", ".", "--target", "v2", "--write", cwd=tmp_path)
    return (tmp_path / "go.py").read_text(), done


def test_two_storages_at_one_place_are_two_datastores(tmp_path: Path, run: Callable[..., Done]) -> None:
    jobs = "".join(JOB.format(name=name, account=name, line=LINE) for name in ("one", "two"))
    sends = "".join(f"client.jobs.create('rg', 'team', 'e', '{n}', {n}).result()\n" for n in ("one", "two"))
    text, done = converted(tmp_path, run, jobs + sends)
    assert done.status == 0, done.out
    assert text.count("AzureFileDatastore(") == 2
    assert "account_name='one'" in text.split("name='bai_fs_s'")[0]
    assert "account_name='two'" in text.split("name='bai_fs_s'")[1].split("credentials")[0]
    assert "azureml://datastores/bai_fs/paths/d" in text
    assert "azureml://datastores/bai_fs_s/paths/d" in text


def test_a_file_below_an_output_stays_a_file(tmp_path: Path, run: Callable[..., Done]) -> None:
    text, _ = converted(
        tmp_path,
        run,
        JOB.format(name="one", account="one", line=LINE) + "client.jobs.create('rg', 'team', 'e', 'n', one).result()\n",
    )
    assert "--model ${{outputs.O}}/m.pt" in text
    assert "path='azureml://datastores/bai_fs/paths/${{name}}/outputs')" in text


def test_parameters_that_change_after_they_were_sent_stay(tmp_path: Path, run: Callable[..., Done]) -> None:
    job = JOB.format(name="one", account="one", line=LINE)
    sends = "client.jobs.create('rg', 'team', 'e', 'a', one).result()\none.node_count = 2\nclient.jobs.create('rg', 'team', 'e', 'b', one).result()\n"
    text, done = converted(tmp_path, run, job + sends)
    assert done.status == 1
    assert text == SENT + job + sends


def test_variables_in_an_argument_of_a_function_are_served(tmp_path: Path, run: Callable[..., Done]) -> None:
    job = JOB.replace("'{line}'", "'python fit.py ' + args").format(name="made", account="one")
    inner = "".join(f"    {line}\n" for line in job.splitlines())
    text, _ = converted(
        tmp_path,
        run,
        f"def make(args):\n{inner}    return made\n\n\n"
        "client.jobs.create('rg', 'team', 'e', 'a', make('--model $AZ_BATCHAI_OUTPUT_O')).result()\n",
    )
    assert "--bai-output-O ${{outputs.O}}" in text


def test_findings_speak_of_the_sdk_at_hand(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/parameter_server")
    first, second = (
        run("convert", ".", "--target", target, "--check", "--output-format", "markdown", cwd=source).out
        for target in ("v1", "v2")
    )
    assert "run.download_files(prefix=" in first
    assert "run.download_files(prefix=" not in second
    assert "ml_client.jobs.download(job.name, all=True)" in second
