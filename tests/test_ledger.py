"""The law: what was set minus what is accounted for is nothing."""

from __future__ import annotations

import ast
import dataclasses
import datetime
import shlex
from collections import Counter
from pathlib import Path

import pytest

from batchai2aml.batchai import schema
from batchai2aml.mapping import fields as tables
from batchai2aml.mapping.ledger import holes
from batchai2aml.readers.python.program import read_program
from batchai2aml.rules import RULES
from batchai2aml.values import Literal
from tests.conftest import FIXTURES, cases
from tests.reading import ledger, operations, program

HEAD = "from azure.mgmt.batchai import BatchAIManagementClient, models\nclient = BatchAIManagementClient(None, 's')\n"


def keywords_set(code: str) -> Counter[str]:
    """Scalar keywords of model constructors, counted by a reader that knows only class names."""
    found: Counter[str] = Counter()
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        model = schema.MODELS.get(name)
        for keyword in node.keywords if model else []:
            row = model.field(keyword.arg or "") if model else None
            if row and row.item in schema.SCALARS and "Options" not in name:
                found[row.rest] += 1
    return found


@pytest.mark.parametrize("case", cases("scripts"))
def test_every_keyword_has_an_entry(case: str) -> None:
    root = FIXTURES / case / "input"
    files = sorted(path for path in root.rglob("*.py"))

    def read(path: str) -> bytes | None:
        return (root / path).read_bytes() if (root / path).is_file() else None

    found = read_program([(path.relative_to(root).as_posix(), False) for path in files], read)
    entered = ledger(found.operations)
    entries = Counter(entry.path.rsplit(".", 1)[-1] for entry in entered.entries if entry.kind == "field")
    wanted: Counter[str] = Counter()
    for path in files:
        wanted.update(keywords_set(path.read_bytes().decode("latin-1")))
    # an object that is used twice (one key for two mounts) is one keyword and two fields
    assert {name for name in wanted if entries[name] < wanted[name]} == set()
    assert holes(found.operations, entered) == []


def every_path() -> list[tuple[str, str]]:
    """Every leaf that the schema allows, by operation."""

    def leaves(model: str, prefix: str) -> list[str]:
        paths: list[str] = []
        for row in schema.MODELS[model].fields:
            path = f"{prefix}.{row.path}" if prefix else row.path
            path += "[]" if row.is_list else ""
            if row.item in schema.MODELS:
                paths += leaves(row.item, path)
            else:
                paths.append(path + (".x" if row.type.startswith("{") else ""))
        return paths

    return [(op, path) for name, op in schema.ROOTS.items() for path in leaves(name, "")]


@pytest.mark.parametrize(("op", "path"), every_path())
def test_every_field_of_the_schema_has_a_row(op: str, path: str) -> None:
    row = tables.row_for(op, path)
    assert row is not None
    assert all(rule in RULES for rule in row.rules)


def test_a_missing_rule_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = operations(HEAD + "client.clusters.create('r', 'w', 'c', models.ClusterCreateParameters(vm_size='S'))")
    assert holes(found, ledger(found)) == []
    monkeypatch.delitem(tables.FIELDS["clusters.create"], "properties.vmSize")
    entered = ledger(found)
    assert [hole.detail.split()[0] for hole in holes(found, entered)] == ["properties.vmSize"]
    assert {f.rule for f in entered.findings} >= {"BAI901"}


