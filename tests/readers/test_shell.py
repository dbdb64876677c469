"""Shell scripts and their relatives: which commands are there, and what their options say."""

from __future__ import annotations

from textwrap import dedent

import pytest

from batchai2aml.project.lookup import Lookup
from batchai2aml.readers.shell.dialects import CMD, POWERSHELL, SH, Dialect
from batchai2aml.readers.shell.hosts import notebook_cell
from batchai2aml.readers.shell.program import CommandRecord, Part, parts_of, read_script
from batchai2aml.values import to_json


def records(
    text: str, kind: str = "shell", dialect: Dialect = SH, files: dict[str, str] | None = None
) -> list[CommandRecord]:
    there = {name: body.encode() for name, body in (files or {}).items()}
    lookup = Lookup(there.get, {name: len(data) for name, data in there.items()})
    source = dedent(text)
    return read_script("run", kind, parts_of("run", kind, source, dialect), lookup).records


def named(found: list[CommandRecord]) -> list[tuple[str, object]]:
    return [
        (r.request.op, to_json(r.request.names["name"].value) if "name" in r.request.names else None) for r in found
    ]


def settings(record: CommandRecord) -> dict[str, object]:
    return {setting.path.removeprefix("properties."): to_json(setting.value) for setting in record.request.settings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("az batchai cluster show -n a", [("clusters.get", "a")]),
        ("az batchai cluster show \\\n   -n a", [("clusters.get", "a")]),
        ("az batchai cluster show -n 'a b'", [("clusters.get", "a b")]),
        ("az batchai cluster show -n \"a\"'b'", [("clusters.get", "ab")]),
        ("# az batchai cluster show -n a", []),
        ("echo az batchai cluster show -n a", []),
        ("az batchai cluster show -n a # why", [("clusters.get", "a")]),
        ("az batchai cluster show -n a; az batchai job show -n b", [("clusters.get", "a"), ("jobs.get", "b")]),
        ("if az batchai cluster show -n a; then echo x; fi", [("clusters.get", "a")]),
        ("sudo az batchai cluster show -n a | jq .name > out.txt", [("clusters.get", "a")]),
        ("X=$(az batchai cluster show -n a --query id -o tsv)", [("clusters.get", "a")]),
        ("X=`az batchai cluster show -n a`", [("clusters.get", "a")]),
        ('echo "now: $(az batchai cluster show -n a)"', [("clusters.get", "a")]),
        ("az.cmd batchai cluster show -n a", [("clusters.get", "a")]),
        ("N=a\naz batchai cluster show -n $N", [("clusters.get", "a")]),
        ("export N=a\naz batchai cluster show -n ${N}", [("clusters.get", "a")]),
        ("az batchai cluster show -n $N", [("clusters.get", {"expr": "$N"})]),
        ("az batchai cluster show -n ${N:-a}", [("clusters.get", "a")]),
        ("az batchai cluster show -n x-$N", [("clusters.get", {"parts": ["x-", {"expr": "$N"}]})]),
        ("N=a\nif x; then N=b; fi\naz batchai cluster show -n $N", [("clusters.get", {"expr": "$N"})]),
        ("for N in a b; do\n az batchai cluster show -n $N\ndone", [("clusters.get", {"expr": "$N"})]),
        ("az batchai job show -n <job name>", [("jobs.get", {"expr": "<job name>"})]),
        ("az batchai job show -n a < in > out", [("jobs.get", "a")]),
        ("az batchai job show -n a 2>&1", [("jobs.get", "a")]),
        ("az batchai job show -na", [("jobs.get", "a")]),
        ("cat <<EOF\naz batchai cluster show -n a\nEOF\naz batchai job show -n b", [("jobs.get", "b")]),
        ("f() {\n  az batchai cluster show -n a\n}\nf", [("clusters.get", "a")]),
    ],
)
def test_commands_of_a_script(text: str, expected: list[tuple[str, object]]) -> None:
    assert named(records(text)) == expected


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("az batchai job list", "always"),
        ("if true; then\naz batchai job list\nfi", "branch"),
        ("while sleep 1; do\naz batchai job list\ndone", "loop"),
        ("for x in 1 2; do echo; done\naz batchai job list", "always"),
        ("case $1 in\na) az batchai job list;;\nesac", "branch"),
    ],
)
def test_how_a_command_is_reached(text: str, reached: str) -> None:
    assert [record.request.reached for record in records(text)] == [reached]


def test_the_place_of_a_command_is_its_line() -> None:
    found = records("\n\n  az batchai job list\n")
    assert (found[0].request.where.line, found[0].text) == (3, "az batchai job list")


def test_a_sourced_script_gives_its_variables() -> None:
    files = {"config.sh": "CLUSTER=nc6\n"}
    assert named(records("source config.sh\naz batchai cluster show -n $CLUSTER", files=files)) == [
        ("clusters.get", "nc6")
    ]


