"""Azure Storage clients of both generations: what they create, upload and delete."""

from __future__ import annotations

import libcst as cst

from batchai2aml.readers.python.arguments import Arguments
from batchai2aml.readers.python.domain import Abstract, Client, External, Slot, Unknown
from batchai2aml.readers.python.interpreter import Interpreter
from batchai2aml.readers.python.scope import Scope
from batchai2aml.readers.python.sdk import new_record
from batchai2aml.text import Text

SERVICES: dict[str, tuple[str, ...]] = {
    "BlockBlobService": ("account_name", "account_key"),
    "PageBlobService": ("account_name", "account_key"),
    "AppendBlobService": ("account_name", "account_key"),
    "FileService": ("account_name", "account_key"),
    "BlobServiceClient": ("account_url", "credential"),
    "ContainerClient": ("account_url", "container_name", "credential"),
    "BlobClient": ("account_url", "container_name", "blob_name", "credential"),
    "ShareServiceClient": ("account_url", "credential"),
    "ShareClient": ("account_url", "share_name", "credential"),
}
"""Client classes of azure-storage-blob and azure-storage-file(-share), with their parameters."""

METHODS: dict[str, tuple[str, ...]] = {
    "create_container": ("container_name",),
    "delete_container": ("container_name",),
    "create_share": ("share_name",),
    "delete_share": ("share_name",),
    "create_directory": ("share_name", "directory_name"),
    "create_blob_from_path": ("container_name", "blob_name", "file_path"),
    "create_blob_from_text": ("container_name", "blob_name", "text"),
    "create_blob_from_bytes": ("container_name", "blob_name", "blob"),
    "create_blob_from_stream": ("container_name", "blob_name", "stream"),
    "create_file_from_path": ("share_name", "directory_name", "file_name", "local_file_path"),
    "create_file_from_text": ("share_name", "directory_name", "file_name", "text"),
    "create_file_from_bytes": ("share_name", "directory_name", "file_name", "file"),
    "get_blob_to_path": ("container_name", "blob_name", "file_path"),
    "get_file_to_path": ("share_name", "directory_name", "file_name", "file_path"),
    "delete_blob": ("container_name", "blob_name"),
    "delete_file": ("share_name", "directory_name", "file_name"),
    "list_blobs": ("container_name", "prefix"),
    "list_directories_and_files": ("share_name", "directory_name"),
    "exists": ("container_name", "blob_name"),
    "generate_blob_shared_access_signature": ("container_name", "blob_name"),
    "generate_container_shared_access_signature": ("container_name",),
    "generate_share_shared_access_signature": ("share_name",),
    "upload_blob": ("name", "data"),
    "upload_file": ("data",),
}

_CHILDREN = {
    "get_container_client": ("ContainerClient", ("container_name",)),
    "get_blob_client": ("BlobClient", ("container_name", "blob_name")),
    "get_share_client": ("ShareClient", ("share_name",)),
    "get_directory_client": ("ShareDirectoryClient", ("directory_name",)),
    "get_file_client": ("ShareFileClient", ("file_name",)),
    "create_block_blob_service": ("BlockBlobService", ()),
    "create_file_service": ("FileService", ()),
}


def call_external(me: Interpreter, dotted: str, node: cst.Call, arguments: Arguments, scope: Scope) -> Abstract | None:
    """The construction of a storage client, or None."""
    parts = dotted.split(".")
    if parts[:2] != ["azure", "storage"]:
        return None
    name = next((part for part in parts if part in SERVICES or part == "CloudStorageAccount"), None)
    if name is None:
        return None
    names = SERVICES.get(name, ("account_name", "account_key"))
    record = new_record(me, f"storage.{name}", node, scope, arguments.bind(names))
    return Client(name, me.add(record), record.arguments)


def call_client(
    me: Interpreter, client: Client, method: str, node: cst.Call, arguments: Arguments, scope: Scope
) -> Abstract:
    """A method of a storage client."""
    code = me.code(node)
    if client.kind == "batchai":
        return Unknown(code)
    if method in _CHILDREN:
        kind, names = _CHILDREN[method]
        return Client(kind, client.record, {**client.arguments, **arguments.bind(names)})
    names = METHODS.get(method, ())
    if method == "exists" and client.kind == "FileService":
        names = ("share_name", "directory_name", "file_name")
    if (
        method in ("create_container", "create_share", "delete_container", "delete_share")
        and client.kind.endswith("Client")
        and not client.kind.endswith("ServiceClient")
    ):
        names = ()
    record = new_record(me, f"storage.{method}", node, scope, {**client.arguments, **arguments.bind(names)})
    record.receiver = client
    me.add(record)
    return Unknown(code)


def service(record_op: str) -> str:
    """`blob` or `file` for a storage operation's client class."""
    return "file" if "File" in record_op or "Share" in record_op else "blob"


__all__ = ["METHODS", "SERVICES", "External", "Slot", "Text", "call_client", "call_external", "service"]
