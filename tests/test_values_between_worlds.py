"""Values on their way from a script or program to the step that needs them: what is passed, and what it says there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done

CREATE = "az batchai job create -g g -w w -e e -c c"
SECRET = "cGFzc3dvcmQ0bW91bnRz"


def document(command: str = "python fit.py", **more: object) -> str:
    image = {"imageSourceRegistry": {"image": "contoso/fit:2"}}
    body = {"nodeCount": 1, "containerSettings": image, "customToolkitSettings": {"commandLine": command}, **more}
    return json.dumps({"properties": body})


def notebook(*cells: str) -> str:
    made = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": [cell]}
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 2})


def converted(run: Callable[..., Done], folder: Path, name: str, text: str) -> tuple[str, str, str]:
    """The source, the script and the report of a conversion; `fit.py` is there."""
    (folder / "fit.py").write_text("print()\n")
    (folder / name).write_text(text)
    done = run("convert", ".", "--output", "out", cwd=folder)
    script = folder / "out" / f"{name.split('.')[0]}_azureml.py"
    return (folder / "out" / name).read_text(), script.read_text() if script.exists() else "", done.out


def test_an_edited_variable_is_another_one(tmp_path: Path, run: Callable[..., Done]) -> None:
    body = document("python fit.py --lr $lr")
    text = f'for lr in 0.1 0.01; do\ncat > job.json <<EOF\n{body}\nEOF\n{CREATE} -n "lr${{lr//./}}" -f job.json\ndone\n'
    source, script, _ = converted(run, tmp_path, "run.sh", text)
    assert 'LR="$lr" LR_2="${lr//./}" python3 run_azureml.py submit' in source
    assert "'--lr': lr," in script
    assert "run.display_name = f'lr{lr_2}'" in script


@pytest.mark.parametrize("edited", ["${N%.json}", "${N/x/y}", "${N^^}", "${N:0:3}", "${N:+b}", "${N,,}"])
def test_what_an_edited_variable_says_is_not_known(tmp_path: Path, run: Callable[..., Done], edited: str) -> None:
    _, script, _ = converted(run, tmp_path, "run.sh", f"N=one\naz batchai cluster show -g g -w w -n {edited}\n")
    assert "'one'" not in script


def test_arithmetic_is_the_calling_shell_s(tmp_path: Path, run: Callable[..., Done]) -> None:
    body = document("python fit.py --steps $((N * 100))").replace('"nodeCount": 1', '"nodeCount": $((N / 2))')
    source, script, report = converted(
        run, tmp_path, "run.sh", f"N=4\ncat > job.json <<EOF\n{body}\nEOF\n{CREATE} -n a -f job.json\n"
    )
    assert re.search(r'VALUE(_2)?="\$\(\(N \* 100\)\)"', source)
    assert re.search(r"'--steps': value(_2)?,", script)
    assert "BAI809" not in report


HELPER = """import json
def make_job(lr, epochs=3):
    return {"properties": {"nodeCount": 1, "containerSettings": {"imageSourceRegistry": {"image": "a/b:1"}},
        "customToolkitSettings": {"commandLine": "python fit.py --lr {lr} --epochs {n}".format(lr=lr, n=epochs * 2)}}}
