"""What custom command lines start: processes, script, words, environment, and what stays a command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.toolkits import Launch, launch
from batchai2aml.text import Text
from batchai2aml.values import Literal
from tests.conftest import Done

INTEL = "source /opt/intel/compilers_and_libraries_2017.4.196/linux/mpi/intel64/bin/mpivars.sh"


def started(line: str) -> Launch:
    path = "properties.customToolkitSettings.commandLine"
    return launch(Body({path: Given(Literal(line), None, Text.literal(line))}), False)


def known(given: Given | None) -> str | None:
    return None if given is None else given.known


@pytest.mark.parametrize(
    ("line", "script", "words", "total", "per_node"),
    [
        ("python fit.py --lr 1", "fit.py", "--lr 1", None, None),
        ("mpirun -n 2 -ppn 1 -hosts $AZ_BATCH_HOST_LIST python fit.py --a 1", "fit.py", "--a 1", "2", "1"),
        (f"{INTEL}; mpirun -n 4 -env I_MPI_FABRICS=dapl python -u fit.py", "fit.py", "", "4", None),
        ("mpirun --allow-run-as-root --hostfile $AZ_BATCHAI_MPI_HOST_FILE python3 fit.py", "fit.py", "", None, None),
        ("mpirun -mca btl_tcp_if_exclude docker0,lo -np 8 --bind-to none python fit.py", "fit.py", "", "8", None),
        ("horovodrun -np 4 -H localhost:4 python fit.py", "fit.py", "", "4", None),
        ('bash -c "mpiexec -np 8 --map-by ppr:4:node python fit.py -v"', "fit.py", "-v", "8", "4"),
    ],
)
def test_a_script_is_found(line: str, script: str, words: str, total: str | None, per_node: str | None) -> None:
    found = started(line)
    assert found.script is not None
    assert found.script.known == script
    assert " ".join(word.known or "?" for word in found.words) == words
    assert (known(found.processes), known(found.per_node)) == (total, per_node)
    assert found.mpi == ("mpi" in line or "horovodrun" in line)


@pytest.mark.parametrize(
    ("line", "command", "total"),
    [
        ("./solver input.dat", "./solver input.dat", None),
        ("mpirun -n 16 -ppn 8 ./solver input.dat", "./solver input.dat", "16"),
        ("cd $AZ_BATCHAI_MOUNT_ROOT/x && mpirun -np 2 ./run", "cd $AZ_BATCHAI_MOUNT_ROOT/x && ./run", "2"),
        ('bash -c "source activate py35; mpirun -n 2 python a.py"', "source activate py35; python a.py", "2"),
        ('mpirun -n 2 ./run "two words"', './run "two words"', "2"),
    ],
)
def test_a_command_stays_a_command(line: str, command: str, total: str | None) -> None:
    found = started(line)
    assert found.command is not None
    assert found.command.known == command
    assert known(found.processes) == total


@pytest.mark.parametrize(
    "line",
    [
        "mpirun -n 1 ./master : -n 2 ./worker",
        "mpirun -np $(($NODES * 2)) python fit.py",
        "mpirun -n 2 python fit.py > log.txt",
        "mpirun --new-option 3 python fit.py",
        "mpirun -x KEY=$AZ_BATCHAI_TASK_INDEX python fit.py",
    ],
)
def test_what_cannot_be_taken_apart_stays_whole(line: str) -> None:
    found = started(line)
    assert found.command is not None
    assert found.command.known == line
    assert [note.rule for note in found.notes] == ["BAI509"]


def test_environment_and_what_is_left_out() -> None:
    found = started("mpirun -n 2 -x NCCL_DEBUG=INFO -x PATH -genv I_MPI_FABRICS dapl -genv SEED 7 python fit.py")
    assert [(name, value.known) for name, value in found.environment] == [("NCCL_DEBUG", "INFO"), ("SEED", "7")]
    assert [(note.rule, note.detail) for note in found.notes] == [("BAI510", "left out: I_MPI_FABRICS=dapl")]


def test_words_known_only_to_the_run_bind_every_mount(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "go.py").write_text(
        "import sys\nfrom azure.mgmt.batchai import BatchAIManagementClient, models as m\n"
        "client = BatchAIManagementClient(None, 's')\n"
        "args = '--data $AZ_BATCHAI_JOB_MOUNT_ROOT/afs/data'\n"
        "if len(sys.argv) > 1:\n    args += ' --debug'\n"
        "job = m.JobCreateParameters(\n"
        "    cluster=m.ResourceId(id=client.clusters.get('g', 'w', 'gpu').id), node_count=1,\n"
        "    mount_volumes=m.MountVolumes(azure_file_shares=[m.AzureFileShareReference(account_name='a',\n"
        "        azure_file_url='https://a.file.core.windows.net/s', relative_mount_path='afs')]),\n"
        "    chainer_settings=m.ChainerSettings(python_script_file_path='t.py', command_line_args=args))\n"
        "client.jobs.create('g', 'w', 'e', 'j', job)\n"
    )
    (tmp_path / "t.py").write_text("print(1)\n")
    run("convert", ".", "--write", cwd=tmp_path)
    text = (tmp_path / "go.py").read_text()
    assert "'--bai-mount-afs': bai_afs.path(" in text
    assert "*shlex.split(args)," in text
    assert "args = '--data" in text
    assert "args += ' --debug'" in text
