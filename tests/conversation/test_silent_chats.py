"""A silent chat: nothing of it is shown, but what a person has to decide. The classic prints no message of it; ours streams none either."""

from __future__ import annotations

import builtins

import pytest

from autogen_jupyter import ConversableAgent, GroupChat, GroupChatManager, ScriptedModel, UserProxyAgent, register_function
from autogen_jupyter.messages import ToolCall
from autogen_jupyter.models.base import ModelReply
from autogen_jupyter.portal import run_sync
from autogen_jupyter.session.console_host import console_session
from tests.conversation.doubles import EchoExecutor, Room

CODE = "```python\nprint(40 + 2)\n```"


def talker(name, text="x", **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text, **options)


def bot(name, *replies, **options):
    return ConversableAgent(name, llm_config=ScriptedModel(list(replies)), human_input_mode="NEVER", **options)


def group_of(*members, **options):
    group = GroupChat(list(members), max_round=3)
    return GroupChatManager(group, llm_config=ScriptedModel(["b", "a", "b", "a"]), **options)


def asks_for_a_tool():
    calling = ModelReply("", "scripted", tool_calls=(ToolCall("1", "double", '{"x": 2}'),))
    return bot("b", calling, "It is 4.")


def double(x: int) -> str:
    """Double."""
    return str(2 * x)


def with_a_model():
    talker("a").initiate_chat(bot("b", "secret"), message="secret", max_turns=1, silent=True)


def with_tools():
    user, assistant = talker("a"), asks_for_a_tool()
    register_function(double, caller=assistant, executor=user)
    user.initiate_chat(assistant, message="secret", max_turns=2, silent=True)


def with_tools_of_its_own():
    assistant = asks_for_a_tool()
    register_function(double, caller=assistant, executor=assistant)
    talker("a").initiate_chat(assistant, message="secret", max_turns=1, silent=True)


def with_code():
    runs = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": EchoExecutor()})
    talker("a").initiate_chat(runs, message=CODE, max_turns=1, silent=True)


def with_a_group():
    members = bot("a", "a0", "a1"), bot("b", "b0", "b1")
    members[0].initiate_chat(group_of(*members), message="secret", silent=True)


def with_a_summary():
    other = bot("b", "secret", "the summary")
    talker("a").initiate_chat(other, message="secret", max_turns=1, silent=True, summary_method="reflection_with_llm")


def with_send():
    talker("a").send("secret", bot("b", "secret"), request_reply=True, silent=True)


@pytest.mark.parametrize(
    "chat",
    [with_a_model, with_tools, with_tools_of_its_own, with_code, with_a_group, with_a_summary, with_send],
    ids=lambda chat: chat.__name__,
)
def test_nothing_of_a_silent_chat_is_printed(chat, capsys):
    chat()
    assert capsys.readouterr().out == ""


async def test_nothing_of_a_silent_chat_that_is_awaited_is_printed(capsys):
    await talker("a").a_initiate_chat(bot("b", "secret"), message="secret", max_turns=1, silent=True)
    assert capsys.readouterr().out == ""


def test_a_silent_agent_is_not_shown_and_the_others_are(capsys):
    talker("a", "and?").initiate_chat(bot("b", "secret", "secret", silent=True), message="go", max_turns=2)
    shown = capsys.readouterr().out
    assert ("secret" in shown, "b (to a)" in shown) == (False, False)
    assert ("go" in shown, "and?" in shown, "CHAT ENDED" in shown) == (True, True, True)


def test_an_agent_that_is_not_silent_is_shown_in_a_silent_chat_as_in_the_classic(capsys):
    talker("a").initiate_chat(bot("b", "loud", silent=False), message="secret", max_turns=1, silent=True)
    shown = capsys.readouterr().out
    assert ("loud" in shown, "secret" in shown) == (True, False)


def test_a_silent_group_is_not_shown_and_its_opening_is(capsys):
    members = bot("a", "secret", "secret"), bot("b", "secret", "secret")
    members[0].initiate_chat(group_of(*members, silent=True), message="go")
    shown = capsys.readouterr().out
    assert ("secret" in shown, "a (to chat_manager):\n\ngo" in shown) == (False, True)


def test_a_silent_nested_chat_is_not_shown_and_its_summary_is(capsys):
    asker, outer, inner = talker("a"), talker("b"), bot("c", "the summary")
    outer.register_nested_chats([{"recipient": inner, "max_turns": 1, "silent": True}], trigger=asker)
    asker.initiate_chat(outer, message="go", max_turns=1)
    shown = capsys.readouterr().out
    assert ("c (to b)" in shown, shown.count("the summary"), "b (to a):" in shown, shown.count("CHAT ENDED")) == (False, 1, True, 1)


def test_a_nested_chat_in_a_silent_one_says_itself_whether_it_is_shown_as_in_the_classic(capsys):
    asker, outer, inner = talker("a"), talker("b"), bot("c", "inner")
    outer.register_nested_chats([{"recipient": inner, "max_turns": 1}], trigger=asker)
    asker.initiate_chat(outer, message="go", max_turns=1, silent=True)
    shown = capsys.readouterr().out
    assert ("c (to b)" in shown, "b (to a)" in shown, "CHAT ENDED" in shown) == (True, False, False)


@pytest.fixture
def asked(monkeypatch):
    """What a person at a terminal is asked, who only presses enter."""
    prompts = []
    monkeypatch.setattr(builtins, "input", lambda prompt="": prompts.append(prompt) or "")
    return prompts


def test_a_person_is_asked_in_a_silent_chat_too(asked, capsys):
    person = ConversableAgent("ann", human_input_mode="ALWAYS", default_auto_reply="fine")
    talker("a").initiate_chat(person, message="secret", max_turns=1, silent=True)
    assert [prompt.split(".")[0] for prompt in asked] == ["Replying as ann"]
    assert capsys.readouterr().out == ""


def test_code_that_a_person_approves_is_shown_with_the_question_in_a_silent_chat(asked, capsys):
    runs = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": EchoExecutor()})

    async def chat():
        return await talker("a").a_initiate_chat(runs, message=CODE, max_turns=1, silent=True)

    run_sync(console_session("always").run)(chat)
    assert asked[0].startswith("print(40 + 2)\n\na wants to run this code.")
    assert "ran print(40 + 2)" in capsys.readouterr().out


async def test_a_view_has_nothing_of_a_silent_chat_but_its_end():
    room, assistant, user = Room(), asks_for_a_tool(), talker("a")
    register_function(double, caller=assistant, executor=user)
    await room.chat(user, assistant, message="secret", max_turns=2, silent=True)
    assert room.session.transcript.entries == []
    assert room.session.transcript.status.state == "ended"


@pytest.mark.parametrize(("approval", "entries"), [("never", []), ("always", ["run"])])
async def test_a_view_has_the_run_of_a_silent_chat_only_where_a_person_decides(approval, entries):
    room = Room([""], approval=approval)
    runs = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": EchoExecutor()})
    await room.chat(talker("a"), runs, message=CODE, max_turns=1, silent=True)
    assert [entry.kind for entry in room.session.transcript.entries] == entries


async def test_a_silent_chat_is_recorded_all_the_same():
    room = Room()
    result = await room.chat(talker("a"), bot("b", "secret"), message="go", max_turns=1, silent=True)
    assert result.chat_history[-1]["content"] == "secret"
    assert {"reply_started", "message_delta", "message_added", "chat_ended"} <= set(room.kinds())
