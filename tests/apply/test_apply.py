"""`batchai2aml apply` from end to end: a child process with the real azure-ai-ml, over HTTPS to a cloud of the tests."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.apply.conftest import SECRETS, WORKSPACE, Site, changed

MADE = ["compute/pool", "connection/reg", "datastore/bai_data", "environment/fit", "job/fit", "workspace/vision"]


def actions(out: str) -> dict[str, str]:
    return {f"{found['kind']}/{found['name']}": found["action"] for found in json.loads(out)["changes"]}


def test_everything_from_nothing_and_then_nothing(site: Callable[..., Site]) -> None:
    here = site()
    first = here.run("--yes", "--submit", "--output-format", "json")
    assert first.status == 0, first.err
    said = json.loads(first.out)
    assert sorted(said["outcome"]["done"]) == MADE
    asked = [(request.method, request.path) for request in here.server.writes]
    order = [
        next(i for i, (_, path) in enumerate(asked) if part in path)
        for part in ("/deployments/", "/computes/pool", "/jobs/fit-")
    ]
    assert order == sorted(order)
    (deployed,) = here.cloud.deployed
    assert deployed["tagValues"] == {"team": "vision"}
    compute = here.state()["microsoft.machinelearningservices/workspaces/vision/computes/pool"]["properties"]
    assert isinstance(compute, dict)
    inner = compute["properties"]
    assert (inner["vmSize"], inner["scaleSettings"]["maxNodeCount"]) == ("Standard_NC4as_T4_v3", 4)
    assert inner["userAccountCredentials"] == {
        "adminUserName": "me",
        "adminUserPassword": SECRETS["BATCHAI_ADMIN_PASSWORD"],
    }
    again = here.run("--yes", "--submit", "--output-format", "json")
    assert again.status == 0
    assert set(actions(again.out).values()) == {"unchanged"}
    assert here.server.writes == []
    assert here.server.strangers == []


def test_a_dry_run_asks_for_no_change(site: Callable[..., Site]) -> None:
    here = site()
    done = here.run("--dry-run")
    assert done.status == 1
    assert here.server.writes == []
    assert "5 to create, 1 not sent" in done.out
    assert not (here.folder / "azureml" / ".journal.jsonl").exists()
    here.run("--yes")
    assert here.run("--dry-run").status == 0


def test_offline_uses_no_network(site: Callable[..., Site]) -> None:
    here = site()
    done = here.run("--dry-run", "--offline")
    assert (done.status, here.server.asked, here.server.strangers) == (0, [], [])
    assert "6 unknown" in done.out
    assert here.run("--offline").status == 2


def test_jobs_are_sent_with_submit_only(site: Callable[..., Site]) -> None:
    here = site()
    assert here.run("--yes").status == 0
    assert not any("/jobs/" in path for path in here.state())
    assert here.run("--yes", "--submit").status == 0
    assert len([path for path in here.state() if "/jobs/" in path]) == 1
    changed(here.folder, "jobs/fit.yml", "timeout: 3600", "timeout: 7200")
    assert here.run("--yes", "--submit").status == 0
    assert len([path for path in here.state() if "/jobs/" in path]) == 2


DRIFT = [
    ("computes/pool.yml", "max_instances: 4", "max_instances: 2", "update", ("max_instances", 4, 2), 0),
    ("computes/pool.yml", "1800", "600", "update", ("idle_time_before_scale_down", 1800, 600), 0),
    ("computes/pool.yml", "Standard_NC4as_T4_v3", "Standard_D2s_v5", "fixed", ("size", "Standard_NC4as_T4_v3", "Standard_D2s_v5"), 2),
    ("computes/pool.yml", "tier: dedicated", "tier: low_priority", "fixed", ("tier", "dedicated", "low_priority"), 2),
    ("computes/pool.yml", "admin_username: me", "admin_username: you", "fixed", ("ssh_settings.admin_username", "me", "you"), 2),
    ("datastores/bai_data.yml", "container_name: data", "container_name: more", "update", ("container_name", "data", "more"), 0),
    ("environments/fit.yml", "fit:2", "fit:3", "fixed", ("image", "contoso.example/fit:2", "contoso.example/fit:3"), 2),
    ("connections/reg.yml", "contoso.example", "fabrikam.example", "update", ("target", "https://contoso.example", "https://fabrikam.example"), 0),
    ("workspaces/vision.yml", "team: vision", "team: sight", "update", ("tags.team", "vision", "sight"), 0),
    ("workspaces/vision.yml", "location: eastus", "location: westus", "fixed", ("location", "eastus", "westus"), 2),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "action", "field", "status"), DRIFT)
def test_drift(
    site: Callable[..., Site],
    file: str,
    old: str,
    new: str,
    action: str,
    field: tuple[str, object, object],
    status: int,
) -> None:
    here = site()
    assert here.run("--yes").status == 0
    changed(here.folder, file, old, new)
    planned = here.run("--dry-run", "--output-format", "json")
    assert here.server.writes == []
    (found,) = [entry for entry in json.loads(planned.out)["changes"] if entry["fields"]]
    path, before, after = field
    assert (found["action"], found["fields"]) == (action, [{"path": path, "from": before, "to": after}])
    assert planned.status == (1 if action == "update" else 2)
    assert here.run("--yes").status == status
    again = here.run("--dry-run", "--output-format", "json")
    assert (again.status == 0) == (action == "update"), again.out


def test_a_hash_that_is_no_longer_true(site: Callable[..., Site]) -> None:
    here = site()
    code = json.loads(here.run("--dry-run", "--output-format", "json").out)["hash"]
    changed(here.folder, "computes/pool.yml", "max_instances: 4", "max_instances: 3")
    refused = here.run("--yes", "--expect", code)
    assert (refused.status, here.server.writes) == (2, [])
    assert "the plan, or what is there, has changed" in refused.err
    changed(here.folder, "computes/pool.yml", "max_instances: 3", "max_instances: 4")
    assert here.run("--yes", "--expect", code).status == 0
    assert here.run("--yes", "--expect", code).status == 2


def test_problems_are_told_before_the_first_change(site: Callable[..., Site]) -> None:
    here = site(limit=8)
    here.cloud.group = here.cloud.registered = False
    changed(here.folder, "environments/fit.yml", "contoso.example", "fabrikam.example")
    environment = {key: value for key, value in here.environment.items() if key != "BATCHAI_ADMIN_PASSWORD"}
    done = here.run("--yes", "--output-format", "json", environment=environment)
    assert (done.status, here.server.writes) == (2, [])
    problems = {found["about"]: found["message"] for found in json.loads(done.out)["problems"]}
    assert problems["rg"] == "the resource group is not there"
    assert problems["Microsoft.MachineLearningServices"] == "the subscription has not registered it"
    assert problems["environment/fit"] == "nothing in the plan opens the registry fabrikam.example"
    messages = [found["message"] for found in json.loads(done.out)["problems"] if found["about"] == "compute/pool"]
    assert messages == [
        "the environment variable BATCHAI_ADMIN_PASSWORD is not set",
        "4 nodes of 4 cores are more than what is left of standardNCASv3_T4Family in eastus: 8 of 8",
    ]


def test_a_size_that_the_region_does_not_have(site: Callable[..., Site]) -> None:
    here = site()
    changed(here.folder, "computes/pool.yml", "Standard_NC4as_T4_v3", "Standard_NC4as_T5_v9")
    done = here.run("--dry-run")
    assert done.status == 2
    assert "compute/pool: the size Standard_NC4as_T5_v9 is not there in eastus" in done.out


def test_a_plan_with_mistakes_is_refused(site: Callable[..., Site]) -> None:
    here = site()
    changed(here.folder, "jobs/fit.yml", "inputs.DATA}}", "inputs.RAW}}")
    done = here.run("--yes")
    assert (done.status, here.server.asked) == (2, [])
    assert done.err.startswith("batchai2aml: azureml/jobs/fit.yml:4: ")
    assert "`batchai2aml scan azureml`" in done.err


def test_a_workspace_that_nobody_makes(site: Callable[..., Site]) -> None:
    here = site()
    done = here.run("--yes", "--workspace", "other", "--output-format", "json")
    assert done.status == 0, done.err
    assert [given["workspaceName"] for given in here.cloud.deployed] == ["other"]
    changed(here.folder, "plan.yml", "- {kind: workspace, name: vision, file: workspaces/vision.yml}\n", "")
    (here.folder / "azureml/workspaces/vision.yml").unlink()
    done = here.run("--yes", "--workspace", "gone", "--output-format", "json")
    assert done.status == 2
    assert {a for key, a in actions(done.out).items() if key != "job/fit"} == {"blocked"}
    assert here.server.writes == []


def test_no_secret_anywhere(site: Callable[..., Site]) -> None:
    here = site()
    here.fails("PUT", "/datastores/bai_data", answer=_refused(f"key {SECRETS['AZURE_BATCHAI_STORAGE_KEY']} is wrong"))
    done = here.run("--yes", "--submit", "--verbose")
    assert done.status == 2
    journal = (here.folder / "azureml" / ".journal.jsonl").read_text()
    assert "MASKED" in done.out
    assert "MASKED" in journal
    assert "/computes/pool" in done.err
    for secret in SECRETS.values():
        for form in (secret, json.dumps(secret)[1:-1]):
            assert form not in done.out + done.err + journal
    needed = {
        "AZURE_CLIENT_SECRET": "/oauth2/",
        "BATCHAI_ADMIN_PASSWORD": "/computes/",
        "BATCHAI_REGISTRY_PASSWORD": "/connections/",
        "AZURE_BATCHAI_STORAGE_KEY": "/datastores/",
    }
    for name, part in needed.items():
        form = json.dumps(SECRETS[name])[1:-1].encode()
        carriers = [head for head in here.server.heads if repr(form)[2:-1] in head]
        assert carriers
        assert all(part in head for head in carriers)


def _refused(message: str) -> object:
    from tests.azure.service import Answer

    return Answer(400, {"error": {"code": "BadRequest", "message": message}})


def test_two_at_once(site: Callable[..., Site]) -> None:
    here = site(steps=4)
    first = here.start("--yes")
    journal = here.folder / "azureml" / ".journal.jsonl"
    until = time.monotonic() + 30
    while not journal.exists() and time.monotonic() < until:
        time.sleep(0.05)
    second = here.start("--yes")
    _, err = second.communicate(timeout=60)
    assert second.returncode == 2
    assert "another apply is at work with this plan" in err
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert here.run("--yes").status == 0


def test_an_interruption_says_what_is_under_way(site: Callable[..., Site]) -> None:
    here = site(steps=3)
    process = here.start("--yes")

    def stop(number: int) -> None:
        if any("/computes/pool" in found.path and found.method == "PUT" for found in here.server.asked):
            here.server.watch = lambda again: None
            process.send_signal(signal.SIGINT)

    here.server.watch = stop
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "compute/pool was under way; Azure may go on with it" in out
    assert "Traceback" not in err
    assert here.run("--yes").status == 0
    assert here.run("--dry-run").status == 0
    assert len([request for request in here.server.asked if request.path.startswith(WORKSPACE)]) > 0


def test_a_terminal_asks_and_shows_a_table(site: Callable[..., Site]) -> None:
    here = site("vision", steps=2)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "batchai2aml", "apply"],
        cwd=here.folder,
        env={**here.environment, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            more = os.read(ours, 4096)
        except OSError:
            break
        shown += more
        if not more:
            break
        if shown.endswith(b"[y/N] "):
            os.write(ours, b"y\n")
    os.close(ours)
    assert process.wait(timeout=30) == 0
    text = shown.decode()
    assert text.index("create            compute/pool") < text.index("Carry this out?")
    assert re.search(r"compute/pool: at work +1 s", text)
    assert re.search(r"compute/pool: done after \d+ s", text)


def test_nobody_can_be_asked(site: Callable[..., Site]) -> None:
    here = site()
    done = here.run()
    assert (done.status, here.server.writes) == (2, [])
    assert "give --yes" in done.err


def test_an_update_leaves_what_the_plan_does_not_name(site: Callable[..., Site]) -> None:
    here = site()
    assert here.run("--yes").status == 0
    made = {path.rpartition("/")[2]: body for path, body in here.cloud.resources.items()}
    subnet = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/a"
    identity = {"type": "SystemAssigned", "principalId": "p", "tenantId": "t"}
    made["pool"] |= {"tags": {"cost": "7"}, "identity": identity}
    made["pool"]["properties"]["properties"]["subnet"] = {"id": subnet}
    made["bai_data"]["properties"]["description"] = "of the team"
    made["vision"]["tags"] = {"team": "vision", "owner": "ops"}
    changed(here.folder, "computes/pool.yml", "max_instances: 4", "max_instances: 2")
    changed(here.folder, "datastores/bai_data.yml", "container_name: data", "container_name: more")
    changed(here.folder, "workspaces/vision.yml", "team: vision", "team: sight")
    assert here.run("--yes").status == 0
    bodies = {request.path.rpartition("/")[2]: request.body for request in here.server.writes}
    assert sorted(bodies) == ["bai_data", "pool", "vision"]
    pool = bodies["pool"]
    assert pool["properties"]["properties"]["scaleSettings"]["maxNodeCount"] == 2
    assert pool["properties"]["properties"]["subnet"] == {"id": subnet}
    assert (pool["tags"], pool["identity"]["type"]) == ({"cost": "7"}, "SystemAssigned")
    assert bodies["bai_data"]["properties"]["description"] == "of the team"
    assert bodies["bai_data"]["properties"]["credentials"]["secrets"]["key"] == SECRETS["AZURE_BATCHAI_STORAGE_KEY"]
    assert bodies["vision"]["tags"] == {"team": "sight", "owner": "ops"}


def test_wait_shows_what_a_job_says(site: Callable[..., Site]) -> None:
    here = site()
    done = here.run("--yes", "--submit", "--wait")
    assert done.status == 0, done.err
    assert "Execution Summary" in done.out
    again = here.run("--yes", "--submit", "--wait")
    assert (again.status, here.server.writes) == (0, [])
    assert here.run("--yes", "--wait").status == 2


def test_several_workspaces(site: Callable[..., Site]) -> None:
    here = site("vision", "second")
    changed(here.folder, "plan.yml", "- {kind: workspace, name: vision, file: workspaces/vision.yml}\n", "")
    (here.folder / "azureml/workspaces/vision.yml").unlink()
    places = "in: [{workspace: vision}, {workspace: second}]"
    changed(here.folder, "plan.yml", "file: environments/fit.yml}", f"file: environments/fit.yml, {places}}}")
    assert here.run("--yes").status == 0
    made = [path for path in here.state() if "/environments/" in path]
    assert sorted(path.split("/")[2] for path in made) == ["second", "vision"]
    again = here.run("--yes")
    assert (again.status, here.server.writes) == (0, [])


def test_what_must_be_there_and_is_not(site: Callable[..., Site]) -> None:
    here = site("vision")
    changed(here.folder, "plan.yml", "needs: [compute/pool,", "needs: [compute/other,")
    changed(here.folder, "jobs/fit.yml", "azureml:pool", "azureml:other")
    with (here.folder / "azureml" / "plan.yml").open("a") as index:
        index.write("expected: [compute/other]\n")
    done = here.run("--yes", "--submit", "--output-format", "json")
    assert done.status == 2
    (job,) = [found for found in json.loads(done.out)["changes"] if found["kind"] == "job"]
    assert (job["action"], job["reason"]) == ("blocked", "compute/other: it is not there")
    here.cloud.computes = ("other",)
    assert here.run("--yes", "--submit").status == 0


def test_a_sweep_and_a_conda_file(site: Callable[..., Site]) -> None:
    here = site("vision")
    changed(
        here.folder,
        "environments/fit.yml",
        "image: contoso.example/fit:2\n",
        "image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04\nconda_file: fit/conda.yml\n",
    )
    (here.folder / "azureml/environments/fit").mkdir()
    conda = here.folder / "azureml/environments/fit/conda.yml"
    conda.write_text("# packages\nname: fit\ndependencies:\n- python=3.10\n- pip:\n  - torch\n")
    (here.folder / "azureml/jobs/fit.yml").write_text(
        """\
