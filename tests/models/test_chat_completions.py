"""What goes over the wire, and when."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator

import httpx2
import pytest

from autogen_jupyter.errors import ModelError, UsageError
from autogen_jupyter.messages import Message, ToolCall, ToolResult
from autogen_jupyter.models import ChatCompletionsClient, ModelRequest, complete

from .endpoints import HI, KEY, Endpoint, chunk, sse, streaming

USAGE = {"prompt_tokens": 1000, "completion_tokens": 1000, "total_tokens": 2000}


def answering(**more: object) -> Endpoint:
    return Endpoint(streaming(chunk(content="Hello", **more), chunk(finish="stop")))


async def test_nothing_is_sent_that_nobody_set() -> None:
    endpoint = answering()
    await complete(endpoint.client(), HI)
    assert endpoint.bodies == [
        {
            "model": "my-model",
            "messages": [{"role": "user", "content": "hi"}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]


async def test_options_are_sent_and_the_request_has_the_last_word() -> None:
    endpoint = answering()
    client = endpoint.client(options={"temperature": 0, "stop": ["END"], "top_k": 3, "max_tokens": 5, "seed": None})
    await complete(client, ModelRequest(HI.messages, options={"temperature": 1}))
    body = endpoint.bodies[0]
    assert (body["temperature"], body["stop"], body["top_k"], body["max_tokens"]) == (1, ["END"], 3, 5)
    assert "seed" not in body


async def test_openai_is_sent_max_tokens_under_its_new_name() -> None:
    endpoint = answering()
    await complete(endpoint.client(base_url=None, api="chat", options={"max_tokens": 5}), HI)
    assert endpoint.bodies[0]["max_completion_tokens"] == 5
    assert "max_tokens" not in endpoint.bodies[0]


async def test_stream_options_are_left_out_for_a_server_that_refuses_them() -> None:
    refusal = httpx2.Response(400, json={"error": {"message": "Unknown parameter: 'stream_options'"}})
    endpoint = Endpoint(refusal, streaming(chunk(content="Hello")))
    client = endpoint.client()
    assert (await complete(client, HI)).text == "Hello"
    assert (await complete(client, HI)).text == "Hello"
    assert ["stream_options" in body for body in endpoint.bodies] == [True, False, False]


async def test_max_tokens_is_renamed_for_a_server_that_asks_for_it() -> None:
    refusal = httpx2.Response(400, json={"error": {"message": "Use 'max_completion_tokens' instead of 'max_tokens'."}})
    endpoint = Endpoint(refusal, streaming(chunk(content="Hello")))
    await complete(endpoint.client(options={"max_tokens": 5}), HI)
    assert endpoint.bodies[1]["max_completion_tokens"] == 5


async def test_an_option_of_the_users_is_never_dropped_silently() -> None:
    endpoint = Endpoint(httpx2.Response(400, json={"error": {"message": "Unsupported value: 'temperature'"}}))
    with pytest.raises(ModelError, match="Unsupported value: 'temperature'"):
        await complete(endpoint.client(options={"temperature": 0.5}), HI)
    assert len(endpoint.requests) == 1


async def test_a_whole_history_is_written_as_the_api_wants_it() -> None:
    endpoint = answering()
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    calls = (ToolCall("a", "f", '{"x":1}'), ToolCall("b", "g", "{}"))
    history = (
        Message("system", "Be brief."),
        Message("user", ({"type": "text", "text": "Look:"}, picture), sender="user"),
        Message("assistant", "", sender="coder", tool_calls=calls),
        Message("tool", "one\n\ntwo", tool_results=(ToolResult("a", "one"), ToolResult("b", "two"))),
        Message("assistant", None, sender="coder", extra={"function_call": {"name": "f", "arguments": "{}"}}),
        Message("function", "three", sender="f"),
        Message("user", "", sender="user"),
        Message("user", "Stop.", sender="user", tool_results=(ToolResult("c", "USER INTERRUPTED"),), extra={"context": {"k": 1}}),
    )
    await complete(endpoint.client(), ModelRequest(history))
    assert endpoint.bodies[0]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Look:"}, picture]},
        {"role": "assistant", "content": None, "tool_calls": [call.to_dict() for call in calls]},
        {"role": "tool", "tool_call_id": "a", "content": "one"},
        {"role": "tool", "tool_call_id": "b", "content": "two"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_function_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "content": "three", "tool_call_id": "call_function_1"},
        {"role": "user", "content": ""},
        {"role": "tool", "tool_call_id": "c", "content": "USER INTERRUPTED"},
        {"role": "user", "content": "Stop."},
    ]


async def test_names_are_sent_on_request_in_letters_the_api_allows() -> None:
    endpoint = answering()
    history = (Message("user", "hi", sender="Frau Müller & Söhne" + "!" * 99),)
    await complete(endpoint.client(options={"send_names": True}), ModelRequest(history))
    assert endpoint.bodies[0]["messages"][0]["name"] == "Frau_M_ller_S_hne_"
    assert "send_names" not in endpoint.bodies[0]


async def test_tools_of_the_client_and_of_the_request_are_sent() -> None:
    endpoint = answering()
    first, second = ({"type": "function", "function": {"name": name, "parameters": {}}} for name in "fg")
    await complete(endpoint.client(options={"tools": [first]}), ModelRequest(HI.messages, tools=(second,)))
    assert endpoint.bodies[0]["tools"] == [first, second]


async def test_a_key_is_sent_stripped() -> None:
    endpoint = answering()
    await complete(endpoint.client(api_key=f" {KEY}\n"), HI)
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {KEY}"


async def test_variables_of_the_library_reach_no_other_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)  # the library reads these by itself, so that they must really be set
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Corp-Token: corp-secret\nAuthorization: Bearer auth-secret")
    endpoint = answering()
    await complete(endpoint.client(api_key=None), HI)
    sent = str(endpoint.requests[0].headers.raw)
    assert "secret" not in sent
    assert KEY not in sent
    assert endpoint.requests[0].headers["authorization"] == "Bearer no-key"


async def test_azure_with_a_version_is_asked_in_its_older_way() -> None:
    endpoint = answering()
    await complete(endpoint.client("my-deployment", base_url="https://corp.openai.azure.com", api_version="2024-10-21"), HI)
    request = endpoint.requests[0]
    assert str(request.url) == "https://corp.openai.azure.com/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21"
    assert request.headers["api-key"] == KEY


@pytest.mark.parametrize(
    ("options", "usd"),
    [
        ({"base_url": None, "api": "chat"}, pytest.approx(0.0006)),
        ({"base_url": None, "api": "chat", "model": "a-model-nobody-knows"}, None),
        ({"base_url": "https://models.example/v1"}, None),
        ({"base_url": "http://127.0.0.1:8080/v1"}, 0.0),
        ({"base_url": "https://models.example/v1", "price": (0.5, 1.5)}, 2.0),
    ],
    ids=["listed", "unknown model", "unknown provider", "this machine", "price given"],
)
async def test_the_price_is_known_zero_or_unknown(options: dict[str, object], usd: float | None) -> None:
    model = str(options.pop("model", "gpt-6-luna"))
    served = chunk(content="Hello", usage=USAGE) | {"model": model}
    reply = await complete(Endpoint(streaming(served)).client(model, **options), HI)
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.usd) == (1000, 1000, usd)


def listing(*names: str) -> Endpoint:
    models = httpx2.Response(200, json={"object": "list", "data": [{"id": name} for name in names]})
    return Endpoint(lambda request: models if request.url.path.endswith("/models") else streaming(chunk(content="Hello")))


async def test_the_only_model_of_a_server_is_used_without_being_named() -> None:
    endpoint = listing("nomic-embed-text", "qwen3")
    client = endpoint.client("")
    assert client.model == "the model at models.example"
    await complete(client, HI)
    await complete(client, HI)
    assert client.model == "qwen3"
    assert [body["model"] for body in endpoint.bodies] == ["qwen3", "qwen3"]
    assert len(endpoint.requests) == 3


async def test_several_models_are_listed_to_copy() -> None:
    with pytest.raises(ModelError) as caught:
        await complete(listing("qwen3", "llama4").client(""), HI)
    assert 'models.example has 2 models. Choose one:\n    -m "https://models.example/v1#qwen3"\n' in str(caught.value)


async def test_a_server_without_models_asks_for_a_name() -> None:
    with pytest.raises(ModelError, match=r"lists no model\. Name one"):
        await complete(listing().client(""), HI)


class _Body(httpx2.AsyncByteStream):
    """A stream that never ends, and knows whether it was closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield sse([chunk(content="more ")], done=False)
            await asyncio.sleep(0)

    async def aclose(self) -> None:
        self.closed.set()


