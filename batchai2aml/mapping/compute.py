"""Clusters, as AmlCompute (MAPPING 2.1 and part 7)."""

from __future__ import annotations

import re

from batchai2aml.azureml.model import Code, Compute
from batchai2aml.mapping.body import Body, Given
from batchai2aml.mapping.printing import Printer
from batchai2aml.project.secrets import ADMIN_PASSWORD

SUBNET = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/([^/]+)/providers/Microsoft\.Network/virtualNetworks/([^/]+)/subnets/([^/]+)$",
    re.IGNORECASE,
)
"""The ARM id of a subnet: its resource group, its network and its name."""


def compute(body: Body, largest_job: int | None, printer: Printer) -> Compute:
    """
    The keyword arguments of `AmlCompute.provisioning_configuration`.

    `largest_job` is the largest node count of the jobs on the cluster, which a target of 0 nodes needs.

    Raises:
        Unprintable: a value cannot be written where the call will stand.

    """
    arguments: list[tuple[str, Code]] = []
    size = body.get("properties.vmSize")
    if size is not None:
        known = printer.settings.vm_sizes.get(size.known or "")
        arguments.append(("vm_size", printer.string(known) if known else printer.code(size)))
    priority = body.get("properties.vmPriority")
    arguments.append(("vm_priority", printer.code(priority) if priority else printer.string("dedicated")))
    arguments += _scale(body, largest_job, printer)
    arguments.append(("idle_seconds_before_scaledown", Code(str(printer.settings.idle_seconds))))
    arguments += account(body, printer)
    arguments += _network(body.get("properties.subnet.id"), printer)
    tags = body.below("tags")
    if tags.leaves:
        items = ", ".join(f"{printer.string(key)}: {printer.code(leaf)}" for key, leaf in tags.leaves.items())
        arguments.append(("tags", Code("{" + items + "}")))
    return Compute(tuple(arguments))


def _scale(body: Body, largest_job: int | None, printer: Printer) -> list[tuple[str, Code]]:
    automatic = body.below("properties.scaleSettings.autoScale")
    least, most = automatic.get("minimumNodeCount"), automatic.get("maximumNodeCount")
    if least is not None and most is not None:
        return [("min_nodes", printer.code(least)), ("max_nodes", printer.code(most))]
    target = body.get("properties.scaleSettings.manual.targetNodeCount")
    if target is None or target.number == 0:
        return [("min_nodes", Code("0")), ("max_nodes", Code(str(largest_job or 1)))]
    count = printer.code(target)
    return [("min_nodes", Code("0") if printer.settings.scale_to_zero else count), ("max_nodes", count)]


def scale_update(body: Body, printer: Printer) -> list[tuple[str, Code]]:
    """The arguments of `AmlCompute.update` for a resize."""
    target = body.get("properties.scaleSettings.manual.targetNodeCount")
    if target is not None and target.number == 0:
        return [("min_nodes", Code("0"))]
    return _scale(body, None, printer)


def account(body: Body, printer: Printer) -> list[tuple[str, Code]]:
    """The SSH account; without a key or password there is none, which Azure ML would refuse."""
    user = body.below("properties.userAccountSettings")
    name, password, key = user.get("adminUserName"), user.get("adminUserPassword"), user.get("adminUserSshPublicKey")
    if key is not None and "PRIVATE KEY" in (key.known or ""):
        key = None
    if name is None or (password is None and key is None):
        return []
    found = [("admin_username", printer.code(name))]
    if password is not None:
        optional = key is not None
        found.append(("admin_user_password", printer.secret(password, ADMIN_PASSWORD, optional=optional)))
    if key is not None:
        found.append(("admin_user_ssh_key", printer.code(key)))
    return found


def _network(subnet: Given | None, printer: Printer) -> list[tuple[str, Code]]:
    if subnet is None:
        return []
    found = SUBNET.search(subnet.known or "")
    names = ("vnet_resourcegroup_name", "vnet_name", "subnet_name")
    if found:
        return [(name, printer.string(value)) for name, value in zip(names, found.groups(), strict=True)]
    whole = printer.code(subnet)
    return [(name, Code(f"{whole}.split('/')[{at}]")) for name, at in zip(names, (4, 8, 10), strict=True)]
