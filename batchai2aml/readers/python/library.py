"""What is known of Python's builtins and standard library: enough to follow how values are put together."""

from __future__ import annotations

import json
import re

import libcst as cst

from batchai2aml.readers.python import strings
from batchai2aml.readers.python.arguments import Arguments
from batchai2aml.readers.python.domain import (
    NONE,
    Abstract,
    Const,
    External,
    Instance,
    Mapping,
    ModelObject,
    Result,
    Sequence,
    Slot,
    Unknown,
    as_text,
    from_key,
    key_of,
)
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.iteration import element
from batchai2aml.readers.python.scope import Scope
from batchai2aml.text import Text

BUILTINS = frozenset(
    [
        "str",
        "int",
        "float",
        "bool",
        "list",
        "dict",
        "tuple",
        "set",
        "len",
        "range",
        "enumerate",
        "zip",
        "open",
        "print",
        "sorted",
        "reversed",
        "getattr",
        "setattr",
        "isinstance",
        "max",
        "min",
        "sum",
        "abs",
        "round",
        "repr",
        "super",
        "type",
        "map",
        "filter",
        "any",
        "all",
        "format",
        "input",
        "vars",
        "dir",
        "iter",
        "next",
        "Exception",
        "ValueError",
        "KeyError",
        "RuntimeError",
        "object",
        "property",
        "staticmethod",
        "classmethod",
        "globals",
        "locals",
        "id",
        "hash",
    ]
)

_SECRET = re.compile(
    r"(password|passwd|secret|account_?key|storage_?key|access_?key|api_?key|sas_?token|token|private_?key)", re.I
)
_NOT_SECRET = re.compile(r"(secret_?url|secret_?name|secret_?reference|key_?vault|public)", re.I)


def sounds_secret(name: object) -> bool:
    """Whether a name is one that people give to secrets."""
    return isinstance(name, str) and bool(_SECRET.search(name)) and not _NOT_SECRET.search(name)


_PARSERS = frozenset(
    f"{module}.{name}"
    for module in ("configparser", "ConfigParser", "six.moves.configparser")
    for name in ("ConfigParser", "RawConfigParser", "SafeConfigParser")
)


def call_external(me: Interpreter, dotted: str, node: cst.Call, arguments: Arguments, scope: Scope) -> Abstract | None:
    """A call of a builtin or standard function, or None when it is not one of those that are followed."""
    code = me.code(node)
    first = arguments.get(0)
    last = dotted.rsplit(".", 1)[-1]
    if dotted in ("os.path.join", "posixpath.join", "ntpath.join"):
        from batchai2aml.readers.python.expressions import text_of

        return strings.path_text([text_of(me, arg.value, scope) for arg in node.args])
    if dotted in ("os.getenv", "os.environ.get", "environ.get", "os.environ.setdefault"):
        return Unknown(code, kind="environ")
    if dotted.startswith("os.path."):
        return _path(last, first, code)
    if dotted in ("json.load", "yaml.safe_load", "yaml.load", "yaml.full_load", "toml.load") and isinstance(
        first, Instance
    ):
        return _loaded(me, first, last if dotted.startswith("json") else "yaml", code)
    if dotted in ("json.loads", "yaml.safe_load", "yaml.load") and isinstance(first, Text) and first.known:
        return _parsed(first.known, dotted.split(".")[0], None) or Unknown(code)
    if dotted in ("json.dumps", "simplejson.dumps") and isinstance(first, (Mapping, Unknown)):
        return Unknown(code, document=frozen(first) if isinstance(first, Mapping) else Mapping(open=True))
    if dotted in _PARSERS:
        return Mapping(open=True, ini=True)
    if dotted in ("builtins.open", "io.open", "codecs.open"):
        return opened(first, code)
    if dotted in ("copy.deepcopy", "copy.copy"):
        if isinstance(first, ModelObject):
            first.own_uses.append(f"{dotted}()")
        return copied(first) if first is not None else Unknown(code)
    if dotted in ("pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath") and isinstance(first, Text):
        return first
    if dotted in ("dotenv.dotenv_values", "dotenv.get_key", "dotenv.main.get_key"):
        return Unknown(code, kind="environ")
    if dotted in ("importlib.import_module", "builtins.__import__") and isinstance(first, Text) and first.known:
        return me.modules.load(me, first.known)
    if dotted.startswith("builtins."):
        return _builtin(me, last, arguments, code)
    return None


