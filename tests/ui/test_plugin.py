"""The JupyterLab plugin in both front ends: saved chats, and what can be done with cells and with the code of a chat."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from . import jupyter
from .jupyter import PANEL, Notebook

MIME = "application/vnd.autogen-jupyter.chat.v1+json"
VIEW = "application/vnd.jupyter.widget-view+json"
SETUP = """
%load_ext autogen_jupyter
import asyncio
from autogen_jupyter import AssistantAgent, UserProxyAgent
from autogen_jupyter.models.scripted import ScriptedModel
from autogen_jupyter.notebook.chat_view import live_session
"""
TALK = '''
PLOT = """Here it is:

```python
from IPython.display import Image, display
import struct, zlib, os
def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
rows = b"".join(b"\\\\0" + os.urandom(3 * 60) for _ in range(40))
head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60, 40, 8, 2, 0, 0, 0))
png = b"\\\\x89PNG\\\\r\\\\n\\\\x1a\\\\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
display(Image(png))
print("drawn")
```
"""
session = live_session("always")
bot = AssistantAgent("assistant", llm_config=ScriptedModel(["First:\\n\\n```python\\nprint(111)\\n```", PLOT, "All **done**. TERMINATE"]))
user = UserProxyAgent("user", human_input_mode="NEVER", is_termination_msg=lambda m: "TERMINATE" in (m["content"] or ""))
task = asyncio.create_task(session.run(lambda: user.a_initiate_chat(bot, message="Draw something.")))
'''
END = "result = await task\nprint(result.stop_reason)"


@pytest.fixture(params=["lab", "notebook7"])
def app(request: pytest.FixtureRequest) -> Notebook:
    """A notebook in each of the two front ends."""
    return request.getfixturevalue(request.param)


def button(where: Locator, name: str) -> Locator:
    return where.get_by_role("button", name=name, exact=True)


def chat_output(app: Notebook, cell: int = 0) -> dict:
    return next(output["data"] for output in app.outputs(cell) if MIME in output.get("data", {}))


def approve_both(chat: Locator) -> None:
    """Say yes to the two blocks of the conversation."""
    for text in ("111", "drawn"):
        expect(button(chat, "Run")).to_be_enabled(timeout=60_000)
        button(chat, "Run").click()
        expect(chat.locator(".aj-output", has_text=text).first).to_be_visible(timeout=30_000)


def talk(app: Notebook, *more: str) -> None:
    """Hold a whole conversation, approving what it asks."""
    app.open([SETUP + TALK, END, *more])
    app.run_cell(0)
    approve_both(app.chat)
    app.run_cell(1)
    app.wait_for_text(1, "TERMINATE")


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


def words(text: str) -> list[str]:
    return text.split()


def sources(app: Notebook) -> list[str]:
    return list(app.page.evaluate(f"{PANEL}.content.model.sharedModel.cells.map((cell) => cell.getSource())"))


def execute(app: Notebook, command: str) -> None:
    app.page.evaluate("(command) => window.jupyterapp.commands.execute(`autogen-jupyter:${command}`)", command)


def activate(app: Notebook, index: int) -> None:
    app.page.evaluate(f"(index) => {{ {PANEL}.content.activeCellIndex = index; {PANEL}.content.activate(); }}", index)


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


def menu(app: Notebook, item: str) -> None:
    app.page.get_by_role("button", name="More for this code").first.click()
    app.screenshot(f"plugin-menu-{app.server.app}")
    app.page.get_by_role("menuitem", name=item).click()


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


def status(app: Notebook) -> Locator:
    return app.page.locator(".aj-status")


def test_the_side_bar_shows_the_chat_and_answers_it(app: Notebook):
    app.open([SETUP + TALK, END])
    app.run_cell(0)
    expect(button(app.chat.first, "Run")).to_be_enabled(timeout=60_000)
    execute(app, "toggle-panel")
    panel = app.page.locator(".aj-panel")
    expect(panel.get_by_role("tab")).to_have_count(1)
    expect(panel.get_by_role("tab")).to_contain_text("Draw something.")
    if app.server.app == "lab":
        expect(status(app)).to_contain_text("Agents wait for you")
    side = panel.locator(".aj-chat")
    app.screenshot(f"plugin-panel-{app.server.app}")
    approve_both(side)
    app.run_cell(1)
    app.wait_for_text(1, "TERMINATE")
    if app.server.app == "lab":
        expect(status(app)).to_contain_text("Agents: idle")
    execute(app, "toggle-panel")


def test_what_is_written_in_the_side_bar_becomes_a_cell_that_runs(app: Notebook):
    app.open(["%load_ext autogen_jupyter", "y = 7"])
    app.run_cell(0)
    app.wait_for_cell(0)
    activate(app, 1)
    execute(app, "toggle-panel")
    panel = app.page.locator(".aj-panel")
    panel.get_by_label("With the active cell").check()
    panel.get_by_label("Model").fill("builtin/demo")
    panel.get_by_label("Message to the agents").fill("Say hello in one word.")
    panel.get_by_text("What will be sent").click()
    expected = "%%agentchat -m builtin/demo\nSay hello in one word.\n\nThe cell:\n\n```python\ny = 7\n```"
    expect(panel.locator(".aj-preview")).to_have_text(expected)
    app.screenshot(f"plugin-compose-{app.server.app}")
    button(panel, "Send").click()
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 3")
    assert sources(app)[2] == expected
    expect(panel.get_by_role("tab")).to_have_count(1, timeout=30_000)
    if app.server.app == "lab":
        button(status(app), "Stop the agents").click()
    else:
        button(panel.locator(".aj-chat"), "Stop").click()
    app.page.wait_for_function(
        f"""() => {PANEL}.content.model.sharedModel.cells[2].toJSON().outputs
            .some((output) => output.data?.['{MIME}']?.status.state === 'ended')"""
    )
    execute(app, "toggle-panel")


def test_in_the_dark_and_in_a_narrow_side_bar(lab: Notebook):
    talk(lab)
    lab.set_theme("JupyterLab Dark")
    execute(lab, "toggle-panel")
    side = lab.page.locator(".aj-panel .aj-chat")
    expect(side).to_have_attribute("data-scheme", "dark")
    for bar in side.locator(".aj-code-bar").all():
        assert bar.evaluate("(bar) => bar.scrollWidth <= bar.clientWidth")
    lab.screenshot("plugin-dark")
    menu(lab, "Insert all code as cells")
    execute(lab, "toggle-panel")
    lab.set_theme("JupyterLab Light")


def test_without_the_plugin_the_output_changes_once_at_the_end(browser_page: Page):
    with jupyter.server("lab", plugin=False) as server:
        app = Notebook(browser_page, server)
        talk(app)
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
