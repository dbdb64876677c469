"""Write what `convert` makes of the fixtures into their `expected` folders, for review by hand before a commit."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def main() -> None:
    """
    Rewrite every `expected` and `expected_v2` folder below `scripts`, `notebooks` and `commands`.

    The launcher is left out, a test compares it; so is the plan of the second target, which is that of the first.
    """
    for case in sorted(path for topic in ("scripts", "notebooks", "commands") for path in (FIXTURES / topic).iterdir()):
        for target, name in (("v1", "expected"), ("v2", "expected_v2")):
            make(case, target, case / name)


def make(case: Path, target: str, expected: Path) -> None:
    """What becomes of one case."""
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "in", Path(folder) / "out"
        shutil.copytree(case / "input", source)
        command = [sys.executable, "-m", "batchai2aml", "convert", ".", "--target", target, "--output", str(output)]
        subprocess.run(command, cwd=source, check=False, capture_output=True)
        shutil.rmtree(expected, ignore_errors=True)
        for made in sorted(path for path in output.rglob("*") if path.is_file()):
            inside = made.relative_to(output)
            old = source / inside
            same = old.exists() and filecmp.cmp(old, made, shallow=False)
            if made.name == "batchai_launch.py" or same or (target == "v2" and inside.parts[0] == "azureml"):
                continue
            (expected / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(made, expected / inside)


if __name__ == "__main__":
    main()
