"""Groups that follow a pattern: handovers by a tool call, by a condition, after a turn; shared variables and tools."""

from __future__ import annotations

import pytest

from autogen_jupyter import (
    AgentNameTarget,
    AgentTarget,
    AutoPattern,
    ContextExpression,
    ContextVariables,
    ConversableAgent,
    DefaultPattern,
    ManualPattern,
    ModelReply,
    OnCondition,
    OnContextCondition,
    RandomAgentTarget,
    RandomPattern,
    ReplyResult,
    RevertToUserTarget,
    RoundRobinPattern,
    ScriptedModel,
    StayTarget,
    TerminateTarget,
    ToolCall,
    UsageError,
    a_initiate_group_chat,
    a_run_group_chat,
    initiate_group_chat,
    run_group_chat,
)
from tests.conversation.doubles import Room


def talker(name, text=None, **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text or f"{name} here", **options)


def modelled(name, *replies):
    return ConversableAgent(name, human_input_mode="NEVER", llm_config=ScriptedModel(list(replies)))


def calls(*names):
    return tuple(ToolCall(f"call{number}", name, "{}") for number, name in enumerate(names))


def told(agent):
    """Return what the agent's model was told first, but for the system message."""
    return [(message.role, message.text) for message in agent.model_client.requests[0].messages[1:]]


async def run(pattern, message="help", *, answers=(), max_rounds=20):
    """Run the pattern; return who spoke in order, why it ended, the variables, and the last agent's name."""
    room = Room(answers)
    result, variables, last = await room.session.run(lambda: a_initiate_group_chat(pattern, message, max_rounds))
    speakers = [event.message.sender for event in room.events if event.kind == "message_added"]
    return speakers, result.stop_reason, variables, last.name


# --- by a tool call


async def test_a_model_hands_over_by_calling_the_tool_it_is_offered():
    triage, refunds = modelled("triage", calls("transfer_to_refunds")), modelled("refunds", "Here is your money.")
    triage.handoffs.add_llm_condition(OnCondition(AgentTarget(refunds), "The customer wants money back."))
    speakers, reason, _, last = await run(DefaultPattern(triage, [triage, refunds]))
    assert speakers == ["_User", "triage", "_Group_Tool_Executor", "refunds"]
    assert (last, reason) == ("refunds", "refunds was the last to speak (TerminateTarget, by the pattern)")
    (offered,) = triage.model_client.requests[0].tools
    assert offered["function"]["name"] == "transfer_to_refunds"
    assert offered["function"]["description"] == "The customer wants money back."
    assert refunds.model_client.requests[0].tools == ()
    assert told(refunds) == [("user", "help")]


async def test_a_model_is_told_of_the_call_that_handed_over_where_the_pattern_says_so():
    triage, refunds = modelled("triage", calls("transfer_to_refunds")), modelled("refunds", "Here is your money.")
    triage.handoffs.add_llm_condition(OnCondition(AgentTarget(refunds), "The customer wants money back."))
    await run(DefaultPattern(triage, [triage, refunds], exclude_transit_message=False))
    assert told(refunds) == [("user", "help"), ("assistant", ""), ("tool", "Handed over to refunds.")]


async def test_what_was_said_with_the_handover_is_told_and_the_history_keeps_the_call():
    said = ModelReply("I fetch somebody.", "scripted", tool_calls=calls("transfer_to_refunds"))
    triage, refunds = modelled("triage", said), modelled("refunds", "Here is your money.")
    triage.handoffs.add_llm_condition(OnCondition(AgentTarget(refunds), "The customer wants money back."))
    room = Room()
    result, *_ = await room.session.run(lambda: a_initiate_group_chat(DefaultPattern(triage, [triage, refunds]), "help"))
    assert [text for _, text in told(refunds)] == ["help", "I fetch somebody."]
    assert not refunds.model_client.requests[0].messages[-1].tool_calls
    assert result.chat_history[1]["tool_calls"][0]["function"]["name"] == "transfer_to_refunds"


async def test_outside_of_a_pattern_no_handover_is_offered():
    triage = modelled("triage", "hello")
    triage.handoffs.add_llm_condition(OnCondition(TerminateTarget(), "Done."))
    await Room().chat(talker("ann"), triage, message="go", max_turns=1)
    assert triage.model_client.requests[0].tools == ()


