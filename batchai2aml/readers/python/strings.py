"""String building with parts that may not be known: `.format`, `%`, f-strings, `join`, and plain methods."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence

from batchai2aml.readers.python.domain import Abstract, Const, Slot, Unknown, as_text
from batchai2aml.readers.python.domain import Mapping as DictValue
from batchai2aml.readers.python.domain import Sequence as ListValue
from batchai2aml.text import Segment, Text

_PERCENT = re.compile(r"%(?:\((\w+)\))?([#0\- +]*\d*(?:\.\d+)?)([sdifrgexX%])")


def plain(value: Abstract) -> object:
    """The Python value behind a fully known one; raises ValueError otherwise."""
    match value:
        case Const(scalar):
            return scalar
        case Text() if value.known is not None:
            return value.known
        case ListValue(items, kind, False):
            found = [plain(item) for item in items]
            return tuple(found) if kind == "tuple" else found
        case DictValue(entries, False):
            return {key: plain(item) for key, item in entries.items()}
    raise ValueError("not known")


def lift(value: object, secret: bool = False) -> Abstract:
    """The abstract form of a Python value; raises ValueError for what has none."""
    match value:
        case str():
            return Text((Segment(value, None, secret),)) if value else Text(())
        case bool() | int() | float() | bytes() | None:
            return Const(value)
        case list() | tuple() | set():
            kind = type(value).__name__
            return ListValue([lift(item, secret) for item in value], kind)
        case dict():
            return DictValue({key: lift(item, secret) for key, item in value.items()})
    raise ValueError(f"no abstract form of {type(value).__name__}")


def format_text(
    pattern: Text, positional: Sequence[tuple[Abstract, str]], named: Mapping[str, tuple[Abstract, str]]
) -> Text | None:
    """`pattern.format(*positional, **named)`; every argument comes with its source. None when it cannot be followed."""
    known = pattern.known
    if known is None:
        return None
    pieces: list[Text] = []
    automatic = 0
    try:
        parsed = list(string.Formatter().parse(known))
    except ValueError:
        return None
    for literal, name, spec, conversion in parsed:
        pieces.append(Text.literal(literal))
        if name is None:
            continue
        head = re.match(r"[^.\[]*", name)
        key = head.group() if head else name
        if key == "":
            key, automatic = str(automatic), automatic + 1
        if key.isdigit():
            if int(key) >= len(positional):
                return None
            value, code = positional[int(key)]
        elif key in named:
            value, code = named[key]
        else:
            return None
        rest = name[len(key) :] if name.startswith(key) else name
        if rest or spec or conversion:
            pieces.append(_specified(value, code + rest, rest, spec or "", conversion or ""))
        else:
            pieces.append(as_text(value, code, known))
    return Text.join(pieces)


def _specified(value: Abstract, code: str, rest: str, spec: str, conversion: str) -> Text:
    shown = f"format({code}, {spec!r})" if spec else code
    try:
        text = ("{0" + rest + ("!" + conversion if conversion else "") + ":" + spec + "}").format(plain(value))
        return Text((Segment(text, shown),))
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        return Text((Segment(None, shown),))


def percent_text(pattern: Text, right: Abstract, codes: Sequence[str], whole: str) -> Text | None:
    """`pattern % right`; `codes` are the sources of the elements of a tuple, `whole` that of a single value."""
    known = pattern.known
    if known is None:
        return None
    if isinstance(right, ListValue) and right.kind == "tuple":
        values = list(zip(right.items, codes or [whole] * len(right.items), strict=False))
    else:
        values = [(right, whole)]
    pieces: list[Text] = []
    at = number = 0
    for found in _PERCENT.finditer(known):
        pieces.append(Text.literal(known[at : found.start()]))
        at = found.end()
        if found.group(3) == "%":
            pieces.append(Text.literal("%"))
            continue
        if found.group(1):
            if not isinstance(right, DictValue) or found.group(1) not in right.entries:
                return None
            value, code = right.entries[found.group(1)], f"{whole}[{found.group(1)!r}]"
        elif number < len(values):
            value, code = values[number]
            number += 1
        else:
            return None
        if found.group(2) or found.group(3) not in "sd":
            pieces.append(_percent_one(value, code, found.group(2) + found.group(3)))
        else:
            pieces.append(as_text(value, code, known))
    pieces.append(Text.literal(known[at:]))
    return Text.join(pieces)


def _percent_one(value: Abstract, code: str, spec: str) -> Text:
    shown = f"'%{spec}' % {code}"
    try:
        return Text((Segment(f"%{spec}" % plain(value), shown),))
    except (ValueError, TypeError):
        return Text((Segment(None, shown),))


def join_text(separator: Text, items: Sequence[Text]) -> Text:
    """`separator.join(items)`."""
    pieces: list[Text] = []
    for number, item in enumerate(items):
        if number:
            pieces.append(separator)
        pieces.append(item)
    return Text.join(pieces)


def path_text(items: Sequence[Text]) -> Text:
    """`os.path.join` with POSIX rules: an absolute part starts anew, no double slash."""
    result = Text(())
    for item in items:
        if item.start.startswith("/"):
            result = item
            continue
        known_end = result.segments[-1].text if result.segments else ""
        slash = "" if not result.segments or (known_end or "").endswith("/") else "/"
        result = Text.join([result, Text.literal(slash), item])
    return result


_METHODS: dict[str, Callable[..., object]] = {
    name: getattr(str, name)
    for name in [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "replace",
        "split",
        "rsplit",
        "splitlines",
        "startswith",
        "endswith",
        "zfill",
        "find",
        "count",
        "isdigit",
        "partition",
        "rpartition",
        "removeprefix",
        "removesuffix",
        "ljust",
        "rjust",
        "index",
    ]
}


def call_method(value: Text, name: str, args: Sequence[Slot], code: str) -> Abstract:
    """A method of a known string with known arguments; otherwise an expression."""
    if name in ("encode", "decode"):
        return value
    if name == "strip" and not args and value.known is None:
        return value.stripped(" \t\n")
    method = _METHODS.get(name)
    if method is None or value.known is None:
        return Unknown(code, secret=value.secret)
    try:
        return lift(method(value.known, *[plain(slot.value) for slot in args]), value.secret)
    except (ValueError, TypeError):
        return Unknown(code, secret=value.secret)
