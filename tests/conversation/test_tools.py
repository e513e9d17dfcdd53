"""Tools in conversations of two agents: registering, calling, errors. The semantics are those of AutoGen 0.2, except where it failed."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import Annotated

import pytest
from pydantic import BaseModel

from autogen_jupyter import (
    AssistantAgent,
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    ScriptedModel,
    Tool,
    ToolCall,
    UsageError,
    UserProxyAgent,
    register_function,
)
from autogen_jupyter.events import ToolCalled, ToolReturned
from autogen_jupyter.models.wire import to_wire
from tests.conversation.doubles import Room

EMPTY_CONFIG = {"config_list": [{"model": "m", "base_url": "http://127.0.0.1:9/v1"}]}


def assistant(*replies, **options):
    return AssistantAgent("assistant", llm_config=ScriptedModel([*replies]), **options)


def user(**options):
    return UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, **options)


def calls(*named):
    return tuple(ToolCall(f"c{n}", name, arguments) for n, (name, arguments) in enumerate(named, 1))


def results(result):
    return [one["content"] for message in result.chat_history for one in message.get("tool_responses", ())]


class Order(BaseModel):
    price: float


def add(a: Annotated[int, "first"], b: Annotated[int, "second"] = 1) -> int:
    """Add two numbers."""
    return a + b


# 59: register_for_llm


def test_register_for_llm_tells_the_model_the_schema_and_leaves_the_users_dictionary_alone():
    config = {**EMPTY_CONFIG, "tools": [{"type": "function", "function": {"name": "old", "description": "d", "parameters": {}}}]}
    before = repr(config)
    agent = AssistantAgent("a", llm_config=config)
    agent.register_for_llm(description="Sum.")(add)
    assert [tool["function"]["name"] for tool in agent.llm_config["tools"]] == ["old", "add"]
    assert agent.llm_config["tools"][1]["function"]["description"] == "Sum."
    assert repr(config) == before


async def test_the_model_is_told_of_what_is_in_llm_config_and_of_what_was_registered():
    model = ScriptedModel(["x"])
    agent = AssistantAgent("a", llm_config=model)
    agent.register_for_llm()(add)
    agent.update_tool_signature({"type": "function", "function": {"name": "raw", "parameters": {}}}, is_remove=False)
    await Room().chat(user(), agent, message="go", max_turns=1)
    assert [tool["function"]["name"] for tool in model.requests[0].tools] == ["add", "raw"]


def test_an_agent_without_a_model_cannot_be_told_of_a_tool():
    with pytest.raises(UsageError, match=r"user has no model.*'add'"):
        user().register_for_llm(description="x")(add)


def test_the_older_style_is_listed_under_functions():
    agent = AssistantAgent("a", llm_config=EMPTY_CONFIG)
    agent.register_for_llm(api_style="function")(add)
    assert [function["name"] for function in agent.llm_config["functions"]] == ["add"]
    with pytest.raises(UsageError, match="api_style"):
        agent.register_for_llm(api_style="functions")


def test_the_decorators_stack_and_share_the_name_and_the_description():
    proxy, bot, second = user(), assistant(), assistant()

    @proxy.register_for_execution()
    @second.register_for_llm()
    @bot.register_for_llm(name="plus", description="Sum it up.")
    def f(a: int) -> int:
        return a

    assert f(3) == 3
    assert proxy.function_map["plus"] is f
    assert second._tool_schemas() == bot._tool_schemas()
    assert bot._tool_schemas()[0]["function"]["description"] == "Sum it up."


# 60: register_for_execution, register_function, function_map


def test_functions_are_added_and_removed_by_name():
    proxy = user(function_map={"one": add})
    proxy.register_function({"two": add})
    proxy.register_for_execution(name="three")(add)
    assert list(proxy.function_map) == ["one", "two", "three"]
    assert proxy.can_execute_function(["one", "two"])
    proxy.register_function({"one": None})
    assert not proxy.can_execute_function("one")
    with pytest.warns(UserWarning, match=r"no function 'one' to remove; it has two, three"):
        proxy.register_function({"one": None})
    with pytest.raises(UsageError, match="cannot be called"):
        proxy.register_function({"x": 3})


def test_another_function_of_a_known_name_replaces_it_with_a_warning(recwarn):
    proxy = user(function_map={"f": add})
    proxy.register_function({"f": add})
    assert not recwarn
    with pytest.warns(UserWarning, match="Function 'f' is being overridden") as warned:
        proxy.register_function({"f": print})
    assert warned[0].filename == __file__
    with pytest.warns(UserWarning, match="Function 'f' is being overridden"):
        proxy.register_for_execution(name="f")(add)
    assert proxy.function_map == {"f": add}


async def test_arguments_are_checked_before_the_call_and_models_are_built():
    seen = []

    def buy(order: Order, times: int) -> Order:
        seen.append((order, times))
        return order

    proxy = user(function_map={"buy": buy})
    ok, right = await proxy.a_execute_function({"name": "buy", "arguments": '{"order": {"price": 2}, "times": "3"}'})
    bad, wrong = await proxy.a_execute_function({"name": "buy", "arguments": '{"order": {"price": "x"}, "more": 1}'})
    assert (ok, right["content"], bad) == (True, '{"price":2.0}', False)
    assert seen == [(Order(price=2), 3)]
    assert "order.price" in wrong["content"]
    assert "times is missing; expected: integer" in wrong["content"]
    assert "more: there is no such argument; known: order, times" in wrong["content"]


# 61: register_function(f, caller=, executor=)


async def test_register_function_lets_one_agent_ask_and_the_other_call():
    bot, proxy = (
        assistant(calls(("sum", '{"a": 2, "b": 3}')), "It is 5. TERMINATE"),
        user(is_termination_msg=lambda message: "TERMINATE" in (message["content"] or "")),
    )
    register_function(add, caller=bot, executor=proxy, name="sum", description="Add two numbers.")
    result = await Room().chat(proxy, bot, message="2 + 3?")
    assert [message["role"] for message in result.chat_history] == ["assistant", "assistant", "tool", "user"]
    assert results(result) == ["5"]


async def test_tools_and_functions_can_be_given_at_construction():
    bot = assistant(functions=[add])
    assert [tool["function"]["name"] for tool in bot._tool_schemas()] == ["add"]
    assert not bot.can_execute_function("add")
    assert assistant(tools=[add]).can_execute_function("add")


# 62: update_tool_signature, update_function_signature


def test_signatures_are_edited_by_name_and_overriding_one_warns():
    agent = AssistantAgent("a", llm_config=EMPTY_CONFIG)
    schema = {"type": "function", "function": {"name": "f", "description": "one", "parameters": {}}}
    agent.update_tool_signature(schema, is_remove=False)
    with pytest.warns(UserWarning, match="Function 'f' is being overridden"):
        agent.update_tool_signature({"type": "function", "function": {"name": "f", "description": "two"}}, False)
    assert [tool["function"]["description"] for tool in agent.llm_config["tools"]] == ["two"]
    agent.update_tool_signature("f", is_remove=True)
    assert "tools" not in agent.llm_config
    agent.update_function_signature({"name": "g", "parameters": {}}, is_remove=False)
    assert agent.llm_config["functions"] == [{"name": "g", "parameters": {}}]
    with pytest.raises(UsageError, match=r"no tool 'f'.*it offers g"):
        agent.update_tool_signature("f", is_remove=True)
    with pytest.raises(UsageError, match='no "name"'):
        agent.update_tool_signature({"type": "function"}, is_remove=False)
    with pytest.raises(UsageError, match="dictionary with its name"):
        agent.update_function_signature("g", is_remove=False)


# 63: the flow of messages


async def test_the_results_of_parallel_calls_are_one_message_that_is_unrolled_for_the_model():
    bot, proxy = assistant(calls(("add", '{"a": 1}'), ("add", '{"a": 2}')), "done"), user()
    register_function(add, caller=bot, executor=proxy)
    result = await Room().chat(proxy, bot, message="go", max_turns=2)
    assert result.chat_history[2] == {
        "content": "2\n\n3",
        "role": "tool",
        "name": "user",
        "tool_responses": [
            {"role": "tool", "tool_call_id": "c1", "content": "2"},
            {"role": "tool", "tool_call_id": "c2", "content": "3"},
        ],
    }
    sent = to_wire(bot.model_client.requests[1].messages)
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "tool"]
    assert sent[3:] == [
        {"role": "tool", "tool_call_id": "c1", "content": "2"},
        {"role": "tool", "tool_call_id": "c2", "content": "3"},
    ]


async def test_names_that_the_model_makes_up_are_made_harmless():
    bot, proxy = assistant(calls(("functions.add numbers", "{}"), ("n" * 80, "{}"))), user(function_map={"add": add})
    await Room().chat(proxy, bot, message="go", max_turns=1)
    names = [call["function"]["name"] for call in proxy.chat_messages[bot][-1]["tool_calls"]]
    assert names == ["functions_add_numbers", "n" * 64]


async def test_the_older_form_of_a_call_is_answered_by_a_function_message():
    call = {"name": "add", "arguments": '{"a": 1}'}
    caller = ConversableAgent("caller", human_input_mode="NEVER", default_auto_reply={"content": None, "function_call": call})
    result = await Room().chat(user(function_map={"add": add}), caller, message="go", max_turns=2)
    assert result.chat_history[2] == {"role": "function", "name": "add", "content": "2"}


# 64: errors are text


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (("nope", "{}"), "Error: Function nope not found."),
        (
            ("add", '{"a": 1'),
            "Error: Expecting ',' delimiter: line 1 column 8 (char 7)\n The argument must be in JSON format.",
        ),
        (("add", "[1]"), "Error: the arguments of add are [1]\n The argument must be a JSON object."),
        (("add", '{"a": 1, "b": "x"}'), "Error: the arguments of add do not fit.\n- b: Input should be a valid integer"),
        (("fail", "{}"), "Error: ZeroDivisionError: division by zero\n  test_tools.py, line"),
        (("leave", "{}"), "Error: SystemExit: 3"),
    ],
)
async def test_an_error_is_text_for_the_model_with_its_type_and_place(call, text):
    def fail():
        return 1 / 0

    async def leave():
        raise SystemExit(3)

    proxy = user(function_map={"add": add, "fail": fail, "leave": leave})
    result = await Room().chat(proxy, assistant(calls(call), "ok"), message="go", max_turns=2)
    assert results(result)[0].startswith(text)


async def test_line_breaks_inside_json_strings_are_repaired():
    proxy = user(function_map={"shout": lambda text: text.upper()})
    result = await Room().chat(proxy, assistant(calls(("shout", '{"text": "a\nb\tc"}')), "ok"), message="go", max_turns=2)
    assert results(result) == ["A\nB\tC"]


# 65: sync and async tools in sync and async chats, in parallel


async def test_calls_of_one_message_run_at_once_whether_sync_or_async():
    both = threading.Barrier(3)
    place = contextvars.ContextVar("place", default="nowhere")
    place.set("in the chat")

    def waits() -> str:
        both.wait(60)
        return place.get()

    async def waits_too() -> str:
        await asyncio.to_thread(both.wait, 60)
        return place.get()

    proxy = user(function_map={"waits": waits, "waits_too": waits_too})
    asked = calls(("waits", ""), ("waits", "{}"), ("waits_too", "{}"))
    result = await asyncio.wait_for(Room().chat(proxy, assistant(asked, "ok"), message="go", max_turns=2), 90)
    assert results(result) == ["in the chat"] * 3


def test_an_async_tool_works_in_a_blocking_chat_also_where_a_loop_runs_already():
    async def greet(who: str) -> str:
        await asyncio.sleep(0)
        return f"Hello, {who}."

    def chat():
        proxy = user(function_map={"greet": greet})
        return results(proxy.initiate_chat(assistant(calls(("greet", '{"who": "Ann"}')), "ok"), message="go", max_turns=2, silent=True))

    async def cell():
        return chat()

    assert chat() == ["Hello, Ann."]
    assert asyncio.run(cell()) == ["Hello, Ann."]


def test_tools_that_chat_themselves_do_not_run_out_of_threads():
    def ask(question: str) -> str:
        helper = assistant(calls(("add", '{"a": 40, "b": 2}')), f"{question} 42")
        return str(user(function_map={"add": add}).initiate_chat(helper, message=question, max_turns=2, silent=True).summary)

    asked = calls(*[("ask", f'{{"question": "q{n}"}}') for n in range(40)])
    result = user(function_map={"ask": ask}).initiate_chat(assistant(asked, "ok"), message="go", max_turns=2, silent=True)
    assert results(result) == [f"q{n} 42" for n in range(40)]


# 66: execute_function


def test_execute_function_returns_success_and_the_classics_message():
    proxy = user(function_map={"add": add})
    assert proxy.execute_function({"name": "add", "arguments": '{"a": 1}'}) == (True, {"name": "add", "role": "function", "content": "2"})
    ok, message = proxy.execute_function({"name": "sub", "arguments": "{}"})
    assert (ok, message["content"]) == (False, "Error: Function sub not found.")


def test_execute_function_shows_the_call_when_it_is_verbose(capsys):
    user(function_map={"add": add}).execute_function({"name": "add", "arguments": '{"a": 1}'}, verbose=True)
    shown = capsys.readouterr().out
    assert ">>>>>>>> EXECUTING FUNCTION add..." in shown
    assert 'Input arguments: {"a": 1}\nOutput:\n2' in shown


# 67: tools as objects


def test_what_a_generator_yields_is_a_list_whether_it_is_sync_or_async():
    def count():
        yield from (1, 2)

    async def count_later():
        yield 1
        yield 2

    agent = user(function_map={"count": count, "count_later": count_later})
    told = [agent.execute_function({"name": name, "arguments": "{}"})[1]["content"] for name in ("count", "count_later")]
    assert told == ["[1, 2]", "[1, 2]"]


async def test_a_tool_object_is_registered_like_a_function():
    made = Tool("double", "Double it.", {"type": "object", "properties": {"n": {"type": "integer"}}}, lambda n: 2 * n)
    bot, proxy = assistant(calls(("double", '{"n": 4}')), "ok"), user()
    register_function(made, caller=bot, executor=proxy)
    assert results(await Room().chat(proxy, bot, message="go", max_turns=2)) == ["8"]


# events


async def test_every_call_is_an_event_and_so_is_its_return():
    room = Room()
    proxy = user(function_map={"add": add})
    await room.chat(proxy, assistant(calls(("add", '{"a": 1}'), ("nope", "{}")), "ok"), message="go", max_turns=2)
    called = [event for event in room.events if isinstance(event, ToolCalled)]
    returned = {event.call_id: event for event in room.events if isinstance(event, ToolReturned)}
    assert [(event.call_id, event.agent, event.name, event.arguments) for event in called] == [
        ("c1", "user", "add", '{"a": 1}'),
        ("c2", "user", "nope", "{}"),
    ]
    assert (returned["c1"].content, returned["c1"].is_error, returned["c2"].is_error) == ("2", False, True)
    (entry,) = [entry for entry in room.session.transcript.entries if getattr(entry, "tool_calls", ())]
    assert [(use.name, use.state, use.result) for use in entry.tool_calls] == [
        ("add", "ok", "2"),
        ("nope", "error", "Error: Function nope not found."),
    ]


@pytest.mark.parametrize("function_map", [{}, {"f": lambda: 1}])
@pytest.mark.parametrize("form", ["function_call", "tool_calls"])
def test_a_call_of_a_function_that_there_is_not_is_answered_so_that_the_model_can_read_it(form, function_map):
    call = {"name": "zz", "arguments": "{}"}
    said = call if form == "function_call" else [{"id": "c1", "type": "function", "function": call}]
    listener = ConversableAgent("listener", human_input_mode="NEVER", default_auto_reply="hi", function_map=function_map)
    reply = listener.generate_reply([{"content": None, form: said}])
    assert reply["content"] == "Error: Function zz not found."
    assert (reply["role"], reply["name"]) == (("function", "zz") if form == "function_call" else ("tool", "listener"))


async def test_in_a_group_a_member_without_functions_does_not_answer_a_call_that_another_may_run():
    caller, runner = assistant(calls(("add", '{"a": 1, "b": 2}')), "ok"), ConversableAgent("runner", human_input_mode="NEVER")
    runner.register_function({"add": lambda a, b: a + b})
    bystander = ConversableAgent("bystander", human_input_mode="NEVER", default_auto_reply="no tools here")
    group = GroupChat([caller, bystander, runner], max_round=4, speaker_selection_method="round_robin", func_call_filter=False)
    await Room().chat(runner, GroupChatManager(group), message="go")
    assert [message["content"] for message in group.messages][:3] == ["go", "", "no tools here"]