def test_defaults_of_the_command_line_are_used() -> None:
    text = """
        az configure --defaults group=rg location=eastus
        az batchai workspace create -n ws
        az batchai cluster show -w ws -n a
    """
    created, shown = records(text)
    assert to_json(created.request.names["resource_group"].value) == "rg"
    assert [(a.path, to_json(a.value)) for a in created.request.arguments] == [("location", "eastus")]
    assert to_json(shown.request.names["resource_group"].value) == "rg"


JOB = '{"properties": {"nodeCount": 1, "horovodSettings": {"pythonScriptFilePath": "a.py"}}}'


def test_options_win_over_the_file() -> None:
    files = {"c.json": '{"properties": {"vmSize": "small", "scaleSettings": {"manual": {"targetNodeCount": 1}}}}'}
    (found,) = records("az batchai cluster create -n a -w w -f c.json -s big --min 0 --max 3", files=files)
    assert settings(found) == {
        "vmSize": "big",
        "scaleSettings.autoScale.minimumNodeCount": 0,
        "scaleSettings.autoScale.maximumNodeCount": 3,
    }
    assert [n.kind for n in found.request.notices] == ["overridden"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-t 2", {"manual.targetNodeCount": 2}),
        ("--min 1 --max 1", {"manual.targetNodeCount": 1}),
        ("--min 1 --max 4", {"autoScale.minimumNodeCount": 1, "autoScale.maximumNodeCount": 4}),
        (
            "--min 2 --max 2 -t 2",
            {"autoScale.minimumNodeCount": 2, "autoScale.maximumNodeCount": 2, "autoScale.initialNodeCount": 2},
        ),
        ("-t $N", {"manual.targetNodeCount": {"expr": "$N"}}),
    ],
)
def test_scale_follows_the_rules_of_the_old_command_line(options: str, expected: dict[str, object]) -> None:
    (found,) = records(f"az batchai cluster create -n a -w w {options}")
    assert {p.removeprefix("scaleSettings."): v for p, v in settings(found).items()} == expected


def test_mounts_of_a_cluster() -> None:
    (found,) = records(
        "az batchai cluster create -n a -w w --storage-account-name acc --storage-account-key k --afs-name s "
        "--bfs-name b --bfs-mount-path data --nfs server"
    )
    at = "nodeSetup.mountVolumes."
    assert settings(found) == {
        f"{at}fileServers[0].fileServer.id": "server",
        f"{at}fileServers[0].relativeMountPath": "nfs",
        f"{at}azureFileShares[0].accountName": "acc",
        f"{at}azureFileShares[0].azureFileUrl": "https://acc.file.core.windows.net/s",
        f"{at}azureFileShares[0].relativeMountPath": "afs",
        f"{at}azureFileShares[0].credentials.accountKey": {
            "secret": True,
            "source": f"properties.{at}azureFileShares[0].credentials.accountKey",
        },
        f"{at}azureBlobFileSystems[0].accountName": "acc",
        f"{at}azureBlobFileSystems[0].containerName": "b",
        f"{at}azureBlobFileSystems[0].relativeMountPath": "data",
        f"{at}azureBlobFileSystems[0].credentials.accountKey": {
            "secret": True,
            "source": f"properties.{at}azureBlobFileSystems[0].credentials.accountKey",
        },
    }


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("cluster create -n a -w w --min 1", "contradiction"),
        ("cluster create -n a -w w --setup-task x", "contradiction"),
        ("cluster create -n a -w w --custom-image /x", "contradiction"),
        ("job create -n a -w w -f nowhere.json", "missing file"),
        ("job create -n a -r c -c job.json", "old command line"),
        ("job creat -n a", "unknown command"),
    ],
)
def test_what_is_noticed(line: str, kind: str) -> None:
    assert kind in [n.kind for n in records(f"az batchai {line}", files={"job.json": JOB})[0].request.notices]


def test_a_here_document_is_the_configuration_file() -> None:
    text = """
        NODES=2
        cat > job.json <<EOF
        {"properties": {"nodeCount": $NODES, "stdOutErrPathPrefix": "\\$AZ_BATCHAI_MOUNT_ROOT/$SHARE"}}
        EOF
        az batchai job create -n a -w w -e e -f job.json
    """
    (found,) = records(text)
    assert settings(found) == {
        "nodeCount": 2,
        "stdOutErrPathPrefix": {"parts": ["$AZ_BATCHAI_MOUNT_ROOT/", {"expr": "$SHARE"}]},
    }
    assert [(s.where.path, s.where.line) for s in found.request.settings] == [("run", 4), ("run", 4)]


