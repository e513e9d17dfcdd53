"""Whole chats as a terminal shows them: line for line what AutoGen 0.2.40 prints for the same script, and the end with its reason."""

from __future__ import annotations

import pytest

from autogen_jupyter import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, UserProxyAgent, a_initiate_chats
from autogen_jupyter.conversation.chat_queue import chats_in_order
from autogen_jupyter.session.console_host import console_session

DASHES = "-" * 80
STARS = "*" * 80
REPLYING = (
    "Replying as user. Provide feedback to bot. Press enter to skip and use auto-reply, or type 'exit' to end the conversation: <{}>\n"
)
FEEDBACK = "Please give feedback to bot. Press enter or type 'exit' to stop the conversation: <{}>\n"
NOTHING = "\n>>>>>>>> NO HUMAN INPUT RECEIVED.\n"
AUTO = "\n>>>>>>>> USING AUTO REPLY...\n"


def bot(name, *script):
    """Return an agent that says what is written down, and then TERMINATE."""
    lines = iter(script)
    agent = AssistantAgent(name, llm_config=False)
    agent.register_reply(lambda sender: True, lambda *_args, **_options: (True, next(lines, "TERMINATE")), 0)
    return agent


def user(mode="NEVER", **options):
    return UserProxyAgent("user", human_input_mode=mode, code_execution_config=False, **options)


async def printed(chat, *answers):
    """Return what a terminal shows of a chat, with what is typed there."""
    page: list[str] = []
    lines = iter(answers)

    def read(prompt, _password):
        line = next(lines)
        page.append(f"{prompt}<{line}>\n")
        return line

    await console_session(write=page.append, read=read).run(chat)
    return "".join(page)


def said(speaker, listener, text):
    return f"{speaker} (to {listener}):\n\n{text}\n\n{DASHES}\n"


def starred(title, text):
    line = f"***** {title} *****"
    return f"{line}\n{text}\n{'*' * len(line)}"


def call(call_id, name, arguments):
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def add(a: int, b: int) -> int:
    return a + b


async def test_a_chat_with_a_person_at_every_message():
    text = await printed(lambda: user("ALWAYS").a_initiate_chat(bot("bot", "One", "Two"), message="Hi"), "", "more please", "")
    assert text == (
        said("user", "bot", "Hi")
        + said("bot", "user", "One")
        + REPLYING.format("")
        + NOTHING
        + AUTO
        + said("user", "bot", "")
        + said("bot", "user", "Two")
        + REPLYING.format("more please")
        + said("user", "bot", "more please")
        + said("bot", "user", "TERMINATE")
        + REPLYING.format("")
        + NOTHING
        + "\n>>>>>>>> CHAT ENDED: bot said TERMINATE\n"
    )


async def test_a_chat_with_a_person_at_its_end():
    chat = user("TERMINATE", default_auto_reply="go on")
    text = await printed(lambda: chat.a_initiate_chat(bot("bot", "One"), message="Hi"), "exit")
    assert text == (
        said("user", "bot", "Hi")
        + said("bot", "user", "One")
        + AUTO
        + said("user", "bot", "go on")
        + said("bot", "user", "TERMINATE")
        + FEEDBACK.format("exit")
        + "\n>>>>>>>> CHAT ENDED: the human ended the conversation (as user)\n"
    )


async def test_a_chat_without_a_person_says_nothing_of_automatic_replies():
    chat = user(default_auto_reply="go on", max_consecutive_auto_reply=1)
    text = await printed(lambda: chat.a_initiate_chat(bot("bot", "One", "Two"), message="Hi"))
    assert ">>>>>>>>" not in text.partition(">>>>>>>> CHAT ENDED")[0]


async def test_an_own_way_to_ask_is_shown_too():
    class Quiet(ConversableAgent):
        def get_human_input(self, prompt):
            return ""

    text = await printed(lambda: Quiet("me", human_input_mode="ALWAYS").a_initiate_chat(bot("bot"), message="Hi"))
    assert NOTHING in text


async def test_a_silent_chat_says_nothing_of_automatic_replies():
    text = await printed(lambda: user("ALWAYS").a_initiate_chat(bot("bot", "One"), message="Hi", silent=True), "", "exit")
    assert text == REPLYING.format("") + REPLYING.format("exit")


async def test_a_chat_with_tools():
    wanted = {"content": None, "tool_calls": [call("c1", "add", '{"a": 1, "b": 2}')]}
    text = await printed(lambda: user(function_map={"add": add}).a_initiate_chat(bot("bot", wanted), message="Hi"))
    asked = starred("Suggested tool call (c1): add", 'Arguments: \n{"a": 1, "b": 2}')
    executing = '\n>>>>>>>> EXECUTING FUNCTION add...\nCall ID: c1\nInput arguments: {"a": 1, "b": 2}\n'
    assert text.startswith(said("user", "bot", "Hi") + said("bot", "user", asked) + executing)
    assert said("user", "bot", starred("Response from calling tool (c1)", "3")) in text


