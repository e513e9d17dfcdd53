"""The line that says what the agents do, a look into their kernel from it, and a console."""

from __future__ import annotations

import itertools
import json
import re
import time
import urllib.request

import pytest
from playwright.sync_api import Locator, Page, expect

from .jupyter import Notebook
from .plugin_page import END, ENDLESS, SETUP, TALK, button, status, talk


def opened(app: Notebook) -> Locator:
    """Open the look into the agent kernel by the line that says what it does: in the status bar, or in Notebook 7's menu bar."""
    status(app).get_by_role("button").first.click()
    return app.page.get_by_role("dialog", name="Agent kernel")


def open_console(app: Notebook, look: Locator) -> Page:
    """Open the console and return the page that shows it; Notebook 7 has a page for each document."""
    open_it = button(look, "Open console")
    if app.server.app == "lab":
        open_it.click()
        return app.page
    with app.page.context.expect_page() as opening:
        open_it.click()
    return opening.value


def choose(app: Notebook, name: str, item: str) -> None:
    """Choose an item of the main menu."""
    app.page.get_by_role("menuitem", name=name, exact=True).click()
    app.page.get_by_role("menuitem", name=item, exact=True).click()


def test_the_variables_of_the_agent_kernel_are_shown(app: Notebook):
    talk(app)
    look = opened(app)
    row = look.get_by_role("row", name="rows")
    expect(row).to_contain_text("bytes")
    expect(row).to_contain_text("7240")
    expect(row).to_contain_text("7.3 kB")
    expect(look.get_by_role("status")).to_contain_text("idle · ")
    expect(look.locator("code")).to_contain_text("-m jupyter_console --existing")
    expect(look).to_contain_text("Leave the console with Ctrl+D")
    app.screenshot(f"plugin-kernel-{app.server.app}")
    app.page.keyboard.press("Escape")
    expect(look).to_have_count(0)


def test_a_console_opens_on_the_agent_kernel_and_shares_its_variables(app: Notebook):
    talk(app)
    look = opened(app)
    shown = open_console(app, look)
    expect(look).to_have_count(0)
    terminal = shown.locator(".jp-Terminal")
    expect(terminal).to_be_visible()
    terminal.click()
    shown.keyboard.type("probe = len(rows) + 1\n")
    if app.server.app == "lab":
        app.page.evaluate(
            "() => { const { shell } = window.jupyterapp; shell.activateById([...shell.widgets('main')].find((one) => one.context).id); }"
        )
    look = opened(app)
    row = look.get_by_role("row", name="probe")
    expect(look.get_by_role("row", name="rows")).to_be_visible()
    until_shown(app, row)
    app.screenshot(f"plugin-kernel-probe-{app.server.app}")
    expect(row).to_contain_text("7241")
    app.page.keyboard.press("Escape")
    if shown != app.page:
        shown.close()
    with urllib.request.urlopen(f"{app.server.url}/api/terminals", timeout=30) as answer:
        (terminal_model,) = json.load(answer)
    urllib.request.urlopen(
        urllib.request.Request(f"{app.server.url}/api/terminals/{terminal_model['name']}", method="DELETE"), timeout=30
    ).close()


def until_shown(app: Notebook, row: Locator) -> None:
    """Ask again and again: what is typed in a console tells nobody when it has run."""
    deadline = time.monotonic() + 60
    while row.count() == 0 and time.monotonic() < deadline:
        button(app.page.locator(".aj-look"), "Refresh").click()
        app.page.wait_for_timeout(200)


def test_one_line_says_what_the_agent_kernel_does_and_where(app: Notebook):
    app.open([SETUP + ENDLESS, END])
    app.run_cell(0)
    chat = app.chat.first
    expect(button(chat, "Run")).to_be_enabled(timeout=60_000)
    text = status(app).locator(".aj-status-text")
    expect(text).to_have_text(re.compile("^Agents wait for you · agent kernel idle, (not )?isolated"))
    button(chat, "Run").click()
    expect(text).to_have_text(re.compile(r"^Agents: running code \d+ s · agent kernel busy, (not )?isolated"))
    app.screenshot(f"plugin-status-busy-{app.server.app}", status(app))
    button(status(app), "Stop the agents").click()
    expect(text).to_have_text(re.compile("^Agents: idle · agent kernel idle, (not )?isolated"))
    expect(button(status(app), "Stop the agents")).to_be_hidden()
    app.run_cell(1)
    app.wait_for_text(1, "stopped by the human")


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_time_that_code_takes_is_right_where_the_page_has_another_clock(lab: Notebook, hours: int):
    lab.open([SETUP + ENDLESS, END])
    lab.page.evaluate("(hours) => { const now = Date.now; Date.now = () => now() + hours * 3600e3; window.ajNow = now; }", hours)
    text = status(lab).locator(".aj-status-text")
    try:
        lab.run_cell(0)
        expect(button(lab.chat.first, "Run")).to_be_enabled(timeout=60_000)
        button(lab.chat.first, "Run").click()
        expect(text).to_have_text(re.compile(r"^Agents: running code \d+ s · agent kernel busy"))
        button(status(lab), "Stop the agents").click()
        expect(text).to_contain_text("Agents: idle")
    finally:
        lab.page.evaluate("() => { Date.now = window.ajNow; }")


def test_the_menu_shows_the_agent_kernel_and_stops_the_agents(app: Notebook):
    app.open([SETUP + TALK, END])
    app.run_cell(0)
    expect(button(app.chat.first, "Run")).to_be_enabled(timeout=60_000)
    expect(status(app)).to_contain_text("Agents wait for you")
    choose(app, "Kernel", "Variables of the agent kernel")
    look = app.page.get_by_role("dialog", name="Agent kernel")
    expect(look.get_by_text("No variables.")).to_be_visible()
    app.page.keyboard.press("Escape")
    expect(look).to_have_count(0)
    choose(app, "Kernel", "Stop the agents")
    expect(status(app)).to_contain_text("Agents: idle")
    app.run_cell(1)
    app.wait_for_text(1, "stopped by the human")
    app.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    expect(app.page.get_by_role("menuitem", name="Stop the agents")).to_have_attribute("aria-disabled", "true")
    app.page.keyboard.press("Escape")


def test_the_line_leaves_the_menus_their_place_in_a_narrow_window(notebook7: Notebook):
    talk(notebook7)
    expect(status(notebook7)).to_contain_text("Agents: idle")
    size = notebook7.page.viewport_size
    assert size is not None
    menus, trusted = notebook7.page.locator("#jp-MainMenu"), notebook7.page.locator(".jp-NotebookTrustedStatus")
    before = menus.bounding_box()
    assert before is not None
    try:
        notebook7.page.set_viewport_size({"width": 640, "height": 700})
        notebook7.page.wait_for_function("() => document.querySelector('#menu-panel-wrapper').clientWidth <= 640")
        boxes = [place.bounding_box() for place in (menus, status(notebook7), trusted)]
        notebook7.screenshot("plugin-status-narrow")
        assert boxes[0]["width"] == before["width"]
        for left, right in itertools.pairwise(boxes):
            assert left["x"] + left["width"] <= right["x"] + 1
            assert abs(left["y"] + left["height"] / 2 - right["y"] - right["height"] / 2) < 6
    finally:
        notebook7.page.set_viewport_size(size)
