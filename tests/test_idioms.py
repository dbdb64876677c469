"""Small ways of writing that a conversion must not get wrong, each with what must be in the output and what must not."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done

HEAD = """import os
from azure.mgmt.batchai import BatchAIManagementClient, models
client = BatchAIManagementClient(None, 's')
cluster = client.clusters.get('rg', 'work', 'nc6')
"""
IMAGE = "models.ContainerSettings(image_source_registry=models.ImageSourceRegistry(image='img:1'))"


def job(more: str = "", settings: str = "", name: str = "'job'") -> str:
    """A PyTorch job."""
    torch = (
        settings or "py_torch_settings=models.PyTorchSettings(python_script_file_path='/opt/fit.py', process_count=1)"
    )
    return (
        "parameters = models.JobCreateParameters(cluster=models.ResourceId(id=cluster.id), node_count=1, "
        f"container_settings={IMAGE}, {more}{torch})\n"
        f"run = client.jobs.create('rg', 'work', 'exp', {name}, parameters).result()\n"
    )


POLL = """
status = 'queued'
while status in ('queued', 'running'):
    status = client.jobs.get('rg', 'work', 'exp', 'job').execution_state.value
if status != 'succeeded':
    raise RuntimeError(status)
"""
GUARDED = """
from msrestazure.azure_exceptions import CloudError
try:
    client.experiments.get('rg', 'work', 'exp')
except CloudError as error:
    if error.status_code != 404:
        raise
    client.experiments.create('rg', 'work', 'exp').result()
"""
BRANCH = """
for count in (1, 2):
    parameters = models.JobCreateParameters(
        cluster=models.ResourceId(id=cluster.id), node_count=count, container_settings=IMAGE,
        py_torch_settings=models.PyTorchSettings(python_script_file_path='/opt/fit.py', process_count=count))
    if count > 1:
        parameters.py_torch_settings.communication_backend = 'nccl'
    client.jobs.create('rg', 'work', 'exp', 'job%d' % count, parameters).result()
""".replace("IMAGE", IMAGE)
UPLOADS = """
from azure.storage.blob import BlockBlobService
service = BlockBlobService('account', os.environ['KEY'])
for name in ['train.txt', 'fit.py']:
    service.create_blob_from_path('data', 'mnist/' + name, name)
