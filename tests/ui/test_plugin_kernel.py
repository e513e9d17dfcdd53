"""A look into the agent kernel from the status bar, and a console on it."""

from __future__ import annotations

import json
import re
import time
import urllib.request

from playwright.sync_api import Locator, expect

from .jupyter import Notebook
from .plugin_page import END, SETUP, TALK, button, execute, status, talk


def opened(app: Notebook) -> Locator:
    """Open the look into the agent kernel, as the front end allows."""
    if app.server.app == "lab":
        status(app).get_by_role("button").first.click()
    else:
        execute(app, "show-kernel")
    return app.page.get_by_role("dialog", name="Agent kernel")


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


def test_a_console_opens_on_the_agent_kernel_and_shares_its_variables(lab: Notebook):
    talk(lab)
    look = opened(lab)
    button(look, "Open console").click()
    expect(look).to_have_count(0)
    terminal = lab.page.locator(".jp-Terminal")
    expect(terminal).to_be_visible()
    terminal.click()
    lab.page.keyboard.type("probe = len(rows) + 1\n")
    lab.page.evaluate(
        "() => { const { shell } = window.jupyterapp; shell.activateById([...shell.widgets('main')].find((one) => one.context).id); }"
    )
    look = opened(lab)
    row = look.get_by_role("row", name="probe")
    expect(look.get_by_role("row", name="rows")).to_be_visible()
    until_shown(lab, row)
    lab.screenshot("plugin-kernel-probe")
    expect(row).to_contain_text("7241")
    lab.page.keyboard.press("Escape")
    with urllib.request.urlopen(f"{lab.server.url}/api/terminals", timeout=30) as answer:
        (terminal_model,) = json.load(answer)
    urllib.request.urlopen(
        urllib.request.Request(f"{lab.server.url}/api/terminals/{terminal_model['name']}", method="DELETE"), timeout=30
    ).close()


def until_shown(lab: Notebook, row: Locator) -> None:
    """Ask again and again: what is typed in a console tells nobody when it has run."""
    deadline = time.monotonic() + 60
    while row.count() == 0 and time.monotonic() < deadline:
        button(lab.page.locator(".aj-look"), "Refresh").click()
        lab.page.wait_for_timeout(200)


def test_the_status_bar_says_what_the_agent_kernel_does_and_where(lab: Notebook):
    busy = TALK.replace("print(111)", "import time; time.sleep(4); print(111)")
    lab.open([SETUP + busy, END])
    lab.run_cell(0)
    chat = lab.chat.first
    expect(button(chat, "Run")).to_be_enabled(timeout=60_000)
    expect(status(lab)).to_contain_text("Agents wait for you")
    button(chat, "Run").click()
    text = status(lab).locator(".aj-status-text")
    expect(text).to_contain_text("agent kernel busy")
    expect(text).to_contain_text("2 s")
    lab.screenshot("plugin-status-busy", status(lab))
    expect(text).to_contain_text(re.compile("agent kernel busy, (not )?isolated"))
    expect(button(chat, "Run")).to_be_enabled(timeout=60_000)
    button(chat, "Run").click()
    lab.run_cell(1)
    lab.wait_for_text(1, "TERMINATE")
