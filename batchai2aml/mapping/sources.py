"""Which local file became the entry script: the uploads of the program, then a search by name (MAPPING 4.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from batchai2aml.batchai import paths
from batchai2aml.mapping.directories import Directories
from batchai2aml.text import Text


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that the program puts into storage: where to, and from which local path; `number` tells uploads apart."""

    number: int
    kind: str
    container: Text
    target: Text
    local: Text

    @property
    def renamed(self) -> bool:
        """Whether the file has another name in storage than on disk."""
        return not paths.same_text(paths.basename(self.target), paths.basename(self.local))


LARGEST, MOST = 300 * 1024 * 1024, 2000
"""What Azure ML takes as a snapshot: bytes, and files (documentation of SDK v1, "Manage resources and quotas")."""
_CODE = (".py", ".ipynb", ".sh", ".r")


def is_large(files: Mapping[str, int]) -> bool:
    """Whether files (with their sizes in bytes) are more than a snapshot may hold."""
    return sum(files.values()) > LARGEST or len(files) > MOST


def ignored(files: Mapping[str, int]) -> list[str]:
    """What an `.amlignore` should name so that a large folder fits: folders without code, and big files."""
    tops = {path.split("/", 1)[0] + "/" for path in files if "/" in path}
    bare = [top for top in tops if not any(p.startswith(top) and p.lower().endswith(_CODE) for p in files)]
    big = [path for path, size in files.items() if size > LARGEST // 30 and not path.startswith(tuple(bare))]
    return sorted([*bare, *big])


_PROGRAM = (*_CODE, ".cntk", ".bs", ".prototxt", ".lua", ".pl", ".m", ".jl")


def is_code(local: Text) -> bool:
    """Whether a file is part of the program, rather than data that it reads."""
    return (local.known or local.segments[-1].text or "").lower().endswith(_PROGRAM)


UPLOADS = {"storage.create_blob_from_path": "blob", "storage.create_file_from_path": "file"}
"""The calls that put a local file into storage."""


def upload(number: int, op: str, argument: Callable[[str], Text | None]) -> Upload | None:
    """The upload that a storage call makes, from its arguments by name; None when one of the names is missing."""
    local = argument("file_path") or argument("local_file_path")
    target = argument("blob_name") or argument("file_name")
    folder = argument("directory_name")
    if local is None or target is None:
        return None
    if folder is not None and folder.segments and UPLOADS[op] == "file":
        target = Text.join([folder, Text.literal("/"), target])
    return Upload(number, UPLOADS[op], argument("container_name") or argument("share_name") or Text(()), target, local)


@dataclass(frozen=True, slots=True)
class Located:
    """A path of the job with the upload that put the file there; `path` is where it leads."""

    path: paths.Path
    upload: Upload | None


def locate(text: Text, directories: Directories, uploads: Sequence[Upload]) -> Located:
    """Find the upload behind a path of a job."""
    found = directories.resolve(text)
    if found.root == "mount":
        mount = directories.mounts[found.name]
        for upload in uploads:
            same = upload.kind == mount.kind and paths.same_text(upload.container, mount.container)
            if same and paths.same_text(upload.target, found.rest):
                return Located(found, upload)
    return Located(found, None)


def uploaded_beside(located: Located, directories: Directories, uploads: Sequence[Upload]) -> list[Upload]:
    """The uploads into the folder that a path of the job lies in."""
    if located.path.root != "mount":
        return []
    mount = directories.mounts[located.path.name]
    folder = paths.split(located.path.rest)[0]
    return [
        upload
        for upload in uploads
        if upload.kind == mount.kind
        and paths.same_text(upload.container, mount.container)
        and paths.same_text(paths.split(upload.target)[0], folder)
    ]


def _whole_folder(
    located: Located,
    directories: Directories,
    uploads: Sequence[Upload],
    script: Text,
    find: Callable[[str], str | None],
) -> Snapshot | None:
    """The snapshot of a script that goes up with all files of its folder, under names that only the run knows."""
    name = paths.basename(script).known
    for upload in uploaded_beside(located, directories, uploads):
        folder, last = paths.split(upload.local)
        if name is None or last.known is not None or folder.known is None or upload.renamed:
            continue
        if find(f"{folder.known}/{name}") == f"{folder.known}/{name}":
            return Snapshot(folder, Text.literal(name), ())
    return None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The code of a run: its folder, the entry script in it, the uploads that it makes needless."""

    folder: Text
    entry: Text
    uploads: tuple[Upload, ...]
    rule: str = "BAI321"
    detail: str = ""


def snapshot(
    script: Text, directories: Directories, uploads: Sequence[Upload], find: Callable[[str], str | None]
) -> Snapshot | None:
    """The snapshot of a job whose script is at `script`; `find` looks a file up by its name in the project."""
    located = locate(script, directories, uploads)
    if located.upload is not None and not located.upload.renamed:
        folder, entry = paths.split(located.upload.local)
        beside = [
            upload
            for upload in uploaded_beside(located, directories, uploads)
            if paths.same_text(paths.split(upload.local)[0], folder) and not upload.renamed and is_code(upload.local)
        ]
        return Snapshot(folder if folder.segments else Text.literal("."), entry, tuple(beside))
    whole = _whole_folder(located, directories, uploads, script, find)
    if whole is not None:
        return whole
    beside_it = uploaded_beside(located, directories, uploads)
    if beside_it and all(upload.target.known is not None for upload in beside_it):
        return None
    name = paths.basename(script).known
    below = located.path.rest.known if located.path.root == "mount" else name
    found = find(below or name) if name else None
    if found is None or name is None:
        return None
    folder_name = found.rpartition("/")[0] or "."
    return Snapshot(Text.literal(folder_name), Text.literal(name), (), "BAI521", f"{found}, found by its name")
