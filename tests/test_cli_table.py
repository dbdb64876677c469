"""The table of `az batchai` commands against the packages themselves, read as text from their wheels."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from batchai2aml.batchai.cli.commands import COMMANDS, GLOBAL
from batchai2aml.batchai.cli.parse import parse
from batchai2aml.text import Text

RELEASES = {"0.1.6": "0.1", "0.2.2": "0.2", "0.3.1": "0.3", "0.4.10": "0.3"}
OF_THE_SDK = {
    "cluster": {"cluster_name"},
    "job": {"experiment_name", "job_name"},
    "experiment": {"experiment_name"},
    "file-server": {"file_server_name"},
    "workspace": set(),
}
"""What methods of the SDK that a command calls are given beside the group and the workspace."""


def _of_method(words: str, method: str) -> set[str]:
    around = {"resource_group", "workspace_name"}
    if method == "list":
        return {"location"}
    if method.startswith("list_by"):
        return around | ({"experiment_name"} if method == "list_by_experiment" else set())
    return around | OF_THE_SDK[words.split()[0]]


@pytest.fixture(scope="module", params=sorted(RELEASES))
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The generation of a release of azure-cli-batchai, and its sources."""
    version: str = request.param
    folder = tmp_path_factory.mktemp(f"cli_{version}")
    wanted = f"azure-cli-batchai=={version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), wanted]
    subprocess.run(command, check=True, capture_output=True)
    zipfile.ZipFile(next(folder.glob("*.whl"))).extractall(folder / "x")
    return RELEASES[version], next((folder / "x").rglob("commands.py")).parent


def _module(folder: Path, name: str) -> ast.Module:
    return ast.parse((folder / name).read_text(encoding="utf-8"))


