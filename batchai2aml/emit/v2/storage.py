"""
Storage clients of version 2, in the words of version 12.

azure-ai-ml brings azure-storage-blob 12 and azure-storage-file-share 12 along, and the older packages of those names
cannot be installed beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from batchai2aml.emit import python
from batchai2aml.emit.sdk import Answer, Sdk

CLIENTS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("BlockBlobService", "PageBlobService", "AppendBlobService"), ("BlobServiceClient", "blob")),
    "FileService": ("ShareServiceClient", "file"),
}
"""What each class is now, and the first part of its service's address."""

Given = Mapping[str, str]


def _blob(client: str, given: Given) -> str:
    return f"{client}.get_blob_client({given['container_name']}, {given['blob_name']})"


def _directory(client: str, given: Given) -> str:
    name = given.get("directory_name", "None")
    return f"{client}.get_share_client({given['share_name']}).get_directory_client({'' if name == 'None' else name})"


def _file(client: str, given: Given) -> str:
    return f"{_directory(client, given)}.get_file_client({given['file_name']})"


def _child(client: str, given: Given) -> str:
    """What is named: a blob or its container, a file or its folder."""
    if "share_name" in given:
        return _file(client, given) if "file_name" in given else _directory(client, given)
    return _blob(client, given) if "blob_name" in given else f"{client}.get_container_client({given['container_name']})"


_VALUES: Mapping[str, Callable[[str, Given], str]] = {
    "create_blob_from_text": lambda client, given: (
        f"{_blob(client, given)}.upload_blob({given['text']}, overwrite=True)"
    ),
    "create_blob_from_bytes": lambda client, given: (
        f"{_blob(client, given)}.upload_blob({given['blob']}, overwrite=True)"
    ),
    "create_blob_from_stream": lambda client, given: (
        f"{_blob(client, given)}.upload_blob({given['stream']}, overwrite=True)"
    ),
    "create_file_from_text": lambda client, given: f"{_file(client, given)}.upload_file({given['text']})",
    "create_file_from_bytes": lambda client, given: f"{_file(client, given)}.upload_file({given['file']})",
    "delete_container": lambda client, given: f"{client}.delete_container({given['container_name']})",
    "delete_share": lambda client, given: f"{client}.delete_share({given['share_name']})",
    "delete_blob": lambda client, given: f"{_blob(client, given)}.delete_blob()",
    "delete_file": lambda client, given: f"{_file(client, given)}.delete_file()",
    "list_blobs": lambda client, given: (
        f"{client}.get_container_client({given['container_name']}).list_blobs("
        + (f"name_starts_with={given['prefix']})" if "prefix" in given else ")")
    ),
    "list_directories_and_files": lambda client, given: f"{_directory(client, given)}.list_directories_and_files()",
    "exists": lambda client, given: f"{_child(client, given)}.exists()",
}
"""Calls that are one expression."""

_COPIES: Mapping[str, tuple[str, str, Callable[[str, Given], str]]] = {
    "create_blob_from_path": ("file_path", "rb", lambda client, given: _blob(client, given)),
    "create_file_from_path": ("local_file_path", "rb", lambda client, given: _file(client, given)),
    "get_blob_to_path": ("file_path", "wb", lambda client, given: _blob(client, given)),
    "get_file_to_path": ("file_path", "wb", lambda client, given: _file(client, given)),
}
"""Calls between a local file and storage: the argument that names the local file, how it is opened, the other end."""

_CREATES: Mapping[str, Callable[[str, Given], str]] = {
    "create_container": lambda client, given: f"{client}.create_container({given['container_name']})",
    "create_share": lambda client, given: f"{client}.create_share({given['share_name']})",
    "create_directory": lambda client, given: (
        f"{client}.get_share_client({given['share_name']}).create_directory({given['directory_name']})"
    ),
}
"""Calls that are fine where what they make is there already, unless they say otherwise."""


def client(sdk: Sdk, old: str, account: Callable[[str, str], str], key: str) -> str:
    """
    The client of an account; `account` puts its name between two pieces of text.

    Raises:
        KeyError: the class `old` has no successor here.

    """
    new, service = CLIENTS[old]
    sdk.want(new)
    address = account("https://", f".{service}.core.windows.net")
    return python.call(new, [("", address), ("credential", key)], sdk.style)


def call(sdk: Sdk, method: str, client: str, given: Given, strict: bool) -> Answer | None:
    """
    What takes the place of a method's call; None when nothing does.

    `strict` says that the program wants to hear of what is there already.
    """
    step = sdk.style.indent
    try:
        if method in _CREATES:
            made = _CREATES[method](client, given)
            if strict:
                return Answer((), made)
            sdk.want("ResourceExistsError")
            return Answer(("try:", f"{step}{made}", "except ResourceExistsError:", f"{step}pass"))
        if method in _COPIES:
            local, mode, end = _COPIES[method]
            handle, there = sdk.file.again("handle"), end(client, given)
            opened = f"with open({given[local]}, {sdk.string(mode)}) as {handle}:"
            verb = "blob" if "blob" in method else "file"
            overwrite = ", overwrite=True" if verb == "blob" else ""
            moved = (
                f"{there}.upload_{verb}({handle}{overwrite})"
                if mode == "rb"
                else f"{handle}.write({there}.download_{verb}().readall())"
            )
            return Answer((opened, f"{step}{moved}"))
        made = _VALUES[method](client, given)
    except KeyError:
        return None
    return Answer((), made)
