"""Guardrails: what is said instead, who goes on, and in which chats they hold."""

from __future__ import annotations

import pytest

from autogen_jupyter import (
    AgentTarget,
    ConversableAgent,
    DefaultPattern,
    GroupChat,
    GroupChatManager,
    Guardrail,
    LLMGuardrail,
    ModelReply,
    RegexGuardrail,
    ScriptedModel,
    TerminateTarget,
    ToolCall,
    Usage,
    UsageError,
    a_initiate_group_chat,
)
from autogen_jupyter.conversation.guardrails import GuardrailResult
from tests.conversation.doubles import Room


def talker(name, text=None):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text or f"{name} here")


def judge(activated, justification="Because."):
    verdict = f'{{"activated": {str(activated).lower()}, "justification": "{justification}"}}'
    return ScriptedModel([ModelReply(verdict, "judge", usage=Usage(10, 5, 0.5))])


async def run(pattern, message):
    """Run the pattern; return who said what, and the room."""
    room = Room()
    await room.session.run(lambda: a_initiate_group_chat(pattern, message))
    said = [(event.message.sender, event.message.text) for event in room.events if event.kind == "message_added"]
    return said, room


async def test_what_an_agent_must_not_hear_is_not_answered_and_the_target_goes_on():
    ann, desk = talker("ann"), talker("desk")
    ann.register_input_guardrail(RegexGuardrail("cards", r"\d{4}", AgentTarget(desk), "No numbers."))
    said, room = await run(DefaultPattern(ann, [ann, desk]), "Mine is 1234.")
    assert said == [
        ("_User", "Mine is 1234."),
        ("ann", "No numbers.\nJustification: Match found -> 1234"),
        ("desk", "desk here"),
    ]
    (handed,) = [event for event in room.events if event.kind == "handed_over"]
    assert (handed.agent, handed.to, handed.reason) == ("ann", "desk", "the guardrail cards")


async def test_what_an_agent_must_not_say_is_replaced_and_the_target_goes_on():
    ann, desk = talker("ann", "The password is hunter2."), talker("desk")
    ann.register_output_guardrails(
        [RegexGuardrail("never", "xyzzy", TerminateTarget()), RegexGuardrail("secrets", "hunter2", AgentTarget(desk))]
    )
    said, _ = await run(DefaultPattern(ann, [ann, desk]), "hi")
    assert [sender for sender, _ in said] == ["_User", "ann", "desk"]
    assert said[1][1] == "Guardrail 'secrets' has been activated.\nJustification: Match found -> hunter2"


async def test_a_call_of_a_tool_is_said_too():
    ann = ConversableAgent("ann", human_input_mode="NEVER", llm_config=ScriptedModel([(ToolCall("1", "delete", '{"path": "/"}'),)]))
    ann.register_function({"delete": lambda path: "deleted"})
    ann.register_output_guardrail(RegexGuardrail("deletion", r"delete\(", TerminateTarget()))
    said, room = await run(DefaultPattern(ann, [ann]), "hi")
    assert [sender for sender, _ in said] == ["_User", "ann"]
    assert "tool_called" not in room.kinds()


async def test_an_earlier_message_is_not_held_against_the_agent_again():
    ann = talker("ann")
    ann.register_input_guardrail(RegexGuardrail("cards", r"\d{4}", AgentTarget(ann)))
    said, _ = await run(DefaultPattern(ann, [ann]), "Mine is 1234.")
    assert [text for _, text in said][2:] == ["ann here"]


@pytest.mark.parametrize(("verdict", "text"), [(True, "Not here.\nJustification: Because."), (False, "ann here")])
async def test_a_model_judges_in_every_chat_and_is_counted(verdict, text):
    ann, model = talker("ann"), judge(verdict)
    ann.register_input_guardrail(LLMGuardrail("private", "Somebody gives personal data.", TerminateTarget(), model, "Not here."))
    result = await Room().chat(talker("ben"), ann, message="I am Ben.", max_turns=1)
    assert result.summary == text
    assert "Condition: Somebody gives personal data." in model.requests[0].messages[0].text
    assert model.requests[0].messages[1].text == "I am Ben."
    assert result.cost["usage_including_cached_inference"]["total_cost"] == ann.get_actual_usage()["total_cost"] == 0.5


async def test_a_verdict_that_cannot_be_read_counts_as_met():
    guardrail = LLMGuardrail("private", "Anything.", TerminateTarget(), ScriptedModel(["Well, it depends."]))
    assert (await guardrail.check("hello")).activated


async def test_a_guardrail_of_ones_own_holds_in_a_plain_group_too():
    class Shouting(Guardrail):
        def check(self, context):
            return GuardrailResult(context.isupper(), "It is loud.")

    ann, ben = talker("ann"), talker("ben", "HELLO")
    ben.register_output_guardrail(Shouting("shouting", "loud", TerminateTarget(), "Quiet, please."))
    group = GroupChat([ann, ben], max_round=2, speaker_selection_method="round_robin")
    result = await Room().chat(ann, GroupChatManager(group), message="go")
    assert result.summary == "Quiet, please.\nJustification: It is loud."


def test_guardrails_that_cannot_work_are_refused():
    with pytest.raises(UsageError, match="'cards' is '\\(', no regular expression"):
        RegexGuardrail("cards", "(", TerminateTarget())
    with pytest.raises(UsageError, match="target of the guardrail 'cards' is 'desk'"):
        RegexGuardrail("cards", "x", "desk")
    with pytest.raises(UsageError, match="'private' has no model"):
        LLMGuardrail("private", "x", TerminateTarget(), False)
    with pytest.raises(UsageError, match="A guardrail is 'cards'"):
        talker("ann").register_input_guardrail("cards")
