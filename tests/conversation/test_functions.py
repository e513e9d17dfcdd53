"""The older form of tools: histories have a ``function_call`` and a message of the role ``function``; servers are told of tools."""

from __future__ import annotations

from typing import Any

import pytest

from autogen_jupyter import AssistantAgent, GroupChat, GroupChatManager, ScriptedModel, ToolCall, UserProxyAgent
from autogen_jupyter.messages import Message
from autogen_jupyter.models import ChatCompletionsClient
from autogen_jupyter.models.wire import to_wire
from autogen_jupyter.tools import Tool
from tests.conversation.doubles import Room
from tests.models.endpoints import Endpoint, chunk, streaming

CALL = ToolCall("c1", "add", '{"a": 1}')
CALLED = {"arguments": '{"a": 1}', "name": "add"}
HISTORY = [
    {"content": "go", "role": "user", "name": "user"},
    {"content": None, "role": "assistant", "name": "a", "function_call": CALLED},
    {"content": "2", "role": "function", "name": "add"},
    {"content": "It is 2.", "role": "assistant", "name": "a"},
]


def add(a: int, b: int = 1) -> int:
    """Add."""
    return a + b


def assistant(model: Any) -> AssistantAgent:
    agent = AssistantAgent("a", "S", llm_config=model)
    agent.register_for_llm(api_style="function")(Tool.from_function(add))
    return agent


def user(**options: Any) -> UserProxyAgent:
    usual = {"human_input_mode": "NEVER", "function_map": {"add": add}}
    return UserProxyAgent("user", code_execution_config=False, **usual | options)


def as_function(text: str = "", **call: Any) -> Any:
    delta = {"function_call": call} if call else {"content": text}
    return streaming(chunk(**delta), chunk(finish="function_call" if call else "stop"))


def as_tool(*calls: ToolCall) -> Any:
    return streaming(chunk(tool_calls=[{"index": n, **call.to_dict()} for n, call in enumerate(calls)]), chunk(finish="tool_calls"))


@pytest.mark.parametrize("answer", [as_tool(CALL), as_function(**CALLED)], ids=["as a tool", "in the older form"])
async def test_servers_are_told_of_tools_and_the_history_is_the_classics(answer: Any):
    endpoint = Endpoint(answer, as_function("It is 2."))
    proxy, bot = user(), assistant(endpoint.client())
    result = await Room().chat(proxy, bot, message="go", max_turns=2)
    first, second = endpoint.bodies
    assert [tool["function"]["name"] for tool in first["tools"]] == ["add"]
    assert "functions" not in first
    assert second["messages"][2:] == [
        {"role": "assistant", "content": None, "tool_calls": [{"id": "call_function_1", "type": "function", "function": CALLED}]},
        {"role": "tool", "tool_call_id": "call_function_1", "content": "2"},
    ]
    assert bot.chat_messages[proxy] == HISTORY
    assert [message["role"] for message in result.chat_history] == ["assistant", "assistant", "function", "user"]
    assert result.chat_history[1]["function_call"] == CALLED


async def test_calls_at_once_are_tools():
    """The older form has one call only."""
    endpoint = Endpoint(as_tool(CALL, ToolCall("c2", "add", '{"a": 2}')), as_function("They are 2 and 3."))
    result = await Room().chat(user(), assistant(endpoint.client()), message="go", max_turns=2)
    assert [one["content"] for one in result.chat_history[2]["tool_responses"]] == ["2", "3"]


async def test_a_tool_beside_them_makes_all_of_them_tools():
    bot = assistant(model := ScriptedModel([(CALL,), "It is 2."]))
    bot.register_for_llm(name="more")(Tool.from_function(add))
    result = await Room().chat(user(), bot, message="go", max_turns=2)
    assert not model.requests[0].as_functions
    assert result.chat_history[1]["tool_calls"][0]["id"] == "c1"


async def test_the_responses_protocol_has_tools_only():
    seen = ScriptedModel(["ok"])
    await Room().chat(user(), assistant(seen), message="go", max_turns=1)
    _, body = ChatCompletionsClient("m", api_key="k").payload(seen.requests[0])
    assert [tool["name"] for tool in body["tools"]] == ["add"]
    assert "functions" not in body


