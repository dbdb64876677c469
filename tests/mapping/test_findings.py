"""When a finding is raised, and when it is not: each rule with a program that earns it and one that does not."""

from __future__ import annotations

import pytest

from tests.reading import ledger, operations

HEAD = """
from azure.mgmt.batchai import BatchAIManagementClient, models
from azure.storage.file import FileService
client = BatchAIManagementClient(None, 's')
service = FileService('account', 'key')
"""
MOUNT = (
    "models.AzureFileShareReference(account_name='a', azure_file_url='https://a.file.core.windows.net/s', "
    "credentials=models.AzureStorageCredentialsInfo(account_key=KEY), relative_mount_path={0!r})"
)


def job(more: str = "", args: str = "", mounts: str = "afs", nodes: int = 1, toolkit: str = "") -> str:
    """A job with one share, one input and one output."""
    shares = ", ".join(MOUNT.format(name) for name in mounts.split())
    settings = toolkit or (
        "tensor_flow_settings=models.TensorFlowSettings(python_script_file_path='$AZ_BATCHAI_INPUT_CODE/train.py', "
        f"master_command_line_args={args!r})"
    )
    root = "$AZ_BATCHAI_JOB_MOUNT_ROOT/afs"
    return HEAD + (
        "KEY = input()\n"
        "client.jobs.create('rg', 'space', 'exp', 'job', models.JobCreateParameters("
        f"cluster=models.ResourceId(id={CLUSTER_ID!r}), "
        f"node_count={nodes}, mount_volumes=models.MountVolumes(azure_file_shares=[{shares}]), "
        f"input_directories=[models.InputDirectory(id='CODE', path='{root}/code'), "
        f"models.InputDirectory(id='DATA', path='{root}/data')], "
        f"output_directories=[models.OutputDirectory(id='OUT', path_prefix='{root}', path_suffix='out')], "
        f"{settings}, {more}))"
    )


def cluster(more: str, name: str = "nc6") -> str:
    """The creation of a cluster."""
    scale = "scale_settings=models.ScaleSettings(manual=models.ManualScaleSettings(target_node_count=1))"
    given = f"models.ClusterCreateParameters(vm_size='Standard_NC6', {scale}, {more})"
    return f"client.clusters.create('rg', 'space', {name!r}, {given})\n"


def workspace(name: str, location: str) -> str:
    """The creation of a workspace."""
    return HEAD + f"client.workspaces.create('rg', {name!r}, {location!r})\n"


def download(name: str) -> str:
    """A file that is fetched from a share."""
    return HEAD + f"service.get_file_to_path('s', 'd', {name!r}, 'x')\n"


def rules(text: str, **files: str) -> set[str]:
    """The rules that a program raises."""
    return {found.rule for found in ledger(operations(text), **files).findings}


ACCOUNT = (
    "user_account_settings=models.UserAccountSettings(admin_user_name='me', admin_user_ssh_public_key='ssh-rsa x')"
)
CLUSTER_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.BatchAI/workspaces/space/clusters/c"
DELETE = "client.clusters.delete('rg', 'space', 'nc6')\n"
NO_NODES = "models.ScaleSettings(manual=models.ManualScaleSettings(target_node_count=0))"
UPDATE = f"client.clusters.update('rg', 'space', 'nc6', {NO_NODES})\n"
DATA = "--d $AZ_BATCHAI_INPUT_DATA"
NETWORK = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/training"
PLAIN = "print('training')"
OUT = "models.OutputDirectory(id='{0}', path_prefix='$AZ_BATCHAI_JOB_MOUNT_ROOT/afs', path_suffix='{1}')"
WORKERS = (
    "tensor_flow_settings=models.TensorFlowSettings(python_script_file_path='$AZ_BATCHAI_INPUT_CODE/train.py', "
    "worker_count={0}, parameter_server_count=1, worker_command_line_args='--d $AZ_BATCHAI_INPUT_DATA')"
)
IMAGE = "container_settings=models.ContainerSettings(image_source_registry=models.ImageSourceRegistry(image={0!r}))"


def variables(name: str) -> str:
    """An environment variable of a job."""
    return f"environment_variables=[models.EnvironmentVariable(name={name!r}, value='1')]"


