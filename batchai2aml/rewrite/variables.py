"""A job's environment variables that the program collects in a loop: the list becomes a dictionary of the same name."""

from __future__ import annotations

import libcst as cst

from batchai2aml.azureml.model import Code
from batchai2aml.readers.python.domain import Const, ModelObject, Sequence
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.printable import loop_names
from batchai2aml.rewrite.tree import descendants
from batchai2aml.text import Text


def collected(ctx: Context, made: ModelObject) -> Code | None:
    """
    The variable that holds the environment variables, if a loop fills it; the list's own statements are rewritten.

    Raises:
        Unconvertible: the list is filled in a way that a dictionary cannot follow.

    """
    slot = made.slots.get("environment_variables")
    if slot is not None and slot.cell is made.cell and isinstance(slot.node, cst.ListComp):
        return _comprehension(ctx, made, slot.node)
    if slot is None or not isinstance(slot.value, Sequence) or not isinstance(slot.node, cst.Name):
        return None
    items = [item for item in slot.value.items if isinstance(item, ModelObject)]
    looped = [item for item in items if item.cell is made.cell and loop_names(item.node, item.cell, made)]
    if not looped and not slot.value.open:
        return None
    name = slot.node.value
    entries = {id(item.node): _entry(ctx, item) for item in items}
    edits, found = ctx.edits(made.cell), False
    for line in descendants(made.cell.module, cst.SimpleStatementLine):
        if ctx.function(made.cell, line) != ctx.function(made.cell, made.node):
            continue
        small = line.body[0]
        if isinstance(small, cst.Assign) and made.cell.code(small.targets[0].target) == name:
            found = isinstance(small.value, cst.List)
            edits.replace(small.value, _display(small.value, entries))
        elif isinstance(small, cst.AnnAssign) and made.cell.code(small.target) == name and small.value is not None:
            found = isinstance(small.value, cst.List)
            edits.replace_statement(line, [f"{name} = {_display(small.value, entries)}"])
        elif isinstance(small, cst.Expr) and _appended(small.value, name) is not None:
            edits.replace_statement(line, [_assigned(name, _appended(small.value, name), entries)])
    if not found:
        raise Unconvertible("the list of environment variables is not built in one place", "BAI802")
    del made.slots["environment_variables"]
    return Code(name)


def _comprehension(ctx: Context, made: ModelObject, node: cst.ListComp) -> Code | None:
    """`[models.EnvironmentVariable(name=k, value=v) for k, v in ...]` as a comprehension of a dictionary."""
    call = node.elt
    if not isinstance(call, cst.Call) or not made.cell.code(call.func).endswith("EnvironmentVariable"):
        return None
    words = {arg.keyword.value: made.cell.code(arg.value) for arg in call.args if arg.keyword is not None}
    if set(words) != {"name", "value"}:
        return None
    value = words["value"]
    shown = value if value.startswith(("str(", "os.environ[", "'", '"')) else f"str({value})"
    del made.slots["environment_variables"]
    return Code(f"{{{words['name']}: {shown} {made.cell.code(node.for_in).strip()}}}")


def _entry(ctx: Context, item: ModelObject) -> tuple[str, str]:
    printer = ctx.printer(item.cell)
    name, value = item.slots.get("name"), item.slots.get("value")
    if name is None or value is None:
        raise Unconvertible("an environment variable lacks its name or its value", "BAI802")
    key = printer.code(ctx.given("name", name, item.cell, item.scope))
    given = ctx.given("value", value, item.cell, item.scope)
    text = printer.code(given).text
    is_text = isinstance(value.value, Text) or text.startswith(("str(", "os.environ[", "'", '"'))
    plain = is_text and not isinstance(value.value, Const)
    return key.text, text if plain else f"str({text})"


def _display(node: cst.BaseExpression, entries: dict[int, tuple[str, str]]) -> str:
    elements = node.elements if isinstance(node, cst.List) else ()
    pairs = [entries.get(id(element.value)) for element in elements]
    if not isinstance(node, cst.List) or any(pair is None for pair in pairs):
        raise Unconvertible("the list of environment variables starts with what is not known", "BAI802")
    return "{" + ", ".join(f"{pair[0]}: {pair[1]}" for pair in pairs if pair is not None) + "}"


def _appended(node: cst.BaseExpression, name: str) -> cst.BaseExpression | None:
    """What `name.append(...)` is given, or None."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or len(node.args) != 1:
        return None
    holder = node.func.value
    is_append = isinstance(holder, cst.Name) and holder.value == name and node.func.attr.value == "append"
    return node.args[0].value if is_append else None


def _assigned(name: str, node: cst.BaseExpression | None, entries: dict[int, tuple[str, str]]) -> str:
    entry = entries.get(id(node))
    if entry is None:
        raise Unconvertible("an environment variable is added that is not known", "BAI802")
    return f"{name}[{entry[0]}] = {entry[1]}"
