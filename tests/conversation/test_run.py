"""Chats in the background: events to iterate over, questions to answer, a result."""

from __future__ import annotations

import asyncio
import threading

import pytest

from autogen_jupyter import AssistantAgent, ConversableAgent, ExternalStop, InputAnswer, MaxMessages, ScriptedModel, UsageError
from autogen_jupyter.context import ChatContext, set_host
from autogen_jupyter.human_input import ScriptedInput


def talker(name, text="hi", **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text, **options)


def slow_bot():
    return AssistantAgent("bot", llm_config=ScriptedModel(["a very long answer " * 100], delay=0.05))


def texts(events):
    return [event.message.text for event in events if event.kind == "message_added"]


def test_events_come_while_the_chat_runs_and_the_result_is_there_afterwards():
    gate = threading.Event()

    def answers(recipient, messages, sender, config):
        gate.wait(30)
        return True, "ho"

    b = talker("b")
    b.register_reply(ConversableAgent, answers)
    response = talker("a").run(b, message="go", max_turns=1)
    heard = []
    for event in response.events:
        if event.kind == "message_added":
            heard.append((event.message.text, response.is_running))
            gate.set()
    assert heard[0] == ("go", True)
    assert [text for text, _ in heard] == ["go", "ho"]
    assert response.summary == "ho"
    assert response.messages[-1]["content"] == "ho"
    assert response.last_speaker == "b"
    assert response.result.stop_reason == "max_turns=1 was reached"
    assert response.cost["usage_including_cached_inference"]["total_cost"] == 0.0


async def test_the_same_from_a_coroutine():
    response = await talker("a").a_run(talker("b", "ho"), message="go", max_turns=1)
    events = [event async for event in response.events]
    assert texts(events) == ["go", "ho"]
    assert (await response).summary == "ho"
    assert texts(response.events) == ["go", "ho"]


def test_leaving_the_loop_ends_the_chat_cleanly():
    response = talker("a").run(slow_bot(), message="go")
    for event in response.events:
        if event.kind == "message_delta":
            break
    assert response.result.stop_reason == "nobody waited for it any more"
    assert [message["content"] for message in response.messages] == ["go"]


async def test_leaving_an_async_loop_ends_the_chat_cleanly():
    response = await talker("a").a_run(slow_bot(), message="go")
    async for event in response.events:
        if event.kind == "message_delta":
            break
    assert (await response).stop_reason == "nobody waited for it any more"


def test_a_question_is_answered_through_the_response():
    user = ConversableAgent("user", human_input_mode="ALWAYS")
    response = user.run(talker("b", "ho"), message="go")
    answers = iter(["more", InputAnswer("end")])
    for event in response.events:
        if event.kind == "input_requested":
            assert response.answer(event.request.id, next(answers))
    assert texts(response.events) == ["go", "ho", "more", "ho"]
    assert response.result.human_input == ["more", "exit"]
    assert not response.answer("q0", "too late")


def test_stop_ends_the_chat_with_a_reason():
    response = talker("a").run(slow_bot(), message="go")
    for event in response.events:
        if event.kind == "reply_started":
            response.stop("enough")
    assert response.result.stop_reason == "enough"


def test_a_stop_condition_works_as_in_any_chat():
    response = talker("a").run(talker("b"), message="go", stop=MaxMessages(3))
    assert response.result.stop_reason == "3 messages were exchanged"
    stop = ExternalStop()
    stop.set("at once")
    assert talker("a").run(talker("b"), message="go", stop=stop).result.stop_reason == "at once"


def test_an_error_ends_the_events_and_is_raised_by_the_result():
    response = talker("a").run(AssistantAgent("bot", llm_config=ScriptedModel([])), message="go")
    assert [event.kind for event in response.events][-1] == "chat_ended"
    with pytest.raises(UsageError, match="script"):
        _ = response.result


async def test_process_calls_a_function_with_each_event():
    kinds = []
    response = await talker("a").a_run(talker("b"), message="go", max_turns=1)
    result = await response.a_process(lambda event: kinds.append(event.kind))
    assert kinds == ["chat_started", "message_added", "message_added", "chat_ended"]
    assert result.summary == "hi"


def test_process_shows_the_chat_and_asks_where_other_chats_do():
    shown, human = [], ScriptedInput(["more", "exit"])

    class Host:
        async def __aenter__(self):
            return ChatContext(shown.append, human)

        async def __aexit__(self, *error):
            return None

    former = set_host(Host)
    try:
        result = ConversableAgent("user", human_input_mode="ALWAYS").run(talker("b", "ho"), message="go").process()
    finally:
        set_host(former)
    assert texts(shown) == ["go", "ho", "more", "ho"]
    assert len(human.requests) == 2
    assert result.human_input == ["more", "exit"]


def test_without_a_recipient_a_person_talks_to_the_agent():
    bot = AssistantAgent("bot", llm_config=ScriptedModel(["It is 42. TERMINATE"]))
    response = bot.run(message="What is it?")
    assert response.summary == "It is 42. "
    assert response.messages[0]["name"] == "user"


async def test_a_chat_that_a_tool_begins_in_the_background_is_not_part_of_the_one_around_it():
    started = []

    async def begins(recipient, messages, sender, config):
        started.append(await talker("x").a_run(talker("y"), message="psst", stop=MaxMessages(5)))
        return True, "ho"

    b = talker("b")
    b.register_reply(ConversableAgent, begins)
    result = await talker("a").a_initiate_chat(b, message="go", stop=MaxMessages(2), silent=True)
    assert len(result.chat_history) == 2
    assert len((await started[0]).chat_history) == 5


def test_many_chats_in_the_background_at_once():
    responses = [talker("a").run(talker("b", str(n)), message="go", max_turns=1) for n in range(50)]
    assert [response.summary for response in responses] == [str(n) for n in range(50)]


async def test_reading_events_does_not_block_the_loop():
    response = await talker("a").a_run(slow_bot(), message="go")
    waits_for_others = asyncio.Event()
    asyncio.get_running_loop().call_soon(waits_for_others.set)
    async for event in response.events:
        if event.kind == "message_delta":
            await waits_for_others.wait()
            response.stop()
    assert (await response).stop_reason == "stopped by the caller"


async def test_interrupting_the_wait_for_the_result_ends_the_chat():
    response = await talker("a").a_run(slow_bot(), message="go")
    waiting = asyncio.ensure_future(wait_for(response))
    async for event in response.events:
        if event.kind == "message_delta":
            waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await response).stop_reason == "nobody waited for it any more"


async def wait_for(response):
    return await response
