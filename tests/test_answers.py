"""What programs do with answers: wherever an answer goes, its attributes and states are put into Azure ML's words."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done

HEAD = """from collections import Counter
from multiprocessing.pool import ThreadPool
from azure.mgmt.batchai import BatchAIManagementClient
client = BatchAIManagementClient(None, 's')


def refresh(name):
    return client.jobs.get('rg', 'work', 'exp', name)


def ready(name):
    return client.clusters.get('rg', 'work', name)


every = client.jobs.list_by_experiment('rg', 'work', 'exp')
"""


@pytest.mark.parametrize(
    ("text", "there", "gone"),
    [
        (
            "for j in ThreadPool(4).map(refresh, ['a', 'b']):\n    print(j.name, j.execution_state)\n",
            "j.get_status()",
            "execution_state",
        ),
        (
            "def show(job):\n    for e in job.execution_info.errors or []:\n        print(e.code)\n",
            "e['code']",
            "e.code",
        ),
        ("def done(job):\n    return job.execution_state == 'succeeded'\n", "== 'Completed'", "succeeded"),
        (
            "def steady(c):\n    return c.allocation_state == 'steady'\n",
            "c.get_status().allocation_state == 'Steady'",
            "c.allocation_state",
        ),
        (
            "print(sorted(every, key=lambda j: j.creation_time))\n",
            "j.get_details().get('startTimeUtc', '')",
            "creation_time",
        ),
        (
            "print(list(filter(lambda j: j.execution_state == 'failed', every)))\n",
            "in ('Failed', 'Canceled')",
            "'failed'",
        ),
        ("print(max(every, key=lambda j: j.name).execution_state)\n", ".get_status()", "execution_state"),
        (
            "first = next((j for j in every), None)\nprint(first.execution_state)\n",
            "first.get_status()",
            "execution_state",
        ),
        (
            "states = [j.execution_state for j in every]\nprint(sum(s == 'failed' for s in states))\n",
            "s in ('Failed', 'Canceled')",
            "'failed'",
        ),
        (
            "states = [j.execution_state for j in every]\nprint('failed' in states, 'running' not in states)\n",
            "any(word in states for word in ('Failed', 'Canceled')), "
            "not any(word in states for word in ('Running', 'Finalizing'))",
            "'failed'",
        ),
        (
            "colours = {'succeeded': 'green', 'failed': 'red'}\nfor j in every:\n    print(colours[j.execution_state])\n",
            "{'Completed': 'green', 'Failed': 'red', 'Canceled': 'red'}",
            "succeeded",
        ),
        (
            "code = {\n    'succeeded': 0,\n    'failed': 1,\n}.get(refresh('a').execution_state, 2)\n",
            "{\n    'Completed': 0,\n    'Failed': 1,\n    'Canceled': 1,\n}.get(",
            "succeeded",
        ),
        (
            "states = {j.name: j.execution_state for j in every}\nprint(all(s == 'failed' for s in states.values()))\n",
            "s in ('Failed', 'Canceled')",
            "'failed'",
        ),
        (
            "info = refresh('a').execution_info\nprint(info.exit_code)\n",
            "int(info['status'] != 'Completed')",
            "exit_code",
        ),
        (
            "info = refresh('a').execution_info\nprint(info.end_time - info.start_time)\n",
            "dateutil.parser.parse(info.get('endTimeUtc')) - dateutil.parser.parse(info.get('startTimeUtc'))",
            "end_time",
        ),
        (
            "stop = {n: client.jobs.terminate('rg', 'work', 'exp', n) for n in input()}\n"
            "print([s.result() for s in stop.values()])\n",
            ".cancel() for n in input()}",
            "terminate",
        ),
        (
            "def drop(wait):\n    poller = client.clusters.delete('rg', 'work', 'nc6')\n    if wait:\n"
            "        poller.wait()\n    return None\n",
            "    nc6.delete()\n    if wait:\n        nc6.wait_for_completion(show_output=True, is_delete_operation=True)\n",
            "poller",
        ),
        (
            "def stop(run):\n    client.jobs.terminate('rg', 'work', 'exp', 'a').result()\n",
            ".cancel()\n    run_2.wait_for_completion(raise_on_error=False)\n",
            "terminate",
        ),
        (
            "from azure.mgmt.batchai import models\n\n\ndef show(rows):\n"
            "    print([n for n, r in rows.items() if r['state'] == models.ExecutionState.failed])\n",
            "if r['state'] in ('Failed', 'Canceled')",
            "ExecutionState",
        ),
        (
            "import atexit\natexit.register(lambda: client.clusters.delete('rg', 'work', 'nc6'))\n",
            "lambda: ComputeTarget(",
            "clusters",
        ),
        (
            "def stop(obj):\n    obj['client'].clusters.delete('rg', 'work', 'nc6')\n",
            "ComputeTarget(workspace=obj['client'], name='nc6').delete()",
            "clusters",
        ),
        (
            "class Held(object):\n    def __enter__(self):\n        self.job = refresh('a')\n        return self\n\n"
            "    def __exit__(self, *_):\n        pass\n\n\nwith Held() as held:\n    print(held.job.name)\n",
            "held.job.display_name",
            "job.name",
        ),
        (
            "from msrestazure.azure_exceptions import CloudError\n\n\ndef again(call):\n    try:\n"
            "        return call()\n    except CloudError:\n        return call()\n",
            "except (CloudError, AzureMLException):",
            "except CloudError:",
        ),
        (
            "count = {}\nfor j in every:\n    count[j.execution_state] = 1\nprint(count['succeeded'])\n",
            "print(count['Completed'])",
            "succeeded",
        ),
    ],
)
def test_answers_are_followed(tmp_path: Path, run: Callable[..., Done], text: str, there: str, gone: str) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "main.py").write_text(HEAD + text)
    run("convert", ".", "--output", "../out", cwd=tmp_path / "p")
    new = (tmp_path / "out" / "main.py").read_text()
    ast.parse(new)
    assert there in new
    assert gone not in new


@pytest.mark.parametrize(
    ("text", "rule", "severity", "message"),
    [
        ("print(getattr(refresh('a'), 'execution_state'))\n", "BAI718", "error", "'execution_state' is left"),
        (
            "count = Counter(j.execution_state for j in every)\nprint(count['failed'])\n",
            "BAI717",
            "warning",
            "'failed' is left",
        ),
        (
            "count = {}\nfor j in every:\n    count[j.execution_state] = 1\nprint(count['failed'])\n",
            "BAI717",
            "warning",
            "that of Failed alone, without Canceled",
        ),
    ],
)
def test_what_is_left_is_said(
    tmp_path: Path, run: Callable[..., Done], text: str, rule: str, severity: str, message: str
) -> None:
    (tmp_path / "main.py").write_text(HEAD + text)
    line = len((HEAD + text).splitlines())
    found = json.loads(run("convert", ".", "--check", "--output-format", "json", cwd=tmp_path).out)["findings"]
    said = [f for f in found if f["rule"] == rule and message in f["message"]]
    assert [(f["severity"], f["where"]["line"]) for f in said] == [(severity, line)]


def test_attributes_of_the_programs_own_objects_stay(tmp_path: Path, run: Callable[..., Done]) -> None:
    own = (
        "class Row(object):\n    def __init__(self, state):\n        self.execution_state = state\n\n\n"
        "def show(row):\n    return row.execution_state\n"
    )
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "main.py").write_text(HEAD + own)
    done = run("convert", ".", "--output", "../out", "--output-format", "json", cwd=tmp_path / "p")
    assert (tmp_path / "out" / "main.py").read_text().endswith(own)
    assert not [f for f in json.loads(done.out)["findings"] if f["rule"] == "BAI718"]


STATUS = "def show(job):\n    return job.execution_state\n"
STOP = "def stop(client, name):\n    client.jobs.terminate('rg', 'work', 'exp', name).result()\n    return name\n"


def test_modules_that_do_not_name_batch_ai_are_converted_too(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "main.py").write_text(
        HEAD + "import stop\nimport status\nstop.stop(client, 'a')\nprint(status.show(refresh('a')))\n"
    )
    (tmp_path / "p" / "status.py").write_text(STATUS)
    (tmp_path / "p" / "stop.py").write_text(STOP)
    done = run("convert", ".", "--output", "../out", "--output-format", "json", cwd=tmp_path / "p")
    assert {f["path"]: f["outcome"] for f in json.loads(done.out)["files"]} == dict.fromkeys(
        ("main.py", "status.py", "stop.py"), "converted"
    )
    assert (tmp_path / "out" / "status.py").read_text() == "def show(job):\n    return job.get_status()\n"
    assert ".cancel()" in (tmp_path / "out" / "stop.py").read_text()


def test_half_of_a_program_is_not_converted(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "main.py").write_text(HEAD + "import status\nprint(status.show(refresh('a')))\n")
    (tmp_path / "status.py").write_text(STATUS)
    done = run("convert", "main.py", "--check", "--output-format", "json", cwd=tmp_path)
    assert [f["outcome"] for f in json.loads(done.out)["files"]] == ["partly"]
    assert any("in status.py, which was not given" in f["message"] for f in json.loads(done.out)["findings"])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "import functools\nget = functools.partial(client.jobs.get, 'rg', 'work', 'exp')\n",
            2,
            "'client' is read elsewhere",
        ),
        ("print(getattr(client, 'jobs'))\n", 1, "'jobs' of the client is left"),
        ("print(getattr(client.jobs, 'get')('rg', 'work', 'exp', 'a'))\n", 1, "'client' is read elsewhere"),
        (
            "for op in (client.jobs.terminate, client.jobs.delete):\n    op('rg', 'work', 'exp', 'a')\n",
            2,
            "one call does",
        ),
    ],
)
def test_calls_that_cannot_be_followed_are_said(
    tmp_path: Path, run: Callable[..., Done], text: str, line: int, message: str
) -> None:
    (tmp_path / "main.py").write_text(HEAD + text)
    at = len(HEAD.splitlines()) + line
    done = json.loads(run("convert", ".", "--check", "--output-format", "json", cwd=tmp_path).out)
    said = [f for f in done["findings"] if message in f["message"]]
    assert [(f["severity"], f["where"]["line"]) for f in said] == [("error", at)]


@pytest.mark.parametrize(
    ("text", "there"),
    [
        (
            "match refresh('a').execution_state:\n    case 'failed':\n        client.clusters.delete('rg', 'work', 'nc6')\n",
            ".delete()",
        ),
        ("if every:\n    raise ValueError(refresh('a').execution_state)\n", "ValueError(refresh('a').get_status())"),
        ("assert every, refresh('a').execution_state\n", "assert every, refresh('a').get_status()"),
        ("print(client.jobs.list_by_experiment('rg', 'work', 'exp').next())\n", "next(Experiment("),
        ("for page in client.clusters.list_by_workspace('rg', 'work').by_page():\n    print(page)\n", "in iter([["),
        (
            "client.clusters.delete('rg', 'work', 'nc6').result()\n",
            "nc6.delete()\nnc6.wait_for_completion(show_output=True, is_delete_operation=True)\n",
        ),
        ("client.clusters.delete('rg', 'work', 'nc6')\n", "ComputeTarget(workspace=client, name='nc6').delete()\n"),
    ],
)
def test_calls_in_odd_places_are_converted(tmp_path: Path, run: Callable[..., Done], text: str, there: str) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "main.py").write_text(HEAD + text)
    run("convert", ".", "--output", "../out", cwd=tmp_path / "p")
    assert there in (tmp_path / "out" / "main.py").read_text().replace("workspace=ws,", "workspace=client,")


def test_a_workspace_that_is_opened_before_it_is_made_is_said(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "main.py").write_text(
        "from azure.mgmt.batchai import BatchAIManagementClient\n\n\n"
        "def connect():\n    return BatchAIManagementClient(None, 's')\n\n\n"
        "client = connect()\nclient.workspaces.create('rg', 'work', 'eastus').result()\n"
    )
    done = json.loads(run("convert", ".", "--check", "--output-format", "json", cwd=tmp_path).out)
    said = [f for f in done["findings"] if f["rule"] == "BAI140" and f["severity"] == "error"]
    assert [f["where"]["line"] for f in said] == [5]
    assert "before main.py:9 creates it" in said[0]["message"]
