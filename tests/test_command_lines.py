"""
The command lines of custom toolkits, as a table.

Every row was worked out by hand: the nodes that the run has, the processes on each (None where nothing is distributed),
whether the program is started directly or by the launcher, the program, its arguments, its environment, the findings.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.command_lines import Outcome, outcome


@dataclass(frozen=True)
class Asked:
    """What the job asks for beside its command line."""

    nodes: int
    toolkit: str = "customToolkit"
    processes: int | None = None


ROWS: list[tuple[str, Asked, Outcome]] = [
    (
        "python $AZ_BATCHAI_JOB_MOUNT_ROOT/s/scripts/train.py --data $AZ_BATCHAI_INPUT_DATA --epochs 5",
        Asked(nodes=1),
        Outcome("1", None, "direct", "scripts/train.py", ("--data", "input:DATA", "--epochs", "5"), (), ("BAI521",)),
    ),
    (
        "python3 -u $AZ_BATCHAI_INPUT_SCRIPT/train.py $AZ_BATCHAI_INPUT_DATA $AZ_BATCHAI_OUTPUT_MODEL",
        Asked(nodes=1),
        Outcome("1", None, "direct", "scripts/train.py", ("input:DATA", "output:MODEL"), (), ("BAI521",)),
    ),
    (
        'bash -c "python $AZ_BATCHAI_INPUT_SCRIPT/train.py --lr 0.1"',
        Asked(nodes=1),
        Outcome("1", None, "direct", "scripts/train.py", ("--lr", "0.1"), (), ("BAI521",)),
    ),
    (
        "/bin/bash -c 'python $AZ_BATCHAI_INPUT_SCRIPT/train.py'",
        Asked(nodes=1),
        Outcome("1", None, "direct", "scripts/train.py", (), (), ("BAI521",)),
    ),
    (
        "LR=0.1 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=1),
        Outcome("1", None, "direct", "scripts/train.py", (), ("LR=0.1",), ("BAI521",)),
    ),
    (
        "CUDA_VISIBLE_DEVICES=0,1 OMP_NUM_THREADS=4 python $AZ_BATCHAI_INPUT_SCRIPT/train.py --x 1",
        Asked(nodes=1),
        Outcome(
            "1",
            None,
            "direct",
            "scripts/train.py",
            ("--x", "1"),
            ("CUDA_VISIBLE_DEVICES=0,1", "OMP_NUM_THREADS=4"),
            ("BAI521",),
        ),
    ),
    (
        "export PYTHONPATH=/opt/lib; python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=1),
        Outcome("1", None, "direct", "scripts/train.py", (), ("PYTHONPATH=/opt/lib",), ("BAI521",)),
    ),
    (
        "export A=1 B=2 && python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=1),
        Outcome("1", None, "direct", "scripts/train.py", (), ("A=1", "B=2"), ("BAI521",)),
    ),
    (
        "export OUT=$AZ_BATCHAI_OUTPUT_MODEL; python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=1),
        Outcome(
            "1", None, "launcher", "export OUT=$AZ_BATCHAI_OUTPUT_MODEL; python train.py", (), (), ("BAI409", "BAI521")
        ),
    ),
    (
        "cd $AZ_BATCHAI_INPUT_SCRIPT; python train.py --epochs 3",
        Asked(nodes=1),
        Outcome("1", None, "direct", "scripts/train.py", ("--epochs", "3"), (), ("BAI521",)),
    ),
    (
        "cd $AZ_BATCHAI_JOB_MOUNT_ROOT/s/scripts && python3 sub/fit.py --data $AZ_BATCHAI_INPUT_DATA",
        Asked(nodes=1),
        Outcome(
            "1",
            None,
            "launcher",
            "cd $AZ_BATCHAI_JOB_MOUNT_ROOT/s/scripts && python3 sub/fit.py --data $AZ_BATCHAI_INPUT_DATA",
            (),
            (),
            ("BAI409", "BAI415"),
        ),
    ),
    (
        "cd /tmp && python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "cd /tmp && python $AZ_BATCHAI_INPUT_SCRIPT/train.py", (), (), ("BAI409",)),
    ),
    (
        "source activate py36 && python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "source activate py36 && python train.py", (), (), ("BAI409", "BAI521")),
    ),
    (
        "pip install keras; python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "pip install keras; python train.py", (), (), ("BAI409", "BAI521")),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py 2>&1 | tee $AZ_BATCHAI_OUTPUT_MODEL/log.txt",
        Asked(nodes=1),
        Outcome(
            "1",
            None,
            "launcher",
            "python train.py 2>&1 | tee $AZ_BATCHAI_OUTPUT_MODEL/log.txt",
            (),
            (),
            ("BAI409", "BAI521"),
        ),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py > /dev/null",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "python train.py > /dev/null", (), (), ("BAI409", "BAI521")),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py --files *.csv",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "python train.py --files *.csv", (), (), ("BAI409", "BAI521")),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py --name 'a b' --flag",
        Asked(nodes=1),
        Outcome("1", None, "direct", "scripts/train.py", ("--name", "a b", "--flag"), (), ("BAI521",)),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py; python $AZ_BATCHAI_INPUT_SCRIPT/sub/fit.py",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "python train.py; python sub/fit.py", (), (), ("BAI409", "BAI521")),
    ),
    (
        "python -m trainer.task --epochs 1",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "python -m trainer.task --epochs 1", (), (), ()),
    ),
    (
        'python -c "import torch; print(torch.__version__)"',
        Asked(nodes=1),
        Outcome("1", None, "launcher", 'python -c "import torch; print(torch.__version__)"', (), (), ()),
    ),
    (
        "bash $AZ_BATCHAI_INPUT_SCRIPT/run.sh 5",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "bash run.sh 5", (), (), ("BAI521",)),
    ),
    (
        "sh $AZ_BATCHAI_JOB_MOUNT_ROOT/s/scripts/run.sh",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "sh run.sh", (), (), ("BAI521",)),
    ),
    (
        "$AZ_BATCHAI_INPUT_SCRIPT/run.sh --x",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "bash run.sh --x", (), (), ("BAI521",)),
    ),
    (
        "bash $AZ_BATCHAI_INPUT_SCRIPT/launch_mpi.sh",
        Asked(nodes=2),
        Outcome("2", "1", "launcher", "bash launch_mpi.sh", (), (), ("BAI509", "BAI521", "BAI524")),
    ),
    (
        "Rscript $AZ_BATCHAI_INPUT_SCRIPT/model.R $AZ_BATCHAI_INPUT_DATA",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "Rscript model.R $AZ_BATCHAI_INPUT_DATA", (), (), ("BAI521",)),
    ),
    (
        "jupyter nbconvert --to notebook --execute $AZ_BATCHAI_INPUT_SCRIPT/report.ipynb --output-dir $AZ_BATCHAI_OUTPUT_MODEL",
        Asked(nodes=1),
        Outcome(
            "1",
            None,
            "launcher",
            "jupyter nbconvert --to notebook --execute report.ipynb --output-dir $AZ_BATCHAI_OUTPUT_MODEL",
            (),
            (),
            ("BAI521",),
        ),
    ),
    (
        "papermill $AZ_BATCHAI_INPUT_SCRIPT/report.ipynb $AZ_BATCHAI_OUTPUT_MODEL/out.ipynb -p epochs 5",
        Asked(nodes=1),
        Outcome(
            "1",
            None,
            "launcher",
            "papermill report.ipynb $AZ_BATCHAI_OUTPUT_MODEL/out.ipynb -p epochs 5",
            (),
            (),
            ("BAI521",),
        ),
    ),
    (
        "$AZ_BATCHAI_JOB_MOUNT_ROOT/s/bin/solver -i $AZ_BATCHAI_INPUT_DATA/mesh.bin",
        Asked(nodes=1),
        Outcome(
            "1",
            None,
            "launcher",
            "$AZ_BATCHAI_JOB_MOUNT_ROOT/s/bin/solver -i $AZ_BATCHAI_INPUT_DATA/mesh.bin",
            (),
            (),
            ("BAI415",),
        ),
    ),
    (
        "/opt/app/bin/solver --threads 8",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "/opt/app/bin/solver --threads 8", (), (), ()),
    ),
    (
        "nvidia-smi",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "nvidia-smi", (), (), ()),
    ),
    (
        "python /opt/app/train.py --x 1",
        Asked(nodes=1),
        Outcome("1", None, "direct", "scripts/train.py", ("--x", "1"), (), ("BAI521",)),
    ),
    (
        "python /opt/app/serve.py --x 1",
        Asked(nodes=1),
        Outcome("1", None, "launcher", ".//opt/app/serve.py", ("--x", "1"), (), ("BAI522",)),
    ),
    (
        "time python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "time python train.py", (), (), ("BAI521",)),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/reads.py --n 1",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "scripts/reads.py", ("--n", "1"), (), ("BAI403", "BAI521")),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py --data=$AZ_BATCHAI_INPUT_DATA --out=$AZ_BATCHAI_OUTPUT_MODEL",
        Asked(nodes=1),
        Outcome(
            "1", None, "direct", "scripts/train.py", ("--data", "input:DATA", "--out", "output:MODEL"), (), ("BAI521",)
        ),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py --d $AZ_BATCHAI_INPUT_DATA/train --d $AZ_BATCHAI_INPUT_DATA/val",
        Asked(nodes=1),
        Outcome(
            "1",
            None,
            "launcher",
            "scripts/train.py",
            ("--d", "input:DATA_train", "--d", "$AZ_BATCHAI_INPUT_DATA/val"),
            (),
            ("BAI411", "BAI521"),
        ),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py --tmp $AZ_BATCHAI_JOB_TEMP",
        Asked(nodes=1),
        Outcome("1", None, "launcher", "scripts/train.py", ("--tmp", "$AZ_BATCHAI_JOB_TEMP"), (), ("BAI404", "BAI521")),
    ),
    (
        'python $AZ_BATCHAI_INPUT_SCRIPT/train.py --x "open',
        Asked(nodes=1),
        Outcome("1", None, "launcher", 'python $AZ_BATCHAI_INPUT_SCRIPT/train.py --x "open', (), (), ("BAI413",)),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("1", None, "direct", "scripts/train.py", (), (), ("BAI516", "BAI521")),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py --hosts $AZ_BATCH_HOST_LIST",
        Asked(nodes=2),
        Outcome(
            "2",
            "1",
            "launcher",
            "scripts/train.py",
            ("--hosts", "$AZ_BATCH_HOST_LIST"),
            (),
            ("BAI406", "BAI516", "BAI521", "BAI524"),
        ),
    ),
    (
        "mpirun -n 2 python $AZ_BATCHAI_INPUT_SCRIPT/train.py --epochs 5",
        Asked(nodes=2),
        Outcome("2", "1", "direct", "scripts/train.py", ("--epochs", "5"), (), ("BAI521", "BAI524")),
    ),
    (
        "mpirun -np 8 -ppn 4 -hosts $AZ_BATCH_HOST_LIST python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "4", "direct", "scripts/train.py", (), (), ("BAI510", "BAI521", "BAI524")),
    ),
    (
        "mpirun -n 4 -ppn 1 -hosts $AZ_BATCH_HOST_LIST -env I_MPI_FABRICS=dapl -env I_MPI_DAPL_PROVIDER=ofa-v2-ib0 -env I_MPI_DYNAMIC_CONNECTION=0 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=4),
        Outcome("4", "1", "direct", "scripts/train.py", (), (), ("BAI510", "BAI521", "BAI524")),
    ),
    (
        "source /opt/intel/compilers_and_libraries_2017.4.196/linux/mpi/intel64/bin/mpivars.sh; echo $AZ_BATCH_HOST_LIST; mpirun -n 2 -ppn 1 -hosts $AZ_BATCH_HOST_LIST python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "1", "direct", "scripts/train.py", (), (), ("BAI510", "BAI521", "BAI524")),
    ),
    (
        "source /opt/intel/mpi/mpivars.sh; mpirun -n 2 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "1", "direct", "scripts/train.py", (), (), ("BAI510", "BAI521", "BAI524")),
    ),
    (
        "mpirun --allow-run-as-root -np 4 --hostfile $AZ_BATCHAI_MPI_HOST_FILE -bind-to none -map-by slot -x NCCL_DEBUG=INFO -x LD_LIBRARY_PATH -mca btl_tcp_if_exclude docker0,lo python $AZ_BATCHAI_INPUT_SCRIPT/train.py --b 64",
        Asked(nodes=2),
        Outcome(
            "2", "2", "direct", "scripts/train.py", ("--b", "64"), ("NCCL_DEBUG=INFO",), ("BAI510", "BAI521", "BAI524")
        ),
    ),
    (
        "mpirun -mca btl_tcp_if_exclude docker0,lo --allow-run-as-root --hostfile $AZ_BATCHAI_MPI_HOST_FILE python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "1", "direct", "scripts/train.py", (), (), ("BAI510", "BAI521", "BAI524")),
    ),
    (
        "mpiexec.hydra -genv I_MPI_DEBUG 5 -genv FOO bar -n 2 -perhost 1 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "1", "direct", "scripts/train.py", (), ("FOO=bar",), ("BAI510", "BAI521", "BAI524")),
    ),
    (
        "mpirun --map-by ppr:2:node python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "2", "direct", "scripts/train.py", (), (), ("BAI521", "BAI524")),
    ),
    (
        "horovodrun -np 4 -H h1:2,h2:2 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "2", "direct", "scripts/train.py", (), (), ("BAI510", "BAI521", "BAI524")),
    ),
    (
        "mpirun -n 3 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "2", "direct", "scripts/train.py", (), (), ("BAI507", "BAI521", "BAI524")),
    ),
    (
        "mpirun -n 8 -ppn 2 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "2", "direct", "scripts/train.py", (), (), ("BAI507", "BAI521", "BAI524")),
    ),
    (
        "mpirun -n 4 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=1),
        Outcome("1", "4", "direct", "scripts/train.py", (), (), ("BAI521", "BAI524")),
    ),
    (
        "mpirun -ppn 4 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "4", "direct", "scripts/train.py", (), (), ("BAI521", "BAI524")),
    ),
    (
        'bash -c "source /opt/mpivars.sh; mpirun -n 2 -ppn 1 python $AZ_BATCHAI_INPUT_SCRIPT/train.py --x 1"',
        Asked(nodes=2),
        Outcome("2", "1", "direct", "scripts/train.py", ("--x", "1"), (), ("BAI510", "BAI521", "BAI524")),
    ),
    (
        'mpirun -n 2 bash -c "cd $AZ_BATCHAI_INPUT_SCRIPT; python train.py"',
        Asked(nodes=2),
        Outcome("2", "1", "direct", "scripts/train.py", (), (), ("BAI521", "BAI524")),
    ),
    (
        "mpirun -n 2 $AZ_BATCHAI_JOB_MOUNT_ROOT/s/bin/solver -i $AZ_BATCHAI_INPUT_DATA/mesh",
        Asked(nodes=2),
        Outcome(
            "2",
            "1",
            "launcher",
            "$AZ_BATCHAI_JOB_MOUNT_ROOT/s/bin/solver -i $AZ_BATCHAI_INPUT_DATA/mesh",
            (),
            (),
            ("BAI415", "BAI524"),
        ),
    ),
    (
        "cd $AZ_BATCHAI_INPUT_SCRIPT; mpirun -n 2 python train.py --x 1",
        Asked(nodes=2),
        Outcome("2", "1", "direct", "scripts/train.py", ("--x", "1"), (), ("BAI521", "BAI524")),
    ),
    (
        "export NCCL_DEBUG=INFO; mpirun -n 2 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "1", "direct", "scripts/train.py", (), ("NCCL_DEBUG=INFO",), ("BAI521", "BAI524")),
    ),
    (
        "mpirun -n 2 python $AZ_BATCHAI_INPUT_SCRIPT/train.py > log.txt 2>&1",
        Asked(nodes=2),
        Outcome(
            "2", "1", "launcher", "mpirun -n 2 python train.py > log.txt 2>&1", (), (), ("BAI509", "BAI521", "BAI524")
        ),
    ),
    (
        "mpirun -n 2 python $AZ_BATCHAI_INPUT_SCRIPT/train.py && python $AZ_BATCHAI_INPUT_SCRIPT/sub/fit.py",
        Asked(nodes=2),
        Outcome(
            "2",
            "1",
            "launcher",
            "mpirun -n 2 python train.py && python sub/fit.py",
            (),
            (),
            ("BAI509", "BAI521", "BAI524"),
        ),
    ),
    (
        "mpirun -n 1 python a.py : -n 1 python b.py",
        Asked(nodes=2),
        Outcome("2", "1", "launcher", "mpirun -n 1 python a.py : -n 1 python b.py", (), (), ("BAI509", "BAI524")),
    ),
    (
        "mpirun --frobnicate 3 -n 2 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome(
            "2", "1", "launcher", "mpirun --frobnicate 3 -n 2 python train.py", (), (), ("BAI509", "BAI521", "BAI524")
        ),
    ),
    (
        "mpirun -n $((2*4)) python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2),
        Outcome("2", "1", "launcher", "mpirun -n $((2*4)) python train.py", (), (), ("BAI509", "BAI521", "BAI524")),
    ),
    (
        "python $AZ_BATCHAI_INPUT_SCRIPT/train.py --x 1",
        Asked(nodes=2, toolkit="customMpi", processes=4),
        Outcome("2", "2", "direct", "scripts/train.py", ("--x", "1"), (), ("BAI521", "BAI524")),
    ),
    (
        "$AZ_BATCHAI_JOB_MOUNT_ROOT/s/bin/solver -i $AZ_BATCHAI_INPUT_DATA/mesh",
        Asked(nodes=2, toolkit="customMpi"),
        Outcome(
            "2",
            "1",
            "launcher",
            "$AZ_BATCHAI_JOB_MOUNT_ROOT/s/bin/solver -i $AZ_BATCHAI_INPUT_DATA/mesh",
            (),
            (),
            ("BAI415", "BAI524"),
        ),
    ),
    (
        "env FOO=1 python $AZ_BATCHAI_INPUT_SCRIPT/train.py",
        Asked(nodes=2, toolkit="customMpi"),
        Outcome("2", "1", "direct", "scripts/train.py", (), ("FOO=1",), ("BAI521", "BAI524")),
    ),
    (
        'bash -c "cd $AZ_BATCHAI_INPUT_SCRIPT && python train.py"',
        Asked(nodes=1, toolkit="customMpi"),
        Outcome("1", None, "direct", "scripts/train.py", (), (), ("BAI521",)),
    ),
]


@pytest.mark.parametrize(("line", "asked", "expected"), ROWS, ids=[f"{n}: {row[0][:60]}" for n, row in enumerate(ROWS)])
def test_a_command_line(line: str, asked: Asked, expected: Outcome) -> None:
    assert outcome(line, asked.nodes, asked.toolkit, asked.processes) == expected


def test_the_table_is_long_enough() -> None:
    assert len({row[0] for row in ROWS}) >= 60
