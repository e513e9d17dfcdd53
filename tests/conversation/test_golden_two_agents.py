"""Whole chats of two agents as AutoGen 0.2 holds them: each message list was written down from its behaviour."""

from __future__ import annotations

from typing import Any

import pytest

from autogen_jupyter import AssistantAgent, ConversableAgent, ScriptedModel, ToolCall, UserProxyAgent
from tests.conversation.doubles import Room

ALWAYS = "Replying as user. Provide feedback to bot. Press enter to skip and use auto-reply, or type 'exit' to end the conversation: "
AT_LIMIT = "Please give feedback to bot. Press enter to skip and use auto-reply, or type 'exit' to stop the conversation: "
AT_END = "Please give feedback to bot. Press enter or type 'exit' to stop the conversation: "


def user(content: str) -> dict[str, Any]:
    return {"content": content, "role": "assistant", "name": "user"}


def bot(content: str) -> dict[str, Any]:
    return {"content": content, "role": "user", "name": "bot"}


# mode, options, what the person types, what the bot says -> the whole history of the user, and the questions
CHATS = {
    "ALWAYS: empty goes on, text is sent, exit ends": (
        ("ALWAYS", {}, ["", "x", "exit"], ["a", "b", "c"]),
        [user("go"), bot("a"), user("auto"), bot("b"), user("x"), bot("c")],
        [ALWAYS, ALWAYS, ALWAYS],
    ),
    "ALWAYS: empty at a termination message ends": (
        ("ALWAYS", {}, [""], ["TERMINATE"]),
        [user("go"), bot("TERMINATE")],
        [ALWAYS],
    ),
    "ALWAYS: a text at a termination message goes on": (
        ("ALWAYS", {}, ["more", ""], ["TERMINATE", "TERMINATE"]),
        [user("go"), bot("TERMINATE"), user("more"), bot("TERMINATE")],
        [ALWAYS, ALWAYS],
    ),
    "TERMINATE: asks at the termination message only": (
        ("TERMINATE", {}, ["more", ""], ["a", "TERMINATE", "TERMINATE"]),
        [user("go"), bot("a"), user("auto"), bot("TERMINATE"), user("more"), bot("TERMINATE")],
        [AT_END, AT_END],
    ),
    "TERMINATE: asks at the limit and at every message after it": (
        ("TERMINATE", {"max_consecutive_auto_reply": 1}, ["", "exit"], ["a", "b", "c"]),
        [user("go"), bot("a"), user("auto"), bot("b"), user("auto"), bot("c")],
        [AT_LIMIT, AT_LIMIT],
    ),
    "TERMINATE: a limit of 0 asks at once, and the empty answer is sent": (
        ("TERMINATE", {"max_consecutive_auto_reply": 0}, ["", "exit"], ["a", "b"]),
        [user("go"), bot("a"), user(""), bot("b")],
        [AT_LIMIT, AT_LIMIT],
    ),
    "TERMINATE: exit ends": (
        ("TERMINATE", {}, ["exit"], ["TERMINATE"]),
        [user("go"), bot("TERMINATE")],
        [AT_END],
    ),
    "NEVER: ends at the termination message": (
        ("NEVER", {}, [], ["a", "b", "TERMINATE"]),
        [user("go"), bot("a"), user("auto"), bot("b"), user("auto"), bot("TERMINATE")],
        [],
    ),
    "NEVER: ends at the limit": (
        ("NEVER", {"max_consecutive_auto_reply": 2}, [], ["a", "b", "c"]),
        [user("go"), bot("a"), user("auto"), bot("b"), user("auto"), bot("c")],
        [],
    ),
    "NEVER: a limit of 0 ends at once": (
        ("NEVER", {"max_consecutive_auto_reply": 0}, [], ["a"]),
        [user("go"), bot("a")],
        [],
    ),
}


@pytest.mark.parametrize(("chat", "history", "questions"), CHATS.values(), ids=CHATS)
async def test_a_chat_in_each_human_input_mode_is_the_classics(chat: Any, history: Any, questions: list[str]) -> None:
    mode, options, answers, replies = chat
    room = Room(answers)
    proxy = UserProxyAgent("user", human_input_mode=mode, code_execution_config=False, default_auto_reply="auto", **options)
    result = await room.chat(proxy, AssistantAgent("bot", llm_config=ScriptedModel(replies)), message="go")
    assert result.chat_history == history
    assert [request.prompt for request in room.human.requests] == questions
    assert result.human_input == answers


def ends_with_terminate(message: dict[str, Any]) -> bool:
    return (message["content"] or "").endswith("TERMINATE")


async def test_a_chat_with_tools_is_the_classics_on_both_sides() -> None:
    calls = (ToolCall("c1", "add", '{"a": 1, "b": 2}'), ToolCall("c2", "sub", "{}"))
    proxy = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, is_termination_msg=ends_with_terminate)
    proxy.register_function({"add": lambda a, b: a + b})
    assistant = AssistantAgent("bot", llm_config=ScriptedModel([calls, "It is 3. TERMINATE"]))
    result = await Room().chat(proxy, assistant, message="go")
    asked = {
        "content": None,
        "role": "assistant",
        "name": "bot",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}},
            {"id": "c2", "type": "function", "function": {"name": "sub", "arguments": "{}"}},
        ],
    }
    answered = {
        "content": "3\n\nError: Function sub not found.",
        "role": "tool",
        "name": "user",
        "tool_responses": [
            {"tool_call_id": "c1", "role": "tool", "content": "3"},
            {"tool_call_id": "c2", "role": "tool", "content": "Error: Function sub not found."},
        ],
    }
    assert result.chat_history == [user("go"), asked, answered, bot("It is 3. TERMINATE")]
    assert assistant.chat_messages[proxy] == [
        {"content": "go", "role": "user", "name": "user"},
        asked,
        answered,
        {"content": "It is 3. TERMINATE", "role": "assistant", "name": "bot"},
    ]


SENT = {
    "plain": ({"content": "s"}, "assistant", "user"),
    "a role of its own does not count": ({"content": "s", "role": "system"}, "assistant", "user"),
    "an overriding role does, on both sides": ({"content": "s", "override_role": "system"}, "system", "system"),
    "an overriding user": ({"content": "s", "override_role": "user"}, "user", "user"),
}


@pytest.mark.parametrize(("message", "here", "there"), SENT.values(), ids=SENT)
def test_the_role_follows_from_who_remembers_the_message(message: dict[str, Any], here: str, there: str) -> None:
    sender, receiver = ConversableAgent("ann"), ConversableAgent("ben")
    sender.send(message, receiver, request_reply=False, silent=True)
    assert sender.last_message()["role"] == here
    assert receiver.last_message()["role"] == there
