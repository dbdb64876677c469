"""Azure itself: what `apply` asks of azure-ai-ml and of Resource Manager; nothing else imports azure.*."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from threading import Lock, local
from typing import Any, TextIO
from urllib.parse import quote

from azure.core import exceptions
from azure.core.credentials import AccessToken
from azure.core.pipeline import policies
from azure.core.rest import HttpRequest
from azure.identity import DefaultAzureCredential
from azure.mgmt.core import ARMPipelineClient

from batchai2aml.apply import names, observed
from batchai2aml.apply.desired import filled
from batchai2aml.apply.difference import as_made
from batchai2aml.apply.failures import Cause, Failure, one_line
from batchai2aml.apply.model import (
    PROVIDER,
    RESOURCES_VERSION,
    VERSION,
    Change,
    Desired,
    Place,
    Seen,
    group_path,
    workspace_path,
)
from batchai2aml.plan.model import Kind

_HOST = "https://management.azure.com"
_SCOPE = f"{_HOST}/.default"
_PATHS: Mapping[Kind, str] = {
    "workspace": "",
    "compute": "/computes/{}",
    "datastore": "/datastores/{}",
    "environment": "/environments/{}/versions/{}",
    "connection": "/connections/{}",
    "job": "/jobs/{}",
}
_CONNECT, _READ = 20, 120
"""How long a single request may take, in seconds."""
_QUOTA = ("quota", "corelimit", "exceededlimit")


class _Signed:
    """A credential that is asked once for each token until that runs out: some start a program each time."""

    def __init__(self, inner: DefaultAzureCredential) -> None:
        self._inner = inner
        self._lock = Lock()
        self._tokens: dict[tuple[str, ...], AccessToken] = {}

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """A token for scopes, as azure.core asks for it."""
        with self._lock:
            found = self._tokens.get(scopes)
            if found is None or options.get("claims") or found.expires_on < time.time() + 300:
                found = self._tokens[scopes] = self._inner.get_token(*scopes, **options)
            return found

    def forget(self) -> None:
        """Ask anew the next time."""
        with self._lock:
            self._tokens.clear()


class Azure:
    """
    One person's view of Azure.

    `environment` holds what the plan does not; `pause` is called with the seconds to wait between two looks.
    """

    def __init__(self, environment: Mapping[str, str], pause: Callable[[float], None] = time.sleep) -> None:
        self._environment = environment
        self._pause = pause
        self._credential = _Signed(DefaultAzureCredential())
        self._threads = local()

    @property
    def _arm(self) -> Any:
        """A client for each thread: sessions are not shared."""
        if not hasattr(self._threads, "arm"):
            chain = [
                policies.RequestIdPolicy(),
                policies.UserAgentPolicy("batchai2aml"),
                policies.RetryPolicy(retry_total=3, retry_backoff_factor=0.4),
                policies.BearerTokenCredentialPolicy(self._credential, _SCOPE),
                policies.HttpLoggingPolicy(),
            ]
            self._threads.arm = ARMPipelineClient(
                base_url=_HOST, policies=chain, connection_timeout=_CONNECT, read_timeout=_READ
            )
        return self._threads.arm

    def _ml(self, place: Place) -> Any:
        from azure.ai.ml import MLClient

        held = self._threads.__dict__.setdefault("ml", {})
        if place not in held:
            held[place] = MLClient(
                self._credential,
                place.subscription,
                place.group,
                place.workspace,
                # without it an upload that fails is waited for without end (1.35); `quiet` keeps the bars away
                show_progress=True,
                enable_telemetry=False,
                connection_timeout=_CONNECT,
                read_timeout=_READ,
            )
        return held[place]

    # looking

    def sign_in(self) -> None:
        """
        Get a token.

        Raises:
            Failure: there is no credential that works.

        """
        with _told():
            self._credential.get_token(_SCOPE)

    def ask(self, path: str, version: str = VERSION) -> Any:
        """
        The answer to a GET of Resource Manager.

        Raises:
            Failure: it could not be had; the cause is `missing` where there is nothing.

        """
        try:
            with _told():
                return self._send("GET", path, version)
        except Failure as failure:
            if failure.cause == "signed out":
                self._credential.forget()
            raise

    def _send(self, method: str, path: str, version: str, body: object = None) -> Any:
        return _json(self._sent(HttpRequest(method, f"{_HOST}{path}", params={"api-version": version}, json=body)))

    def _sent(self, request: HttpRequest) -> Any:
        response = self._arm.send_request(request)
        response.raise_for_status()
        return response

    def look(self, desired: Desired) -> Seen | None:
        """
        A resource as it is now, or None where there is none.

        Raises:
            Failure: it could not be read.

        """
        try:
            body = self.ask(_path(desired))
        except Failure as failure:
            if failure.cause == "missing":
                return None
            raise
        return observed.seen(desired.key.kind, body)

    # making

    def make(self, change: Change) -> None:
        """
        Create a resource or change it, and wait until that is over.

        Raises:
            Failure: it came to nothing; whether it took effect must be looked at.

        """
        try:
            with _told():
                _MAKERS[change.desired.key.kind](self, change)
        except Failure as failure:
            if failure.cause == "signed out":
                self._credential.forget()
            raise

    def load(self, desired: Desired) -> Any:
        """
        The SDK's object of a resource's file, with what the environment holds; without any request.

        Raises:
            Failure: the SDK refuses the file.

        """
        import azure.ai.ml as sdk

        loaders: Mapping[Kind, Callable[..., Any]] = {
            "compute": sdk.load_compute,
            "datastore": sdk.load_datastore,
            "environment": sdk.load_environment,
            "connection": sdk.load_connection,
            "job": sdk.load_job,
            "workspace": sdk.load_workspace,
        }
        tree = filled(desired, self._environment, with_secrets=True)
        text = io.StringIO(json.dumps(tree))
        try:
            return loaders[desired.key.kind](text, relative_origin=str(desired.path))
        except Exception as error:
            raise Failure("local", "", f"{desired.path}: {one_line(str(error))}") from None

    def _changed(self, made: Any, change: Change) -> Any:
        """What is there, with what differs as the plan wants it; all else about it stays."""
        tree = filled(change.desired, self._environment)
        for found in change.differences:
            key = found.path.partition(".")[0]
            setattr(made, key, _merged(change.seen, tree, key))
        return made

    def _make_workspace(self, change: Change) -> None:
        desired, place = change.desired, change.desired.place
        tree = filled(desired, self._environment)
        if change.action == "update":
            body: dict[str, Any] = {}
            for found in change.differences:
                key = found.path.partition(".")[0]
                value = _merged(change.seen, tree, key)
                if key == "tags":
                    body["tags"] = value
                else:
                    body.setdefault("properties", {})[_OF_WORKSPACE[key]] = value
            self._send("PATCH", workspace_path(place), VERSION, body)
            return
        group = group_path(place)
        path = f"{group}/providers/Microsoft.Resources/deployments/{names.deployment(place)}"
        given = {
            "workspaceName": place.workspace,
            "location": tree.get("location") or self._location(group),
            "friendlyName": tree.get("display_name") or place.workspace,
            "description": tree.get("description") or place.workspace,
            "tagValues": tree.get("tags") or {},
            **names.companions(place),
        }
        before = self._deployment(path)
        if change.seen is not None and not _is_own(before, given):
            message = "the workspace is there, but failed, and apply did not make it"
            raise Failure("failed", "", message, remedy="look at it in the Azure portal, or name another workspace")
        if str(observed.get(before, "properties.provisioningState")).lower() not in _AT_WORK:
            body = {
                "properties": {
                    "mode": "Incremental",
                    "template": json.loads(_template()),
                    "parameters": {key: {"value": value} for key, value in given.items()},
                }
            }
            request = HttpRequest("PUT", f"{_HOST}{path}", params={"api-version": RESOURCES_VERSION}, json=body)
            self._end_of(self._sent(request))
        self._deployed(path)

    def _location(self, group: str) -> object:
        return self._send("GET", group, RESOURCES_VERSION).get("location")

    def _deployment(self, path: str) -> Any:
        """The deployment of an earlier attempt, or None."""
        try:
            return self._send("GET", path, RESOURCES_VERSION)
        except exceptions.HttpResponseError as error:
            if error.status_code == 404:
                return None
            raise

    def _end_of(self, response: Any) -> None:
        """Wait for the operation that an answer names, if it does; how it ended is told by what it was about."""
        operation = response.headers.get("Azure-AsyncOperation", "")
        while operation.startswith(f"{_HOST}/"):
            self._pause(_asked_wait(response))
            try:
                response = self._sent(HttpRequest("GET", operation))
            except exceptions.HttpResponseError:
                return
            if str(observed.get(_json(response), "status")).lower() in ("succeeded", "failed", "canceled"):
                return

    def _deployed(self, path: str) -> None:
        """Wait for a deployment."""
        wait = 1.0
        while True:
            body = self._send("GET", path, RESOURCES_VERSION)
            state = str(observed.get(body, "properties.provisioningState")).lower()
            if state == "succeeded":
                return
            if state in ("failed", "canceled"):
                code, message = observed.error(body.get("properties"))
                raise Failure(_cause_of(code) or "failed", code, message or f"the deployment {state}")
            self._pause(wait)
            wait = min(wait * 1.5, 15.0)

    def _make_compute(self, change: Change) -> None:
        desired = change.desired
        computes = self._ml(desired.place).compute
        if change.action == "update":
            made = self._changed(computes.get(desired.service_name), change)
            if made.network_settings is not None and made.network_settings.subnet is None:
                made.network_settings = None  # 1.35 gives such an object, and stumbles over it
        else:
            made = self.load(desired)
        computes.begin_create_or_update(made).result()

    def _make_datastore(self, change: Change) -> None:
        desired = change.desired
        stores, made = self._ml(desired.place).datastores, self.load(desired)
        if change.action == "update":
            credentials, made = made.credentials, self._changed(stores.get(desired.service_name), change)
            made.credentials = credentials
        stores.create_or_update(made)

    def _make_environment(self, change: Change) -> None:
        desired = change.desired
        made, digest = self.load(desired), as_made(desired, self._environment).get("build")
        if isinstance(digest, str):
            made.tags = {**(made.tags or {}), observed.BUILT_FROM: digest}
        self._ml(desired.place).environments.create_or_update(made)

    def _make_connection(self, change: Change) -> None:
        desired = change.desired
        connections, made = self._ml(desired.place).connections, self.load(desired)
        if change.action == "update":
            there = connections.get(desired.service_name)
            made.metadata, made.tags = there.metadata, there.tags
        connections.create_or_update(made)

    def _make_job(self, change: Change) -> None:
        desired = change.desired
        job = self.load(desired)
        job.name = desired.service_name
        self._ml(desired.place).jobs.create_or_update(job)

    def follow(self, desired: Desired, stream: TextIO) -> str:
        """
        Show what a job says until it ends, and give the state that it ended in.

        Raises:
            Failure: the job failed, or its words cannot be had.

        """
        from azure.ai.ml.exceptions import JobException

        with _told():
            try:
                with contextlib.redirect_stdout(stream):
                    self._ml(desired.place).jobs.stream(desired.service_name)
            except JobException as error:
                if isinstance(error.__context__, KeyboardInterrupt):
                    raise KeyboardInterrupt from None  # which the SDK has turned into this
                raise Failure(
                    "failed", "", one_line(str(error)), remedy="look at its logs in Azure ML studio"
                ) from None
        seen = self.look(desired)
        return seen.detail if seen is not None else ""


def _json(response: Any) -> Any:
    return response.json() if response.content else None


def _asked_wait(response: Any) -> float:
    """The seconds that an answer asks to wait; some where it asks for none."""
    after = response.headers.get("Retry-After", "")
    return max(1.0, min(float(after), 30.0)) if after.isdigit() else 5.0


_OF_WORKSPACE: Mapping[str, str] = {"description": "description", "display_name": "friendlyName"}
_AT_WORK = frozenset({"accepted", "running", "creating"})


def _is_own(deployment: object, given: Mapping[str, object]) -> bool:
    """Whether a deployment is one of ours, for the same names."""
    name = observed.get(deployment, "properties.parameters.storageAccountName.value")
    return name == given["storageAccountName"]


_MAKERS: Mapping[Kind, Callable[[Azure, Change], None]] = {
    "workspace": Azure._make_workspace,
    "compute": Azure._make_compute,
    "datastore": Azure._make_datastore,
    "environment": Azure._make_environment,
    "connection": Azure._make_connection,
    "job": Azure._make_job,
}


def _merged(seen: Seen | None, tree: Mapping[str, object], key: str) -> object:
    """The plan's value; of tags, those that the plan does not name stay."""
    there = seen.values.get(key) if seen is not None else None
    wanted = tree.get(key)
    return {**there, **wanted} if isinstance(there, Mapping) and isinstance(wanted, Mapping) else wanted


