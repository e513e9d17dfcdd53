"""When chats end, and that they say why."""

from __future__ import annotations

import asyncio

import pytest

from autogen_jupyter import (
    AssistantAgent,
    ConversableAgent,
    Custom,
    ExternalStop,
    FunctionCalled,
    HandoffTo,
    LoopDetector,
    MaxCost,
    MaxMessages,
    MaxTurns,
    ModelReply,
    ScriptedModel,
    StopCondition,
    TextMention,
    Timeout,
    TokenUsage,
    ToolCall,
    Usage,
    UsageError,
)
from autogen_jupyter.conversation.stopping.loops import is_farewell
from autogen_jupyter.events import Noticed
from tests.conversation.doubles import Room


def talker(name, text="hi", **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text, **options)


def bot(*replies, **options):
    return AssistantAgent("bot", llm_config=ScriptedModel([*replies]), **options)


def costing(usd):
    return ModelReply("ho", "m", usage=Usage(10, 5, usd))


async def talk(stop, recipient=None, sender=None, message="go", **options):
    result = await Room().chat(sender or talker("a"), recipient or talker("b", "ho"), message=message, stop=stop, **options)
    return len(result.chat_history), result.stop_reason


# --- the conditions


@pytest.mark.parametrize(
    ("stop", "messages", "reason"),
    [
        (MaxMessages(3), 3, "3 messages were exchanged"),
        (MaxTurns(2), 4, "2 turns were taken"),
        (TextMention("ho"), 2, 'b said "ho"'),
        (TextMention("hi", sender="a"), 3, 'a said "hi"'),
        (Custom(lambda event: event.kind == "message_added" and event.message.text == "hi" and "greeted"), 3, "greeted"),
    ],
)
async def test_a_condition_ends_the_chat_with_its_reason(stop, messages, reason):
    assert await talk(stop) == (messages, reason)


async def test_tokens_are_counted():
    assert await talk(TokenUsage(total=40), bot(*[costing(0.0)] * 5)) == (6, "45 of 40 tokens are used")
    assert await talk(TokenUsage(prompt=15), bot(*[costing(0.0)] * 5)) == (4, "20 of 15 prompt tokens are used")
    assert await talk(TokenUsage(completion=5), bot(*[costing(0.0)] * 5)) == (2, "5 of 5 completion tokens are used")


async def test_a_budget_in_dollars_is_kept():
    assert await talk(MaxCost(usd=0.5), bot(*[costing(0.25)] * 5)) == (4, "$0.5 of $0.5 are spent")


async def test_a_budget_cannot_be_kept_when_a_price_is_not_known():
    messages, reason = await talk(MaxCost(usd=1), bot(*[costing(None)] * 5))
    assert messages == 2
    assert "the price of m is not known" in reason
    assert (await talk(MaxCost(usd=1, unknown="ignore") | MaxMessages(6), bot(*[costing(None)] * 5)))[0] == 6


async def test_a_timeout_interrupts_a_reply_that_is_being_made():
    interrupted = asyncio.Event()

    async def never(recipient, messages, sender, config):
        try:
            await asyncio.Event().wait()
        finally:
            interrupted.set()

    b = talker("b")
    b.register_reply(ConversableAgent, never)
    assert await talk(Timeout(0.05), b) == (1, "0.05 seconds are over")
    assert interrupted.is_set()


async def test_a_chat_that_ends_before_its_timeout_has_its_own_reason():
    assert await talk(Timeout(60), max_turns=1) == (2, "max_turns=1 was reached")


async def test_an_error_before_the_timeout_is_raised():
    with pytest.raises(UsageError, match="script"):
        await talk(Timeout(60), bot())


async def test_a_function_that_was_called_ends_the_chat_when_its_result_is_there():
    caller = bot((ToolCall("1", "other", "{}"),), (ToolCall("2", "finish", "{}"),), "never")
    runner = talker("a", function_map={"other": lambda: "o", "finish": lambda: "f"})
    assert await talk(FunctionCalled("finish"), caller, runner) == (5, "finish was called")


async def test_a_handoff_ends_the_chat():
    caller = bot("first", (ToolCall("1", "transfer_to_writer", "{}"),))
    assert await talk(HandoffTo(talker("writer")), caller) == (4, "bot handed over to writer")


# --- from outside


async def test_an_external_stop_ends_the_chat_between_two_messages():
    stop = ExternalStop()
    seen = []

    def answers(recipient, messages, sender, config):
        seen.append(messages)
        if len(seen) == 2:
            stop.set("the dashboard was closed")
        return True, "ho"

    b = talker("b")
    b.register_reply(ConversableAgent, answers)
    assert await talk(stop, b) == (4, "the dashboard was closed")
    assert await talk(stop, talker("b"), max_turns=2) == (4, "max_turns=2 was reached")


async def test_an_external_stop_before_the_chat_ends_the_next_one_only():
    stop = ExternalStop()
    stop.set()
    assert await talk(stop) == (1, "stopped from outside")
    assert await talk(stop, max_turns=1) == (2, "max_turns=1 was reached")