def endless() -> tuple[Endpoint, _Body]:
    body = _Body()
    return Endpoint(httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=body)), body


async def test_leaving_the_iteration_closes_the_connection() -> None:
    endpoint, body = endless()
    async for delta in endpoint.client().stream(HI):
        assert delta.text == "more "
        break
    gc.collect()
    await asyncio.wait_for(body.closed.wait(), 10)


async def test_closing_the_iterator_closes_the_connection_before_it_returns() -> None:
    endpoint, body = endless()
    deltas = endpoint.client().stream(HI)
    await anext(deltas)
    await deltas.aclose()
    assert body.closed.is_set()


async def test_cancelling_closes_the_connection() -> None:
    endpoint, body = endless()
    began = asyncio.Event()

    async def read() -> None:
        async for _ in endpoint.client().stream(HI):
            began.set()

    task = asyncio.create_task(read())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert body.closed.is_set()


def test_a_transport_is_made_at_first_use_and_works_on_every_loop() -> None:
    made = []

    def transport() -> httpx2.AsyncBaseTransport:
        made.append(httpx2.MockTransport(answering()))
        return made[-1]

    client = ChatCompletionsClient("my-model", base_url="http://builtin.localhost/v1", transport=transport)
    assert not made
    assert [asyncio.run(complete(client, HI)).text for _ in range(3)] == ["Hello"] * 3


