"""What agents remember survives a restart: new objects go on where the old ones stopped."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from autogen_jupyter import ConversableAgent, GroupChat, GroupChatManager, ScriptedModel, UsageError, load_chat, save_chat
from autogen_jupyter.models.wire import to_wire
from tests.conversation.doubles import Room, contents

KEY = "sk-secret-0123456789"


def make(*replies):
    """Two agents as a notebook makes them, before and after the kernel was restarted."""
    model = ScriptedModel([*replies])
    user = ConversableAgent("user", human_input_mode="NEVER", default_auto_reply="go on", max_consecutive_auto_reply=3)
    return user, ConversableAgent("bot", "Be brief.", human_input_mode="NEVER", llm_config=model), model


def restarted(state, *replies):
    user, bot, model = make(*replies)
    load_chat(json.loads(json.dumps(state)), user, bot)
    return user, bot, model


async def test_a_chat_goes_on_after_a_restart_as_if_nothing_had_happened():
    user, bot, model = make("one", "two", "three", "four", "five", "six")
    await Room().chat(user, bot, message="go", max_turns=2)
    state = save_chat(user, bot)
    unbroken = await Room().chat(user, bot, message="and now", clear_history=False)

    again_user, again_bot, again_model = restarted(state, "three", "four", "five", "six")
    resumed = await Room().chat(again_user, again_bot, message="and now", clear_history=False)
    assert resumed.chat_history == unbroken.chat_history
    assert resumed.stop_reason == unbroken.stop_reason
    assert [request.messages for request in again_model.requests] == [request.messages for request in model.requests[2:]]
    assert save_chat(again_user, again_bot) == save_chat(user, bot)


async def test_send_goes_on_with_the_counters_of_the_saved_chat():
    user, bot, _ = make("one", "two", "three", "four")
    await Room().chat(user, bot, message="go")
    state = save_chat(user, bot)
    assert state["agents"]["bot"]["replies"]["counts"] == {"user": 4}

    user, bot, _ = restarted(state, "five", "six", "seven", "eight")
    assert save_chat(user, bot) == state
    await user.a_send("more", bot, silent=True)
    assert [message["content"] for message in user.chat_messages[bot]][8:] == [
        "more", "five", "go on", "six", "go on", "seven", "go on", "eight",
    ]  # fmt: skip
    assert save_chat(user, bot)["agents"]["bot"]["replies"]["counts"] == {"user": 8}


async def test_the_system_message_mode_and_limits_are_kept():
    user, bot, _ = make()
    bot.update_system_message("Be verbose.")
    user.human_input_mode = "TERMINATE"
    user.update_max_consecutive_auto_reply(7)
    user.update_max_consecutive_auto_reply(2, bot)
    user, bot, _ = restarted(save_chat(user, bot))
    assert bot.system_message == "Be verbose."
    assert user.human_input_mode == "TERMINATE"
    assert (user.max_consecutive_auto_reply(), user.max_consecutive_auto_reply(bot)) == (7, 2)


def test_keys_of_the_users_own_are_kept_and_what_json_cannot_hold_is_not_saved():
    """The classic drops every such key; here reply functions and hooks read them. Models are told of none."""
    model = ScriptedModel(["ok"])
    user, bot = ConversableAgent("user", human_input_mode="NEVER"), ConversableAgent("bot", llm_config=model, human_input_mode="NEVER")
    result = user.initiate_chat(bot, message={"content": "hi", "stage": 2, "when": datetime(2026, 1, 1)}, max_turns=1, silent=True)
    assert {"stage": 2, "when": datetime(2026, 1, 1)}.items() <= result.chat_history[0].items()
    [saved, _] = json.loads(json.dumps(save_chat(user, bot)))["agents"]["bot"]["histories"]["user"]
    assert saved == {"content": "hi", "stage": 2, "role": "user", "name": "user"}
    assert set(to_wire(model.requests[0].messages)[-1]) <= {"role", "content", "name"}


async def test_keys_and_functions_are_not_saved():
    config = {"model": "m", "api_key": KEY, "base_url": "http://127.0.0.1:9/v1"}
    a = ConversableAgent("a", human_input_mode="NEVER", llm_config=config)
    b = ConversableAgent("b", human_input_mode="NEVER", default_auto_reply="ho", function_map={"f": print})
    message = {"content": lambda context: "go", "context": {"table": object(), "f": print, "topic": "tea"}}
    await b.a_send(message, a, silent=True)
    text = json.dumps(save_chat(a, b))
    assert KEY not in text
    assert json.loads(text)["agents"]["a"]["histories"]["b"] == [
        {"content": "go", "role": "user", "name": "b", "context": {"topic": "tea"}}
    ]


async def test_tool_calls_and_images_come_back():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    parts = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]
    a = ConversableAgent("a", human_input_mode="NEVER", function_map={"f": lambda: "done"})
    b = ConversableAgent("b", human_input_mode="NEVER", default_auto_reply={"content": None, "tool_calls": [call]})
    before = await Room().chat(a, b, message={"content": parts}, max_turns=2)
    a2, b2 = (ConversableAgent(name, human_input_mode="NEVER") for name in "ab")
    load_chat(json.loads(json.dumps(save_chat(a, b))), a2, b2)
    assert a2.history_with(b2).as_dicts() == before.chat_history


async def test_clearing_forgets_what_was_loaded():
    user, bot, _ = make("one")
    await Room().chat(user, bot, message="go", max_turns=1)
    user, bot, _ = restarted(save_chat(user, bot), "two")
    result = await Room().chat(user, bot, message="afresh", max_turns=1)
    assert contents(result) == [("assistant", "afresh"), ("user", "two")]


async def test_an_agent_that_is_met_later_is_recognized_by_its_name():
    user, bot, _ = make("one")
    await Room().chat(user, bot, message="go", max_turns=1)
    state = user.save_state()
    user, _, _ = make()
    user.load_state(state)
    assert user.save_state() == state
    assert [message["content"] for message in user.history_with(ConversableAgent("bot")).as_dicts()] == ["go", "one"]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({}, "no saved state"),
        ("x", "no saved state"),
        ({"kind": "autogen_jupyter.agent", "version": 99}, "version 99"),
        ({"kind": "autogen_jupyter.agent", "version": 1, "name": "other"}, "state of 'other'"),
    ],
)
def test_a_state_of_something_else_is_refused(state, says):
    with pytest.raises(UsageError, match=says):
        make()[0].load_state(state)


def test_a_chat_is_saved_by_names():
    user, bot, _ = make()
    with pytest.raises(UsageError, match="same name"):
        save_chat(user, ConversableAgent("user"))
    with pytest.raises(UsageError, match="no agent 'stranger'"):
        load_chat(save_chat(user, bot), ConversableAgent("stranger"))


def texts(messages):
    return [message["content"] for message in messages]


async def test_after_loading_the_history_with_an_agent_that_was_given_can_be_read():
    user, bot, _ = make("one")
    await Room().chat(user, bot, message="go", max_turns=1)
    user, bot, _ = restarted(save_chat(user, bot))
    assert texts(user.chat_messages[bot]) == ["go", "one"]
    assert bot.last_message(user)["content"] == bot.last_message()["content"] == "one"


def group_of_three(*chosen):
    model = ScriptedModel([*chosen])
    members = [ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=f"{name} says") for name in ("ann", "ben", "cid")]
    manager = GroupChatManager(GroupChat(members, max_round=3), llm_config=model)
    return members, manager, model


async def test_a_group_goes_on_after_a_restart_and_its_manager_knows_what_was_said():
    (ann, ben, cid), manager, _ = group_of_three("ben", "cid")
    ann.context_variables.update(n=3, table=object())
    await Room().chat(ann, manager, message="go")
    state = json.loads(json.dumps(save_chat(ann, ben, cid, manager)))

    (ann, ben, cid), manager, model = group_of_three("cid", "ben")
    load_chat(state, ann, ben, cid, manager)
    assert texts(manager.groupchat.messages) == ["go", "ben says", "cid says"]
    assert ann.context_variables.to_dict() == {"n": 3}
    await Room().chat(ann, manager, message="and now", clear_history=False)
    assert texts(manager.groupchat.messages) == ["go", "ben says", "cid says", "and now", "cid says", "ben says"]
    assert [message.text for message in model.requests[0].messages if message.sender in ("ann", "ben", "cid")][:4] == [
        "go", "ben says", "cid says", "and now",
    ]  # fmt: skip


def test_a_state_that_is_not_whole_says_what_is_missing():
    with pytest.raises(UsageError, match="not whole: system_message, human_input_mode"):
        ConversableAgent("a").load_state({"kind": "autogen_jupyter.agent", "version": 1, "name": "a"})
