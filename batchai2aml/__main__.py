"""The entry point: `--version` is answered before anything else is imported."""

from __future__ import annotations

import os
import sys


def leave_working_directory() -> None:
    """Take the working directory off the path that `python -m` puts it on, so that no file of a user is imported."""
    package_home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if sys.path and sys.path[0] in ("", os.getcwd()) and os.getcwd() != package_home:
        del sys.path[0]


def main() -> None:
    """Run the command line and leave with its exit status."""
    leave_working_directory()
    if sys.argv[1:] in (["--version"], ["-V"]):
        from batchai2aml import __version__

        print(f"batchai2aml {__version__}")
        return
    from batchai2aml.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