def opened(name: Abstract | None, code: str) -> Instance:
    """A file of this name."""
    path = name.known if isinstance(name, Text) else None
    known: dict[str, Abstract] = {"path": Text.literal(path) if path else NONE}
    return Instance(None, {**known, "name": name} if isinstance(name, Text) else known, "file", code=code)


def _path(last: str, first: Abstract | None, code: str) -> Abstract:
    import posixpath

    if isinstance(first, Text) and first.known is not None and last in ("basename", "dirname", "normpath", "splitext"):
        return strings.lift(getattr(posixpath, last)(first.known))
    if last in ("expanduser", "expandvars", "abspath", "realpath") and isinstance(first, Text):
        return first if last != "expanduser" or not first.start.startswith("~") else Unknown(code)
    return Unknown(code)


def _loaded(me: Interpreter, handle: Instance, form: str, code: str) -> Abstract:
    path = handle.attributes.get("path")
    if handle.kind != "file" or not isinstance(path, Text) or path.known is None:
        return Unknown(code)
    content = me.modules.data_file(me, path.known)
    if content is None:
        return Unknown(code, kind="config")
    return _parsed(content, "json" if form == "load" else "yaml", path.known) or Unknown(code, kind="config")


def _parsed(content: str, form: str, source: str | None) -> Abstract | None:
    try:
        if form == "json":
            value = json.loads(content)
        else:
            import yaml

            value = yaml.safe_load(content)
        lifted = with_secrets(value, "")
    except (ValueError, RecursionError, ImportError):
        return None
    except Exception as error:  # yaml's errors share no base with ValueError
        if type(error).__module__.startswith("yaml"):
            return None
        raise
    if isinstance(lifted, Mapping):
        lifted.source = source
    return lifted


def with_secrets(value: object, key: str) -> Abstract:
    """What a settings file holds, with texts marked as secrets whose keys say so; `key` is what `value` is called."""
    if isinstance(value, dict):
        holder = "" if not isinstance(key, str) else key
        return Mapping({k: with_secrets(v, f"{holder}_{k}" if k == "key" else str(k)) for k, v in value.items()})
    if isinstance(value, list):
        return Sequence([with_secrets(item, key) for item in value])
    secret = isinstance(value, str) and (sounds_secret(key) or key.endswith(("storage_account_key", "_account_key")))
    return strings.lift(value if isinstance(value, (str, int, float, bool, type(None))) else str(value), secret)


def copied(value: Abstract) -> Abstract:
    """`copy.deepcopy`: containers and parameter objects anew, everything else as it is."""
    match value:
        case Sequence(items, kind, is_open):
            return Sequence([copied(item) for item in items], kind, is_open)
        case Mapping(entries, is_open, source):
            return Mapping({k: copied(v) for k, v in entries.items()}, is_open, source)
        case ModelObject():
            copy = ModelObject(value.model, value.node, value.cell, value.scope, value.statement)
            copy.slots = {k: Slot(copied(s.value), s.node, s.cell) for k, s in value.slots.items()}
            copy.extra, copy.reached = dict(value.extra), value.reached
            return copy
    return value


def frozen(value: Mapping) -> Mapping:
    """A dictionary as it is now, whatever the program does to it afterwards."""
    made = copied(value)
    return made if isinstance(made, Mapping) else value


def _builtin(me: Interpreter, name: str, arguments: Arguments, code: str) -> Abstract | None:
    first = arguments.get(0)
    values = [slot.value for slot in arguments.positional]
    match name, first:
        case "list" | "sorted" | "iter" | "tuple" | "set", Mapping(entries, False) if not first.open:
            keys = sorted(entries, key=str) if name == "sorted" else list(entries)
            return Sequence([from_key(key) for key in keys], name if name in ("tuple", "set") else "list")
        case ("list" | "sorted" | "iter" | "reversed" | "tuple" | "set", Sequence(items, _, is_open)):
            kind = name if name in ("tuple", "set") else "list"
            return Sequence(list(items), kind, is_open)
        case "list" | "tuple" | "set", None:
            return Sequence([], name)
        case "dict", None:
            return Mapping({key: slot.value for key, slot in arguments.keywords.items()}, arguments.open)
        case "dict", Mapping(entries, is_open):
            named: dict[object, Abstract] = {k: slot.value for k, slot in arguments.keywords.items()}
            return Mapping({**entries, **named}, is_open or arguments.open)
        case "str", Text():
            return first
        case "str", Const() | Unknown():
            return as_text(first, me.code(arguments.positional[0].node)) if arguments.positional else first
        case "enumerate", Sequence(items, _, False):
            start = arguments.get(1, "start")
            base = start.value if isinstance(start, Const) and isinstance(start.value, int) else 0
            return Sequence([Sequence([Const(base + n), item], "tuple") for n, item in enumerate(items)])
        case "zip", _ if values and all(isinstance(v, Sequence) and not v.open for v in values):
            columns = [v.items for v in values if isinstance(v, Sequence)]
            return Sequence([Sequence(list(row), "tuple") for row in zip(*columns, strict=False)])
        case "setattr", _:
            return _setattr(me, arguments)
        case "next", Sequence():
            return element(first, code)
        case (("list" | "sorted" | "iter" | "reversed" | "next" | "set" | "tuple"), value) if value is not None:
            return (
                value if isinstance(value, Result) or (isinstance(value, Unknown) and value.record) else Unknown(code)
            )
    if name in ("int", "float", "len", "max", "min", "abs", "round", "range", "sum", "bool"):
        return _computed(name, values, code)
    return Unknown(code)


