"""Files that scripts write and change themselves before a command names them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from batchai2aml.project.lookup import Lookup
from batchai2aml.readers.shell.hosts import notebook_cell
from batchai2aml.readers.shell.program import CommandRecord, Part, parts_of, read_script
from batchai2aml.values import to_json

JOB = '{"properties": {"nodeCount": 1, "stdOutErrPathPrefix": "$AZ_BATCHAI_MOUNT_ROOT/old"}}\n'
OPEN = '{"properties": {"nodeCount": __N__, "stdOutErrPathPrefix": "$AZ_BATCHAI_MOUNT_ROOT/$SHARE"}}\n'
CREATE = "az batchai job create -n a -w w -e e -c c -g g -f"


def read(text: str, files: dict[str, str]) -> list[CommandRecord]:
    there = {name: body.encode() for name, body in files.items()}
    lookup = Lookup(there.get, {name: len(data) for name, data in there.items()})
    return read_script("run", "shell", parts_of("run", "shell", dedent(text)), lookup).records


def settings(record: CommandRecord) -> dict[str, object]:
    found = {setting.path.removeprefix("properties."): to_json(setting.value) for setting in record.request.settings}
    return {"nodes": found.get("nodeCount"), "output": found.get("stdOutErrPathPrefix")}


def notices(record: CommandRecord) -> list[str]:
    return [notice.kind for notice in record.request.notices]


OLD, NEW = "$AZ_BATCHAI_MOUNT_ROOT/old", "$AZ_BATCHAI_MOUNT_ROOT/new"


@pytest.mark.parametrize(
    ("script", "nodes", "output"),
    [
        ("", 1, OLD),
        ("sed -i s/old/new/ job.json", 1, NEW),
        ("sed -i.bak -e 's/old/new/' -e 's/: 1/: 3/' job.json", 3, NEW),
        ("sed -i '' 's#old#new#' job.json", 1, NEW),
        ("sed -i 's/\"nodeCount\": [0-9]*/\"nodeCount\": 4/;s|old|new|g' job.json", 4, NEW),
        ("sed -i -E 's/OLD/new/I' job.json", 1, NEW),
        ("N=4\nsed -i \"s/: 1/: $N/\" job.json", 4, OLD),
        ('sed -i "s/old/$SHARE/" job.json', 1, {"parts": ["$AZ_BATCHAI_MOUNT_ROOT/", {"expr": "$SHARE"}]}),
        ("sed -i 's/old/&er/' job.json", 1, "$AZ_BATCHAI_MOUNT_ROOT/older"),
        ("sed -i 's/none/x/' job.json", 1, OLD),
        ("cp job.json b.json\nsed -i s/old/new/ b.json", 1, OLD),
        ("cp open.json job.json\nsed -i s/__N__/2/ job.json", 2, "$AZ_BATCHAI_MOUNT_ROOT/$SHARE"),
        ("SHARE=new N=2\nexport SHARE N\nsed \"s/__N__/$N/\" open.json | envsubst > job.json", 2, NEW),
        ("SHARE=new\ncat open.json | sed 's/__N__/2/' | envsubst '$SHARE' > job.json", 2, NEW),
        ("SHARE=new\nenvsubst '$OTHER' < open.json | sed 's/__N__/2/' | tee job.json", 2, "$AZ_BATCHAI_MOUNT_ROOT/$SHARE"),
        ("echo '{\"properties\": {\"nodeCount\": 5}}' > job.json", 5, None),
        ('echo "{\\"properties\\": {\\"nodeCount\\": $N}}" > job.json', {"expr": "$N"}, None),
        ("echo '{\"properties\": {' > job.json\necho '\"nodeCount\": 6}}' >> job.json", 6, None),
        ("printf '%s\\n' '{\"properties\": {\"nodeCount\": 7}}' > job.json", 7, None),
        ("SPEC='{\"properties\": {\"nodeCount\": 8}}'\necho \"$SPEC\" > job.json", 8, None),
        ("cat <<'EOF' | tee job.json\n{\"properties\": {\"nodeCount\": 9}}\nEOF", 9, None),
    ],
)  # fmt: skip
def test_what_a_command_gets(script: str, nodes: object, output: object) -> None:
    found = read(f"{script}\n{CREATE} job.json\n", {"job.json": JOB, "open.json": OPEN})
    assert settings(found[-1]) == {"nodes": nodes, "output": output}
    assert "rewritten" not in notices(found[-1])


@pytest.mark.parametrize(
    "script",
    [
        "jq .properties.nodeCount=3 a.json > job.json",
        "python make.py > job.json",
        "sed -n '1,4p' a.json > job.json",
        "sed -i 's/\\(old\\)/\\1er/' job.json",
        "sed -i '/old/d' job.json",
        "sed -i -f changes.sed job.json",
        'sed -i "s/$WHAT/x/" job.json',
        'printf \'{"properties": {"nodeCount": %d}}\' 4 > job.json',
    ],
)
def test_what_is_not_followed_is_said(script: str) -> None:
    (found,) = read(f"{script}\n{CREATE} job.json\n", {"job.json": JOB, "a.json": JOB})
    assert settings(found) == {"nodes": 1, "output": OLD}
    assert notices(found) == ["rewritten"]


def test_every_command_gets_the_file_as_it_is_then() -> None:
    text = f"""
        {CREATE} job.json
        sed -i s/old/new/ job.json
        {CREATE} job.json
        cd sub
        {CREATE} job.json
    """
    found = read(text, {"job.json": JOB, "sub/job.json": OPEN.replace("__N__", "2")})
    assert [settings(one)["output"] for one in found] == [OLD, NEW, "$AZ_BATCHAI_MOUNT_ROOT/$SHARE"]


def test_the_place_of_a_field_is_the_template_s() -> None:
    text = f"cat job.tmpl | sed s/old/new/ > job.json\n{CREATE} job.json\n"
    (found,) = read(text, {"job.tmpl": "\n\n" + JOB})
    assert [(setting.where.path, setting.where.line) for setting in found.request.settings][1] == ("job.tmpl", 3)


def test_cells_that_save_a_file() -> None:
    cells = [
        '%%writefile job.json\n{"properties":\n {"nodeCount": 3}}\n',
        f"!{CREATE} job.json",
        '%%file job.json\n{"properties": {\n',
        '%%writefile -a job.json\n"nodeCount": 4}}',
        f"!{CREATE} job.json",
    ]
    parts = [Part("a.ipynb", number, text, tuple(notebook_cell(text))) for number, text in enumerate(cells)]
    found = read_script("a.ipynb", "notebook", parts, Lookup(lambda path: None)).records
    assert [settings(one)["nodes"] for one in found] == [3, 4]
    places = [setting.where for one in found for setting in one.request.settings if setting.path.endswith("nodeCount")]
    assert [(where.cell, where.line) for where in places] == [(0, 3), (2, 3)]


@pytest.mark.parametrize(
    "line",
    [
        f"{CREATE} - <<EOF\n{JOB}EOF\n",
        f"{CREATE} /dev/stdin < job.json\n",
        f"cat job.json | {CREATE} -\n",
        f"sed s/x/y/ job.json | tee copy.json | {CREATE} /dev/stdin\n",
    ],
)
def test_a_document_on_the_standard_input(line: str) -> None:
    (found,) = read(line, {"job.json": JOB})
    assert settings(found)["nodes"] == 1
    assert notices(found) == []
