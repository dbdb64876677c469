"""The rows of the migration article's tables that matter for a project (MAPPING 1.2 to 1.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from batchai2aml.batchai.model import Operation
from batchai2aml.values import Literal


@dataclass(frozen=True, slots=True)
class Capability:
    """A row: what Batch AI had, what Azure ML has for it, the rules that say more."""

    id: str
    subject: str
    azureml: str
    rules: tuple[str, ...]
    used: Callable[[Operation], bool]


def _has(*parts: str) -> Callable[[Operation], bool]:
    return lambda operation: any(part in field.path for part in parts for field in operation.fields)


def _calls(*ops: str) -> Callable[[Operation], bool]:
    return lambda operation: operation.op in ops


def _without(op: str, part: str) -> Callable[[Operation], bool]:
    return lambda operation: operation.op == op and bool(operation.fields) and not _has(part)(operation)


def _distributed(operation: Operation) -> bool:
    nodes = operation.get("properties.nodeCount")
    return isinstance(nodes, Literal) and isinstance(nodes.value, int) and nodes.value > 1


ROWS: tuple[Capability, ...] = (
    Capability(
        "P1", "choice of VM size", "the same sizes, as far as they are still offered", ("BAI112",), _has("vmSize")
    ),
    Capability(
        "P3", "node preparation (setup task)", "none; software goes into the image", ("BAI116",), _has("setupTask")
    ),
    Capability(
        "P4", "choice of the VM's image", "none; jobs run in containers", ("BAI114", "BAI115"), _has("imageReference")
    ),
    Capability("P5", "dedicated and low-priority nodes", "the same", ("BAI110", "BAI111"), _has("vmSize")),
    Capability(
        "P6", "fixed size and autoscale", "autoscale with minimum and maximum", ("BAI102",), _has("scaleSettings")
    ),
    Capability("P7", "no idle time", "idle seconds before nodes are removed", ("BAI105",), _has("scaleSettings")),
    Capability("P8", "SSH to the nodes", "the same", ("BAI122", "BAI123"), _has("userAccountSettings")),
    Capability(
        "P9", "storage mounted on the cluster", "each job names its data", ("BAI119",), _has("nodeSetup.mountVolumes")
    ),
    Capability("P10", "distributed training", "MPI, parameter server, Gloo, NCCL", ("BAI502", "BAI506"), _distributed),
    Capability(
        "P11", "jobs on the VM", "always a container", ("BAI211",), _without("jobs.create", "containerSettings")
    ),
    Capability("P12", "own container images", "the same", ("BAI212", "BAI604"), _has("imageSourceRegistry")),
    Capability(
        "P13",
        "any toolkit",
        "a Python script or a launcher",
        ("BAI513", "BAI515", "BAI516"),
        _has("custom", "caffeSettings.config", "cntkSettings.config"),
    ),
    Capability("P14", "job preparation", "part of the job (launcher)", ("BAI209",), _has("jobPreparation")),
    Capability(
        "P15",
        "storage mounted for a job",
        "data references and outputs",
        ("BAI218", "BAI221"),
        _has("properties.mountVolumes"),
    ),
    Capability(
        "P16",
        "job status by polling",
        "run history",
        ("BAI701",),
        _calls("jobs.get", "helpers.wait_for_job_completion"),
    ),
    Capability(
        "P17",
        "listing a job's files",
        "files of the run, datastore for outputs",
        ("BAI704",),
        _calls("jobs.list_output_files"),
    ),
    Capability("P19", "usage and quota", "quota of VM families", ("BAI706",), _calls("usages.list")),
    Capability(
        "N2",
        "parameter sweeps by hand",
        "a loop; HyperDrive is available now",
        ("BAI711",),
        _calls("helpers.ParameterSweep"),
    ),
    Capability(
        "N3",
        "models in an output directory",
        "model registry is available now",
        ("BAI905",),
        lambda o: any(
            isinstance(f.value, Literal) and "MODEL" in str(f.value.value) for f in o.fields if f.path.endswith("].id")
        ),
    ),
    Capability(
        "N9",
        "batch scoring jobs",
        "ordinary jobs; batch endpoints are available now",
        ("BAI905",),
        _has("customMpiSettings"),
    ),
)


def capabilities(operations: Iterable[Operation]) -> list[Capability]:
    """The rows that a project uses."""
    known = tuple(operations)
    return [row for row in ROWS if any(row.used(operation) for operation in known)]
