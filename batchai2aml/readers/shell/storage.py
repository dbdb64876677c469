"""Commands that move files into storage (`az storage`, `azcopy`), as requests: what jobs run is traced through them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from batchai2aml.batchai.request import Request, Setting
from batchai2aml.place import Where
from batchai2aml.readers.shell.commands import Command
from batchai2aml.text import Segment, Text

Below: TypeAlias = Callable[[str], list[str]]
"""The files in a folder of the project, by their paths from there."""


def options(words: list[Text], spellings: Mapping[str, tuple[str, ...]]) -> dict[str, Text]:
    """The values of the options that matter, by a name of ours."""
    found: dict[str, Text] = {}
    for number, word in enumerate(words):
        spelled, value = word.partition("=") if "=" in word.start else (word, Text(()))
        for name, names in spellings.items():
            if (spelled.known or "") in names:
                follows = words[number + 1] if number + 1 < len(words) else Text(())
                found[name] = value if value.segments else follows
    return found


_UPLOAD = {
    "source": ("--source", "--file", "-f", "-s"),
    "share": ("--share-name", "-s"),
    "container": ("--container-name", "-c"),
    "path": ("--path", "-p"),
    "name": ("--name", "-n"),
    "destination": ("--destination", "-d"),
    "below": ("--destination-path",),
}


@dataclass(frozen=True, slots=True)
class _Transfer:
    """One file, or all of a folder, on its way into a container or share."""

    kind: Literal["blob", "file"]
    holder: Text | None
    target: Text
    source: Text

    @property
    def op(self) -> str:
        return f"storage.create_{self.kind}_from_path"

    def arguments(self, where: Where, name: Text | None = None) -> tuple[Setting, ...]:
        """What the call of a storage SDK would be given; with a `name`, for that file of the folder."""
        target, local = self.target, self.source
        if name is not None:
            target = Text.join([self.target, Text.literal("/"), name]) if self.target.segments else name
            start = "" if self.source.known in (".", "./") else "/"
            local = Text.join([self.source.stripped("/"), Text.literal(start), name]) if start else name
        blob = self.kind == "blob"
        found = {
            "container_name" if blob else "share_name": self.holder,
            "blob_name" if blob else "file_name": target,
            "file_path": local,
        }
        return tuple(Setting(key, text, where) for key, text in found.items() if text is not None)

    def file(self, command: Command, where: Where) -> Request:
        """The request for one file."""
        return Request(self.op, where, command.reached, "", arguments=self.arguments(where))

    def folder(self, command: Command, where: Where, below: Below) -> Request:
        """The request for all files of a folder: one round for each that the project has."""
        names = [Text.literal(name) for name in (below(self.source.known) if self.source.known is not None else [])]
        rounds = [self.arguments(where, name) for name in names]
        rounds = rounds or [self.arguments(where, Text((Segment(None, origin="*"),)))]
        return Request(self.op, where, command.reached, "", arguments=rounds[0], rounds=tuple(rounds[1:]))


def _base(source: Text) -> Text:
    return Text.literal(posixpath.basename(source.known)) if source.known else source


def upload(command: Command, where: Where, below: Below) -> Request | None:
    """
    The upload that an `az storage` command makes.

    Both `-s` of `file upload` (the share) and of `upload-batch` (the source) are what the command takes them for.
    """
    words = [word.text for word in command.words]
    names = [word.known or "" for word in words[2:4]]
    batch = names[1:] == ["upload-batch"]
    if names not in (["file", "upload"], ["blob", "upload"], ["file", "upload-batch"], ["blob", "upload-batch"]):
        return None
    spellings = dict(_UPLOAD)
    spellings["source"] = ("--source", "-s") if batch else ("--source",) if names[0] == "file" else ("--file", "-f")
    given = options(words[4:], spellings)
    source = given.get("source")
    if source is None:
        return None
    kind: Literal["blob", "file"] = "blob" if names[0] == "blob" else "file"
    holder = given.get("destination") if batch else given.get("container" if kind == "blob" else "share")
    if batch:
        prefix = given.get("below") or Text(())
        return _Transfer(kind, holder, prefix.stripped("/"), source).folder(command, where, below)
    target = given.get("name") if kind == "blob" else given.get("path")
    if target is None:
        target = _base(source)
    elif kind == "file" and "." not in posixpath.basename(target.known or ""):
        target = Text.join([target.stripped("/"), Text.literal("/"), _base(source)])
    return _Transfer(kind, holder, target, source).file(command, where)


def copied(command: Command, where: Where, below: Below) -> Request | None:
    """
    The upload that `azcopy` makes, in the spellings of its versions 7, 8 and 10.

    Version 10 puts a folder itself into the destination, the others and `sync` put its files there.
    """
    words = [word.text for word in command.words[1:]]
    verb = words[0].known if words else None
    if verb in ("copy", "cp", "sync"):
        ends = [word for word in words[1:] if not word.start.startswith("-")][:2]
    else:
        given = options([_equals(word) for word in words], _ENDS)
        ends = [given[end] for end in ("source", "destination") if end in given]
    made = _address(ends[1]) if len(ends) == 2 else None
    if made is None or "://" in ends[0].start:
        return None
    name = ends[0].known or ""
    inside = name.endswith("/*")
    source = Text.literal(name.removesuffix("/*").rstrip("/")) if name else ends[0]
    there = Text.join([made.target, Text.literal("/"), _base(source)]) if made.target.segments else _base(source)
    if "." in posixpath.basename(name) and not below(name):
        named = "." in posixpath.basename(made.target.known or "")
        return replace(made, target=made.target if named else there, source=source).file(command, where)
    itself = verb in ("copy", "cp") and not inside
    return replace(made, target=there if itself else made.target, source=source).folder(command, where, below)


_ENDS = {"source": ("--source", "/Source"), "destination": ("--destination", "/Dest")}


def _equals(word: Text) -> Text:
    """`/Source:x`, as Windows writes `--source=x`."""
    if not word.start.startswith(("/Source:", "/Dest:")):
        return word
    name, value = word.partition(":")
    return Text.join([name, Text.literal("="), value])


def _address(text: Text) -> _Transfer | None:
    """Where an address of a container or a share, or of something in it, leads."""
    scheme, behind = text.partition("://")
    if scheme.known != "https":
        return None
    host, path = behind.partition("/")
    shown = "".join(segment.text or "" for segment in host.segments)
    kind: Literal["blob", "file"] | None = "blob" if ".blob." in shown else "file" if ".file." in shown else None
    if kind is None:
        return None
    holder, target = path.partition("?")[0].partition("/")
    return _Transfer(kind, holder, target.stripped("/"), Text(()))


def created(command: Command, where: Where) -> Request | None:
    """The container, share or folder that an `az storage` command makes."""
    words = [word.text for word in command.words]
    names = tuple(word.known or "" for word in words[2:4])
    ops = {
        ("container", "create"): ("storage.create_container", "container_name"),
        ("share", "create"): ("storage.create_share", "share_name"),
        ("directory", "create"): ("storage.create_directory", "directory_name"),
    }
    if names not in ops:
        return None
    op, kind = ops[names]
    given = options(words[4:], {"name": ("--name", "-n"), "share": ("--share-name", "-s")})
    found = {kind: given.get("name"), "share_name" if op.endswith("directory") else "": given.get("share")}
    arguments = tuple(Setting(name, text, where) for name, text in found.items() if text is not None and name)
    return Request(op, where, command.reached, "", arguments=arguments)
