"""Where a group that follows a pattern can be handed over to, besides its agents; and what its tools may do."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from autogen_jupyter import (
    AgentNameConflict,
    AgentTarget,
    AutoPattern,
    ContextExpression,
    ContextStr,
    ContextVariables,
    ConversableAgent,
    DefaultPattern,
    FunctionTarget,
    FunctionTargetResult,
    GroupManagerTarget,
    HandoffTo,
    NestedChatTarget,
    OnCondition,
    OnContextCondition,
    ReplyResult,
    RoundRobinPattern,
    ScriptedModel,
    TerminateTarget,
    ToolCall,
    UsageError,
    a_initiate_group_chat,
)
from autogen_jupyter.conversation.handoff_chats import FunctionTargetMessage, GroupChatConfig, GroupChatTarget
from autogen_jupyter.conversation.handoff_conditions import (
    ContextStrLLMCondition,
    ExpressionAvailableCondition,
    ExpressionContextCondition,
    GroupManagerSelectionMessageContextStr,
    GroupManagerSelectionMessageString,
    StringAvailableCondition,
    StringContextCondition,
    StringLLMCondition,
)
from tests.conversation.doubles import Room


def talker(name, text=None, **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text or f"{name} here", **options)


def modelled(name, *replies, **options):
    return ConversableAgent(name, human_input_mode="NEVER", llm_config=ScriptedModel(list(replies)), **options)


def calls(name, arguments="{}"):
    return (ToolCall("call1", name, arguments),)


async def run(pattern, message="help", *, max_rounds=20, room=None):
    """Run the pattern; return who said what, in the group."""
    room = room or Room()
    result, _, _ = await room.session.run(lambda: a_initiate_group_chat(pattern, message, max_rounds))
    return [(message.get("name"), message["content"]) for message in result.chat_history]


# --- chats within the chat


async def test_a_nested_chat_is_about_what_was_said_before_the_handover_and_comes_back():
    ann = modelled("ann", calls("transfer_to_nested_chat"), "Thanks.")
    reviewer = modelled("reviewer", "Looks good.")
    ann.handoffs.add_llm_condition(OnCondition(NestedChatTarget({"chat_queue": [{"recipient": reviewer, "max_turns": 1}]}), "Review it."))
    said = await run(DefaultPattern(ann, [ann]), "My text.")
    assert said == [
        (None, "My text."),
        ("ann", ""),
        ("_Group_Tool_Executor", "Handed over to nested_chat."),
        ("_nested_chat_ann_1", "Looks good."),
        ("ann", "Thanks."),
    ]
    assert reviewer.model_client.requests[0].messages[-1].text == "My text."


async def test_another_group_talks_to_its_end_and_its_summary_is_said():
    ann, inner = talker("ann"), talker("inner", "We agree.")
    config = GroupChatConfig(DefaultPattern(inner, [inner]), "Discuss.", max_rounds=3)
    ann.handoffs.set_after_work(GroupChatTarget(config))
    assert await run(DefaultPattern(ann, [ann]), max_rounds=3) == [(None, "help"), ("ann", "ann here"), ("_group_chat_ann_1", "We agree.")]


async def test_a_function_names_who_goes_on_changes_variables_and_tells_single_agents():
    ann, ben, cem = talker("ann"), modelled("ben", "ben here"), modelled("cem", "cem here")

    async def decide(last_message, context_variables, groupchat, current_agent):
        assert (last_message, current_agent) == ("ann here", ann)
        for_cem = FunctionTargetMessage("Only for cem.", cem)
        return FunctionTargetResult(AgentTarget(ben), [for_cem], {"seen": len(groupchat.messages)})

    ann.handoffs.set_after_work(FunctionTarget(decide))
    ben.handoffs.set_after_work(AgentTarget(cem))
    variables = ContextVariables()
    await run(DefaultPattern(ann, [ann, ben, cem], context_variables=variables))
    assert variables.to_dict() == {"seen": 2}
    heard = [[message.text for message in agent.model_client.requests[0].messages] for agent in (ben, cem)]
    assert ["Reply from function decide:\n\nOnly for cem." in texts for texts in heard] == [False, True]


async def test_a_function_that_returns_something_else_is_named():
    ann = talker("ann")
    ann.handoffs.set_after_work(FunctionTarget(lambda *_: "ben"))
    with pytest.raises(UsageError, match="returned 'ben'; it must return a FunctionTargetResult"):
        await run(DefaultPattern(ann, [ann]))


# --- conditions under AG2's names


@pytest.mark.parametrize(
    "condition",
    [
        StringContextCondition("ready"),
        ExpressionContextCondition(ContextExpression("${ready}")),
        lambda variables: variables["ready"],
        "ready",
    ],
)
@pytest.mark.parametrize("ready", [True, False])
async def test_a_context_condition_may_be_written_in_several_ways(condition, ready):
    ann, ben = talker("ann"), talker("ben")
    ann.handoffs.add(OnContextCondition(AgentTarget(ben), condition))
    said = await run(DefaultPattern(ann, [ann, ben], context_variables={"ready": ready}))
    assert said[1][0] == ("ben" if ready else "ann")


async def test_a_condition_for_the_model_may_have_places_for_variables():
    ann = modelled("ann", "hello")
    rules = [
        OnCondition(TerminateTarget(), StringLLMCondition("Done."), available=StringAvailableCondition("open")),
        OnCondition(TerminateTarget(), "Closed.", available=ExpressionAvailableCondition(ContextExpression("not ${open}"))),
        OnCondition(TerminateTarget(), ContextStrLLMCondition(ContextStr("Order {order} is paid."))),
    ]
    ann.handoffs.add_many(rules)
    await run(DefaultPattern(ann, [ann], context_variables={"open": True, "order": 7}))
    assert [tool["function"]["description"] for tool in ann.model_client.requests[0].tools] == ["Done.", "Order 7 is paid."]
    ann.handoffs.clear()
    assert ann.handoffs.by_name() == {}


@pytest.mark.parametrize(
    "message",
    [GroupManagerSelectionMessageString("Who, of {agentlist}?"), GroupManagerSelectionMessageContextStr("{word}, of {agentlist}?")],
)
async def test_the_managers_model_is_told_the_patterns_message(message):
    ann, ben, model = talker("ann"), talker("ben"), ScriptedModel(["ben"])
    pattern = AutoPattern(
        ann, [ann, ben], group_manager_args={"llm_config": model}, context_variables={"word": "Who"}, selection_message=message
    )
    await run(pattern, max_rounds=3)
    assert model.requests[0].messages[-1].text == "Who, of ['ann', 'ben']?"


# --- tools


class Order(BaseModel):
    number: int


async def test_tools_that_a_model_was_told_of_are_executed_with_checked_arguments():
    def find(order: Order, context_variables: ContextVariables) -> str:
        return f"{type(order).__name__} {order.number + context_variables['plus']}"

    clerk = modelled("clerk", calls("find", '{"order": {"number": 1}}'), calls("find", '{"order": 1}'), "Done.", functions=[])
    clerk.register_for_llm(description="Find an order.")(find)
    said = await run(DefaultPattern(clerk, [clerk], context_variables={"plus": 4}))
    assert list(clerk.model_client.requests[0].tools[0]["function"]["parameters"]["properties"]) == ["order"]
    results = [content for name, content in said if name == "_Group_Tool_Executor"]
    assert results[0] == "Order 5"
    assert results[1].startswith("Error: the arguments of find do not fit.")


async def test_an_agent_with_tools_of_its_own_can_hand_over_and_so_can_its_tools():
    def look_up() -> str:
        """Look something up."""
        return "order 7"

    def escalate() -> ReplyResult:
        """Ask the boss."""
        return ReplyResult("Boss!", AgentTarget(boss))

    boss = talker("boss")
    both = (ToolCall("call1", "look_up", "{}"), ToolCall("call2", "transfer_to_cem", "{}"))
    ann, cem = modelled("ann", both, tools=[look_up]), modelled("cem", calls("escalate"), tools=[escalate])
    ann.handoffs.add(OnCondition(AgentTarget(cem), "Cem knows."))
    said = await run(DefaultPattern(ann, [ann, cem, boss]))
    assert said[2:] == [
        ("_Group_Tool_Executor", "order 7\n\nHanded over to cem."),
        ("cem", ""),
        ("_Group_Tool_Executor", "Boss!"),
        ("boss", "boss here"),
    ]


async def test_a_call_that_needs_approval_is_asked_about_in_a_pattern_too():
    ann = modelled("ann", calls("wipe"), "Fine.")
    ann.register_for_execution(name="wipe", needs_approval=True)(lambda: "wiped")
    room = Room(["not now"], approval="always")
    assert ("_Group_Tool_Executor", "The call was not allowed. not now") in await run(DefaultPattern(ann, [ann]), room=room)


async def test_a_tool_may_return_an_agent_or_a_target_alone():
    ann, ben, cem = modelled("ann", calls("to_ben")), modelled("ben", calls("to_cem")), talker("cem")
    ann.register_function({"to_ben": lambda: ben})
    ben.register_function({"to_cem": lambda: AgentTarget(cem)})
    said = await run(DefaultPattern(ann, [ann, ben, cem]))
    assert [name for name, _ in said if name != "_Group_Tool_Executor"] == [None, "ann", "ben", "cem"]


# --- the stop condition


@pytest.mark.parametrize("way", ["tool", "result", "condition", "after work", "function", "pattern"])
async def test_every_handover_meets_the_stop_condition_before_the_other_speaks(way):
    ben, after = talker("ben"), None
    ann = modelled("ann", calls("go")) if way in ("tool", "result") else talker("ann")
    if way == "tool":
        ann.handoffs.add_llm_condition(OnCondition(AgentTarget(ben), "Always.", llm_function_name="go"))
    elif way == "result":
        ann.register_function({"go": lambda: ReplyResult("Going.", AgentTarget(ben))})
    elif way == "condition":
        ann.handoffs.add_context_condition(OnContextCondition(AgentTarget(ben)))
    elif way == "pattern":
        after = AgentTarget(ben)
    else:
        ann.handoffs.set_after_work(
            AgentTarget(ben) if way == "after work" else FunctionTarget(lambda *_: FunctionTargetResult(AgentTarget(ben)))
        )
    pattern = DefaultPattern(ann, [ann, ben], group_after_work=after)
    result, _, last = await Room().session.run(lambda: a_initiate_group_chat(pattern, "help", stop=HandoffTo(ben)))
    assert result.stop_reason == "ann handed over to ben"
    assert last is not ben


# --- what cannot work


def test_misuse_of_patterns_and_targets_is_named():
    ann = talker("ann")
    for make, problem in (
        (lambda: DefaultPattern(ann, []), "initial_agent is 'ann', who is not one of the agents"),
        (lambda: RoundRobinPattern(ann, [ann, "ben"]), "RoundRobinPattern got 'ben' as an agent"),
        (lambda: DefaultPattern(ann, [ann], context_variables=7), "context_variables is 7"),
        (lambda: DefaultPattern(ann, [ann], group_after_work=ann), "group_after_work is ConversableAgent"),
        (lambda: NestedChatTarget({}), 'must be a dictionary with "chat_queue"'),
        (lambda: FunctionTarget("ben"), "FunctionTarget got 'ben'"),
        (lambda: OnCondition(ann, "Always."), "A handover leads to ConversableAgent"),
        (lambda: OnContextCondition("ben"), "A handover leads to 'ben'"),
        (lambda: OnCondition(TerminateTarget(), " "), "condition of a handover to the_end is ' '"),
        (lambda: ann.handoffs.add("ben"), "A handover is 'ben'"),
        (lambda: ContextStr("{order}").format({"name": 1}), "cannot be filled in: KeyError.*The context variables are name"),
    ):
        with pytest.raises(UsageError, match=problem):
            make()


async def test_misuse_of_a_group_that_follows_a_pattern_is_named():
    ann = talker("ann")
    with pytest.raises(UsageError, match="messages is empty"):
        await run(DefaultPattern(ann, [ann]), [])
    with pytest.raises(UsageError, match="max_round is 0"):
        await run(DefaultPattern(ann, [ann]), max_rounds=0)
    with pytest.raises(AgentNameConflict, match="two agents named 'ann'"):
        await run(DefaultPattern(ann, [ann, talker("ann")]))
    with pytest.raises(UsageError, match="by 'zoe', who is not in the group"):
        await run(DefaultPattern(ann, [ann]), [{"content": "hi", "name": "zoe"}])


async def test_a_manager_target_without_a_model_takes_turns():
    ann, ben = talker("ann"), talker("ben")
    ann.handoffs.set_after_work(GroupManagerTarget())
    assert [name for name, _ in await run(DefaultPattern(ann, [ann, ben]))] == [None, "ann", "ben"]
