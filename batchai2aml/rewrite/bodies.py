"""Parameter objects: the new expression where the old one was built; statements that only prepared it go."""

from __future__ import annotations

import ast

import libcst as cst

from batchai2aml.batchai import schema
from batchai2aml.readers.python.domain import Abstract, ModelObject, Sequence, Slot
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible, comments
from batchai2aml.rewrite.tree import ancestors, descendants


def replace_body(ctx: Context, made: ModelObject, lines: list[str], value: str) -> None:
    """Put the new object where the old constructor stood, statements that it needs before it."""
    starred = [arg.value for arg in made.node.args if arg.star == "**"] if isinstance(made.node, cst.Call) else []
    if any(isinstance(value, cst.Call) and made.cell.code(value).startswith("self.") for value in starred):
        raise Unconvertible("the parameters come from a method that subclasses give", "BAI802")
    if made.own_uses:
        raise Unconvertible(f"the program uses what only Batch AI's object has: {made.own_uses[0]}", "BAI718")
    late = [(cell, _whole(ctx, made, cell, statement, conditional)) for cell, statement, conditional in made.late]
    edits = ctx.edits(made.cell)
    statement = made.statement
    if statement is None or not isinstance(made.node, cst.Call):
        raise Unconvertible("the parameters are built in a place that is not a statement")
    style = ctx.file(made.cell).style
    indent = edits.indent(statement)
    # what stands in the middle of a statement takes the statement's indentation on its later lines
    edits.replace(made.node, style.lines(value).replace("\n", "\n" + indent))
    if lines:
        edits.insert(statement, [style.lines("\n".join(lines))])
    keep_comments(ctx, made)
    for cell, changing in late:
        ctx.edits(cell).replace_statement(changing, [])
    remove_preparations(ctx, made)


def in_place(ctx: Context, record: CallRecord, slot: Slot) -> str:
    """The new object, where it was built right in a call; its later lines stand free of the statement's indentation."""
    edits = ctx.edits(slot.cell)
    code = edits.code(slot.node)
    return code.replace("\n" + edits.indent(record.statement), "\n") if record.statement is not None else code


def _whole(ctx: Context, made: ModelObject, cell: Cell, statement: cst.CSTNode, conditional: bool) -> cst.CSTNode:
    """The statement that goes with a late change: the change itself, or the `if` that it depends on."""
    if cell is made.cell and not conditional:
        for record in made.sent:
            if (
                record.cell is cell
                and record.statement is not None
                and _comes_before(cell, record.statement, statement)
            ):
                raise Unconvertible("the parameters are changed after they were sent, and perhaps sent again", "BAI802")
        return statement
    condition = ctx.condition_of(made, cell, statement) if cell is made.cell else None
    if condition is None:
        raise Unconvertible("the parameters are changed after they were built, in a branch or a loop", "BAI802")
    return condition


def _comes_before(cell: Cell, first: cst.CSTNode, second: cst.CSTNode) -> bool:
    """Whether a statement stands above another in a file part."""
    return cell.range(first).start.line < cell.range(second).start.line


def remove_body(ctx: Context, made: ModelObject) -> None:
    """Take the statement that built a parameter object out; its values are printed elsewhere."""
    statement = made.statement
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Assign) or small.value is not made.node or statement is None:
        return
    ctx.file(made.cell).gone |= {t.target.value for t in small.targets if isinstance(t.target, cst.Name)}
    ctx.edits(made.cell).replace_statement(statement, [])
    for cell, late, _ in made.late:
        ctx.edits(cell).replace_statement(late, [])


def keep_comments(ctx: Context, made: ModelObject) -> None:
    """Comments inside the old constructor move above its statement."""
    edits = ctx.edits(made.cell)
    start, stop = edits.span(made.node)
    found = comments(edits.cell.text[start:stop])
    if found and made.statement is not None:
        edits.insert(made.statement, found)


