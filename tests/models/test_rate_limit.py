"""Limits are kept by everybody who asks the same model with the same key, in the order they came."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time

import httpx2
import pytest

from autogen_jupyter import UsageError
from autogen_jupyter.context import ChatContext, enter
from autogen_jupyter.events import ChatEvent, Noticed
from autogen_jupyter.models import ScriptedModel, client_from_llm_config, complete
from autogen_jupyter.models import rate_limit_client as module
from autogen_jupyter.models.rate_limit import RateLimiter, RateLimits
from autogen_jupyter.models.rate_limit_client import RateLimitedClient

from .endpoints import HI, URL, Endpoint, chunk, streaming

HELLO = streaming(chunk(content="Hello"), chunk(finish="stop", usage={"prompt_tokens": 40, "completion_tokens": 60}))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_requests_in_any_minute_stay_within_the_limit() -> None:
    clock = Clock()
    limiter = RateLimiter(RateLimits(rpm=3), clock=clock)
    admitted = []
    for _ in range(300):
        if not isinstance(limiter._take(0), float):
            admitted.append(clock.now)
        clock.now += 1.0
    assert admitted[:4] == [1000.0, 1001.0, 1002.0, 1060.0]
    assert all(later - earlier >= 60 for earlier, later in zip(admitted, admitted[3:], strict=False))


def test_tokens_in_any_minute_stay_within_the_limit_and_are_corrected() -> None:
    clock = Clock()
    limiter = RateLimiter(RateLimits(tpm=1000), clock=clock)
    first = limiter._take(600)
    assert limiter._take(600) == 60.0
    assert not isinstance(first, float)
    first.tokens = 100  # what the server counted
    assert not isinstance(limiter._take(600), float)


def test_a_request_larger_than_the_limit_is_made_when_nothing_else_was() -> None:
    clock = Clock()
    limiter = RateLimiter(RateLimits(tpm=1000), clock=clock)
    assert not isinstance(limiter._take(5000), float)
    assert limiter._take(5000) == 60.0
    clock.now += 60
    assert not isinstance(limiter._take(5000), float)


async def test_first_come_first_served() -> None:
    limiter, order = RateLimiter(RateLimits(per_second=50)), []

    async def one(number: int) -> None:
        await limiter.admit()
        order.append(number)

    await asyncio.gather(*(one(number) for number in range(8)))
    assert order == list(range(8))


async def test_who_gives_up_leaves_the_line_to_the_others() -> None:
    limiter = RateLimiter(RateLimits(per_second=20))
    await limiter.admit()
    waiting = [asyncio.ensure_future(limiter.admit()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[1].cancel()
    await asyncio.wait_for(waiting[2], 10)
    assert [one.cancelled() for one in waiting] == [True, True, False]


def test_event_loops_in_several_threads_share_a_limiter() -> None:
    limiter, times = RateLimiter(RateLimits(per_second=50)), []

    async def many() -> None:
        times.extend([(await limiter.admit()).at for _ in range(3)])

    threads = [threading.Thread(target=asyncio.run, args=(many(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    ordered = sorted(times)
    assert len(ordered) == 9
    assert all(later - earlier >= 0.0199 for earlier, later in itertools.pairwise(ordered))


def entry(endpoint: Endpoint, key: str = "k", **limits: object) -> dict[str, object]:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(endpoint))
    return {"model": "m", "base_url": URL, "api_key": key, "http_client": client, "price": [0, 0], **limits}


async def test_chats_that_ask_the_same_model_with_the_same_key_share_its_limit() -> None:
    endpoint = Endpoint(HELLO)
    clients = [client_from_llm_config(entry(endpoint, "shared-key", api_rate_limit=20)) for _ in range(4)]
    began = time.monotonic()
    await asyncio.gather(*(complete(client, HI) for client in clients))
    assert time.monotonic() - began >= 0.15  # three gaps
    same, other = client_from_llm_config(entry(endpoint, "shared-key", rpm=5)), client_from_llm_config(entry(endpoint, "other-key", rpm=5))
    assert same.limiter is clients[0].limiter  # type: ignore[attr-defined]
    assert other.limiter is not same.limiter  # type: ignore[attr-defined]


async def test_the_servers_count_corrects_the_estimate() -> None:
    client = client_from_llm_config(entry(Endpoint(HELLO), "tpm-key", tpm=100_000))
    assert isinstance(client, RateLimitedClient)
    await complete(client, HI)
    [window] = client.limiter._windows
    assert [admission.tokens for admission in window._admitted] == [100]


async def test_who_waits_long_is_told_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONG", 0.01)
    events: asyncio.Queue[ChatEvent] = asyncio.Queue()
    client = RateLimitedClient(ScriptedModel(["Hello", "again"]), RateLimiter(RateLimits(rpm=1)))
    async with enter(ChatContext(emit=events.put_nowait)):
        await complete(client, HI)
        waiting = asyncio.ensure_future(complete(client, HI))
        told = await asyncio.wait_for(events.get(), 10)
        waiting.cancel()
        await asyncio.wait({waiting})
    assert told == Noticed("Waiting for the rate limit of scripted: 1 request a minute.")
    assert waiting.cancelled()


@pytest.mark.parametrize("limits", [{"rpm": 0}, {"tpm": 1.5}, {"api_rate_limit": -1}, {"rpm": True}, {"api_rate_limit": float("nan")}])
def test_a_limit_that_is_none_is_refused(limits: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(limits))} is .*above 0"):
        client_from_llm_config(entry(Endpoint(HELLO), **limits))
