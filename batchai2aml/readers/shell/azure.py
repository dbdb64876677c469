"""Commands of the Azure command line that speak of Batch AI, or move the files that its jobs use, as requests."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from batchai2aml.batchai.cli.parse import Parsed, parse
from batchai2aml.batchai.model import Notice
from batchai2aml.batchai.request import Request, Scope, Setting
from batchai2aml.batchai.schema import ROOTS
from batchai2aml.place import Where
from batchai2aml.readers.documents.body import ACCOUNT, Body, read
from batchai2aml.readers.documents.files import repairs, version_of
from batchai2aml.readers.documents.tree import BrokenJson, Document
from batchai2aml.readers.shell.commands import Command
from batchai2aml.readers.shell.fields import Fields, flags_of
from batchai2aml.text import Segment, Text

BODIES = {op: model for model, op in ROOTS.items()}
_ARGUMENTS = ("location", "outputdirectoryid", "directory", "linkexpiryinminutes", "file_name", "exec", "query")
"""What a command is given beside a body and names."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document that a command names: its text as JSON, and the place of its first line."""

    document: Document
    where: Where


@dataclass(eq=False)
class Session:
    """
    What the commands of one script share.

    `load` finds the document behind the name of a configuration file: None when there is none.
    """

    load: Callable[[Text, str], Found | BrokenJson | None]
    variables: dict[str, Text]
    defaults: dict[str, Text] = field(default_factory=dict)

    def configure(self, words: list[Text]) -> None:
        """`az configure --defaults group=... location=...`."""
        for word in words:
            name, value = word.partition("=")
            if "=" in word.start and value.segments:
                self.defaults[name.known or ""] = value

    def request(self, command: Command, where: Where) -> tuple[Request, Parsed]:
        """The request that a command `az batchai ...` sends."""
        parsed = parse([word.text for word in command.words[2:]])
        notices = [Notice(kind, where, spelled) for spelled, kind in parsed.strange]
        op = parsed.command.op if parsed.command is not None else "unknown"
        if parsed.old:
            notices.append(
                Notice("old command line", where, f"az batchai {parsed.command.words if parsed.command else ''}")
            )
        body, version = self._body(parsed, op, command.folder, notices, where)
        account = self.variables.get(ACCOUNT)
        fields = Fields(op, parsed, where, list(body.settings) if body is not None else [], account)
        settings = fields.collect() if op in BODIES else ()
        names = dict(self._names(op, parsed, where))
        if op == "jobs.create":
            settings = _with_cluster(settings, parsed, where)
        return (
            Request(
                op,
                where,
                command.reached,
                "2017-09-01-preview" if parsed.old else version,
                names=names,
                settings=settings,
                arguments=tuple(self._arguments(op, parsed, where)),
                flags=tuple(flags_of(parsed, where)),
                keys=tuple(body.keys) if body is not None else (),
                notices=(*notices, *(body.notices if body is not None else ()), *fields.notices),
            ),
            parsed,
        )

    def _body(
        self, parsed: Parsed, op: str, folder: str, notices: list[Notice], where: Where
    ) -> tuple[Body | None, str]:
        """The document behind `--config-file`, and the API version it was written for."""
        given = parsed.value("body")
        model = BODIES.get(op)
        if given is None or model is None:
            return None, "2018-05-01"
        found = self.load(given, folder)
        if found is None:
            shown = given.known or "".join(segment.text or segment.code or "" for segment in given.segments)
            notices.append(Notice("missing file", where, shown))
            return None, "2018-05-01"
        if isinstance(found, BrokenJson):
            notices.append(Notice("missing file", where, f"{given.known}: {found.message}"))
            return None, "2018-05-01"
        body = read(found.document.root, model, found.where)
        notices += repairs(found.document, found.where)
        return body, version_of(found.document.root, body)

    def _names(self, op: str, parsed: Parsed, where: Where) -> Iterator[tuple[Scope, Setting]]:
        group = self.defaults.get("group") or self.defaults.get("default_workspace_resource_group")
        given: dict[Scope, Text | None] = {
            "resource_group": parsed.value("resource_group") or group,
            "workspace": parsed.value("workspace") or self.defaults.get("default_workspace_name"),
            "experiment": parsed.value("experiment"),
            "name": parsed.value("name"),
        }
        if op.startswith("workspaces.") or parsed.old:
            given["workspace"] = None
        if op == "usages.list":
            given["resource_group"] = None
        for scope, text in given.items():
            if text is not None:
                yield scope, Setting(scope, text, where)

    def _arguments(self, op: str, parsed: Parsed, where: Where) -> Iterator[Setting]:
        for name in _ARGUMENTS:
            value = parsed.value(name)
            if value is None and name == "location" and op == "workspaces.create":
                value = self.defaults.get("location")
            if value is not None and not (name == "location" and op in BODIES and op != "workspaces.create"):
                yield Setting(name, value, where)


