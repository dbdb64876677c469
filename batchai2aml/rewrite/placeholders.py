"""Placeholders of the recipes' sweeps (`sweep['NAME']`) in the texts of a job."""

from __future__ import annotations

from batchai2aml.mapping.sweeps import PLACEHOLDER
from batchai2aml.readers.python.domain import Instance, Sequence
from batchai2aml.readers.python.scope import Scope
from batchai2aml.text import Segment, Text

COMBINATION = "combination"


def substituted(segment: Segment, scope: Scope) -> Text | None:
    """A sweep's placeholder as a look-up in the combination; the path of a file gets its mount in front."""
    found = PLACEHOLDER.fullmatch(segment.code or "")
    if found is None:
        return None
    holder = scope.get(found.group(1))
    if not isinstance(holder, Instance) or holder.kind != "ParameterSweep":
        return None
    name = found.group(3) or found.group(4)
    quote = found.group(2) or "'"
    code = Segment(None, f"{COMBINATION}[{quote}{name}{quote}]")
    spec = _spec(holder, name)
    if spec is not None and spec.kind == "FileParameter":
        method, mount = spec.attributes.get("mount_method"), spec.attributes.get("mount_path")
        on_cluster = isinstance(method, Text) and method.known == "CLUSTER"
        root = "AZ_BATCHAI_MOUNT_ROOT" if on_cluster else "AZ_BATCHAI_JOB_MOUNT_ROOT"
        known = mount.known if isinstance(mount, Text) else None
        return Text((Segment(f"${root}/{known}/"), code))
    return Text((code,))


def _spec(holder: Instance, name: str) -> Instance | None:
    specs = holder.attributes.get("param_specs")
    for spec in specs.items if isinstance(specs, Sequence) else []:
        if isinstance(spec, Instance):
            known = spec.attributes.get("parameter_name")
            if isinstance(known, Text) and known.known == name:
                return spec
    return None
