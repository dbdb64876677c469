"""Azure as azure-ai-ml 1.35 sees it: sign-in, Resource Manager, storage and run history, all in memory.

Answers have the shapes that the SDK was seen to accept. What was asked is kept in `requests`, what exists in
`resources`, by path. Nothing here imports a package of Azure.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ACCOUNT = "wsstore"
_HISTORY = "https://eastus.api.azureml.ms"


@dataclass(frozen=True)
class Request:
    """A request as it went over the line; `body` is parsed where it is JSON."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass
class Answer:
    """Status, headers and body."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def _missing(path: str) -> Answer:
    return Answer(404, {"error": {"code": "ResourceNotFound", "message": f"{path} was not found."}})


class Service:
    """The whole of it; `existing` are workspaces that are there from the start."""

    def __init__(self, *existing: str, computes: tuple[str, ...] = ()) -> None:
        self.requests: list[Request] = []
        self.resources: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.existing = existing
        self.computes = computes

    def answer(self, method: str, url: str, body: bytes) -> Answer:
        """What a request gets."""
        parts = urlsplit(url)
        query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        try:
            parsed: Any = json.loads(body) if body else None
        except ValueError:
            parsed = body
        request = Request(method, parts.hostname or "", unquote(parts.path), query, parsed)
        self.requests.append(request)
        if request.host == "login.microsoftonline.com":
            return _signed_in(request)
        if request.host == "management.azure.com":
            return self._resource(request)
        if request.host.endswith((".blob.core.windows.net", ".file.core.windows.net")):
            return self._file(request, body)
        if request.host.endswith(".api.azureml.ms"):
            return _history(request)
        raise AssertionError(f"a request to {request.host}, which is none of the hosts that are named")

    # Resource Manager

    def _resource(self, request: Request) -> Answer:
        path = request.path
        if re.search(r"/deployments/", path):
            return self._deployment(request)
        if "/operationStatuses/" in path or "/computeOperationsStatus/" in path or "/mfeOperationsStatus/" in path:
            return Answer(200, {"status": "Succeeded"})
        if re.fullmatch(
            r"/subscriptions/[^/]+/providers/Microsoft.MachineLearningServices/locations/[^/]+/usages", path
        ):
            return Answer(200, {"value": []})
        if path.endswith("/listSecrets") or path.endswith("/listDatastoreSecrets"):
            return Answer(200, {"secretsType": "AccountKey", "key": base64.b64encode(b"key").decode()})
        if path.endswith("/startPendingUpload"):
            version = path.split("/")[-2]
            uri = f"https://{ACCOUNT}.blob.core.windows.net/{path.split('/')[-4]}-{version}"
            reference = {
                "blobUri": uri,
                "storageAccountArmId": f"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}",
                "credential": {"sasUri": f"{uri}?sig=s", "credentialType": "SAS"},
            }
            return Answer(
                200,
                {
                    "blobReferenceForConsumption": reference,
                    "pendingUploadId": None,
                    "pendingUploadType": "TemporaryBlobReference",
                },
            )
        if path.endswith("/listNodes"):
            return Answer(200, {"nodes": []})
        if path.endswith("/cancel"):
            job = self.resources.get(path.removesuffix("/cancel").lower())
            if job is not None:
                job["properties"]["status"] = "Canceled"
            return Answer(200, None)
        if request.method == "POST":
            return Answer(200, {})
        if request.method == "GET":
            return self._got(request)
        if request.method == "DELETE":
            found = self.resources.pop(path.lower(), None)
            return Answer(200 if found is not None else 204)
        return self._put(request)

    def _got(self, request: Request) -> Answer:
        found = self._find(request.path)
        if found is not None:
            return Answer(200, found)
        if re.search(
            r"/(computes|jobs|datastores|environments/[^/]+/versions|codes/[^/]+/versions|workspaces)$", request.path
        ):
            below = [made for path, made in self.resources.items() if path.rpartition("/")[0] == request.path.lower()]
            if request.path.endswith("/datastores") and request.query.get("isDefault") == "true":
                below = [self._default_store(request.path)]
            return Answer(200, {"value": below})
        if re.search(r"/(environments|codes|models|data)/[^/]+$", request.path):
            return Answer(200, {"id": request.path, "name": request.path.rpartition("/")[2], "properties": {}})
        return _missing(request.path)

    def _find(self, path: str) -> dict[str, Any] | None:
        if path.lower() in self.resources:
            return self.resources[path.lower()]
        name = path.rpartition("/")[2]
        if re.search(r"/Microsoft\.MachineLearningServices/workspaces/[^/]+$", path) and (
            name in self.existing or "*" in self.existing
        ):
            return self._workspace(path, {})
        if "/computes/" in path and name in self.computes:
            return self._made(
                path, {"location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {}}}
            )
        if path.endswith(("/datastores/workspaceblobstore", "/datastores/workspaceartifactstore")):
            return self._default_store(path.rpartition("/")[0])
        return None

    def _workspace(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        storage = f"{path.split('/providers/')[0]}/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}"
        properties = {
            "discoveryUrl": f"{_HISTORY}/discovery",
            "storageAccount": storage,
            "keyVault": storage.replace("Storage/storageAccounts", "KeyVault/vaults"),
            "provisioningState": "Succeeded",
            "workspaceId": "11111111-1111-1111-1111-111111111111",
            **body.get("properties", {}),
        }
        made = {
            "id": path,
            "name": path.rpartition("/")[2],
            "type": "Microsoft.MachineLearningServices/workspaces",
            "location": body.get("location", "eastus"),
            "tags": body.get("tags") or {},
            "kind": "Default",
            "identity": {"type": "SystemAssigned"},
            "properties": properties,
        }
        self.resources[path.lower()] = made
        return made

    def _default_store(self, folder: str) -> dict[str, Any]:
        return {
            "id": f"{folder}/workspaceblobstore",
            "name": "workspaceblobstore",
            "properties": {
                "datastoreType": "AzureBlob",
                "accountName": ACCOUNT,
                "containerName": "azureml",
                "endpoint": "core.windows.net",
                "protocol": "https",
                "isDefault": True,
                "credentials": {"credentialsType": "AccountKey"},
            },
        }

    def _put(self, request: Request) -> Answer:
        if re.search(r"/Microsoft\.MachineLearningServices/workspaces/[^/]+$", request.path):
            return Answer(200, self._workspace(request.path, request.body))
        made = self._made(request.path, request.body)
        return Answer(200 if request.method == "PATCH" or "/connections/" in request.path else 201, made)

    def _made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        made = {
            **self.resources.get(path.lower(), {}),
            **body,
            "id": path,
            "name": path.rpartition("/")[2],
            "systemData": _WHEN,
        }
        properties = dict(made.get("properties") or {})
        properties["provisioningState"] = "Succeeded"
        if "/datastores/" in path:
            properties["credentials"] = {"credentialsType": "None"}
        if "/jobs/" in path:
            properties.setdefault("status", "Completed")
            properties["services"] = {"Tracking": {"endpoint": "x", "jobServiceType": "Tracking"}}
        made["properties"] = properties
        self.resources[path.lower()] = made
        return made

    def _deployment(self, request: Request) -> Answer:
        base = request.path.split("/operations")[0]
        if request.path.endswith("/operations"):
            return Answer(200, {"value": []})
        if request.method == "PUT":
            template = request.body["properties"]
            given = {key: found.get("value") for key, found in template.get("parameters", {}).items()}
            group = base.split("/providers/")[0]
            path = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/{given['workspaceName']}"
            self._workspace(path, {"location": given.get("location"), "tags": given.get("tagValues")})
        done = {
            "id": base,
            "name": base.rpartition("/")[2],
            "properties": {"provisioningState": "Succeeded", "outputs": {}, "parameters": {}, "outputResources": []},
        }
        self.resources[base.lower()] = done
        return Answer(200, done)

    # storage

    def _file(self, request: Request, body: bytes) -> Answer:
        key = f"{request.host}{request.path}"
        if request.query.get("comp") == "list":
            return Answer(200, _LISTS[".blob." in request.host], {"Content-Type": "application/xml"})
        if request.method in ("HEAD", "GET"):
            if key not in self.files:
                return Answer(404, b"", {"x-ms-error-code": "BlobNotFound"})
            data = self.files[key]
            headers = {
                "Content-Length": str(len(data)),
                "Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}",
                "x-ms-blob-type": "BlockBlob",
                **_STAMPS,
            }
            return Answer(200, b"" if request.method == "HEAD" else data, headers)
        if request.method == "DELETE":
            self.files.pop(key, None)
            return Answer(202, b"", dict(_STAMPS))
        if request.query.get("comp") in ("metadata", "properties"):
            return Answer(200, b"", dict(_STAMPS))
        self.files[key] = body
        return Answer(201, b"", dict(_STAMPS))


_WHEN = {"createdAt": "2026-11-22T00:00:00Z", "lastModifiedAt": "2026-11-22T00:00:00Z", "createdBy": "x"}
_STAMPS = {"ETag": '"0x1"', "Last-Modified": "Sun, 22 Nov 2026 00:00:00 GMT", "x-ms-request-server-encrypted": "true"}
_LISTS = {
    True: b'<?xml version="1.0"?><EnumerationResults><Blobs></Blobs><NextMarker /></EnumerationResults>',
    False: b'<?xml version="1.0"?><EnumerationResults><Entries></Entries><NextMarker /></EnumerationResults>',
}


def _signed_in(request: Request) -> Answer:
    base = "https://login.microsoftonline.com/t"
    if request.path.endswith("/discovery/instance"):
        alias = {
            "preferred_network": "login.microsoftonline.com",
            "preferred_cache": "login.windows.net",
            "aliases": ["login.microsoftonline.com"],
        }
        return Answer(
            200, {"tenant_discovery_endpoint": f"{base}/v2.0/.well-known/openid-configuration", "metadata": [alias]}
        )
    if request.path.endswith("/openid-configuration"):
        return Answer(
            200,
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "issuer": f"{base}/v2.0",
            },
        )
    claims = base64.urlsafe_b64encode(b'{"oid":"o","tid":"t"}').decode().rstrip("=")
    return Answer(200, {"token_type": "Bearer", "expires_in": 3600, "access_token": f"e30.{claims}.s"})


def _history(request: Request) -> Answer:
    if request.path.endswith("/discovery"):
        return Answer(200, {"history": _HISTORY, "api": _HISTORY})
    if request.path.endswith("/details"):
        return Answer(200, {"runId": request.path.split("/")[-2], "status": "Completed", "logFiles": {}})
    if request.path.endswith("/rundata"):
        return Answer(200, {"runMetadata": {"runId": request.body["runId"], "status": "Completed", "outputs": {}}})
    return Answer(200, {"value": [], "runId": "r", "status": "Completed"})
