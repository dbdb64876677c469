"""Storage: datastores where containers were made, uploads of data through them, uploads of code not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import libcst as cst

from batchai2aml.azureml.model import Code, Datastore
from batchai2aml.batchai import paths
from batchai2aml.emit.templates import render
from batchai2aml.mapping.sources import UPLOADS, Upload, upload
from batchai2aml.mapping.storage import Mount, named_once
from batchai2aml.project.secrets import STORAGE_KEY, storage_key
from batchai2aml.readers.python.domain import Client, ModelObject, Slot, Unknown, as_text
from batchai2aml.readers.python.records import CallRecord
from batchai2aml.readers.python.sources import Cell
from batchai2aml.rewrite.context import Context
from batchai2aml.rewrite.edits import Unconvertible
from batchai2aml.rewrite.storage_clients import created, modernise
from batchai2aml.rewrite.tree import ancestors
from batchai2aml.rewrite.workspace import some_workspace, workspace_of, workspace_ready
from batchai2aml.text import Segment, Text

_MNIST = (("https://s3.amazonaws.com/img-datasets/mnist.npz", "mnist.npz"),)
_RNN_SITE = "https://cs.stanford.edu/people/karpathy/char-rnn"
_RNN = (
    (f"{_RNN_SITE}/linux_input.txt", "linux_input.txt"),
    (f"{_RNN_SITE}/shakespeare_input.txt", "shakespeare_input.txt"),
    (f"{_RNN_SITE}/warpeace_input.txt", "war_and_peace_input.txt"),
)


def kind_of(record: CallRecord) -> str:
    """`blob` or `file`, by the client's class."""
    name = record.receiver.kind if isinstance(record.receiver, Client) else record.op
    return "file" if "File" in name or "Share" in name else "blob"


def container_of(record: CallRecord) -> Text:
    """The container or share that a call names."""
    value = record.argument("container_name") or record.argument("share_name")
    if isinstance(value, Text):
        return value
    return Text((Segment(None, value.code, undefined=value.undefined),)) if isinstance(value, Unknown) else Text(())


def uploads(ctx: Context, path: str) -> Iterator[Upload]:
    """The files that a program puts into storage, in every round of a loop."""
    for record in ctx.program.records:
        if record.op in UPLOADS and record.cell.path == path:
            for arguments in record.rounds:
                made = upload(record.index, record.op, partial(_named, arguments))
                if made is not None:
                    yield replace(made, local=_plain(made.local)) if record.again else made


def _plain(text: Text) -> Text:
    """A text as it says, without the variable of a loop that may go."""
    return text if text.known is None else Text.literal(text.known)


def _named(arguments: Mapping[str, Slot], key: str) -> Text | None:
    """An argument as text that keeps the variable it was given by; one that only the run knows stands for itself."""
    slot = arguments.get(key)
    if slot is None:
        return None
    if isinstance(slot.value, Unknown):
        return Text((Segment(None, slot.value.code, undefined=slot.value.undefined),))
    if not isinstance(slot.value, Text):
        return None
    keeps = key not in ("container_name", "share_name", "blob_name", "file_name")
    variable = keeps and isinstance(slot.node, (cst.Name, cst.Attribute))
    return as_text(slot.value, slot.cell.code(slot.node)) if variable else slot.value


def same_storage(record: CallRecord, mount: Mount) -> bool:
    """Whether a storage call is about the storage of a mount."""
    return kind_of(record) == mount.kind and paths.same_text(container_of(record), mount.container)


def place_datastores(ctx: Context, made: ModelObject, mounts: tuple[Mount, ...], used: set[str]) -> list[str]:
    """
    Register the datastores that a job uses; the answer is the statements to put before the job.

    A datastore goes where its container was created if the workspace is there by then.
    """
    work = ctx.file(made.cell)
    function = ctx.function(made.cell, made.node)
    lines: list[str] = []
    for mount in mounts:
        if mount.datastore not in used or work.has_datastore(mount.datastore, function):
            continue
        creation = _creation(ctx, made, mount)
        if creation is not None:
            _register_at(ctx, creation, mount)
            work.datastores[mount.datastore, 0] = creation.index
            continue
        work.datastores[mount.datastore, function] = made.sent[0].index if made.sent else 1 << 30
        if mount.kind == "placeholder":
            lines.append(f"# BAI307: copy the data of the mount '{mount.name}' into blob or file storage and register")
            lines.append(f"# that as the datastore '{mount.datastore}'")
            if ctx.sdk(made.cell).keeps_storage:
                continue  # a job names the datastore, and no statement looks it up
        opening, workspace = workspace_for(ctx, made)
        lines += [*opening, _registered(ctx, made.cell, _datastore(ctx, made, mount, False), workspace)]
    return lines