def _path(desired: Desired) -> str:
    version = desired.tree.get("version")
    if desired.key.kind == "environment" and version is None:
        return f"{workspace_path(desired.place)}/environments/{desired.service_name}"
    below = _PATHS[desired.key.kind].format(desired.service_name, quote(str(version), safe=""))
    return workspace_path(desired.place) + below


def _template() -> str:
    return (resources.files("batchai2aml.apply") / "workspace_template.json").read_text(encoding="utf-8")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Let what the SDK raises be said in our words."""
    try:
        yield
    except Failure:
        raise
    except Exception as error:
        raise _failure(error) from None


def _failure(error: Exception) -> Failure:
    """What an exception, or the first of those behind it that is Azure's, means."""
    behind: BaseException | None = error
    while behind is not None:
        match behind:
            case Failure():
                return behind
            case json.JSONDecodeError() | exceptions.DecodeError():
                return Failure("no json", "", "the answer is no JSON")
            case exceptions.ClientAuthenticationError():
                return _of_sign_in(behind)
            case exceptions.HttpResponseError():
                return _of_response(behind)
            case exceptions.ServiceRequestError():
                return Failure("unreachable", "", one_line(str(behind)))
            case exceptions.ServiceResponseError() | exceptions.IncompleteReadError():
                return Failure("dropped", "", one_line(str(behind)))
        behind = behind.__cause__ or behind.__context__
    return Failure("local", "" if isinstance(error, OSError) else type(error).__name__, one_line(str(error)))