type: sweep
experiment_name: fit
trial:
  code: ../../src
  command: python fit.py --rate ${{search_space.RATE}}
  environment: azureml:fit:1
compute: azureml:pool
search_space:
  RATE: {type: choice, values: [0.1, 0.2]}
sampling_algorithm: grid
objective: {goal: minimize, primary_metric: loss}
limits: {max_total_trials: 2}
"""
    )
    assert here.run("--yes", "--submit").status == 0
    (sweep,) = [body for path, body in here.state().items() if "/jobs/" in path]
    assert sweep["properties"]["jobType"] == "Sweep"  # type: ignore[index]
    again = here.run("--yes", "--submit")
    assert (again.status, here.server.writes) == (0, [])
    conda.write_text(conda.read_text().replace("torch", "torch==2"))
    drifted = here.run("--dry-run", "--output-format", "json")
    assert [found["action"] for found in json.loads(drifted.out)["changes"] if found["fields"]] == ["fixed"]


def test_values_of_the_environment_that_are_no_secrets(site: Callable[..., Site]) -> None:
    here = site("vision")
    changed(
        here.folder,
        "plan.yml",
        "set: {credentials.account_key: AZURE_BATCHAI_STORAGE_KEY}",
        "set: {credentials.account_key: AZURE_BATCHAI_STORAGE_KEY, account_name: AZURE_BATCHAI_STORAGE_ACCOUNT}",
    )
    changed(
        here.folder,
        "datastores/bai_data.yml",
        "account_name: contoso",
        'account_name: "${AZURE_BATCHAI_STORAGE_ACCOUNT}"',
    )
    environment = {**here.environment, "AZURE_BATCHAI_STORAGE_ACCOUNT": "fabrikam"}
    assert here.run("--yes", environment=environment).status == 0
    (store,) = [body for path, body in here.state().items() if path.endswith("/datastores/bai_data")]
    assert store["properties"]["accountName"] == "fabrikam"  # type: ignore[index]
    assert here.run("--yes", environment=environment).status == 0
    assert here.server.writes == []
    unset = here.run("--dry-run")
    assert unset.status == 2
    assert "the environment variable AZURE_BATCHAI_STORAGE_ACCOUNT is not set" in unset.out


def test_a_folder_that_cannot_be_written(site: Callable[..., Site]) -> None:
    here = site("vision")
    (here.folder / "azureml" / ".journal.jsonl").mkdir()
    done = here.run("--yes")
    assert (done.status, here.server.writes) == (2, [])
    assert done.err.startswith("batchai2aml: azureml/.journal.jsonl: cannot be written")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("elsewhere",), "there is no plan"),
        (("--wait",), "--wait needs --submit"),
        (("--output-format", "html"), "must be full or json"),
    ],
)
def test_misuse(site: Callable[..., Site], words: tuple[str, ...], said: str) -> None:
    done = site().run(*words)
    assert done.status == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
