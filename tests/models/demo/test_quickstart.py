"""The quickstart's requests, read from the notebook itself, answered by the demo model with really executed code."""

from __future__ import annotations

import nbformat
import pandas as pd
import pytest

from .conftest import NOTEBOOKS
from .person import Person

CELLS = [cell for cell in nbformat.read(NOTEBOOKS / "quickstart.ipynb", as_version=4).cells if cell.cell_type == "code"]
REQUESTS = [cell.source.partition("\n")[::2] for cell in CELLS if cell.source.startswith("%%agentchat")]


def test_the_notebook_is_valid_and_has_no_outputs() -> None:
    nbformat.validate(nbformat.read(NOTEBOOKS / "quickstart.ipynb", as_version=4))
    assert all(not cell.outputs and cell.execution_count is None for cell in CELLS)
    assert 3 <= len(REQUESTS) <= 5


@pytest.mark.parametrize(("line", "request_"), REQUESTS)
def test_every_request_gets_an_answer_with_a_table_and_a_plot(person: Person, penguins: pd.DataFrame, line: str, request_: str) -> None:
    handed_over = ""
    if line.endswith("-i gentoo"):
        person.namespace["gentoo"] = penguins.query("species == 'Gentoo'")
        handed_over = "\n\nVariables in the kernel:\n- gentoo: DataFrame, 124 rows x 8 columns: species (str), island (str), sex (str)\n"
    person.ask(request_ + handed_over)
    assert "|:--|" in person.answer
    assert person.figures == 1
    assert person.answer.endswith("TERMINATE")


def test_one_request_fails_once_and_is_mended(person: Person) -> None:
    failures = [person.ask(request_).exit_codes.count(1) for line, request_ in REQUESTS if line == "%%agentchat"]
    assert sorted(failures) == [0, 0, 1]
