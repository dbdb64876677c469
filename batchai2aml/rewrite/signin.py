"""Sign-in objects."""

from __future__ import annotations

import libcst as cst

from batchai2aml.project.secrets import CLIENT_SECRET
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.tree import descendants, parents
from batchai2aml.rewrite.workspace import CREATIONS


def credentials(ctx: Context, record: CallRecord) -> None:
    """A sign-in object."""
    name = record.cell.code(record.node.func).rsplit(".", 1)[-1]
    printer, sdk = ctx.printer(record.cell), ctx.sdk(record.cell)
    if name in ("ServicePrincipalCredentials", "ClientSecretCredential"):
        tenant = ctx.argument(record, "tenant") or ctx.argument(record, "tenant_id")
        client = ctx.argument(record, "client_id")
        secret = ctx.argument(record, "secret") or ctx.argument(record, "client_secret")
        password = printer.secret(secret, CLIENT_SECRET) if secret else printer.environment(CLIENT_SECRET)
        made: str | None = sdk.service_principal(
            printer.code(tenant) if tenant else printer.environment("AZURE_TENANT_ID"),
            printer.code(client) if client else printer.environment("AZURE_CLIENT_ID"),
            password,
        )
    else:
        made = sdk.credential(name)
    if made is None:
        return
    value = made
    site = ctx.site(record)
    if site.target is not None and _signs_in_elsewhere(ctx, record, site.target):
        auth = ctx.file(record.cell).name("auth")
        ctx.signed_in[site.target] = auth
        lines = ctx.file(record.cell).style.lines(f"{auth} = {value}")
        ctx.edits(record.cell).insert(site.statement, [lines], after=True)
        return
    if site.form == "nested":
        ctx.edits(record.cell).replace(
            site.outer, value.replace("\n", "\n" + ctx.edits(record.cell).indent(site.statement))
        )
    else:
        ctx.put(record, [], value)


def _signs_in_elsewhere(ctx: Context, record: CallRecord, name: str) -> bool:
    """Whether a sign-in object is also given to other clients than Batch AI's."""
    ours = {id(r.node) for r in ctx.program.records if r.op in CREATIONS}
    for cell in ctx.file(record.cell).source.cells:
        above = parents(cell.module)
        for node in descendants(cell.module, cst.Arg):
            call = above.get(node)
            if cell.code(node.value) == name and isinstance(call, cst.Call) and id(call) not in ours:
                return True
    return False
