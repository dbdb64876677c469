"""Commands of the Azure command line that speak of Batch AI, as requests."""

from __future__ import annotations

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
from batchai2aml.readers.shell.storage import options
from batchai2aml.text import Text

BODIES = {op: model for model, op in ROOTS.items()}
_ARGUMENTS = ("location", "outputdirectoryid", "directory", "linkexpiryinminutes", "file_name", "exec", "query")
"""What a command is given beside a body and names."""


@dataclass(frozen=True, slots=True)
class Found:
    """
    A document that a command names: its text as JSON, and the place of its first line.

    `writer` is a program that has written the file since, and how is not known.
    """

    document: Document
    where: Where
    writer: str = ""


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
        if found.writer:
            detail = f"{given.known or found.where.path} is written by {found.writer}; what that changes is not seen"
            notices.append(Notice("rewritten", where, detail))
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
        if op.startswith("workspaces."):
            given["workspace"] = None
        elif parsed.old:
            given["workspace"] = parsed.value("workspace")
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


def subscription(words: list[Text]) -> Text | None:
    """What `az account set` chooses."""
    return options(words, {"it": ("--subscription", "-s", "--name", "-n")}).get("it")
