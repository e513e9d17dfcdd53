"""The notebook about tuning, run without a person on real llama.cpp servers."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from .headless import ROOT, environment, text_of


@pytest.fixture(scope="module")
def cells() -> dict[str, NotebookNode]:
    notebook = nbformat.read(ROOT / "notebooks" / "tuning.ipynb", 4)
    NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute(env=environment())
    return {cell.id: cell for cell in notebook.cells}


def result_of(cell: NotebookNode) -> NotebookNode:
    (result,) = [output for output in cell.outputs if output.output_type == "execute_result"]
    return result.data


def test_the_search_is_shown_as_a_table_and_a_picture(cells):
    shown = result_of(cells["tune"])
    assert "★" in shown["text/plain"]
    assert "10 trials" in shown["text/plain"]
    assert "<polyline" in shown["text/html"]
    assert {"small", "large"} <= set(shown["text/plain"].split())


def test_the_chosen_settings_are_good_in_whole_chats_too(cells):
    assert "'model': " in text_of(cells["best"])
    table = result_of(cells["evaluate"])["text/plain"]
    assert "12 of 12 rows" in table
    assert "with an error" not in table
