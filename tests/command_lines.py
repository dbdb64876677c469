"""What becomes of a command line, as a row of a table: processes, form, program, arguments, environment, findings."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from datetime import date

from batchai2aml.azureml.model import Binding
from batchai2aml.batchai.model import Field, Operation
from batchai2aml.config import Settings
from batchai2aml.emit.style import Style
from batchai2aml.emit.v1 import statements as v1
from batchai2aml.mapping.facts import Facts
from batchai2aml.mapping.preview import preview
from batchai2aml.place import Where
from batchai2aml.project.lookup import Lookup
from batchai2aml.values import Literal, Scalar

FILES = {
    "train.py": b"import sys\n",
    "sub/fit.py": b"import sys\n",
    "reads.py": b"import os\nprint(os.environ['AZ_BATCHAI_INPUT_DATA'])\n",
    "run.sh": b"#!/bin/bash\npython train.py $@\n",
    "launch_mpi.sh": b"#!/bin/bash\nmpirun -n 4 python train.py\n",
    "model.R": b"print(1)\n",
    "report.ipynb": b"{}",
}
"""The project: what the folder `scripts` of the share `s` holds."""


@dataclass(frozen=True)
class Outcome:
    """One row; `per_node` is None where nothing is distributed, `arguments` are words as they reach the program."""

    nodes: str
    per_node: str | None
    form: str
    program: str
    arguments: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


def outcome(
    line: str, nodes: int = 1, toolkit: str = "customToolkit", processes: int | None = None, image: bool = True
) -> Outcome:
    """The job with this command line, two mounts, an input DATA, an output MODEL; scripts lie in $ROOT/s/scripts."""
    root = "$AZ_BATCHAI_JOB_MOUNT_ROOT"
    values: dict[str, Scalar] = {
        "nodeCount": nodes,
        f"{toolkit}Settings.commandLine": line,
        "stdOutErrPathPrefix": f"{root}/s",
        "mountVolumes.azureFileShares[0].azureFileUrl": "https://acc.file.core.windows.net/s",
        "mountVolumes.azureFileShares[0].relativeMountPath": "s",
        "mountVolumes.azureBlobFileSystems[0].accountName": "acc",
        "mountVolumes.azureBlobFileSystems[0].containerName": "data",
        "mountVolumes.azureBlobFileSystems[0].relativeMountPath": "data",
        "inputDirectories[0].id": "DATA",
        "inputDirectories[0].path": f"{root}/data/raw",
        "inputDirectories[1].id": "SCRIPT",
        "inputDirectories[1].path": f"{root}/s/scripts",
        "outputDirectories[0].id": "MODEL",
        "outputDirectories[0].pathPrefix": f"{root}/s",
    }
    if processes is not None:
        values[f"{toolkit}Settings.processCount"] = processes
    if image:
        values["containerSettings.imageSourceRegistry.image"] = "myimage:1"
    where = Where("jobs/job.json")
    fields = tuple(Field(f"properties.{path}", Literal(value), where) for path, value in values.items())
    operation = Operation(0, "jobs.create", "job", where, "always", "2018-05-01", fields=fields)
    files = {f"jobs/scripts/{name}": data for name, data in FILES.items()}
    lookup = Lookup(files.get, {name: len(data) for name, data in files.items()})
    mapped = preview(operation, Facts((operation,), lookup, Settings(), Style(), date(2026, 11, 1)))
    assert mapped is not None
    made, keywords = mapped.job, {name: code.text for name, code in v1.keywords(mapped.job, Style())}
    distribution = re.search(r"process_count_per_node=(\d+)", keywords.get("distributed_training", ""))
    launcher = made.launcher
    if launcher is None:
        form, program = "direct", f"{_plain(made.source_directory.text)}/{_plain(made.entry_script.text)}"
    elif launcher.command is not None:
        form, program = "launcher", _plain(launcher.command.text)
    else:
        form, program = "launcher", f"{_plain(made.source_directory.text)}/{_plain(str(launcher.script))}"
    words: list[str] = []
    for entry in made.arguments:
        name = _plain(entry.name.text)
        if name.startswith("--bai-"):
            continue
        words += [name] if name else []
        if isinstance(entry.value, Binding):
            words.append(f"{entry.value.direction}:{entry.value.id}")
        elif entry.value is not None:
            words.append(_plain(entry.value.text))
    words += [_plain(code.text) for code in launcher.args] if launcher is not None else []
    environment = ast.literal_eval(keywords.get("environment_variables", "{}"))
    return Outcome(
        keywords["node_count"],
        distribution.group(1) if distribution else None,
        form,
        program,
        tuple(words),
        tuple(f"{name}={value}" for name, value in environment.items()),
        tuple(sorted({note.rule for note in mapped.notes if note.severity != "info"})),
    )


def _plain(code: str) -> str:
    try:
        return str(ast.literal_eval(code))
    except (ValueError, SyntaxError):
        return code
