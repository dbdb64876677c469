"""The words that Azure ML has for Batch AI's states (MAPPING 3.9); the usual one first where one state became many."""

from __future__ import annotations

EXECUTION: dict[str, tuple[str, ...]] = {
    "queued": ("Queued", "NotStarted", "Provisioning", "Starting", "Preparing"),
    "running": ("Running", "Finalizing"),
    "terminating": ("CancelRequested",),
    "succeeded": ("Completed",),
    "failed": ("Failed", "Canceled"),
}
"""States of a job, and of a run in `Run.get_status()`."""

ALLOCATION: dict[str, tuple[str, ...]] = {"steady": ("Steady",), "resizing": ("Resizing",)}
"""States of a cluster's nodes, and of a compute target's in `AmlCompute.get_status()`."""

PROVISIONING: dict[str, tuple[str, ...]] = {
    "creating": ("Creating",),
    "updating": ("Updating",),
    "deleting": ("Deleting",),
    "succeeded": ("Succeeded",),
    "failed": ("Failed",),
}
"""States of a resource."""

PRIORITY: dict[str, tuple[str, ...]] = {"dedicated": ("dedicated",), "lowpriority": ("lowpriority",)}

ENUMS: dict[str, dict[str, tuple[str, ...]]] = {
    "ExecutionState": EXECUTION,
    "AllocationState": ALLOCATION,
    "ProvisioningState": PROVISIONING,
    "VmPriority": PRIORITY,
}
"""By class of azure.mgmt.batchai.models."""

ATTRIBUTES: dict[str, dict[str, tuple[str, ...]]] = {
    "execution_state": EXECUTION,
    "allocation_state": ALLOCATION,
    "provisioning_state": PROVISIONING,
    "vm_priority": PRIORITY,
}
"""By attribute of an answer."""