LINES = [
    "--epochs 5 --out $AZ_BATCHAI_OUTPUT_MODEL",
    "--name 'two words' --empty '' -x=1 $AZ_BATCHAI_INPUT_DATA/a.csv",
    'bash -c "cd $AZ_BATCHAI_INPUT_DATA && ./run.sh --n 3"',
    "mpirun -np 4 -x LR=0.1 --mca btl_tcp_if_include eth0 python $AZ_BATCHAI_INPUT_DATA/t.py --lr 0.1",
    "ls *.csv | xargs python t.py > log.txt 2>&1",
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(
    "settings",
    [
        "horovod_settings=models.HorovodSettings(python_script_file_path='$AZ_BATCHAI_INPUT_DATA/t.py', process_count=1, "
        "command_line_args={0!r})",
        "custom_toolkit_settings=models.CustomToolkitSettings(command_line={0!r})",
        "custom_toolkit_settings=models.CustomToolkitSettings(command_line='x'), "
        "job_preparation=models.JobPreparation(command_line={0!r})",
    ],
)
def test_every_word_of_a_command_line_has_an_entry(settings: str, line: str) -> None:
    job = f"models.JobCreateParameters(node_count=1, {settings.format(line)})"
    found = operations(HEAD + f"client.jobs.create('r', 'w', 'e', 'j', {job})")
    entered = ledger(found)
    words = [
        e.value for e in entered.entries if e.kind == "token" and e.path.rpartition("[")[0][-4:] in ("Args", "Line")
    ]
    assert [word.value for word in words if isinstance(word, Literal)][-len(shlex.split(line)) :] == shlex.split(line)
    assert holes(found, entered) == []
    without = dataclasses.replace(entered, entries=tuple(e for e in entered.entries if e.kind != "token"))
    assert "[0] was read" in holes(found, without)[0].detail


def test_unknown_keywords_are_not_lost() -> None:
    found = operations(
        HEAD + "client.clusters.create('r', 'w', 'c', models.ClusterCreateParameters(vm_size='S', colour='red'))"
    )
    assert "colour" in [field.path for op in found for field in op.fields]
    entered = ledger(found)
    assert [entry.rules for entry in entered.entries if entry.path == "colour"] == [("BAI803",)]
    assert holes(found, entered) == []


@pytest.mark.parametrize(
    ("day", "severity"), [(datetime.date(2025, 1, 1), "warning"), (datetime.date(2026, 1, 1), "error")]
)
def test_retirement_is_an_error_only_when_it_has_happened(day: datetime.date, severity: str) -> None:
    found = operations(
        HEAD + "client.clusters.create('r', 'w', 'c', models.ClusterCreateParameters(vm_size='Standard_NC6s_v3'))"
    )
    findings = {f.rule: f.severity for f in ledger(found, day).findings}
    assert findings["BAI112"] == severity


@pytest.mark.parametrize(
    ("job", "rule"),
    [
        ("node_count=1", "BAI211"),
        ("node_count=1", "BAI229"),
        ("scheduling_priority='high'", "BAI205"),
        ("constraints=models.JobBasePropertiesConstraints(max_wall_clock_time='soon')", "BAI208"),
        (
            "container_settings=models.ContainerSettings(image_source_registry=models.ImageSourceRegistry(image='bvlc/caffe:gpu'))",
            "BAI604",
        ),
        (
            "node_count=3, horovod_settings=models.HorovodSettings(python_script_file_path='a.py', process_count=4)",
            "BAI507",
        ),
        ("job_preparation=models.JobPreparation(command_line='pip install x')", "BAI209"),
        ("node_count=missing", "BAI802"),
    ],
)
def test_findings_of_jobs(job: str, rule: str) -> None:
    found = operations(HEAD + f"client.jobs.create('r', 'w', 'e', 'j', models.JobCreateParameters({job}))")
    assert rule in {f.rule for f in ledger(found).findings}


def test_findings_name_their_place() -> None:
    read = program(
        HEAD + "\nclient.clusters.create('r', 'w', 'c', models.ClusterCreateParameters(\n    vm_size='Standard_NC6'))"
    )
    finding = next(f for f in ledger(read.operations).findings if f.rule == "BAI112")
    assert (finding.where.path, finding.where.line) == ("main.py", 5)
    assert "--vm-size Standard_NC6=NEW" in finding.message


def test_paths_are_relative(tmp_path: Path) -> None:
    assert str(operations(HEAD)[0].where) == "main.py:2"
