"""What a person sees of every fault of a model server, on a real one; and that the chat goes on when it is mended."""

from __future__ import annotations

import asyncio
import logging
import time
from email.utils import formatdate

import httpx2
import pytest

from autogen_jupyter import AssistantAgent, UserProxyAgent
from autogen_jupyter.errors import AnswerBrokenError, ModelError
from autogen_jupyter.events import MessageAdded, MessageDelta, Noticed, ReplyBroken, ReplyStarted
from autogen_jupyter.models import ChatCompletionsClient, FailoverClient, ScriptedModel, complete
from autogen_jupyter.session.entries import MessageEntry
from autogen_jupyter.session.transcript import Transcript
from tools.generate_model_reliability import BEGIN, END, TARGET, generate

from ..conversation.doubles import Room
from ..servers.fault_server import Exchange, FaultServer, events, silence, status
from ..servers.faults import BUSY, FAULTS, GOOD, KEY, PART, Fault, live_through, said
from .endpoints import HI, chunk


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
async def test_every_fault_ends_in_words_keeps_what_came_and_lets_the_chat_go_on(
    fault: Fault, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_key = "sk-other-9876543210fedcba"
    monkeypatch.setenv("OPENAI_API_KEY", other_key)
    caplog.set_level(logging.DEBUG)
    seen = await asyncio.wait_for(live_through(fault), 60)
    assert seen.error is not None
    assert seen.requests == fault.requests
    assert seen.kept.startswith(fault.kept)
    assert bool(seen.kept) == bool(fault.kept) == isinstance(seen.error, AnswerBrokenError)
    assert getattr(seen.error, "partial", "").startswith(fault.kept)
    assert seen.went_on
    assert "HOST" in seen.message
    for key in (KEY, other_key):
        assert key not in seen.everything + caplog.text + repr([vars(record) for record in caplog.records])


async def test_the_documented_table_is_what_happens() -> None:
    text = TARGET.read_text(encoding="utf-8")
    committed = text[text.index(BEGIN) : text.index(END)]
    assert committed == await generate(), "Run: python tools/generate_model_reliability.py"


def client(server: FaultServer, **options: object) -> ChatCompletionsClient:
    return ChatCompletionsClient("my-model", base_url=server.url, api_key=KEY, **options)  # type: ignore[arg-type]


async def test_a_retry_waits_as_long_as_the_server_asks_and_then_the_answer_comes() -> None:
    room, date = Room(), formatdate(time.time() + 1, usegmt=True)
    async with FaultServer(status(429, BUSY, retry_after="0.3"), status(503, said("soon"), retry_after=date), GOOD) as server:
        bot = AssistantAgent("bot", llm_config=client(server))
        result = await room.chat(
            UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False), bot, message="?", max_turns=1
        )
    assert result.chat_history[-1]["content"] == "The mean is 4."
    first, second = [event.text for event in room.events if isinstance(event, Noticed)]
    assert "(429): Rate limit reached for my-model. Trying again in 0.3 s (retry 1 of 2)." in first
    assert "(503): soon. Trying again in" in second


async def test_a_wait_for_a_retry_can_be_cancelled() -> None:
    async with FaultServer(status(429, BUSY, retry_after="100")) as server:
        told = asyncio.Event()
        room = Room()
        room.session.subscribe(lambda event: told.set() if isinstance(event, Noticed) else None)
        bot = AssistantAgent("bot", llm_config=client(server))
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        chat = asyncio.ensure_future(room.chat(user, bot, message="?", max_turns=1))
        await asyncio.wait_for(told.wait(), 30)
        room.session.interrupt()
        await asyncio.wait_for(asyncio.wait({chat}), 30)
        assert len(server.seen) == 1


async def test_an_answer_that_breaks_off_is_asked_for_again_and_both_stay_to_be_read() -> None:
    room = Room()
    async with FaultServer(events(PART, then="cut"), GOOD) as server:
        bot = AssistantAgent("bot", llm_config=client(server))
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        result = await room.chat(user, bot, message="?", max_turns=1)
    assert [message["content"] for message in result.chat_history] == ["?", "The mean is 4."]
    (broken,) = [event for event in room.events if isinstance(event, ReplyBroken)]
    first, second = [event.message_id for event in room.events if isinstance(event, ReplyStarted)]
    texts = {event.message_id: event.text for event in room.events if isinstance(event, MessageDelta)}
    assert texts == {first: "The mean is ", second: "The mean is 4."}
    assert broken.message_id == first
    assert "broke after 12 characters" in broken.reason
    transcript = Transcript()
    for event in room.events:
        transcript.apply(event)
    written = [(entry.text, entry.state) for entry in transcript.entries if isinstance(entry, MessageEntry)]
    assert written == [("?", "done"), ("The mean is ", "stopped"), ("The mean is 4.", "done")]
    assert [event.message.id for event in room.events if isinstance(event, MessageAdded)][-1] == second


