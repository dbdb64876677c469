"""Storage clients that stay: where the SDK needs newer ones, each call in their words, where it stood."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from batchai2aml.emit.v2 import storage as emit
from batchai2aml.mapping.types import Verdict
from batchai2aml.project.secrets import storage_key
from batchai2aml.readers.python.domain import Client
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.text import Segment, Text


def modernise(ctx: Context, record: CallRecord) -> None:
    """A client of an older package, or a call of one."""
    method = record.op.partition(".")[2]
    if method in emit.CLIENTS:
        _client(ctx, record, method)
        return
    if not isinstance(record.receiver, Client) or record.receiver.kind not in emit.CLIENTS:
        return
    lines = created(ctx, record)
    if lines is None:
        detail = f"'{method}' of the older storage client has other words in version 12 of its package"
        ctx.say(record.cell, record.node, f"# BAI817: '{method}' is not a method of the newer storage client")
        ctx.notes.append((record.cell.where(record.node), Verdict("manual", "BAI817", detail, "error")))
        return
    before, value = lines
    if before and ctx.site(record).form == "nested":
        raise Unconvertible("the answer of a storage call is used inside a larger expression", "BAI817")
    ctx.put(record, before, value)


def created(ctx: Context, record: CallRecord) -> tuple[list[str], str | None] | None:
    """The statements for a storage call and its value; None when the newer client has no words for it."""
    func = record.node.func
    if not isinstance(func, cst.Attribute):
        return None
    edits, sdk = ctx.edits(record.cell), ctx.sdk(record.cell)
    given = {
        name: edits.code(slot.node) if slot.cell is record.cell else ctx.printer(record.cell).code(found).text
        for name, slot in record.arguments.items()
        if (found := ctx.argument(record, name)) is not None
    }
    if not all(_is_known(argument, given) for argument in record.node.args):
        return None
    strict = any(
        argument.keyword is not None
        and argument.keyword.value == "fail_on_exist"
        and record.cell.code(argument.value) == "True"
        for argument in record.node.args
    )
    answer = emit.call(sdk, record.op.partition(".")[2], edits.code(func.value), given, strict)
    return (list(answer.lines), answer.value) if answer is not None else None


_NEEDLESS = frozenset({"fail_on_exist", "max_connections", "progress_callback", "timeout", "validate_content"})
"""Options of the older clients that the newer ones do without."""


def _is_known(argument: cst.Arg, given: Mapping[str, str]) -> bool:
    """Whether an argument is among those that the table of calls is about."""
    return argument.keyword is None or argument.keyword.value in given or argument.keyword.value in _NEEDLESS


def _client(ctx: Context, record: CallRecord, old: str) -> None:
    """`BlockBlobService(account, key)`."""
    edits = ctx.edits(record.cell)
    indent = edits.indent(record.statement) if record.statement is not None else ""
    edits.replace(record.node, service(ctx, record, old).replace("\n", "\n" + indent))


def service(ctx: Context, record: CallRecord, old: str, prefix: str = "") -> str:
    """
    The newer client in place of an `old` one.

    `prefix` is what the call puts before the names of the arguments for the account and its key.
    """
    printer = ctx.printer(record.cell)
    account, given = (ctx.argument(record, f"{prefix}account_{part}") for part in ("name", "key"))
    if account is None or (account.code is None and account.known is None):
        raise Unconvertible(f"the account of a {old} is not known", "BAI817")
    written = account.code is not None and account.code[:1] not in "'\""
    name = Text((Segment(account.known, account.code),)) if written else Text.literal(account.known or "")

    def address(before: str, after: str) -> str:
        return printer.text(Text.join([Text.literal(before), name, Text.literal(after)])).text

    variable = storage_key(account.known, ctx.accounts)
    secret = printer.secret(given, variable) if given is not None else printer.environment(variable)
    return emit.client(ctx.sdk(record.cell), old, address, secret.text)
