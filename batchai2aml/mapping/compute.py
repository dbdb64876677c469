"""Clusters, as AmlCompute (MAPPING 2.1 and part 7)."""

from __future__ import annotations

import re

from batchai2aml.azureml.model import Account, Code, Compute, Network, Scale
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
    The compute for a cluster.

    `largest_job` is the largest node count of the jobs on the cluster, which a target of 0 nodes needs.

    Raises:
        Unprintable: a value cannot be written where the call will stand.

    """
    size = body.get("properties.vmSize")
    known = printer.settings.vm_sizes.get(size.known or "") if size is not None else None
    priority = body.get("properties.vmPriority")
    return Compute(
        printer.string(known) if known else printer.code(size) if size is not None else None,
        printer.code(priority) if priority else printer.string("dedicated"),
        _scale(body, largest_job, printer),
        Code(str(printer.settings.idle_seconds)),
        _account(body, printer),
        _network(body.get("properties.subnet.id"), printer),
        tuple((printer.string(key), printer.code(leaf)) for key, leaf in body.below("tags").leaves.items()),
    )


def _scale(body: Body, largest_job: int | None, printer: Printer) -> Scale:
    automatic = body.below("properties.scaleSettings.autoScale")
    least, most = automatic.get("minimumNodeCount"), automatic.get("maximumNodeCount")
    if least is not None and most is not None:
        return Scale(printer.code(least), printer.code(most))
    target = body.get("properties.scaleSettings.manual.targetNodeCount")
    if target is None or target.number == 0:
        return Scale(Code("0"), Code(str(largest_job or 1)))
    count = printer.code(target)
    return Scale(Code("0") if printer.settings.scale_to_zero else count, count)


def scale_update(body: Body, printer: Printer) -> Scale:
    """What a resize changes."""
    target = body.get("properties.scaleSettings.manual.targetNodeCount")
    if target is not None and target.number == 0:
        return Scale(Code("0"), None)
    return _scale(body, None, printer)


def _account(body: Body, printer: Printer) -> Account | None:
    """The SSH account; without a key or password there is none, which Azure ML would refuse."""
    user = body.below("properties.userAccountSettings")
    name, password, key = user.get("adminUserName"), user.get("adminUserPassword"), user.get("adminUserSshPublicKey")
    if key is not None and "PRIVATE KEY" in (key.known or ""):
        key = None
    if name is None or (password is None and key is None):
        return None
    return Account(
        printer.code(name),
        printer.secret(password, ADMIN_PASSWORD, optional=key is not None) if password is not None else None,
        printer.code(key) if key is not None else None,
    )


def _network(subnet: Given | None, printer: Printer) -> Network | None:
    if subnet is None:
        return None
    found = SUBNET.search(subnet.known or "")
    if found:
        return Network(printer.code(subnet), *(printer.string(value) for value in found.groups()))
    whole = printer.code(subnet)
    return Network(whole, *(Code(f"{whole}.split('/')[{at}]") for at in (4, 8, 10)))