def _setattr(me: Interpreter, arguments: Arguments) -> Abstract:
    from batchai2aml.readers.python.statements import set_attribute

    target, key, slot = arguments.get(0), arguments.get(1), arguments.slot(2)
    if target is not None and isinstance(key, Text) and key.known and slot is not None:
        set_attribute(me, target, key.known, slot)
    return NONE


_COMPUTED = {
    "int": int,
    "float": float,
    "len": len,
    "max": max,
    "min": min,
    "abs": abs,
    "round": round,
    "sum": sum,
    "bool": bool,
}


def _computed(name: str, values: list[Abstract], code: str) -> Abstract:
    try:
        plain = [strings.plain(value) for value in values]
        if name == "range":
            numbers = range(*[int(str(n)) for n in plain])
            return strings.lift(list(numbers)) if len(numbers) <= 1000 else Unknown(code)
        return strings.lift(_COMPUTED[name](*plain))  # type: ignore[operator]
    except (ValueError, TypeError, OverflowError):
        return Unknown(code)


def call_list(me: Interpreter, value: Sequence, method: str, arguments: Arguments, code: str) -> Abstract:
    """A method of a list."""
    first = arguments.get(0)
    match method:
        case "append" | "add" if first is not None:
            value.items.append(first)
            if isinstance(first, ModelObject) and me.statement is not None and me.statement is not first.statement:
                first.late.append((me.cell, me.statement, me.reached != first.reached))
        case "extend" | "update":
            if isinstance(first, Sequence):
                value.items.extend(first.items)
                value.open = value.open or first.open
            else:
                value.open = True
        case "insert" if isinstance(first, Const) and isinstance(first.value, int):
            inserted = arguments.get(1)
            if inserted is not None:
                value.items.insert(first.value, inserted)
        case "sort" | "reverse":
            pass
        case "copy":
            return Sequence(list(value.items), value.kind, value.open)
        case "pop" if value.items and first is None:
            return value.items.pop()
        case "remove" | "clear" | "pop":
            value.open = True
            return Unknown(code)
        case _:
            return Unknown(code)
    return NONE


def call_dict(value: Mapping, method: str, arguments: Arguments, code: str) -> Abstract:
    """A method of a dict."""
    first = arguments.get(0)
    known = key_of(first)
    match method:
        case "get" | "setdefault" | "pop":
            if known in value.entries:
                return value.entries[known]
            default = arguments.get(1)
            if value.other is not None:
                return value.other
            if method == "setdefault" and default is not None and known is not None and not value.open:
                value.entries[known] = default
            return Unknown(code) if value.open else default if default is not None else NONE
        case "items":
            pairs: list[Abstract] = [Sequence([from_key(key), item], "tuple") for key, item in value.entries.items()]
            if value.other is not None:
                pairs.append(Sequence([Unknown(f"{code}[0]"), value.other], "tuple"))
            return Sequence(pairs, open=value.open)
        case "keys":
            return Sequence([from_key(key) for key in value.entries], open=value.open)
        case "values":
            others = [] if value.other is None else [value.other]
            return Sequence([*value.entries.values(), *others], open=value.open)
        case "copy":
            return Mapping(dict(value.entries), value.open, value.source)
        case "update":
            if isinstance(first, Mapping):
                value.entries.update(first.entries)
                value.open = value.open or first.open
            elif first is not None:
                value.open = True
            value.entries.update({key: slot.value for key, slot in arguments.keywords.items()})
            return NONE
    return Unknown(code)


__all__ = ["BUILTINS", "External", "call_dict", "call_external", "call_list", "sounds_secret"]
