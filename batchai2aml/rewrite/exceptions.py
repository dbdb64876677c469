"""`except CloudError:` around calls that were converted: the exceptions that the new calls raise."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from batchai2aml.mapping.types import Verdict
from batchai2aml.readers.python.domain import External
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.tree import ancestors, descendants, parents

_OLD = frozenset({"CloudError", "HttpResponseError", "ResourceNotFoundError", "BatchAIError", "HttpOperationError"})
_MODULES = ("msrestazure", "msrest", "azure.core", "azure.mgmt.batchai")


def convert_handlers(ctx: Context) -> None:
    """Name what the calls of each `try` raise now."""
    for work in ctx.work.values():
        for cell in work.source.cells:
            for statement in descendants(cell.module, cst.Try):
                inside = [r for r in ctx.program.records if r.cell is cell and _in_body(cell, r.node, statement)]
                ours = [r for r in inside if not r.op.startswith(("storage.", "helpers."))]
                for handler in statement.handlers if ours else ():
                    _convert(ctx, cell, handler, ours)
            _convert_other_uses(ctx, cell)


def guarded(ctx: Context, record: CallRecord, op: str) -> bool:
    """Whether a call stands in an `except` that follows an attempt to do `op` on the same kind of resource."""
    around = ancestors(record.cell.module, record.node)
    handler = next((here for here in around if isinstance(here, cst.ExceptHandler)), None)
    attempt = next(around, None) if handler is not None else None
    return isinstance(attempt, cst.Try) and any(
        other.op == op and other.cell is record.cell and _in_body(record.cell, other.node, attempt)
        for other in ctx.program.records
    )


def _in_body(cell: Cell, node: cst.CSTNode, statement: cst.Try) -> bool:
    """Whether a node stands in the body of a `try`, and not in the body of one inside it."""
    here = node
    for holder in ancestors(cell.module, node):
        if isinstance(holder, cst.Try):
            return holder is statement and here is statement.body
        if isinstance(here, (cst.FunctionDef, cst.Lambda)):
            return False
        here = holder
    return False


def _convert(ctx: Context, cell: Cell, handler: cst.ExceptHandler, records: list[CallRecord]) -> None:
    if handler.type is None:
        return
    old = [node for node in _types(handler.type) if _is_old(ctx, cell, node, records[0])]
    if not old:
        return
    work, edits = ctx.file(cell), ctx.edits(cell)
    table = ctx.sdk(cell).exceptions
    names = sorted({table.get(record.op.split(".")[0], table[""]) for record in records})
    names = [table[""]] if len(names) > 1 or table[""] in names else names
    work.wanted |= set(names)
    if any(record.op == "jobs.get" for record in records):
        names.append("StopIteration")
    alone = old[0] is handler.type
    edits.replace(old[0], f"({', '.join(names)})" if alone and len(names) > 1 else ", ".join(names))
    ctx.note(records[0], "BAI703", f"except {cell.code(old[0])} became except {', '.join(names)}")
    caught = handler.name.name if handler.name else None
    for node in descendants(handler.body, cst.Attribute):
        if (
            isinstance(caught, cst.Name)
            and cell.code(node.value) == caught.value
            and node.attr.value in ctx.sdk(cell).lost
        ):
            ctx.say(cell, node, f"# BAI703: Azure ML's exceptions have no '.{node.attr.value}'")
            ctx.note(records[0], "BAI703", f"'.{node.attr.value}' of the exception", "manual", "error")


def _convert_other_uses(ctx: Context, cell: Cell) -> None:
    """
    `except CloudError:` around a function that is handed over, and `retry_if_exception_type(CloudError)`.

    What is called there is not known, so the old exception stays beside the new one.
    """
    scope = ctx.program.scopes.get(cell.path)
    edits, above = ctx.edits(cell), parents(cell.module)
    for node in descendants(cell.module, cst.Name) if scope is not None else ():
        if node.value not in _OLD or edits.touches(node) or not isinstance(above[node], (cst.ExceptHandler, cst.Arg)):
            continue
        me = ctx.program.interpreter
        found = me.meaning(node.value, cell, scope) if me is not None and scope is not None else None
        if isinstance(found, External) and found.dotted.startswith(_MODULES):
            new = ctx.sdk(cell).exceptions[""]
            ctx.file(cell).wanted.add(new)
            edits.replace(node, f"({node.value}, {new})")
            detail = f"{node.value} became ({node.value}, {new})"
            ctx.notes.append((cell.where(node), Verdict("changed", "BAI703", detail)))


def _types(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.Tuple):
        for element in node.elements:
            yield element.value
    else:
        yield node


def _is_old(ctx: Context, cell: Cell, node: cst.BaseExpression, record: CallRecord) -> bool:
    code = cell.code(node)
    me = ctx.program.interpreter
    found = me.meaning(code, cell, record.scope) if me else None
    dotted = found.dotted if isinstance(found, External) else ""
    return code.rsplit(".", 1)[-1] in _OLD and dotted.startswith(_MODULES)
