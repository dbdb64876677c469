"""The plan of a conversion: from what was read to files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from batchai2aml.config import Misuse, Settings
from batchai2aml.emit.style import Style
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.types import Finding
from batchai2aml.plan.build import build
from batchai2aml.plan.checks import check
from batchai2aml.plan.files import INDEX, MARK, render
from batchai2aml.plan.model import Plan
from batchai2aml.plan.reading import read
from batchai2aml.rules.plans import PLANS
from batchai2aml.scanning import Scan

OWN = frozenset(rule.id for rule in PLANS)
"""Rules about plans; the others that their checks raise are said of the source already."""

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
    found = render(result.planned or planned(scan, settings), {*scan.listed, *result.new}, before, documents)
    for path in found:
        there = scan.lookup.content(path)
        if there is not None and not there.startswith(MARK.encode()):
            raise Misuse(f"{path} is in the way of the plan; move it, and run convert again")
    files = {path: scan.secrets.mask(data.decode()).encode() for path, data in found.items()}
    mistakes = tuple(found for found in _mistakes(files) if settings.wants(found.rule))
    scan.ledger = replace(scan.ledger, findings=(*scan.ledger.findings, *mistakes))
    return files


def _mistakes(files: dict[str, bytes]) -> Iterator[Finding]:
    """What the plan's own checks say that nothing has said of the source."""
    resources = (path for path in files if path.endswith(".yml") and path.count("/") == INDEX.count("/") + 1)
    sheets = [read(path, files[path].decode()) for path in resources]
    if INDEX in files:
        found = check(read(INDEX, files[INDEX].decode()), sheets, date.today())
        yield from (mistake for mistake in found if mistake.rule in OWN)
