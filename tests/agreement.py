"""Whether the two targets send the same jobs: every converted program is run against both real SDKs, and compared.

    python -m tests.agreement PROJECT       (with BATCHAI2AML_V1_PYTHON, see tests/judge)

With KEEP_GOING in the environment, a statement that fails is said, and the rest of the program goes on.

Compared, field by field: image, nodes, processes and how they are started, script and words of the command after
substitution, inputs and outputs with their datastores and folders, environment, time limit, compute, experiment, and
the launcher's plan.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ENVIRONMENT = {
    **dict.fromkeys(
        ("STORAGE_KEY", "SPEECH_KEY", "AZURE_BATCHAI_STORAGE_KEY", "KEY", "AZURE_BATCHAI_STORAGE_KEY_CONTOSOML"), "a2V5"
    ),
    **dict.fromkeys(
        (
            "APP",
            "APP_ID",
            "APP_SECRET",
            "AZURE_CLIENT_SECRET",
            "SECRET",
            "TENANT",
            "SUB",
            "S",
            "CLIENT",
            "TENANT_ID",
            "APP_KEY",
        ),
        "x",
    ),
    **dict.fromkeys(("OPS_PASSWORD", "BATCHAI_ADMIN_PASSWORD", "BATCHAI_REGISTRY_PASSWORD"), "Pass-word1"),
    "AZURE_SUBSCRIPTION_ID": "s",
    "AZURE_RESOURCE_GROUP": "rg",
    "RG": "rg",
    "BATCHAI_CLUSTER": "pool",
}
_COMPUTES = ("pool", "gpu", "gpu-pool", "nc6", "gpus", "cpu", "h-pool")
_SAME = {
    "Python": None,
    "None": None,
    "": None,
    "IntelMpi": "mpi",
    "OpenMpi": "mpi",
    "Mpi": "mpi",
    "ParameterServer": "tensorflow",
}


def effects(target: str, file: Path, python: str, then: str = "") -> list[dict[str, Any]]:
    """
    What a converted program asks Azure ML for.

    Raises:
        RuntimeError: it fails.

    """
    folder = file.parent
    if target == "v2" and not (folder / ".azureml").exists() and b"from_config" in file.read_bytes():
        (folder / ".azureml").mkdir()
        known = {"subscription_id": "s", "resource_group": "rg", "workspace_name": "ws"}
        (folder / ".azureml" / "config.json").write_text(json.dumps(known))
    text = file.read_bytes().decode("latin-1")
    exists = [] if "workspaces.begin_create(" in text else ["--exists"]
    stand_in = "stand_in.py" if target == "v1" else "stand_in_v2.py"
    command = [python, str(HERE / "judge" / stand_in), file.name, *(exists if target == "v2" else ())]
    environment: dict[str, str] = {
        **os.environ,
        **ENVIRONMENT,
        "EXISTING": " ".join(_COMPUTES),
        "HOME": str(folder),
        "THEN": then,
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    found = re.findall(r"^EFFECTS (.*)$", done.stdout, re.M)
    if done.returncode or not found:
        raise RuntimeError(f"{target}: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no answer'}")
    made: list[dict[str, Any]] = json.loads(found[-1])
    if done.stderr and "KEEP_GOING" in os.environ:
        print(*(f"    {target}: {line}" for line in re.findall(r"^line \d+: .*", done.stderr, re.M)), sep="\n")
    return made


def of_v1(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The jobs that SDK v1 would send, in the words of both."""
    return [_of_run(effect) for effect in found if effect["kind"] == "run"]


