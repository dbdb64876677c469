"""
Every command and option of `az batchai`, as one table.

A test holds it against azure-cli-batchai 0.1.6, 0.2.2, 0.3.1 and 0.4.10.
"""

from __future__ import annotations

from batchai2aml.batchai.cli.types import (
    ALL,
    ONLY_0_1,
    ONLY_0_2,
    SINCE_0_2,
    SINCE_0_3,
    UNTIL_0_2,
    Command,
    Flag,
    flag,
)

GLOBAL = (
    flag("--debug", "talk", takes=0),
    flag("--verbose", "talk", takes=0),
    flag("--only-show-errors", "talk", takes=0),
    flag("--help -h", "talk", takes=0),
    flag("--output -o", "output"),
    flag("--query", "query"),
    flag("--subscription", "subscription"),
    flag("--ids", "ids"),
)
"""Options that `az` itself gives every command."""

_GROUP = flag("--resource-group -g", "resource_group")
_SPACE = flag("--workspace -w", "workspace", SINCE_0_3)
_LOCATION = flag("--location -l", "location", UNTIL_0_2)
_NAME = flag("--name -n", "name")
_EXPERIMENT = flag("--experiment -e", "experiment", SINCE_0_3)
_NO_WAIT = flag("--no-wait", "no_wait", takes=0)
_YES = flag("--yes -y", "yes", takes=0)
_IN = (_GROUP, _SPACE)
_FILE = (
    flag("--config-file -f", "body", SINCE_0_3),
    flag("--config -c", "body", UNTIL_0_2),
)
_ACCOUNT = (
    flag("--ssh-key -k", "properties.userAccountSettings.adminUserSshPublicKey"),
    flag("--password -p", "properties.userAccountSettings.adminUserPassword"),
    flag("--generate-ssh-keys", "generate_ssh_keys", SINCE_0_2, takes=0),
)
_STORAGE = (
    flag("--storage-account-name", "account"),
    flag("--storage-account-key", "key"),
    flag("--afs-name", "share"),
    flag("--afs-mount-path", "share_path"),
)
_CONTAINER = (
    flag("--bfs-name", "container", SINCE_0_2),
    flag("--bfs-mount-path", "container_path", SINCE_0_2),
)
_NFS = (flag("--nfs-mount-path", "server_path"), flag("--nfs-resource-group", "server_group", UNTIL_0_2))
_OUTPUT_FILES = (
    flag("--output-directory-id -d", "outputdirectoryid"),
    flag("--path -p", "directory", SINCE_0_2),
)
_EXEC = (
    flag("--exec", "exec"),
    flag("--node-id -n", "node"),
    flag("--address -L", "ports"),
    flag("--password -p", "ssh_password"),
    flag("--ssh-private-key -k", "private_key"),
)
_SCALE = (flag("--min", "min"), flag("--max", "max"))


def _plain(words: str, op: str, *more: Flag, generations: frozenset[str] = ALL) -> Command:
    return Command(words, op, (*_IN, *more), generations)


def _workspace(words: str, op: str, *more: Flag) -> Command:
    named = flag("--workspace --name -n -w", "name", SINCE_0_3)
    return Command(words, op, (_GROUP, named, *more), SINCE_0_3)


_CLUSTER = (
    Command(
        "cluster create",
        "clusters.create",
        (
            *_IN,
            _NAME,
            flag("--location -l", "location", UNTIL_0_2),
            *_FILE,
            flag("--setup-task", "setup_task", SINCE_0_2),
            flag("--setup-task-output", "setup_output", SINCE_0_2),
            flag("--subnet", "properties.subnet.id", SINCE_0_2),
            flag("--user-name -u", "properties.userAccountSettings.adminUserName"),
            *_ACCOUNT,
            flag("--use-auto-storage", "auto_storage", SINCE_0_2, takes=0),
            flag("--image -i", "image"),
            flag("--custom-image", "custom_image", SINCE_0_2),
            flag("--vm-size -s", "properties.vmSize"),
            flag("--target -t", "target", SINCE_0_2),
            *_SCALE,
            flag("--vm-priority", "properties.vmPriority", SINCE_0_2),
            flag("--nfs", "server"),
            flag("--nfs-name", "server", ONLY_0_2),
            *_NFS,
            *_STORAGE,
            *_CONTAINER,
            flag("--container-name", "container", UNTIL_0_2),
            flag("--container-mount-path", "container_path", UNTIL_0_2),
            flag("--no-wait", "no_wait", ONLY_0_1, takes=0),
        ),
    ),
    _plain("cluster delete", "clusters.delete", _NAME, _YES, _NO_WAIT),
    _plain("cluster show", "clusters.get", _NAME),
    _plain("cluster list", "clusters.list_by_workspace"),
    _plain("cluster resize", "clusters.update", _NAME, flag("--target -t", "target")),
    _plain("cluster auto-scale", "clusters.update", _NAME, *_SCALE),
    _plain("cluster list-nodes", "clusters.list_remote_login_information", _NAME, generations=UNTIL_0_2),
    _plain(
        "cluster node list",
        "clusters.list_remote_login_information",
        flag("--cluster -c", "name"),
        generations=SINCE_0_3,
    ),
    _plain("cluster node exec", "clusters.exec", flag("--cluster -c", "name"), *_EXEC, generations=SINCE_0_3),
    _plain(
        "cluster list-files",
        "clusters.list_files",
        _NAME,
        flag("--path -p", "directory"),
        flag("--expiry -e", "linkexpiryinminutes"),
        generations=ONLY_0_2,
    ),
    _plain(
        "cluster file list",
        "clusters.list_files",
        flag("--cluster -c", "name"),
        flag("--path -p", "directory"),
        flag("--expiry", "linkexpiryinminutes"),
        generations=SINCE_0_3,
    ),
)

