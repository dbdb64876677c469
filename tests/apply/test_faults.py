"""What may go wrong on the line or in the service: the same end as without it, or one clear reason, and nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.apply.conftest import Done, Site
from tests.azure.service import Answer

BUSY = Answer(429, {"error": {"code": "TooManyRequests", "message": "slow down"}}, {"Retry-After": "1"})
BROKEN = Answer(500, {"error": {"code": "InternalServerError", "message": "broken"}}, {"Retry-After": "1"})
AWAY = Answer(503, {"error": {"code": "ServiceUnavailable", "message": "away"}}, {"Retry-After": "1"})
PAGE = Answer(200, b"<html>Sign in to the hotel's network</html>", {"Content-Type": "text/html"})
DENIED = Answer(403, {"error": {"code": "AuthorizationFailed", "message": "The client may not do that."}})
EXPIRED = Answer(401, {"error": {"code": "ExpiredAuthenticationToken", "message": "The access token expired."}})
TAKEN = Answer(409, {"error": {"code": "Conflict", "message": "Another operation is in progress."}})

POOL, STORE, FIT, REG = "/computes/pool", "/datastores/bai_data", "/environments/fit/versions/1", "/connections/reg"
JOB, SPACE = "/jobs/fit-", "/deployments/"


def outcome(done: Done) -> dict[str, Any]:
    found = json.loads(done.out)["outcome"]
    assert isinstance(found, dict)
    return found


def complete(here: Site) -> None:
    """All is there, once, and nothing is left to do."""
    again = here.run("--yes", "--submit", "--output-format", "json")
    assert again.status == 0, again.out + again.err
    assert {found["action"] for found in json.loads(again.out)["changes"]} == {"unchanged"}
    assert here.server.writes == []
    names = [path.rpartition("/")[2] for path in here.state()]
    assert len([name for name in names if name.startswith("fit-")]) == 1
    for kind in ("storageaccounts", "vaults", "components"):
        assert len([path for path in here.state() if f"/{kind}/" in path]) == 1


SURVIVED = [
    ("throttled", "PUT", POOL, {"answer": BUSY}),
    ("throttled for long", "PUT", STORE, {"answer": BUSY, "times": 6}),
    ("throttled when it looks", "GET", POOL, {"answer": BUSY, "times": 2}),
    ("an error of the server", "PUT", FIT, {"answer": BROKEN}),
    ("away for long", "PUT", REG, {"answer": AWAY, "times": 5}),
    ("dropped before it took effect", "PUT", STORE, {}),
    ("answer lost: datastore", "PUT", STORE, {"takes_effect": True}),
    ("answer lost: compute", "PUT", POOL, {"takes_effect": True}),
    ("answer lost: environment", "PUT", FIT, {"takes_effect": True}),
    ("answer lost: connection", "PUT", REG, {"takes_effect": True}),
    ("answer lost: job", "PUT", JOB, {"takes_effect": True}),
    ("answer lost: workspace", "PUT", SPACE, {"takes_effect": True}),
    ("answer lost: upload", "PUT", "/src/fit.py", {"takes_effect": True}),
    ("answer lost: code", "PUT", "/codes/[^/]+/versions/1", {"takes_effect": True}),
    ("answers lost for long", "PUT", POOL, {"takes_effect": True, "times": 5}),
    ("another operation is in progress", "PUT", POOL, {"answer": TAKEN}),
    ("a page in the place of an answer", "PUT", STORE, {"answer": PAGE}),
    ("a page in the place of a look", "GET", "/deployments/", {"answer": PAGE}),
    ("a token that has expired", "PUT", FIT, {"answer": EXPIRED}),
    ("an operation that vanishes", "GET", "/computeOperationsStatus/", {"answer": Answer(404, {"error": {"code": "NotFound", "message": "no such operation"}})}),
    ("an upload that fails", "PUT", "/src/fit.py", {"answer": Answer(503, b"", {"x-ms-error-code": "ServerBusy"})}),
    ("a deployment's operation that vanishes", "GET", "/operationStatuses/", {"answer": Answer(404, {"error": {"code": "NotFound", "message": "no such operation"}}), "times": 9}),
    ("a deployment's operation that may not be read", "GET", "/operationStatuses/", {"answer": DENIED, "times": 9}),
    ("away when it looks afterwards", "GET", STORE, {"answer": AWAY, "times": 8, "skip": 1}),
    ("a status that drops", "GET", "/computeOperationsStatus/", {}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "how"), [row[1:] for row in SURVIVED], ids=[row[0] for row in SURVIVED])
def test_survived(site: Callable[..., Site], method: str, path: str, how: dict[str, Any]) -> None:
    here = site()
    fault = here.fails(method, path, **how)
    done = here.run("--yes", "--submit", "--output-format", "json")
    assert fault.met > fault.skip
    assert done.status == 0, done.out + done.err
    complete(here)


QUOTA = {"code": "ClusterCoreQuotaReached", "message": "Operation results in exceeding quota limits of Core."}
TOLD = [
    ("denied to write", "PUT", STORE, {"answer": DENIED, "times": 99}, "datastore/bai_data", "AuthorizationFailed", "role"),
    ("denied to make the workspace", "PUT", SPACE, {"answer": DENIED, "times": 99}, "workspace/vision", "AuthorizationFailed", "role"),
    ("a quota", "PUT", POOL, {"answer": Answer(400, {"error": QUOTA}), "times": 99}, "compute/pool", "ClusterCoreQuotaReached", "quota"),
    ("not registered", "PUT", POOL, {"answer": Answer(409, {"error": {"code": "MissingSubscriptionRegistration", "message": "The subscription is not registered to use namespace 'X'."}}), "times": 99}, "compute/pool", "MissingSubscriptionRegistration", "az provider register"),
    ("an upload that is refused", "PUT", "/src/fit.py", {"answer": Answer(403, b"", {"x-ms-error-code": "AuthorizationPermissionMismatch"}), "times": 99}, "job/fit", "AuthorizationPermissionMismatch", "role"),
    ("refused", "PUT", FIT, {"answer": Answer(400, {"error": {"code": "UserError", "message": "no such image"}}), "times": 99}, "environment/fit", "UserError", "file"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "how", "about", "code", "remedy"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD]
)
def test_told_and_made_good(
    site: Callable[..., Site], method: str, path: str, how: dict[str, Any], about: str, code: str, remedy: str
) -> None:
    here = site()
    here.fails(method, path, **how)
    done = here.run("--yes", "--submit", "--output-format", "json")
    assert done.status == 2
    (failed,) = outcome(done)["failed"]
    assert (failed["resource"], failed["code"]) == (about, code)
    assert remedy in failed["remedy"]
    if about != "workspace/vision":
        assert "connection/reg" in outcome(done)["done"]
        assert [left["resource"] for left in outcome(done)["left"]] == (["job/fit"] if about != "job/fit" else [])
    here.server.faults.clear()
    assert here.run("--yes", "--submit").status == 0
    complete(here)


def test_a_quota_that_the_operation_meets(site: Callable[..., Site]) -> None:
    here = site()
    here.cloud.ends["pool"] = {"status": "Failed", "error": QUOTA}
    done = here.run("--yes", "--submit", "--output-format", "json")
    assert done.status == 2
    (failed,) = outcome(done)["failed"]
    assert (failed["resource"], failed["code"], failed["cause"]) == ("compute/pool", "ClusterCoreQuotaReached", "quota")
    looked = here.run("--dry-run", "--output-format", "json")
    (pool,) = [found for found in json.loads(looked.out)["changes"] if found["kind"] == "compute"]
    assert pool["action"] == "create"
    assert "it is there, but failed" in pool["reason"]
    del here.cloud.ends["pool"]
    assert here.run("--yes", "--submit").status == 0
    complete(here)


def test_a_deployment_that_fails(site: Callable[..., Site]) -> None:
    here = site()
    error = {
        "code": "DeploymentFailed",
        "message": "see details",
        "details": [{"code": "VaultAlreadyExists", "message": "The vault name is in use."}],
    }
    (path,) = ["/subscriptions/s/resourceGroups/rg/providers/Microsoft.Resources/deployments/batchai2aml-vision"]
    here.cloud.ends[path] = {"provisioningState": "Failed", "error": error}
    done = here.run("--yes", "--output-format", "json")
    assert done.status == 2
    (failed,) = outcome(done)["failed"]
    assert (failed["code"], failed["message"]) == ("VaultAlreadyExists", "The vault name is in use.")
    here.cloud.ends.clear()
    assert here.run("--yes", "--submit").status == 0
    complete(here)


def test_an_operation_without_end(site: Callable[..., Site]) -> None:
    here = site(steps=10_000)
    here.cloud.existing = ("vision",)
    done = here.run("--yes", "--submit", "--timeout", "3", "--output-format", "json")
    assert done.status == 2
    (failed,) = outcome(done)["failed"]
    assert (failed["resource"], failed["cause"]) == ("compute/pool", "no answer")
    assert "--timeout" in failed["remedy"]
    here.cloud.operations.clear()
    assert here.run("--yes", "--submit").status == 0
    assert len(here.cloud.deployed) == 0


def test_denied_to_look(site: Callable[..., Site]) -> None:
    here = site("vision")
    here.fails("GET", STORE, answer=DENIED, times=99)
    done = here.run("--yes", "--submit", "--output-format", "json")
    assert done.status == 2
    found = {f"{c['kind']}/{c['name']}": c for c in json.loads(done.out)["changes"]}
    assert found["datastore/bai_data"]["action"] == "unknown"
    assert "AuthorizationFailed" in found["datastore/bai_data"]["reason"]
    assert found["job/fit"]["action"] == "blocked"
    assert not any(STORE in request.path for request in here.server.writes)
    assert "compute/pool" in outcome(done)["done"]


def test_a_workspace_that_cannot_be_looked_at_is_not_made(site: Callable[..., Site]) -> None:
    here = site()
    here.fails("GET", "/workspaces/vision$|/workspaces/vision\\?", answer=DENIED, times=99)
    done = here.run("--yes", "--output-format", "json")
    assert done.status == 2
    assert here.server.writes == []
    assert here.cloud.deployed == []


def test_nobody_is_signed_in(site: Callable[..., Site]) -> None:
    here = site()
    wrong = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}
    here.fails("POST", "/oauth2/", answer=Answer(401, wrong), times=99)
    done = here.run("--yes")
    assert done.status == 2
    assert "The sign-in failed" in done.err
    assert "az login" in done.err
    assert here.server.writes == []


def test_no_network(site: Callable[..., Site]) -> None:
    here = site()
    environment = {**here.environment, "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = here.run("--yes", environment=environment)
    assert done.status == 2
    assert "HTTPS_PROXY" in done.err
    assert "Traceback" not in done.err