def _of_run(run: Mapping[str, Any]) -> dict[str, Any]:
    kind = _SAME.get(run["communicator"], "pytorch" if run["communicator"] else None)
    counts = {
        "mpi": [run["per_node"]],
        "tensorflow": [run["workers"], run["servers"]],
        "pytorch": [max(1, (run["processes"] or run["nodes"]) // run["nodes"])],
    }
    words = [str(run["script"])]
    for word in map(str, run["arguments"]):
        bound = re.fullmatch(r"\$AZUREML_DATAREFERENCE_(\w+)|DatasetOutputConfig:(\w+)", word)
        words.append(word if bound is None else f"input {bound[1]}" if bound[1] else f"output {bound[2]}")
    variables = {key: str(value) for key, value in run["variables"].items() if key != "BATCHAI_LAUNCH"}
    return {
        "experiment": run["experiment"],
        "compute": run["compute"],
        "image": run["image"],
        "nodes": run["nodes"],
        "distribution": kind and [kind, *counts[kind]],
        "words": [word for word in words if word],
        "inputs": {key: [store, (path or "").strip("/")] for key, (store, path) in run["inputs"].items()},
        "outputs": {key: [store, path.strip("/")] for key, (store, path) in run["outputs"].items()},
        "environment": variables,
        "seconds": run["seconds"],
        "plan": run["plan"],
    }


def of_v2(found: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """The jobs that SDK v2 would send, in the words of both."""
    found = [effect for effect in found if effect["host"] == "management.azure.com" and effect["method"] == "PUT"]
    made = [effect for effect in found if "/environments/" in effect["path"]]
    images = {effect["path"].lower(): effect["body"]["properties"].get("image") for effect in made}
    jobs = [e["body"]["properties"] for e in found if "/jobs/" in e["path"]]
    return [_of_job(job, images, folder) for job in jobs]


def _of_job(job: Mapping[str, Any], images: Mapping[str, str], folder: Path) -> dict[str, Any]:
    how = job.get("distribution") or {}
    kind = {"Mpi": "mpi", "PyTorch": "pytorch", "TensorFlow": "tensorflow"}.get(how.get("distributionType"))
    counts = [how["workerCount"], how["parameterServerCount"]] if kind == "tensorflow" else []
    counts = [how["processCountPerInstance"]] if kind in ("mpi", "pytorch") else counts
    bound = re.sub(r"\$\{\{(in|out)puts\.(\w+)\}\}", r"'\1put \2'", job["command"])
    words = shlex.split(bound)
    variables = dict(job.get("environmentVariables") or {})
    carried = variables.pop("BATCHAI_LAUNCH", None)
    plan = json.loads(carried) if carried else None
    beside = [*folder.rglob("batchai_launch.json")]
    if plan is None and words[1] == "batchai_launch.py" and beside:
        plan = json.loads(beside[0].read_text())
    return {
        "experiment": job["experimentName"],
        "compute": job["computeId"].rsplit("/", 1)[-1],
        "image": images[job["environmentId"].lower()],
        "nodes": (job.get("resources") or {}).get("instanceCount", 1),
        "distribution": kind and [kind, *counts],
        "words": words[1:],
        "line": words,
        "inputs": {key: _place(value["uri"]) for key, value in (job.get("inputs") or {}).items()},
        "outputs": {
            key: _place(value["uri"].replace("${{name}}", "{run-id}"))
            for key, value in (job.get("outputs") or {}).items()
            if key != "default"
        },
        "environment": {key: str(value) for key, value in variables.items()},
        "seconds": _seconds(job["limits"]["timeout"]),
        "plan": plan,
    }


def _place(uri: str) -> list[str]:
    found = re.fullmatch(r"azureml:/?/?(?:subscriptions/.*/)?datastores/(\w+)/paths/(.*)", uri)
    assert found is not None, uri
    return [found[1], found[2].strip("/")]


def _seconds(duration: str) -> int:
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", duration)
    assert found is not None, duration
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def in_line(job: dict[str, Any]) -> dict[str, Any]:
    """A job of the launcher as the line that it runs; what only the launcher does stays in its plan."""
    plan = dict(job["plan"] or {})
    shared = job["words"][1:]
    while shared and shared[0].startswith("--bai-"):
        shared = shared[2:]
    before = [*shlex.split(plan.pop("prepare")), "&&"] if "prepare" in plan else []
    own = shlex.split(plan.pop("command", "")) or ["python", plan.pop("script", ""), *shared, *plan.pop("args", [])]
    words = [*before, *own, *shlex.split(plan.pop("line", ""))]
    bound = (re.sub(r"\$\{?AZ_BATCHAI_(IN|OUT)PUT_(\w+)\}?", lambda m: f"{m[1].lower()}put {m[2]}", w) for w in words)
    return {**job, "words": list(bound), "plan": plan or None}


def located(job: dict[str, Any]) -> dict[str, Any]:
    """
    A job whose words say where in storage a path is: one target binds the path, the other a folder above it.

    What no word names stays among the inputs and outputs.
    """
    named: set[str] = set()

    def place(match: re.Match[str]) -> str:
        store, path = job[f"{match[1]}puts"][match[2]]
        named.add(f"{match[1]}{match[2]}")
        return f"{match[1]}put {store}:" + f"{path}{match[3] or ''}".strip("/")

    words = [re.sub(r"\b(in|out)put (\w+)(/[\w./+-]*)?", place, word) for word in job["words"]]
    rest = {
        f"{way}puts": {key: value for key, value in job[f"{way}puts"].items() if f"{way}{key}" not in named}
        for way in ("in", "out")
    }
    return {**job, **rest, "words": words}


def differences(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> Iterator[str]:
    """Where the jobs of the two targets are not the same."""
    if len(left) != len(right):
        yield f"{len(left)} jobs and {len(right)} jobs"
    for number, (one, other) in enumerate(zip(left, right, strict=False)):
        if one["plan"] and not other["plan"]:
            one, other = in_line(one), {**other, "words": other["line"]}
        one, other = located(one), located(other)
        for field in one:
            if one[field] != other[field]:
                yield f"job {number}: {field}: {one[field]!r} and {other[field]!r}"


def programs(folder: Path) -> Iterator[Path]:
    """The converted scripts and notebooks of an output that send jobs; cells become a script beside them."""
    from tests.test_fixtures import python_of

    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".ipynb") and ".ipynb_checkpoints" not in path.parts and path.name != "cells__.py":
            text = python_of(path)
            if not re.search(r"\.submit\(|create_or_update\(\w+, exp|from azure\.?ml|from azure\.ai\.ml", text):
                continue
            if path.suffix == ".ipynb":
                made = path.with_name("cells__.py")
                made.write_text(text)
                yield made
            else:
                yield path


def main() -> int:
    """Compare a whole project."""
    source, status = Path(sys.argv[1]).resolve(), 0
    pythons = {"v1": os.environ["BATCHAI2AML_V1_PYTHON"], "v2": sys.executable}
    with tempfile.TemporaryDirectory() as folder:
        outputs = {target: Path(folder) / target for target in pythons}
        for target, output in outputs.items():
            command = [sys.executable, "-m", "batchai2aml", "convert", ".", "--target", target, "--output", str(output)]
            subprocess.run(command, cwd=source, capture_output=True, check=False)
            for name in source.rglob("configuration.json"):
                shutil.copy(name, output / name.relative_to(source))
        for file in programs(outputs["v2"]):
            inside = file.relative_to(outputs["v2"])
            list(programs((outputs["v1"] / inside).parent))
            try:
                first = of_v1(effects("v1", outputs["v1"] / inside, pythons["v1"]))
                second = of_v2(effects("v2", file, pythons["v2"]), file.parent)
            except (RuntimeError, FileNotFoundError) as error:
                print(f"{inside.parent}: {error}")
                status = 1
                continue
            found = list(differences(first, second))
            print(f"{inside.parent}: {len(first)} jobs, {'the same' if not found else 'not the same'}")
            for line in found:
                print(f"    {line}")
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
