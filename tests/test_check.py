"""The read-back: what was written is read again and held against the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from batchai2aml.azureml.model import Code, Wanted
from batchai2aml.config import Settings
from batchai2aml.converting import convert
from batchai2aml.emit.style import Style
from batchai2aml.emit.v1 import statements as v1
from batchai2aml.rewrite.check import unset
from batchai2aml.scanning import scan

CALL = Wanted("PyTorch", (("source_directory", "'.'"), ("node_count", "2")))
KEYS = Wanted("", (("'--a'", ""), ("'--b'", "2")))


@pytest.mark.parametrize(
    ("text", "wanted", "count"),
    [
        ('e = PyTorch(node_count=2, source_directory=".")', CALL, 0),
        ("e = PyTorch(source_directory='.')", CALL, 1),
        ("e = PyTorch(source_directory='.', node_count=3)", CALL, 1),
        ("e = Estimator(source_directory='.', node_count=2)", CALL, 1),
        ("p = {'--a': 1, \"--b\": (2)}", KEYS, 0),
        ("p = {'--a': 1, '--b': 3}", KEYS, 1),
        ("p = {'--a': 1}", KEYS, 1),
    ],
)
def test_unset(text: str, wanted: Wanted, count: int) -> None:
    assert len(unset("a.py", {None: text}, [wanted])) == count


@pytest.mark.parametrize("keyword", ["account_key", "datastore_name", "node_count", "vm_size", "entry_script"])
def test_an_argument_that_is_forgotten_is_noticed(
    monkeypatch: pytest.MonkeyPatch, project: Callable[[str], Path], keyword: str
) -> None:
    whole = v1.call

    def forgetful(function: str, arguments: Iterable[tuple[str, Code | str]], style: Style) -> str:
        return whole(function, [pair for pair in arguments if pair[0] != keyword], style)

    source = project("notebooks/recipe_style")
    assert _said(source) == []
    monkeypatch.setattr(v1, "call", forgetful)
    assert any("does not set what it should" in line for line in _said(source))


def _said(source: Path) -> list[str]:
    """What the read-back says of a project."""
    found = scan([source], Settings())
    convert(found, Settings())
    return [str(failure) for failure in found.failures]
