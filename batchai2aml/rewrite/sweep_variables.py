"""Changes to the variables of a sweep's jobs, one by one: those of the generated jobs' environments."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.context import Context


def changes(cell: Cell) -> Iterator[tuple[cst.CSTNode, str, str, str]]:
    """Statements that change a variable of a job: with the job, the variable's name and its value, as expressions."""
    for statement in _statements(cell.module):
        found = _appended(cell, statement) or _looked_up(cell, statement)
        if found is not None:
            yield (statement, *found)


def convert(ctx: Context, path: str) -> None:
    """Changes to the environment variables of generated jobs become changes to the new jobs' dictionaries."""
    if not any(r.op.startswith("helpers.generate_jobs") and r.cell.path == path for r in ctx.program.records):
        return
    for cell in ctx.work[path].source.cells:
        for statement, job, name, value in changes(cell):
            shown = ctx.file(cell).style.string("") if value == "None" else value
            line = f"{ctx.sdk(cell).variables(job)}[{name}] = {shown}"
            ctx.edits(cell).replace_statement(statement, [line])
            ctx.handled.update(id(node) for node in _statements(statement))
            ctx.handled.add(id(statement))


def _statements(node: cst.CSTNode) -> list[cst.CSTNode]:
    found: list[cst.CSTNode] = []
    for child in node.children:
        if isinstance(child, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            found.append(child)
        found += _statements(child)
    return found


def _appended(cell: Cell, node: cst.CSTNode) -> tuple[str, str, str] | None:
    """`job.environment_variables.append(models.EnvironmentVariable(name=N, value=V))`."""
    small = node.body[0] if isinstance(node, cst.SimpleStatementLine) and len(node.body) == 1 else None
    call = small.value if isinstance(small, cst.Expr) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute) or len(call.args) != 1:
        return None
    holder, made = call.func.value, call.args[0].value
    if call.func.attr.value != "append" or not _is_variables(holder) or not isinstance(made, cst.Call):
        return None
    words = {arg.keyword.value: cell.code(arg.value) for arg in made.args if arg.keyword is not None}
    if not cell.code(made.func).endswith(("EnvironmentVariable", "EnvironmentSetting")) or "name" not in words:
        return None
    assert isinstance(holder, cst.Attribute)
    return cell.code(holder.value), words["name"], words.get("value", "None")


def _looked_up(cell: Cell, node: cst.CSTNode) -> tuple[str, str, str] | None:
    """`for v in job.environment_variables: if v.name == N: v.value = V`."""
    if not isinstance(node, cst.For) or not _is_variables(node.iter) or len(node.body.body) != 1:
        return None
    inner = node.body.body[0]
    if not isinstance(inner, cst.If) or inner.orelse is not None or len(inner.body.body) != 1:
        return None
    line = inner.body.body[0]
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    target, test = cell.code(node.target), inner.test
    if not isinstance(small, cst.Assign) or cell.code(small.targets[0].target) != f"{target}.value":
        return None
    if not isinstance(test, cst.Comparison) or cell.code(test.left).strip() != f"{target}.name":
        return None
    assert isinstance(node.iter, cst.Attribute)
    return cell.code(node.iter.value), cell.code(test.comparisons[0].comparator), cell.code(small.value)


def _is_variables(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value == "environment_variables"
