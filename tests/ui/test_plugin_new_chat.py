"""*New agent chat*: in the notebook in front, or in a new one."""

from __future__ import annotations

from .jupyter import PANEL, Notebook
from .plugin_page import execute, sources

LOAD = "%load_ext autogen_jupyter"
IN_FRONT = "() => window.jupyterapp.shell.currentWidget.id"


def test_the_launcher_opens_a_new_notebook_and_leaves_the_one_behind_it_alone(lab: Notebook):
    lab.open(["x = 1"])
    behind = lab.page.evaluate(f"{PANEL}.context.path")
    for _ in range(2):  # JupyterLab opens one of its own while it is empty: the one in front is meant
        lab.page.evaluate("window.jupyterapp.commands.execute('launcher:create')")
    launcher = lab.page.locator(f"#{lab.page.evaluate(IN_FRONT)}")
    launcher.locator(".jp-LauncherCard", has_text="New agent chat").click()
    lab.page.wait_for_function(f"(path) => ![undefined, path].includes({PANEL}?.context?.path)", arg=behind, timeout=60_000)
    lab.page.wait_for_function(f"() => {PANEL}.content.mode === 'edit' && {PANEL}.content.activeCellIndex > 0", timeout=60_000)
    assert sources(lab) == [LOAD, "%%agentchat\nWhat would you like to know?"]  # without the empty cell that a new notebook has
    lab.screenshot("plugin-new-chat")
    lab.page.keyboard.type("Hello")
    assert sources(lab) == [LOAD, "%%agentchat\nHello"]
    lab.wait_for_cell(0)
    for command, cells in (("undo", [""]), ("redo", [LOAD, "%%agentchat\nHello"])):
        lab.page.evaluate(f"window.jupyterapp.commands.execute('notebook:{command}-cell-action')")
        assert sources(lab) == cells
    find = "(path) => [...window.jupyterapp.shell.widgets('main')].find((one) => one.context?.path === path).content.model.cells.length"
    assert lab.page.evaluate(find, behind) == 1
    assert launcher.count() == 0


def test_a_notebook_in_front_gets_the_chat(app: Notebook):
    app.open([LOAD, "x = 1"])
    app.run_cell(0)
    app.wait_for_cell(0)
    execute(app, "new-chat")
    app.page.wait_for_function(f"() => {PANEL}.content.mode === 'edit' && {PANEL}.content.activeCellIndex === 1")
    assert sources(app) == [LOAD, "%%agentchat\nWhat would you like to know?", "x = 1"]


def test_an_empty_cell_of_a_notebook_that_was_there_stays(lab: Notebook):
    lab.open([""])
    execute(lab, "new-chat")
    lab.page.wait_for_function(f"() => {PANEL}.content.mode === 'edit' && {PANEL}.content.activeCellIndex === 2", timeout=60_000)
    assert sources(lab) == ["", LOAD, "%%agentchat\nWhat would you like to know?"]
