"""Run a converted script against the real azure-ai-ml, the network stood in for, and print every change it asks for.

    stand_in_v2.py FILE [--exists]

Only what sends bytes is replaced: the adapter of `requests`, which the SDK, its sign-in and the storage clients all
use (and `urllib`'s downloads, see statements.py). `--exists` says that workspaces are there already.
"""

from __future__ import annotations

import io
import json
import os
import sys
from typing import Any

import azure.ai.ml  # noqa: F401  (before the folder of the script hides modules of the standard library)
import requests
import statements
from requests.adapters import HTTPAdapter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
from tests.azure.service import Service

_ID = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"}


def send(service: Service) -> Any:
    def answer(self: HTTPAdapter, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        body = request.body
        if hasattr(body, "read"):
            body = body.read()
        if body is not None and not isinstance(body, (bytes, str)):
            body = b"".join(body)
        data = body.encode() if isinstance(body, str) else body or b""
        found = service.answer(request.method or "", request.url or "", data)
        response = requests.Response()
        response.status_code, response.url, response.request = found.status, request.url or "", request
        content = (
            found.body
            if isinstance(found.body, bytes)
            else b""
            if found.body is None
            else json.dumps(found.body).encode()
        )
        kind = "application/octet-stream" if isinstance(found.body, bytes) else "application/json"
        response.headers.update({"Content-Type": kind, "Content-Length": str(len(content)), **found.headers})
        raw: Any = io.BytesIO(content)
        raw.enforce_content_length = False
        response.raw = raw
        response._content = content
        response.reason = "OK"
        return response

    return answer


def main() -> None:
    file, *rest = sys.argv[1:]
    exists = "--exists" in rest
    service = Service(*(("*",) if exists else ()), computes=tuple(os.environ.get("EXISTING", "").split()))
    HTTPAdapter.send = send(service)  # type: ignore[method-assign]
    for name, value in _ID.items():
        os.environ.setdefault(name, value)
    folder = os.path.dirname(os.path.abspath(file))
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.argv = [file]
    try:
        names = statements.run(os.path.basename(file), {})
        exec(os.environ.get("THEN", ""), names)
    finally:
        shown = [
            {"method": found.method, "host": found.host, "path": found.path, "body": found.body}
            for found in service.requests
            if found.method in ("PUT", "PATCH", "DELETE", "POST") and found.host != "login.microsoftonline.com"
        ]
        print("EFFECTS", json.dumps(shown, default=lambda data: f"<{len(data)} bytes>"), flush=True)


if __name__ == "__main__":
    main()