""" + job(
    "mount_volumes=models.MountVolumes(azure_blob_file_systems=[models.AzureBlobFileSystemReference("
    "account_name='account', container_name='data', relative_mount_path='bfs', "
    "credentials=models.AzureStorageCredentialsInfo(account_key=os.environ['KEY']))]), ",
    "py_torch_settings=models.PyTorchSettings("
    "python_script_file_path='$AZ_BATCHAI_JOB_MOUNT_ROOT/bfs/mnist/fit.py', process_count=1, "
    "command_line_args='--data $AZ_BATCHAI_JOB_MOUNT_ROOT/bfs/mnist')",
)
FOLDER = UPLOADS.replace(
    "for name in ['train.txt', 'fit.py']:\n    service.create_blob_from_path('data', 'mnist/' + name, name)",
    "for name in os.listdir('code'):\n"
    "    service.create_blob_from_path('data', 'mnist/' + name, os.path.join('code', name))",
)


@pytest.mark.parametrize(
    ("text", "there", "gone"),
    [
        (job() + POLL, ["status in ('Queued', 'NotStarted'", "!= 'Completed'", "status = 'Queued'"], ["'queued'"]),
        (GUARDED + job(), ["experiment = Experiment(ws, name='exp')", "experiment.submit("], ["experiment_2"]),
        (BRANCH, ["Nccl() if ('nccl' if count > 1 else None) == 'nccl' else Gloo()"], ["communication_backend"]),
        (UPLOADS, ["service.create_blob_from_path('data', 'mnist/' + name, name)"], []),
        (FOLDER, ["source_directory='code'", "entry_script='fit.py'"], ["TODO"]),
        (
            UPLOADS.replace("container_name='data'", "container_name=forgotten_name"),
            ["container_name=forgotten_name"],
            ["models."],
        ),
        (
            job("constraints=models.JobPropertiesConstraints(max_wall_clock_time='P1D'), "),
            ["max_run_duration_seconds=86400"],
            ["604800"],
        ),
        (
            job("environment_variables=[models.EnvironmentVariable(name=n, value=os.environ[n]) for n in ('A', 'B')], "),
            ["environment_variables={n: os.environ[n] for n in ('A', 'B')}"],
            [],
        ),
        (
            job().replace(".result()", "") + "while not run.done():\n    run.wait(10)\nprint(run.status())\n",
            ["print('Succeeded')"],
            ["done()"],
        ),
        (
            (HEAD + job()).replace("import BatchAIManagementClient, models", "import BatchAIManagementClient")
            .replace("client =", "from azure.mgmt import batchai\nmodels = batchai.models\nclient =", 1),
            ["PyTorch("],
            ["batchai.models"],
        ),
    ],
)  # fmt: skip
def test_idiom(tmp_path: Path, run: Callable[..., Done], text: str, there: list[str], gone: list[str]) -> None:
    source = tmp_path / "in"
    (source / "code").mkdir(parents=True)
    for name in ("fit.py", "code/fit.py", "train.txt"):
        (source / name).write_text("print('x')\n")
    (source / "main.py").write_text(text if "import os" in text else HEAD + text)
    done = run("convert", ".", "--output", str(tmp_path / "out"), cwd=source)
    assert done.status in (0, 1), done.out + done.err
    code = (tmp_path / "out" / "main.py").read_text()
    ast.parse(code)
    assert [part for part in there if part not in code] == [], code
    assert [part for part in gone if part in code] == [], code


def test_a_file_beside_the_program_is_found_through_its_own_path(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "settings.yml").write_text("group: research\n")
    text = "import yaml\nhere = os.path.dirname(os.path.abspath(__file__))\n"
    text += "with open(os.path.join(here, 'settings.yml')) as handle:\n    settings = yaml.safe_load(handle)\n"
    (tmp_path / "main.py").write_text(HEAD + text + "client.workspaces.get(settings['group'], 'work')\n")
    assert '"resource_group": "research"' in run("scan", ".", "--output-format", "json", cwd=tmp_path).out


def test_a_package_is_found_by_its_folder(tmp_path: Path, run: Callable[..., Done]) -> None:
    package = tmp_path / "jobs"
    package.mkdir()
    (package / "__init__.py").write_text("from .base import connect\n")
    (package / "base.py").write_text(
        "from azure.mgmt.batchai import BatchAIManagementClient\n\n\n"
        "def connect():\n    return BatchAIManagementClient(None, 's')\n"
    )
    (tmp_path / "main.py").write_text("from jobs import connect\n\nconnect().clusters.delete('rg', 'work', 'nc6')\n")
    assert "clusters.delete" in run("scan", ".", "--output-format", "json", cwd=tmp_path).out


SETTINGS = {
    "yaml": ("import yaml\nsettings = yaml.safe_load(open('settings'))\n", "storage:\n  account: acc\n  key: {key}\n"),
    "ini": (
        "import configparser\nsettings = configparser.ConfigParser()\nsettings.read('settings')\n",
        "[storage]\naccount = acc\nkey = {key}\n",
    ),
}


@pytest.mark.parametrize("kind", SETTINGS)
def test_secrets_of_settings_files_come_from_the_environment(
    tmp_path: Path, run: Callable[..., Done], kind: str
) -> None:
    code, settings = SETTINGS[kind]
    key = "bm90LWEtcmVhbC1rZXk" * 4 + "Zm9yMTIzNA=="
    source = tmp_path / "in"
    source.mkdir()
    (source / "settings").write_text(settings.format(key=key))
    (source / "fit.py").write_text("print('x')\n")
    mount = (
        "mount_volumes=models.MountVolumes(azure_file_shares=[models.AzureFileShareReference(account_name='acc', "
        "azure_file_url='https://acc.file.core.windows.net/data', relative_mount_path='data', "
        "credentials=models.AzureStorageCredentialsInfo(account_key=settings['storage']['key']))]), "
    )
    (source / "main.py").write_text(HEAD + code + job(mount) + "print(settings['storage']['key'])\n")
    run("convert", ".", "--output", str(tmp_path / "out"), cwd=source)
    new = (tmp_path / "out" / "main.py").read_text()
    assert new.endswith("print(os.environ['AZURE_BATCHAI_STORAGE_KEY'])\n")
    assert "key: MASKED" in (tmp_path / "out" / "settings").read_text().replace("key = ", "key: ")


SHARE = (
    "mount_volumes=models.MountVolumes(azure_file_shares=[models.AzureFileShareReference(account_name={account}, "
    "azure_file_url={url}, relative_mount_path='data', "
    "credentials=models.AzureStorageCredentialsInfo(account_key=os.environ['KEY']))]), "
    "input_directories=[models.InputDirectory(id='IN', path='$AZ_BATCHAI_JOB_MOUNT_ROOT/data/in')], "
    "py_torch_settings=models.PyTorchSettings(python_script_file_path='/opt/fit.py', process_count=1, "
    "command_line_args='--data $AZ_BATCHAI_INPUT_IN')"
)


@pytest.mark.parametrize(
    ("text", "account", "url", "there"),
    [
        (
            "def address(share):\n    return 'https://{}.file.core.windows.net/{}'.format(os.environ['A'], share)\n",
            "os.environ['A']",
            "address(os.environ['S'])",
            ["file_share_name=address(os.environ['S']).split('/')[3]", "account_name=os.environ['A']"],
        ),
        (
            "from azure.storage.file import FileService\nfiles = FileService(os.environ['A'], os.environ['KEY'])\n"
            "files.create_directory('share', 'x')\n",
            "files.account_name",
            "'https://%s.file.core.windows.net/share' % files.account_name",
            ["file_share_name='share'", "account_name=files.account_name"],
        ),
    ],
)
def test_shares_whose_address_is_put_together(
    tmp_path: Path, run: Callable[..., Done], text: str, account: str, url: str, there: list[str]
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "fit.py").write_text("print('x')\n")
    (source / "main.py").write_text(HEAD + text + job(settings=SHARE.format(account=account, url=url)))
    run("convert", ".", "--output", str(tmp_path / "out"), cwd=source)
    code = (tmp_path / "out" / "main.py").read_text()
    assert [part for part in there if part not in code] == [], code


MOUNTS = """
def mount(account, key, name):
    return models.AzureBlobFileSystemReference(
        account_name=account, container_name=name, relative_mount_path=name,
        credentials=models.AzureStorageCredentialsInfo(account_key=key))


