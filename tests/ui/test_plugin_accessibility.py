"""The plugin for people who read with a screen reader: what axe finds in all that it draws outside of chats."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .jupyter import PANEL, Notebook
from .plugin_page import END, SETUP, TALK, activate, approve_both, button, execute, menu, status
from .test_accessibility import AXE, violations


def test_axe_finds_nothing_serious_in_the_menu_bar_of_notebook(notebook7: Notebook):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: run npm ci in labextension/")
    notebook7.open([SETUP + TALK, END])
    notebook7.run_cell(0)
    expect(button(status(notebook7), "Stop the agents")).to_be_visible(timeout=60_000)
    assert violations(notebook7, ".aj-status") == []


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_axe_finds_nothing_serious_in_the_plugin(lab: Notebook, theme: str):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: run npm ci in labextension/")
    lab.open(["print(110)\n1/0", SETUP + TALK, END])
    lab.set_theme(theme)
    shade = theme.rsplit(maxsplit=1)[-1]
    try:
        lab.run_cell(0)
        expect(lab.page.locator(".aj-error-output")).to_be_visible()
        assert violations(lab, ".aj-error-output") == []
        lab.run_cell(1)
        expect(button(lab.chat.first, "Run")).to_be_enabled(timeout=60_000)
        activate(lab, 0)
        execute(lab, "add-output")
        execute(lab, "add-cell")
        panel = lab.page.locator(".aj-panel")
        expect(button(panel.locator(".aj-chat"), "Run")).to_be_enabled()
        panel.get_by_text("What will be sent").click()
        assert violations(lab, ".aj-panel") == []  # with the question open
        assert violations(lab, ".aj-status") == []
        lab.screenshot(f"plugin-axe-panel-{shade}")
        approve_both(panel.locator(".aj-chat"))
        lab.run_cell(2)
        lab.wait_for_text(2, "TERMINATE")
        status(lab).get_by_role("button").first.click()
        expect(lab.page.get_by_role("dialog", name="Agent kernel").get_by_role("row", name="rows")).to_be_visible()
        assert violations(lab, ".aj-look") == []
        lab.screenshot(f"plugin-axe-kernel-{shade}")
        lab.page.keyboard.press("Escape")
        execute(lab, "toggle-panel")
        lab.page.evaluate(f"{PANEL}.content.model.sharedModel.insertCell(1, {{ cell_type: 'code', source: 'print(110)' }})")
        menu(lab, "Replace cell…")
        expect(lab.page.locator(".aj-diff")).to_be_visible()
        assert violations(lab, ".jp-Dialog-content") == []
        lab.screenshot(f"plugin-axe-diff-{shade}")
        lab.page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    finally:
        lab.set_theme("JupyterLab Light")
