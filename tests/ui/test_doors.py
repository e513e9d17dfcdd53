"""A running chat is answered and stopped from elsewhere, and its view shows what became of everything."""

from __future__ import annotations

from playwright.sync_api import expect

from .jupyter import Notebook
from .test_reconnection import CHAT, SETUP, button, output

TOOLS = """
import asyncio
from autogen_jupyter import AssistantAgent, ScriptedModel, ToolCall, UserProxyAgent, register_function
from autogen_jupyter.models.wire import to_wire
from autogen_jupyter.notebook.chat_view import live_session

def add(a: int, b: int) -> int:
    "Add two numbers."
    return a + b

async def wait() -> str:
    "Wait for ever."
    await asyncio.Event().wait()

def calls(*names):
    given = {"add": '{"a": 1, "b": 2}'}
    return tuple(ToolCall(f"c{n}", name, given.get(name, "{}")) for n, name in enumerate(names))

model = ScriptedModel([calls("add", "wait"), "So it is."])
bot = AssistantAgent("assistant", llm_config=model, tools=[add, wait])
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
session = live_session("never")
task = asyncio.create_task(session.run(lambda: user.a_initiate_chat(bot, message="Add, and wait.", max_turns=1)))
"""
GO_ON = """
result = await task
print(result.stop_reason)
await user.a_initiate_chat(bot, message="And now?", max_turns=1, clear_history=False)
asked = to_wire(model.requests[-1].messages)
print([message["role"] for message in asked])
print([message["content"] for message in asked if message["role"] == "tool"])
"""
ANSWER = """
from autogen_jupyter import InputAnswer
print(session.answer(session.pending.id, InputAnswer("run", via="api")))
"""


def test_stopped_in_the_middle_of_tools_it_says_so_and_the_history_can_go_on(lab: Notebook):
    lab.open([TOOLS, GO_ON])
    lab.run_cell(0)
    chat = lab.chat.first
    expect(chat.get_by_role("group", name="Call of add: Done")).to_be_visible(timeout=60_000)
    expect(chat.get_by_role("group", name="Call of wait: Running")).to_be_visible()
    button(chat, "Stop").click()
    expect(chat.get_by_role("group", name="Call of wait: Interrupted")).to_be_visible()
    expect(chat.get_by_role("status").first).to_contain_text("Ended: stopped by the human")
    expect(chat.get_by_text("Not run yet")).to_have_count(0)
    lab.screenshot("tools-stopped", chat)
    lab.run_cell(1)
    lab.wait_for_text(1, "['system', 'user', 'assistant', 'tool', 'tool', 'user']")
    said = lab.cell_text(1)
    assert said.startswith("stopped by the human\n")
    assert said.count("'3'") == 1


def test_a_call_that_the_end_of_the_chat_came_before_is_not_run(lab: Notebook):
    """The chat is over before its page has drawn anything of it."""
    lab.open(
        [TOOLS.replace("tools=[add, wait]", "") + "register_function(add, caller=bot, executor=user)", "print((await task).stop_reason)"]
    )
    lab.run_cell(0)
    expect(lab.chat.get_by_role("group", name="Call of add: Not run")).to_be_visible(timeout=30_000)
    expect(lab.chat.get_by_text("Not run yet")).to_have_count(0)
    lab.run_cell(1)
    lab.wait_for_text(1, "max_turns=1 was reached")


def test_a_program_answers_from_another_cell_and_the_view_says_so(lab: Notebook):
    lab.open([SETUP + CHAT, ANSWER, "print(session.answer('gone', InputAnswer('run')), (await task).stop_reason)"])
    lab.run_cell(0)
    expect(button(lab.chat, "Run")).to_be_enabled(timeout=60_000)
    lab.run_cell(1)
    lab.wait_for_text(1, "True")
    expect(output(lab.chat, "111")).to_be_visible(timeout=30_000)
    expect(button(lab.chat, "Run")).to_be_enabled(timeout=30_000)
    lab.run_cell(1)
    expect(output(lab.chat, "222")).to_be_visible(timeout=30_000)
    expect(lab.chat.get_by_text("Answered by a program")).to_be_visible()
    expect(button(lab.chat, "Run")).to_have_count(0)
    lab.run_cell(2)
    lab.wait_for_text(2, "False")