def _with_cluster(settings: tuple[Setting, ...], parsed: Parsed, where: Where) -> tuple[Setting, ...]:
    """The cluster that an option names stands over the one of the file."""
    given = parsed.value("cluster")
    if given is None:
        return settings
    path = "properties.cluster.id"
    return (Setting(path, given, where), *(found for found in settings if found.path != path))


def _options(words: list[Text], spellings: dict[str, tuple[str, ...]]) -> dict[str, Text]:
    """The values of the options that matter, by a name of ours."""
    found: dict[str, Text] = {}
    for number, word in enumerate(words):
        spelled, value = word.partition("=") if "=" in word.start else (word, Text(()))
        for name, names in spellings.items():
            if (spelled.known or "") in names:
                follows = words[number + 1] if number + 1 < len(words) else Text(())
                found[name] = value if value.segments else follows
    return found


def subscription(words: list[Text]) -> Text | None:
    """What `az account set` chooses."""
    return _options(words, {"it": ("--subscription", "-s", "--name", "-n")}).get("it")


_UPLOAD = {
    "source": ("--source", "--file", "-f", "-s"),
    "share": ("--share-name", "-s"),
    "container": ("--container-name", "-c"),
    "path": ("--path", "-p"),
    "name": ("--name", "-n"),
    "destination": ("--destination", "-d"),
    "below": ("--destination-path",),
}


def upload(command: Command, where: Where, below: Callable[[str], list[str]]) -> Request | None:
    """
    The upload that an `az storage` command makes; `below` lists the files in a folder.

    Both `-s` of `file upload` (the share) and of `upload-batch` (the source) are what the command takes them for.
    """
    words = [word.text for word in command.words]
    names = [word.known or "" for word in words[2:4]]
    batch = names[1:] == ["upload-batch"]
    if names not in (["file", "upload"], ["blob", "upload"], ["file", "upload-batch"], ["blob", "upload-batch"]):
        return None
    spellings = dict(_UPLOAD)
    spellings["source"] = ("--source", "-s") if batch else ("--source",) if names[0] == "file" else ("--file", "-f")
    given = _options(words[4:], spellings)
    source = given.get("source")
    if source is None:
        return None
    blob = names[0] == "blob"
    holder = given.get("destination") if batch else given.get("container" if blob else "share")
    op = f"storage.create_{names[0]}_from_path"
    kind = "container_name" if blob else "share_name"

    def one(target: Text, local: Text) -> tuple[Setting, ...]:
        found = {kind: holder, "blob_name" if blob else "file_name": target, "file_path": local}
        return tuple(Setting(name, text, where) for name, text in found.items() if text is not None)

    if not batch:
        target = given.get("name") if blob else given.get("path")
        base = Text.literal(posixpath.basename(source.known or "")) if source.known else source
        if target is None:
            target = base
        elif not blob and "." not in posixpath.basename(target.known or ""):
            target = Text.join([target.stripped("/"), Text.literal("/"), base])
        return Request(op, where, command.reached, "", arguments=one(target, source))
    prefix = given.get("below")
    start = [prefix.stripped("/"), Text.literal("/")] if prefix is not None else []
    rounds = [
        one(
            Text.join([*start, Text.literal(name)]),
            Text.literal(posixpath.normpath(posixpath.join(source.known or ".", name))),
        )
        for name in (below(source.known) if source.known is not None else [])
    ]
    whole = one(
        Text.join([*start, Text((Segment(None, origin="*"),))]),
        Text.join([source, Text.literal("/"), Text((Segment(None, origin="*"),))]),
    )
    return Request(op, where, command.reached, "", arguments=rounds[0] if rounds else whole, rounds=tuple(rounds[1:]))


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
    given = _options(words[4:], {"name": ("--name", "-n"), "share": ("--share-name", "-s")})
    found = {kind: given.get("name"), "share_name" if op.endswith("directory") else "": given.get("share")}
    arguments = tuple(Setting(name, text, where) for name, text in found.items() if text is not None and name)
    return Request(op, where, command.reached, "", arguments=arguments)
