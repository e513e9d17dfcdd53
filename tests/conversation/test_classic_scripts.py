"""What scripts written for the classic do, in the ways in which they do it."""

from __future__ import annotations

import asyncio

import pytest

from autogen_jupyter import (
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    ModelReply,
    ScriptedModel,
    ToolCall,
    Usage,
    UsageError,
    gather_usage_summary,
)
from autogen_jupyter.events import Noticed
from tests.conversation.doubles import Room


def talker(name, text=None, **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text or f"{name} here", **options)


def calling(name, arguments="{}"):
    return ModelReply("", "scripted", tool_calls=(ToolCall("c1", name, arguments),))


# Groups


def search(q: str) -> str:
    return f"found {q}"


def test_in_a_group_whoever_has_functions_says_that_there_is_none_of_a_name_that_the_model_made_up():
    """As in the classic: the model can correct itself."""
    asking = talker("ann", llm_config=ScriptedModel([calling("seek", '{"q": "x"}'), calling("search", '{"q": "x"}'), "done"]))
    able = talker("ben", function_map={"search": search})
    group = GroupChat([asking, able, talker("cem")], max_round=6, speaker_selection_method="round_robin")
    able.initiate_chat(GroupChatManager(group), message="Find x", silent=True)
    said = [(message["name"], message["content"]) for message in group.messages[1:5]]
    assert said == [("cem", "cem here"), ("ann", ""), ("ben", "Error: Function seek not found."), ("cem", "cem here")]


def test_a_manager_that_chats_with_itself_leads_the_group_once():
    """The classic's way to go on after ``resume`` where the manager spoke last."""
    group = GroupChat([talker("ann"), talker("ben")], max_round=3, speaker_selection_method="round_robin")
    manager = GroupChatManager(group)
    result = manager.initiate_chat(manager, message="go", silent=True)
    assert result.stop_reason == "max_round=3 was reached"
    assert [message["name"] for message in group.messages] == ["chat_manager", "ann", "ben"]


async def test_forgetting_in_the_answer_to_a_call_keeps_the_call():
    """Models refuse the result of a call that is not there."""
    model = ScriptedModel([calling("search", '{"q": "x"}'), "Fine."])
    asking, person = talker("ann", llm_config=model), ConversableAgent("person", human_input_mode="ALWAYS", function_map={"search": search})
    group = GroupChat([person, asking], max_round=4, speaker_selection_method="round_robin", enable_clear_history=True)
    await Room(["clear history. go on", "exit"]).chat(person, GroupChatManager(group), message="Find x")
    call, answer = [message for message in model.requests[1].messages if message.role != "system"]
    assert [one.id for one in call.tool_calls] == [one.tool_call_id for one in answer.tool_results]
    assert answer.content == "go on"


def test_leading_a_group_is_for_managers():
    deputy = talker("deputy")
    deputy.register_reply(ConversableAgent, GroupChatManager.run_chat, config=GroupChat([talker("ann")]))
    with pytest.raises(UsageError, match="deputy leads no group: make a GroupChatManager"):
        talker("ben").initiate_chat(deputy, message="go", silent=True)


# Functions that make blocking calls


def test_predicates_may_make_blocking_calls():
    judge = talker("judge", "yes")

    def ends(message):
        return judge.generate_reply(messages=[message]) == "yes"

    def is_ann(sender):
        return judge.generate_reply(messages=[{"role": "user", "content": "?"}]) == "yes"

    ben = talker("ben", is_termination_msg=ends)
    assert talker("ann").initiate_chat(ben, message="go", silent=True).stop_reason == "the message of ann met the termination condition"
    cem = talker("cem")
    cem.register_reply(["nobody", is_ann], lambda *_, **__: (True, "asked"))
    assert talker("ann").initiate_chat(cem, message="go", max_turns=1, silent=True).summary == "asked"
    group = GroupChat([ben, cem], max_round=5, speaker_selection_method="round_robin")
    assert ben.initiate_chat(GroupChatManager(group, is_termination_msg=ends), message="go", silent=True).summary == "go"