def remove_preparations(ctx: Context, made: ModelObject) -> None:
    """Take out the assignments that built parts of a body in statements of their own."""
    for part in parts(made):
        _remove_changes(ctx, made, part)
        statement = part.statement
        if statement is None or statement is made.statement or part.cell.path not in ctx.work:
            continue
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            raise Unconvertible("a part of the parameters is built in a compound statement")
        small = statement.body[0]
        if isinstance(small, cst.Assign):
            for target in small.targets:
                if isinstance(target.target, cst.Name):
                    ctx.file(part.cell).gone.add(target.target.value)
        elif isinstance(small, cst.Return):
            _give_up_function(ctx, part)
            continue
        elif not isinstance(small, (cst.Expr, cst.AugAssign)):
            raise Unconvertible("a part of the parameters is built in a statement that does more")
        ctx.edits(part.cell).replace_statement(statement, [])


def _remove_changes(ctx: Context, made: ModelObject, part: ModelObject) -> None:
    """Take out statements that filled a part in after it was built, and before it got its place."""
    for cell, statement, conditional in part.late:
        if conditional or cell is not made.cell:
            raise Unconvertible("a part of the parameters is changed in a branch or a loop", "BAI802")
        ctx.edits(cell).replace_statement(statement, [])


def _give_up_function(ctx: Context, part: ModelObject) -> None:
    """A function that only returns a part of the parameters has nothing left to do."""
    for here in ancestors(part.cell.module, part.node):
        if isinstance(here, cst.FunctionDef):
            ctx.idle_functions[id(here)] = (part.cell, here)
            return
    raise Unconvertible("a part of the parameters is returned by a function of its own")


def remove_functions(ctx: Context) -> None:
    """
    Take out the functions that only built parts of parameters, once nothing calls them any more.

    Raises:
        Unconvertible: something still does.

    """
    for cell, function in ctx.idle_functions.values():
        if _is_given_by_subclasses(ctx, cell, function):
            ctx.at = cell.where(function)
            raise Unconvertible(f"'{function.name.value}' is what subclasses give, and builds a part of the parameters")
        ctx.edits(cell).replace_statement(function, [])
    for _, function in ctx.idle_functions.values():
        name = function.name.value
        for work in ctx.work.values():
            if any(_is_called(name, edits.render()) for edits in work.edits.values()):
                raise Unconvertible(f"'{name}' builds a part of the parameters and is used in other ways too")


def _is_given_by_subclasses(ctx: Context, cell: Cell, function: cst.FunctionDef) -> bool:
    """Whether other classes give a method of the same name that does something, or ask subclasses for it."""
    if not isinstance(next(iter(list(ancestors(cell.module, function))[1:]), None), cst.ClassDef):
        return False
    methods = (
        line for cell in ctx.cells for owner in descendants(cell.module, cst.ClassDef) for line in owner.body.body
    )
    return any(
        isinstance(line, cst.FunctionDef)
        and line is not function
        and line.name.value == function.name.value
        and not _is_placeholder(line)
        for line in methods
    )


def _is_placeholder(method: cst.FunctionDef) -> bool:
    """Whether a method only raises an exception, and nothing but that asks subclasses for their own."""
    lines = [line for line in method.body.body if isinstance(line, cst.SimpleStatementLine)]
    raises = [line for line in lines if isinstance(line.body[0], cst.Raise)]
    texts = [line for line in lines if isinstance(line.body[0], cst.Expr)]
    return not method.decorators and len(raises) == 1 and len(method.body.body) == len(raises) + len(texts)


def _is_called(name: str, text: str) -> bool:
    """Whether code still names a function, alone or as an attribute; unreadable code may."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError):
        return True
    return any(
        (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)
        for node in nodes
    )


def parts(made: ModelObject) -> list[ModelObject]:
    """All parameter objects below one, each once."""
    found: list[ModelObject] = []

    def visit(value: Abstract) -> None:
        if isinstance(value, ModelObject) and value.model.name not in schema.ROOTS:
            if value not in found:
                found.append(value)
                for slot in value.slots.values():
                    visit(slot.value)
        elif isinstance(value, Sequence):
            for item in value.items:
                visit(item)

    for slot in made.slots.values():
        visit(slot.value)
    return found
