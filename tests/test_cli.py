"""The command line as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from batchai2aml import cli
from batchai2aml.readers.python import program
from batchai2aml.report.data import schema
from tests.conftest import Done

HEAVY = ("azure", "libcst", "jinja2", "rich.console", "pydantic", "yaml")


def loaded(*words: str, cwd: Path) -> set[str]:
    """The modules that a command has imported when it is done."""
    code = (
        "import sys, batchai2aml.__main__ as m\n"
        f"sys.argv = ['batchai2aml', *{list(words)!r}]\n"
        "try:\n    m.main()\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_version_is_answered_before_typer(tmp_path: Path) -> None:
    assert not loaded("--version", cwd=tmp_path) & {*HEAVY, "typer"}


def test_a_scan_that_finds_nothing_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print(1)\n")
    assert not loaded("scan", ".", cwd=tmp_path) & set(HEAVY)
    assert not loaded("convert", ".", cwd=tmp_path) & set(HEAVY)


def test_json_follows_its_schema(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("notebooks/recipe_style")
    for command in (("scan",), ("convert", "--check")):
        data = json.loads(run(*command, "--output-format", "json", cwd=source).out)
        jsonschema.validate(data, schema())
        assert sum(data["summary"]["ledger"].values()) == len(data["ledger"])


def test_exit_statuses_of_scan(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/class_with_client")
    assert run("scan", ".", cwd=source).status == 1
    assert run("scan", ".", "--exit-zero", cwd=source).status == 0
    assert run("scan", "code", cwd=source).status == 0
    assert run("scan", "nothere.py", cwd=source).status == 2
    assert run("scan", "--bogus", cwd=source).status == 2


def test_exit_statuses_of_convert(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/class_with_client")
    assert run("convert", ".", "--check", cwd=source).status == 1
    assert run("convert", ".", "--write", cwd=source).status == 0
    assert run("convert", ".", "--check", cwd=source).status == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("convert", "--target", "v3"), "must be v1 or v2"),
        (("scan", "--output-format", "xml"), "must be one of"),
        (("convert", "--report", "a.pdf"), "must end in .md, .html, .json, .sarif"),
        (("convert", "--vm-size", "NC6"), "OLD=NEW"),
        (("scan", "--select", "BAI9999"), "no rule begins"),
        (("explain", "BAI999"), "no rule"),
    ],
)
def test_misuse_is_one_line(tmp_path: Path, run: Callable[..., Done], words: tuple[str, ...], message: str) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.status == 2
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_the_diff_applies(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/parameter_server")
    patch = source.parent / "change.patch"
    patch.write_text(run("convert", ".", cwd=source).out)
    subprocess.run(["git", "init", "-q", "."], cwd=source, check=True)
    subprocess.run(["git", "apply", str(patch)], cwd=source, check=True)
    assert run("convert", ".", "--check", cwd=source).status == 0
    assert (source / "src" / "batchai_launch.py").is_file()


def test_sizes_and_images_are_replaced_on_request(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("notebooks/recipe_style")
    run("convert", ".", "--write", "--vm-size", "STANDARD_NC6=Standard_NC4as_T4_v3", cwd=source)
    assert "vm_size='Standard_NC4as_T4_v3'" in (source / "numbers.ipynb").read_text()


def test_idle_nodes(tmp_path: Path, run: Callable[..., Done]) -> None:
    scale = "models.ScaleSettings(manual=models.ManualScaleSettings(target_node_count=4))"
    (tmp_path / "main.py").write_text(
        "from azure.mgmt.batchai import BatchAIManagementClient, models\n"
        "client = BatchAIManagementClient(None, 's')\n"
        f"p = models.ClusterCreateParameters(vm_size='Standard_NC6', scale_settings={scale})\n"
        "client.clusters.create('rg', 'work', 'nc6', p).result()\n"
    )
    plain = run("convert", "main.py", cwd=tmp_path).out
    assert "min_nodes=4" in plain
    assert "idle_seconds_before_scaledown=1800" in plain
    asked = run("convert", "main.py", "--idle-seconds", "60", "--scale-to-zero", cwd=tmp_path).out
    assert "min_nodes=0" in asked
    assert "max_nodes=4" in asked
    assert "idle_seconds_before_scaledown=60" in asked


def test_settings_of_the_project(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/class_with_client")
    (source / "pyproject.toml").write_text('[tool.batchai2aml]\nignore = ["BAI1"]\n')
    assert "BAI127" not in run("scan", ".", cwd=source).out
    (source / "pyproject.toml").write_text('[tool.batchai2aml]\nignored = ["BAI1"]\n')
    done = run("scan", ".", cwd=source)
    assert (done.status, "did you mean 'ignore'?" in done.err) == (2, True)


def test_a_comment_silences_a_finding(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/class_with_client")
    text = (source / "pool.py").read_text()
    (source / "pool.py").write_text(text.replace("vm_size=size,", "vm_size=size,  # batchai2aml: ignore[BAI113]"))
    findings = json.loads(run("scan", ".", "--output-format", "json", cwd=source).out)["findings"]
    assert [f["suppressed"] for f in findings if f["rule"] == "BAI113"] == [True]


def test_an_ignore_comment_without_effect_is_reported(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/class_with_client")
    with (source / "pool.py").open("a") as handle:
        handle.write("print()  # batchai2aml: ignore[BAI112]\n")
    assert "BAI908" in run("scan", ".", cwd=source).out


def test_a_file_can_be_left_out(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/class_with_client")
    text = (source / "pool.py").read_text()
    (source / "pool.py").write_text("# batchai2aml: ignore-file\n" + text)
    assert run("scan", ".", cwd=source).status == 0
    assert run("convert", ".", "--write", cwd=source).status == 0
    assert (source / "pool.py").read_text() == "# batchai2aml: ignore-file\n" + text


def test_a_user_module_in_the_folder_is_not_imported(tmp_path: Path, run: Callable[..., Done]) -> None:
    for name in ("numbers", "json", "typer", "azure"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('user code ran')\n")
    assert run("scan", ".", cwd=tmp_path).status == 0


def test_read_only_folder(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/class_with_client")
    before = (source / "pool.py").read_bytes()
    os.chmod(source, 0o555)
    try:
        done = run("convert", ".", "--write", cwd=source)
    finally:
        os.chmod(source, 0o755)
    if os.geteuid() != 0:
        assert done.status == 2
        assert "Traceback" not in done.err
        assert (source / "pool.py").read_bytes() == before
    else:
        assert done.status == 0


def test_explain(run: Callable[..., Done]) -> None:
    done = run("explain", "bai112")
    assert done.status == 0
    assert "VM size retired" in done.out


def test_markdown_report(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("notebooks/recipe_style")
    run("convert", ".", "--report", "report.md", cwd=source)
    text = (source / "report.md").read_text()
    assert "## Capabilities" in text
    assert "| `numbers.ipynb[4]:5` | properties.vmSize | `'STANDARD_NC6'` | manual |" in text


def test_the_target_comes_from_the_settings_too(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/class_with_client")
    (source / "pyproject.toml").write_text('[tool.batchai2aml]\ntarget = "v2"\n')
    assert "+from azure.ai.ml import " in run("convert", ".", cwd=source).out
    assert "+from azureml.core import " in run("convert", ".", "--target", "v1", cwd=source).out


def test_a_defect_at_one_file_leaves_the_others_going(
    project: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = project("scripts/class_with_client")
    good = (source / "pool.py").read_bytes()
    (source / "other").mkdir()
    (source / "other" / "alone.py").write_bytes(good)
    whole = program._run

    def fails(me: object, read: program.Source, path: str) -> object:
        if path == "other/alone.py":
            raise RuntimeError("a defect")
        return whole(me, read, path)  # type: ignore[arg-type]

    monkeypatch.setattr(program, "_run", fails)
    assert cli.run(["convert", str(source), "--write"]) == 3
    assert "other/alone.py:1: RuntimeError while reading (BAI901" in capsys.readouterr().err
    assert (source / "other" / "alone.py").read_bytes() == good
    assert b"azureml.core" in (source / "pool.py").read_bytes()


def test_the_json_of_a_conversion_names_what_was_written(
    project: Callable[[str], Path], run: Callable[..., Done]
) -> None:
    source = project("scripts/class_with_client")
    done = json.loads(run("convert", ".", "--output", "out", "--output-format", "json", cwd=source).out)
    named = {file["path"]: file["output"] for file in done["files"] if file["output"]}
    assert named
    assert all(Path(source, output).is_file() and output == f"out/{path}" for path, output in named.items())


SECRETS = """import os
from azure.mgmt.batchai import BatchAIManagementClient
from azure.mgmt.batchai import models as m
from azure.common.credentials import UserPassCredentials