def told_apart(ctx: Context, made: ModelObject, mounts: list[Mount]) -> list[Mount]:
    """
    The mounts of a job, each with a datastore of its own.

    One that has the name of another job's mount in the file, and other storage, is named after its storage as well.
    """
    known = ctx.file(made.cell).mounted
    found: list[Mount] = []
    for mount in named_once(mounts):
        first = known.setdefault(mount.datastore, mount)
        if not first.same_storage(mount) and "placeholder" not in (first.kind, mount.kind):
            mount = replace(mount, alias=f"{mount.alias or mount.name}_{mount.container.known or len(known)}")
            again = known.setdefault(mount.datastore, mount)
            if not again.same_storage(mount):
                mount = replace(mount, alias=f"{mount.alias}_{len(known)}")
                known[mount.datastore] = mount
        found.append(mount)
    return found


def _registered(ctx: Context, cell: Cell, store: Datastore, workspace: str) -> str:
    """The statement that registers a datastore; what it sets is looked for in the output."""
    sdk = ctx.sdk(cell)
    if store.kind != "placeholder":
        ctx.wanted[cell.path].append(sdk.datastore_wanted(store))
    return sdk.datastore(store, workspace)


def workspace_for(ctx: Context, made: ModelObject) -> tuple[list[str], str]:
    """The workspace where a job's parameters are built: that of the call that sends them, if both stand together."""
    record = made.sent[0] if made.sent else None
    if record is not None and ctx.place(record) == (made.cell.path, ctx.function(made.cell, made.node)):
        return [], workspace_of(ctx, record)
    return some_workspace(ctx, made.cell, made.node, made.scope)


def _creation(ctx: Context, made: ModelObject, mount: Mount) -> CallRecord | None:
    for record in ctx.program.records:
        if record.op not in ("storage.create_container", "storage.create_share") or record.cell.path != made.cell.path:
            continue
        if (
            record.scope.kind == "module"
            and record.reached == "always"
            and same_storage(record, mount)
            and workspace_ready(ctx, record)
        ):
            return record
    return None


def _datastore(ctx: Context, made: ModelObject, mount: Mount, create: bool) -> Datastore:
    printer = ctx.printer(made.cell)
    if mount.kind == "placeholder":
        empty = Code("")
        return Datastore(mount.datastore, mount.datastore, "placeholder", empty, empty, empty)
    return Datastore(
        mount.datastore,
        mount.datastore,
        "blob" if mount.kind == "blob" else "file",
        printer.text(mount.account),
        printer.text(mount.container),
        key_code(ctx, mount, made),
        create,
        mount.endpoint,
    )


def key_code(ctx: Context, mount: Mount, made: ModelObject) -> Code:
    """The account key: read at run time as the user does, or from the environment."""
    printer = ctx.printer(made.cell)
    name = storage_key(mount.account.known, ctx.accounts)
    return printer.secret(mount.key, name) if mount.key else printer.environment(name)


def _register_at(ctx: Context, creation: CallRecord, mount: Mount) -> None:
    printer = ctx.printer(creation.cell)
    container = ctx.argument(creation, "container_name") or ctx.argument(creation, "share_name")
    client = creation.receiver
    account = client.arguments.get("account_name") if isinstance(client, Client) else None
    given = ctx.given("account_name", account, creation.cell, creation.scope) if account else None
    store = Datastore(
        mount.datastore,
        mount.datastore,
        "blob" if mount.kind == "blob" else "file",
        printer.code(given) if given else printer.text(mount.account),
        printer.code(container) if container else printer.text(mount.container),
        _client_key(ctx, creation),
        True,
        mount.endpoint,
    )
    lines = ctx.registered.setdefault(id(creation), [])
    if not lines and ctx.sdk(creation.cell).keeps_storage:
        lines += _kept(ctx, creation)
    lines.append(_registered(ctx, creation.cell, store, workspace_of(ctx, creation)))
    ctx.put(creation, lines, None)
    (ctx.kept_storage if ctx.sdk(creation.cell).keeps_storage else ctx.dropped_uploads).add(creation.index)


