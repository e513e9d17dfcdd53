"""A chat whose page is loaded again, seen twice, closed and opened, or left by its kernel: with a real session behind it."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import Locator, expect

from autogen_jupyter.notebook.kept import read_kept

from .jupyter import PANEL, Notebook
from .plugin_page import MIME, VIEW, chat_output, status

SETUP = """
import asyncio
from autogen_jupyter import AssistantAgent, UserProxyAgent
from autogen_jupyter.models.scripted import ScriptedModel
from autogen_jupyter.notebook.chat_view import live_session
"""
CHAT = """
def code(n):
    return f"Step {n}:\\n\\n```python\\nprint({n} * 111)\\n```"
session = live_session("always")
bot = AssistantAgent("assistant", llm_config=ScriptedModel([code(1), code(2), "All done. TERMINATE"]))
user = UserProxyAgent("user", human_input_mode="NEVER", is_termination_msg=lambda m: "TERMINATE" in (m["content"] or ""))
task = asyncio.create_task(session.run(lambda: user.a_initiate_chat(bot, message="Count.")))
"""


def start(lab: Notebook) -> None:
    lab.open([SETUP + CHAT, "result = await task\nprint(result.stop_reason, len(result.chat_history))"])
    lab.run_cell(0)
    expect(button(lab.chat, "Run")).to_be_visible(timeout=60_000)


def button(chat: Locator, name: str) -> Locator:
    return chat.get_by_role("button", name=name, exact=True)


def output(chat: Locator, text: str) -> Locator:
    return chat.locator(".aj-output", has_text=text)


def wait_until_saved(lab: Notebook, text: str) -> None:
    """Wait until the chat's own form, in the notebook, holds a text."""
    lab.page.wait_for_function(
        f"""(text) => {PANEL}.content.model.sharedModel.cells[0].toJSON().outputs
            .some((output) => JSON.stringify(output.data?.['{MIME}'] ?? '').includes(text))""",
        arg=text,
    )


def run_until_the_end(lab: Notebook, chat: Locator) -> None:
    lab.run_cell(1)
    lab.wait_for_text(1, "TERMINATE", timeout=30)


def test_loaded_again_in_the_middle_of_a_question(lab: Notebook):
    start(lab)
    lab.reload()
    expect(button(lab.chat, "Run")).to_be_enabled(timeout=30_000)
    button(lab.chat, "Run").click()
    expect(output(lab.chat, "111")).to_be_visible(timeout=30_000)
    expect(lab.chat.get_by_text("Step 2:")).to_be_visible()
    button(lab.chat, "Run").click()
    run_until_the_end(lab, lab.chat)
    expect(lab.chat.get_by_role("status").first).to_contain_text("Ended")
    expect(lab.chat.get_by_text("All done.")).to_be_visible()
    lab.screenshot("reloaded", lab.chat)


@pytest.mark.parametrize("ipykernel", ["6.30.1", "7.3.0", "7.4.0"])
def test_loaded_again_while_the_cell_waits_for_the_answer(lab: Notebook, ipykernel: str):
    whole = SETUP + CHAT + "result = await task\nreason = result.stop_reason"
    lab.open([whole, "print(reason, len(result.chat_history))"], kernel=lab.server.add_kernel(ipykernel))
    lab.run_cell(0)
    expect(button(lab.chat, "Run")).to_be_visible(timeout=60_000)
    lab.reload()
    expect(button(lab.chat, "Run")).to_be_enabled(timeout=30_000)
    button(lab.chat, "Run").click()
    expect(output(lab.chat, "111")).to_be_visible(timeout=30_000)
    expect(lab.chat.get_by_text("Step 2:")).to_be_visible()
    button(lab.chat, "Run").click()
    expect(lab.chat.get_by_text("All done.")).to_be_visible(timeout=30_000)
    run_until_the_end(lab, lab.chat)
    expect(lab.chat.get_by_role("status").first).to_contain_text("Ended")


