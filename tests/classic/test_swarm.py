"""AG2's older swarm names, on top of handoffs and patterns."""

from __future__ import annotations

import pytest

from autogen_jupyter import ContextExpression, ConversableAgent, ScriptedModel, ToolCall, UsageError
from autogen_jupyter.classic.swarm_agent import (
    AfterWork,
    AfterWorkOption,
    OnCondition,
    OnContextCondition,
    SwarmAgent,
    SwarmResult,
    a_initiate_swarm_chat,
    a_run_swarm,
    initiate_swarm_chat,
    register_hand_off,
    run_swarm,
)
from autogen_jupyter.conversation.handoff_conditions import ContextStr
from tests.conversation.doubles import Room


def talker(name, text=None):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text or f"{name} here")


def modelled(name, *replies, **options):
    return ConversableAgent(name, human_input_mode="NEVER", llm_config=ScriptedModel(list(replies)), **options)


def calls(name):
    return (ToolCall("call1", name, "{}"),)


async def run(*args, **options):
    """Run the swarm; return who spoke in order, and the context variables."""
    room = Room()
    _, variables, _ = await room.session.run(lambda: a_initiate_swarm_chat(*args, **options))
    return [event.message.sender for event in room.events if event.kind == "message_added"], variables.to_dict()


async def test_a_swarm_hands_over_by_condition_result_and_after_work():
    def log_in(context_variables):
        return SwarmResult("Welcome.", agent=clerk, context_variables={"logged_in": True})

    clerk = talker("clerk")
    triage = modelled("triage", calls("transfer_to_door"))
    door = modelled("door", calls("log_in"), functions=[])
    door.register_function({"log_in": log_in})
    register_hand_off(triage, [OnCondition(door, "Somebody wants in.")])
    register_hand_off(clerk, AfterWork(AfterWorkOption.TERMINATE))
    speakers, variables = await run(triage, "hello", [triage, door, clerk], context_variables={"logged_in": False})
    assert speakers == ["_User", "triage", "_Group_Tool_Executor", "door", "_Group_Tool_Executor", "clerk"]
    assert variables == {"logged_in": True}


async def test_conditions_may_be_functions_of_the_agent_and_its_messages():
    triage, boss = modelled("triage", "hello"), talker("boss")
    rules = [
        OnCondition(boss, lambda agent, messages: f"{agent.name} after {messages[-1]['content']}"),
        OnCondition(boss, ContextStr("The order {order} is late.")),
        OnCondition(boss, "Never.", available=lambda agent, messages: False),
    ]
    register_hand_off(triage, rules)
    await run(triage, "the opening", [triage, boss], context_variables={"order": 7})
    told = [one["function"]["description"] for one in triage.model_client.requests[0].tools]
    assert told == ["triage after the opening", "The order 7 is late."]


@pytest.mark.parametrize(
    ("after", "speakers"),
    [
        (AfterWorkOption.STAY, ["user", "ann", "ann"]),
        ("revert_to_user", ["user", "ann", "user"]),
        (AfterWorkOption.TERMINATE, ["user", "ann"]),
        ("ben", ["user", "ann", "ben"]),
        (lambda last, messages, groupchat: groupchat.agent_by_name("ben") if len(messages) > 1 else None, ["user", "ann", "ben"]),
    ],
)
async def test_after_work_is_an_option_an_agent_or_a_function(after, speakers):
    ann, ben = talker("ann"), talker("ben")
    register_hand_off(ann, AfterWork(after))
    assert (await run(ann, "go", [ann, ben], talker("user"), max_rounds=3))[0] == speakers


async def test_a_context_condition_hands_over_to_a_nested_chat_and_back():
    ann, helper = talker("ann"), talker("helper", "It is 42.")
    register_hand_off(ann, OnContextCondition({"chat_queue": [{"recipient": helper, "max_turns": 1}]}, ContextExpression("${hard}")))
    room = Room()
    result, *_ = await room.session.run(
        lambda: a_initiate_swarm_chat(ann, "What is it?", [ann], context_variables={"hard": True}, max_rounds=2)
    )
    assert [message["content"] for message in result.chat_history] == ["What is it?", "It is 42."]


async def test_the_swarm_manager_is_told_the_message_for_its_choice():
    ann, ben, model = talker("ann"), talker("ben"), ScriptedModel(["ben"])
    register_hand_off(ann, AfterWork("SWARM_MANAGER", "Choose for {agentlist}!"))
    assert (await run(ann, "go", [ann, ben], swarm_manager_args={"llm_config": model}, max_rounds=3))[0] == ["_User", "ann", "ben"]
    assert model.requests[0].messages[-1].text == "Choose for ['ann', 'ben']!"


def test_there_is_a_blocking_door_and_the_older_class():
    with pytest.warns(DeprecationWarning, match="use ConversableAgent"):
        agent = SwarmAgent("ann", human_input_mode="NEVER", default_auto_reply="ann here")
    agent.register_hand_off(AfterWork(AfterWorkOption.TERMINATE))
    result, variables, last = initiate_swarm_chat(agent, "go", [agent])
    assert (result.summary, variables.to_dict(), last) == ("ann here", {}, agent)
    assert "name" not in result.chat_history[0]


def test_what_cannot_be_handed_to_is_named():
    ann = talker("ann")
    with pytest.raises(UsageError, match="After work comes 7"):
        AfterWork(7)
    with pytest.raises(UsageError, match="target of a handover is 'ben'"):
        OnCondition("ben", "Always.")
    with pytest.raises(UsageError, match="condition of a handover to ann is ''"):
        OnCondition(ann, "")
    with pytest.raises(UsageError, match="ann cannot hand over by 'ben'"):
        register_hand_off(ann, "ben")
    with pytest.raises(UsageError, match="initial_agent is 'ann'"):
        initiate_swarm_chat(ann, "go", [])


async def test_a_swarm_runs_in_the_background_too():
    door = modelled("door", "Come in.")
    triage = modelled("triage", calls("transfer_to_door"))
    register_hand_off(triage, OnCondition(door, "Somebody wants in."))
    options = {"context_variables": {"day": "Monday"}, "exclude_transit_message": False}
    response = await a_run_swarm(triage, "hello", [triage, door], **options)
    assert (await response).summary == "Come in."
    assert response.context_variables["day"] == "Monday"
    assert [message.role for message in door.model_client.requests[0].messages] == ["system", "user", "assistant", "tool"]


def test_a_swarm_in_the_background_has_a_blocking_door():
    ann = talker("ann")
    assert [event.kind for event in run_swarm(ann, "go", [ann]).events][-1] == "chat_ended"
