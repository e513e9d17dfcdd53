"""What asking a model through this package costs over the bare openai client, and what stands in front of a model costs.

Everything runs in one process against a server that is only a function, so the ratios mean the same on any machine.
Run it from the root of the repository: ``python bench/models.py`` (``--quick`` for the short form).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable

import httpx2
import openai

from autogen_jupyter import Cache, ConversableAgent
from autogen_jupyter.context import ChatContext, enter
from autogen_jupyter.messages import Message
from autogen_jupyter.models import ChatCompletionsClient, ModelClient, ModelRequest, complete
from autogen_jupyter.models.budget import Budget
from autogen_jupyter.models.budget_client import MeteredClient
from autogen_jupyter.models.budget_meter import BudgetMeter, use_meter
from autogen_jupyter.models.cache_client import CachedClient
from autogen_jupyter.models.rate_limit import RateLimiter, RateLimits
from autogen_jupyter.models.rate_limit_client import RateLimitedClient
from autogen_jupyter.portal import submit

URL = "http://127.0.0.1:9/v1"
CHATS, TURNS, MODEL_SECONDS = 100, 5, 0.05
HI = ModelRequest((Message("user", "hi"),))


def sse(tokens: int) -> bytes:
    def line(delta: dict[str, str], finish: str | None = None, usage: dict[str, int] | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], "usage": usage}
        return b"data: " + json.dumps(body).encode() + b"\n\n"

    usage = {"prompt_tokens": 8, "completion_tokens": tokens, "total_tokens": tokens + 8}
    return line({"content": "token "}) * tokens + line({}, "stop", usage) + b"data: [DONE]\n\n"


def server(tokens: int, delay: float = 0.0) -> httpx2.MockTransport:
    body = sse(tokens)

    async def answer(request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(delay)
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    return httpx2.MockTransport(answer)


def ours(tokens: int, delay: float = 0.0) -> ChatCompletionsClient:
    return ChatCompletionsClient("m", base_url=URL, transport=server(tokens, delay))


def bare(tokens: int, delay: float = 0.0) -> Callable[[], Awaitable[object]]:
    client = openai.AsyncOpenAI(api_key="k", base_url=URL, http_client=openai.DefaultAsyncHttpxClient(transport=server(tokens, delay)))

    async def ask() -> None:
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}], stream=True, stream_options={"include_usage": True}
        )
        async for _ in stream:
            pass

    return ask


def through(client: ModelClient) -> Callable[[], Awaitable[object]]:
    return lambda: complete(client, HI)


async def seconds(ask: Callable[[], Awaitable[object]], calls: int) -> float:
    """Processor seconds for one call: the best of a few runs."""
    await ask()
    best = float("inf")
    for _ in range(5):
        started = time.process_time()
        for _ in range(calls):
            await ask()
        best = min(best, (time.process_time() - started) / calls)
    return best


async def costs(few: int, many: int, calls: int) -> None:
    print(f"{'':32}{'ms a call':>12}{'µs a token':>12}{'over bare':>18}")
    floor: tuple[float, float] | None = None
    for name, make in {"bare openai client": bare, "this package": lambda tokens: through(ours(tokens))}.items():
        short, long = await seconds(make(few), calls), await seconds(make(many), max(3, calls // 10))
        token = (long - short) / (many - few)
        floor = floor or (short, token)
        print(f"{name:32}{short * 1e3:12.3f}{token * 1e6:12.1f}{short / floor[0]:9.2f}{token / floor[1]:9.2f}")


async def guards(calls: int) -> None:
    client = ours(1)
    base = await seconds(through(client), calls)
    with tempfile.TemporaryDirectory() as folder:
        disk = Cache.disk("bench", folder)
        kinds: dict[str, ModelClient] = {
            "rate limit": RateLimitedClient(client, RateLimiter(RateLimits(rpm=10_000_000, tpm=10**12))),
            "counting": MeteredClient(client),
            "cache hit, memory": CachedClient(client, Cache.in_memory()),
            "cache hit, disk": CachedClient(client, disk),
        }
        print(f"\n{'ms a call of one token':32}{'in all':>12}{'over none':>12}")
        print(f"{'none':32}{base * 1e3:12.3f}")
        for name, guarded in kinds.items():
            took = await seconds(through(guarded), calls)
            print(f"{name:32}{took * 1e3:12.3f}{(took - base) * 1e3:12.3f}")
        async with use_meter(BudgetMeter(Budget(usd=1e6, tokens=10**12))):
            took = await seconds(through(MeteredClient(client)), calls)
        print(f"{'budget of dollars and tokens':32}{took * 1e3:12.3f}{(took - base) * 1e3:12.3f}")
        disk.close()


async def _chat(model: ModelClient, budget: str | None) -> None:
    a = ConversableAgent("a", human_input_mode="NEVER", default_auto_reply="hi")
    b = ConversableAgent("b", human_input_mode="NEVER", llm_config=model)
    async with enter(ChatContext()):
        await a.a_initiate_chat(b, message="go", max_turns=TURNS, silent=True, budget=budget)


async def bare_at_once() -> float:
    ask = bare(1, MODEL_SECONDS)

    async def several() -> None:
        for _ in range(TURNS):
            await ask()

    await ask()
    started = time.perf_counter()
    await asyncio.gather(*(several() for _ in range(CHATS)))
    return (time.perf_counter() - started) / (TURNS * MODEL_SECONDS)


async def at_once(make: Callable[[], ModelClient], budget: str | None = None) -> float:
    models = [make() for _ in range(CHATS)]
    await _chat(models[0], budget)  # loads what is loaded once
    started = time.perf_counter()
    await asyncio.gather(*(_chat(model, budget) for model in models))
    return (time.perf_counter() - started) / (TURNS * MODEL_SECONDS)


def main() -> None:
    logging.disable(logging.INFO)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer calls")
    calls = 30 if parser.parse_args().quick else 200
    submit(costs(1, 1_001, calls)).result()
    submit(guards(calls)).result()
    print(f"\n{CHATS} chats at once, {TURNS} answers of {MODEL_SECONDS * 1e3:.0f} ms each: wall / ideal")
    print(f"{'bare openai client':32}{submit(bare_at_once()).result():12.2f}")
    shared = ours(1, MODEL_SECONDS)
    print(f"{'one client for all':32}{submit(at_once(lambda: shared)).result():12.2f}")
    print(f"{'one client, with a budget':32}{submit(at_once(lambda: shared, '1000usd, 1000M tokens')).result():12.2f}")
    print(f"{'a client for each':32}{submit(at_once(lambda: ours(1, MODEL_SECONDS))).result():12.2f}")


if __name__ == "__main__":
    main()
