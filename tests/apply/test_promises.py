"""What a second reading of `apply` found: each of these went wrong once."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.apply.conftest import SECRETS, WORKSPACE, Site, changed
from tests.azure.service import Answer

BUILT = "image: contoso.example/fit:2\n"


def found(here: Site, *words: str) -> dict[str, dict[str, object]]:
    """The changes of a dry run, by kind and name."""
    done = here.run("--dry-run", "--output-format", "json", *words)
    return {f"{c['kind']}/{c['name']}": c for c in json.loads(done.out)["changes"]}


def without_workspace(here: Site) -> None:
    changed(here.folder, "plan.yml", "- {kind: workspace, name: vision, file: workspaces/vision.yml}\n", "")
    (here.folder / "azureml/workspaces/vision.yml").unlink()


def test_one_name_in_two_resource_groups(site: Callable[..., Site]) -> None:
    here = site("vision")
    without_workspace(here)
    places = "in: [{workspace: vision, resource_group: rg}, {workspace: vision, resource_group: rg2}]"
    changed(here.folder, "plan.yml", "file: environments/fit.yml}", f"file: environments/fit.yml, {places}}}")
    done = here.run("--yes")
    assert done.status == 0, done.out
    made = sorted(path.split("/")[4] for path in here.cloud.resources if "/environments/" in path)
    assert made == ["rg", "rg2"]


def test_a_workspace_that_failed_and_is_not_ours_is_left_alone(site: Callable[..., Site]) -> None:
    here = site("vision")
    here.run("--dry-run")
    space = here.cloud.resources[WORKSPACE.lower()]
    space["properties"]["provisioningState"] = "Failed"
    done = here.run("--yes")
    assert done.status == 2
    assert here.cloud.deployed == []
    assert "apply did not make it" in done.out
    assert not any(request.method == "PUT" for request in here.server.writes)


def test_what_appears_after_the_plan_was_shown_is_left_alone(site: Callable[..., Site]) -> None:
    here = site("vision")
    path = f"{WORKSPACE}/datastores/bai_data"
    here.fails("GET", "/datastores/bai_data", answer=Answer(404, {"error": {"code": "NotFound", "message": "no"}}))
    here.cloud._made(
        path, {"properties": {"datastoreType": "AzureBlob", "accountName": "production", "containerName": "data"}}
    )
    done = here.run("--yes")
    assert done.status == 2
    assert "it is there since the plan was shown" in done.out
    assert here.cloud.resources[path.lower()]["properties"]["accountName"] == "production"
    assert found(here)["datastore/bai_data"]["action"] == "update"


def test_an_update_does_not_lose_a_key(site: Callable[..., Site]) -> None:
    here = site()
    here.run("--yes")
    store = here.cloud.resources[f"{WORKSPACE}/datastores/bai_data".lower()]
    store["properties"]["credentials"] = {"credentialsType": "AccountKey"}
    changed(here.folder, "plan.yml", ", set: {credentials.account_key: AZURE_BATCHAI_STORAGE_KEY}", "")
    changed(here.folder, "datastores/bai_data.yml", "container_name: data", "container_name: more")
    assert found(here)["datastore/bai_data"]["action"] == "blocked"
    assert here.run("--yes").status == 2
    assert not any("/datastores/" in request.path for request in here.server.writes)


def test_a_job_waits_for_what_the_plan_wants(site: Callable[..., Site]) -> None:
    here = site()
    here.run("--yes")
    changed(here.folder, "environments/fit.yml", "fit:2", "fit:3")
    changes = found(here, "--submit")
    assert (changes["environment/fit"]["action"], changes["job/fit"]["action"]) == ("fixed", "blocked")
    here.run("--yes", "--submit")
    assert not any("/jobs/" in path for path in here.state())


def test_an_image_that_is_built_instead(site: Callable[..., Site]) -> None:
    here = site()
    here.run("--yes")
    folder = here.folder / "azureml/environments/fit"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM python:3.10\n")
    changed(here.folder, "environments/fit.yml", BUILT, "build: {path: fit}\n")
    fields = found(here)["environment/fit"]["fields"]
    assert [field["path"] for field in fields] == ["image", "build"]  # type: ignore[index, union-attr]
    changed(here.folder, "environments/fit.yml", 'version: "1"', 'version: "2"')
    changed(here.folder, "jobs/fit.yml", "fit:1", "fit:2")
    assert here.run("--yes").status == 0
    assert found(here)["environment/fit"]["action"] == "unchanged"
    (folder / "Dockerfile").write_text("FROM python:3.11\n")
    assert found(here)["environment/fit"]["action"] == "fixed"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("workspaces/vision.yml", "location: eastus", "location: eastus\npublic_network_access: Disabled", "apply does not set public_network_access of a new workspace"),
        ("environments/fit.yml", "image:", "imagee:", "environment/fit: "),
        ("jobs/fit.yml", "../../src", "../../nowhere", "job/fit: "),
    ],
)  # fmt: skip
def test_files_are_read_before_the_first_change(
    site: Callable[..., Site], file: str, old: str, new: str, said: str
) -> None:
    here = site()
    changed(here.folder, file, old, new)
    done = here.run("--yes", "--submit")
    assert (done.status, here.server.writes) == (2, [])
    assert said in done.out


@pytest.mark.parametrize("needs", ["job/fit", "environment/fit"])
def test_needs_in_a_circle(site: Callable[..., Site], needs: str) -> None:
    here = site()
    changed(here.folder, "plan.yml", "needs: [compute/pool,", f"needs: [{needs}, compute/pool,")
    if needs != "job/fit":
        changed(here.folder, "plan.yml", "file: environments/fit.yml}", "file: environments/fit.yml, needs: [job/fit]}")
    done = here.run("--yes")
    assert (done.status, here.server.asked) == (2, [])
    assert "needs itself" in done.err


@pytest.mark.parametrize(("state", "status"), [("Completed", 0), ("Canceled", 2), ("Failed", 2)])
def test_how_a_job_ended(site: Callable[..., Site], state: str, status: int) -> None:
    here = site()
    here.run("--yes", "--submit")
    (job,) = [body for path, body in here.state().items() if "/jobs/" in path]
    job["properties"]["status"] = state  # type: ignore[index]
    done = here.run("--yes", "--submit", "--wait", "--output-format", "json")
    assert done.status == status
    assert json.loads(done.out)["jobs"] == {"job/fit": state}


def test_a_variable_that_is_not_set_is_no_difference(site: Callable[..., Site]) -> None:
    here = site()
    changed(
        here.folder,
        "plan.yml",
        "set: {ssh_settings.admin_password: BATCHAI_ADMIN_PASSWORD}",
        "set: {ssh_settings.admin_password: BATCHAI_ADMIN_PASSWORD, ssh_settings.admin_username: BATCHAI_ADMIN_USER}",
    )
    changed(here.folder, "computes/pool.yml", "admin_username: me", 'admin_username: "${BATCHAI_ADMIN_USER}"')
    environment = {**here.environment, "BATCHAI_ADMIN_USER": "me"}
    assert here.run("--yes", environment=environment).status == 0
    assert here.run("--dry-run", environment=environment).status == 0
    done = here.run("--dry-run")
    assert done.status == 2
    assert "the environment variable BATCHAI_ADMIN_USER is not set" in done.out
    assert "delete" not in done.out


def test_the_hash_sees_the_environment(site: Callable[..., Site]) -> None:
    here = site("vision")
    changed(
        here.folder,
        "plan.yml",
        "set: {credentials.account_key: AZURE_BATCHAI_STORAGE_KEY}",
        "set: {credentials.account_key: AZURE_BATCHAI_STORAGE_KEY, account_name: ACC}",
    )
    changed(here.folder, "datastores/bai_data.yml", "account_name: contoso", 'account_name: "${ACC}"')
    codes = {
        json.loads(here.run("--dry-run", "--output-format", "json", environment={**here.environment, "ACC": name}).out)[
            "hash"
        ]
        for name in ("one", "two", "one")
    }
    assert len(codes) == 2


def test_an_interruption_while_it_looks(site: Callable[..., Site]) -> None:
    here = site("vision")
    here.fails("GET", "/computes/pool", hang=60.0, times=9)
    process = here.start("--yes")
    until = time.monotonic() + 20
    while not any("/computes/pool" in request.path for request in here.server.asked) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - begun < 10
    assert process.returncode == 130
    assert "Traceback" not in err


def test_the_process_ends_when_its_end_was_told(site: Callable[..., Site]) -> None:
    here = site("vision")
    here.fails("PUT", "/src/fit.py", hang=60.0, times=9)
    process = here.start("--yes", "--submit", "--timeout", "4")
    begun = time.monotonic()
    out, err = process.communicate(timeout=50)
    assert time.monotonic() - begun < 40
    assert process.returncode == 2
    assert "job/fit failed" in out
    assert "Traceback" not in err


def test_a_service_that_keeps_something_else(site: Callable[..., Site]) -> None:
    here = site("vision")
    inner = here.cloud._made

    def other(path: str, body: dict[str, object]) -> object:
        made = inner(path, body)
        if path.endswith("/datastores/bai_data"):
            made["properties"]["containerName"] = "elsewhere"
        return made

    here.cloud._made = other  # type: ignore[method-assign, assignment]
    done = here.run("--yes")
    assert done.status == 2
    assert "container_name is 'elsewhere' and not 'data'" in done.out
    assert len([request for request in here.server.writes if "/datastores/" in request.path]) == 1


def test_words_that_the_terminal_cannot_show(site: Callable[..., Site]) -> None:
    here = site("vision")
    here.fails(
        "PUT",
        "/datastores/bai_data",
        answer=Answer(400, {"error": {"code": "BadRequest", "message": "账户不存在"}}),
        times=9,
    )
    done = here.run("--yes", environment={**here.environment, "PYTHONIOENCODING": "cp1252"})
    assert done.status == 2
    assert "BadRequest" in done.out


def test_secrets_in_every_form_and_before_a_cut(site: Callable[..., Site]) -> None:
    here = site("vision")
    secret, key = 'gehä"imnis-lang', "k3y" * 29 + "=="
    text = "x" * 560 + f" {key} {secret}"
    here.fails(
        "PUT", "/connections/reg", answer=Answer(400, {"error": {"code": "BadRequest", "message": text}}), times=9
    )
    environment = {**here.environment, "BATCHAI_REGISTRY_PASSWORD": secret, "AZURE_BATCHAI_STORAGE_KEY": key}
    for words in (("--yes",), ("--yes", "--output-format", "json")):
        done = here.run(*words, environment=environment)
        journal = (here.folder / "azureml/.journal.jsonl").read_text()
        for form in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], key[:20]):
            assert form not in done.out + done.err + journal


def test_a_cluster_in_the_making_is_not_counted_twice(site: Callable[..., Site]) -> None:
    here = site(limit=16)
    assert here.run("--yes").status == 0
    pool = here.cloud.resources[f"{WORKSPACE}/computes/pool".lower()]
    pool["properties"]["provisioningState"] = "Creating"
    here.cloud.limit, here.cloud.operations["pool"] = 0, 1
    assert here.run("--yes").status == 0


def test_an_environment_that_must_be_there(site: Callable[..., Site]) -> None:
    here = site("vision")
    changed(here.folder, "plan.yml", "environment/fit]", "environment/own]")
    changed(here.folder, "jobs/fit.yml", "azureml:fit:1", "azureml:own:3")
    with (here.folder / "azureml/plan.yml").open("a") as index:
        index.write("expected: [environment/own]\n")
    assert found(here, "--submit")["job/fit"]["action"] == "blocked"
    here.cloud._made(f"{WORKSPACE}/environments/own/versions/3", {"properties": {"image": "x"}})
    assert found(here, "--submit")["job/fit"]["action"] == "create"


def test_a_new_workspace_has_nothing_that_must_be_there(site: Callable[..., Site]) -> None:
    here = site()
    changed(here.folder, "plan.yml", "needs: [compute/pool,", "needs: [compute/other,")
    changed(here.folder, "jobs/fit.yml", "azureml:pool", "azureml:other")
    with (here.folder / "azureml/plan.yml").open("a") as index:
        index.write("expected: [compute/other]\n")
    job = found(here, "--submit")["job/fit"]
    assert (job["action"], job["reason"]) == ("blocked", "compute/other: it is not there")


def test_a_subscription_that_is_not_there(site: Callable[..., Site]) -> None:
    here = site()
    without_workspace(here)
    gone = Answer(
        404, {"error": {"code": "SubscriptionNotFound", "message": "The subscription 's' could not be found."}}
    )
    here.fails("GET", "/subscriptions/s/", answer=gone, times=99)
    done = here.run("--yes")
    assert done.status == 2
    assert "s: the subscription is not there" in done.out


def test_json_is_one_document(site: Callable[..., Site]) -> None:
    here = site()
    done = here.run("--yes", "--submit", "--wait", "--output-format", "json")
    assert json.loads(done.out)["jobs"] == {"job/fit": "Completed"}
    assert "Execution Summary" in done.err
    refused = here.run("--output-format", "json")
    assert refused.status == 2
    assert "needs --yes or --dry-run" in refused.err


def test_a_workspace_without_public_access_can_be_changed(site: Callable[..., Site]) -> None:
    here = site()
    here.run("--yes")
    here.cloud.resources[WORKSPACE.lower()]["properties"]["publicNetworkAccess"] = "Disabled"
    changed(here.folder, "workspaces/vision.yml", "team: vision", "team: sight")
    assert here.run("--yes").status == 0
    (patch,) = here.server.writes
    assert (patch.method, patch.body) == ("PATCH", {"tags": {"team": "sight"}})


def test_the_rest_goes_on_when_a_change_fails(site: Callable[..., Site]) -> None:
    here = site()
    here.run("--yes")
    here.fails(
        "PATCH", "/workspaces/vision", answer=Answer(400, {"error": {"code": "BadRequest", "message": "no"}}), times=9
    )
    changed(here.folder, "workspaces/vision.yml", "team: vision", "team: sight")
    changed(here.folder, "computes/pool.yml", "max_instances: 4", "max_instances: 2")
    done = here.run("--yes", "--output-format", "json")
    assert done.status == 2
    assert json.loads(done.out)["outcome"]["done"] == ["compute/pool"]


def test_the_cli_of_azure_is_asked_once(site: Callable[..., Site], tmp_path: Path) -> None:
    here = site("vision")
    program = tmp_path / "bin" / "az"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\necho x >> {tmp_path}/asked\n"
        'echo \'{"accessToken": "e30.eyJvaWQiOiJvIiwidGlkIjoidCJ9.s", "expires_on": 4102444800, "expiresOn": "2100-01-01 00:00:00.000000"}\'\n'
    )
    program.chmod(0o755)
    environment = {key: value for key, value in here.environment.items() if not key.startswith("AZURE_CLIENT")}
    environment |= {
        "PATH": f"{program.parent}{os.pathsep}{environment['PATH']}",
        "AZURE_TOKEN_CREDENTIALS": "AzureCliCredential",
    }
    assert here.run("--yes", environment=environment).status == 0
    assert len((tmp_path / "asked").read_text().splitlines()) <= 2
    assert SECRETS["AZURE_CLIENT_SECRET"] not in "".join(here.server.heads)


@pytest.mark.parametrize("version", ["1.0", "2024-01-01", "1_2"])
def test_versions_that_are_no_numbers(site: Callable[..., Site], version: str) -> None:
    here = site("vision")
    changed(here.folder, "environments/fit.yml", 'version: "1"', f'version: "{version}"')
    changed(here.folder, "jobs/fit.yml", "fit:1", f"fit:{version}")
    assert here.run("--yes").status == 0
    assert found(here)["environment/fit"]["action"] == "unchanged"


def test_a_job_whose_words_cannot_be_had(site: Callable[..., Site]) -> None:
    here = site()
    here.run("--yes", "--submit")
    here.fails("GET", r"\.api\.|/details|/discovery", answer=Answer(503, {}), times=99)
    here.fails("POST", "/rundata", answer=Answer(503, {}), times=99)
    done = here.run("--yes", "--submit", "--wait", "--output-format", "json")
    assert json.loads(done.out)["jobs"] == {"job/fit": "Completed"}
    assert done.status == 0


@pytest.mark.parametrize("credentials", [{}, None])
def test_a_key_that_azure_does_not_name_is_not_lost(site: Callable[..., Site], credentials: object) -> None:
    here = site()
    here.run("--yes")
    here.cloud.resources[f"{WORKSPACE}/datastores/bai_data".lower()]["properties"]["credentials"] = credentials
    changed(here.folder, "plan.yml", ", set: {credentials.account_key: AZURE_BATCHAI_STORAGE_KEY}", "")
    changed(here.folder, "datastores/bai_data.yml", "container_name: data", "container_name: more")
    assert found(here)["datastore/bai_data"]["action"] == "blocked"


def test_the_process_ends_when_nobody_can_be_asked(site: Callable[..., Site]) -> None:
    here = site("vision")
    here.fails("GET", "/computes/pool", hang=60.0, times=9)
    process = here.start("--timeout", "3")
    begun = time.monotonic()
    _, err = process.communicate(timeout=50)
    assert time.monotonic() - begun < 30
    assert process.returncode == 2
    assert "give --yes" in err


def test_keys_that_are_no_texts(site: Callable[..., Site]) -> None:
    here = site("vision")
    changed(here.folder, "jobs/fit.yml", "type: command", "type: command\ntags: {team: a, on: b, 7: c}")
    done = here.run("--yes", "--submit")
    assert done.status == 0, done.out
    (job,) = [body for path, body in here.state().items() if "/jobs/" in path]
    assert job["properties"]["tags"] == {"team": "a", "True": "b", "7": "c"}  # type: ignore[index]


def test_what_the_sdk_wraps_is_found() -> None:
    from azure.core.exceptions import ServiceRequestError

    from batchai2aml.apply.azure import _failure

    wrapped = RuntimeError("the asset could not be made")
    wrapped.__cause__ = ServiceRequestError("Unable to connect to proxy")
    assert _failure(wrapped).cause == "unreachable"
    assert _failure(RuntimeError("x")).cause == "local"


def test_the_sdk_does_not_write_between_our_lines(site: Callable[..., Site]) -> None:
    here = site()
    done = here.run("--yes", "--submit")
    assert done.status == 0
    lines = done.err.splitlines()
    assert len(lines) == 12
    assert all(
        line.split(":")[0].split("/")[0] in ("workspace", "connection", "compute", "datastore", "environment", "job")
        for line in lines
    )
