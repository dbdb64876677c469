"""`configparser`: settings in INI files, section by section."""

from __future__ import annotations

import configparser

from batchai2aml.readers.python import library, strings
from batchai2aml.readers.python.arguments import Arguments
from batchai2aml.readers.python.domain import Abstract, Const, Instance, Mapping, Sequence, Unknown, key_of
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.text import Text

_NUMBERS = {"getint": int, "getfloat": float}


def call(me: Interpreter, value: Mapping, method: str, arguments: Arguments, code: str) -> Abstract:
    """A method of a parser, or of one of its sections."""
    match method:
        case "read" | "read_file" | "readfp":
            return _read(me, value, arguments.get(0), code)
        case "read_string":
            text = arguments.get(0)
            return _parse(value, text.known if isinstance(text, Text) else None, code)
        case "get" | "getint" | "getfloat" | "getboolean":
            return _get(value, method, arguments, code)
        case "items" if arguments.positional:
            section = value.entries.get(key_of(arguments.get(0)))
            return (
                library.call_dict(section, "items", Arguments(), code)
                if isinstance(section, Mapping)
                else Unknown(code)
            )
        case "sections":
            return library.call_dict(value, "keys", Arguments(), code)
    return library.call_dict(value, method, arguments, code)


def _read(me: Interpreter, value: Mapping, source: Abstract | None, code: str) -> Abstract:
    """`parser.read(path)`, with one path or several; one that is not in the project leaves everything open."""
    paths = source.items if isinstance(source, Sequence) else [source]
    for path in paths:
        opened = path.attributes.get("path") if isinstance(path, Instance) else path
        known = opened.known if isinstance(opened, Text) else None
        _parse(value, me.modules.data_file(me, known) if known is not None else None, code)
        value.source = known
    return Unknown(code)


def _parse(value: Mapping, content: str | None, code: str) -> Abstract:
    parser = configparser.ConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(content or "")
        found = {name: dict(parser[name]) for name in parser.sections()}
    except configparser.Error:
        found = {}
    value.open = not found
    for section, entries in found.items():
        loaded = library.with_secrets(entries, section)
        if isinstance(loaded, Mapping):
            loaded.ini = True
            value.entries[section] = loaded
    return Unknown(code)


def _get(value: Mapping, method: str, arguments: Arguments, code: str) -> Abstract:
    """`parser.get(section, key)` and `section.get(key)`."""
    first = value.entries.get(key_of(arguments.get(0)))
    second = key_of(arguments.get(1))
    if isinstance(first, Mapping):
        found = first.entries.get(second.lower() if isinstance(second, str) else second)
    else:
        found = first
    if found is None:
        fallback = arguments.keywords.get("fallback")
        return fallback.value if fallback is not None and not value.open else Unknown(code, kind="config")
    known = found.known if isinstance(found, Text) else None
    if method == "get" or known is None:
        return found
    if method == "getboolean":
        return Const(known.lower() in ("1", "yes", "true", "on"))
    try:
        return strings.lift(_NUMBERS[method](known))
    except ValueError:
        return Unknown(code)
