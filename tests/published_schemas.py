"""
Documents made at random from the JSON schemas that Microsoft published: is every leaf in the ledger?

    python -m tests.published_schemas FOLDER    FOLDER/2018-05-01/job.json and the like
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

from tests.readers.test_documents import accounted, paths_of

ROUNDS = 200


def made(node: dict[str, Any], root: dict[str, Any], dice: random.Random, depth: int = 0) -> Any:
    """A value that a schema allows; about half of all optional keys are there."""
    if not isinstance(node, dict):  # a misplaced "required": [...] of the 2018-03-01 files
        return "a"
    if "$ref" in node:
        # some of the published files refer to `ResourceId` without defining it
        found = root["definitions"].get(node["$ref"].rsplit("/", 1)[-1])
        return made(found, root, dice, depth) if found is not None else {"id": "/subscriptions/s"}
    if "enum" in node:
        return dice.choice(node["enum"])
    if "oneOf" in node and "properties" not in node:
        own = [one for one in node["oneOf"] if one.get("$ref", "#").startswith("#")]
        return made(dice.choice(own), root, dice, depth)
    kind = node.get("type", "object" if "properties" in node else "string")
    if kind == "object":
        required = set(node.get("required", ()))
        keys = node.get("properties", {})
        return {
            key: made(inner, root, dice, depth + 1)
            for key, inner in keys.items()
            if key in required or dice.random() < 0.5 or not depth
        }
    if kind == "array":
        return [made(node["items"], root, dice, depth + 1) for _ in range(dice.randint(0, 2))]
    if kind == "integer":
        return dice.randint(0, 5)
    return dice.random() < 0.5 if kind == "boolean" else dice.choice(["a", "$AZ_BATCHAI_JOB_MOUNT_ROOT/x", "PT1H"])


def main(folder: Path) -> int:
    """Check every schema; the exit status is 1 when a leaf was lost."""
    lost = 0
    for path in sorted(folder.glob("*/*.json")):
        root = json.loads(path.read_text(encoding="utf-8-sig"))
        name = {"cluster": "ClusterCreateParameters", "nfs": "FileServerCreateParameters"}.get(
            path.stem, "JobCreateParameters"
        )
        dice, leaves, missing = random.Random(path.as_posix()), 0, set()
        for _ in range(ROUNDS):
            document = made(root, root, dice)
            wanted = sorted(paths_of(document))
            leaves += len(wanted)
            missing |= set(wanted) - set(accounted(document, name))
        lost += len(missing)
        print(f"{path.relative_to(folder)}: {ROUNDS} documents, {leaves} leaves, lost: {sorted(missing) or 'none'}")
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
