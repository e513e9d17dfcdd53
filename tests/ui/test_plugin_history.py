"""The side bar lists the chats that a notebook was saved with, shows them, and lets them go on in a new kernel."""

from __future__ import annotations

from playwright.sync_api import expect

from .jupyter import PANEL, Notebook
from .plugin_page import button, execute, side_bar, sources
from .test_plugin_panel import run_all

ASK = "%%agentchat -m builtin/demo --approve never -n {name}\n{text}"


def test_chats_of_an_earlier_kernel_are_listed_shown_and_resumed(app: Notebook):
    first, second = ASK.format(name="crew", text="Say hello in one word."), ASK.format(name="other", text="And now aloud.")
    app.open(["%load_ext autogen_jupyter", first, "x = 1" + "\n" * 60, second])
    run_all(app, 4)
    app.page.evaluate(f"{PANEL}.context.save()")
    app.page.wait_for_function(f"() => !{PANEL}.context.model.dirty")
    app.server.end_kernels()
    app.page.reload()
    app.wait_for_kernel()
    panel = side_bar(app)
    earlier = panel.get_by_role("group").filter(has_text="Earlier chats of this notebook (2)").get_by_role("button")
    expect(earlier).to_have_count(2)
    expect(earlier.nth(0)).to_contain_text("Say hello in one word.")
    expect(earlier.nth(0)).to_contain_text("builtin/demo")
    expect(panel.get_by_text("No chat runs in this notebook's kernel yet.")).to_be_visible()
    app.screenshot(f"plugin-history-{app.server.app}")
    app.page.evaluate(f"{PANEL}.content.activeCellIndex = 0")
    earlier.nth(1).click()
    expect(panel.get_by_role("tabpanel", name="And now aloud.").locator(".aj-log")).to_contain_text("And now aloud.")
    app.page.wait_for_function(f"() => {PANEL}.content.activeCellIndex === 3")
    expect(app.page.locator(".jp-Notebook .aj-chat", has_text="And now aloud.")).to_be_in_viewport()
    expect(earlier.nth(1)).to_be_focused()
    app.screenshot(f"plugin-history-shown-{app.server.app}")
    app.run_cell(0)
    app.wait_for_cell(0)
    earlier.nth(0).click()
    button(panel, "Resume").click()
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 5")
    line = sources(app)[2]
    assert line.startswith(f"%agentchat resume {app.page.evaluate(f'{PANEL}.context.path')}#")
    app.page.evaluate("window.jupyterapp.commands.execute('notebook:undo-cell-action')")
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 4")
    button(panel, "Resume").click()
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 5 && {PANEL}.content.activeCellIndex === 2")
    app.run_cell(2)
    app.wait_for_text(2, "crew goes on with 2 messages")
    execute(app, "toggle-panel")