def parameters(cluster, settings):
    return models.JobCreateParameters(
        cluster=models.ResourceId(id=cluster.id), node_count=1, container_settings=IMAGE,
        mount_volumes=models.MountVolumes(azure_blob_file_systems=[
            mount(settings.account, settings.key, name) for name in ('images', 'models')]),
        py_torch_settings=models.PyTorchSettings(
            python_script_file_path='/opt/fit.py', process_count=1,
            command_line_args='--a $AZ_BATCHAI_JOB_MOUNT_ROOT/images/x --b $AZ_BATCHAI_JOB_MOUNT_ROOT/models/y'))


def main(settings):
    client.jobs.create('rg', 'work', 'exp', 'a', parameters(cluster, settings)).result()


main(load())
""".replace("IMAGE", IMAGE)


def test_values_are_followed_through_the_functions_that_build_a_job(tmp_path: Path, run: Callable[..., Done]) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "fit.py").write_text("print('x')\n")
    (source / "main.py").write_text(HEAD + "from settings import load\n" + MOUNTS)
    run("convert", ".", "--output", str(tmp_path / "out"), cwd=source)
    code = (tmp_path / "out" / "main.py").read_text()
    assert code.count("account_name=settings.account") == 2
    assert "container_name='images'" in code
    assert "container_name='models'" in code


def test_runs_of_a_comprehension_keep_their_names(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "fit.py").write_text("print('x')\n")
    text = job().split("run = ")[0] + (
        "runs = {n: client.jobs.create('rg', 'work', 'exp', n, parameters).result() for n in ('a', 'b')}\n"
    )
    (tmp_path / "in" / "main.py").write_text(HEAD + text)
    run("convert", ".", "--output", str(tmp_path / "out"), cwd=tmp_path / "in")
    code = (tmp_path / "out" / "main.py").read_text()
    assert "runs = {n: submit(parameters, n) for n in ('a', 'b')}" in code
    assert "    run.display_name = name\n    return run\n" in code


def test_jobs_of_old_versions_are_looked_up_where_they_were_sent(tmp_path: Path, run: Callable[..., Done]) -> None:
    text = job("experiment_name='trial', ").replace("'rg', 'work', 'exp', 'job', parameters", "'rg', 'job', parameters")
    (tmp_path / "fit.py").write_text("print('x')\n")
    (tmp_path / "main.py").write_text(HEAD.replace("'rg', 'work', 'nc6'", "'rg', 'nc6'") + text)
    (tmp_path / "look.py").write_text(
        "from main import client\n\n\ndef look(name):\n    return client.jobs.get('rg', name).execution_state\n"
    )
    run("convert", ".", "--write", cwd=tmp_path)
    assert "Experiment(client, name='trial')" in (tmp_path / "look.py").read_text()


CLASSES = """
class Base(abc.ABC):
    @abc.abstractmethod
    def toolkit(self):
        pass

    def parameters(self):
        return models.JobCreateParameters(
            cluster=models.ResourceId(id=cluster.id), node_count=1, container_settings=IMAGE,
            py_torch_settings=self.toolkit())

    def submit(self, name):
        client.jobs.create('rg', 'work', 'exp', name, self.parameters()).result()


