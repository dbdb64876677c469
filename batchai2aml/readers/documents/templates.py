"""ARM templates: their resources of Batch AI, with parameters and variables filled in (MAPPING 2.9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from batchai2aml.batchai.model import Notice
from batchai2aml.batchai.request import Request, Scope, Setting
from batchai2aml.batchai.schema import ROOTS
from batchai2aml.place import Where
from batchai2aml.readers.documents.body import read
from batchai2aml.readers.documents.tree import Document, Node
from batchai2aml.text import Segment, Text

_TYPES: dict[str, tuple[str, Scope]] = {
    "workspaces": ("WorkspaceCreateParameters", "workspace"),
    "clusters": ("ClusterCreateParameters", "name"),
    "fileservers": ("FileServerCreateParameters", "name"),
    "experiments": ("", "experiment"),
    "jobs": ("JobCreateParameters", "name"),
}
_REFERENCE = re.compile(r"^\[\s*(parameters|variables)\(\s*'([^']+)'\s*\)\s*\]$", re.IGNORECASE)
_EXPRESSION = re.compile(r"^\[(?!\[).*\]$", re.S)


def is_template(root: Node) -> bool:
    """Whether a document is an ARM template that has a resource of Batch AI."""
    return any(_kind(item, "") for item in _resources(root))


def _resources(node: Node) -> tuple[Node, ...]:
    found = node.get("resources")
    return found.items or () if found is not None else ()


def _kind(node: Node, around: str) -> str:
    """`microsoft.batchai/workspaces/clusters`, for nested resources with what stands around them."""
    given = node.get("type")
    text = ((given.text or "") if given is not None else "").lower()
    if text.startswith("microsoft.batchai/"):
        return text
    return f"{around}/{text}" if around and text else ""


def requests(document: Document, where: Where) -> Iterator[Request]:
    """The requests that a template's resources stand for, each with the names around it."""
    for item in _resources(document.root):
        yield from _resource(item, "", (), document.root, where)


def _resource(node: Node, around: str, outer: tuple[Text, ...], root: Node, where: Where) -> Iterator[Request]:
    kind = _kind(node, around)
    if not kind:
        return
    last = kind.rsplit("/", 1)[-1]
    notices: list[Notice] = []
    filled = _filled(node, root, where, notices)
    given = filled.get("name")
    name = given.leaf if given is not None and isinstance(given.leaf, Text) else Text(())
    names = (*outer, name)
    known = name.known
    if not outer and known is not None and "/" in known:
        names = tuple(Text.literal(part) for part in known.split("/"))
    model, _ = _TYPES.get(last, ("", "name"))
    place = replace(where, line=node.line)
    if last in _TYPES:
        yield _request(filled, model, last, names, place, replace(where, line=where.line), tuple(notices))
    for inner in _resources(node):
        yield from _resource(inner, kind, names, root, where)


def _request(
    node: Node, model: str, last: str, names: tuple[Text, ...], place: Where, start: Where, notices: tuple[Notice, ...]
) -> Request:
    scopes: dict[str, tuple[Scope, ...]] = {
        "workspaces": ("name",),
        "experiments": ("workspace", "name"),
        "jobs": ("workspace", "experiment", "name"),
    }
    given = dict(zip(reversed(scopes.get(last, ("workspace", "name"))), reversed(names), strict=False))
    version = node.get("apiVersion")
    body = read(_without(node, "resources", "name"), model, start) if model else None
    return Request(
        ROOTS.get(model, "experiments.create"),
        place,
        "always",
        (version.text if version is not None else None) or "2018-05-01",
        names={scope: Setting(scope, text, place) for scope, text in given.items()},
        settings=tuple(body.settings) if body else (),
        keys=tuple(body.keys) if body else (),
        notices=(*notices, *(body.notices if body else ())),
    )


def _without(node: Node, *keys: str) -> Node:
    return replace(node, members=tuple(pair for pair in node.members or () if pair[0] not in keys))


def _filled(node: Node, root: Node, where: Where, notices: list[Notice], depth: int = 0) -> Node:
    """The node with references to parameters and variables replaced by what they say; other expressions are open."""
    if node.members is not None:
        members = (
            (name, value if name == "resources" else _filled(value, root, where, notices, depth))
            for name, value in node.members
        )
        return replace(node, members=tuple(members))
    if node.items is not None:
        return replace(node, items=tuple(_filled(item, root, where, notices, depth) for item in node.items))
    text = node.text
    if text is None or not _EXPRESSION.match(text):
        return node
    found = _REFERENCE.match(text)
    target = root.get(found.group(1).lower()) if found else None
    value = target.get(found.group(2)) if target is not None and found else None
    if value is not None and found is not None and found.group(1).lower() == "parameters":
        value = value.get("defaultValue")
    if value is not None and depth < 10:
        return _filled(replace(value, line=node.line, column=node.column), root, where, notices, depth + 1)
    notices.append(Notice("template expression", replace(where, line=where.line + node.line - 1), text))
    return replace(node, leaf=Text((Segment(None, text),)))