def _kept(ctx: Context, creation: CallRecord) -> list[str]:
    """The statements that make a container or a share, where the registration of a datastore does not."""
    found = created(ctx, creation)
    if found is None:
        return [ctx.edits(creation.cell).code(creation.outer or creation.node)]
    before, value = found
    return [*before, *([value] if value is not None else [])]


def _client_key(ctx: Context, creation: CallRecord) -> Code:
    client = creation.receiver
    slot = client.arguments.get("account_key") if isinstance(client, Client) else None
    printer = ctx.printer(creation.cell)
    account = client.arguments.get("account_name") if isinstance(client, Client) else None
    name = storage_key(account.value.known if account and isinstance(account.value, Text) else None, ctx.accounts)
    if slot is None:
        return printer.environment(name)
    return printer.secret(ctx.given("credentials.accountKey", slot, creation.cell, creation.scope), name)


def convert_storage(ctx: Context, path: str, mounts: tuple[Mount, ...], needless: set[int]) -> None:
    """
    Uploads, directories and sample data of a file, once its jobs are known.

    `needless` are the uploads that a snapshot carries.
    """
    mine = [r for r in ctx.program.records if r.cell.path == path and r.op.startswith("storage.")]
    every = ((r.index, upload(r.index, r.op, partial(_named, r.arguments))) for r in mine if r.op in UPLOADS)
    known = {index: made for index, made in every if made is not None}
    stays = ctx.sdk(ctx.work[path].source.cells[0]).keeps_storage
    kept = _kept_clients(ctx, mine, known, needless)
    for record in mine:
        if record.op in UPLOADS:
            whole = not stays and (not isinstance(record.receiver, Client) or id(record.receiver.record) not in kept)
            _upload(ctx, record, known.get(record.index), mounts if whole else (), needless)
    for record in mine:
        if record.op == "storage.create_directory" and not _still_needed(ctx, record, mine):
            ctx.remove(record)
            ctx.dropped_uploads.add(record.index)
    for record in [r for r in ctx.program.records if r.cell.path == path and "download_and_upload" in r.op]:
        _sample_data(ctx, record, mounts)
    for record in mine:
        if record.op.split(".")[1] in ("BlockBlobService", "FileService") and not _client_used(record, mine, ctx):
            if ctx.site(record).form == "assign":
                ctx.remove(record)
                ctx.dropped_uploads.add(record.index)
    for record in mine if stays else ():
        if record.index not in ctx.dropped_uploads | ctx.kept_storage:
            modernise(ctx, record)


def _kept_clients(ctx: Context, mine: list[CallRecord], known: Mapping[int, Upload], needless: set[int]) -> set[int]:
    """Storage clients that stay because one of their uploads must: a file under another name, or made by the run."""
    kept: set[int] = set()
    for record in mine:
        if record.op not in UPLOADS or record.index in needless or not isinstance(record.receiver, Client):
            continue
        upload = known.get(record.index)
        local = upload.local.known if upload else None
        missing = local is not None and ctx.files(record.cell).read(local) is None
        if upload is None or missing:
            kept.add(id(record.receiver.record))
    return kept


def _upload(
    ctx: Context,
    record: CallRecord,
    upload: Upload | None,
    mounts: tuple[Mount, ...],
    needless: set[int],
) -> None:
    if record.index in needless:
        loop = _loop_around(record)
        if loop is not None:
            ctx.edits(record.cell).replace_statement(loop, [])
        else:
            ctx.remove(record)
        ctx.dropped_uploads.add(record.index)
        ctx.note(record, "BAI321", "the run carries the file", "exact", "info")
        return
    mount = next((m for m in mounts if same_storage(record, m)), None)
    function = ctx.function(record.cell, record.node)
    if upload is None or mount is None:
        return
    if not ctx.file(record.cell).has_datastore(mount.datastore, function, record.index):
        return
    folder, name = paths.split(upload.target)
    if upload.renamed and not _same_code(name, paths.basename(upload.local)):
        ctx.note(record, "BAI817", "the file has another name in storage, so the call stays", "exact", "info")
        return
    local = ctx.argument(record, "file_path") or ctx.argument(record, "local_file_path")
    assert local is not None
    printer = ctx.printer(record.cell)
    target = printer.text(ctx.text(folder, record.cell, record.scope)) if folder.segments else None
    where = f", target_path={target}" if target else ""
    ctx.put(record, [f"{mount.datastore}.upload_files([{printer.code(local)}]{where}, overwrite=True)"], None)
    ctx.dropped_uploads.add(record.index)


