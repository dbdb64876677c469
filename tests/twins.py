"""
The same recipe twice: do the command lines of a walk-through say what its notebook says?

    python -m tests.twins FOLDER    every folder below that has both cli-instructions.md and a notebook
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from batchai2aml.batchai.model import Operation
from batchai2aml.config import Settings
from batchai2aml.scanning import scan
from batchai2aml.text import Text
from batchai2aml.values import to_json

COMPARED = ("clusters.create", "jobs.create")


def fields(operations: list[Operation]) -> dict[str, str]:
    """What clusters and jobs are given, with everything that names accounts, people or secrets left out."""
    found: dict[str, str] = {}
    for operation in operations:
        for field in operation.fields:
            if re.search(r"credentials|userAccountSettings|cluster\.id|accountName$", field.path):
                continue
            value = to_json(field.value)
            if isinstance(value, dict):
                text = Text.of(field.value)
                value = "".join(segment.text or "*" for segment in text.segments)
            if value in (None, ""):
                continue
            found[f"{operation.op} {_by_mount(operation, field.path)}"] = str(value)
    return found


def _by_mount(operation: Operation, path: str) -> str:
    """The path of a mount, a directory or a variable by its own name, so that the order does not count."""
    match = re.match(
        r"(.*(?:azureFileShares|azureBlobFileSystems|inputDirectories|outputDirectories)\[\d+\])(.*)", path
    )
    if match is None:
        return path
    own = operation.get(match.group(1) + ".relativeMountPath") or operation.get(match.group(1) + ".id")
    return re.sub(r"\[\d+\]$", f"[{to_json(own) if own else '?'}]", match.group(1)) + match.group(2)


def main(folder: Path) -> int:
    """Print every difference; the exit status is the number of recipes that differ."""
    differing = 0
    for walk in sorted(folder.rglob("cli-instructions.md")):
        notebooks = sorted(walk.parent.glob("*.ipynb"))
        if not notebooks:
            continue
        mine = fields([op for op in scan([walk], Settings()).operations if op.op in COMPARED])
        theirs = fields([op for op in scan([notebooks[0]], Settings()).operations if op.op in COMPARED])
        lines = [
            f"    {key}: {json.dumps(mine.get(key))} here, {json.dumps(theirs.get(key))} in the notebook"
            for key in sorted({*mine, *theirs})
            if mine.get(key) != theirs.get(key)
        ]
        same = sum(1 for key in mine if theirs.get(key) == mine[key])
        print(f"{walk.parent.name}: {same} fields the same, {len(lines)} differ")
        print("\n".join(lines)) if lines else None
        differing += bool(lines)
    return differing


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