_JOB = (
    Command(
        "job create",
        "jobs.create",
        (
            *_IN,
            _EXPERIMENT,
            _NAME,
            _LOCATION,
            *_FILE,
            flag("--cluster -c", "cluster", SINCE_0_3),
            flag("--cluster-name -r", "cluster", UNTIL_0_2),
            flag("--cluster-resource-group", "cluster_group", UNTIL_0_2),
            *(Flag(row.names, row.to, SINCE_0_2) for row in _STORAGE),
            *_CONTAINER,
            flag("--nfs", "server", SINCE_0_3),
            flag("--nfs-name", "server", ONLY_0_2),
            flag("--nfs-mount-path", "server_path", SINCE_0_2),
            flag("--nfs-resource-group", "server_group", ONLY_0_2),
            flag("--no-wait", "no_wait", ONLY_0_1, takes=0),
        ),
    ),
    _plain("job delete", "jobs.delete", _EXPERIMENT, _NAME, _YES, _NO_WAIT),
    _plain("job terminate", "jobs.terminate", _EXPERIMENT, _NAME, _YES, _NO_WAIT),
    _plain("job show", "jobs.get", _EXPERIMENT, _NAME),
    _plain("job list", "jobs.list_by_experiment", _EXPERIMENT),
    _plain("job wait", "jobs.wait", _EXPERIMENT, _NAME, flag("--interval", "interval"), generations=SINCE_0_2),
    _plain("job list-nodes", "jobs.list_remote_login_information", _NAME, generations=UNTIL_0_2),
    _plain(
        "job node list",
        "jobs.list_remote_login_information",
        _EXPERIMENT,
        flag("--job -j", "name"),
        *_OUTPUT_FILES,
        generations=SINCE_0_3,
    ),
    _plain(
        "job node exec",
        "jobs.exec",
        _EXPERIMENT,
        flag("--job -j", "name"),
        *_EXEC,
        generations=SINCE_0_3,
    ),
    _plain("job list-files", "jobs.list_output_files", _NAME, *_OUTPUT_FILES, generations=ONLY_0_1),
    _plain(
        "job file list",
        "jobs.list_output_files",
        _EXPERIMENT,
        flag("--job -j", "name", SINCE_0_3),
        flag("--name -n", "name", ONLY_0_2),
        *_OUTPUT_FILES,
        flag("--expiry", "linkexpiryinminutes"),
        flag("-e", "linkexpiryinminutes", ONLY_0_2),
        generations=SINCE_0_2,
    ),
    _plain(
        "job stream-file",
        "jobs.stream_file",
        flag("--job-name -j", "name"),
        flag("--name -n", "file_name"),
        *_OUTPUT_FILES,
        generations=ONLY_0_1,
    ),
    _plain(
        "job file stream",
        "jobs.stream_file",
        _EXPERIMENT,
        flag("--job -j", "name", SINCE_0_3),
        flag("--name -n", "name", ONLY_0_2),
        flag("--file-name -f", "file_name"),
        *_OUTPUT_FILES,
        generations=SINCE_0_2,
    ),
)

_SERVER = (
    Command(
        "file-server create",
        "file_servers.create",
        (
            *_IN,
            _NAME,
            _LOCATION,
            *_FILE,
            flag("--vm-size -s", "properties.vmSize"),
            flag("--disk-count", "properties.dataDisks.diskCount"),
            flag("--disk-size", "properties.dataDisks.diskSizeInGB"),
            flag("--caching-type", "properties.dataDisks.cachingType", SINCE_0_2),
            flag("--storage-sku", "properties.dataDisks.storageAccountType"),
            flag("--user-name -u", "properties.sshConfiguration.userAccountSettings.adminUserName", SINCE_0_2),
            flag("--admin-user-name -u", "properties.sshConfiguration.userAccountSettings.adminUserName", ONLY_0_1),
            flag("--ssh-key -k", "properties.sshConfiguration.userAccountSettings.adminUserSshPublicKey"),
            flag("--password -p", "properties.sshConfiguration.userAccountSettings.adminUserPassword"),
            flag("--generate-ssh-keys", "generate_ssh_keys", SINCE_0_2, takes=0),
            flag("--subnet", "properties.subnet.id", SINCE_0_2),
            _NO_WAIT,
        ),
    ),
    _plain("file-server delete", "file_servers.delete", _NAME, _YES, _NO_WAIT),
    _plain("file-server show", "file_servers.get", _NAME),
    _plain("file-server list", "file_servers.list_by_workspace"),
)

_REST = (
    _workspace("workspace create", "workspaces.create", flag("--location -l", "location", SINCE_0_3)),
    _workspace("workspace show", "workspaces.get"),
    _workspace("workspace delete", "workspaces.delete", _YES, _NO_WAIT),
    Command("workspace list", "workspaces.list", (_GROUP,), SINCE_0_3),
    _plain("experiment create", "experiments.create", _NAME, generations=SINCE_0_3),
    _plain("experiment show", "experiments.get", _NAME, generations=SINCE_0_3),
    _plain("experiment list", "experiments.list_by_workspace", generations=SINCE_0_3),
    _plain("experiment delete", "experiments.delete", _NAME, _YES, _NO_WAIT, generations=SINCE_0_3),
    Command("list-usages", "usages.list", (flag("--location -l", "location"),), SINCE_0_2),
)

COMMANDS: dict[str, Command] = {row.words: row for row in (*_CLUSTER, *_JOB, *_SERVER, *_REST)}
"""Every command by its words behind `az batchai`."""