async def test_a_chat_with_functions():
    wanted = {"content": None, "function_call": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    text = await printed(lambda: user(function_map={"add": add}).a_initiate_chat(bot("bot", wanted), message="Hi"))
    assert said("bot", "user", starred("Suggested function call: add", 'Arguments: \n{"a": 1, "b": 2}')) in text
    assert said("user", "bot", starred("Response from calling function (add)", "3")) in text


async def test_a_group():
    members = [user(), bot("anna", "I am anna.")]
    manager = GroupChatManager(GroupChat(members, max_round=3, speaker_selection_method="round_robin"))
    text = await printed(lambda: members[0].a_initiate_chat(manager, message="Hello all"))
    assert text == (
        said("user", "chat_manager", "Hello all")
        + "\nNext speaker: anna\n\n"
        + said("anna", "chat_manager", "I am anna.")
        + "\nNext speaker: user\n\n"
        + said("user", "chat_manager", "")
        + "\n>>>>>>>> CHAT ENDED: max_round=3 was reached\n"
    )


async def test_a_group_whose_speakers_a_person_selects():
    members = [user(), bot("anna", "I am anna.")]
    manager = GroupChatManager(GroupChat(members, max_round=2, speaker_selection_method="manual"))
    text = await printed(lambda: members[0].a_initiate_chat(manager, message="Hello all"), "2")
    offered = "Please select the next speaker from the following list:\n1: user\n2: anna\n"
    asked = "Enter the number of the next speaker (enter nothing or `q` to use auto selection): <2>\n"
    assert offered + asked + "\nNext speaker: anna\n\n" in text


async def test_a_person_who_selects_nobody_three_times_is_told_so():
    members = [user(), bot("anna", "I am anna.")]
    manager = GroupChatManager(GroupChat(members, max_round=2, speaker_selection_method="manual"))
    text = await printed(lambda: members[0].a_initiate_chat(manager, message="Hello all"), "9", "8", "7")
    assert "Invalid input '9'. Please enter a number between 1 and 2" in text
    assert "\nYou have tried 3 times. The next speaker will be selected automatically.\n" in text


async def test_several_chats():
    anna, bert = bot("anna", "I am anna."), bot("bert", "I am bert.")
    planned = [
        {"sender": user(), "recipient": anna, "message": "first", "max_turns": 1},
        {"sender": user(), "recipient": bert, "message": "second", "max_turns": 1, "carryover": "own"},
    ]
    text = await printed(lambda: chats_in_order(planned))
    banner = f"\n{STARS}\nStarting a new chat....\n\n{STARS}\n"
    end = "\n>>>>>>>> CHAT ENDED: max_turns=1 was reached\n"
    assert text == (
        banner
        + said("user", "anna", "first")
        + said("anna", "user", "I am anna.")
        + end
        + banner
        + said("user", "bert", "second\nContext: \nown\nI am anna.")
        + said("bert", "user", "I am bert.")
        + end
    )


@pytest.mark.parametrize(
    ("message", "told"),
    [("second", "second"), ({"content": "x"}, "Dict: {'content': 'x'}"), (None, "None"), (lambda *_: "made", "Callable: <lambda>")],
)
async def test_a_verbose_plan_tells_message_and_carryover(message, told):
    plan = {"sender": user(), "recipient": bot("bert"), "message": message, "max_turns": 1, "carryover": ["a", {"content": "b"}]}
    text = await printed(lambda: chats_in_order([{**plan, "verbose": True}]), "typed")
    assert f"Starting a new chat....\nMessage:\n{told}\nCarryover:\na\nb\n\n{STARS}\n" in text


async def test_a_silent_chat_of_several_has_no_banner():
    anna, bert = bot("anna", "I am anna."), bot("bert", "I am bert.")
    planned = [
        {"chat_id": 1, "sender": user(), "recipient": anna, "message": "first", "max_turns": 1, "silent": True},
        {"chat_id": 2, "prerequisites": [1], "sender": user(), "recipient": bert, "message": "second", "max_turns": 1},
    ]
    assert (await printed(lambda: a_initiate_chats(planned))).count("Starting a new chat....") == 1


async def test_nested_chats_are_planned_ones():
    writer, critic = AssistantAgent("writer"), bot("critic", "It is bad.")
    asker = user()
    writer.register_nested_chats([{"recipient": critic, "message": "Look", "max_turns": 1}], trigger=asker)
    text = await printed(lambda: asker.a_initiate_chat(writer, message="Write", max_turns=1))
    assert text == (
        said("user", "writer", "Write")
        + f"\n{STARS}\nStarting a new chat....\n\n{STARS}\n"
        + said("writer", "critic", "Look")
        + said("critic", "writer", "It is bad.")
        + said("writer", "user", "It is bad.")
        + "\n>>>>>>>> CHAT ENDED: max_turns=1 was reached\n"
    )


async def test_a_resumed_group_says_what_was_prepared():
    members = [user(), bot("anna")]
    manager = GroupChatManager(GroupChat(members))
    history = [{"content": "hi", "role": "user", "name": "user"}, {"content": "yo", "role": "user", "name": "anna"}]
    assert await printed(lambda: manager.a_resume(history)) == "Prepared group chat with 2 messages, the last speaker is anna\n"
    assert await printed(lambda: manager.a_resume(history, silent=True)) == ""


def test_clearing_the_history_with_one_agent_warns_that_nothing_of_it_is_kept():
    with pytest.warns(UserWarning, match="nr_messages_to_preserve=1 is ignored"):
        user().clear_history(bot("anna"), 1)
