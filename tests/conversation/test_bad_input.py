"""What cannot work is refused at once, by an error that names the value and the remedy."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from autogen_jupyter import (
    AssistantAgent,
    ConversableAgent,
    Custom,
    FunctionCalled,
    GroupChat,
    GroupChatManager,
    HandoffTo,
    ScriptedModel,
    UsageError,
    UserProxyAgent,
    a_initiate_chats,
    initiate_chats,
    register_function,
)

MODEL = {"model": "m", "base_url": "http://127.0.0.1:9/v1"}


def agent(name: str = "ann", **options: Any) -> ConversableAgent:
    return ConversableAgent(name, **{"human_input_mode": "NEVER"} | options)


def chat(**options: Any) -> Any:
    return agent().initiate_chat(agent("ben"), **{"message": "go", "max_turns": 1, "silent": True} | options)


def undescribed(a: int):  # type: ignore[no-untyped-def]
    return a


def unannotated(a):  # type: ignore[no-untyped-def]
    """Do something."""


def nothing(*_, **__):  # type: ignore[no-untyped-def]
    return None


def hooked(place: str) -> None:
    one = agent(default_auto_reply="hi")
    one.register_hook(place, nothing)
    agent("ben").initiate_chat(one, message="go", max_turns=1, silent=True)


async def answer_later(*_, **__):  # type: ignore[no-untyped-def]
    return True


def answering_with(returned: Any) -> None:
    one = agent()
    one.register_reply(ConversableAgent, lambda *_, **__: returned)
    one.generate_reply([{"role": "user", "content": "go"}], agent("ben"))


MISUSES: dict[str, tuple[Callable[[], Any], str, str]] = {
    "a space in a name": (lambda: agent("data analyst"), "'data analyst'", "dataanalyst"),
    "an empty name": (lambda: agent(""), "''", "text without white space"),
    "a name that is no text": (lambda: agent(3), "3", "text without white space"),  # type: ignore[arg-type]
    "an unknown mode": (lambda: agent(human_input_mode="always"), "'always'", "ALWAYS, TERMINATE or NEVER"),
    "an llm_config of the wrong type": (lambda: agent(llm_config="gpt-4"), "'gpt-4'", "must be a dictionary such as"),
    "llm_config=True": (lambda: agent(llm_config=True), "True", "must be a dictionary such as"),
    "an empty llm_config": (lambda: agent(llm_config={}), "without a model", "Write"),
    "an empty config_list": (lambda: agent(llm_config={"config_list": []}), "empty", "Write"),
    "an empty model": (lambda: agent(llm_config={"config_list": [{"model": ""}]}), "empty model", "Write"),
    "an unknown key of llm_config": (lambda: agent(llm_config=MODEL | {"temprature": 1}), "'temprature'", "did you mean 'temperature'"),
    "a key of another interface": (lambda: agent(llm_config=MODEL | {"filter_func": print}), "'filter_func'", "ModelClient of yours"),
    "a value that cannot be copied": (lambda: agent(llm_config=MODEL | {"metadata": threading.Lock()}), "'metadata'", "plain values"),
    "an unknown hide_tools": (lambda: agent(llm_config=MODEL | {"hide_tools": "yes"}), "'yes'", "if_any_run"),
    "an unknown api_type": (lambda: agent(llm_config={"model": "m", "api_type": "acme"}), "'acme'", "base_url"),
    "an unknown key of code_execution_config": (lambda: agent(code_execution_config={"workdir": "x"}), "'workdir'", "work_dir"),
    "an executor and a time limit": (
        lambda: agent(code_execution_config={"executor": "commandline-local", "timeout": 3}),
        "'timeout'",
        "set that on the executor",
    ),
    "an unknown executor": (lambda: agent(code_execution_config={"executor": "docker"}), "'docker'", "commandline-local"),
    "a code_execution_config of the wrong type": (lambda: agent(code_execution_config="yes"), "'yes'", "a dictionary"),
    "a negative last_n_messages": (lambda: agent(code_execution_config={"last_n_messages": -1}), "-1", "auto"),
    "is_termination_msg that is no function": (lambda: agent(is_termination_msg="TERMINATE"), "'TERMINATE'", "function"),
    "a limit that is no number": (lambda: agent(max_consecutive_auto_reply="3"), "'3'", "whole number"),
    "a function_map of the wrong type": (lambda: agent(function_map=[print]), "<built-in function print>", "by name"),
    "a function that cannot be called": (lambda: agent(function_map={"add": "a + b"}), "'a + b'", "cannot be called"),
    "a default reply of the wrong type": (lambda: agent(default_auto_reply=3), "3", "text, a dictionary or None"),
    "a recipient that is no agent": (lambda: agent().initiate_chat("ben", message="go"), "'ben'", "must be an agent"),
    "max_turns=0": (lambda: chat(max_turns=0), "0", "1 or more"),
    "an unknown summary_method": (lambda: chat(summary_method="last"), "'last'", "last_msg"),
    "a reflection without a model": (lambda: chat(summary_method="reflection_with_llm"), "neither agent has one", "llm_config"),
    "a summary_prompt of the wrong type": (
        lambda: agent(llm_config=ScriptedModel([])).initiate_chat(
            agent("ben"), message="go", max_turns=1, summary_method="reflection_with_llm", summary_args={"summary_prompt": 3}
        ),
        "int",
        "text",
    ),
    "an opening of the wrong type": (lambda: chat(message=3), "int", "text, a dictionary, a function or None"),
    "a message without content": (lambda: agent().send({"role": "user"}, agent("ben")), "{'role': 'user'}", 'Give it a "content"'),
    "a carryover of the wrong type": (lambda: chat(carryover=3), "int", "text or a list"),
    "a carryover of the wrong type in a queue": (
        lambda: initiate_chats([{"sender": agent(), "recipient": agent("ben"), "message": "go", "carryover": {"content": "x"}}]),
        "dict",
        "text or a list",
    ),
    "a message function that returns nothing": (lambda: chat(message=nothing), "nothing returned None", "text or a dictionary"),
    "a message function that returns a number": (lambda: chat(message=lambda *_: 5), "returned 5", "text or a dictionary"),
    "a hook before send that returns nothing": (lambda: hooked("process_message_before_send"), "nothing for", "text or a dictionary"),
    "a hook of the last message that returns nothing": (lambda: hooked("process_last_received_message"), "nothing for", "the content"),
    "a hook of all messages that returns nothing": (lambda: hooked("process_all_messages_before_reply"), "nothing for", "the list"),
    "a prerequisite that is no list": (
        lambda: initiate_chats([{"sender": agent(), "recipient": agent("ben"), "message": "go", "prerequisites": 1}]),
        "are 1",
        "[1]",
    ),
    "a handoff to what is no agent": (lambda: HandoffTo(5), "5", "an agent or its name"),  # type: ignore[arg-type]
    "a function called that is no name": (lambda: FunctionCalled(5), "5", "name"),  # type: ignore[arg-type]
    "a position that is no number": (lambda: agent().register_reply(None, nothing, position="1"), "'1'", "whole number"),  # type: ignore[arg-type]
    "a tool's signature in the older form": (
        lambda: agent(llm_config=ScriptedModel([])).update_tool_signature({"name": "x"}, is_remove=False),
        "{'name': 'x'}",
        "update_function_signature",
    ),
    "a stop that is no condition": (lambda: chat(stop="TERMINATE"), "'TERMINATE'", "MaxMessages(20)"),
    "a stop function that is async": (lambda: Custom(answer_later), "answer_later", "ExternalStop"),
    "an unknown kind of trigger": (lambda: agent().register_reply(3, print), "3", "a class, an agent's name"),
    "a trigger that returns no bool": (
        lambda: _with_trigger(lambda sender: 1),
        "1",
        "True or False",
    ),
    "a name as trigger without a sender": (lambda: _with_trigger("ben", sender=None), '"ben"', "needs a sender"),
    "a reply function that cannot be called": (lambda: agent().register_reply(ConversableAgent, "hi"), "'hi'", "must be a function"),
    "a reply function that takes too little": (
        lambda: agent().register_reply(ConversableAgent, lambda messages: (True, "hi")),
        "(messages)",
        "(recipient, messages, sender, config)",
    ),
    "a reply that is no pair": (lambda: answering_with("hi"), "'hi'", "(final, reply)"),
    "a function to replace that is not there": (lambda: agent().replace_reply_func(print, print), "print", "not registered"),
    "an unknown hook": (lambda: agent().register_hook("before_reply", print), "'before_reply'", "process_all_messages_before_reply"),
    "a hook that cannot be called": (lambda: agent().register_hook("process_last_received_message", 3), "3", "must be a function"),
    "nothing to reply to": (lambda: agent().generate_reply(), "generate_reply", "messages or a sender"),
    "a tool without description": (lambda: _tool(undescribed), "undescribed", "description="),
    "a tool without annotations": (lambda: _tool(unannotated), "unannotated", "annotation"),
    "a tool for an agent without a model": (
        lambda: register_function(undescribed, caller=agent(), executor=agent("ben"), description="d"),
        "'undescribed'",
        "llm_config",
    ),
    "an unknown api_style": (lambda: agent().register_for_llm(api_style="json"), "'json'", '"tool" or "function"'),
    "two members of one name": (lambda: GroupChat([agent(), agent()]), "'ann'", "own name"),
    "an unknown selection": (lambda: GroupChat([agent()], speaker_selection_method="vote"), "'vote'", "round_robin"),
    "a member that is no agent": (lambda: GroupChat(["ann"]), "'ann'", "agent"),
    "transitions of somebody else": (
        lambda: GroupChat(
            [agent()],
            allowed_or_disallowed_speaker_transitions={agent("zoe"): []},
            speaker_transitions_type="allowed",
        ),
        "zoe",
        "group",
    ),
    "max_round=0": (lambda: GroupChat([agent()], max_round=0), "0", "1 or more"),
    "a manager of something else": (lambda: GroupChatManager([agent()]), "[ConversableAgent('ann')]", "GroupChat(agents="),
    "a queue that is no list": (lambda: initiate_chats({"sender": agent()}), "dict", "list of dictionaries"),
    "a chat without a recipient": (lambda: initiate_chats([{"sender": agent()}]), "recipient", "Chat 0"),
    "nested chats by an unknown function": (
        lambda: agent().register_nested_chats([], agent("ben"), reply_func_from_nested_chats="last"),
        "'last'",
        "summary_from_nested_chats",
    ),
    "nested chats with an unknown option": (lambda: agent().register_nested_chats([], agent("ben"), zzz=3), "zzz", "reset_config"),
    "a carryover_config without a method": (
        lambda: agent().register_nested_chats([{"recipient": agent(), "carryover_config": {}}], agent("ben")),
        "carryover_config is {}",
        "reflection_with_llm",
    ),
    "a carryover_config in a later chat": (
        lambda: agent().register_nested_chats([{}, {"carryover_config": {"summary_method": "all"}}], agent("ben")),
        "Chat 1",
        "only the first",
    ),
    "a proxy with a wrong mode": (lambda: UserProxyAgent("user", human_input_mode="ASK"), "'ASK'", "NEVER"),
    "an assistant with a wrong key": (lambda: AssistantAgent("a", llm_config={"modle": "m"}), "'modle'", "did you mean 'model'"),
}


def _with_trigger(trigger: Any, sender: Any = "an agent") -> None:
    one = agent()
    one.register_reply(trigger, lambda *_, **__: (False, None))
    one.generate_reply([{"role": "user", "content": "go"}], agent("ben") if sender else None)


def _tool(function: Callable[..., Any]) -> None:
    agent(llm_config=ScriptedModel([])).register_for_llm()(function)


@pytest.mark.parametrize(("misuse", "value", "remedy"), MISUSES.values(), ids=MISUSES)
def test_a_misuse_is_refused_with_its_value_and_the_remedy(misuse: Callable[[], Any], value: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=re.escape(value)) as refused:
        misuse()
    assert remedy in str(refused.value)


async def test_a_circle_of_prerequisites_is_named_with_the_chats_in_it() -> None:
    chats = [{"sender": agent(), "recipient": agent("ben"), "chat_id": n, "prerequisites": [1 - n], "message": "go"} for n in (0, 1)]
    with pytest.raises(UsageError, match="0 → 1 → 0"):
        await a_initiate_chats(chats)
