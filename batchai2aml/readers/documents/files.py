"""JSON files: what kind of document each one is, and the requests that it stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from batchai2aml.batchai.model import Notice
from batchai2aml.batchai.request import Request
from batchai2aml.batchai.schema import ROOTS, TOOLKIT_KEYS
from batchai2aml.place import Where
from batchai2aml.readers.documents import templates
from batchai2aml.readers.documents.body import Body, read
from batchai2aml.readers.documents.tree import Document, Node, parse

KINDS: dict[str, str] = {
    "JobCreateParameters": "job_json",
    "ClusterCreateParameters": "cluster_json",
    "FileServerCreateParameters": "file_server_json",
}
"""The kind of a file by the class of its body."""

_BY_SCHEMA = (("cluster", "ClusterCreateParameters"), ("nfs", "FileServerCreateParameters"))
_OF_JOBS = frozenset({*TOOLKIT_KEYS, "stdOutErrPathPrefix", "inputDirectories", "outputDirectories", "jobPreparation"})
_VERSION = re.compile(r"\b(2017-09-01-preview|2018-03-01|2018-05-01)\b")


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A JSON file that speaks of Batch AI: its kind and the requests that it stands for."""

    path: str
    kind: str
    api_version: str
    requests: tuple[Request, ...]


def read_file(path: str, text: str) -> JsonFile | None:
    """
    A JSON file, or None when it has nothing to do with Batch AI.

    Raises:
        BrokenJson: the text is no JSON.

    """
    document = parse(text)
    where = Where(path)
    if templates.is_template(document.root):
        requests = tuple(templates.requests(document, where))
        return JsonFile(path, "arm_template", requests[0].api_version, requests) if requests else None
    model = model_of(document.root)
    if model is None:
        return None
    made = request_of(document, model, where)
    return JsonFile(path, KINDS[model], made.api_version, (made,))


def request_of(document: Document, model: str, where: Where) -> Request:
    """The request that a document stands for when nothing in the project sends it."""
    body = read(document.root, model, where)
    return Request(
        ROOTS[model],
        where,
        "uncalled",
        version_of(document.root, body),
        settings=tuple(body.settings),
        keys=tuple(body.keys),
        notices=(*body.notices, *repairs(document, where)),
    )


def repairs(document: Document, where: Where) -> list[Notice]:
    """What had to be overlooked in a document so that it could be read."""
    return [
        Notice("repaired", Where(where.path, where.cell, where.line + line - 1), what)
        for line, what in document.repaired
    ]


def version_of(root: Node, body: Body) -> str:
    """The API version of a document, as far as its schema or its fields tell."""
    schema = root.get("$schema") or root.get("apiVersion")
    found = _VERSION.search(schema.text or "") if schema is not None else None
    if found is not None:
        return found.group()
    old = {"location", "properties.experimentName", "properties.priority"}
    return "2018-03-01" if any(s.path in old or s.path.startswith("tags.") for s in body.settings) else "2018-05-01"


def model_of(root: Node) -> str | None:
    """The class of the body that a document holds, by its `$schema` or by keys that no other service has."""
    if root.members is None:
        return None
    schema = root.get("$schema")
    address = (schema.text or "").lower() if schema is not None else ""
    if "json-schema.org" in address:
        return None
    if "batchai" in address:
        name = address.rsplit("/", 1)[-1]
        return next((model for word, model in _BY_SCHEMA if word in name), "JobCreateParameters")
    inside = root.get("properties")
    body = inside if inside is not None and inside.members is not None else root
    keys = {name for name, _ in body.members or ()}
    if keys & _OF_JOBS:
        return "JobCreateParameters"
    if {"sshConfiguration", "dataDisks"} <= keys:
        return "FileServerCreateParameters"
    return "ClusterCreateParameters" if _of_cluster(body, keys) else None


def _of_cluster(body: Node, keys: set[str]) -> bool:
    """Whether a body is a cluster's: Azure Batch and Azure ML have some of its keys too, with other things inside."""
    if "computeType" in keys:
        return False
    scale, setup, user = body.get("scaleSettings"), body.get("nodeSetup"), body.get("userAccountSettings")
    inner = {name for node in (scale, setup) if node is not None for name, _ in node.members or ()}
    amounts = {
        name for kind in ("manual", "autoScale") if scale and (n := scale.get(kind)) for name, _ in n.members or ()
    }
    named = {name for name, _ in user.members or ()} if user is not None else set()
    return bool(
        inner & {"mountVolumes", "setupTask", "performanceCountersSettings"}
        or amounts & {"targetNodeCount", "minimumNodeCount", "maximumNodeCount"}
        or (named & {"adminUserName", "adminUserPassword", "adminUserSshPublicKey"} and keys & {"vmSize", "vmPriority"})
    )
