"""The service with time in it: operations that take a while, and everything that `apply` asks beside azure-ai-ml."""

from __future__ import annotations

import re
from typing import Any

from tests.azure.service import Answer, Request, Service, _missing

_OPERATION = "https://management.azure.com/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus/computeOperationsStatus/{}"
_SIZES = {"Standard_NC4as_T4_v3": ("standardNCASv3_T4Family", 4), "Standard_D2s_v5": ("standardDSv5Family", 2)}


class Cloud(Service):
    """A subscription with one resource group; `steps` is how often an operation is looked at before it has ended."""

    def __init__(self, *existing: str, steps: int = 1, limit: int = 100) -> None:
        super().__init__(*existing)
        self.steps = steps
        self.limit = limit
        self.operations: dict[str, int] = {}
        self.ends: dict[str, dict[str, Any]] = {}
        self.deployed: list[dict[str, Any]] = []
        self.group = True
        self.registered = True

    def _resource(self, request: Request) -> Answer:
        path = request.path
        asked = self._of_subscription(request) if request.method == "GET" else None
        if asked is not None:
            return asked
        if "/computeOperationsStatus/" in path:
            return self._operation(path.rpartition("/")[2])
        if re.search(r"/computes/[^/]+$", path) and request.method == "PUT":
            return self._compute(request)
        if "/deployments/" in path:
            return self._deploy(request)
        inside = re.match(r"(.*/Microsoft\.MachineLearningServices/workspaces/[^/]+)/", path)
        if inside and self._find(inside[1]) is None:
            return _missing(path)
        if request.method == "GET" and "/environments/" in path:
            return Answer(200, self.resources[path.lower()]) if path.lower() in self.resources else _missing(path)
        if request.method == "PUT" and "/datastores/" in path:
            self._made(path, request.body)
            return Answer(201, self.resources[path.lower()])
        return super()._resource(request)

    def _of_subscription(self, request: Request) -> Answer | None:
        path = request.path
        if re.fullmatch(r"/subscriptions/[^/]+/resourceGroups/[^/]+", path):
            missing = {"error": {"code": "ResourceGroupNotFound", "message": "Resource group 'rg' could not be found."}}
            return Answer(200, {"id": path, "location": "eastus"}) if self.group else Answer(404, missing)
        if re.fullmatch(r"/subscriptions/[^/]+/providers/Microsoft\.MachineLearningServices", path):
            return Answer(200, {"registrationState": "Registered" if self.registered else "NotRegistered"})
        if path.endswith("/Microsoft.Authorization/permissions"):
            return Answer(200, {"value": [{"actions": ["*"], "notActions": []}]})
        if path.endswith("/vmSizes"):
            return Answer(200, {"value": [{"name": n, "family": f, "vCPUs": c} for n, (f, c) in _SIZES.items()]})
        if path.endswith("/usages"):
            rows = [
                {"name": {"value": family}, "currentValue": 0, "limit": self.limit}
                for family in (*(family for family, _ in _SIZES.values()), "TotalLowPriorityCores")
            ]
            return Answer(200, {"value": rows})
        return None

    def _compute(self, request: Request) -> Answer:
        made = self._made(request.path, request.body)
        made["properties"]["provisioningState"] = "Creating"
        name = request.path.rpartition("/")[2]
        self.operations[name] = self.steps
        return Answer(201, made, {"Azure-AsyncOperation": _OPERATION.format(name), "Retry-After": "1"})

    def _operation(self, name: str) -> Answer:
        left = self.operations.get(name, 0)
        if left > 0:
            self.operations[name] = left - 1
            return Answer(200, {"status": "InProgress"}, {"Retry-After": "1"})
        end = self.ends.get(name, {"status": "Succeeded"})
        for path, made in self.resources.items():
            if path.endswith(f"/computes/{name}".lower()):
                made["properties"]["provisioningState"] = end["status"]
        return Answer(200, end)

    def _got(self, request: Request) -> Answer:
        found = re.search(r"/computes/([^/]+)$", request.path)
        if found and self.operations.get(found[1], 0) <= 0 and request.path.lower() in self.resources:
            self._operation(found[1])
        elif found and self.operations.get(found[1], 0) > 0:
            self.operations[found[1]] -= 1
        return super()._got(request)

    def _deploy(self, request: Request) -> Answer:
        path = request.path
        if request.method == "PUT":
            given = {key: found.get("value") for key, found in request.body["properties"]["parameters"].items()}
            self.deployed.append(given)
            self.operations[path] = self.steps
            sent = request.body["properties"]["parameters"]
            body = {"id": path, "properties": {"provisioningState": "Accepted", "parameters": sent}, "given": given}
            self.resources[path.lower()] = body
            operation = f"https://management.azure.com{path}/operationStatuses/1?api-version=2021-04-01"
            return Answer(201, body, {"Azure-AsyncOperation": operation, "Retry-After": "1"})
        whole = path
        path = path.split("/operationStatuses/")[0]
        body = self.resources.get(path.lower())
        if body is None:
            return _missing(path)
        if self.operations.get(path, 0) > 0:
            self.operations[path] -= 1
            body["properties"]["provisioningState"] = "Running"
        elif path in self.ends:
            body["properties"] |= self.ends[path]
        elif body["properties"]["provisioningState"] != "Succeeded":
            body["properties"]["provisioningState"] = "Succeeded"
            given = body["given"]
            group = path.split("/providers/")[0]
            for kind, key in (
                ("Microsoft.Storage/storageAccounts", "storageAccountName"),
                ("Microsoft.KeyVault/vaults", "keyVaultName"),
                ("Microsoft.OperationalInsights/workspaces", "logAnalyticsName"),
                ("Microsoft.Insights/components", "applicationInsightsName"),
            ):
                made = f"{group}/providers/{kind}/{given[key]}"
                self.resources[made.lower()] = {"id": made, "name": given[key]}
            space = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/{given['workspaceName']}"
            self._workspace(space, {"location": given["location"], "tags": given["tagValues"]})
        if path != whole:
            return Answer(200, {"status": body["properties"]["provisioningState"]}, {"Retry-After": "1"})
        return Answer(200, body)