def _loop_around(record: CallRecord) -> cst.For | None:
    """The loop over written-out names that does nothing but this call, and says nothing about it."""
    for around in ancestors(record.cell.module, record.node):
        if isinstance(around, cst.For):
            alone = isinstance(around.body, cst.IndentedBlock) and len(around.body.body) == 1
            plain = isinstance(around.iter, (cst.Name, cst.List, cst.Tuple)) and around.orelse is None
            return around if alone and plain and "#" not in record.cell.code(around.body) else None
        if isinstance(around, (cst.BaseCompoundStatement, cst.BaseComp)):
            return None
    return None


def _same_code(left: Text, right: Text) -> bool:
    return [s.code for s in left.segments] == [s.code for s in right.segments] and all(s.code for s in left.segments)


def _still_needed(ctx: Context, directory: CallRecord, mine: list[CallRecord]) -> bool:
    """Whether a folder of a share is made for uploads that stay."""
    share = container_of(directory)
    kept = [r for r in mine if r.op in UPLOADS and r.index not in ctx.dropped_uploads]
    if any(kind_of(r) == kind_of(directory) and paths.same_text(container_of(r), share) for r in kept):
        return True
    others = [r for r in mine if r.op in UPLOADS and kind_of(r) == kind_of(directory)]
    return not others


def _client_used(service: CallRecord, mine: list[CallRecord], ctx: Context) -> bool:
    calls = [r for r in mine if isinstance(r.receiver, Client) and r.receiver.record is service]
    if any(r.index not in ctx.dropped_uploads for r in calls):
        return True
    helpers = [
        r
        for r in ctx.program.records
        if "download_and_upload" in r.op
        and r.index not in ctx.dropped_uploads
        and any(getattr(slot.value, "record", None) is service for slot in r.arguments.values())
    ]
    return bool(helpers) or not calls


def _sample_data(ctx: Context, record: CallRecord, mounts: tuple[Mount, ...]) -> None:
    work = ctx.file(record.cell)
    container = record.argument("container_name")
    mount = next(
        (
            m
            for m in mounts
            if m.kind == "blob" and isinstance(container, Text) and paths.same_text(container, m.container)
        ),
        None,
    )
    directory = ctx.argument(record, "directory")
    mnist = "mnist" in record.op
    folder = work.style.string("data" if mnist else "rnn_dataset")
    work.needed |= {"os", "urllib.request"}
    printer = ctx.printer(record.cell)
    service = record.arguments.get("blob_service")
    if ctx.sdk(record.cell).keeps_storage:
        if service is None or container is None:
            raise Unconvertible("the sample data goes to storage that is not known here", "BAI328")
        name = ctx.argument(record, "container_name")
        text = render(
            "v2/sample_data",
            work.style.quote,
            folder=folder,
            downloads=_downloads(mnist, folder),
            client=ctx.edits(service.cell).code(service.node),
            container=printer.code(name) if name else Code("''"),
            target=printer.code(directory) if directory else "''",
        )
        ctx.put(record, [text], None)
        return
    function = ctx.function(record.cell, record.node)
    seen = mount is not None and work.has_datastore(mount.datastore, function, record.index)
    variable = mount.datastore if mount and seen else None
    if variable is None:
        name = ctx.argument(record, "container_name")
        variable = "bai_data"
        store = Datastore(
            variable,
            variable,
            "blob",
            _account(ctx, record),
            printer.code(name) if name else Code("''"),
            printer.environment(STORAGE_KEY),
        )
        first = [_registered(ctx, record.cell, store, workspace_of(ctx, record))]
    else:
        first = []
    text = render(
        "v1/sample_data",
        work.style.quote,
        folder=folder,
        downloads=_downloads(mnist, folder),
        datastore=variable,
        target=printer.code(directory) if directory else "''",
    )
    ctx.put(record, [*first, text], None)
    ctx.dropped_uploads.add(record.index)


def _downloads(mnist: bool, folder: str) -> list[tuple[str, str]]:
    """The sample files: where each comes from, and where it is put."""
    stem = folder.strip("'\"")
    return [(url, f"{stem}/{file}") for url, file in (_MNIST if mnist else _RNN)]


def _account(ctx: Context, record: CallRecord) -> Code:
    slot = record.arguments.get("blob_service")
    client = slot.value if slot else None
    account = client.arguments.get("account_name") if isinstance(client, Client) else None
    if account is None:
        return ctx.printer(record.cell).environment("AZURE_BATCHAI_STORAGE_ACCOUNT")
    return ctx.printer(record.cell).code(ctx.given("account_name", account, record.cell, record.scope))