async def test_an_external_stop_ends_all_chats_it_was_given_to():
    stop, both = ExternalStop(), asyncio.Event()
    waiting = []

    async def answers(recipient, messages, sender, config):
        waiting.append(recipient)
        if len(waiting) == 2:
            stop.set("enough")
            both.set()
        await asyncio.wait_for(both.wait(), 30)
        return True, "ho"

    def answering():
        agent = talker("b")
        agent.register_reply(ConversableAgent, answers)
        return agent

    assert await asyncio.gather(talk(stop | MaxTurns(50), answering()), talk(stop, answering())) == [(2, "enough")] * 2


# --- combined


async def test_or_ends_at_the_first_and_and_at_the_last():
    assert await talk(MaxMessages(5) | TextMention("ho")) == (2, 'b said "ho"')
    assert await talk(MaxMessages(5) & TextMention("ho")) == (5, '5 messages were exchanged and b said "ho"')
    assert await talk((MaxMessages(9) & TextMention("nothing")) | MaxTurns(2)) == (4, "2 turns were taken")


async def test_a_condition_serves_many_chats_one_after_another_and_at_once():
    stop = MaxMessages(3) & TextMention("ho")
    expected = (3, '3 messages were exchanged and b said "ho"')
    assert await talk(stop) == expected
    assert await talk(stop) == expected
    assert await asyncio.gather(*(talk(stop) for _ in range(5))) == [expected] * 5


async def test_a_condition_of_ones_own():
    class Shouting(StopCondition):
        loud = False

        def apply(self, event):
            self.loud = self.loud or (event.kind == "message_added" and event.message.text.isupper())

        @property
        def reason(self):
            return "somebody shouted" if self.loud else ""

        def reset(self):
            self.loud = False

    assert await talk(Shouting(), talker("b", "HO")) == (2, "somebody shouted")
    assert await talk(Shouting() | MaxMessages(2)) == (2, "2 messages were exchanged")


def test_conditions_read_as_they_are_written():
    assert repr(MaxMessages(3) & (TextMention("x") | Timeout(5))) == "(MaxMessages(3) & (TextMention('x') | Timeout(5)))"


@pytest.mark.parametrize(
    "make",
    [
        lambda: MaxMessages(0),
        lambda: MaxTurns(1.5),
        lambda: TextMention(""),
        lambda: Timeout(-1),
        TokenUsage,
        lambda: MaxCost(usd=0),
        lambda: MaxCost(usd=1, unknown="maybe"),
        lambda: Custom("x"),
        lambda: MaxMessages(3) | "TERMINATE",
        lambda: talker("a").initiate_chat(talker("b"), message="x", stop="TERMINATE"),
    ],
)
def test_a_condition_that_cannot_work_is_refused(make):
    with pytest.raises(UsageError):
        make()


# --- going in circles

WELCOME = "You're welcome! If you have any more questions, feel free to ask. Have a great day!"
THANKS = "Thank you so much! Goodbye!"


async def test_a_loop_of_thanks_ends_and_says_so():
    room = Room()
    result = await room.chat(talker("a", THANKS), talker("b", WELCOME), message="What is 6 x 7?")
    assert [message["content"] for message in result.chat_history] == ["What is 6 x 7?", WELCOME, THANKS, WELCOME, THANKS]
    assert result.stop_reason == "the last 4 messages held only thanks and goodbyes"
    assert any(isinstance(event, Noticed) and "circles" in event.text for event in room.events)


async def test_a_loop_of_empty_messages_ends_and_says_so():
    assert await talk(None, talker("b", ""), talker("a", "")) == (4, "the last 3 messages were empty")


async def test_empty_automatic_replies_between_answers_are_no_loop():
    assert (await talk(None, bot("a", "b", "c", "TERMINATE"), talker("a", "")))[0] == 8


async def test_a_person_in_between_makes_it_no_loop():
    room = Room(["", "", "", "", "exit"])
    proxy = ConversableAgent("user", human_input_mode="ALWAYS", default_auto_reply="")
    result = await room.chat(proxy, talker("b", ""), message="go")
    assert len(room.human.requests) == 5
    assert "the human ended" in result.stop_reason


async def test_an_agent_may_go_in_circles_if_its_owner_says_so():
    a = talker("a", "", max_consecutive_auto_reply=5)
    a.notice_loops = False
    assert (await talk(None, talker("b", ""), a))[0] == 12


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "Thank you.",
        "You're welcome!",
        "You’re very welcome. Goodbye!",
        WELCOME,
        THANKS,
        "Goodbye! TERMINATE",
        "TERMINATE. Bye!",
        "TERMINATE\nThanks!",
        "Have a wonderful day. Take care!",
        "I'm glad I could help. Goodbye!",
    ],
)
def test_thanks_and_goodbyes_are_recognized(text):
    assert is_farewell(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hi",
        "TERMINATE",
        "Thanks, the mean is 4.2.",
        "Thank you. Could you plot it?",
        "Thank you, now plot it",
        "Thanks! The median is higher than the mean.",
        "Have a look at the file.",
        "You're welcome. ```python\nprint()\n```",
        "Welcome to the jungle",
        "Good morning",
        "Let me know if it works.",
    ],
)
def test_what_says_more_is_no_goodbye(text):
    assert not is_farewell(text)


async def test_the_detector_is_a_condition_too():
    assert await talk(LoopDetector(thanks=2), talker("b", WELCOME), talker("a", THANKS)) == (
        3,
        "the last 2 messages held only thanks and goodbyes",
    )
