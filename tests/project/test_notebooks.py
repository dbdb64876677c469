"""Notebooks: only the source of changed cells changes, byte for byte."""

from __future__ import annotations

import json

import pytest

from batchai2aml.project.notebooks import read_cells, write_cells
from batchai2aml.project.text import Unreadable
from batchai2aml.readers.python.magics import mask

NOTEBOOK = """{
 "cells": [
  {"cell_type": "markdown", "metadata": {}, "source": ["\\u00e9 [1]"]},
  {
   "cell_type": "code",
   "execution_count": 7,
   "metadata": {},
   "outputs": [{"name": "stdout", "output_type": "stream", "text": ["]}\\n"]}],
   "source": [
    "a = 1\\n",
    "b = 2"
   ]
  }
 ],
 "metadata": {"x":   [1,2 ]},
 "nbformat": 4,
 "nbformat_minor": 2
}
"""


def test_a_cell_is_replaced_in_its_own_layout() -> None:
    cells = read_cells(NOTEBOOK)
    assert [cell.type for cell in cells] == ["markdown", "code"]
    changed = write_cells(NOTEBOOK, cells, {1: "c = 3\nd = '\"'"})
    assert changed == NOTEBOOK.replace('"a = 1\\n",\n    "b = 2"', '"c = 3\\n",\n    "d = \'\\"\'"')


def test_outputs_are_cleared_only_on_request() -> None:
    cells = read_cells(NOTEBOOK)
    changed = json.loads(write_cells(NOTEBOOK, cells, {1: "c = 3"}, clear_outputs=True))
    assert changed["cells"][1]["outputs"] == []
    assert changed["cells"][1]["execution_count"] is None


def test_nothing_changed_is_nothing_written() -> None:
    cells = read_cells(NOTEBOOK)
    assert write_cells(NOTEBOOK, cells, {1: "a = 1\nb = 2"}) == NOTEBOOK


@pytest.mark.parametrize("text", ["{", "[]", '{"worksheets": []}', "{'a': 1}"])
def test_what_is_no_notebook(text: str) -> None:
    with pytest.raises(Unreadable):
        read_cells(text)


@pytest.mark.parametrize(
    "source",
    [
        "!ls\nx = 1",
        "%matplotlib inline\nimport os",
        "files = !ls *.py\nprint(files)",
        "if x:\n    !az batchai job list\n",
        "!az job create \\\n    -n one\ny = 2",
        "x = '''\n%not a magic\n'''",
        "a = (1\n% 2)",
        "help?\nx = 1",
        "%%time\nx = 1",
    ],
)
def test_magics_come_back_as_they_were(source: str) -> None:
    masked = mask(source)
    compile(masked.text, "cell", "exec")
    assert masked.text.count("\n") == source.count("\n")
    assert masked.restore(masked.text) == source


def test_cells_of_another_language_are_not_python() -> None:
    assert mask("%%bash\naz batchai job list").cell_magic == "bash"
