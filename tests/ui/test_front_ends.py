"""Every kind of question is answered while its cell runs, in every front end, as the table in the docs says."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tools.generate_front_ends import documented

from .front_ends import HEADLESS, IPYKERNELS, by_clicks
from .jupyter import Notebook, server


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


def test_clicks_are_heard_from_a_front_end_that_knows_no_subshells(browser_page: Page):
    """As VS Code and Colab are: they send every message to the kernel's main shell."""
    with server(settings={"@jupyterlab/apputils-extension:kernels-settings": '{"commsOverSubshells": "disabled"}'}) as running:
        assert set(by_clicks(Notebook(browser_page, running), "7.3.0").doors) == {"click"}