async def test_a_handover_is_offered_only_while_it_is_available():
    triage = modelled("triage", "hello", "hello")
    triage.handoffs.add_llm_condition(OnCondition(TerminateTarget(), "Done.", available=ContextExpression("${ready}")))
    triage.handoffs.add_llm_condition(OnCondition(TerminateTarget(), "Enough."))
    triage.handoffs.add_llm_condition(OnCondition(TerminateTarget(), "Stop.", llm_function_name="stop now"))
    for ready in (False, True):
        await run(DefaultPattern(triage, [triage], context_variables=ContextVariables({"ready": ready})))
    names = [[tool["function"]["name"] for tool in request.tools] for request in triage.model_client.requests]
    assert names == [["transfer_to_the_end_2", "stop_now"], ["transfer_to_the_end", "transfer_to_the_end_2", "stop_now"]]


async def test_other_tools_called_with_the_handover_are_executed_too():
    triage, refunds = modelled("triage", calls("look_up", "transfer_to_refunds")), modelled("refunds", "Done.")
    triage.register_function({"look_up": lambda: "order 7"})
    triage.handoffs.add_llm_condition(OnCondition(AgentNameTarget("refunds"), "Money back."))
    await run(DefaultPattern(triage, [triage, refunds]))
    call, answer = refunds.model_client.requests[0].messages[-2:]
    assert [one.name for one in call.tool_calls] == ["look_up"]
    assert [result.content for result in answer.tool_results] == [answer.text] == ["order 7"]


# --- tools and variables


async def test_a_tool_reads_and_changes_the_variables_and_its_caller_goes_on():
    def log_in(context_variables):
        assert context_variables["tries"] == 1
        context_variables.set("tries", 2)
        return ReplyResult("Welcome.", context_variables={"logged_in": True})

    clerk = modelled("clerk", calls("log_in"), "You are in.")
    clerk.register_function({"log_in": log_in})
    pattern = DefaultPattern(clerk, [clerk], context_variables=ContextVariables({"tries": 1}))
    speakers, _, variables, last = await run(pattern)
    assert speakers == ["_User", "clerk", "_Group_Tool_Executor", "clerk"]
    assert (variables.to_dict(), last) == ({"tries": 2, "logged_in": True}, "clerk")
    assert clerk.model_client.requests[1].messages[-1].text == "Welcome."


@pytest.mark.parametrize(
    ("made", "variables"),
    [
        (ContextVariables(data={"tries": 1}), {"tries": 1}),  # AG2's
        (ContextVariables(data=None), {}),
        (ContextVariables.from_dict({"tries": 1}), {"tries": 1}),
        (ContextVariables({"tries": 1}), {"tries": 1}),  # AG2's and ours
        (ContextVariables(None), {}),
        (ContextVariables(tries=1), {"tries": 1}),  # ours
        (ContextVariables([("tries", 1)], more=2), {"tries": 1, "more": 2}),
        (ContextVariables(data=[1, 2]), {"data": [1, 2]}),
        (ContextVariables(data={"a": 1}, tries=1), {"data": {"a": 1}, "tries": 1}),
        (ContextVariables({"data": {"a": 1}}), {"data": {"a": 1}}),
        (ContextVariables(data={"a": 1}) | {"b": 2}, {"a": 1, "b": 2}),
    ],
)
def test_variables_are_made_from_ag2s_form_and_as_dictionaries_are(made, variables):
    assert (type(made), made.to_dict()) == (ContextVariables, variables)


def test_variables_made_from_a_dictionary_do_not_change_it():
    given = {"tries": 1}
    ContextVariables(data=given).set("tries", 2)
    assert given == {"tries": 1}


async def test_a_tool_may_say_who_goes_on():
    clerk, boss = modelled("clerk", calls("escalate")), talker("boss")
    clerk.register_function({"escalate": lambda: ReplyResult("Boss!", target=AgentTarget(boss))})
    assert (await run(DefaultPattern(clerk, [clerk, boss])))[0] == ["_User", "clerk", "_Group_Tool_Executor", "boss"]


# --- by a condition, or after a turn