async def test_a_blocking_call_in_a_coroutine_tells_the_person_what_to_do():
    async def ask() -> str:
        return helper.generate_reply(messages=[{"role": "user", "content": "?"}])

    helper, room = talker("helper"), Room()
    asking = talker("ann", llm_config=ScriptedModel([calling("ask"), "done"]))
    await room.chat(talker("ben", function_map={"ask": ask}), asking, message="go", max_turns=2)
    told = [event.text for event in room.events if isinstance(event, Noticed)]
    assert any("The tool ask failed" in text and "await a_generate_reply()" in text for text in told)


# Reply functions and hooks


def test_of_two_forms_of_a_reply_function_the_one_for_the_chat_is_asked():
    asked = []

    def plain(recipient, messages, sender, config):
        asked.append("plain")
        return False, None

    async def awaited(recipient, messages, sender, config):
        asked.append("awaited")
        return False, None

    ben = talker("ben")
    ben.register_reply([ConversableAgent, None], plain)
    ben.register_reply([ConversableAgent, None], awaited, ignore_async_in_sync_chat=True)
    talker("ann").initiate_chat(ben, message="go", max_turns=1, silent=True)
    assert asked == ["plain"]
    asyncio.run(talker("ann").a_initiate_chat(ben, message="go", max_turns=1, silent=True))
    assert asked == ["plain", "awaited", "plain"]


def test_a_chat_within_another_counts_by_the_way_in_which_it_was_begun():
    async def awaited(recipient, messages, sender, config):
        return True, "awaited"

    def begins(recipient, messages, sender, config):
        return True, talker("cem").initiate_chat(inner, message="go", max_turns=1, silent=True).summary

    async def begins_and_awaits(recipient, messages, sender, config):
        return True, (await talker("cem").a_initiate_chat(inner, message="go", max_turns=1, silent=True)).summary

    inner = talker("inner")
    inner.register_reply([ConversableAgent, None], awaited, ignore_async_in_sync_chat=True)
    ben, dan = talker("ben"), talker("dan")
    ben.register_reply(ConversableAgent, begins)
    dan.register_reply(ConversableAgent, begins_and_awaits)
    assert asyncio.run(talker("ann").a_initiate_chat(ben, message="go", max_turns=1, silent=True)).summary == "inner here"
    assert talker("ann").initiate_chat(dan, message="go", max_turns=1, silent=True).summary == "awaited"


def test_a_reply_function_may_return_a_list():
    ben = talker("ben")
    ben.register_reply(ConversableAgent, lambda *_, **__: [True, "listed"])
    assert talker("ann").initiate_chat(ben, message="go", max_turns=1, silent=True).summary == "listed"


class Looks(ConversableAgent):
    def process_last_received_message(self, messages):
        seen = super().process_last_received_message(messages)
        return [*seen[:-1], {**seen[-1], "content": seen[-1]["content"] + " (last)"}]

    async def a_process_all_messages_before_reply(self, messages):
        return [{**message, "content": message["content"].upper()} for message in messages]


def test_a_subclass_may_look_at_what_it_replies_to():
    model = ScriptedModel(["ok"])
    looks = Looks("looks", human_input_mode="NEVER", llm_config=model, system_message="")
    looks.register_hook("process_last_received_message", lambda content: content + " (hook)")
    result = talker("ann").initiate_chat(looks, message="go", max_turns=1, silent=True)
    assert [message.text for message in model.requests[0].messages] == ["GO (HOOK) (LAST)"]
    assert result.chat_history[0]["content"] == "go"


def test_what_a_subclass_makes_of_a_history_must_be_one():
    looks = talker("looks")
    looks.process_all_messages_before_reply = lambda messages: None
    with pytest.raises(UsageError, match="returned None; it must return the list of messages"):
        talker("ann").initiate_chat(looks, message="go", max_turns=1, silent=True)


# What it takes


def test_an_agents_usage_has_the_summary_that_its_model_wrote():
    def costing(text):
        return ModelReply(text, "scripted", usage=Usage(10, 5, 0.5))

    ben = talker("ben", llm_config=ScriptedModel([costing("one"), costing("two"), costing("in short")]))
    result = talker("ann").initiate_chat(ben, message="go", max_turns=2, summary_method="reflection_with_llm", silent=True)
    assert ben.get_actual_usage()["total_cost"] == 1.5
    assert result.cost["usage_excluding_cached_inference"]["total_cost"] == 1.5
    assert gather_usage_summary([ben])["usage_including_cached_inference"]["total_cost"] == 1.5
