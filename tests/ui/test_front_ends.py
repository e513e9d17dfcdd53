"""Every kind of question is answered while its cell runs, in every front end, as the table in the docs says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.generate_front_ends import documented

from .front_ends import HEADLESS, IPYKERNELS, by_clicks
from .jupyter import Notebook


@pytest.fixture(params=["lab", "notebook7"])
def notebook(request: pytest.FixtureRequest) -> Notebook:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("ipykernel", IPYKERNELS)
def test_every_question_is_answered_by_a_click(notebook: Notebook, ipykernel: str):
    row = by_clicks(notebook, ipykernel)
    assert set(row.doors) == {"click"}
    assert str(row) in documented()


@pytest.mark.parametrize(("name", "door"), [("terminal", "keyboard"), ("nbclient", "program"), ("papermill", "program")])
def test_every_question_is_answered_without_a_page(tmp_path: Path, name: str, door: str):
    row = HEADLESS[name](tmp_path)
    assert set(row.doors) == {door}
    assert str(row) in documented()
