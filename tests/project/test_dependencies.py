"""Package lists: Batch AI's package becomes the target's, the rest stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from batchai2aml.project.dependencies import find, lists_packages, replaced
from tests.conftest import Done


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("azure-mgmt-batchai==2.0.0\n", "azureml-sdk\n", id="pinned"),
        pytest.param(
            "azure_mgmt_batchai >= 2, < 3  # the service\n", "azureml-sdk  # the service\n", id="range and comment"
        ),
        pytest.param("numpy\r\nazure-mgmt-batchai\r\n", "numpy\r\nazureml-sdk\r\n", id="line endings"),
        pytest.param("azureml-sdk\nazure-mgmt-batchai\n", "azureml-sdk\n", id="there already"),
        pytest.param(
            'install_requires=["azure-mgmt-batchai>=2,<3", "x"]', 'install_requires=["azureml-sdk", "x"]', id="setup.py"
        ),
        pytest.param("  - azure-mgmt-batchai\n", "  - azureml-sdk\n", id="conda"),
    ],
)
def test_replaced(old: str, new: str) -> None:
    assert replaced(old, "v1") == new


@pytest.mark.parametrize(
    "text",
    ["# azure-mgmt-batchai\n", "azure-mgmt-batch\n", "my-azure-mgmt-batchai-fork\n", "azure-mgmt-batchai-extras\n"],
)
def test_noop(text: str) -> None:
    assert replaced(text, "v1") == text
    assert list(find(text)) == []


def test_names_of_lists() -> None:
    assert lists_packages("requirements-dev.txt")
    assert not lists_packages("notes.txt")


def test_a_list_stays_while_code_needs_the_old_package(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "requirements.txt").write_text("azure-mgmt-batchai\n")
    (tmp_path / "a.py").write_text(
        "from azure.mgmt.batchai import BatchAIManagementClient\n"
        "client = BatchAIManagementClient(None, 's')\nclient.jobs.create('g', 'w', 'e', 'j', load())\n"
    )
    assert run("convert", ".", "--write", cwd=tmp_path).status == 1
    assert (tmp_path / "requirements.txt").read_text() == "azure-mgmt-batchai\n"
