"""A plan, a cloud behind HTTPS, and the command as a child process that knows of neither being a test's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from tests.azure.cloud import Cloud
from tests.azure.server import Fault, Server

PLAN = {
    "plan.yml": """\
        version: 1
        workspace: vision
        resource_group: rg
        resources:
        - {kind: workspace, name: vision, file: workspaces/vision.yml}
        - {kind: connection, name: reg, file: connections/reg.yml, set: {credentials.password: BATCHAI_REGISTRY_PASSWORD}}
        - {kind: compute, name: pool, file: computes/pool.yml, set: {ssh_settings.admin_password: BATCHAI_ADMIN_PASSWORD}}
        - {kind: datastore, name: bai_data, file: datastores/bai_data.yml, set: {credentials.account_key: AZURE_BATCHAI_STORAGE_KEY}}
        - {kind: environment, name: fit, file: environments/fit.yml}
        - {kind: job, name: fit, file: jobs/fit.yml, needs: [compute/pool, datastore/bai_data, environment/fit]}
        """,
    "workspaces/vision.yml": "name: vision\nlocation: eastus\ntags: {team: vision}\n",
    "connections/reg.yml": """\
        name: reg
        type: container_registry
        target: https://contoso.example
        credentials: {type: username_password, username: me, password: "${BATCHAI_REGISTRY_PASSWORD}"}
        """,
    "computes/pool.yml": """\
        name: pool
        type: amlcompute
        size: Standard_NC4as_T4_v3
        tier: dedicated
        min_instances: 0
        max_instances: 4
        idle_time_before_scale_down: 1800
        ssh_public_access_enabled: true
        ssh_settings: {admin_username: me}
        """,
    "datastores/bai_data.yml": """\
        name: bai_data
        type: azure_blob
        account_name: contoso
        container_name: data
        """,
    "environments/fit.yml": 'name: fit\nversion: "1"\nimage: contoso.example/fit:2\n',
    "jobs/fit.yml": """\
        type: command
        experiment_name: fit
        code: ../../src
        command: python fit.py --data ${{inputs.DATA}}
        inputs:
          DATA: {type: uri_folder, path: azureml://datastores/bai_data/paths/raw}
        environment: azureml:fit:1
        compute: azureml:pool
        resources: {instance_count: 2}
        limits: {timeout: 3600}
        """,
}
SECRETS = {
    "AZURE_CLIENT_SECRET": "sign-in-of-the-tests",
    "AZURE_BATCHAI_STORAGE_KEY": "c3RvcmFnZS1rZXktb2YtdGhlLXRlc3Rz",
    "BATCHAI_ADMIN_PASSWORD": "Adm1n-of-the-tests!",
    "BATCHAI_REGISTRY_PASSWORD": 'registry-"quoted"-of-the-tests',
}
WORKSPACE = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/vision"


def changed(folder: Path, name: str, old: str, new: str) -> None:
    """Edit a file of the plan."""
    path = folder / "azureml" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def written(folder: Path) -> None:
    """A project with a plan."""
    for name, text in PLAN.items():
        path = folder / "azureml" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    (folder / "src").mkdir()
    (folder / "src" / "fit.py").write_text("print('fit')\n")


@dataclass
class Done:
    """How a run ended."""

    status: int
    out: str
    err: str


@dataclass
class Site:
    """A plan's project, with the cloud that it is for."""

    folder: Path
    server: Server
    cloud: Cloud

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AZURE_", "BATCHAI_"))}
        return {
            **kept,
            **SECRETS,
            "AZURE_TENANT_ID": "t",
            "AZURE_CLIENT_ID": "c",
            "AZURE_SUBSCRIPTION_ID": "s",
            "HTTPS_PROXY": self.server.address,
            "REQUESTS_CA_BUNDLE": str(self.server.bundle),
        }

    def start(self, *words: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Begin a run of `batchai2aml apply`."""
        return subprocess.Popen(
            [sys.executable, "-m", "batchai2aml", "apply", *words],
            cwd=self.folder,
            env=environment or self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, environment: dict[str, str] | None = None) -> Done:
        """Run `batchai2aml apply`; the server's list of requests is then that of this run."""
        self.server.forget()
        process = self.start(*words, environment=environment)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in err, err
        return Done(process.returncode, out, err)

    def fails(self, method: str, path: str, *, answer: object = None, **how: object) -> Fault:
        """Let requests of a method and a path go wrong."""
        fault = Fault(method, path, answer, **how)  # type: ignore[arg-type]
        self.server.faults.append(fault)
        return fault

    def state(self) -> dict[str, dict[str, object]]:
        """What there is in the cloud, by the end of its path."""
        kept = {path: made for path, made in self.cloud.resources.items() if "/deployments/" not in path}
        return {path.removeprefix("/subscriptions/s/resourcegroups/rg/providers/"): made for path, made in kept.items()}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """A project with a plan, and a cloud with some workspaces."""
    servers: list[Server] = []

    def make(*existing: str, **how: int) -> Site:
        folder = tmp_path / "project"
        written(folder)
        cloud = Cloud(*existing, **how)
        server = Server(tmp_path, cloud)
        server.__enter__()
        servers.append(server)
        return Site(folder, server, cloud)

    yield make
    for server in servers:
        server.__exit__()
