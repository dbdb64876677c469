"""What is not Batch AI is not found, however it is spelled."""

from __future__ import annotations

import pytest

from tests.reading import operations


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("client.jobs.create('rg', 'ws', 'e', 'j', {})", id="a client that nothing defines"),
        pytest.param("from other import client\nclient.clusters.get('a', 'b', 'c')", id="another module's client"),
        pytest.param("models = make()\nmodels.JobCreateParameters(node_count=1)", id="other models"),
        pytest.param("from azure.batch import models\nmodels.ResourceId(id='x')", id="Azure Batch"),
        pytest.param("# azure.mgmt.batchai\nx = 'BatchAIManagementClient'", id="comment and string"),
        pytest.param("import azure.mgmt.batchai", id="an import alone makes no call"),
        pytest.param(
            "from azure.storage.blob import BlockBlobService\nBlockBlobService('a', 'k').create_container('batchai')",
            id="storage alone",
        ),
        pytest.param("def f(client):\n    return client.get('batchai')", id="a parameter with another method"),
    ],
)
def test_nothing_is_found(text: str) -> None:
    assert operations(text) == ()