"""
JOB = f"import json\njob = {document()}\nprops = job['properties']\nenv = {{'B': '2', 'A': '1'}}\n"
SAVE = "with open('job.json', 'w') as f:\n    json.dump(job, f)"


def test_parameters_of_a_function_are_not_names_of_the_notebook(tmp_path: Path, run: Callable[..., Done]) -> None:
    text = notebook(HELPER, "job = make_job(0.1)\n" + SAVE, f"!{CREATE} -n fit -f job.json")
    source, script, _ = converted(run, tmp_path, "run.ipynb", text)
    assert '"!python3 run_azureml.py submit_fit"' in source
    assert "'--lr': 0.1," in script
    assert "'--epochs': 6," in script


@pytest.mark.parametrize(
    "change",
    [
        "props.setdefault('environmentVariables', []).append({'name': 'A', 'value': '1'})\n"
        "props['environmentVariables'].append({'name': 'B', 'value': '2'})",
        "extra = []\nfor k in sorted(env):\n    extra.append({'name': k, 'value': env[k]})\n"
        "props['environmentVariables'] = extra",
        "extra = []\nfor k, v in sorted({'A': 1, 'B': 2}.items()):\n    extra.append({'name': k, 'value': str(v)})\n"
        "props['environmentVariables'] = extra",
    ],
)
def test_changes_to_a_dictionary_are_all_there(tmp_path: Path, run: Callable[..., Done], change: str) -> None:
    text = notebook(JOB + change, SAVE, f"!{CREATE} -n fit -f job.json")
    _, script, report = converted(run, tmp_path, "run.ipynb", text)
    assert "BAI802" not in report
    found = re.search(r"environment_variables=(\{.*?\})", script)
    assert found is not None
    names = dict(re.findall(r"^(\w+) = os\.environ\.get\('\w+', '(.*)'\)$", script, re.M))
    assert eval(found.group(1), dict(names)) == {"A": "1", "B": "2"}


def test_a_list_that_is_known_in_part_is_said(tmp_path: Path, run: Callable[..., Done]) -> None:
    change = "extra = []\nfor k in open('names.txt'):\n    extra.append({'name': k, 'value': '1'})\n"
    text = notebook(JOB + change + "props['environmentVariables'] = extra", SAVE, f"!{CREATE} -n fit -f job.json")
    *_, report = converted(run, tmp_path, "run.ipynb", text)
    assert "job.json is written by a part of run.ipynb that is not followed" in report


def test_the_password_of_a_mount_is_a_secret(tmp_path: Path, run: Callable[..., Done]) -> None:
    mount = {
        "mountCommand": f"mount -t cifs //acc.file.core.windows.net/raw $AZ_BATCHAI_JOB_MOUNT_ROOT/raw -o password={SECRET}",
        "relativeMountPath": "raw",
    }
    (tmp_path / "job.json").write_text(document(mountVolumes={"unmanagedFileSystems": [mount]}))
    (tmp_path / "run.sh").write_text(f"{CREATE} -n a -f job.json\n")
    for shown in ("full", "json", "sarif", "html", "github", "markdown", "concise"):
        assert SECRET not in run("scan", ".", "--output-format", shown, cwd=tmp_path).out
    run("convert", ".", "--output", "out", cwd=tmp_path)
    assert not any(SECRET in path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())


def test_environment_variables_are_texts(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "job.json").write_text(
        document(environmentVariables=[{"name": "N", "value": 4}, {"name": "D", "value": True}])
    )
    _, script, _ = converted(run, tmp_path, "run.sh", f"{CREATE} -n a -f job.json\n")
    assert "environment_variables={'N': '4', 'D': 'True'}" in script


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("python fit.py --lr 0.1 --suffix ''", ["--suffix", ""]),
        ("python fit.py --suffix= --lr 0.1", ["--suffix="]),
    ],
)
def test_an_empty_argument_is_kept(tmp_path: Path, run: Callable[..., Done], command: str, words: list[str]) -> None:
    (tmp_path / "job.json").write_text(document(command))
    _, script, _ = converted(run, tmp_path, "run.sh", f"{CREATE} -n a -f job.json\n")
    assert "entry_script='batchai_launch.py'" in script
    plan = json.loads((tmp_path / "out" / "batchai_launch.json").read_text())
    assert plan["args"] == words


def test_a_value_that_is_made_once_is_named(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "job.json").write_text(document())
    text = (
        "import subprocess, time\nname = 'a-%d' % int(time.time())\n"
        f"subprocess.check_call('{CREATE} -n %s -f job.json' % name, shell=True)\n"
        "subprocess.check_call('az batchai job show -g g -w w -e e -n {}'.format(name), shell=True)\n"
    )
    source, *_ = converted(run, tmp_path, "run.py", text)
    assert source.count("time.time()") == 1
    assert source.count('NAME="{name}"') == 2


@pytest.mark.parametrize("key", ["$HOME/.ssh/id_rsa.pub", "~/.ssh/id_rsa.pub", "keys/me.pub"])
def test_a_key_that_is_a_path_is_read(tmp_path: Path, run: Callable[..., Done], key: str) -> None:
    line = f'az batchai cluster create -g g -w w -n c -s Standard_D2s_v5 -t 1 -u me -k "{key}"\n'
    _, script, _ = converted(run, tmp_path, "run.sh", line)
    assert re.search(r"admin_user_ssh_key=open\(os\.path\.expanduser\(.*\)\)\.read\(\)", script)


def test_a_word_of_an_option_is_no_variable(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "job.json").write_text(document("python fit.py --batch-size 32"))
    text = (
        "make() {\n local size=$1\n az batchai cluster create -g g -w w -n c -s $size -t 1\n}\n"
        f"make Standard_D2s_v5\n{CREATE} -n a -f job.json\n"
    )
    source, script, _ = converted(run, tmp_path, "run.sh", text)
    assert "\npython3 run_azureml.py submit_a\n" in source
    assert script.count("os.environ['SIZE']") == 1


def test_defaults_of_powershell_parameters(tmp_path: Path, run: Callable[..., Done]) -> None:
    text = 'param(\n  [string]$Group = "rg-a",\n  [int]$Nodes = 3,\n  [string]$Name = "c"\n)\n'
    text += "az batchai cluster resize -g $Group -w w -n $Name -t $Nodes\n"
    _, script, _ = converted(run, tmp_path, "run.ps1", text)
    assert "os.environ.get('GROUP', 'rg-a')" in script
    assert "int(os.environ.get('NODES', '3'))" in script


def test_a_command_over_several_lines(tmp_path: Path, run: Callable[..., Done]) -> None:
    text = (
        "import os\n\n\ndef main(nodes):\n    os.system('az batchai cluster create -g g -w w -n c '\n"
        "              '-s Standard_D2s_v5 -t {}'.format(nodes))\n\n\nmain(2)\n"
    )
    source, *_ = converted(run, tmp_path, "run.py", text)
    assert "os.system(f'env NODES=\"{nodes}\" python3 run_azureml.py create_cluster_c')" in source


def test_a_call_that_a_wrapper_puts_together_is_said(tmp_path: Path, run: Callable[..., Done]) -> None:
    text = "import subprocess\n\n\nclass Az:\n    def __call__(self, *args):\n        subprocess.run(['az', 'batchai', *args])\n"
    *_, report = converted(run, tmp_path, "run.py", text)
    assert "run.py:6  stays as it is" in report
    assert "batch-ai   run.py" in run("scan", "run.py", cwd=tmp_path).out


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"{CREATE} -n a -f job.json", "print(json.dumps({'id': run.id, 'name': 'a', 'executionState': 'queued'}))"),
        (f"{CREATE} -n a -f job.json --query id -o tsv", "print(run.id)"),
        ("az batchai job list -g g -w w -e e -o table", "    print(run.display_name, JOB_STATES"),
        ("az batchai job list -g g -w w -e e", "print(json.dumps([{'name': run.display_name, 'id': run.id,"),
        ("az batchai job list -g g -w w -e e --query [].name -o tsv", "    print(run.display_name)"),
        ("az batchai job list -g g -w w -e e --query [].name", "print(json.dumps([run.display_name for run in"),
        ("az batchai cluster list -g g -w w", "print(json.dumps([target.serialize() for target in"),
        ("az batchai cluster list -g g -w w -o table", "        print(target.name)"),
    ],
)
def test_what_a_step_prints(tmp_path: Path, run: Callable[..., Done], command: str, expected: str) -> None:
    (tmp_path / "job.json").write_text(document())
    _, script, _ = converted(run, tmp_path, "run.sh", f"{command}\n")
    assert expected in script


def test_scripts_that_nobody_calls_say_what_they_need(tmp_path: Path, run: Callable[..., Done]) -> None:
    body = document("python fit.py --lr 0.1").replace('"nodeCount": 1', '"cluster": {"id": "c"}, "nodeCount": 1')
    (tmp_path / "job.json").write_text(body.replace("contoso/fit:2", "contoso/fit:$TAG"))
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#",
        "resources": [
            {
                "type": "Microsoft.BatchAI/workspaces/clusters",
                "apiVersion": "2018-05-01",
                "name": "[concat('lab', '/gpu')]",
                "properties": {"vmSize": "Standard_D2s_v5", "scaleSettings": {"manual": {"targetNodeCount": 1}}},
            }
        ],
    }
    (tmp_path / "deploy.json").write_text(json.dumps(template))
    done = run("convert", ".", "--output", "out", cwd=tmp_path)
    said = done.err.rsplit("set before the converted code runs: ", 1)[1]
    needed = set(re.findall(r"os\.environ\['(\w+)'\]", (tmp_path / "out" / "deploy_azureml.py").read_text()))
    assert needed
    assert needed <= set(re.findall(r"\w+", said))


@pytest.mark.parametrize(
    ("call", "split"),
    [
        ("subprocess.call(('{} '\n    '-n ' + name).split())", True),
        ("subprocess.call('{} -n {{}}'.format(name).split())", True),
        ("subprocess.check_output('{} -n {{}}'.format(name), shell=True).split()", False),
        ("shlex.split('{} -n %s' % name)", False),
    ],
)
def test_words_of_a_command_that_the_program_splits(
    tmp_path: Path, run: Callable[..., Done], call: str, split: bool
) -> None:
    shown = call.format("az batchai job show -g g -w w -e e")
    source, *_ = converted(run, tmp_path, "run.py", f"import shlex, subprocess\nname = 'a'\n{shown}\n")
    assert ("env NAME={name} python3" if split else 'env NAME="{name}" python3') in source
