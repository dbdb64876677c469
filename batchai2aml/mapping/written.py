"""What becomes of how a request is written: options, strange keys of documents, and what was noticed."""

from __future__ import annotations

import re

from batchai2aml.batchai.model import Field, FlagUse, Notice, NoticeKind, Operation
from batchai2aml.batchai.schema import keys
from batchai2aml.mapping.fields import row_for
from batchai2aml.mapping.types import Row, Verdict, row
from batchai2aml.rules import RULES, Disposition

_NAME = row("exact", "BAI701", "name", "name")
_PLACE = row("exact", "BAI140", "Workspace", "MLClient")
_SCALE = row("exact", "BAI101", "min_nodes=, max_nodes=", "min_instances=, max_instances=")
_STORE = row("exact", "BAI301", "Datastore", "Datastore")
_SSH = row("manual", "BAI705")
_FILES = row("changed", "BAI704", "run.get_file_names()", "jobs.download()")
_NO_USE = row("dropped", "BAI709")

FLAGS: dict[str, Row] = {
    "name": _NAME,
    "resource_group": _PLACE,
    "workspace": _PLACE,
    "experiment": row("exact", "BAI143", "Experiment(ws, name=)", "experiment_name="),
    "location": row("exact", "BAI131", "location=", "location="),
    "subscription": _PLACE,
    "body": row("exact", "BAI701", "the fields of the file", "the fields of the file"),
    "cluster": row("exact", "BAI201", "compute_target=", "compute="),
    "cluster_group": row("dropped", "BAI201"),
    "target": _SCALE,
    "min": _SCALE,
    "max": _SCALE,
    "image": row("dropped", "BAI114"),
    "custom_image": row("manual", "BAI115"),
    "setup_task": row("manual", "BAI116"),
    "setup_output": row("dropped", "BAI118"),
    "generate_ssh_keys": row("changed", "BAI122"),
    "auto_storage": row("changed", "BAI317", "Datastore", "Datastore"),
    "account": _STORE,
    "key": row("changed", "BAI302", "account_key=", "account_key"),
    "share": _STORE,
    "share_path": _STORE,
    "container": _STORE,
    "container_path": _STORE,
    "server": row("manual", "BAI307"),
    "server_path": row("manual", "BAI307"),
    "server_group": row("manual", "BAI307"),
    "outputdirectoryid": _FILES,
    "directory": _FILES,
    "file_name": row("changed", "BAI721", "run.wait_for_completion(show_output=True)", "jobs.stream()"),
    "linkexpiryinminutes": row("dropped", "BAI704"),
    "interval": _NO_USE,
    "exec": _SSH,
    "node": _SSH,
    "ports": _SSH,
    "ssh_password": row("manual", "BAI705 BAI606"),
    "private_key": row("manual", "BAI705 BAI609"),
    "yes": _NO_USE,
    "no_wait": row("dropped", "BAI702"),
    "talk": _NO_USE,
    "output": _NO_USE,
    "query": row("changed", "BAI703"),
    "ids": row("manual", "BAI703"),
}
"""What becomes of an option, by what it is about; those that are fields have the fields' rows."""

_NOTICES: dict[NoticeKind, tuple[Disposition, str]] = {
    "abbreviated": ("exact", "BAI807"),
    "contradiction": ("manual", "BAI811"),
    "duplicate": ("changed", "BAI815"),
    "missing file": ("manual", "BAI809"),
    "no value": ("manual", "BAI811"),
    "old command line": ("changed", "BAI808"),
    "open variable": ("changed", "BAI810"),
    "overridden": ("exact", "BAI812"),
    "repaired": ("changed", "BAI804"),
    "rewritten": ("manual", "BAI802"),
    "template expression": ("changed", "BAI805"),
    "text for a number": ("exact", "BAI418"),
    "unknown command": ("manual", "BAI806"),
    "unknown flag": ("manual", "BAI806"),
}


def flag_row(operation: Operation, flag: FlagUse) -> Row | None:
    """The row of an option."""
    return FLAGS.get(flag.to) or row_for(operation.op, flag.to)


_STRANGE = row("manual", "BAI803")


def key_row(key: Field) -> Row:
    """The row of a key that no schema knows."""
    name, first = key.path.rsplit(".", 1)[-1], re.split(r"[.\[]", key.path)[0]
    if first in ("copy", "condition"):
        return row("manual", "BAI805")
    if name in keys.AROUND or first == "dependsOn":
        return row("dropped", "BAI701")
    return row("dropped", "BAI902") if name in keys.OF_ANSWERS else _STRANGE


def meant(operation: Operation, key: Field) -> Verdict | None:
    """The field that a strange key was meant for."""
    if key_row(key) is not _STRANGE:
        return None
    near = keys.nearest(operation.op, key.path)
    detail = f"{key.path}; {near.rsplit('.', 1)[-1]} was meant?" if near else key.path
    return Verdict("manual", "BAI803", detail, "error")


def noticed(notice: Notice) -> Verdict:
    """What a notice says in the ledger."""
    disposition, rule = _NOTICES[notice.kind]
    return Verdict(disposition, rule, notice.detail, "error" if disposition == "manual" else RULES[rule].severity)
