"""Walking the syntax tree of a file part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TypeVar

import libcst as cst

Node = TypeVar("Node", bound=cst.CSTNode)


def descendants(node: cst.CSTNode, kind: type[Node]) -> Iterator[Node]:
    """All nodes of a kind at and below a node, in the order of the source."""
    pending: list[cst.CSTNode] = [node]
    while pending:
        here = pending.pop()
        if isinstance(here, kind):
            yield here
        pending.extend(reversed(here.children))


def ancestors(module: cst.Module, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes that a node stands in, from the inside out."""
    above = parents(module)
    here = above.get(node)
    while here is not None:
        yield here
        here = above.get(here)


def lone_condition(module: cst.Module, statement: cst.CSTNode) -> cst.If | None:
    """The `if` without `else` whose only statement this is, or None."""
    above = parents(module)
    block = above.get(statement)
    holder = above.get(block) if isinstance(block, cst.IndentedBlock) and len(block.body) == 1 else None
    is_elif = isinstance(holder, cst.If) and isinstance(above.get(holder), cst.If)
    return holder if isinstance(holder, cst.If) and holder.orelse is None and not is_elif else None


@lru_cache(maxsize=64)
def parents(module: cst.Module) -> Mapping[cst.CSTNode, cst.CSTNode]:
    """The node that each node of a module stands in."""
    found: dict[cst.CSTNode, cst.CSTNode] = {}
    pending: list[cst.CSTNode] = [module]
    while pending:
        node = pending.pop()
        found.update(dict.fromkeys(node.children, node))
        pending.extend(node.children)
    return found
