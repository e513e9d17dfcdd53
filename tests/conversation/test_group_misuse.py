"""What cannot work in a group, or with its tools, is named, with what to do about it."""

from __future__ import annotations

import pytest

from autogen_jupyter import ConversableAgent, GroupChat, GroupChatManager, ScriptedModel, UsageError, register_function
from tests.conversation.doubles import Room


def talker(name):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=f"{name} here")


def undescribed(x: int) -> int: ...


def unannotated(x):
    """Has no types."""


ANN, BEN, ZOE = talker("ann"), talker("ben"), talker("zoe")
GROUP = [ANN, BEN]
WITH_TOOLS = {"config_list": [{"model": "m", "api_key": "k", "base_url": "http://localhost:1"}], "tools": [{}]}


@pytest.mark.parametrize(
    ("make", "value", "remedy"),
    [
        (lambda: ConversableAgent("ann smith"), "'ann smith'", "without white space, such as 'annsmith'"),
        (lambda: GroupChat([ANN, talker("ann")]), "'ann'", "Give each agent its own name"),
        (lambda: GroupChat([ANN, "ben"]), "'ben'", "a name, a description and a_generate_reply"),
        (lambda: GroupChat(ANN), "ann", "must be a list of agents"),
        (lambda: GroupChat(GROUP, max_round=0), "max_round is 0", "1 or more"),
        (lambda: GroupChat(GROUP, messages="hi"), "'hi'", "[] for none"),
        (lambda: GroupChat(GROUP, speaker_selection_method="loud"), "'loud'", "one of auto, manual, random, round_robin"),
        (lambda: GroupChat(GROUP, allow_repeat_speaker=[ZOE]), "'zoe'", "Add it to agents"),
        (
            lambda: GroupChat(GROUP, allowed_or_disallowed_speaker_transitions={ANN: [ZOE]}, speaker_transitions_type="allowed"),
            "'zoe'",
            "Add it to agents",
        ),
        (lambda: GroupChat(GROUP, speaker_transitions_type="allowed"), "speaker_transitions_type", "Give both"),
        (lambda: GroupChatManager(GROUP), "[ConversableAgent('ann')", "give it a GroupChat(agents=[…])"),
        (lambda: GroupChatManager(GroupChat(GROUP), llm_config=WITH_TOOLS), "'tools'", "to the agents of the group instead"),
        (lambda: ANN.register_function({"look up": print}), "'look up'", "such as 'look_up'"),
        (lambda: ANN.register_function({"look_up": 3}), "look_up", "cannot be called"),
    ],
)
def test_each_misuse_of_a_group_names_the_value_and_the_remedy(make, value, remedy):
    with pytest.raises(UsageError) as error:
        make()
    assert value in str(error.value)
    assert remedy in str(error.value)


@pytest.mark.parametrize(("function", "remedy"), [(undescribed, 'description="…"'), (unannotated, 'x: Annotated[str, "what it is"]')])
def test_a_tool_that_a_model_cannot_know_is_refused(function, remedy):
    caller = ConversableAgent("caller", llm_config=ScriptedModel([]))
    with pytest.raises(UsageError) as error:
        register_function(function, caller=caller, executor=ANN)
    assert function.__name__ in str(error.value)
    assert remedy in str(error.value)


def test_a_tool_for_an_agent_without_a_model_is_refused():
    with pytest.raises(UsageError, match="ann has no model to tell of the tool 'unannotated'; make it with an llm_config"):
        talker("ann").register_for_llm(name="unannotated", description="Nothing.")(lambda: None)


async def test_an_empty_group_is_refused_when_it_should_talk():
    with pytest.raises(UsageError, match=r"The group has no agents.*Give GroupChat a list of agents"):
        await Room().chat(talker("ann"), GroupChatManager(GroupChat([])), message="go")


@pytest.mark.parametrize("chosen", [ZOE, "loud", "", True, 3.5, [BEN], 0])
async def test_a_function_that_chooses_what_is_no_speaker_is_told_what_to_return(chosen):
    group = GroupChat(GROUP, speaker_selection_method=lambda last, group: chosen)
    with pytest.raises(UsageError) as error:
        await Room().chat(ANN, GroupChatManager(group), message="go")
    assert repr(getattr(chosen, "name", chosen)) in str(error.value)
    assert "Return one of its agents, 'auto', 'manual', 'random', 'round_robin', or None to end." in str(error.value)


@pytest.mark.parametrize("chosen", [BEN, "auto", "random", "Round_Robin"])
async def test_a_function_may_choose_an_agent_or_a_method(chosen):
    group = GroupChat(GROUP, max_round=2, speaker_selection_method=lambda last, group: chosen)
    assert (await Room().chat(ANN, GroupChatManager(group), message="go")).stop_reason == "max_round=2 was reached"
