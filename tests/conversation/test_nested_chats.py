"""Replies that are chats of their own. The expected messages were written down from AutoGen 0.2's behaviour."""

from __future__ import annotations

import asyncio

import pytest

from autogen_jupyter import AssistantAgent, ConversableAgent, MaxMessages, ModelReply, ScriptedModel, TokenUsage, Usage, UsageError
from tests.conversation.doubles import Room, contents


def talker(name, text="hi", **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text, **options)


def seen_by(agent, other):
    return [message["content"] for message in agent.chat_messages[other]]


async def test_the_reply_is_the_summary_of_the_last_nested_chat():
    user, writer = talker("user"), talker("writer", "default")
    critic, editor = talker("critic", "too long"), talker("editor", "shortened TERMINATE")
    writer.register_nested_chats(
        [{"recipient": critic, "max_turns": 1}, {"recipient": editor, "message": "shorten it", "max_turns": 1}], trigger=user
    )
    result = await Room().chat(user, writer, message="a story", max_turns=1)
    assert contents(result) == [("assistant", "a story"), ("user", "shortened ")]
    assert seen_by(critic, writer) == ["a story", "too long"]
    assert seen_by(editor, writer) == ["shorten it\nContext: \ntoo long", "shortened TERMINATE"]


async def test_a_message_function_sees_the_outer_conversation():
    user, writer, critic = talker("user"), talker("writer"), talker("critic", "fine")

    def message(recipient, messages, sender, config):
        return f"{recipient.name}, {sender.name}, {messages[-1]['content']}, {config}"

    writer.register_nested_chats([{"recipient": critic, "message": message, "max_turns": 1}], trigger=user, config={"k": 1})
    await Room().chat(user, writer, message="a story", max_turns=1)
    assert seen_by(critic, writer)[0] == "writer, user, a story, {'k': 1}"


@pytest.mark.parametrize(
    ("method", "message", "opening"),
    [
        ("all", "Check:", "Check:\nContext:\na story\nhm\nanother"),
        ("all", None, "Context:\na story\nhm\nanother"),
        ("last_msg", lambda *given: "Check:", "Check:\nContext:\nanother"),
        ("reflection_with_llm", "Check:", "Check:\nContext:\nstories"),
        (lambda agent, messages, args: f"{agent.name} {len(messages)} {args['k']}", "Check:", "Check:\nContext:\nwriter 3 7"),
    ],
)
async def test_the_first_nested_chat_is_told_of_the_conversation_as_its_carryover_config_says(method, message, opening):
    user, writer = talker("user", "another"), talker("writer")
    critic = AssistantAgent("critic", llm_config=ScriptedModel(["stories", "fine"] if method == "reflection_with_llm" else ["fine"]))
    queue = [
        {"recipient": critic, "message": message, "max_turns": 1, "carryover_config": {"summary_method": method, "summary_args": {"k": 7}}}
    ]
    writer.register_nested_chats(queue, trigger=user, config={"n": 0})
    said = [{"role": "user", "content": "a story"}, {"role": "assistant", "content": "hm"}, {"role": "user", "content": "another"}]
    assert await writer.a_generate_reply(said, user) == "fine"
    assert seen_by(critic, writer)[0] == opening


async def test_chats_without_a_message_are_left_out():
    user, writer, critic, editor = talker("user"), talker("writer"), talker("critic", "fine"), talker("editor")
    queue = [{"recipient": critic, "max_turns": 1}, {"recipient": editor, "max_turns": 1}, {"recipient": editor, "message": ""}]
    writer.register_nested_chats(queue, trigger=user)
    result = await Room().chat(user, writer, message="a story", max_turns=1)
    assert result.summary == "fine"
    assert editor.chat_messages == {}


async def test_with_nothing_to_say_at_all_the_conversation_ends():
    user, writer = talker("user"), talker("writer")
    writer.register_nested_chats([{"recipient": talker("critic"), "message": lambda *given: None}], trigger=user)
    result = await Room().chat(user, writer, message="a story")
    assert len(result.chat_history) == 1


async def test_the_person_comes_before_the_nested_chats():
    user, critic = talker("user"), talker("critic")
    writer = ConversableAgent("writer", human_input_mode="ALWAYS")
    writer.register_nested_chats([{"recipient": critic, "max_turns": 1}], trigger=user)
    result = await Room(["I answer myself"]).chat(user, writer, message="a story", max_turns=1)
    assert result.summary == "I answer myself"
    assert critic.chat_messages == {}


async def test_a_chat_may_have_another_sender():
    user, writer, other, critic = talker("user"), talker("writer"), talker("other"), talker("critic", "fine")
    writer.register_nested_chats([{"sender": other, "recipient": critic, "max_turns": 1}], trigger=user)
    await Room().chat(user, writer, message="a story", max_turns=1)
    assert seen_by(critic, other) == ["a story", "fine"]


