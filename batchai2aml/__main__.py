"""The entry point: `--version` is answered before anything else is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from batchai2aml import __version__

        print(f"batchai2aml {__version__}")
        return
    from batchai2aml.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
