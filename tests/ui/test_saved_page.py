"""A saved chat in JupyterLab without the plugin: as its page, with the style sheet where the notebook is trusted and without elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from autogen_jupyter.session.bundle import bundle
from tests.session.sample import conversation

from . import jupyter
from .jupyter import PANEL, Notebook
from .test_accessibility import AXE, violations


@pytest.fixture(scope="module")
def plain_server() -> Iterator[jupyter.Server]:
    with jupyter.server("lab", plugin=False) as server:
        yield server


@pytest.fixture
def saved(plain_server: jupyter.Server, browser_page: Page) -> Notebook:
    """A notebook that somebody else executed, with a chat in it."""
    notebook = Notebook(browser_page, plain_server)
    notebook.open(["%%agentchat"])
    path = plain_server.folder / browser_page.evaluate(f"{PANEL}.context.path")
    output = nbformat.v4.new_output("display_data", bundle(*conversation(), versions={}))
    cell = nbformat.v4.new_code_cell("%%agentchat", outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    browser_page.evaluate(f"{PANEL}.context.revert()")
    expect(chat(notebook)).to_contain_text("Which species")
    return notebook


def chat(notebook: Notebook) -> Locator:
    return notebook.page.locator(".jp-OutputArea-output > div").first


def trust(notebook: Notebook) -> None:
    notebook.page.evaluate(f"{PANEL}.content.widgets[0].model.trusted = true")
    expect(chat(notebook).locator("style")).to_be_attached()


def test_somebody_elses_notebook_shows_the_chat_without_its_style_sheet(saved: Notebook) -> None:
    assert chat(saved).locator("style").count() == 0
    words = chat(saved).inner_text().split("\n")
    assert [word for word in words if len(word) == 1 and word.isalpha()] == []  # such as the letters of avatars
    marks = ("✗ Error · 0.2 s", "✓ Done · 1.2 s · edited by you", "Warning: The agent kernel uses 1.2 GB.")
    for said in (*marks, "builtin/demo · not a language model"):
        expect(chat(saved)).to_contain_text(said)
    assert chat(saved).get_by_role("separator").count() == 3
    assert chat(saved).evaluate("(box) => getComputedStyle(box).borderTopStyle") == "solid"


def test_a_trusted_notebook_shows_it_with_its_style_sheet(saved: Notebook) -> None:
    trust(saved)
    assert chat(saved).get_by_role("separator").count() == 0
    assert "✗" not in chat(saved).inner_text()
    message = chat(saved).locator("[data-a]").first
    assert message.evaluate("(one) => getComputedStyle(one, '::before').content") == '"U" / ""'
    assert chat(saved).locator("pre code").first.evaluate("(one) => getComputedStyle(one).paddingTop") == "0px"
    assert chat(saved).locator("td").first.evaluate("(one) => getComputedStyle(one).paddingLeft") == "10px"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
@pytest.mark.parametrize("is_trusted", [True, False])
def test_axe_finds_nothing_serious_in_a_saved_chat(saved: Notebook, theme: str, is_trusted: bool) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: run npm ci in labextension/")
    saved.set_theme(theme)
    try:
        if is_trusted:
            trust(saved)
        assert violations(saved, ".jp-OutputArea-output") == []
    finally:
        saved.set_theme("JupyterLab Light")
