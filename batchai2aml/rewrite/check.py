"""The read-back: what was written must parse, name nothing of Batch AI, and use no name that is gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from batchai2aml.azureml.model import Wanted
from batchai2aml.place import Failure, Where
from batchai2aml.project.secrets import Secrets
from batchai2aml.readers.python.program import Program

_REFERENCE = re.compile(r"azure\.mgmt\.batchai|BatchAIManagementClient|\butilities\b")


def problems(program: Program, path: str, cells: Mapping[int | None, str], secrets: Secrets) -> list[Failure]:
    """What is wrong with the new text of a file; an empty list when nothing is."""
    found: list[Failure] = []
    old = _Names()
    new = _Names()
    for cell in program.sources[path].cells:
        text = cells[cell.index]
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            at = Where(path, cell.index, error.lineno or 1)
            found.append(Failure(at, f"what was written does not parse: {error.msg}"))
            continue
        new.visit(tree)
        try:
            old.visit(ast.parse(cell.text))
        except SyntaxError:
            continue
        for number, line in enumerate(_code_lines(text), 1):
            if _REFERENCE.search(line):
                at = Where(path, cell.index, number)
                found.append(Failure(at, f"still refers to Batch AI: {secrets.mask(line.strip())}"))
        if secrets.inside(text):
            found.append(Failure(Where(path, cell.index), "a secret was about to be written"))
    for name in sorted(new.read - new.bound):
        if name in old.bound:
            found.append(Failure(Where(path), f"'{name}' is used but no longer defined"))
    return found


def unset(path: str, cells: Mapping[int | None, str], wanted: Sequence[Wanted]) -> list[Failure]:
    """What the model says that the output sets and the output, read again, does not."""
    calls: list[tuple[str, dict[str, str]]] = []
    dicts: list[list[str]] = []
    for text in cells.values():
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                calls.append((ast.unparse(node.func), {k.arg or "**": ast.unparse(k.value) for k in node.keywords}))
            elif isinstance(node, ast.Dict):
                dicts.append([ast.unparse(key) for key in node.keys if key is not None])
    found: list[Failure] = []
    for item in wanted:
        if item.function:
            expected = {name: _normal(code) for name, code in item.keywords}
            if not any(name == item.function and expected.items() <= given.items() for name, given in calls):
                found.append(Failure(Where(path), f"'{item.function}' does not set what it should"))
        elif not any({_normal(name) for name, _ in item.keywords} <= set(keys) for keys in dicts):
            found.append(Failure(Where(path), "the arguments of the job are not what they should be"))
    return found


def _normal(code: str) -> str:
    return ast.unparse(ast.parse(f"(\n{code}\n)", mode="eval"))


class _Names(ast.NodeVisitor):
    """Names that code binds and reads, scopes taken together."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.read: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        (self.read if isinstance(node.ctx, ast.Load) else self.bound).add(node.id)

    def visit_alias(self, node: ast.alias) -> None:
        self.bound.add(node.asname or node.name.split(".")[0])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.bound.add(node.name)
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bound.add(node.name)
        self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        self.bound.add(node.arg)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bound.add(node.name)
        self.generic_visit(node)


def _code_lines(text: str) -> list[str]:
    """The lines without comments and without string literals."""
    bare = re.sub(r"'''.*?'''|\"\"\".*?\"\"\"", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    return [re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "''", line).split("#", 1)[0] for line in bare.split("\n")]