def test_two_ways_to_the_network_are_one_too_many() -> None:
    with pytest.raises(UsageError, match="http_client and transport"):
        ChatCompletionsClient("m", http_client=httpx2.AsyncClient(), transport=httpx2.MockTransport(answering()))


@pytest.mark.parametrize("url", ["models.example/v1", "ftp://models.example", "http://", "http://host:port/v1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is not an address"):
        ChatCompletionsClient("m", base_url=url)


GROUP = ModelRequest(
    (
        Message("system", "You are ben."),
        Message("user", "Look.", sender="ann"),
        Message("assistant", "I did.", sender="ben"),
        Message("user", ({"type": "text", "text": "And?"},), sender="cem"),
    ),
    name_speakers=True,
)


async def test_where_several_speak_the_text_says_who_and_the_models_own_words_stay() -> None:
    endpoint = answering()
    await complete(endpoint.client(), GROUP)
    sent = endpoint.bodies[0]["messages"]
    assert [message["content"] for message in sent] == [
        "You are ben.",
        "ann:\nLook.",
        "I did.",
        [{"type": "text", "text": "cem:\n"}, {"type": "text", "text": "And?"}],
    ]
    assert not any("name" in message for message in sent)


async def test_openai_and_servers_that_are_said_to_take_names_get_them_as_names() -> None:
    for options in ({"base_url": None, "api": "chat"}, {"options": {"send_names": True}}):
        endpoint = answering()
        await complete(endpoint.client(**options), GROUP)
        sent = endpoint.bodies[0]["messages"]
        assert [message.get("name") for message in sent] == [None, "ann", "ben", "cem"]
        assert sent[1]["content"] == "Look."
        assert "send_names" not in endpoint.bodies[0]