client = BatchAIManagementClient(UserPassCredentials('me', 'Hidden-user-password-1'), os.environ['SUB'])
job = m.JobCreateParameters(
    cluster=m.ResourceId(id=client.clusters.get('g', 'w', 'gpu').id),
    node_count=1,
    std_out_err_path_prefix='$AZ_BATCHAI_JOB_MOUNT_ROOT/x',
    mount_volumes=m.MountVolumes(unmanaged_file_systems=[m.UnmanagedFileSystemReference(
        mount_command='mount -t cifs //a.file.core.windows.net/b -o password=Hidden0mount0key==', relative_mount_path='x')]),
    environment_variables=[m.EnvironmentVariable(name='DB_PASSWORD', value='Hidden-db-password-1')],
    custom_toolkit_settings=m.CustomToolkitSettings(
        command_line='python t.py --api-key Hidden0api0key0 --url https://h/x?sp=r&sig=Hidden0signature%3D'))
client.jobs.create('g', 'w', 'e', 'j', job)
"""


def test_no_literal_secret_comes_out(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "go.py").write_text(SECRETS)
    (tmp_path / "settings.ini").write_text("[storage]\nkey = Hidden0ini0storage0key==\n")
    shown = [
        run(word, ".", *more, cwd=tmp_path)
        for word in ("scan", "convert")
        for more in ((), ("--output-format", "json"))
    ]
    shown.append(run("convert", ".", "--output", "out", "--report", "report.md", cwd=tmp_path))
    texts = [text for done in shown for text in (done.out, done.err)]
    texts += [path.read_text() for path in [tmp_path / "report.md", *(tmp_path / "out").rglob("*.*")] if path.is_file()]
    assert not [text for text in texts if "Hidden" in text]
    assert "os.environ['BATCHAI_SECRET_DB_PASSWORD']" in (tmp_path / "out" / "go.py").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--output", "."), "is the project itself"),
        (("--output", ".."), "or around it"),
        (("--check", "--write"), "--check writes nothing"),
    ],
)
def test_the_project_is_not_its_own_copy(
    project: Callable[[str], Path], run: Callable[..., Done], words: tuple[str, ...], message: str
) -> None:
    source = project("scripts/class_with_client")
    before = (source / "pool.py").read_bytes()
    done = run("convert", ".", *words, cwd=source)
    assert (done.status, message in done.err, (source / "pool.py").read_bytes()) == (2, True, before)


def test_a_file_alone_is_copied_alone(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/class_with_client")
    (source / "notes.txt").write_text("not asked for\n")
    run("convert", "pool.py", "--output", "out", cwd=source)
    copied = [path for path in (source / "out").rglob("*") if path.is_file() and "azureml" not in path.parts]
    assert [path.name for path in copied] == ["pool.py"]


def test_a_size_that_is_replaced_is_not_complained_about(
    project: Callable[[str], Path], run: Callable[..., Done]
) -> None:
    source = project("notebooks/recipe_style")
    new = ("--vm-size", "STANDARD_NC6=Standard_NC4as_T4_v3", "--output-format", "concise")
    assert "BAI112" in run("convert", ".", "--check", "--output-format", "concise", cwd=source).out
    assert "BAI112" not in run("convert", ".", "--check", *new, cwd=source).out


def test_check_lists_what_would_change(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("scripts/parameter_server")
    done = run("convert", ".", "--check", cwd=source)
    assert done.out.splitlines() == ["would change run.py", "would add src/batchai_launch.py"]


def test_annotations_name_lines_of_the_notebook_file(project: Callable[[str], Path], run: Callable[..., Done]) -> None:
    source = project("notebooks/recipe_style")
    lines = (source / "numbers.ipynb").read_text().splitlines()
    done = run("scan", source, "--output-format", "github", cwd=source.parent)
    found = [line for line in done.out.splitlines() if "BAI112" in line]
    place = found[0].split("file=")[1].split(",title")[0]
    name, line = place.split(",line=")
    assert name == "project/numbers.ipynb"
    assert "STANDARD_NC6" in lines[int(line) - 1]


def test_two_accounts_have_a_variable_each(tmp_path: Path, run: Callable[..., Done]) -> None:
    share = (
        "m.AzureFileShareReference(account_name='{0}', azure_file_url='https://{0}.file.core.windows.net/{0}',"
        " relative_mount_path='{0}', credentials=m.AzureStorageCredentialsInfo(account_key='{0}-key-0123456789'))"
    )
    (tmp_path / "go.py").write_text(
        "from azure.mgmt.batchai import BatchAIManagementClient, models as m\n"
        "client = BatchAIManagementClient(None, 's')\n"
        "job = m.JobCreateParameters(\n"
        "    cluster=m.ResourceId(id=client.clusters.get('g', 'w', 'gpu').id), node_count=1,\n"
        f"    mount_volumes=m.MountVolumes(azure_file_shares=[{share.format('one')}, {share.format('two')}]),\n"
        "    custom_toolkit_settings=m.CustomToolkitSettings(\n"
        "        command_line='python t.py $AZ_BATCHAI_JOB_MOUNT_ROOT/one $AZ_BATCHAI_JOB_MOUNT_ROOT/two'))\n"
        "client.jobs.create('g', 'w', 'e', 'j', job)\n"
    )
    done = run("convert", ".", "--write", cwd=tmp_path)
    assert "AZURE_BATCHAI_STORAGE_KEY_ONE, AZURE_BATCHAI_STORAGE_KEY_TWO" in done.err
    assert "os.environ['AZURE_BATCHAI_STORAGE_KEY_TWO']" in (tmp_path / "go.py").read_text()


def test_an_import_without_a_use_that_is_understood_is_said(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "mock.py").write_text("import azure.mgmt.batchai.models as models\nprint(models.__name__)\n")
    done = run("scan", ".", "--output-format", "concise", cwd=tmp_path)
    assert done.out.startswith("mock.py:1: BAI909 warning:")


def test_explain_lists_rules_by_their_beginning(tmp_path: Path, run: Callable[..., Done]) -> None:
    every = run("explain", cwd=tmp_path).out.splitlines()
    some = run("explain", "BAI5", cwd=tmp_path).out.splitlines()
    assert 0 < len(some) < len(every)
    assert all(line.startswith("BAI5") for line in some)
