"""How a group's chat ends besides its rounds: stop conditions, loops, and what choosing speakers costs."""

from __future__ import annotations

import pytest

from autogen_jupyter import (
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    MaxCost,
    MaxMessages,
    ModelReply,
    ScriptedModel,
    TextMention,
    TokenUsage,
    ToolCall,
    Usage,
    gather_usage_summary,
    register_function,
)
from autogen_jupyter.human_input import InputAnswer
from tests.conversation.doubles import Room


def talker(name, text=None):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=f"{name} here" if text is None else text)


async def ended(members, *, stop=None, max_round=20, room=None, opening="go", **options):
    """Let the group talk in turn; return how many messages there were, and why it ended."""
    group = GroupChat(members, max_round=max_round, speaker_selection_method="round_robin")
    result = await (room or Room()).chat(members[0], GroupChatManager(group, **options), message=opening, stop=stop)
    return len(group.messages), result.stop_reason


@pytest.mark.parametrize(
    ("stop", "end"),
    [
        (MaxMessages(3), (3, "3 messages were exchanged")),
        (TextMention("cem"), (3, 'cem said "cem"')),
        (TextMention("go") & MaxMessages(2), (2, 'ann said "go" and 2 messages were exchanged')),
    ],
)
async def test_stop_conditions_are_asked_between_the_messages_of_a_group(stop, end):
    assert await ended([talker("ann"), talker("ben"), talker("cem")], stop=stop) == end


async def test_a_condition_that_is_met_while_the_speaker_is_chosen_ends_the_chat_before_they_speak():
    chooser = ScriptedModel([ModelReply("ben", "scripted", usage=Usage(90, 10, 0.5))])
    group = GroupChat([talker("ann"), talker("ben"), talker("cem")], max_round=9)
    result = await Room().chat(
        group.agents[0], GroupChatManager(group, llm_config=chooser), message="go", stop=TokenUsage(total=100) | MaxCost(usd=9)
    )
    assert (len(group.messages), result.stop_reason) == (1, "100 of 100 tokens are used")


async def test_a_group_that_only_says_goodbye_is_noticed():
    members = [talker(name, "Thank you!") for name in ("ann", "ben", "cem")]
    assert await ended(members) == (5, "the last 4 messages held only thanks and goodbyes")


async def test_each_member_may_fall_silent_once():
    members = [talker(name, "") for name in ("ann", "ben", "cem", "dan", "eve")]
    assert await ended(members) == (7, "the last 6 messages were empty")


@pytest.mark.parametrize("who", ["opener", "manager"])
async def test_loops_of_a_group_are_not_noticed_where_that_is_turned_off(who):
    members = [talker(name, "Thank you!") for name in ("ann", "ben", "cem")]
    group = GroupChat(members, max_round=9, speaker_selection_method="round_robin")
    manager = GroupChatManager(group)
    (members[0] if who == "opener" else manager).notice_loops = False
    assert (await Room().chat(members[0], manager, message="go")).stop_reason == "max_round=9 was reached"


async def test_a_persons_answer_begins_the_count_of_a_groups_loop_anew():
    person = ConversableAgent("person", human_input_mode="ALWAYS", default_auto_reply=None)
    members = [talker("ann", "Thank you!"), talker("ben", "Thank you!"), person]
    room = Room([InputAnswer("reply", "Thanks!"), InputAnswer("reply", "Thanks!"), InputAnswer("end")])
    assert (await ended(members, room=room))[1] == "the human ended the conversation (as person)"


async def test_the_model_that_chooses_speakers_is_counted_for_the_manager_and_in_the_chats_cost():
    chooser = ScriptedModel(
        [ModelReply("ben", "chooser", usage=Usage(10, 1, 0.25)), ModelReply("ann", "chooser", usage=Usage(10, 1, 0.25))]
    )
    group = GroupChat([talker("ann"), talker("ben")], max_round=3, select_speaker_auto_llm_config=chooser)
    manager = GroupChatManager(group)
    result = await Room().chat(group.agents[0], manager, message="go")
    taken = {"cost": 0.5, "prompt_tokens": 20, "completion_tokens": 2, "total_tokens": 22}
    assert result.cost["usage_including_cached_inference"] == {"total_cost": 0.5, "chooser": taken}
    assert manager.get_actual_usage() == {"total_cost": 0.5, "chooser": taken}
    assert gather_usage_summary([manager, *group.agents])["usage_including_cached_inference"]["total_cost"] == 0.5
    assert {row["agent"] for row in result.usage} == {"chat_manager"}
    manager.clear_usage_summary()
    assert manager.get_actual_usage() is None


async def test_a_predicate_can_look_for_words_in_a_message_that_only_calls_tools():
    """The classic gives predicates the empty text there; None would end the chat with an error."""

    def look(message):
        seen.append(message["content"])
        return "TERMINATE" in message.get("content", "")

    seen = []
    asks = ModelReply("", "scripted", tool_calls=(ToolCall("c1", "double", '{"x": 4}'),))
    caller = ConversableAgent("caller", human_input_mode="NEVER", llm_config=ScriptedModel([asks, "8, TERMINATE"]))
    runner = ConversableAgent("runner", human_input_mode="NEVER", is_termination_msg=look)

    def double(x: int) -> int:
        return 2 * x

    register_function(double, caller=caller, executor=runner, name="double", description="doubles a number")
    group = GroupChat([runner, caller], speaker_selection_method="round_robin")
    result = await Room().chat(runner, GroupChatManager(group, is_termination_msg=look), message="go")
    assert [message["content"] for message in result.chat_history] == ["go", "", "8", "8, TERMINATE"]
    assert result.stop_reason == "caller said TERMINATE"
    assert set(seen) == {"go", "", "8", "8, TERMINATE"}