_NO_LINE = re.compile(r"Unable to connect|Failed to establish|Max retries|Name or service|name resolution|timed out")
_REFUSED = re.compile(r"AADSTS\d+:[^.]*\.")


def _of_sign_in(error: exceptions.ClientAuthenticationError) -> Failure:
    """What DefaultAzureCredential says of all that it has tried, made short."""
    message = _message(error)
    refused = _REFUSED.search(message)
    if refused is not None:
        return Failure("signed out", "", refused[0])
    if error.status_code == 401:
        return Failure("signed out", _code(error), one_line(message))
    if _NO_LINE.search(message):
        return Failure("unreachable", "", "the sign-in service cannot be reached")
    tried = dict.fromkeys(re.findall(r"^\s*(\w+Credential): ", message, re.MULTILINE))
    return Failure("signed out", "", f"no credential works ({', '.join(tried)})" if tried else one_line(message))


def _code(error: exceptions.HttpResponseError) -> str:
    found = getattr(error.error, "code", None) if getattr(error, "error", None) is not None else None
    return str(found or getattr(error, "error_code", None) or "")  # storage says it there


def _message(error: exceptions.HttpResponseError) -> str:
    inner = getattr(error, "error", None)
    found = getattr(inner, "message", None) if inner is not None else None
    return str(found or error.message or error)


