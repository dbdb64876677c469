"""
Pollers and listings that the program keeps.

Where the new call waits itself, what its poller is asked for later is there already; listings come as a whole.
"""

from __future__ import annotations

import libcst as cst

from batchai2aml.readers.python.domain import Result
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible

_GENERATORS = frozenset({"jobs.list_by_experiment"})
"""Listings whose counterparts are generators."""
_WAITING = frozenset({"clusters.delete", "jobs.terminate"})
"""Calls that SDK v1 only begins."""
_WAITS = ("poller.result", "poller.wait")


def waited(ctx: Context, record: CallRecord) -> bool:
    """Whether the program waits for the end of a call, at once or through a poller that it keeps."""
    return record.waited or any(poll.op in _WAITS and _asked(poll) is record for poll in ctx.program.polls)


def waits_later(ctx: Context, record: CallRecord) -> bool:
    """Whether the program asks for the end of a call in statements of their own, in the same function."""
    polls = [poll for poll in ctx.program.polls if poll.op in _WAITS and _asked(poll) is record]
    return not record.waited and bool(polls) and all(_waits_itself(ctx, poll) for poll in polls)


def _waits_itself(ctx: Context, poll: CallRecord) -> bool:
    made = _asked(poll)
    same = poll.cell.path in ctx.work and made.cell.path in ctx.work and ctx.place(poll) == ctx.place(made)
    return same and made.op in _WAITING and ctx.site(poll).form == "bare"


def polled(ctx: Context, record: CallRecord, value: str | None) -> str | None:
    """A call that answers with a poller, and the wait for its result where the program waits at once."""
    return f"{value}.result()" if value is not None and is_kept(ctx, record) and record.waited else value


def is_kept(ctx: Context, record: CallRecord) -> bool:
    """Whether the call that takes the place of one answers with a poller, too."""
    return record.op in ctx.sdk(record.cell).pollers


def begin(ctx: Context, record: CallRecord, target: str, wish: str, begins: str, waits: str) -> None:
    """
    Put a call that only begins, and the wait for its end where the program waits.

    A `target` that is itself a call is bound to a variable called like `wish` when it is needed again.
    """
    if is_kept(ctx, record):
        ctx.put(record, [], polled(ctx, record, f"{target}.{begins}"))
        return
    if ctx.in_expression(record):
        ctx.put(record, [], f"{target}.{begins}")
        return
    lines: list[str] = []
    if waited(ctx, record) and "(" in target:
        variable = ctx.file(record.cell).name(wish)
        lines.append(f"{variable} = {target}")
        target = variable
    lines.append(f"{target}.{begins}")
    if waits_later(ctx, record):
        ctx.waits[id(record)] = f"{target}.{waits}"
    elif waited(ctx, record):
        lines.append(f"{target}.{waits}")
    ctx.put(record, lines, None)


def convert_polls(ctx: Context) -> None:
    """`poller.result()` and the other methods, where the poller was made in an earlier statement."""
    for poll in ctx.program.polls:
        if poll.cell.path not in ctx.work or _is_listing(poll):
            continue
        ctx.at = poll.cell.where(poll.node)
        made, method = _asked(poll), poll.op.removeprefix("poller.")
        if is_kept(ctx, made):
            continue
        site = ctx.site(poll)
        has_value = made.op.endswith(".create")
        if poll.op in _WAITS and waits_later(ctx, made):
            continue
        if site.form == "bare" and poll.op in _WAITS:
            ctx.remove(poll)
        elif poll.op == "poller.result" and has_value:
            ctx.put(poll, [], _holder(ctx, poll))
        elif poll.op in _WAITS:
            ctx.put(poll, [], "None")
        elif poll.op == "poller.status" and made.op == "clusters.create":
            ctx.put(poll, [], f"{_holder(ctx, poll)}.provisioning_state")
        elif poll.op == "poller.done" and isinstance(site.statement, cst.While) and _only_waits(site.statement):
            ctx.edits(poll.cell).replace_statement(site.statement, [])
        elif poll.op == "poller.done":
            ctx.put(poll, [], "True")
        elif poll.op == "poller.status":
            ctx.put(poll, [], ctx.file(poll.cell).style.string("Succeeded"))
        else:
            raise Unconvertible(f"'.{method}()' of a poller has no counterpart: the new call waits itself", "BAI702")


def convert_late(ctx: Context) -> None:
    """What is asked of answers that are in new words by now: `listing.next()`, and waits for what a call began."""
    for poll in ctx.program.polls:
        if poll.cell.path not in ctx.work:
            continue
        if poll.op in _WAITS and id(_asked(poll)) in ctx.waits:
            ctx.put(poll, [ctx.waits[id(_asked(poll))]], None)
        if not _is_listing(poll):
            continue
        ctx.at = poll.cell.where(poll.node)
        made, method, holder = _asked(poll), poll.op.removeprefix("poller."), _holder(ctx, poll)
        alone = isinstance(poll.node.func, cst.Attribute) and isinstance(poll.node.func.value, cst.Call)
        if method == "by_page":
            ctx.put(poll, [], f"iter([{holder}])")
        elif method == "next" and made.op in _GENERATORS:
            ctx.put(poll, [], f"next({holder})")
        elif method == "next" and alone:
            ctx.put(poll, [], f"next(iter({holder}))")
        else:
            raise Unconvertible(f"'.{method}()' of a listing has no counterpart: it comes as a whole", "BAI702")


def _is_listing(poll: CallRecord) -> bool:
    assert isinstance(poll.receiver, Result)
    return poll.receiver.many


def _asked(poll: CallRecord) -> CallRecord:
    assert isinstance(poll.receiver, Result)
    return poll.receiver.record


def _holder(ctx: Context, poll: CallRecord) -> str:
    assert isinstance(poll.node.func, cst.Attribute)
    return ctx.edits(poll.cell).code(poll.node.func.value)


def _only_waits(loop: cst.While) -> bool:
    """Whether a loop does nothing but sleep and print."""
    if loop.orelse is not None or not isinstance(loop.body, cst.IndentedBlock):
        return False
    calls: list[cst.BaseExpression] = []
    for line in loop.body.body:
        if not isinstance(line, cst.SimpleStatementLine):
            return False
        for small in line.body:
            if not (isinstance(small, cst.Expr) and isinstance(small.value, cst.Call)):
                return False
            calls.append(small.value.func)
    names = [call.attr.value if isinstance(call, cst.Attribute) else getattr(call, "value", "") for call in calls]
    return all(name in ("sleep", "print", "wait") for name in names)
