"""The quickstart as a person goes through it: every cell run, every piece of code looked at and approved by a click."""

from __future__ import annotations

import contextlib
import shutil

import nbformat
import pytest
from playwright.sync_api import Error, expect

from .jupyter import ROOT, Notebook

QUICKSTART = ROOT / "notebooks" / "quickstart.ipynb"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def quickstart_cells() -> list[str]:
    return [cell.source for cell in nbformat.read(QUICKSTART, 4).cells if cell.cell_type == "code"]


def asking(cell: str) -> str:
    """Let a cell's code ask before it runs, also where it is isolated."""
    return cell.replace("%%agentchat", "%%agentchat --approve always", 1)


def bring_data(notebook: Notebook) -> None:
    shutil.copytree(ROOT / "notebooks" / "data", notebook.server.folder / "data", dirs_exist_ok=True)


def approve_until_it_ends(notebook: Notebook, cell: int) -> int:
    """Click *Run* whenever code asks; return how often."""
    clicks = 0
    run = notebook.chat.get_by_role("button", name="Run", exact=True)
    for _ in range(600):
        if notebook.has_ended(cell):
            return clicks
        if run.is_visible():
            with contextlib.suppress(Error):  # the question can be gone by now
                run.click(timeout=2_000)
                clicks += 1
        notebook.page.wait_for_timeout(100)
    raise AssertionError(f"Cell {cell} has not ended:\n{notebook.cell_text(cell)}")


@pytest.mark.parametrize("theme", THEMES)
def test_the_quickstart_is_gone_through_by_clicks(lab: Notebook, theme: str):
    cells = quickstart_cells()
    bring_data(lab)
    lab.open([asking(cell) for cell in cells])
    lab.set_theme(THEMES[theme])
    first = next(number for number, cell in enumerate(cells) if cell.startswith("%%agentchat"))
    lab.run_cell(0)
    lab.run_cell(first)

    message = lab.chat.get_by_role("article", name="assistant to user").first
    expect(message).to_be_visible(timeout=30_000)
    expect(lab.chat.get_by_text("not a language model").first).to_be_visible()
    run = lab.chat.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_visible(timeout=30_000)
    lab.screenshot(f"quickstart-{theme}-asked")
    run.click()
    expect(lab.chat.get_by_role("article", name="Code run by user: Done").first).to_be_visible(timeout=60_000)
    expect(run).to_be_visible(timeout=30_000)
    run.click()
    lab.wait_for_cell(first)
    lab.screenshot(f"quickstart-{theme}-ended")

    plot = lab.page.locator(".jp-OutputArea-output img[src^='data:image/png']").first
    plot.scroll_into_view_if_needed()
    expect(plot).to_be_visible()
    assert plot.evaluate("image => image.naturalWidth") > 200
    lab.screenshot(f"quickstart-{theme}-plot")

    for number, cell in enumerate(cells):
        if number > first:
            lab.run_cell(number)
            clicks = approve_until_it_ends(lab, number)
            assert bool(clicks) == cell.startswith("%%agentchat")
    lab.wait_for_text(first + 1, "the chat stopped because: assistant has answered")
    errors = [output for number in range(len(cells)) for output in lab.outputs(number) if output["output_type"] == "error"]
    assert errors == []
    assert (lab.dialogs, lab.requests) == ([], [])


def test_stop_ends_the_chat_with_a_result_and_the_kernel_goes_on(lab: Notebook):
    bring_data(lab)
    lab.open(["%load_ext autogen_jupyter", "%%agentchat --approve always\nDescribe data/penguins.csv", "print(_.stop_reason)"])
    lab.run_cell(0)
    lab.run_cell(1)
    expect(lab.chat.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=30_000)
    lab.chat.get_by_role("button", name="Stop").click()
    lab.wait_for_cell(1)
    lab.run_cell(2)
    lab.wait_for_text(2, "stopped by the human")


def test_edited_code_runs_and_end_chat_ends(lab: Notebook):
    bring_data(lab)
    lab.open(
        [
            "%load_ext autogen_jupyter",
            "%%agentchat --approve always\nDescribe data/penguins.csv",
            "print([b.code for b in _.code], _.stop_reason)",
        ]
    )
    lab.run_cell(0)
    lab.run_cell(1)
    chat = lab.chat
    expect(chat.get_by_role("button", name="Edit", exact=True)).to_be_visible(timeout=30_000)
    chat.get_by_role("button", name="Edit", exact=True).click()
    chat.get_by_role("textbox", name="Code to run").fill("print('edited by me')")
    chat.get_by_role("button", name="Run edited code").click()
    expect(chat.get_by_role("article", name="Code run by user: Done")).to_contain_text("edited by me", timeout=30_000)
    for _ in range(8):
        if lab.has_ended(1):
            break
        end = chat.get_by_role("button", name="End chat")
        if end.is_visible():
            end.click()
        lab.page.wait_for_timeout(500)
    lab.wait_for_cell(1)
    lab.run_cell(2)
    lab.wait_for_text(2, "print('edited by me')")


def test_where_no_view_can_be_heard_the_question_comes_to_the_cells_input_box(lab: Notebook):
    """A blocking chat holds the kernel, so that a click would not arrive: JupyterLab's own box asks instead."""
    lab.open(
        [
            "%load_ext autogen_jupyter\nfrom autogen_jupyter import ConversableAgent, ScriptedModel, UserProxyAgent",
            "bot = ConversableAgent('bot', llm_config=ScriptedModel(['What colour?', 'Blue it is.']), human_input_mode='NEVER')\n"
            "user = UserProxyAgent('user', code_execution_config=False)\n"
            "result = user.initiate_chat(bot, message='Paint it.')\nprint(result.human_input)",
        ]
    )
    lab.run_cell(0)
    lab.run_cell(1)
    box = lab.page.locator(".jp-Stdin-input")
    for text in ("blue", "exit"):
        expect(box).to_be_visible(timeout=30_000)
        box.fill(text)
        box.press("Enter")
        expect(box).to_have_count(0)
    lab.wait_for_text(1, "['blue', 'exit']")
