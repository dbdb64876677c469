"""Which local file became the entry script: the uploads of the program, then a search by name (MAPPING 4.7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from batchai2aml.batchai import paths
from batchai2aml.mapping.arguments import Directories
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
            if paths.same_text(paths.split(upload.local)[0], folder) and not upload.renamed
        ]
        return Snapshot(folder if folder.segments else Text.literal("."), entry, tuple(beside))
    if uploaded_beside(located, directories, uploads):
        return None
    name = paths.basename(script).known
    below = located.path.rest.known if located.path.root == "mount" else name
    found = find(below or name) if name else None
    if found is None or name is None:
        return None
    folder_name = found.rpartition("/")[0] or "."
    return Snapshot(Text.literal(folder_name), Text.literal(name), (), "BAI521", f"{found}, found by its name")
