"""Azure ML v2, as the YAML of `az ml`: from the model to trees of plain values (azure-ai-ml 1.35 has the schemas)."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Sequence
from typing import TypeAlias

import yaml

from batchai2aml.azureml.model import (
    PLAN_VARIABLE,
    Argument,
    Binding,
    Code,
    Compute,
    Datastore,
    Distribution,
    Job,
    Launcher,
    Mpi,
    ParameterServers,
    Registry,
    TorchProcesses,
)
from batchai2aml.emit import python
from batchai2aml.emit.style import Style
from batchai2aml.emit.v2 import words
from batchai2aml.project.secrets import ADMIN_PASSWORD, REGISTRY_PASSWORD

Tree: TypeAlias = "dict[str, object]"

ADMIN_USER, SSH_KEY = "BATCHAI_ADMIN_USER", "BATCHAI_SSH_PUBLIC_KEY"
"""Environment variables for what a cluster's file does not hold, beside the password."""


def schema(kind: str) -> str:
    """The address of the published schema of a kind of file."""
    return f"https://azuremlschemas.azureedge.net/latest/{kind}.schema.json"


class OnlyAtRun(Exception):
    """An expression that only the run of the program knows."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code} is known only when the program runs")
        self.code = code


def plain(code: Code) -> object:
    """
    The value that an expression writes out.

    Raises:
        OnlyAtRun: it is no literal.

    """
    try:
        found: object = ast.literal_eval(code.text)
    except (ValueError, SyntaxError):
        raise OnlyAtRun(code.text) from None
    return found


def text(code: Code) -> str:
    """
    The value that an expression writes out, as text.

    Raises:
        OnlyAtRun: it is no literal.

    """
    return str(plain(code))


def _count(code: Code) -> int:
    found = plain(code)
    if isinstance(found, int):
        return found
    if isinstance(found, str) and found.isdigit():
        return int(found)
    raise OnlyAtRun(code.text)


def workspace(name: str, resource_group: str | None, location: str | None) -> Tree:
    """A workspace; what comes with it gets its names from the service."""
    found: Tree = {"$schema": schema("workspace"), "name": name}
    if resource_group is not None:
        found["resource_group"] = resource_group
    if location is not None:
        found["location"] = location
    return found


def compute(made: Compute, name: str) -> tuple[Tree, dict[str, str]]:
    """
    A cluster, and what must be given when it is made: keys of the tree, with environment variables.

    Raises:
        OnlyAtRun: a value is no literal.

    """
    found: Tree = {"$schema": schema("amlCompute"), "name": name, "type": "amlcompute"}
    if made.size is not None:
        found["size"] = text(made.size)
    low = text(made.priority).lower().replace("_", "") == "lowpriority"
    found["tier"] = "low_priority" if low else "dedicated"
    found["min_instances"] = _count(made.scale.least)
    if made.scale.most is not None:
        found["max_instances"] = _count(made.scale.most)
    found["idle_time_before_scale_down"] = _count(made.idle)
    given: dict[str, str] = {}
    if made.account is not None:
        account: dict[str, object] = {}
        try:
            account["admin_username"] = text(made.account.name)
        except OnlyAtRun:
            account["admin_username"] = f"${{{ADMIN_USER}}}"
            given["ssh_settings.admin_username"] = ADMIN_USER
        key = made.account.key
        if key is not None and key.text[1:].startswith("ssh-"):
            account["ssh_key_value"] = text(key)
        elif key is not None:
            given["ssh_settings.ssh_key_value"] = SSH_KEY
        if made.account.password is not None:
            given["ssh_settings.admin_password"] = ADMIN_PASSWORD
        found["ssh_public_access_enabled"] = True
        found["ssh_settings"] = account
    if made.network is not None:
        found["network_settings"] = {"subnet": text(made.network.id)}
    if made.tags:
        found["tags"] = {text(name): text(value) for name, value in made.tags}
    return found, given


def datastore(store: Datastore, account: str | None = None) -> Tree:
    """
    A container or share, without its key; `account` is the variable for the account where only the run knows it.

    Raises:
        OnlyAtRun: the name of the container or share is no literal.

    """
    blob = store.kind == "blob"
    found: Tree = {
        "$schema": schema("azureBlob" if blob else "azureFile"),
        "name": store.name,
        "type": "azure_blob" if blob else "azure_file",
        "account_name": text(store.account) if account is None else f"${{{account}}}",
        "container_name" if blob else "file_share_name": text(store.container),
    }
    if store.endpoint:
        found["endpoint"] = store.endpoint
    return found


def environment(name: str, version: str, image: str, conda_file: str | None = None) -> Tree:
    """An image, with the packages of a conda file on top."""
    found: Tree = {"$schema": schema("environment"), "name": name, "version": version, "image": image}
    if conda_file is not None:
        found["conda_file"] = conda_file
    return found


def conda_file(packages: Sequence[str], title: str = "# batchai2aml") -> str:
    """The draft of a conda environment with packages from pip; its first line begins with `title`."""
    tree = {"name": "batchai", "dependencies": ["python=3.10", "pip", *([{"pip": [*packages]}] if packages else [])]}
    said = f"{title}: a draft with the packages that the job is known to need; name the others, and their versions\n"
    text: str = yaml.safe_dump(tree, sort_keys=False)
    return said + text


def connection(made: Registry, name: str) -> Tree:
    """
    A private registry; the SDK asks for a password, so the name of its variable stands there.

    Raises:
        OnlyAtRun: the address or the user is no literal.

    """
    credentials: dict[str, object] = {"type": "username_password"}
    if made.username is not None:
        credentials["username"] = text(made.username)
    if made.password is not None:
        credentials["password"] = f"${{{REGISTRY_PASSWORD}}}"
    return {
        "$schema": schema("workspaceConnection"),
        "name": name,
        "type": "container_registry",
        "target": f"https://{text(made.address)}",
        "credentials": credentials,
    }


Late: TypeAlias = "dict[str, Code]"
"""Values that only the run of a script knows, by the key that a command sets them with."""


def job(made: Job, code: str, environment: str, compute: str, stores: dict[str, str], late: Late | None = None) -> Tree:
    """
    A command job; `code` is its folder as the file sees it, `stores` the names of the datastores that it binds.

    Values that are no literals go into `late`, where that is given.

    Raises:
        OnlyAtRun: a value is no literal, and may not be late.

    """
    found: Tree = {"$schema": schema("commandJob"), "type": "command", "code": code}
    found["command"] = (
        _line(made, late)
        if made.line
        else " ".join(["python", shlex.quote(text(made.entry_script)), *_words(made.arguments, late)])
    )
    for direction in ("input", "output"):
        bound = [binding for binding in made.bindings if binding.direction == direction]
        if bound:
            found[f"{direction}s"] = {binding.id: _binding(binding, stores, late) for binding in bound}
    found["environment"] = environment
    variables = _environment(made, late)
    if variables:
        found["environment_variables"] = variables
    found["compute"] = f"azureml:{compute}"
    resources: dict[str, object] = {}
    try:
        resources["instance_count"] = _count(made.nodes)
    except OnlyAtRun:
        if late is None:
            raise
        resources["instance_count"] = 1
        late["resources.instance_count"] = made.nodes
    if made.shared_memory is not None:
        resources["shm_size"] = text(made.shared_memory)
    found["resources"] = resources
    how = _distribution(made.distribution)
    if how is not None:
        found["distribution"] = how
    found["limits"] = {"timeout": _count(made.limit)}
    return found


def _words(arguments: tuple[Argument, ...], late: Late | None) -> list[str]:
    found: list[str] = []
    for entry in arguments:
        if entry.name.text:
            found.append(_late_word(entry.name, late))
        if isinstance(entry.value, Binding):
            found.append(words.reference(entry.value))
        elif entry.value is not None:
            found.append(_late_word(entry.value, late))
    return [word for word in found if word]


def _line(made: Job, late: Late | None) -> str:
    """A line for a shell."""
    parts = [words.reference(part) if isinstance(part, Binding) else _late_text(part, late) for part in made.line]
    return "".join(parts).strip()


def _late_text(code: Code, late: Late | None) -> str:
    try:
        return text(code)
    except OnlyAtRun:
        if late is None:
            raise
    return _with_variables(code, late)


def _late_word(code: Code, late: Late | None) -> str:
    """A word of the command; what is late in it comes from an environment variable of the job."""
    try:
        return words.word(text(code))
    except OnlyAtRun:
        if late is None:
            raise
    shown = _with_variables(code, late)
    return shown if re.fullmatch(r"[\w$/{}.:=,-]+", shown) else f'"{shown}"'


_PLACE = re.compile(r"\bproperties\.\w+[\w.\[\]]*")


def _refuse_secret(code: Code) -> None:
    """
    A secret is named by its place, and no command knows it.

    Raises:
        OnlyAtRun: the expression is one.

    """
    if _PLACE.search(code.text):
        raise OnlyAtRun("a secret")


def _with_variables(code: Code, late: Late) -> str:
    """A text in which what is late comes from environment variables of the job."""
    _refuse_secret(code)
    shown = ""
    for piece in words.pieces(code):
        if isinstance(piece, Code):
            name = f"BATCHAI_{re.sub(r'[^A-Za-z0-9]+', '_', piece.text).strip('_').upper() or 'VALUE'}"
            number = 1
            while late.setdefault(f"environment_variables.{name}", piece) != piece:
                number += 1
                name = f"{name.rstrip('0123456789')}{number}"
            piece = f"${{{name}}}"
        shown += piece
    return shown


def _binding(made: Binding, stores: dict[str, str], late: Late | None) -> Tree:
    try:
        path = words.under_run(text(made.path)) if made.path is not None else ""
    except OnlyAtRun as error:
        if late is None or made.path is None:
            raise
        raise OnlyAtRun(f"the folder of {made.id}, {error.code},") from None
    mode = "ro_mount" if made.direction == "input" else "rw_mount"
    store = stores.get(made.datastore, made.datastore)
    kind = "uri_file" if made.file else "uri_folder"
    return {"type": kind, "mode": mode, "path": f"{words.address(store)}{path}"}


def _environment(made: Job, late: Late | None) -> dict[str, str]:
    if isinstance(made.environment, Code):
        raise OnlyAtRun(made.environment.text)
    found: dict[str, str] = {}
    for name, value in made.environment:
        try:
            found[text(name)] = text(value)
        except OnlyAtRun:
            if late is None:
                raise
            _refuse_secret(value)
            late[f"environment_variables.{text(name)}"] = value
    if made.launcher is not None:
        found[PLAN_VARIABLE] = json.dumps(launch_plan(made.launcher))
    return found


def launch_plan(launcher: Launcher) -> object:
    """
    What the launcher reads.

    Raises:
        OnlyAtRun: a value is no literal.

    """
    return plain(Code(python.plan(launcher, "launch", "", Style()).partition(" = ")[2]))


def _distribution(how: Distribution | None) -> Tree | None:
    match how:
        case ParameterServers(workers, servers):
            counts = {"worker_count": _count(workers), "parameter_server_count": _count(servers)}
            return {"type": "tensorflow", **counts}
        case Mpi(per_node):
            return {"type": "mpi", "process_count_per_instance": _count(per_node)}
        case TorchProcesses(_, nodes, total):
            each = 1 if total is None else max(1, -(-_count(total) // max(1, _count(nodes))))
            return {"type": "pytorch", "process_count_per_instance": each}
    return None
