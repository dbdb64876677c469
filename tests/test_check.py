"""The read-back: what was written is read again and held against the model."""

from __future__ import annotations

import pytest

from batchai2aml.azureml.model import Wanted
from batchai2aml.rewrite.check import unset

CALL = Wanted("PyTorch", (("source_directory", "'.'"), ("node_count", "2")))
KEYS = Wanted("", (("'--a'", ""), ("'--b'", "")))


@pytest.mark.parametrize(
    ("text", "wanted", "count"),
    [
        ('e = PyTorch(node_count=2, source_directory=".")', CALL, 0),
        ("e = PyTorch(source_directory='.')", CALL, 1),
        ("e = PyTorch(source_directory='.', node_count=3)", CALL, 1),
        ("e = Estimator(source_directory='.', node_count=2)", CALL, 1),
        ("p = {'--a': 1, '--b': ''}", KEYS, 0),
        ("p = {'--a': 1}", KEYS, 1),
    ],
)
def test_unset(text: str, wanted: Wanted, count: int) -> None:
    assert len(unset("a.py", {None: text}, [wanted])) == count
