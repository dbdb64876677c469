"""The plan of a conversion: from what was read to files."""

from __future__ import annotations

from datetime import date

from batchai2aml.config import Misuse, Settings
from batchai2aml.converting import Conversion
from batchai2aml.emit.style import Style
from batchai2aml.mapping.facts import Facts
from batchai2aml.plan.build import build
from batchai2aml.plan.files import INDEX, MARK, render


def plan(result: Conversion, settings: Settings) -> dict[str, bytes]:
    """
    The files of the plan, by path below the project's root.

    Raises:
        Misuse: a file of another kind stands where one of the plan's would.

    """
    scan = result.scan
    facts = Facts(scan.operations, scan.lookup, settings, Style(), date.today(), scan.secrets.weak_password)
    before = scan.lookup.content(INDEX)
    found = render(build(facts), {*scan.listed, *result.new}, before)
    for path in found:
        there = scan.lookup.content(path)
        if there is not None and not there.startswith(MARK.encode()):
            raise Misuse(f"{path} is in the way of the plan; move it, and run convert again")
    return {path: scan.secrets.mask(data.decode()).encode() for path, data in found.items()}
