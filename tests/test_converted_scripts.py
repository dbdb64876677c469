"""Converted shell scripts are run by a real shell: which steps they call, where, and with what values."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.conftest import Done

BASH = shutil.which("bash")
GIVEN = ("GROUP", "SPACE", "NAME", "VALUE", "LR")
SHIMS = {
    "python3": '[ -f "$1" ] || echo "no $1 here" >> "$LOG"\n'
    + 'line="$2"; for v in ' + " ".join(GIVEN) + '; do [ -n "${!v+x}" ] && line="$line $v=${!v}"; done\n'
    + 'echo "$line" >> "$LOG"',
    "az": 'echo "az $*" >> "$LOG"',
    "sudo": 'exec "$@"',
}  # fmt: skip


def steps(run: Callable[..., Done], folder: Path, script: str) -> list[str]:
    """What a converted script calls, in order, each step with the variables that it is given."""
    (folder / "in").mkdir()
    (folder / "in" / "jobs").mkdir()
    (folder / "in" / "run.sh").write_text("#!/bin/bash\n" + dedent(script))
    done = run("convert", "in", "--output", "out", cwd=folder)
    assert (folder / "out" / "run_azureml.py").exists(), done.err
    (folder / "out" / "jobs").mkdir(exist_ok=True)
    shims, log = folder / "shims", folder / "log"
    shims.mkdir()
    for name, body in SHIMS.items():
        (shims / name).write_text(f"#!{BASH}\n{body}\n")
        (shims / name).chmod(0o755)
    environment = {"PATH": f"{shims}{os.pathsep}{os.environ['PATH']}", "LOG": str(log)}
    shell = subprocess.run(
        [BASH or "bash", "run.sh"],
        cwd=folder / "out",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not shell.stderr, shell.stderr
    return log.read_text().splitlines()


SHOW = 'az batchai job show -g $GROUP -w "$SPACE" -e ex'
BOTH = 'GROUP=rg-a\nSPACE="my space"\n'


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"{SHOW} -n a", ["show_a GROUP=rg-a SPACE=my space"]),
        (f"for name in one two; do {SHOW} -n $name; done", [
            "show GROUP=rg-a SPACE=my space NAME=one", "show GROUP=rg-a SPACE=my space NAME=two"]),
        (f"timeout 60 {SHOW} -n a", ["show_a GROUP=rg-a SPACE=my space"]),
        (f"nohup {SHOW} -n a > out.txt 2>/dev/null", ["show_a GROUP=rg-a SPACE=my space"]),
        (f"sudo {SHOW} -n a", ["show_a GROUP=rg-a SPACE=my space"]),
        (f"echo one two | xargs -I{{}} {SHOW} -n {{}}", [
            "show GROUP=rg-a SPACE=my space VALUE=one two"]),
        (f"state=$({SHOW} -n a)\n[ \"$state\" = running ] || echo other > /dev/null", [
            "show_a GROUP=rg-a SPACE=my space"]),
        ('ARGS=(-g "$GROUP" -w "$SPACE" -e ex)\naz batchai job show "${ARGS[@]}" -n a', [
            "show_a GROUP=rg-a SPACE=my space"]),
        ('ARGS="-g rg-b -w other -e ex"\naz batchai job show $ARGS -n a', ["show_a"]),
        (f"(cd jobs && {SHOW} -n a)\n{SHOW} -n b", [
            "show_a GROUP=rg-a SPACE=my space", "show_b GROUP=rg-a SPACE=my space"]),
        (f"(cd jobs && {SHOW} -n a)\ncd jobs\n{SHOW} -n b", [
            "show_a GROUP=rg-a SPACE=my space", "show_b GROUP=rg-a SPACE=my space"]),
        (f"x=$(cd jobs; {SHOW} -n a)\n{SHOW} -n b", [
            "show_a GROUP=rg-a SPACE=my space", "show_b GROUP=rg-a SPACE=my space"]),
        (f"again() {{\n {SHOW} -n \"$1\"\n}}\nNAME=x again one", ["show GROUP=rg-a SPACE=my space NAME=x"]),
        (f"{SHOW} -n a # why\necho done > /dev/null; {SHOW} -n 'it''s'", [
            "show_a GROUP=rg-a SPACE=my space", "show_its GROUP=rg-a SPACE=my space"]),
    ],
)  # fmt: skip
def test_the_shell_calls_the_steps(tmp_path: Path, run: Callable[..., Done], script: str, expected: list[str]) -> None:
    assert steps(run, tmp_path, BOTH + script) == expected


@pytest.mark.parametrize(
    ("line", "always"),
    [
        ("{0} a && {0} b", {"show_a", "show_b"}),
        ("cd jobs && {0} b", {"show_b"}),
        ("{0} a || {0} b", {"show_a"}),
        ("[ -f x ] && {0} b || {0} c", set()),
        ("{0} a || {{ echo no; {0} b; {0} c; }}; {0} d", {"show_a", "show_d"}),
        ("grep -q x y && {0} b\n{0} c", {"show_c"}),
        ("f() {{\n {0} a\n}}\nf", set()),
    ],
)
def test_what_runs_without_a_name(tmp_path: Path, run: Callable[..., Done], line: str, always: set[str]) -> None:
    (tmp_path / "run.sh").write_text(line.format("az batchai job show -g g -w w -e ex -n"))
    run("convert", ".", "--output", "out", cwd=tmp_path)
    text = (tmp_path / "out" / "run_azureml.py").read_text()
    _, found, rest = text.partition("\nSTEPS = [")
    assert set(rest.partition("]")[0].replace(",", "").split()) == always
    assert bool(found) == bool(always)


def test_the_values_of_one_round_are_not_those_of_another(tmp_path: Path, run: Callable[..., Done]) -> None:
    document = r"""
        {"properties": {"nodeCount": 1, "customToolkitSettings": {"commandLine": "python3 fit.py \$AZ_BATCHAI_OUTPUT_M"},
         "stdOutErrPathPrefix": "\$AZ_BATCHAI_JOB_MOUNT_ROOT/s", "mountVolumes": {"azureFileShares": [
          {"azureFileUrl": "https://acc.file.core.windows.net/s", "relativeMountPath": "s"}]},
         "outputDirectories": [{"id": "M", "pathPrefix": "\$AZ_BATCHAI_JOB_MOUNT_ROOT/s", "pathSuffix": "m/$LR"}]}}"""
    script = f"""
        for LR in 1 2; do
        cat > job.json <<EOF
        {document}
        EOF
        az batchai job create -g g -w w -e ex -n j$LR -c c -f job.json
        az batchai job file list -g g -w w -e ex -j j$LR -d M
        done
        az batchai job file list -g g -w w -e ex -j j1 -d M
    """
    (tmp_path / "run.sh").write_text("\n".join(line.strip() for line in script.splitlines()))
    done = run("convert", ".", "--output", "out", "--verbose", cwd=tmp_path)
    text = (tmp_path / "out" / "run_azureml.py").read_text()
    assert "list_directories_and_files(f'{run.id}/outputs/m/{lr}')" in text.partition("def list_files_of")[2]
    assert "each job had its own value of" in done.out
    assert "list_directories_and_files" not in text.partition("def list_files_of_j1")[2]


@pytest.mark.parametrize(
    "line",
    [
        "echo a | xargs -n1 az batchai job delete -g g -w w -e ex -y -n",
        'CMD="az batchai cluster list"\neval $CMD',
        "bash -c 'az batchai cluster list'",
        "alias ab='az batchai cluster list'",
    ],
)
def test_commands_that_other_commands_make_are_said(tmp_path: Path, run: Callable[..., Done], line: str) -> None:
    (tmp_path / "run.sh").write_text(f"az batchai cluster show -g g -w w -n c\n{line}\n")
    done = run("convert", ".", "--output", "out", cwd=tmp_path)
    assert "BAI813" in done.out
    assert done.status == 1
    assert (tmp_path / "out" / "run.sh").read_text().endswith(line + "\n")


def test_a_secret_of_a_script_stays_out_of_what_is_made(tmp_path: Path, run: Callable[..., Done]) -> None:
    script = f"""
        NAME='a1b2c3d4e5f6g7h8'
        API_TOKEN='t0psecret-ABCDEF123456'
        {SHOW} -n $API_TOKEN
    """
    (tmp_path / "run.sh").write_text(dedent(script))
    done = run("convert", ".", "--output", "out", cwd=tmp_path)
    made = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert "t0psecret" not in made + done.out + done.err
    assert 'API_TOKEN="$API_TOKEN" ' in made
