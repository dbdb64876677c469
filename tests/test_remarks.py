"""What a scan says beside the calls: what would stay as it is, and Batch AI by other means."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Done

CLIENT = "from azure.mgmt.batchai import BatchAIManagementClient, models\nclient = BatchAIManagementClient(None, 's')\n"


def scanned(run: Callable[..., Done], folder: Path, name: str, text: str) -> dict[str, Any]:
    """The findings of a scan over one file, by rule."""
    (folder / name).write_text(text)
    done = run("scan", name, "--output-format", "json", cwd=folder)
    return {found["rule"]: found for found in json.loads(done.out)["findings"]}


def test_a_scan_says_what_would_stay(tmp_path: Path, run: Callable[..., Done]) -> None:
    text = CLIENT + "import copy\nparameters = models.ClusterCreateParameters(vm_size='S')\n"
    text += "client.clusters.create('r', 'w', 'c', copy.deepcopy(parameters)).result()\n"
    found = scanned(run, tmp_path, "main.py", text)
    assert "stays as it is" in found["BAI718"]["message"]
    assert found["BAI718"]["severity"] == "error"


def test_the_first_azure_ml_class_for_batch_ai(tmp_path: Path, run: Callable[..., Done]) -> None:
    text = "from azureml.core.compute import AmlCompute, BatchAiCompute\nprint(BatchAiCompute)\n"
    found = scanned(run, tmp_path, "main.py", text)
    assert (found["BAI728"]["severity"], found["BAI728"]["where"]["line"]) == ("error", 1)


def test_commands_of_a_notebook(tmp_path: Path, run: Callable[..., Done]) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "`az batchai cluster list`"},
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
         "source": "import os\n!az batchai cluster create -n nc6 --image UbuntuLTS"},
    ]  # fmt: skip
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}
    found = scanned(run, tmp_path, "main.ipynb", json.dumps(notebook))
    assert (found["BAI127"]["where"]["cell"], found["BAI127"]["where"]["line"]) == (1, 2)


@pytest.mark.parametrize(("password", "weak"), [("onlylowercase1", True), ("Three-of-4-kinds", False)])
def test_passwords_that_azure_ml_refuses(tmp_path: Path, run: Callable[..., Done], password: str, weak: bool) -> None:
    account = f"models.UserAccountSettings(admin_user_name='me', admin_user_password={password!r})"
    given = f"models.ClusterCreateParameters(vm_size='S', user_account_settings={account})"
    found = scanned(run, tmp_path, "main.py", CLIENT + f"client.clusters.create('r', 'w', 'c', {given})\n")
    assert ("BAI611" in found) == weak
    assert password not in json.dumps(found)


def test_files_that_cannot_be_read_are_findings(tmp_path: Path, run: Callable[..., Done]) -> None:
    found = scanned(run, tmp_path, "main.py", CLIENT + "print 'done'\n")
    assert (found["BAI801"]["severity"], found["BAI801"]["where"]["line"]) == ("error", 3)