@pytest.mark.parametrize(
    ("rule", "earns", "does_not"),
    [
        ("BAI124", HEAD + cluster(f"subnet=models.ResourceId(id={NETWORK!r}), {ACCOUNT}"), HEAD + cluster(ACCOUNT)),
        (
            "BAI126",
            HEAD + "S = input()\n" + cluster("subnet=models.ResourceId(id=S)"),
            HEAD + cluster(f"subnet=models.ResourceId(id={NETWORK!r})"),
        ),
        ("BAI141", workspace("_w", "eastus"), workspace("work", "eastus")),
        ("BAI601", HEAD + cluster("", "my_cluster"), HEAD + cluster("", "my-cluster")),
        (
            "BAI602",
            HEAD + cluster("", "a_b_c") + cluster("", "a-b_c"),
            HEAD + cluster("", "a_b_c") + cluster("", "a_b_d"),
        ),
        ("BAI603", workspace("work", "eastus2euap"), workspace("work", "West Europe")),
        (
            "BAI614",
            HEAD.replace("None, 's'", "None, 's', base_url='https://management.chinacloudapi.cn'"),
            HEAD.replace("None, 's'", "None, 's', base_url='https://management.azure.com'"),
        ),
        ("BAI727", HEAD + cluster("") + DELETE + UPDATE, HEAD + cluster("") + UPDATE + DELETE),
        ("BAI815", HEAD + cluster("") + cluster(""), HEAD + cluster("") + DELETE + cluster("")),
        ("BAI217", download("stdout-wk-0.txt"), download("stdout.md")),
        ("BAI232", job().replace("workspaces/space/", "workspaces/other/"), job()),
        (
            "BAI309",
            job(args=DATA).replace("path='$AZ_BATCHAI_JOB_MOUNT_ROOT/afs/data'", "path=input()"),
            job(args=DATA),
        ),
        ("BAI313", job(mounts="afs afs"), job(mounts="afs afs2")),
        (
            "BAI314",
            job(args="--output_dir $AZ_BATCHAI_INPUT_DATA/x"),
            job(args="--model_path $AZ_BATCHAI_INPUT_DATA/x"),
        ),
        ("BAI327", job().replace("afs/data", "afs/../../data"), job().replace("afs/data", "afs/x/../data")),
        (
            "BAI409",
            job(args="--files $AZ_BATCHAI_INPUT_DATA/*.csv"),
            job(args="--files '$AZ_BATCHAI_INPUT_DATA/*.csv'"),
        ),
        ("BAI410", job(args="--files $AZ_BATCHAI_INPUT_DATA/*.csv"), job(args="--n 1 > log")),
        ("BAI413", job(args="--name 'a"), job(args="--name 'a'")),
        ("BAI416", job(args="--name '${{x}}'"), job(args="--name '${x}'")),
        ("BAI417", job(variables("AZUREML_X")), job(variables("MY_AZUREML_X"))),
        ("BAI419", job(args="--from $AZ_BATCHAI_PREV_OUTPUT_MODEL"), job(args="--from $AZ_BATCHAI_INPUT_DATA")),
        ("BAI505", job(toolkit=WORKERS.format(3), nodes=2), job(toolkit=WORKERS.format(2), nodes=2)),
    ],
)
def test_raised(rule: str, earns: str, does_not: str) -> None:
    assert rule in rules(earns)
    assert rule not in rules(does_not)


@pytest.mark.parametrize(
    ("rule", "script", "other"),
    [
        ("BAI224", PLAIN, "import os; os.environ['AZ_BATCHAI_INPUT_DATA']"),
        ("BAI316", "import h5py; h5py.File(path, 'a')", "import h5py; h5py.File(path, 'r')"),
        ("BAI504", "import os; os.environ['TF_CONFIG']; 'master'", "import os; os.environ['TF_CONFIG']; 'worker'"),
        ("BAI403", "import os; os.environ['AZ_BATCHAI_INPUT_DATA']", PLAIN),
    ],
)
def test_raised_by_the_script(rule: str, script: str, other: str) -> None:
    assert rule in rules(job(), train__py=script)
    assert rule not in rules(job(), train__py=other)


def test_an_unseen_script_may_read_anything() -> None:
    assert "BAI224" not in rules(job())


def test_outputs_in_one_place() -> None:
    end = "path_suffix='out')]"
    assert "BAI219" in rules(job().replace(end, f"path_suffix='out'), {OUT.format('O2', 'out')}]"))
    assert "BAI219" not in rules(job().replace(end, f"path_suffix='out'), {OUT.format('O2', 'other')}]"))


def test_default_interpreter() -> None:
    assert "BAI518" in rules(job(IMAGE.format("tensorflow/tensorflow:1.8.0-gpu")))
    assert "BAI518" not in rules(job(IMAGE.format("tensorflow/tensorflow:1.8.0-gpu-py3")))


def test_unused_mount_of_a_cluster() -> None:
    volumes = f"models.MountVolumes(azure_file_shares=[{MOUNT.format('cafs')}])"
    made = "\n" + cluster(f"node_setup=models.NodeSetup(mount_volumes={volumes})")
    assert "BAI120" in rules(job() + made)
    assert "BAI120" not in rules(job().replace("JOB_MOUNT_ROOT/afs/data", "MOUNT_ROOT/cafs/data") + made)


def test_arguments_beside_the_body_are_accounted_for() -> None:
    text = HEAD + (
        "client.jobs.list_output_files('rg', 'space', 'exp', 'job', "
        "models.JobsListOutputFilesOptions(outputdirectoryid='OUT', max_results=3), custom_headers={'a': 'b'}, raw=True)"
    )
    entries = {e.path: (e.disposition, e.rules) for e in ledger(operations(text)).entries if e.kind == "name"}
    options = "jobs_list_output_files_options"
    assert entries[f"{options}.outputdirectoryid"] == ("changed", ("BAI704",))
    assert entries[f"{options}.maxResults"] == ("changed", ("BAI703",))
    assert entries["custom_headers.a"] == ("dropped", ("BAI709",))
    assert entries["raw"] == ("dropped", ("BAI709",))