def _cause_of(code: str) -> Cause | None:
    return "quota" if any(word in code.lower() for word in _QUOTA) else None


_BY_STATUS: Mapping[int, Cause] = {
    401: "signed out",
    403: "denied",
    404: "missing",
    408: "throttled",
    409: "conflict",
    412: "conflict",
    429: "throttled",
}


def _of_response(error: exceptions.HttpResponseError) -> Failure:
    status = error.status_code or 0
    code, message = _code(error), one_line(_message(error))
    response = error.response
    headers: Mapping[str, str] = getattr(response, "headers", {})
    kind = headers.get("Content-Type", "")
    if "html" in kind:
        return Failure("no json", "", f"an HTML page was answered, with status {status}")
    if code == "MissingSubscriptionRegistration" or (status == 409 and "not registered" in message.lower()):
        named = re.search(r"Microsoft\.\w+", message)
        return Failure("refused", code, message, remedy=f"az provider register --namespace {(named or [PROVIDER])[0]}")
    after = headers.get("Retry-After")
    cause = _cause_of(code) or _BY_STATUS.get(status)
    if cause is None:
        cause = "server" if status >= 500 else "failed" if status < 400 else "refused"
    if not code and not message.strip():
        message = f"status {status}"
    return Failure(cause, code, message, float(after) if after is not None and after.isdigit() else None)


def quiet() -> None:
    """Keep the SDK's own warnings, logs and bars out of what the user reads."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    os.environ["TQDM_DISABLE"] = "1"


def log_requests() -> None:
    """Write each request to stderr, without bodies, keys or signatures."""
    logging.disable(logging.NOTSET)
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("azure.core.pipeline.policies.http_logging_policy")
    logger.setLevel(logging.INFO)
    logger.addHandler(shown)