async def test_a_function_may_make_the_reply_of_its_own():
    user, writer, queue = talker("user"), talker("writer"), [{"recipient": talker("critic")}]

    def reply(chat_queue, recipient, messages, sender, config):
        return True, f"{len(chat_queue)} chats, {recipient.name}, {messages[-1]['content']}, {sender.name}, {config}"

    writer.register_nested_chats(queue, trigger=user, reply_func_from_nested_chats=reply, config=7)
    assert (await Room().chat(user, writer, message="a story", max_turns=1)).summary == "1 chats, writer, a story, user, 7"


def test_a_function_of_the_users_may_block_on_chats_of_its_own():
    user, writer, critic = talker("user"), talker("writer"), talker("critic", "fine")

    def reply(chat_queue, recipient, messages, sender, config):
        return True, recipient.initiate_chats(chat_queue)[0].summary

    writer.register_nested_chats([{"recipient": critic, "message": "x", "max_turns": 1}], user, reply)
    assert user.initiate_chat(writer, message="a story", max_turns=1, silent=True).summary == "fine"


async def test_async_nested_chats_form_a_graph():
    user, writer = talker("user"), talker("writer")
    began = {name: asyncio.Event() for name in ("b", "c")}

    def waiting(name, other):
        async def answer(recipient, messages, sender, config):
            began[name].set()
            await asyncio.wait_for(began[other].wait(), 30)
            return True, name

        agent = talker(name)
        agent.register_reply(ConversableAgent, answer)
        return agent

    last = talker("last", "done")
    queue = [
        {"chat_id": 1, "recipient": waiting("b", "c"), "max_turns": 1},
        {"chat_id": 2, "recipient": waiting("c", "b"), "message": "x", "max_turns": 1},
        {"chat_id": 3, "recipient": last, "message": "y", "max_turns": 1, "prerequisites": [1, 2]},
    ]
    writer.register_nested_chats(queue, trigger=user, use_async=True)
    assert (await Room().chat(user, writer, message="a story", max_turns=1)).summary == "done"
    assert seen_by(last, writer)[0] == "y\nContext: \nb\nc"


def test_async_nested_chats_need_ids():
    with pytest.raises(UsageError, match="Chat 0 of the nested chats has no chat_id"):
        talker("a").register_nested_chats([{"recipient": talker("b")}], trigger="c", use_async=True)


def test_an_unknown_way_to_reply_is_refused():
    with pytest.raises(UsageError, match="summary_from_nested_chats"):
        talker("a").register_nested_chats([], trigger="c", reply_func_from_nested_chats="last")


# --- what the chat around them sees


def nesting(inner):
    user, writer = talker("user"), talker("writer")
    writer.register_nested_chats([{"recipient": inner, "max_turns": 2}], trigger=user)
    return user, writer


async def test_stopping_ends_the_nested_chat_and_the_one_around_it():
    room = Room()
    user, writer = nesting(AssistantAgent("critic", llm_config=ScriptedModel(["a long answer " * 100], delay=0.05)))
    room.session.subscribe(lambda event: room.session.interrupt() if event.kind == "message_delta" else None)
    result = await room.chat(user, writer, message="a story")
    assert result.stop_reason == "stopped by the human"
    assert contents(result) == [("assistant", "a story")]
    assert [event.reason for event in room.events if event.kind == "chat_ended"] == ["stopped by the human"] * 2


async def test_a_budget_counts_nested_chats_and_ends_them_too():
    replies = [ModelReply("one", "m", usage=Usage(60, 0, 0.0)), ModelReply("two", "m", usage=Usage(60, 0, 0.0))]
    user, writer = nesting(AssistantAgent("critic", llm_config=ScriptedModel(replies)))
    room = Room()
    result = await room.chat(user, writer, message="a story", stop=TokenUsage(50))
    assert result.stop_reason == "60 of 50 tokens are used"
    assert [event.reason for event in room.events if event.kind == "chat_ended"] == ["60 of 50 tokens are used"] * 2


async def test_messages_of_nested_chats_do_not_count_as_messages_of_the_chat():
    user, writer = nesting(talker("critic", "fine"))
    result = await Room().chat(user, writer, message="a story", stop=MaxMessages(4))
    assert len(result.chat_history) == 4


async def test_what_a_person_says_in_a_nested_chat_is_kept_for_the_whole():
    user, writer = talker("user"), talker("writer")
    critic = ConversableAgent("critic", human_input_mode="ALWAYS")
    writer.register_nested_chats([{"recipient": critic, "max_turns": 1}], trigger=user)
    result = await Room(["too long"]).chat(user, writer, message="a story", max_turns=1)
    assert result.human_input == ["too long"]
    assert result.summary == "too long"
