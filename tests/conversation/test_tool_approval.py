"""A person is asked before a tool runs, where it was registered so."""

from __future__ import annotations

import pytest

from autogen_jupyter import AssistantAgent, ConversableAgent, InputAnswer, NoHumanError, ScriptedModel, ToolCall, UserProxyAgent
from autogen_jupyter.code_blocks import CodeBlock
from tests.conversation.doubles import Room

CALL = (ToolCall("c1", "pay", '{"amount": 5}'),)
SHOWN = CodeBlock("json", 'pay({"amount": 5})')


def people(mode="NEVER", calls=CALL, **options):
    paid = []
    proxy = UserProxyAgent("user", human_input_mode=mode, code_execution_config=False)

    @proxy.register_for_execution(**{"needs_approval": True} | options)
    def pay(amount: int) -> str:
        paid.append(amount)
        return "paid"

    return proxy, AssistantAgent("assistant", llm_config=ScriptedModel([calls, "ok"])), paid


async def chat(room, proxy, bot):
    return await room.chat(proxy, bot, message="go", max_turns=2)


async def test_an_empty_line_allows_the_call():
    room = Room([""], approval="always")
    proxy, bot, paid = people()
    result = await chat(room, proxy, bot)
    (request,) = room.human.requests
    assert (request.kind, request.blocks, request.agent, request.sender) == ("approval", (SHOWN,), "user", "assistant")
    assert request.prompt.startswith("assistant wants to call pay. Press enter to allow it")
    assert (paid, result.chat_history[2]["content"]) == ([5], "paid")


async def test_a_reply_is_what_the_model_reads_instead_of_a_result():
    proxy, bot, paid = people()
    result = await chat(Room(["too much"], approval="always"), proxy, bot)
    assert paid == []
    assert result.chat_history[2]["tool_responses"][0]["content"] == "The call was not allowed. too much"


async def test_exit_ends_the_chat_and_nothing_runs():
    proxy, bot, paid = people()
    result = await chat(Room(["exit"], approval="always"), proxy, bot)
    assert (paid, result.stop_reason) == ([], "the human ended the conversation (as user)")


async def test_edited_arguments_are_what_runs():
    answer = InputAnswer("run", blocks=(CodeBlock("json", 'pay({"amount": 1})'),))
    proxy, bot, paid = people()
    await chat(Room([answer], approval="always"), proxy, bot)
    assert paid == [1]


async def test_an_edit_that_is_another_call_does_not_run():
    answer = InputAnswer("run", blocks=(CodeBlock("json", "rob({})"),))
    proxy, bot, paid = people()
    result = await chat(Room([answer], approval="always"), proxy, bot)
    assert paid == []
    assert "The call was not run" in result.chat_history[2]["content"]


async def test_nobody_is_asked_where_it_was_not_wanted():
    room = Room(approval="always")
    proxy, bot, paid = people(needs_approval=False)
    await chat(room, proxy, bot)
    assert (room.human.requests, paid) == ([], [5])


@pytest.mark.parametrize("approval", ["always", "risky", "never"])
async def test_a_tool_that_needs_approval_asks_in_every_chat_also_where_code_runs_unasked(approval):
    room = Room([""], approval=approval)
    proxy, bot, paid = people()
    await chat(room, proxy, bot)
    assert ([request.kind for request in room.human.requests], paid) == (["approval"], [5])


async def test_without_anybody_to_ask_the_call_does_not_run():
    proxy, bot, paid = people()
    with pytest.raises(NoHumanError):
        await chat(Room(), proxy, bot)
    assert paid == []


async def test_each_call_of_a_message_is_asked_about_and_the_allowed_ones_run():
    calls = (ToolCall("c1", "pay", '{"amount": 1}'), ToolCall("c2", "pay", '{"amount": 2}'))
    proxy, bot, paid = people(calls=calls)
    result = await chat(Room(["no", ""], approval="always"), proxy, bot)
    assert paid == [2]
    assert [one["content"] for one in result.chat_history[2]["tool_responses"]] == ["The call was not allowed. no", "paid"]


async def test_the_older_form_of_a_call_is_asked_about_too():
    call = {"name": "pay", "arguments": '{"amount": 5}'}
    caller = ConversableAgent("caller", human_input_mode="NEVER", default_auto_reply={"content": None, "function_call": call})
    proxy, _, paid = people()
    result = await chat(Room(["no"], approval="always"), proxy, caller)
    assert (paid, result.chat_history[2]["content"]) == ([], "The call was not allowed. no")


async def test_in_always_mode_one_question_is_enough_and_a_text_interrupts():
    room = Room(["", "exit"], approval="always")
    proxy, bot, paid = people("ALWAYS")
    await chat(room, proxy, bot)
    assert ([request.kind for request in room.human.requests], paid) == (["approval"], [5])
    proxy, bot, paid = people("ALWAYS")
    result = await chat(Room(["rather not", "exit"], approval="always"), proxy, bot)
    assert paid == []
    assert result.chat_history[2]["tool_responses"][0]["content"] == "USER INTERRUPTED"