class Fit(Base):
    def toolkit(self):
        return models.PyTorchSettings(python_script_file_path='/opt/fit.py', process_count=1)


Fit().submit('a')
""".replace("IMAGE", IMAGE)


def test_methods_that_subclasses_give_are_not_taken_out(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "fit.py").write_text("print('x')\n")
    (tmp_path / "main.py").write_text("import abc\n" + HEAD + CLASSES)
    done = run("convert", ".", "--write", cwd=tmp_path)
    assert "'toolkit' is what subclasses give" in done.out + done.err
    assert (tmp_path / "main.py").read_text() == "import abc\n" + HEAD + CLASSES


def test_folders_are_seen_from_around_a_package(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "in" / "sender").mkdir(parents=True)
    (tmp_path / "in" / "code").mkdir()
    (tmp_path / "in" / "code" / "fit.py").write_text("print('x')\n")
    (tmp_path / "in" / "sender" / "__init__.py").write_text("")
    (tmp_path / "in" / "sender" / "__main__.py").write_text(HEAD + job())
    run("convert", ".", "--output", str(tmp_path / "out"), cwd=tmp_path / "in")
    assert "source_directory='code'" in (tmp_path / "out" / "sender" / "__main__.py").read_text()
    assert (tmp_path / "out" / ".azureml" / "config.json").exists()


def test_a_quota_that_a_datastore_cannot_give_is_said(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "main.py").write_text(
        HEAD + "from azure.storage.file import FileService\n"
        "FileService('acc', os.environ['KEY']).create_share('share', quota=50)\n"
    )
    found = json.loads(run("scan", ".", "--output-format", "json", cwd=tmp_path).out)["ledger"]
    assert [entry["disposition"] for entry in found if entry["path"] == "quota"] == ["changed"]


def test_reads_of_the_environment_may_stand_anywhere(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "main.py").write_text(
        "import os\nfrom azure.mgmt.batchai import BatchAIManagementClient\n\n\n"
        "def connect(settings):\n    return BatchAIManagementClient(None, settings['subscription'])\n\n\n"
        "def prepare(client):\n    client.workspaces.create('rg', 'work', 'eastus').result()\n\n\n"
        "prepare(connect({'subscription': os.environ['SUBSCRIPTION']}))\n"
    )
    run("convert", ".", "--write", cwd=tmp_path)
    assert "subscription_id=os.environ['SUBSCRIPTION']," in (tmp_path / "main.py").read_text()
