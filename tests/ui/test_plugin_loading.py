"""`%%agentchat` is known to the kernel before a cell that the plugin wrote runs, and only what that takes is added to the notebook."""

from __future__ import annotations

from playwright.sync_api import expect

from .jupyter import PANEL, Notebook
from .plugin_page import activate, button, execute, run_all, sources, stop_all

LOAD = "%load_ext autogen_jupyter"


def ask_about(app: Notebook, index: int, *, cells: int) -> None:
    activate(app, index)
    execute(app, "ask-cell")
    app.page.wait_for_function(f"(count) => {PANEL}.content.model.cells.length === count", arg=cells)


def send(app: Notebook, *, cells: int) -> None:
    """Write to the agents in the side bar, and wait for the chat."""
    execute(app, "toggle-panel")
    panel = app.page.locator(".aj-panel")
    panel.get_by_label("Model").fill("builtin/demo")
    panel.get_by_label("Message to the agents").fill("Say hello in one word.")
    button(panel, "Send").click()
    app.page.wait_for_function(f"(count) => {PANEL}.content.model.cells.length === count", arg=cells)
    expect(panel.get_by_role("tab")).to_have_count(1, timeout=60_000)
    stop_all(app)
    execute(app, "toggle-panel")


def test_a_notebook_that_only_imports_us_gets_the_cell_that_loads(lab: Notebook):
    lab.open(["from autogen_jupyter import AssistantAgent", "x = 1"])
    run_all(lab, 2)
    ask_about(lab, 1, cells=4)
    assert sources(lab)[2] == LOAD
    lab.wait_for_cell(2)
    assert lab.outputs(2) == []


def test_a_cell_that_loaded_into_a_former_kernel_is_run_again(app: Notebook):
    app.open([LOAD, "x = 1"])
    run_all(app, 2)
    app.page.evaluate(f"{PANEL}.sessionContext.restartKernel()")
    app.wait_for_kernel()
    send(app, cells=3)
    assert sources(app)[:2] == [LOAD, "x = 1"]
    assert app.page.evaluate(f"{PANEL}.content.model.sharedModel.cells[0].execution_count") == 1
    assert not app.cell_text(2).startswith("UsageError")


def test_a_kernel_that_has_loaded_us_otherwise_gets_no_cell_for_it(lab: Notebook):
    lab.open(["get_ipython().extension_manager.load_extension('autogen_jupyter')", "x = 1"])
    run_all(lab, 2)
    ask_about(lab, 1, cells=3)
    assert sources(lab)[2].startswith("%%agentchat\n")
    send(lab, cells=4)


def test_code_of_the_person_is_not_run_to_load(lab: Notebook):
    lab.open([f"{LOAD}\nprint('mine')", "x = 1"])
    ask_about(lab, 1, cells=4)
    assert sources(lab)[2] == LOAD
    lab.wait_for_cell(2)
    assert not lab.has_ended(0)


def test_asking_while_a_cell_runs_waits_for_no_end_of_it(lab: Notebook):
    lab.open([LOAD, "import time; time.sleep(60)"])
    run_all(lab, 1)
    lab.run_cell(1)
    lab.wait_for_kernel("busy")
    ask_about(lab, 1, cells=3)
    assert sources(lab)[2].startswith("%%agentchat\n")
    stop_all(lab)
