"""Documents that programs, notebooks and scripts make: what becomes of them, and of those that nobody sends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.conftest import Done

JOB = {"properties": {"nodeCount": 3, "customToolkitSettings": {"commandLine": "python fit.py"}}}
CREATE = "az batchai job create -g g -w w -e e -c c"

HELPERS = {
    "dump": "with open(path, 'w') as f:\n    json.dump(document, f)",
    "write": "with open(path, 'w') as f:\n    f.write(json.dumps(document, indent=2) + '\\n')",
    "print": "with open(path, 'w') as f:\n    print(json.dumps(document), file=f)",
    "path": "pathlib.Path(path).write_text(json.dumps(document))",
    "path open": "with pathlib.Path(path).open('w') as f:\n    json.dump(document, f)",
}


@pytest.mark.parametrize("helper", HELPERS)
def test_a_helper_writes_several_documents(tmp_path: Path, run: Callable[..., Done], helper: str) -> None:
    body = HELPERS[helper].replace("\n", "\n    ")
    (tmp_path / "run.py").write_text(
        "import json, os, pathlib\n\n\ndef save(document, path):\n    " + body + "\n\n\n"
        f"spec = {JOB}\nsave(spec, 'a.json')\nspec['properties']['nodeCount'] = 5\nsave(spec, 'b.json')\n"
        f"os.system('{CREATE} -n a -f a.json')\nos.system('{CREATE} -n b -f b.json')\n"
    )
    done = run("convert", ".", "--output", "out", cwd=tmp_path)
    assert "BAI802" not in done.out
    assert "BAI809" not in done.out
    text = (tmp_path / "out" / "run_azureml.py").read_text()
    assert "az batchai" not in (tmp_path / "out" / "run.py").read_text()
    ops = json.loads(run("scan", ".", "--output-format", "json", cwd=tmp_path).out)["operations"]
    nodes = [f["value"] for op in ops for f in op["fields"] if f["path"] == "properties.nodeCount"]
    assert nodes == [3, 5]
    assert re.findall(r"run\.display_name = '(\w+)'", text) == ["a", "b"]


def test_a_document_of_its_own_for_each_notebook(tmp_path: Path, run: Callable[..., Done]) -> None:
    for name, nodes in (("one", 1), ("two", 2)):
        text = json.dumps(JOB).replace("3", str(nodes))
        sources = [f"%%writefile job.json\n{text}", f"!{CREATE} -n {name} -f job.json"]
        cells = [
            {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": [source]}
            for source in sources
        ]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(notebook))
    ops = json.loads(run("scan", ".", "--output-format", "json", cwd=tmp_path).out)["operations"]
    assert [[f["value"] for f in op["fields"] if f["path"] == "properties.nodeCount"] for op in ops] == [[1], [2]]
    run("convert", ".", "--output", "out", cwd=tmp_path)
    assert "python3 two_azureml.py submit_two" in (tmp_path / "out" / "two.ipynb").read_text()


def test_a_document_that_nobody_sends_gets_a_script(tmp_path: Path, run: Callable[..., Done]) -> None:
    program = f"import json\nwith open('job.json', 'w') as f:\n    json.dump({JOB}, f)\n"
    (tmp_path / "make.py").write_text(program)
    done = run("convert", ".", "--output", "out", cwd=tmp_path)
    assert "BAI703" in done.out
    assert "make_azureml.py sends it" in done.out
    assert (tmp_path / "out" / "make.py").read_text() == program
    text = (tmp_path / "out" / "make_azureml.py").read_text()
    assert "entry_script='fit.py'" in text
    again = run("convert", "out", "--output", "again", cwd=tmp_path)
    assert not (tmp_path / "again" / "make_py_azureml.py").exists()
    assert "BAI703" not in again.out


def test_a_command_without_its_document_does_not_hold_up_the_others(tmp_path: Path, run: Callable[..., Done]) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "run.sh").write_text(
        f"az batchai cluster show -g g -w w -n c\n{CREATE} -n a -f job.json\naz batchai job list -g g -w w -e e\n"
    )
    done = run("convert", "in", "--output", "out", cwd=tmp_path)
    assert done.status == 1
    assert "job.json is not in the project" in done.out
    assert "partly     run.sh" in done.out
    assert (tmp_path / "out" / "run.sh").read_text() == (
        f"python3 run_azureml.py show_cluster_c\n{CREATE} -n a -f job.json\npython3 run_azureml.py list_jobs\n"
    )
    first = (tmp_path / "out" / "run_azureml.py").read_bytes()
    (tmp_path / "out" / "job.json").write_text(json.dumps(JOB))
    run("convert", "out", "--output", "whole", cwd=tmp_path)
    assert (tmp_path / "whole" / "run.sh").read_text() == (
        "python3 run_azureml.py show_cluster_c\npython3 run_sh_azureml.py submit_a\npython3 run_azureml.py list_jobs\n"
    )
    assert (tmp_path / "whole" / "run_azureml.py").read_bytes() == first


def test_a_command_that_cannot_be_written_does_not_hold_up_the_others(tmp_path: Path, run: Callable[..., Done]) -> None:
    broken = json.dumps(JOB).replace("customToolkitSettings", "noSuchToolkit")
    (tmp_path / "job.json").write_text(broken)
    (tmp_path / "run.sh").write_text(f"{CREATE} -n a -f job.json\naz batchai job show -g g -w w -e e -n a\n")
    done = run("convert", ".", "--output", "out", cwd=tmp_path)
    assert "BAI802" in done.out
    assert (tmp_path / "out" / "run.sh").read_text() == (f"{CREATE} -n a -f job.json\npython3 run_azureml.py show_a\n")
    text = (tmp_path / "out" / "run_azureml.py").read_text()
    assert "Estimator" not in text


def test_changes_by_other_programs_are_said(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "make.py").write_text(f"import json\nwith open('job.json', 'w') as f:\n    json.dump({JOB}, f)\n")
    (tmp_path / "run.sh").write_text(f"python make.py\nsed -i s/fit/test/ job.json\n{CREATE} -n a -f job.json\n")
    done = run("convert", ".", "--output", "out", cwd=tmp_path)
    assert "run.sh:3  job.json is written by sed; what that changes is not seen" in done.out


@pytest.mark.parametrize("count", ["-np $TOTAL -ppn $EACH", "-n 8 -ppn $EACH", "-np $TOTAL"])
def test_numbers_of_processes_are_numbers(tmp_path: Path, run: Callable[..., Done], count: str) -> None:
    text = dedent(f"""\
        TOTAL=8 EACH=4
        cat > job.json <<EOF
        {{"properties": {{"nodeCount": 2, "customToolkitSettings":
         {{"commandLine": "mpirun {count} python fit.py --share $EACH"}}}}}}
        EOF
        {CREATE} -n a -f job.json
        """)
    (tmp_path / "run.sh").write_text(text)
    run("convert", ".", "--output", "out", cwd=tmp_path)
    script = (tmp_path / "out" / "run_azureml.py").read_text()
    given = re.search(r"process_count_per_node=(.+)\)", script)
    assert given is not None
    names = dict(re.findall(r"^(\w+) = int\(os\.environ\.get\('\w+', '(\d+)'\)\)$", script, re.M))
    assert eval(given.group(1), {name: int(value) for name, value in names.items()}) == 4
