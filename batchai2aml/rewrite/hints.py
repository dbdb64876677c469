"""Annotations that name classes of the Batch AI SDK, and registrations of its resource provider."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from batchai2aml.readers.python.domain import External
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.tree import descendants

_REGISTERS = re.compile(r"\.providers\.register\(\s*['\"]Microsoft\.BatchAI['\"]\s*\)$")


def convert_hints(ctx: Context) -> None:
    """Put Azure ML's classes into annotations."""
    for work in ctx.work.values():
        for cell in work.source.cells:
            for annotation in descendants(cell.module, cst.Annotation):
                for node in _names(annotation.annotation):
                    _convert(ctx, cell, node)


def _names(node: cst.CSTNode) -> Iterator[cst.Name | cst.Attribute]:
    """The outermost names and dotted names of an expression."""
    if isinstance(node, (cst.Name, cst.Attribute)):
        yield node
        return
    for child in node.children:
        yield from _names(child)


def _convert(ctx: Context, cell: Cell, node: cst.Name | cst.Attribute) -> None:
    me, scope = ctx.program.interpreter, ctx.program.scopes.get(cell.path)
    found = me.meaning(cell.code(node), cell, scope) if me and scope else None
    if isinstance(found, External) and found.dotted.startswith("azure.mgmt.batchai"):
        name = ctx.sdk(cell).classes.get(found.dotted.rsplit(".", 1)[-1], "object")
        ctx.edits(cell).replace(node, name)
        if name in ctx.sdk(cell).imports:
            ctx.file(cell).wanted.add(name)


def remove_registrations(ctx: Context) -> None:
    """`providers.register('Microsoft.BatchAI')`: Azure ML's own provider is registered with its first workspace."""
    for work in ctx.work.values():
        for cell in work.source.cells:
            for line in descendants(cell.module, cst.SimpleStatementLine):
                if len(line.body) == 1 and _REGISTERS.search(cell.code(line.body[0])):
                    ctx.edits(cell).replace_statement(line, [])
