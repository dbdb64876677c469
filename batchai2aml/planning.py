"""The plan of a conversion: from what was read to files."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from batchai2aml.config import Misuse, Settings
from batchai2aml.emit.style import Style
from batchai2aml.mapping.facts import Facts
from batchai2aml.plan.build import build
from batchai2aml.plan.files import INDEX, MARK, render
from batchai2aml.plan.model import Plan
from batchai2aml.scanning import Scan

if TYPE_CHECKING:
    from batchai2aml.converting import Conversion


def planned(scan: Scan, settings: Settings) -> Plan:
    """The plan for what a scan found."""
    facts = Facts(scan.operations, scan.lookup, settings, Style(), date.today(), scan.secrets.weak_password)
    commands = scan.scripts.operations if scan.scripts is not None else []
    return build(facts, frozenset(operation.index for operation in commands))


def plan(result: Conversion, settings: Settings) -> dict[str, bytes]:
    """
    The files of the plan, by path below the project's root.

    Raises:
        Misuse: a file of another kind stands where one of the plan's would.

    """
    scan = result.scan
    before = scan.lookup.content(INDEX)
    documents = [path for path in result.documents if settings.target == "v2"]
    found = render(planned(scan, settings), {*scan.listed, *result.new}, before, documents)
    for path in found:
        there = scan.lookup.content(path)
        if there is not None and not there.startswith(MARK.encode()):
            raise Misuse(f"{path} is in the way of the plan; move it, and run convert again")
    return {path: scan.secrets.mask(data.decode()).encode() for path, data in found.items()}
