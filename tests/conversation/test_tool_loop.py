"""An agent that may run the tools that its own model asks for."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from autogen_jupyter import (
    AssistantAgent,
    ConversableAgent,
    MessageHistoryLimiter,
    ScriptedModel,
    ToolCall,
    TransformMessages,
    UserProxyAgent,
    register_function,
)
from autogen_jupyter.messages import Message, ToolResult
from autogen_jupyter.models.wire import to_wire
from autogen_jupyter.replies.pieces import NOT_RUN
from autogen_jupyter.replies.tool_hiding import tools_left
from tests.conversation.doubles import Room, contents
from tests.models.endpoints import Endpoint, chunk, streaming
from tests.servers.scripted_gguf import TOOL_DONE


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def call(name="add", arguments='{"a": 1, "b": 2}', id="c1"):  # noqa: A002
    return (ToolCall(id, name, arguments),)


def agent(*replies, tools=(add,), **options):
    return AssistantAgent("assistant", llm_config=ScriptedModel([*replies]), tools=tools, **options)


def user(**options):
    return UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, **options)


async def test_it_runs_them_and_asks_its_model_again_until_there_is_an_answer():
    bot, proxy, room = agent(call(), call(arguments='{"a": 3, "b": 4}'), "It is 7."), user(), Room()
    result = await room.chat(proxy, bot, message="go", max_turns=1)
    assert contents(result) == [("assistant", "go"), ("user", "It is 7.")]
    roles = [message["role"] for message in to_wire(bot.model_client.requests[2].messages)]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "tool"]
    assert [message.text for message in bot.model_client.requests[2].messages if message.role == "tool"] == ["3", "7"]


async def test_it_remembers_the_calls_and_their_results_for_the_next_turn():
    bot, proxy = agent(call(), "3", "again 3"), user()
    await Room().chat(proxy, bot, message="go", max_turns=2)
    sent = to_wire(bot.model_client.requests[2].messages)
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert [message["role"] for message in bot.chat_messages[proxy]] == ["user", "assistant", "tool", "assistant", "user", "assistant"]


async def test_the_views_show_the_calls_the_results_and_the_answer():
    room = Room()
    await room.chat(user(), agent(call(), "It is 3."), message="go", max_turns=1)
    shown = [(entry.sender, entry.text, [(use.name, use.result) for use in entry.tool_calls]) for entry in room.session.transcript.entries]
    assert shown == [("user", "go", []), ("assistant", "", [("add", "3")]), ("assistant", "It is 3.", [])]
    assert all(entry.state == "done" for entry in room.session.transcript.entries)


async def test_a_model_that_never_answers_is_stopped_at_the_limit_with_a_reason():
    bot = agent(*[call()] * 20)
    result = await Room().chat(user(), bot, message="go")
    assert result.stop_reason == "assistant asked for tools more than 10 times in a row without an answer, its limit"
    assert len(bot.model_client.requests) == 11


async def test_a_name_the_model_made_up_is_answered_by_the_agent_itself():
    bot = agent(call("subtract"), "sorry")
    result = await Room().chat(user(), bot, message="go", max_turns=1)
    assert result.summary == "sorry"
    assert bot.model_client.requests[1].messages[-1].text == "Error: Function subtract not found."


async def test_tools_of_the_other_agent_go_to_the_other_agent():
    bot = AssistantAgent("assistant", llm_config=ScriptedModel([call(), "done"]))
    proxy = user()
    register_function(add, caller=bot, executor=proxy)
    result = await Room().chat(proxy, bot, message="go", max_turns=2)
    assert [message["role"] for message in result.chat_history] == ["assistant", "assistant", "tool", "user"]


async def test_an_agent_that_is_caller_and_executor_needs_no_one_else():
    bot = AssistantAgent("assistant", llm_config=ScriptedModel([call(), "3"]))
    register_function(add, caller=bot, executor=bot)
    result = await Room().chat(ConversableAgent("other", human_input_mode="NEVER"), bot, message="go", max_turns=1)
    assert result.summary == "3"


async def test_a_stop_in_the_middle_of_a_tool_leaves_no_call_without_a_result():
    room = Room()

    async def hang() -> str:
        """Never end."""
        room.session.interrupt("enough")
        await asyncio.Event().wait()
        return ""

    bot, proxy = agent(call(id="c1"), call("hang", "{}", id="c2"), "never", tools=(add, hang)), user()
    result = await room.chat(proxy, bot, message="go")
    assert result.stop_reason == "enough"
    assert [message["role"] for message in bot.chat_messages[proxy]] == ["user", "assistant", "tool", "assistant", "tool"]
    uses = [use for entry in room.session.transcript.entries for use in getattr(entry, "tool_calls", ())]
    assert [(use.name, use.state, use.result) for use in uses] == [("add", "ok", "3"), ("hang", "interrupted", "")]


async def test_what_was_done_before_a_stop_is_remembered_and_what_was_cut_off_says_so():
    room, added = Room(), asyncio.Event()

    async def told_add(a: int, b: int) -> int:
        """Add two numbers."""
        added.set()
        return a + b

    async def hang() -> str:
        """Never end."""
        await added.wait()
        await asyncio.sleep(0)
        room.session.interrupt("enough")
        await asyncio.Event().wait()
        return ""

    both = (*call("told_add"), *call("hang", "{}", id="c2"))
    bot, proxy = agent(both, "and on", tools=(told_add, hang)), user()
    await room.chat(proxy, bot, message="go")
    await Room().chat(proxy, bot, message="again", max_turns=1, clear_history=False)
    sent = to_wire(bot.model_client.requests[-1].messages)
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "tool", "user"]
    assert [message["content"] for message in sent if message["role"] == "tool"] == ["3", NOT_RUN]


async def test_a_real_server_asks_for_the_tool_and_reads_its_result(llama_server):
    asked = []

    def get_weather(city: str, days: int) -> str:
        """Say what the weather will be."""
        asked.append((city, days))
        return "rain"

    config = {"config_list": [{"model": "scripted", "base_url": llama_server}], "temperature": 0}
    bot = AssistantAgent("assistant", llm_config=config, tools=[get_weather])
    result = await Room().chat(user(), bot, message="What will the weather be?", max_turns=1)
    assert asked == [("Paris", 3)]
    assert result.chat_history[-1]["content"] == TOOL_DONE


async def test_a_reply_without_a_chat_works_too():
    assert await agent(call(), "It is 3.").a_generate_reply([{"role": "user", "content": "go"}]) == "It is 3."


async def test_functions_that_look_at_the_whole_history_see_it_again_before_each_question_to_the_model():
    seen, received = [], []
    bot, proxy = agent(call(), call(arguments='{"a": 3, "b": 4}'), "It is 7."), user()

    def newest_three(messages):
        seen.append([message["role"] for message in messages])
        return messages[-3:]

    def shout(content):
        received.append(content)
        return content.upper()

    bot.register_hook("process_all_messages_before_reply", newest_three)
    bot.register_hook("process_last_received_message", shout)
    await Room().chat(proxy, bot, message="go", max_turns=1)
    assert seen == [["user"], ["user", "assistant", "tool"], ["user", "assistant", "tool", "assistant", "tool"]]
    assert [len(request.messages) - 1 for request in bot.model_client.requests] == [1, 3, 3]
    assert received == ["go"]  # once: results of its own tools are not received from anybody
    assert bot.model_client.requests[1].messages[1].text == "GO"
    assert bot.chat_messages[proxy][0]["content"] == "go"


async def test_a_transform_limits_what_the_model_sees_in_the_middle_of_its_tools():
    bot, proxy = agent(*(call(id=f"c{number}") for number in range(5)), "done"), user()
    TransformMessages(transforms=[MessageHistoryLimiter(max_messages=3)], verbose=False).add_to_agent(bot)
    await Room().chat(proxy, bot, message="go", max_turns=1)
    assert max(len(request.messages) - 1 for request in bot.model_client.requests) <= 3


@pytest.mark.parametrize(("hide", "told"), [("never", [2, 2, 2]), ("if_any_run", [2, 0, 0]), ("if_all_run", [2, 2, 0])])
def test_tools_that_were_called_can_be_hidden_from_the_model(hide, told):
    """As the classic's ``hide_tools``."""
    asked = Message("assistant", None, tool_calls=call(id="c1"))
    answered = Message("tool", "3", tool_results=(ToolResult("c1", "3"),))
    both = Message("assistant", None, tool_calls=call("sub", id="c2"))
    last = Message("tool", "1", tool_results=(ToolResult("c2", "1"),))
    tools = [{"type": "function", "function": {"name": name}} for name in ("add", "sub")]
    history = [Message("user", "go"), asked, answered, both, last]
    assert [len(tools_left(tools, history[:length], hide)) for length in (2, 3, 5)] == told


async def test_an_agent_hides_its_tools_as_its_llm_config_says():
    endpoint = Endpoint(streaming(chunk(content="ok"), chunk(finish="stop")))
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(endpoint))
    entry = {"model": "m", "base_url": "http://models.example/v1", "api_key": "k", "http_client": client}
    bot = AssistantAgent("assistant", llm_config={"config_list": [entry], "hide_tools": "if_any_run"}, tools=[add])
    ran = [{"role": "assistant", "content": None, "tool_calls": [one.to_dict() for one in call()]}]
    ran.append({"role": "tool", "content": "3", "tool_responses": [{"role": "tool", "tool_call_id": "c1", "content": "3"}]})
    await bot.a_generate_reply([{"role": "user", "content": "go"}])
    await bot.a_generate_reply([*ran, {"role": "user", "content": "go"}])
    assert [len(body.get("tools", ())) for body in endpoint.bodies] == [1, 0]