def _blocks(tree: ast.Module, function: str) -> list[tuple[list[str], list[ast.Call]]]:
    """`with self.command_group('...') as g:` and its like: the texts it is for, and the calls inside."""
    found: list[tuple[list[str], list[ast.Call]]] = []

    def walk(nodes: list[ast.stmt], loop: list[str]) -> None:
        for node in nodes:
            if isinstance(node, ast.FunctionDef):
                walk(node.body, loop)
            elif isinstance(node, ast.For):
                walk(node.body, [str(ast.literal_eval(item)) for item in node.iter.elts])  # type: ignore[attr-defined]
            elif isinstance(node, ast.With):
                call = node.items[0].context_expr
                assert isinstance(call, ast.Call)
                if getattr(call.func, "attr", "") == function:
                    first = call.args[0]
                    names = [str(first.value)] if isinstance(first, ast.Constant) else loop
                    calls = [s.value for s in node.body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
                    found.append((names, calls))

    walk(tree.body, [])
    return found


def _commands(folder: Path) -> dict[str, tuple[bool, str, set[str]]]:
    """Every command: whether its function is its own or the SDK's, the function, the switches that it gets."""
    found: dict[str, tuple[bool, str, set[str]]] = {}
    for names, calls in _blocks(_module(folder, "commands.py"), "command_group"):
        for call in calls:
            keywords = {keyword.arg for keyword in call.keywords}
            own = call.func.attr == "custom_command"  # type: ignore[attr-defined]
            switches = {"--yes", "-y"} if "confirmation" in keywords else set()
            switches |= {"--no-wait"} if keywords & {"supports_no_wait", "no_wait_param"} else set()
            for group in names:
                words = f"{group.removeprefix('batchai').strip()} {ast.literal_eval(call.args[0])}".strip()
                found[words] = (own, ast.literal_eval(call.args[1]), switches)
    return found


def _parameters(folder: Path) -> dict[str, list[str]]:
    functions = [node for node in _module(folder, "custom.py").body if isinstance(node, ast.FunctionDef)]
    return {node.name: [arg.arg for arg in node.args.args] for node in functions}


def _options(folder: Path, words: str, parameters: set[str]) -> dict[str, set[str]]:
    """The spellings of every parameter of a command; the closest context says the last word."""
    found: dict[str, tuple[int, set[str]]] = {}
    for names, calls in _blocks(_module(folder, "_params.py"), "argument_context"):
        for name in names:
            context = name.removeprefix("batchai").strip()
            if words != context and not (words.startswith(context + " ") or not context):
                continue
            for call in calls:
                if call.func.attr != "argument":  # type: ignore[attr-defined]
                    continue
                parameter = str(ast.literal_eval(call.args[0]))
                given = next((ast.literal_eval(k.value) for k in call.keywords if k.arg == "options_list"), None)
                spelled = set(given or [f"--{parameter.replace('_', '-')}"])
                if parameter == "resource_group" and given is None:
                    spelled = {"--resource-group", "-g"}
                if parameter == "location" and given is None:
                    spelled = {"--location", "-l"}
                if parameter in parameters and len(context) >= found.get(parameter, (-1, set()))[0]:
                    found[parameter] = (len(context), spelled)
    return {parameter: spelled for parameter, (_, spelled) in found.items()}


@pytest.mark.network
def test_every_command_and_option_of_a_release_is_known(release: tuple[str, Path]) -> None:
    generation, folder = release
    functions = _parameters(folder)
    commands = _commands(folder)
    assert len(commands) >= 18
    counted = 0
    for words, (own, function, switches) in commands.items():
        assert words in COMMANDS, words
        command = COMMANDS[words]
        assert generation in command.generations, words
        known = {name for row in (*command.flags, *GLOBAL) if generation in row.generations for name in row.names}
        parameters = set(functions[function]) if own else _of_method(words, function)
        wanted = set().union(switches, *_options(folder, words, parameters).values())
        assert wanted <= known, f"{generation} {words}: {sorted(wanted - known)}"
        counted += len(wanted)
    assert counted > 100


@pytest.mark.network
def test_no_command_is_invented(release: tuple[str, Path]) -> None:
    generation, folder = release
    ours = {words for words, command in COMMANDS.items() if generation in command.generations}
    assert ours == set(_commands(folder))


def _texts(line: str) -> list[Text]:
    return [Text.literal(word) for word in line.split()]


@pytest.mark.parametrize(
    ("line", "old", "expected"),
    [
        ("job create -n j -r nc6 -c job.json", True, {"name": "j", "cluster": "nc6", "body": "job.json"}),
        ("job create -n j -c nc6 -f job.json -w ws", False, {"name": "j", "cluster": "nc6", "body": "job.json"}),
        ("job create -n j -c job.json", True, {"name": "j", "body": "job.json"}),
        ("job create -n j -c nc6", False, {"name": "j", "cluster": "nc6"}),
        ("job create --conf job.json --na j -r c", True, {"name": "j", "body": "job.json", "cluster": "c"}),
        ("job create -nj -e=exp --cluster=nc6", False, {"name": "j", "experiment": "exp", "cluster": "nc6"}),
        ("job stream-file -j job1 -n stdout.txt -d stdouterr", True, {"name": "job1", "file_name": "stdout.txt"}),
        ("job file stream -n job1 -f stderr.txt", True, {"name": "job1", "file_name": "stderr.txt"}),
        ("cluster resize -n c -t 3", False, {"name": "c", "target": "3"}),
        ("cluster create -n c --container-name data -l eastus", True, {"container": "data", "location": "eastus"}),
        (
            "cluster node exec -c c -n tvm1 --exec nvidia-smi",
            False,
            {"name": "c", "node": "tvm1", "exec": "nvidia-smi"},
        ),
        ("workspace create -n ws -g rg", False, {"name": "ws", "resource_group": "rg"}),
    ],
)
def test_options_are_read_as_argparse_does(line: str, old: bool, expected: dict[str, str]) -> None:
    found = parse(_texts(line))
    assert found.old is old
    assert {to: (found.value(to) or Text(())).known for to in expected} == expected
    assert [trouble for _, trouble in found.strange if trouble != "abbreviated"] == []


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("job creat -n j", "unknown command"),
        ("job create --colour red -n j", "unknown flag"),
        ("job create -n", "no value"),
        ("cluster create --vm-s Standard_NC6", "abbreviated"),
        ("job create --n j", "unknown flag"),
    ],
)
def test_what_is_wrong_with_a_command_line_is_said(line: str, trouble: str) -> None:
    assert trouble in [kind for _, kind in parse(_texts(line)).strange]