async def test_a_condition_on_the_variables_hands_over_instead_of_speaking():
    ann, ben = talker("ann"), talker("ben")
    ann.handoffs.add_context_condition(OnContextCondition(AgentTarget(ben), ContextExpression("${tries} >= 3")))
    assert (await run(DefaultPattern(ann, [ann, ben], context_variables=ContextVariables({"tries": 3}))))[0] == ["_User", "ben"]
    assert (await run(DefaultPattern(ann, [ann, ben], context_variables=ContextVariables({"tries": 1}))))[0] == ["_User", "ann"]


async def test_conditions_that_hand_over_in_a_circle_are_an_error():
    ann, ben = talker("ann"), talker("ben")
    ann.handoffs.add_context_condition(OnContextCondition(AgentTarget(ben)))
    ben.handoffs.add_context_condition(OnContextCondition(AgentTarget(ann)))
    with pytest.raises(UsageError, match="in a circle"):
        await run(DefaultPattern(ann, [ann, ben]))


async def test_what_follows_a_turn_is_the_agents_rule_before_the_patterns():
    ann, ben, cem = talker("ann"), talker("ben"), talker("cem")
    ann.handoffs.set_after_work(AgentTarget(cem))
    cem.handoffs.add_after_work(OnContextCondition(AgentTarget(ann), "again"))
    pattern = DefaultPattern(ann, [ann, ben, cem], group_after_work=AgentTarget(ben))
    assert (await run(pattern, max_rounds=4))[0] == ["_User", "ann", "cem", "ben"]


@pytest.mark.parametrize(
    ("target", "speakers"),
    [
        (StayTarget(), ["user", "ann", "ann", "ann"]),
        (RevertToUserTarget(), ["user", "ann", "user", "ann"]),
        (TerminateTarget(), ["user", "ann"]),
        (AgentNameTarget("ben"), ["user", "ann", "ben"]),
    ],
)
async def test_targets(target, speakers):
    ann, ben = talker("ann"), talker("ben")
    ann.handoffs.set_after_work(target)
    pattern = DefaultPattern(ann, [ann, ben], user_agent=talker("user"))
    assert (await run(pattern, max_rounds=4))[0] == speakers


async def test_without_a_user_going_back_to_the_user_ends_the_chat():
    ann = talker("ann")
    ann.handoffs.set_after_work(RevertToUserTarget())
    assert (await run(DefaultPattern(ann, [ann])))[1] == "ann was the last to speak (RevertToUserTarget, by what follows its turn)"


async def test_a_random_target_is_one_of_the_others():
    ann, ben = talker("ann"), talker("ben")
    ann.handoffs.set_after_work(RandomAgentTarget([ann, ben]))
    assert (await run(DefaultPattern(ann, [ann, ben])))[0] == ["_User", "ann", "ben"]


async def test_a_handover_to_a_stranger_is_an_error():
    ann = talker("ann")
    for target in (AgentTarget(talker("zoe")), AgentNameTarget("zoe")):
        ann.handoffs.set_after_work(target)
        with pytest.raises(UsageError, match="zoe"):
            await run(DefaultPattern(ann, [ann]))


# --- the patterns


async def test_round_robin_pattern():
    ann, ben = talker("ann"), talker("ben")
    assert (await run(RoundRobinPattern(ann, [ann, ben]), max_rounds=5))[0] == ["_User", "ann", "ben", "ann", "ben"]


async def test_auto_pattern_asks_the_managers_model_about_the_members_only():
    ann, ben, model = talker("ann"), talker("ben"), ScriptedModel(["ben"])
    speakers, reason, *_ = await run(AutoPattern(ann, [ann, ben], group_manager_args={"llm_config": model}), max_rounds=3)
    assert (speakers, reason) == (["_User", "ann", "ben"], "max_round=3 was reached")
    assert "['ann', 'ben']" in model.requests[0].messages[-1].text


async def test_manual_pattern_asks_the_person():
    ann, ben = talker("ann"), talker("ben")
    assert (await run(ManualPattern(ann, [ann, ben]), answers=["ben"], max_rounds=3))[0] == ["_User", "ann", "ben"]


async def test_random_pattern_never_chooses_the_helpers():
    ann, ben = talker("ann"), talker("ben")
    speakers = (await run(RandomPattern(ann, [ann, ben]), max_rounds=40))[0]
    assert set(speakers[1:]) == {"ann", "ben"}


