"""What servers send instead of what the protocol says, and the one answer it stands for."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from openai import AsyncStream
from openai.resources.chat import AsyncCompletions

from autogen_jupyter.messages import ToolCall
from autogen_jupyter.models import complete

from .endpoints import HI, Endpoint, chunk, streaming


def call(arguments: Any = None, *, name: str | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "arguments": arguments}, **more}


def tools(*calls: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return chunk(tool_calls=list(calls), finish=finish)


TWO = (ToolCall("a", "f", '{"x":1}'), ToolCall("b", "f", '{"x":2}'))
ONE = (ToolCall("a", "f", '{"x":1}'),)
QUIRKS = {
    "as OpenAI does it": (
        [
            tools(call("", name="f", index=0, id="a")),
            tools(call('{"x"', index=0)),
            tools(call(":1}", index=0)),
            tools(call("", name="f", index=1, id="b")),
            tools(call('{"x":2}', index=1)),
        ],
        TWO,
    ),
    "index 0 for two calls": ([tools(call('{"x":1}', name="f", index=0, id="a")), tools(call('{"x":2}', name="f", index=0, id="b"))], TWO),
    "index 0 twice in one chunk": ([tools(call('{"x":1}', name="f", index=0, id="a"), call('{"x":2}', name="f", index=0, id="b"))], TWO),
    "index 0 twice without ids": (
        [tools(call('{"x":1}', name="f", index=0)), tools(call('{"x":2}', name="f", index=0))],
        (ToolCall("call_0", "f", '{"x":1}'), ToolCall("call_1", "f", '{"x":2}')),
    ),
    "no index": ([tools(call('{"x":1}', name="f", id="a")), tools(call('{"x":2}', name="f", id="b"))], TWO),
    "no index, in fragments": (
        [
            tools(call('{"x"', name="f", id="a")),
            tools(call(":1}")),
            tools(call("", name="f", id="b")),
            tools(call('{"x":2}')),
        ],
        TWO,
    ),
    "neither index nor id": (
        [tools(call('{"x":1}', name="f")), tools(call('{"x"', name="g")), tools(call(":2}"))],
        (ToolCall("call_0", "f", '{"x":1}'), ToolCall("call_1", "g", '{"x":2}')),
    ),
    "id repeated in every chunk": ([tools(call('{"x"', name="f", index=0, id="a")), tools(call(":1}", name="f", index=0, id="a"))], ONE),
    "a new id for every fragment": ([tools(call('{"x"', name="f", index=0, id="a")), tools(call(":1}", index=0, id="z"))], ONE),
    "the id comes late": ([tools(call('{"x"', name="f", index=0)), tools(call(":1}", index=0, id="a"))], ONE),
    "the name comes in pieces": (
        [tools(call("", name="get_", index=0, id="a")), tools(call("{}", name="weather", index=0))],
        (ToolCall("a", "get_weather", "{}"),),
    ),
    "two calls interleaved": (
        [
            tools(call('{"x"', name="f", index=0, id="a"), call('{"x"', name="f", index=1, id="b")),
            tools(call(":2}", index=1), call(":1}", index=0)),
        ],
        TWO,
    ),
    "arguments as an object": ([tools(call({"x": 1}, name="f", index=0, id="a"))], (ToolCall("a", "f", '{"x": 1}'),)),
    "an empty object before the arguments": (
        [tools(call("{}", name="f", index=0, id="a")), tools(call('{"x"', index=0)), tools(call(":1}", index=0))],
        ONE,
    ),
    "no arguments at all": ([tools(call(name="f", index=0, id="a"))], (ToolCall("a", "f", "{}"),)),
    "the older function_call": (
        [chunk(function_call={"name": "f", "arguments": '{"x"'}), chunk(function_call={"arguments": ":1}"})],
        (ToolCall("call_0", "f", '{"x":1}'),),
    ),
}


@pytest.mark.parametrize("quirk", QUIRKS)
async def test_tool_calls_survive(quirk: str) -> None:
    chunks, expected = QUIRKS[quirk]
    reply = await complete(Endpoint(streaming(*chunks, chunk(finish="stop"))).client(), HI)
    assert reply.tool_calls == expected
    assert reply.finish_reason == "stop"  # which is wrong, and must not matter


USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(content="Hello"), chunk(finish="stop"), {**chunk(usage=USAGE), "choices": []}],
        [chunk(content="Hello"), chunk(finish="stop", usage=USAGE)],
        [chunk(content="Hello", usage=USAGE), chunk(finish="stop")],
        [chunk(content="Hello"), {**chunk(usage=USAGE), "choices": None}],
    ],
    ids=["in a chunk without choices", "with the last choice", "with the first choice", "in a chunk whose choices are null"],
)
async def test_usage_is_found_wherever_it_comes(chunks: list[dict[str, Any]]) -> None:
    reply = await complete(Endpoint(streaming(*chunks)).client(), HI)
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (7, 3)
    assert reply.text == "Hello"


async def test_a_server_that_never_counts_leaves_the_usage_unknown() -> None:
    assert (await complete(Endpoint(streaming(chunk(content="Hello"))).client(), HI)).usage is None


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
async def test_reasoning_streams_apart_from_the_text(key: str) -> None:
    client = Endpoint(streaming(chunk(**{key: "Hm."}), chunk(content="Yes."))).client()
    deltas = [delta async for delta in client.stream(HI)]
    assert [(delta.text, delta.reasoning) for delta in deltas[:-1]] == [("", "Hm."), ("Yes.", "")]
    assert deltas[-1].reply is not None
    assert (deltas[-1].reply.text, deltas[-1].reply.reasoning) == ("Yes.", "Hm.")


async def test_content_in_parts_is_text_and_reasoning() -> None:
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Yes."}]
    reply = await complete(Endpoint(streaming(chunk(content=parts))).client(), HI)
    assert (reply.text, reply.reasoning) == ("Yes.", "Hm.")


async def test_a_refusal_is_kept() -> None:
    reply = await complete(Endpoint(streaming(chunk(refusal="I can"), chunk(refusal="not."), chunk(finish="stop"))).client(), HI)
    assert (reply.text, reply.refusal) == ("", "I cannot.")


async def test_a_stream_without_an_end_still_gives_its_reply() -> None:
    reply = await complete(Endpoint(streaming(chunk(content="Hel"), chunk(content="lo"), done=False)).client(), HI)
    assert (reply.text, reply.finish_reason) == ("Hello", None)


async def test_only_the_first_of_several_choices_counts() -> None:
    second = chunk(content="no")
    second["choices"][0]["index"] = 1
    assert (await complete(Endpoint(streaming(chunk(content="yes"), second)).client(), HI)).text == "yes"


async def test_a_server_that_cannot_stream_is_understood() -> None:
    message = {"role": "assistant", "content": "Hello"}
    whole = {"id": "1", "model": "served-model", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": USAGE}
    deltas = [delta async for delta in Endpoint(httpx2.Response(200, json=whole)).client().stream(HI)]
    assert deltas[0].text == "Hello"
    assert deltas[-1].reply is not None
    assert deltas[-1].reply.finish_reason == "stop"
    assert deltas[-1].reply.model == "served-model"


async def test_who_instruments_the_library_sees_its_objects_and_the_answer_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = [chunk(role="assistant", content="It "), chunk(content="rains."), chunk(finish="stop", usage=USAGE)]
    expected = await complete(Endpoint(streaming(*chunks)).client(), HI)
    seen: list[str] = []
    create, iterate = AsyncCompletions.create, AsyncStream.__anext__

    async def watched(self: Any, **given: Any) -> Any:
        return await create(self, **given)

    async def noted(self: Any) -> Any:
        seen.append(type(piece := await iterate(self)).__name__)
        return piece

    monkeypatch.setattr(AsyncCompletions, "create", watched)
    monkeypatch.setattr(AsyncStream, "__anext__", noted)
    monkeypatch.setattr(AsyncStream, "__aiter__", lambda self: self)
    assert await complete(Endpoint(streaming(*chunks)).client(), HI) == expected
    assert seen == ["ChatCompletionChunk"] * 3
