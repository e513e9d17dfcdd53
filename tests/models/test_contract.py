"""What every model does, wherever it is: each fact in every dialect, on a real server in both protocols, and on cassettes that
were written from the documentation, and recorded from that server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from autogen_jupyter.messages import Message, ToolResult
from autogen_jupyter.models import ChatCompletionsClient, ModelRequest, complete

from ..servers.in_process import DIALECTS, playing, speaking
from ..servers.llama_server import running_llama_server
from ..servers.record_cassettes import RECORDED
from ..servers.scripted_gguf import CHAT, TOOL_DONE
from .endpoints import KEY
from .test_llama_server import WEATHER

TYPE = {
    "type": "json_schema",
    "json_schema": {"name": "weather", "strict": True, "schema": {**WEATHER["function"]["parameters"], "additionalProperties": False}},
}


@dataclass(frozen=True)
class World:
    """A model somewhere, and what it says there."""

    client: Callable[[], ChatCompletionsClient]
    hello: str = CHAT
    done: str = TOOL_DONE
    thinks: bool = False


def in_process(answer: Callable[[httpx2.Request], httpx2.Response], api: str = "chat") -> Callable[[], ChatCompletionsClient]:
    return lambda: ChatCompletionsClient(
        "m", base_url="https://models.example/v1", api_key=KEY, api=api, transport=httpx2.MockTransport(answer)
    )  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_llama_server(tmp_path_factory.mktemp("locked"), api_keys=(KEY,)) as base_url:
        yield base_url


WORLDS = [
    *(f"in process, {dialect}" for dialect in DIALECTS),
    "cassette, chat",
    "cassette, responses",
    "recorded, chat",
    "recorded, responses",
    *(f"llama.cpp, {api}, {key}" for api in ("chat", "responses") for key in ("no key", "key")),
]


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> World:
    kind, what, *rest = request.param.split(", ", 2)
    if kind == "in process":
        dialect = ", ".join([what, *rest])
        return World(in_process(speaking(DIALECTS[dialect])), thinks="thinks" in dialect)
    if kind == "cassette":
        return World(in_process(playing(what), what), "Hello there.", "It will rain.")
    if kind == "recorded":
        return World(in_process(playing(what, folder=RECORDED), what))
    has_key = rest == ["key"]
    url = request.getfixturevalue("locked" if has_key else "llama_server")
    return World(lambda: ChatCompletionsClient("scripted", base_url=url, api_key=KEY if has_key else None, api=what))  # type: ignore[arg-type]


def asking(text: str, **more: Any) -> ModelRequest:
    return ModelRequest((Message("system", "Be brief."), Message("user", text, sender="user")), **more)


async def test_text_comes_in_pieces_and_whole(world: World) -> None:
    deltas = [delta async for delta in world.client().stream(asking("Hello"))]
    reply = deltas[-1].reply
    assert reply is not None
    assert "".join(delta.text for delta in deltas) == reply.text == world.hello
    assert all(delta.reply is None and not delta.broken for delta in deltas[:-1])
    assert (reply.tool_calls, reply.refusal, bool(reply.reasoning)) == ((), "", world.thinks)
    assert "".join(delta.reasoning for delta in deltas) == reply.reasoning


async def test_tokens_are_counted_as_the_server_counts_them(world: World) -> None:
    reply = await complete(world.client(), asking("Hello"))
    assert reply.usage is not None
    assert reply.usage.prompt_tokens > 0
    assert reply.usage.completion_tokens > 0


async def test_a_tool_is_called_and_its_result_is_read(world: World) -> None:
    client, question = world.client(), asking("What will the weather be?").messages
    asked = await complete(client, ModelRequest(question, tools=(WEATHER,)))
    (call,) = asked.tool_calls
    assert call.id
    assert (call.name, json.loads(call.arguments), asked.text) == ("get_weather", {"city": "Paris", "days": 3}, "")
    history = (
        *question,
        Message("assistant", None, tool_calls=(call,)),
        Message("tool", "rain", tool_results=(ToolResult(call.id, "rain"),)),
    )
    assert (await complete(client, ModelRequest(history, tools=(WEATHER,)))).text == world.done


async def test_an_answer_has_the_type_that_was_asked_for(world: World) -> None:
    reply = await complete(world.client(), asking("The weather as JSON.", options={"response_format": TYPE}))
    assert json.loads(reply.text) == {"city": "Paris", "days": 3}


async def test_an_answer_that_is_left_does_not_harm_the_next(world: World) -> None:
    client = world.client()
    async with aclosing(client.stream(asking("Hello"))) as deltas:
        await anext(deltas)
    assert (await complete(client, asking("Hello"))).text == world.hello
