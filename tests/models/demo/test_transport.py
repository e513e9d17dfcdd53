"""The ordinary ``openai`` client talks to the demo model as to any endpoint."""

from __future__ import annotations

import json

import httpx2
import openai
import pytest

from autogen_jupyter.models.demo import DemoTransport, reply

HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture
async def client():
    async with openai.AsyncOpenAI(
        api_key="none", base_url="http://builtin.invalid/v1", http_client=httpx2.AsyncClient(transport=DemoTransport())
    ) as made:
        yield made


async def test_a_plain_answer_is_what_the_brain_replies(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="builtin/demo", messages=HELLO)
    assert answer.choices[0].message.content == reply(HELLO)
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == "builtin/demo"
    assert answer.usage
    assert answer.usage.total_tokens == 0


async def test_a_streamed_answer_comes_in_small_pieces_and_is_the_same(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model="builtin/demo", messages=HELLO, stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == reply(HELLO)
    assert 20 < len(pieces) < 130
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices == []
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens == 0


async def test_usage_is_streamed_only_when_asked_for(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model="builtin/demo", messages=HELLO, stream=True)
    assert [chunk.usage async for chunk in stream if chunk.usage is not None] == []


async def test_a_stream_can_be_left_early(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model="builtin/demo", messages=HELLO, stream=True)
    async with stream:
        async for chunk in stream:
            assert chunk.model == "builtin/demo"
            break
    answer = await client.chat.completions.create(model="builtin/demo", messages=HELLO)
    assert answer.choices[0].message.content


async def test_the_models_are_listed(client: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == ["builtin/demo"]


async def test_the_stream_is_exact_server_sent_events() -> None:
    async with httpx2.AsyncClient(transport=DemoTransport()) as http:
        answer = await http.post("http://builtin.invalid/v1/chat/completions", json={"messages": HELLO, "stream": True})
    assert answer.headers["content-type"] == "text/event-stream"
    events = answer.text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    assert all(json.loads(event.removeprefix("data: "))["object"] == "chat.completion.chunk" for event in events[:-2])


@pytest.mark.parametrize("body", [b"no json", b"[]", b"{}", b'{"messages": "hi"}'])
async def test_a_malformed_request_is_refused_with_a_text(body: bytes) -> None:
    async with httpx2.AsyncClient(transport=DemoTransport()) as http:
        answer = await http.post("http://builtin.invalid/v1/chat/completions", content=body)
    assert answer.status_code == 400
    assert "messages" in answer.json()["error"]["message"]


async def test_another_route_is_refused_without_retries(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="does not know POST /v1/embeddings"):
        await client.embeddings.create(model="builtin/demo", input="hello")


async def test_a_lone_surrogate_does_not_break_the_answer() -> None:
    async with httpx2.AsyncClient(transport=DemoTransport(brain=lambda messages: str(messages[0]["content"]))) as http:
        answer = await http.post("http://builtin.invalid/v1/chat/completions", content=rb'{"messages": [{"content": "a\ud800b"}]}')
    assert answer.json()["choices"][0]["message"]["content"] == "a?b"


async def test_another_brain_can_be_put_in() -> None:
    async with httpx2.AsyncClient(transport=DemoTransport(brain=lambda messages: f"{len(messages)} messages", pause=0)) as http:
        client = openai.AsyncOpenAI(api_key="none", base_url="http://builtin.invalid/v1", http_client=http)
        answer = await client.chat.completions.create(model="builtin/demo", messages=HELLO)
    assert answer.choices[0].message.content == "1 messages"
