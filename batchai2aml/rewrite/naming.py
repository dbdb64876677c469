"""Names that Azure ML would refuse, made legal where they are given."""

from __future__ import annotations

from collections.abc import Callable

from batchai2aml.azureml.model import Code
from batchai2aml.mapping.body import Given
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite.context import Context


def legal(ctx: Context, record: CallRecord, given: Given, convert: Callable[[str], str]) -> Code:
    """A name as it is, or as `convert` makes it legal; an expression is changed as it runs if that will do."""
    printer = ctx.printer(record.cell)
    known = given.known
    changed = convert(known) if known is not None else None
    if changed is None or changed == known:
        return printer.code(given)
    literal = given.code is None or (given.code[:1] in "'\"rRuUfF" and given.code[-1:] in "'\"")
    if not literal and known is not None and known.replace("_", "-") == changed:
        return Code(f"{given.code}.replace({printer.string('_')}, {printer.string('-')})")
    return printer.code(given) if given.code in record.scope.parameters else printer.string(changed)
