"""The read-back: what was written must parse, name nothing of Batch AI, and use no name that is gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

import libcst as cst
from libcst.metadata import MetadataWrapper, ScopeProvider

from batchai2aml.azureml.model import Wanted
from batchai2aml.place import Failure, Where
from batchai2aml.project.secrets import Secrets
from batchai2aml.readers.python.fingerprints import is_users
from batchai2aml.readers.python.program import Program

_REFERENCE = re.compile(r"azure\.mgmt\.batchai|BatchAIManagementClient")
_RECIPES = re.compile(r"\butilities\b")


def problems(program: Program, path: str, cells: Mapping[int | None, str], secrets: Secrets) -> list[Failure]:
    """What is wrong with the new text of a file; an empty list when nothing is."""
    found: list[Failure] = []
    users = is_users(program.modules.sources.values(), "utilities")
    for cell in program.sources[path].cells:
        found += _of_text(path, cell.index, cells[cell.index], users, secrets)
    before = _unbound([cell.text for cell in program.sources[path].cells])
    for name in sorted(_unbound(list(cells.values())) - before):
        found.append(Failure(Where(path), f"'{name}' is used but not defined there"))
    return found


def own_problems(path: str, text: str, secrets: Secrets) -> list[Failure]:
    """What is wrong with a script that is all our own."""
    unbound = [
        Failure(Where(path), f"'{name}' is used but not defined there")
        for name in sorted(_unbound([text]) - {"__file__"})
    ]
    return [*_of_text(path, None, text, False, secrets), *unbound]


def _of_text(path: str, cell: int | None, text: str, users: bool, secrets: Secrets) -> list[Failure]:
    """Whether a text parses, names Batch AI's packages, or holds a secret."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        return [Failure(Where(path, cell, error.lineno or 1), f"what was written does not parse: {error.msg}")]
    found: list[Failure] = []
    for number, line in enumerate(_code_lines(text), 1):
        if _REFERENCE.search(line) or (_RECIPES.search(line) and not users):
            detail = f"still refers to Batch AI: {secrets.mask(line.strip())}"
            found.append(Failure(Where(path, cell, number), detail))
    if secrets.inside(text):
        found.append(Failure(Where(path, cell), "a secret was about to be written"))
    return found


def _unbound(texts: Sequence[str]) -> set[str]:
    """The names that code reads and no scope around the place binds; empty when it does not parse."""
    try:
        module = cst.parse_module("\n".join(texts))
    except cst.ParserSyntaxError:
        return set()
    scopes = set(MetadataWrapper(module, unsafe_skip_copy=True).resolve(ScopeProvider).values())
    return {
        access.node.value
        for scope in scopes
        if scope is not None
        for access in scope.accesses
        if not access.referents and isinstance(access.node, cst.Name)
    }


def unset(path: str, cells: Mapping[int | None, str], wanted: Sequence[Wanted]) -> list[Failure]:
    """What the model says that the output sets and the output, read again, does not."""
    calls: list[tuple[str, dict[str, str]]] = []
    dicts: list[dict[str, str]] = []
    for text in cells.values():
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                calls.append((ast.unparse(node.func), {k.arg or "**": ast.unparse(k.value) for k in node.keywords}))
            elif isinstance(node, ast.Dict):
                pairs = [(k, v) for k, v in zip(node.keys, node.values, strict=True) if k is not None]
                dicts.append({ast.unparse(key): ast.unparse(value) for key, value in pairs})
    found: list[Failure] = []
    for item in wanted:
        values = {name: code and _normal(code) for name, code in item.keywords}
        if item.function:
            if not any(name == item.function and _holds(given, values) for name, given in calls):
                found.append(Failure(Where(path), f"'{item.function}' does not set what it should"))
            continue
        keys = {_normal(name): value for name, value in values.items()}
        if not any(_holds(given, keys) for given in dicts):
            found.append(Failure(Where(path), "the arguments of the job are not what they should be"))
    return found


def _holds(given: Mapping[str, str], expected: Mapping[str, str]) -> bool:
    """Whether all expected keys are there, with the values that are not left open."""
    return all(name in given and (not value or given[name] == value) for name, value in expected.items())


def _normal(code: str) -> str:
    return ast.unparse(ast.parse(f"(\n{code}\n)", mode="eval"))


def _code_lines(text: str) -> list[str]:
    """The lines without comments and without string literals."""
    bare = re.sub(r"'''.*?'''|\"\"\".*?\"\"\"", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    return [re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "''", line).split("#", 1)[0] for line in bare.split("\n")]
