"""Mounts and directories: options, modes, paths."""

from __future__ import annotations

import re
from collections.abc import Iterator

from batchai2aml.batchai import paths
from batchai2aml.batchai.model import Field, Operation
from batchai2aml.mapping.facts import Check, Facts
from batchai2aml.mapping.types import Verdict
from batchai2aml.values import Literal, Parts


def file_mode(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if isinstance(field.value, Literal) and field.value.value not in ("0777", "777", None):
        yield Verdict("manual", "BAI304", str(field.value.value), "error")


_TUNING = re.compile(
    r"--use-https(=\w+)?|-o|--tmp-path=\S+|--container-name=\S+|--log-level=\S+|--cache-size-mb=\d+|rw|"
    r"(big_writes|max_read=\d+|max_write=\d+|kernel_cache|attr_timeout=\d+|entry_timeout=\d+|negative_timeout=\d+|"
    r"allow_other)(,\S+)?"
)


def mount_options(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if not isinstance(field.value, Literal) or field.value.value is None:
        return
    other = [word for word in str(field.value.value).split() if not _TUNING.fullmatch(word)]
    if other:
        yield Verdict("manual", "BAI306", " ".join(other), "error")


def endpoint(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    known = "".join(p for p in field.value.parts if isinstance(p, str)) if isinstance(field.value, Parts) else ""
    text = str(field.value.value) if isinstance(field.value, Literal) else known
    if ".file." in text and ".file.core.windows.net" not in text:
        yield Verdict("changed", "BAI319", text)


def input_path(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    known = str(field.value.value) if isinstance(field.value, Literal) else ""
    if paths.names_file(known):
        yield Verdict("exact", "BAI223", known, "info")
    yield from unusual_path(field, operation, facts)


def unusual_path(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    known = str(field.value.value) if isinstance(field.value, Literal) else ""
    depth = 0
    for part in re.sub(r"^\$\{?\w+\}?/*", "", known).split("/"):
        depth += -1 if part == ".." else 0 if part in ("", ".") else 1
        if depth < 0:
            break
    if depth < 0 or "\\" in known:
        yield Verdict("manual", "BAI327", known, "error")


def create_new(field: Field, operation: Operation, facts: Facts) -> Iterator[Verdict]:
    if field.value == Literal(False):
        yield Verdict("changed", "BAI220", "the directory had to exist; Azure ML creates it", "warning")


CHECKS: dict[str, Check] = {
    "inputDirectories[].path": input_path,
    "pathPrefix": unusual_path,
    "pythonScriptFilePath": unusual_path,
    "configFilePath": unusual_path,
    "createNew": create_new,
    "fileMode": file_mode,
    "directoryMode": file_mode,
    "mountOptions": mount_options,
    "azureFileUrl": endpoint,
}
