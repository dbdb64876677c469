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
    """Rewrite every `expected` folder below `scripts`, `notebooks` and `commands`; the launcher is left out, a test compares it."""
    for case in sorted(path for topic in ("scripts", "notebooks", "commands") for path in (FIXTURES / topic).iterdir()):
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "in", Path(folder) / "out"
            shutil.copytree(case / "input", source)
            command = [sys.executable, "-m", "batchai2aml", "convert", ".", "--output", str(target)]
            subprocess.run(command, cwd=source, check=False, capture_output=True)
            shutil.rmtree(case / "expected", ignore_errors=True)
            for made in sorted(path for path in target.rglob("*") if path.is_file()):
                inside = made.relative_to(target)
                old = source / inside
                if made.name == "batchai_launch.py" or (old.exists() and filecmp.cmp(old, made, shallow=False)):
                    continue
                (case / "expected" / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(made, case / "expected" / inside)


if __name__ == "__main__":
    main()
