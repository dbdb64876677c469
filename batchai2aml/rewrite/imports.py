"""Imports: the new ones where the old ones stood; the old ones go when nothing uses them any more."""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from batchai2aml.readers.python.domain import External
from batchai2aml.readers.python.fingerprints import is_users
from batchai2aml.readers.python.imports import dotted_name
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.tree import descendants
from batchai2aml.rewrite.work import FileWork

_BATCHAI = re.compile(r"^azure\.mgmt\.batchai(\.|$)")
_RECIPES = re.compile(r"^(utilities|utils)(\.|$)")


def names_used(text: str, reads_only: bool = False) -> set[str]:
    """The names that a piece of code reads, without its import statements; empty when it does not parse."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return set()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not (reads_only and isinstance(node.ctx, ast.Store)):
            found.add(node.id)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def names_bound(text: str) -> set[str]:
    """The names that a piece of code assigns, as far as simple names go."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return set()
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    found |= {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return found | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def rewrite_imports(ctx: Context, work: FileWork) -> None:
    """Bring the imports of a file in line with its new code."""
    before = set().union(*(names_used(cell.text) for cell in work.source.cells))
    after = set().union(*(names_used(edits.render()) for edits in work.edits.values()))
    old = [(cell, line, small) for cell in work.source.cells for line, small in _imports(cell)]
    path_changes = _path_changes(work.source.cells)
    recipes = any(_is_recipes(ctx, small) for _, _, small in old)
    if recipes:
        for cell, line in path_changes:
            work.cell_edits(cell).replace_statement(line, [])
            if not _uses_sys(work, path_changes):
                after.discard("sys")
    anchor: tuple[Cell, cst.CSTNode] | None = None
    removed: dict[int, tuple[Cell, cst.SimpleStatementLine, str]] = {}
    for cell, line, small in old:
        kept = _kept(ctx, small, before, after)
        if _touches_batchai(ctx, small) and kept != "":
            raise Unconvertible(f"'{cell.code(small)}' is still needed by code that has no counterpart")
        if kept is None:
            continue
        text = kept
        removed[id(line)] = (cell, line, text)
        if anchor is None and _touches_batchai(ctx, small):
            anchor = (cell, line)
    needed = sorted(module for module in work.needed if not _imported(old, module, removed))
    standard = [module for module in needed if module.split(".")[0] in sys.stdlib_module_names]
    new = [*(f"import {module}" for module in needed if module not in standard), *_sdk_lines(ctx, work)]
    if anchor is None and old:
        anchor = (old[-1][0], old[-1][1])
    for cell, line, text in removed.values():
        added = new if anchor is not None and anchor[1] is line else []
        lines = [part for part in [*([] if not text else [text]), *added] if part]
        work.cell_edits(cell).replace_statement(line, lines)
    if anchor is not None and new and id(anchor[1]) not in removed:
        work.cell_edits(anchor[0]).insert(anchor[1], new, after=True)
    if anchor is None and (new or standard) and work.source.cells:
        first = work.source.cells[0]
        _insert_top(work, first, [*[f"import {m}" for m in standard], *new])
        return
    if standard and anchor is not None and not any(_is_standard(small) for _, _, small in old):
        work.cell_edits(anchor[0]).insert(anchor[1], [*[f"import {module}" for module in standard], ""])
        return
    _add_standard(work, old, removed, standard, anchor)


def remove_dead_text(ctx: Context, work: FileWork) -> None:
    """Text for Batch AI (`$AZ_BATCHAI_...`) and empty lists go when nothing reads them any more."""
    before = set().union(*(names_used(cell.text, reads_only=True) for cell in work.source.cells))
    gone: set[int] = set()
    idle = [function.name.value for _, function in ctx.idle_functions.values()]
    while True:
        after = set().union(*(names_used(edits.render(), reads_only=True) for edits in work.edits.values()))
        dead = [
            (cell, line)
            for cell in work.source.cells
            for line in _lines(cell)
            if id(line) not in gone
            and (
                _is_dead(cell, line.body[0], before - after, idle) or _is_alias(ctx, cell, line.body[0], before - after)
            )
        ]
        if not dead:
            return
        for cell, line in dead:
            gone.add(id(line))
            work.cell_edits(cell).replace_statement(line, [])


def _is_alias(ctx: Context, cell: Cell, small: cst.BaseSmallStatement, unused: set[str]) -> bool:
    """Whether a statement gives a part of Batch AI's SDK another name, which nothing uses any more."""
    if not isinstance(small, cst.Assign) or len(small.targets) != 1 or not isinstance(small.value, cst.Attribute):
        return False
    target = small.targets[0].target
    me = ctx.program.interpreter
    if not isinstance(target, cst.Name) or target.value not in unused or me is None:
        return False
    found = me.meaning(cell.code(small.value), cell, ctx.program.scopes[cell.path])
    return isinstance(found, External) and bool(_BATCHAI.match(found.dotted))


def _is_dead(cell: Cell, small: cst.BaseSmallStatement, unused: set[str], idle: Sequence[str]) -> bool:
    if not isinstance(small, cst.Assign) or len(small.targets) != 1:
        return False
    target, value = small.targets[0].target, small.value
    if isinstance(target, cst.Tuple) and re.match(r"(\w+\.)*get_azure_cli_credentials\(", cell.code(value)):
        return all(cell.code(element.value) in unused for element in target.elements)
    if not isinstance(target, cst.Name) or target.value not in unused:
        return False
    if isinstance(value, (cst.List, cst.Dict)) and not value.elements:
        return True
    if any(re.search(rf"\b{name}\(", cell.code(value)) for name in idle):
        return True
    plain = not any(isinstance(node, cst.Call) for node in _values(value))
    return plain and "AZ_BATCHAI_" in cell.code(value)


def _values(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The node itself and everything below it, but not `.format` and its arguments."""
    if (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value in ("format", "join")
    ):
        return []
    return [node, *(inner for child in node.children for inner in _values(child))]


def _lines(cell: Cell) -> list[cst.SimpleStatementLine]:
    return [line for line in descendants(cell.module, cst.SimpleStatementLine) if len(line.body) == 1]


def _insert_top(work: FileWork, cell: Cell, lines: list[str]) -> None:
    body = cell.module.body
    if body:
        work.cell_edits(cell).insert(body[0], [*lines, ""])


def _add_standard(
    work: FileWork,
    old: list[tuple[Cell, cst.SimpleStatementLine, cst.Import | cst.ImportFrom]],
    removed: dict[int, tuple[Cell, cst.SimpleStatementLine, str]],
    standard: list[str],
    anchor: tuple[Cell, cst.CSTNode] | None,
) -> None:
    """Standard modules go in front of the first plain standard import that follows them in the alphabet."""
    top = [(cell, line, small) for cell, line, small in old if _is_standard(small)]
    if standard and top and all(id(line) in removed and not removed[id(line)][2] for _, line, _ in top):
        work.cell_edits(top[0][0]).replace_statement(top[0][1], [f"import {module}" for module in standard])
        return
    for module in standard:
        after = [(c, line) for c, line, small in top if isinstance(small, cst.Import) and _first_name(small) > module]
        if after and id(after[0][1]) not in removed:
            work.cell_edits(after[0][0]).insert(after[0][1], [f"import {module}"])
        elif [t for t in top if id(t[1]) not in removed]:
            last = [t for t in top if id(t[1]) not in removed][-1]
            work.cell_edits(last[0]).insert(last[1], [f"import {module}"], after=True)
        elif anchor is not None:
            work.cell_edits(anchor[0]).insert(anchor[1], [f"import {module}"])


def _first_name(node: cst.Import) -> str:
    return dotted_name(node.names[0].name)


def _is_standard(node: cst.Import | cst.ImportFrom) -> bool:
    name = _first_name(node) if isinstance(node, cst.Import) else dotted_name(node.module)
    return name.split(".")[0] in sys.stdlib_module_names and name != "__future__"


def _sdk_lines(ctx: Context, work: FileWork) -> list[str]:
    """`from ... import ...` for names of the SDK, by module."""
    table = ctx.sdk(work.source.cells[0]).imports
    by_module: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(work.wanted):
        by_module[table[name]].append(name)
    return [line for module, names in sorted(by_module.items()) for line in _import(module, names)]


def _import(module: str, names: Sequence[str]) -> Iterator[str]:
    """`from module import names`, over several lines where it is long."""
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= 100:
        yield line
        return
    yield f"from {module} import ("
    yield from textwrap.wrap(f"{', '.join(names)})", 90, initial_indent="    ", subsequent_indent="    ")


def _imports(cell: Cell) -> list[tuple[cst.SimpleStatementLine, cst.Import | cst.ImportFrom]]:
    found: list[tuple[cst.SimpleStatementLine, cst.Import | cst.ImportFrom]] = []
    for line in _lines(cell):
        small = line.body[0]
        if isinstance(small, (cst.Import, cst.ImportFrom)):
            found.append((line, small))
    return found


def _path_changes(cells: Iterable[Cell]) -> list[tuple[Cell, cst.SimpleStatementLine]]:
    found: list[tuple[Cell, cst.SimpleStatementLine]] = []
    for cell in cells:
        for line in cell.module.body:
            if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
                code = cell.code(line.body[0])
                if re.match(r"sys\.path\.(append|insert)\(", code):
                    found.append((cell, line))
    return found


def _uses_sys(work: FileWork, path_changes: list[tuple[Cell, cst.SimpleStatementLine]]) -> bool:
    lines = {id(line) for _, line in path_changes}
    for cell in work.source.cells:
        for statement in cell.module.body:
            if id(statement) in lines or (
                isinstance(statement, cst.SimpleStatementLine)
                and any(isinstance(small, (cst.Import, cst.ImportFrom)) for small in statement.body)
            ):
                continue
            if re.search(r"\bsys\b", cell.code(statement)):
                return True
    return False


def _is_recipes(ctx: Context, node: cst.Import | cst.ImportFrom) -> bool:
    modules = (
        [dotted_name(item.name) for item in node.names] if isinstance(node, cst.Import) else [dotted_name(node.module)]
    )
    return any(name.split(".")[0] == "utilities" and _is_ours(ctx, name) for name in modules)


def _is_ours(ctx: Context, module: str) -> bool:
    """Whether a module is Batch AI's, or one of the recipes' that is not the user's own copy."""
    if _BATCHAI.match(module):
        return True
    return bool(_RECIPES.match(module)) and not is_users(ctx.program.modules.sources.values(), module)


def _touches_batchai(ctx: Context, node: cst.Import | cst.ImportFrom) -> bool:
    if isinstance(node, cst.ImportFrom):
        module = dotted_name(node.module)
        names = (
            [] if isinstance(node.names, cst.ImportStar) else [f"{module}.{dotted_name(i.name)}" for i in node.names]
        )
        return _is_ours(ctx, module) or any(_BATCHAI.match(name) for name in names)
    return any(_is_ours(ctx, dotted_name(item.name)) for item in node.names)


def _is_storage(node: cst.Import | cst.ImportFrom) -> bool:
    return isinstance(node, cst.ImportFrom) and dotted_name(node.module).startswith("azure.storage")


def _kept(ctx: Context, node: cst.Import | cst.ImportFrom, before: set[str], after: set[str]) -> str | None:
    """The import without the names that nothing uses any more; None when nothing about it changes."""
    if isinstance(node.names, cst.ImportStar):
        return "" if _touches_batchai(ctx, node) else None
    stay: list[str] = []
    for item in node.names:
        name = dotted_name(item.name)
        bound = item.asname.name.value if item.asname and isinstance(item.asname.name, cst.Name) else name.split(".")[0]
        ours = _touches_batchai(ctx, node) or _is_storage(node)
        if bound not in after and (bound in before or ours):
            continue
        stay.append(f"{name} as {bound}" if item.asname else name)
    if len(stay) == len(node.names):
        return None
    if not stay:
        return ""
    if isinstance(node, cst.Import):
        return f"import {', '.join(stay)}"
    return f"from {'.' * len(node.relative)}{dotted_name(node.module)} import {', '.join(stay)}"


def _imported(
    old: list[tuple[Cell, cst.SimpleStatementLine, cst.Import | cst.ImportFrom]],
    module: str,
    removed: dict[int, tuple[Cell, cst.SimpleStatementLine, str]],
) -> bool:
    for _, line, small in old:
        if isinstance(small, cst.Import) and id(line) not in removed:
            if any(dotted_name(item.name) == module and item.asname is None for item in small.names):
                return True
        if id(line) in removed and re.search(rf"\bimport\b.*\b{re.escape(module)}\b", removed[id(line)][2]):
            return True
    return False