async def test_an_agent_that_runs_its_functions_itself_remembers_them_in_the_same_form():
    model = ScriptedModel([(CALL,), "It is 2."])
    proxy, bot = user(function_map={}), assistant(model)
    bot.register_function({"add": add})
    result = await Room().chat(proxy, bot, message="go", max_turns=1)
    assert bot.chat_messages[proxy] == HISTORY
    assert result.chat_history[-1]["content"] == "It is 2."
    assert [wire["role"] for wire in to_wire(model.requests[1].messages)] == ["system", "user", "assistant", "tool"]
    assert [wire["role"] for wire in to_wire(model.requests[1].messages, older=True)] == ["system", "user", "assistant", "function"]


async def test_a_function_that_selects_speakers_sees_the_call():
    def select(last: Any, group: GroupChat) -> Any:
        return proxy if "function_call" in group.messages[-1] else bot

    proxy, bot = user(), assistant(ScriptedModel([(CALL,), "It is 2."]))
    group = GroupChat([proxy, bot], [], max_round=4, speaker_selection_method=select)
    await Room().chat(proxy, GroupChatManager(group), message="go")
    assert [(message["name"], message["content"]) for message in group.messages] == [
        ("user", "go"),
        ("a", ""),
        ("add", "2"),
        ("a", "It is 2."),
    ]


async def test_the_view_shows_the_call_with_its_result():
    room = Room()
    await room.chat(user(), assistant(ScriptedModel([(CALL,), "It is 2."])), message="go", max_turns=2)
    entries = [entry for entry in room.session.transcript.entries if entry.kind == "message"]
    assert [entry.text for entry in entries] == ["go", "", "It is 2."]
    (use,) = entries[1].tool_calls
    assert (use.name, use.state, use.result) == ("add", "ok", "2")


async def test_hidden_tools_are_hidden_after_a_function_ran_too():
    bot = assistant({"model": "m", "base_url": "http://127.0.0.1:9/v1", "hide_tools": "if_all_run"})
    model = bot._model_policy.client = ScriptedModel([(CALL,), "It is 2."])
    await Room().chat(user(), bot, message="go", max_turns=2)
    assert [len(request.tools) for request in model.requests] == [1, 0]


async def test_what_a_person_says_instead_of_a_result_is_the_result_for_the_model():
    """Servers refuse the id of a call that is not there."""
    model = ScriptedModel([(CALL,), "Fine.", (CALL,), "Fine."])
    bot = assistant(model)
    bot.register_hook("process_all_messages_before_reply", lambda messages: messages)
    await Room(["Leave it", "exit"]).chat(user(human_input_mode="ALWAYS"), bot, message="go", max_turns=3)
    wires = to_wire(model.requests[1].messages)[2:]
    assert [(wire["role"], wire.get("tool_call_id"), wire["content"]) for wire in wires] == [
        ("assistant", None, None),
        ("tool", "call_function_1", "USER INTERRUPTED"),
        ("user", None, "Leave it"),
    ]


def test_a_result_that_answers_no_call_is_told_by_the_user():
    call = Message("assistant", None, extra={"function_call": CALLED})
    result = Message("function", "2", sender="add")
    wires = to_wire([call, result, result, call, Message("user", "Wait."), result])
    assert [wire["role"] for wire in wires] == ["assistant", "tool", "user", "assistant", "tool", "user", "user"]


async def test_functions_within_a_function_have_their_own_results_in_the_view():
    inner_bot = assistant(ScriptedModel([(CALL,), "inner done"]))

    async def outer(a: int, b: int = 1) -> str:
        return (await user().a_initiate_chat(inner_bot, message="go", max_turns=2)).summary

    room = Room()
    await room.chat(user(function_map={"add": outer}), assistant(ScriptedModel([(CALL,), "outer done"])), message="go", max_turns=2)
    uses = [use for entry in room.session.transcript.entries if entry.kind == "message" for use in entry.tool_calls]
    assert [(use.state, use.result) for use in uses] == [("ok", "inner done"), ("ok", "2")]


async def test_the_wrapper_answers_in_the_form_of_the_request():
    endpoint = Endpoint(as_tool(CALL), as_tool(CALL))
    bot = assistant(endpoint.client())
    for given in ({"functions": [{"name": "add", "parameters": {}}]}, {}):
        response = await bot.client.a_create(messages=[{"role": "user", "content": "go"}], **given)
        (choice,) = response.choices
        assert (choice.finish_reason, choice.message.function_call.name, choice.message.tool_calls) == ("function_call", "add", None)
        assert bot.client.extract_text_or_completion_object(response) == [choice.message]