async def test_both_protocols_lose_nothing_of_an_answer_that_breaks_off() -> None:
    part = {"type": "response.output_text.delta", "delta": "The mean is ", "item_id": "m", "output_index": 0, "content_index": 0}
    async with FaultServer(events(part, then="cut")) as server:
        with pytest.raises(AnswerBrokenError, match="broke after 12 characters") as caught:
            await complete(client(server, api="responses", max_retries=1), HI)
        assert [exchange.path for exchange in server.seen] == ["/v1/responses"] * 2
    assert caught.value.partial == "The mean is "


async def test_a_reset_in_the_middle_of_an_answer_is_told_with_its_cause() -> None:
    async with FaultServer(events(PART, then="reset")) as server:
        with pytest.raises(ModelError, match=r"broke|No connection") as caught:
            await complete(client(server, max_retries=0), HI)
    assert caught.value.__cause__ is not None


async def test_the_next_model_is_asked_when_the_first_has_used_up_its_retries() -> None:
    room = Room()
    async with FaultServer(events(PART, then="cut")) as server:
        both = FailoverClient([client(server, max_retries=1), ScriptedModel(["It is 4."], model="second")])
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        result = await room.chat(user, AssistantAgent("bot", llm_config=both), message="?", max_turns=1)
        assert len(server.seen) == 2
    assert result.chat_history[-1]["content"] == "It is 4."
    assert "Asking second instead." in [event.reason for event in room.events if isinstance(event, ReplyBroken)][-1]


async def test_a_stalled_answer_does_not_hold_the_connection_once_it_is_cancelled() -> None:
    async with FaultServer(events(PART, then="silence")) as server:
        deltas = client(server).stream(HI)
        assert (await anext(deltas)).text == "The mean is "
        waiting = asyncio.ensure_future(anext(deltas))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        await asyncio.wait_for(server.disconnected.wait(), 30)


@pytest.mark.parametrize(("act", "api"), [(silence, "chat"), (silence, "responses")])
async def test_cancelling_before_the_first_word_closes_the_connection(act: object, api: str) -> None:
    async with FaultServer(act) as server:  # type: ignore[arg-type]
        asked = asyncio.ensure_future(complete(client(server, api=api), HI))
        await asyncio.wait_for(server.asked.wait(), 30)
        asked.cancel()
        await asyncio.wait_for(server.disconnected.wait(), 30)
        with pytest.raises(asyncio.CancelledError):
            await asked


async def test_the_first_word_has_a_limit_of_its_own() -> None:
    async with FaultServer(silence) as server:
        with pytest.raises(ModelError, match=r"did not answer within 0\.2 seconds"):
            await complete(client(server, first_token_timeout=0.2, timeout=60, max_retries=0), HI)


async def test_an_answer_cut_off_at_its_limit_says_so_and_is_used() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
    room = Room()
    async with FaultServer(events(chunk(content="The me"), chunk(finish="length", usage=usage))) as server:
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        result = await room.chat(user, AssistantAgent("bot", llm_config=client(server)), message="?", max_turns=1)
    assert result.chat_history[-1]["content"] == "The me"
    assert [event.text for event in room.events if isinstance(event, Noticed)] == [
        'The answer of served-model was cut off at its length limit after 5 tokens. Say "go on" to get the rest, or raise max_tokens.'
    ]


async def test_an_empty_answer_is_asked_for_once_more_and_both_are_counted() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
    async with FaultServer(
        events(chunk(content="", finish="stop", usage=usage)), events(chunk(content="Hi", finish="stop", usage=usage))
    ) as server:
        reply = await complete(client(server), HI)
    assert reply.text == "Hi"
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (6, 10)


async def test_a_call_whose_arguments_stop_half_way_is_never_passed_on() -> None:
    torn = {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": '}}
    async with FaultServer(events(chunk(tool_calls=[torn])), GOOD) as server:
        reply = await complete(client(server), HI)
    assert (reply.tool_calls, reply.text) == ((), "The mean is 4.")


@pytest.mark.parametrize("code", [302, 307, 308])
@pytest.mark.parametrize("azure", [False, True], ids=["bearer", "azure header"])
async def test_neither_key_nor_conversation_follow_a_redirect_to_another_host(code: int, azure: bool) -> None:
    async with FaultServer(GOOD) as other, FaultServer(status(code, {}, location=f"{other.url}/chat/completions")) as server:
        options = {"api_version": "2024-10-21"} if azure else {}
        with pytest.raises(ModelError) as caught:
            await complete(client(server, **options), HI)
        assert f"{server.host} redirects to {other.host}, where neither the key nor the conversation is sent" in str(caught.value)
        assert (len(server.seen), other.seen) == (1, [])
        assert KEY in str(server.seen[0].headers)


async def test_a_client_of_yours_is_kept_from_redirects_too_and_still_follows_them_at_home() -> None:
    async def move(exchange: Exchange) -> None:
        await status(307, {}, location="/v1/moved")(exchange)

    async with httpx2.AsyncClient(follow_redirects=True) as http, FaultServer(GOOD) as other, FaultServer(move, GOOD) as server:
        assert (await complete(client(server, http_client=http), HI)).text == "The mean is 4."
        server.acts = [status(307, {}, location=other.url)]
        with pytest.raises(ModelError, match="redirects to"):
            await complete(client(server, http_client=http), HI)
        assert other.seen == []
