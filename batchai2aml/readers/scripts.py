"""Scripts and documents of a project: command lines and JSON files, as requests in the order of the files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from batchai2aml.batchai import calls, schema
from batchai2aml.batchai.model import Operation
from batchai2aml.batchai.request import Request
from batchai2aml.place import Failure, Where
from batchai2aml.project import secrets
from batchai2aml.project.lookup import Lookup
from batchai2aml.project.text import TextFile, Unreadable
from batchai2aml.readers.documents.files import JsonFile, model_of, read_file, request_of
from batchai2aml.readers.documents.tree import BrokenJson
from batchai2aml.readers.shell.azure import Found
from batchai2aml.readers.shell.dialects import BY_SUFFIX, SH
from batchai2aml.readers.shell.fields import SECRET
from batchai2aml.readers.shell.program import CommandRecord, Part, Script, parts_of, read_script
from batchai2aml.text import Text


@dataclass(frozen=True, slots=True)
class Programmed:
    """Command lines with the variables of the program around them."""

    parts: list[Part]
    variables: Mapping[str, Text] = field(default_factory=dict)


_CLUSTER = re.compile(r'"(?:scaleSettings|nodeSetup|vmPriority|virtualMachineConfiguration)"')
"""What tells a broken cluster file from a broken job file."""


@dataclass(eq=False)
class Scripts:
    """
    What the scripts and documents of a project say; `operations[i]` is the public form of `requests[i]`.

    `documents` are the JSON files, `sources` the files as they were read; `finished` are documents that a script of
    an earlier conversion was made from, `unsent` the documents that programs write and no command sends.
    """

    scripts: list[Script] = field(default_factory=list)
    documents: dict[str, JsonFile] = field(default_factory=dict)
    sources: dict[str, TextFile] = field(default_factory=dict)
    broken: list[tuple[str, str, Unreadable]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    finished: frozenset[str] = frozenset()
    failures: list[Failure] = field(default_factory=list)
    unsent: list[Request] = field(default_factory=list)

    @property
    def records(self) -> Iterator[tuple[Script, CommandRecord]]:
        """Every command, with its script."""
        return ((script, record) for script in self.scripts for record in script.records)

    @property
    def accounts(self) -> frozenset[str]:
        """The storage accounts that commands and documents name."""
        return frozenset(
            setting.written.known
            for request in self.requests
            for setting in request.settings
            if setting.path.endswith(".accountName") and isinstance(setting.written, Text) and setting.written.known
        )

    @property
    def used(self) -> set[str]:
        """The documents that a command sends."""
        return {path for script in self.scripts if script.drives for path in script.documents}


def read_scripts(
    found: Iterable[TextFile],
    programs: Mapping[str, Programmed],
    written: Sequence[tuple[Text, Found]],
    files: Lookup,
    first: int,
    finished: frozenset[str],
) -> Scripts:
    """
    Read these files; `programs` are the commands in programs and notebooks, `written` the documents that they write.

    `first` is the number of the first operation; `finished` are documents that need no script any more.
    """
    result = Scripts(finished=finished)
    json_files: list[TextFile] = []
    for file in found:
        result.sources[file.path] = file
        if file.kind == "json":
            json_files.append(file)
            continue
        if file.kind == "other":
            continue
        suffix = "." + file.path.rsplit(".", 1)[-1].lower()
        dialect = BY_SUFFIX.get(suffix, ("", SH))[1]
        parts = parts_of(file.path, file.kind, file.decoded.text, dialect)
        _read(result, file.path, file.kind, Programmed(parts), written, files)
    for path, found_there in programs.items():
        _read(result, path, "notebook" if path.endswith(".ipynb") else "python", found_there, written, files)
    understood = {path for script in result.scripts for path in script.documents}
    for file in json_files:
        try:
            document = read_file(file.path, file.decoded.text)
        except BrokenJson as error:
            if file.path in understood:
                continue
            kind = "cluster_json" if _CLUSTER.search(file.decoded.text) else "job_json"
            result.broken.append((file.path, kind, Unreadable(error.message, error.line, error.column)))
            continue
        except Exception as error:  # a defect of ours must not stop the other files
            result.failures.append(Failure(Where(file.path), f"{type(error).__name__} while reading"))
            continue
        if document is not None:
            result.documents[file.path] = document
    result.unsent = list(_unsent(result, written))
    _collect(result, first)
    return result


def _read(
    result: Scripts, path: str, kind: str, given: Programmed, written: Sequence[tuple[Text, Found]], files: Lookup
) -> None:
    """Read a script; one that has nothing to do with Batch AI is not ours to speak of, whatever it stores."""
    try:
        script = read_script(path, kind, given.parts, files, given.variables, written)
    except Exception as error:  # a defect of ours must not stop the other files
        result.failures.append(Failure(Where(path), f"{type(error).__name__} while reading"))
        return
    if script.drives:
        result.scripts.append(script)


def _unsent(result: Scripts, written: Sequence[tuple[Text, Found]]) -> Iterator[Request]:
    """The documents that programs write and no command sends."""
    sent = {where for script in result.scripts for where in script.sent}
    for _, found in written:
        model = model_of(found.document.root)
        if model is not None and found.where not in sent and found.where.path not in result.finished:
            yield request_of(found.document, model, found.where)


def _collect(result: Scripts, first: int) -> None:
    """All requests: of the commands, and of the documents that no command sends."""
    result.requests = [record.request for _, record in result.records]
    for path, document in result.documents.items():
        if path not in result.used and path not in result.finished:
            result.requests += document.requests
    result.requests += result.unsent
    result.operations = [request.operation(first + n, _resource(request)) for n, request in enumerate(result.requests)]


def _resource(request: Request) -> str:
    return calls.RESOURCE.get(request.op.split(".")[0], "workspace")


def secret_values(result: Scripts) -> Iterator[tuple[str, str]]:
    """Every secret that a script or document writes out, with the environment variable that takes its place."""
    accounts = result.accounts
    for request in result.requests:
        by_path = {setting.path: setting.written for setting in request.settings}
        for setting in request.settings:
            if not isinstance(setting.written, Text):
                continue
            if not schema.is_secret(setting.path):
                shown = "".join(segment.text or " " for segment in setting.written.segments)
                yield from secrets.spotted(shown, named=True)
                if setting.path.endswith("mountCommand"):
                    yield from secrets.mounted(shown)
                continue
            if not setting.written.known:
                continue
            key = setting.path.rsplit(".", 1)[-1]
            name = secrets.BY_KEY.get(key, secrets.OTHER)
            if key == "accountKey":
                account = by_path.get(setting.path.replace("credentials.accountKey", "accountName"))
                known = account.known if isinstance(account, Text) else None
                name = secrets.storage_key(known, accounts)
            yield setting.written.known, name
    for _, record in result.records:
        for option in record.parsed.options if record.parsed is not None else ():
            if option.value is not None and option.value.known and option.flag.to in SECRET:
                yield option.value.known, secrets.STORAGE_KEY if option.flag.to == "key" else secrets.ADMIN_PASSWORD
    for file in result.sources.values():
        yield from secrets.spotted(file.decoded.text, named=file.kind not in ("json", "markdown", "other"))
