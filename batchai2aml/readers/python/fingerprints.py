"""The official recipes' `utilities`, recognised by content so that a changed copy counts as the user's own code."""

from __future__ import annotations

import hashlib
import io
import tokenize
from collections.abc import Iterable
from functools import cache

import libcst as cst

from batchai2aml.readers.python.fingerprint_table import FINGERPRINTS
from batchai2aml.readers.python.sources import Source

_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def fingerprint(code: str) -> str | None:
    """A hash of a definition without its comments, doc strings and layout; None when it cannot be tokenised."""
    words: list[str] = []
    line: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code.strip() + "\n").readline):
            if token.type == tokenize.NEWLINE:
                if not (len(line) == 1 and line[0][:1] in "\"'"):
                    words.extend(line)
                line = []
            elif token.type not in _LAYOUT:
                line.append(token.string)
    except (tokenize.TokenError, SyntaxError):
        return None
    return hashlib.sha256(" ".join(words + line).encode()).hexdigest()[:16]


def is_helper_file(source: Source) -> bool:
    """Whether a file holds helpers of the recipes, which converted code does not need."""
    return any(
        isinstance(node, (cst.FunctionDef, cst.ClassDef)) and helper_name(node.name.value, cell.code(node)) is not None
        for cell in source.cells
        for node in cell.module.body
    )


_INNER = frozenset({"CustomPolling", "Parameter", "Substitution", "_get_storage_account_key", "encode"})
"""What the recipes' files define beside the helpers, for themselves."""


def is_users(sources: Iterable[Source], module: str) -> bool:
    """Whether a module that is called like the recipes' is the user's own: a changed copy, or something else."""
    tail = module.replace(".", "/")
    for source in sources:
        path = source.path.removesuffix(".py").removesuffix("/__init__")
        if f"/{tail}/" in f"/{path}/" and _holds_others(source):
            return True
    return False


@cache
def _holds_others(source: Source) -> bool:
    """Whether a file defines something that is not in the recipes."""
    return any(
        isinstance(node, (cst.FunctionDef, cst.ClassDef))
        and node.name.value not in _INNER
        and helper_name(node.name.value, cell.code(node)) is None
        for cell in source.cells
        for node in cell.module.body
    )


def helper_name(name: str, code: str) -> str | None:
    """The helper's name when the definition is one of the recipes' own."""
    known = FINGERPRINTS.get(name)
    return name if known and fingerprint(code) in known else None
