"""Texts with expressions in them: their parts, the words of command lines, and how Python writes them."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from batchai2aml.azureml.model import Binding, Code, Job
from batchai2aml.emit.style import Style

Piece: TypeAlias = str | Code
"""A part of a text: itself, or the expression that says it."""


def pieces(code: Code) -> list[Piece]:
    """The parts of an expression for a text: its literal parts as they read, and the expressions between them."""
    try:
        tree = ast.parse(code.text.strip(), mode="eval").body
    except SyntaxError:
        return _merged(list(_foreign(code.text.strip())))
    return _merged(_of(tree, code.text.strip()))


_FILLED = re.compile(r"f(['\"])(.*)\1", re.DOTALL)
_FORMATTED = re.compile(r"((['\"]).*\2)\.format\((.*)\)", re.DOTALL)


def _foreign(code: str) -> Iterator[Piece]:
    """The parts of a text that holds expressions of another language, such as variables of a shell."""
    filled, formatted = _FILLED.fullmatch(code), _FORMATTED.fullmatch(code)
    if filled is not None:
        for part in re.split(r"((?<!\{)\{[^{}]+\}(?!\}))", filled[2]):
            if part[:1] == "{" and part[1:2] != "{":
                yield Code(part[1:-1])
            elif part:
                yield _literal(f"{filled[1]}{part}{filled[1]}").replace("{{", "{").replace("}}", "}")
    elif formatted is not None:
        given = iter(formatted[3].split(", "))
        for part in re.split(r"((?<!\{)\{\}(?!\}))", _literal(formatted[1])):
            if part == "{}":
                yield Code(next(given, "?"))
            elif part:
                yield part.replace("{{", "{").replace("}}", "}")
    else:
        yield Code(code)


def _literal(code: str) -> str:
    return str(ast.literal_eval(code))


def _of(node: ast.expr, source: str) -> list[Piece]:
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float)):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return [piece for value in node.values for piece in _of(value, source)]
    if isinstance(node, ast.FormattedValue) and node.conversion == -1 and node.format_spec is None:
        return [Code(ast.unparse(node.value))]
    if isinstance(node, ast.FormattedValue):
        return [Code(ast.unparse(ast.JoinedStr([node])))]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [*_of(node.left, source), *_of(node.right, source)]
        if any(isinstance(side, str) for side in sides):
            return sides
    return [Code(ast.get_source_segment(source, node) or ast.unparse(node))]


def _merged(found: Sequence[Piece]) -> list[Piece]:
    merged: list[Piece] = []
    for piece in found:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged


def line(parts: Sequence[Code | Binding], style: Style) -> str:
    """A line for a shell, as the user wrote it, over several lines of code where it is long."""
    found = _merged(
        [piece for part in parts for piece in ([reference(part)] if isinstance(part, Binding) else pieces(part))]
    )
    if len(found) == 1 and len(str(found[0])) < 70:
        return _printed([found], style)
    lines: list[list[Piece]] = [[]]
    for piece in found:
        chunks = re.split(r"(?<=\S)(?= (?:--?[A-Za-z]|&& |\|\|? |; ))", piece) if isinstance(piece, str) else [piece]
        if isinstance(piece, str) and lines[-1] and re.match(r" --?[A-Za-z]", piece):
            lines.append([])
        lines[-1].append(chunks[0])
        lines += [[chunk] for chunk in chunks[1:]]
    return _printed([_merged(part) for part in lines], style)


def command(made: Job, style: Style) -> str:
    """The command line of a job that runs a script, an option in each line."""
    lines: list[list[Piece]] = [["python ", *_quoted(made.entry_script)]]
    for entry in made.arguments:
        words = [found for found in (_value(entry.name), _value(entry.value)) if found]
        if words:
            lines.append([piece for found in words for piece in (" ", *found)])
    whole = _merged([piece for line in lines for piece in line])
    if len(whole) == 1 and len(str(whole[0])) < 60:
        return style.string(str(whole[0]))
    return _printed([_merged(line) for line in lines], style)


def _value(value: Code | Binding | None) -> list[Piece]:
    if isinstance(value, Binding):
        return [reference(value)]
    return _quoted(value) if value is not None and value.text else []


def _quoted(code: Code) -> list[Piece]:
    """A word for the shell; expressions are left bare, as Batch AI's own command lines were."""
    return [word(piece) if isinstance(piece, str) else piece for piece in pieces(code) if piece != ""]


def reference(made: Binding) -> str:
    """How a command line names an input or output."""
    return f"${{{{{made.direction}s.{made.id}}}}}"


def word(known: str) -> str:
    """A word of a command line, nothing for an empty one; variables in it are for the shell."""
    if "$" not in known:
        return shlex.quote(known) if known else ""
    escaped = known.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
    return escaped if escaped == known and not set(known) & set(" \t'*?<>|&;()") else f'"{escaped}"'


_JOINT = "\n        "


def _printed(lines: Sequence[Sequence[Piece]], style: Style) -> str:
    """Literals one below the other; what cannot stand in one of them is added."""
    found = ""
    for line in lines:
        chunks = _chunks(line, style)
        for number, chunk in enumerate(chunks):
            literal = _is_literal(chunk)
            before = _is_literal(found.rsplit("\n", 1)[-1].strip()) if found else True
            if not found:
                found = chunk
            elif number:
                found += f" + {chunk}"
            elif literal and before and " + " not in found.rsplit("\n", 1)[-1]:
                found += _JOINT + chunk
            else:
                found += " +" + _JOINT + chunk
    return found


def _is_literal(chunk: str) -> bool:
    return bool(re.match(r"f?['\"]", chunk))


def _chunks(line: Sequence[Piece], style: Style) -> list[str]:
    """A line as one literal, an f-string where expressions stand in it, or several terms of a sum."""
    if all(isinstance(piece, str) for piece in line):
        return [style.string("".join(str(piece) for piece in line))]
    inner = "".join(
        piece.replace("{", "{{").replace("}", "}}") if isinstance(piece, str) else f"{{{piece}}}" for piece in line
    )
    codes = [piece.text for piece in line if isinstance(piece, Code)]
    texts = "".join(piece for piece in line if isinstance(piece, str))
    for quote in (style.quote, "'", '"'):
        used = any(quote in code or "\\" in code or "\n" in code or "{" in code or "!" in code for code in codes)
        if not used and quote not in texts and "\\" not in texts and "\n" not in texts:
            return [f"f{quote}{inner}{quote}"]
    return [style.string(piece) if isinstance(piece, str) else f"str({piece})" for piece in line]


def uri(store: str, path: Code | None, style: Style) -> str:
    """The address of a path in a datastore; the template of an output gets the name of the run for its id."""
    found = pieces(path) if path is not None and path.text else []
    parts = [under_run(piece) if isinstance(piece, str) else piece for piece in found]
    return _printed([_merged([address(store), *parts])], style)


def address(store: str) -> str:
    """Where the paths of a datastore begin."""
    return f"azureml://datastores/{store}/paths/"


def under_run(path: str) -> str:
    """The path of an output, with the name of the run for its id."""
    return path.replace("{run-id}", "${{name}}")