def test_loaded_again_while_the_kernel_is_busy_for_longer_than_the_page_is_patient(lab: Notebook):
    held = lab.server.folder / "held"
    held.touch()
    lab.open(["%load_ext autogen_jupyter\n" + SETUP + CHAT, "import pathlib, time\nwhile pathlib.Path('held').exists(): time.sleep(0.1)"])
    lab.run_cell(0)
    expect(button(lab.chat, "Run")).to_be_visible(timeout=60_000)
    wait_until_saved(lab, "Step 1")
    lab.run_cell(1)
    lab.wait_for_kernel("busy")
    lab.page.evaluate(f"{PANEL}.context.save()")
    lab.page.reload()
    expect(lab.chat).to_contain_text("Shown as it was saved", timeout=60_000)
    lab.page.wait_for_timeout(17_000)
    expect(lab.chat).to_contain_text("Shown as it was saved")
    lab.screenshot("kernel-busy", lab.chat)
    held.unlink()
    expect(button(lab.chat, "Run")).to_be_enabled(timeout=30_000)
    expect(status(lab)).to_contain_text("Agents wait for you")


def test_seen_in_two_tabs_and_answered_in_one(lab: Notebook):
    start(lab)
    lab.page.evaluate(f"{PANEL}.context.save()")
    second = lab.page.context.new_page()
    try:
        name = lab.page.evaluate(f"{PANEL}.context.path")
        second.goto(f"{lab.server.url}/lab/workspaces/second/tree/{name}?reset")
        other = second.locator(".aj-chat")
        expect(button(other, "Run")).to_be_enabled(timeout=60_000)
        button(other, "Edit").click()
        other.get_by_role("textbox", name="Code to run").fill("print(1 * 999)")
        button(other, "Run edited code").click()
        expect(output(lab.chat, "999")).to_be_visible(timeout=30_000)
        expect(lab.chat.get_by_text("edited by you").first).to_be_visible()
        button(lab.chat, "Run").click()
        expect(output(other, "222")).to_be_visible(timeout=30_000)
        run_until_the_end(lab, lab.chat)
    finally:
        second.close()


def test_closed_and_opened_again_while_the_kernel_lives(lab: Notebook):
    start(lab)
    name = lab.page.evaluate(f"{PANEL}.context.path")
    lab.page.evaluate(f"(async () => {{ const panel = {PANEL}; await panel.context.save(); panel.dispose(); }})()")
    expect(lab.chat).to_have_count(0)
    lab.page.evaluate("(path) => void window.jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' })", name)
    expect(button(lab.chat, "Run")).to_be_enabled(timeout=30_000)
    button(lab.chat, "Run").click()
    expect(lab.chat.get_by_text("Step 2:")).to_be_visible(timeout=30_000)
    button(lab.chat, "Run").click()
    run_until_the_end(lab, lab.chat)


def test_left_by_its_kernel_it_says_so_and_what_was_saved_stays(lab: Notebook):
    lab.open([SETUP + CHAT], name="left.ipynb")
    lab.run_cell(0)
    button(lab.chat, "Run").click(timeout=60_000)
    expect(lab.chat.get_by_text("Step 2:")).to_be_visible(timeout=30_000)
    wait_until_saved(lab, "Step 2")
    before = chat_output(lab)
    lab.page.evaluate(f"void {PANEL}.sessionContext.session.kernel.restart()")
    expect(lab.chat).to_contain_text("Disconnected: the notebook kernel was restarted or is gone")
    expect(lab.chat).to_have_attribute("data-state", "disconnected")
    expect(output(lab.chat, "111")).to_be_visible()
    lab.screenshot("kernel-gone", lab.page.locator(".jp-Cell-outputArea").first)

    lab.wait_for_kernel()
    lab.page.evaluate(f"{PANEL}.context.save()")
    lab.page.wait_for_function(f"() => !{PANEL}.context.model.dirty")
    saved = nbformat.read(lab.server.folder / "left.ipynb", 4)
    nbformat.validate(saved)
    del before[VIEW]
    (kept,) = [one.data for one in saved.cells[0].outputs if one.output_type == "display_data"]
    assert {mime: "".join(text) if isinstance(text, list) else text for mime, text in kept.items()} == before
    assert "Step 2" in read_kept(lab.server.folder / "left.ipynb").messages[-1]["content"]