def test_a_file_that_is_fetched_under_another_name_is_found() -> None:
    text = "wget -O job.json https://host/job_tf.json\naz batchai job create -n a -w w -e e -f job.json"
    (found,) = records(text, files={"job_tf.json": JOB})
    assert settings(found)["nodeCount"] == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "az storage file upload -s share --source src/a.py --path code",
            ("storage.create_file_from_path", "code/a.py"),
        ),
        (
            "az storage file upload --share-name share --source src/a.py --path code/b.py",
            ("storage.create_file_from_path", "code/b.py"),
        ),
        ("az storage blob upload -c box -f src/a.py -n code/a.py", ("storage.create_blob_from_path", "code/a.py")),
        (
            "az storage blob upload-batch -s src --destination box --destination-path code",
            ("storage.create_blob_from_path", "code/a.py"),
        ),
        (
            "azcopy copy src 'https://acc.blob.core.windows.net/box/code?sv=1' --recursive",
            ("storage.create_blob_from_path", "code/src/a.py"),
        ),
        (
            "azcopy cp 'src/*' https://acc.file.core.windows.net/share/code",
            ("storage.create_file_from_path", "code/a.py"),
        ),
        (
            "azcopy copy src/a.py https://$ACCOUNT.blob.core.windows.net/box",
            ("storage.create_blob_from_path", "a.py"),
        ),
        (
            "azcopy copy --recursive=true src/a.py https://acc.blob.core.windows.net/box/code/b.py",
            ("storage.create_blob_from_path", "code/b.py"),
        ),
        (
            "azcopy --source src --destination https://acc.file.core.windows.net/share/code --dest-key $KEY",
            ("storage.create_file_from_path", "code/a.py"),
        ),
        (
            "azcopy sync ./src https://acc.blob.core.windows.net/box/code",
            ("storage.create_blob_from_path", "code/a.py"),
        ),
        (
            "AzCopy /Source:src /Dest:https://acc.blob.core.windows.net/box /S",
            ("storage.create_blob_from_path", "a.py"),
        ),
    ],
)
def test_uploads(line: str, expected: tuple[str, str]) -> None:
    (found,) = records(line, files={"src/a.py": ""})
    given = {a.path: to_json(a.value) for a in found.request.arguments}
    assert (found.request.op, given.get("file_name") or given.get("blob_name")) == expected
    assert str(given["file_path"]).removeprefix("./") == "src/a.py"
    assert (given.get("container_name") or given.get("share_name")) in ("box", "share")


@pytest.mark.parametrize(
    "line",
    [
        "azcopy copy https://acc.blob.core.windows.net/box/a.py src/a.py",
        "azcopy list https://acc.blob.core.windows.net/box",
        "azcopy copy src https://example.com/box",
        "azcopy login",
    ],
)
def test_what_is_no_upload(line: str) -> None:
    assert records(line, files={"src/a.py": ""}) == []


def test_a_makefile() -> None:
    text = "POOL := nc6\nshow:\n\t@az batchai cluster show -n $(POOL) \\\n\t\t-g $$GROUP\n"
    (found,) = records(text, "makefile")
    assert to_json(found.request.names["name"].value) == "nc6"
    assert to_json(found.request.names["resource_group"].value) == {"expr": "$$GROUP"}
    assert found.text.startswith("az batchai")


def test_powershell() -> None:
    text = '$pool = "nc6"\nif ($x) {\n  az batchai cluster show -n $pool `\n    -g $env:GROUP\n}\naz batchai job list\n'
    shown, listed = records(text, "powershell", POWERSHELL)
    assert to_json(shown.request.names["name"].value) == "nc6"
    assert (shown.request.reached, listed.request.reached) == ("branch", "always")


def test_cmd() -> None:
    text = "@echo off\r\nset POOL=nc6\r\nrem az batchai job list\r\naz batchai cluster show ^\r\n -n %POOL%\r\n"
    (found,) = records(text, "shell", CMD)
    assert to_json(found.request.names["name"].value) == "nc6"


def test_markdown_reads_blocks_and_not_prose_or_output() -> None:
    text = """
        Run `az batchai job list` first.

        ```bash
        $ az batchai cluster show -n a
        it isn't there: az said "no
        ```

            az batchai job show -n b

        ```python
        "az batchai job show -n c"
        ```

        ```
        az batchai cluster create: Create a cluster.
        ```
    """
    found = [record for record in records(text, "markdown") if record.request.op != "unknown"]
    assert named(found) == [("clusters.get", "a"), ("jobs.get", "b")]


def test_notebook_cells() -> None:
    source = "x = 1\n!az batchai cluster show -n {name}\ny = !az batchai job show -n $job\n"
    part = Part("n.ipynb", 3, source, tuple(notebook_cell(source)))
    found = read_script("n.ipynb", "notebook", [part], Lookup(lambda path: None)).records
    assert named(found) == [("clusters.get", {"expr": "{name}"}), ("jobs.get", {"expr": "$job"})]
    assert [(r.request.where.cell, r.request.where.line) for r in found] == [(3, 2), (3, 3)]
