"""The JupyterLab plugin in both front ends: saved chats, and what can be done with cells and with the code of a chat."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
from playwright.sync_api import Page, expect

from . import jupyter
from .jupyter import PANEL, Notebook
from .plugin_page import END, MIME, SETUP, TALK, VIEW, activate, approve_both, button, chat_output, execute, menu, sources, talk, words


def test_a_chat_is_saved_while_it_waits_and_its_view_stays(app: Notebook):
    app.open([SETUP + TALK, END])
    app.run_cell(0)
    expect(button(app.chat, "Run")).to_be_enabled(timeout=60_000)
    app.page.evaluate("() => { document.querySelector('.aj-chat').dataset.same = 'yes' }")
    app.page.wait_for_function(
        f"""() => {PANEL}.content.model.sharedModel.cells[0].toJSON().outputs
            .some((output) => output.data?.['{MIME}']?.entries.length > 1)"""
    )
    saved = chat_output(app)
    assert set(saved) == {MIME, VIEW, "text/html", "text/markdown", "text/plain"}
    approve_both(app.chat)
    app.run_cell(1)
    app.wait_for_text(1, "TERMINATE")
    expect(app.chat).to_have_attribute("data-same", "yes")
    expect(app.chat.get_by_role("status").first).to_contain_text("Ended")
    assert set(chat_output(app)) == {MIME, "text/html", "text/markdown", "text/plain"}


def test_a_saved_chat_reads_as_before_without_a_kernel(app: Notebook):
    talk(app)
    before = app.chat.locator(".aj-log").inner_text()
    app.screenshot(f"plugin-live-{app.server.app}", app.chat)
    reopen_without_kernel(app)
    expect(app.chat.locator("img")).to_have_count(1, timeout=30_000)
    assert app.chat.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 60
    assert words(app.chat.locator(".aj-log").inner_text()) == words(before)
    expect(button(app.chat, "Stop")).to_be_hidden()
    app.screenshot(f"plugin-saved-{app.server.app}", app.chat)
    path = app.server.folder / app.page.evaluate(f"{PANEL}.context.path")
    nbformat.validate(nbformat.read(path, 4))
    app.page.goto("about:blank")  # JupyterLab goes on asking which kernel to take


def reopen_without_kernel(app: Notebook) -> None:
    """Open a copy of the saved notebook: in JupyterLab with no kernel at all, in Notebook 7 with a new one that knows of nothing."""
    app.page.evaluate(f"{PANEL}.context.save()")
    app.page.wait_for_function(f"() => !{PANEL}.context.model.dirty")
    app.server.end_kernels()
    path = app.page.evaluate(f"{PANEL}.context.path")
    copy = f"reopened-{path}"
    notebook = nbformat.read(app.server.folder / path, 4)
    if app.server.app == "lab":
        notebook.metadata["kernelspec"] = {"name": "gone", "display_name": "gone", "language": "python"}
    nbformat.write(notebook, app.server.folder / copy)
    app.page.goto(f"{app.server.url}/{'lab/tree' if app.server.app == 'lab' else 'notebooks'}/{copy}?reset")
    app.page.wait_for_function("(name) => window.jupyterapp?.shell?.currentWidget?.context?.path === name", arg=copy, timeout=60_000)


def test_asking_about_a_cell_writes_a_cell_with_the_question_selected(app: Notebook):
    app.open(["x = 1 + 1\nprint(x)", "1"])
    app.run_cell(0)
    app.wait_for_cell(0)
    activate(app, 0)
    app.page.get_by_role("button", name="Ask the agents about this cell, in a new cell below").first.click()
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 4")
    app.page.wait_for_function(f"() => {PANEL}.content.mode === 'edit' && {PANEL}.content.activeCellIndex === 2")
    assert sources(app)[1] == "%load_ext autogen_jupyter"
    assert "```python\nx = 1 + 1\nprint(x)\n```" in sources(app)[2]
    assert "```text\n2\n```" in sources(app)[2]
    app.page.keyboard.type("dd Why two?")
    assert sources(app)[2].startswith("%%agentchat\ndd Why two?\n\nThe cell:")
    app.screenshot(f"plugin-ask-{app.server.app}")
    execute(app, "go-to-linked-cell")
    app.page.wait_for_function(f"() => {PANEL}.content.activeCellIndex === 0")
    execute(app, "go-to-linked-cell")
    app.page.wait_for_function(f"() => {PANEL}.content.activeCellIndex === 2")
    for _ in range(2):
        app.page.evaluate("window.jupyterapp.commands.execute('notebook:undo-cell-action')")


def test_fix_is_offered_on_a_cell_that_failed_and_only_there(app: Notebook):
    app.open(["1/0", "print('fine')", "%load_ext autogen_jupyter"])
    fix = app.page.get_by_role("button", name="Let the agents find out why this cell failed, in a new cell below")
    activate(app, 0)
    expect(fix.first).to_be_hidden()
    app.run_cell(0)
    app.wait_for_text(0, "ZeroDivisionError")
    activate(app, 0)
    expect(fix.first).to_be_visible()
    app.screenshot(f"plugin-fix-{app.server.app}")
    fix.first.click()
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 4")
    assert "ZeroDivisionError: division by zero" in sources(app)[1]
    assert "\x1b" not in sources(app)[1]
    activate(app, 2)
    expect(fix.first).to_be_hidden()


def test_fix_is_not_offered_where_a_chat_failed_or_a_person_stopped(lab: Notebook):
    lab.open(["%load_ext autogen_jupyter", "%%agentchat --no-such-option\nHello", "raise KeyboardInterrupt", "1/0"])
    fix = lab.page.get_by_role("button", name="Let the agents find out why this cell failed, in a new cell below")
    for index, name in enumerate(["", "UsageError", "KeyboardInterrupt", "ZeroDivisionError"]):
        lab.run_cell(index)
        lab.wait_for_text(index, name)
        lab.wait_for_cell(index)
    for index in (1, 2):
        activate(lab, index)
        expect(lab.page.get_by_role("button", name="Ask the agents about this cell").first).to_be_visible()
        expect(fix.first).to_be_hidden()
        assert not lab.page.evaluate("window.jupyterapp.commands.isVisible('autogen-jupyter:fix-cell')")
    activate(lab, 3)
    assert lab.page.evaluate("window.jupyterapp.commands.isVisible('autogen-jupyter:fix-cell')")


def test_fix_stands_below_the_error_itself(app: Notebook):
    app.open(["1/0", "%load_ext autogen_jupyter", "%%agentchat --no-such-option\nHello"])
    for index in range(3):
        app.run_cell(index)
        app.wait_for_cell(index)
    errors = app.page.locator(".jp-Notebook .aj-error-output")
    expect(errors).to_have_count(2)
    expect(errors.nth(0)).to_contain_text("ZeroDivisionError")
    fix = errors.get_by_role("button", name="Fix with agents")
    expect(fix).to_have_count(1)  # a chat that failed is nothing to ask a chat about
    activate(app, 1)
    app.screenshot(f"plugin-fix-output-{app.server.app}")
    fix.focus()
    app.page.keyboard.press("Enter")
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 4")
    app.page.wait_for_function(f"() => {PANEL}.content.mode === 'edit' && {PANEL}.content.activeCellIndex === 1")
    assert "```python\n1/0\n```" in sources(app)[1]
    assert "ZeroDivisionError: division by zero" in sources(app)[1]


def test_code_of_a_chat_becomes_cells(app: Notebook):
    talk(app)
    insert = button(app.chat, "Insert cell").first
    insert.click()
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 3")
    assert sources(app)[1] == "print(111)"
    app.page.evaluate("window.jupyterapp.commands.execute('notebook:undo-cell-action')")
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 2")
    menu(app, "Insert all code as cells")
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 4")
    assert sources(app)[1] == "print(111)"
    assert "display(Image(png))" in sources(app)[2]
    execute(app, "go-to-linked-cell")
    app.page.wait_for_function(f"() => {PANEL}.content.activeCellIndex === 0")
    menu(app, "Insert cell above")
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 5")
    assert sources(app)[0] == "print(111)"


def test_replacing_a_cell_shows_what_changes_and_asks(app: Notebook):
    talk(app)
    app.page.evaluate(f"{PANEL}.content.model.sharedModel.insertCell(0, {{ cell_type: 'code', source: 'print(110)' }})")
    menu(app, "Replace cell…")
    dialog = app.page.get_by_role("dialog")
    expect(dialog.locator("[data-op=removed]")).to_contain_text("print(110)")
    expect(dialog.locator("[data-op=added]")).to_contain_text("print(111)")
    app.screenshot(f"plugin-replace-{app.server.app}")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_have_count(0)
    assert sources(app)[0] == "print(110)"
    menu(app, "Replace cell…")
    dialog.get_by_role("button", name="Accept").click()
    expect(dialog).to_have_count(0)
    assert sources(app)[0] == "print(111)"
    app.page.keyboard.press("Enter")  # a cell's text has its own history, as always in a notebook
    app.page.keyboard.press("Control+z")
    app.page.wait_for_function(f"() => {PANEL}.content.model.sharedModel.cells[0].getSource() === 'print(110)'")


def test_without_the_plugin_the_output_changes_once_at_the_end(browser_page: Page):
    with jupyter.server("lab", plugin=False) as server:
        app = Notebook(browser_page, server)
        app.open([SETUP + TALK, END])
        app.run_cell(0)
        for text in ("print(111)", "drawn"):  # the view goes when the chat ends, so only the next question says that one was heard
            expect(app.chat.locator(".aj-form").get_by_text("Run the code")).to_be_visible(timeout=60_000)
            expect(app.chat.locator("code", has_text=text).first).to_be_visible()
            button(app.chat, "Run").click()
        app.run_cell(1)
        app.wait_for_text(1, "TERMINATE", timeout=60)
        assert set(chat_output(app)) == {MIME, "text/html", "text/markdown", "text/plain"}
        expect(app.chat).to_have_count(0)
        expect(button(app.page.locator("body"), "Insert cell")).to_have_count(0)
        assert app.page.evaluate("typeof globalThis.autogenJupyter") == "undefined"


def test_no_shortcut_is_taken_twice():
    schemas = Path(sys.prefix) / "share/jupyter/lab/schemas"
    taken = {
        keys(shortcut) for path in schemas.rglob("*.json") for shortcut in json.loads(path.read_text()).get("jupyter.lab.shortcuts", [])
    }
    own = json.loads((jupyter.ROOT / "labextension/schema/plugin.json").read_text())["jupyter.lab.shortcuts"]
    assert own
    assert len(taken) > 50
    assert not {keys(shortcut) for shortcut in own} & taken


def keys(shortcut: dict) -> str:
    return " ".join(shortcut.get("keys", []))
