"""Functions that a program hands to something else, which will call them: pools, threads, `map`, `sorted`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import libcst as cst

from batchai2aml.readers.python.arguments import Arguments
from batchai2aml.readers.python.domain import Abstract, Function, Sequence, Slot
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.iteration import element, rounds

_MAPS = frozenset({"map", "imap", "imap_unordered", "map_async"})
_STARTS = frozenset({"submit", "apply_async", "call_soon", "run_in_executor"})


def handed_over(me: Interpreter, method: str, node: cst.Call, arguments: Arguments) -> Abstract | None:
    """Read the functions among the arguments of a call that is not followed; None when the answer is not known."""
    answers = mapped(me, node, arguments) if method in _MAPS else None
    if answers is not None:
        return answers
    for number, slot in enumerate([*arguments.positional, *arguments.keywords.values()]):
        if not isinstance(slot.value, Function):
            continue
        given = Arguments(open=True)
        words = arguments.get(len(arguments.positional), "args")
        if isinstance(words, Sequence) and not words.open:
            given = Arguments(tuple(Slot(item, slot.node, me.cell) for item in words.items))
        elif method in _STARTS and number < len(arguments.positional):
            given = Arguments(arguments.positional[number + 1 :])
        me.frames[-1].at = node
        with me.flagged("branch"):
            me.invoke(slot.value, given, me.code(node), node)
    return None


def mapped(me: Interpreter, node: cst.Call, arguments: Arguments) -> Abstract | None:
    """`map(function, sequence)` and the like: the answers for all elements."""
    function, iterable = arguments.get(0), arguments.slot(1)
    if not isinstance(function, Function) or iterable is None or len(arguments.positional) != 2:
        return None
    items, known = rounds(iterable.value, me.code(iterable.node))
    return Sequence([_ask(me, function, item, node, iterable) for item in items], open=not known)


def filtered(me: Interpreter, node: cst.Call, arguments: Arguments) -> Abstract | None:
    """`filter(function, sequence)`: some of the elements."""
    function, iterable = arguments.get(0), arguments.slot(1)
    if not isinstance(function, Function) or iterable is None:
        return None
    return _some(me, function, node, iterable)


def chosen(me: Interpreter, node: cst.Call, arguments: Arguments, one: bool) -> Abstract | None:
    """`sorted(sequence, key=function)`, and `max` and `min` with the same, which answer `one` element."""
    key, iterable = arguments.keywords.get("key"), arguments.slot(0)
    if key is None or not isinstance(key.value, Function) or iterable is None:
        return None
    some = _some(me, key.value, node, iterable)
    return element(some, me.code(node)) if one else some


BUILTINS: Mapping[str, Callable[[Interpreter, cst.Call, Arguments], Abstract | None]] = {
    "builtins.map": mapped,
    "builtins.filter": filtered,
    "builtins.sorted": partial(chosen, one=False),
    "builtins.max": partial(chosen, one=True),
    "builtins.min": partial(chosen, one=True),
}
"""The builtin functions that call a function they are given."""


def _some(me: Interpreter, function: Function, node: cst.Call, iterable: Slot) -> Abstract:
    """The sequence itself, of which some elements stay or the order changes; the function has seen each."""
    for item in rounds(iterable.value, me.code(iterable.node))[0]:
        _ask(me, function, item, node, iterable)
    if isinstance(iterable.value, Sequence):
        return Sequence(list(iterable.value.items), open=True)
    return iterable.value


def _ask(me: Interpreter, function: Function, item: Abstract, node: cst.Call, iterable: Slot) -> Abstract:
    me.frames[-1].at = node
    with me.flagged("loop"):
        return me.invoke(function, Arguments((Slot(item, iterable.node, me.cell),)), me.code(node), node)