async def test_earlier_messages_are_heard_and_the_last_one_opens():
    ann = modelled("ann", "Good.")
    earlier = [{"content": "hi"}, {"content": "hello", "name": "ann"}, {"content": "and now?"}]
    result, _, last = await a_initiate_group_chat(DefaultPattern(ann, [ann]), earlier)
    heard = ann.model_client.requests[0].messages[1:]
    assert [(message.role, message.sender, message.text) for message in heard] == [
        ("user", "_User", "hi"),
        ("assistant", "ann", "hello"),
        ("user", "_User", "and now?"),
    ]
    assert [message["content"] for message in result.chat_history] == ["hi", "hello", "and now?", "Good."]
    assert (last, result.summary) == (ann, "Good.")


def test_there_is_a_blocking_door():
    ann = talker("ann")
    result, variables, last = initiate_group_chat(pattern=DefaultPattern(ann, [ann]), messages="go", max_rounds=5)
    assert (result.summary, variables.to_dict(), last) == ("ann here", {}, ann)


def test_a_pattern_that_cannot_work_is_refused():
    ann, ben = talker("ann"), talker("ben")
    with pytest.raises(UsageError, match="initial_agent is 'ben'"):
        DefaultPattern(ben, [ann])
    with pytest.raises(UsageError, match="ann is the user_agent and one of the agents"):
        DefaultPattern(ann, [ann], user_agent=ann)


# --- expressions


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${a} == 1", True),
        ("${a} > 1 or ${name} == 'x & !y'", True),
        ("not ${missing}", True),
        ("!${a} | ${a} != 1", False),
        ("${a} == 1 && len(${many}) == 2", True),
        ("len(${missing}) == 0", True),
        ("${a} == -1", False),
        ("'x' in ${many}", True),
        ("0 < ${a} < 2", True),
        ("${a}", True),
    ],
)
def test_an_expression_is_evaluated(text, value):
    assert ContextExpression(text).holds({"a": 1, "name": "x & !y", "many": ["x", "y"]}) is value


@pytest.mark.parametrize(
    "text",
    ["", "${a} +", "__import__('os')", "${a}.real", "open(${a})", "len(${a}, 1)", "[x for x in ${a}]", "${a}[0]", "a == 1"],
)
def test_an_expression_has_no_power(text):
    with pytest.raises(UsageError, match="cannot be read"):
        ContextExpression(text)


def test_values_that_cannot_be_compared_are_named():
    with pytest.raises(UsageError, match="cannot be decided"):
        ContextExpression("${missing} > 1").holds({})


# --- in the background


async def test_a_group_that_runs_in_the_background_gives_its_events_and_variables():
    def count(context_variables):
        return ReplyResult("Counted.", target=AgentTarget(ben), context_variables={"n": context_variables["n"] + 1})

    ann, ben = modelled("ann", calls("count")), talker("ben")
    ann.register_function({"count": count})
    response = await a_run_group_chat(DefaultPattern(ann, [ann, ben], context_variables=ContextVariables({"n": 1})), "go")
    events = [event async for event in response.events]
    assert [event.message.sender for event in events if event.kind == "message_added"] == ["_User", "ann", "_Group_Tool_Executor", "ben"]
    assert [event.to for event in events if event.kind == "handed_over"] == ["ben"]
    result = await response
    assert (result.summary, response.last_speaker, response.context_variables["n"]) == ("ben here", "ben", 2)


def test_a_group_in_the_background_has_a_blocking_door_and_asks_its_questions():
    person = ConversableAgent("person", human_input_mode="ALWAYS")
    ann = talker("ann")
    response = run_group_chat(RoundRobinPattern(ann, [ann], user_agent=person), "go", max_rounds=3)
    for event in response.events:
        if event.kind == "input_requested":
            response.answer(event.request.id, "fine")
    assert [message["content"] for message in response.messages] == ["go", "ann here", "fine"]


def test_what_cannot_work_is_an_error_of_the_result():
    ann = talker("ann")
    with pytest.raises(UsageError, match="messages is empty"):
        _ = run_group_chat(DefaultPattern(ann, [ann]), []).result
