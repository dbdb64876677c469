"""Load every file of the plans below a folder with the real azure-ai-ml, and print what it says, as JSON."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import warnings
from pathlib import Path


def main(folder: Path) -> None:
    """Print, for each file, an empty text, or why the SDK refuses it."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    from azure.ai.ml import (
        load_compute,
        load_connection,
        load_datastore,
        load_environment,
        load_job,
        load_workspace,
    )

    loaders = {
        "workspaces": load_workspace,
        "connections": load_connection,
        "computes": load_compute,
        "datastores": load_datastore,
        "environments": load_environment,
        "jobs": load_job,
    }
    said: dict[str, str] = {}
    for path in sorted(found for found in folder.rglob("azureml/*/*.yml")):
        with contextlib.redirect_stderr(io.StringIO()):
            try:
                made = loaders[path.parent.name](path)
                made._to_rest_object()
                said[str(path.relative_to(folder))] = ""
            except Exception as error:
                said[str(path.relative_to(folder))] = f"{type(error).__name__}: {error}"
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
