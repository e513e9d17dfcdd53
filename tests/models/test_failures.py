"""What a person reads when a model cannot answer: who said what, and what to do next. Never the key."""

from __future__ import annotations

import socket
import traceback
from collections.abc import AsyncIterator

import httpx2
import pytest

from autogen_jupyter.errors import ContextLengthError, ModelError, UsageError
from autogen_jupyter.models import ChatCompletionsClient, complete

from .endpoints import HI, KEY, Endpoint, chunk, sse, streaming

HTML = "<!doctype html><html><head><title>Sign in to Corp Proxy</title></head></html>"


async def error_of(client: ChatCompletionsClient) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await complete(client, HI)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert KEY not in shown
    return caught.value


def refused(status: int, body: object, **headers: str) -> Endpoint:
    content = {"text": body} if isinstance(body, str) else {"json": body}
    return Endpoint(httpx2.Response(status, headers=headers, **content))


@pytest.mark.parametrize(
    ("status", "body", "parts"),
    [
        (400, {"detail": "field 'x' is not allowed"}, ["(400)", "field 'x' is not allowed", "llm_config"]),
        (422, {"detail": [{"loc": ["body"], "msg": "Field required"}]}, ["(422)", "Field required"]),
        (400, [{"error": {"code": 400, "message": "Invalid JSON payload"}}], ["(400)", "Invalid JSON payload"]),
        (400, {"error": "plain text"}, ["(400)", "plain text"]),
        (400, {"error": {"message": "maximum context length is 8192 tokens"}}, ["8192", "longer than the model can read"]),
        (400, {"error": {"message": "Function tools need /v1/responses"}}, ["/v1/responses", "reasoning_effort"]),
        (401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}, ["(401)", "Incorrect API key", "[key]", "came from MY_KEY"]),
        (401, {"error": {"message": "Incorrect API key provided: sk-pr****cdef"}}, ["provided: [key]", "came from MY_KEY"]),
        (403, {"error": {"message": "Country not supported"}}, ["(403)", "Country not supported", "-m MODEL"]),
        (429, {"error": {"message": "Rate limit reached"}}, ["(429)", "Rate limit reached", "Wait a little"]),
        (429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}, ["quota", "no credit left"]),
        (500, {"error": {"message": "the model crashed"}}, ["(500)", "the model crashed", "the server's"]),
        (503, HTML, ["(503)", "a web page titled 'Sign in to Corp Proxy'", "the server's"]),
    ],
)
async def test_a_refusal_says_who_what_and_what_next(status: int, body: object, parts: list[str]) -> None:
    error = await error_of(refused(status, body, **{"x-request-id": "req_123"}).client())
    for part in ["models.example", "'my-model'", "(request req_123)", *parts]:
        assert part in str(error)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, {"code": 400, "message": "the request exceeds the available context size", "type": "exceed_context_size_error"}),
        (
            400,
            {
                "message": "This model's maximum context length is 8192 tokens.",
                "code": "context_length_exceeded",
            },
        ),
        (400, {"message": "The decoder prompt (length 5000) is longer than the maximum model length of 4096."}),
        (400, {"message": "prompt is too long: 213462 tokens > 200000 maximum"}),
        (400, {"message": "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."}),
        (413, {"message": "Please reduce the length of the messages or completion."}),
    ],
)
async def test_a_conversation_that_is_too_long_is_an_error_of_its_own(status: int, said: object) -> None:
    error = await error_of(refused(status, {"error": said}).client())
    assert isinstance(error, ContextLengthError)
    assert "longer than the model can read" in str(error)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "max_tokens is too large: 100000. This model supports at most 16384 completion tokens."),
        (429, "Request too large on tokens per min. Please reduce the length of the messages."),
        (401, "maximum context length"),
    ],
)
async def test_other_refusals_are_not_taken_for_it(status: int, said: str) -> None:
    assert not isinstance(await error_of(refused(status, {"error": {"message": said}}).client()), ContextLengthError)


async def test_without_a_key_a_401_says_that_none_was_sent() -> None:
    error = await error_of(refused(401, {"error": {"message": "Missing key"}}).client(api_key=None))
    assert "No key was sent" in str(error)


async def test_an_unknown_model_is_answered_with_the_nearest_three() -> None:
    names = ["whisper", "my-modell", "other", "my-model-2", "your-model", "text"]
    listed = httpx2.Response(200, json={"object": "list", "data": [{"id": name} for name in names]})
    missing = httpx2.Response(404, json={"error": {"message": "The model does not exist"}})
    endpoint = Endpoint(lambda request: listed if request.url.path.endswith("/models") else missing)
    error = await error_of(endpoint.client())
    assert "The model does not exist" in str(error)
    assert "The server has 'my-modell', 'my-model-2', 'your-model' and 3 more." in str(error)


async def test_a_404_from_the_wrong_address_doubts_the_address() -> None:
    error = await error_of(refused(404, {"detail": "Not Found"}).client(base_url="https://models.example"))
    assert "https://models.example (it usually ends in /v1)" in str(error)


async def test_a_web_page_instead_of_a_reply_is_named() -> None:
    error = await error_of(Endpoint(httpx2.Response(200, html=HTML)).client())
    assert "models.example answered with a web page titled 'Sign in to Corp Proxy' (text/html" in str(error)
    assert "usually ends in /v1" in str(error)


async def test_an_error_body_with_a_good_status_is_an_error() -> None:
    error = await error_of(Endpoint(httpx2.Response(200, json={"error": {"message": "no capacity"}})).client())
    assert str(error).startswith("models.example answered with an error instead of a reply: no capacity. Run the cell again")


@pytest.mark.parametrize(
    "event",
    [{"error": {"message": "boom in the middle", "code": 500}}, {"error": "boom in the middle"}, {"message": "boom in the middle"}],
)
async def test_an_error_in_mid_stream_comes_after_the_text_before_it(event: dict[str, object]) -> None:
    deltas = Endpoint(streaming(chunk(content="abc"), event)).client().stream(HI)
    shown = [(await anext(deltas)).text]
    with pytest.raises(ModelError, match=r"models\.example reported an error while answering: .*boom in the middle"):
        await anext(deltas)
    assert shown == ["abc"]


async def test_a_torn_chunk_is_an_error_of_the_server() -> None:
    torn = httpx2.Response(
        200, headers={"content-type": "text/event-stream"}, content=sse([chunk(content="abc")], done=False) + b'data: {"ch\n\n'
    )
    assert "models.example sent something that cannot be read" in str(await error_of(Endpoint(torn).client()))


async def test_a_stream_of_nothing_is_an_error() -> None:
    assert "ended its answer before it began" in str(await error_of(Endpoint(streaming()).client()))


async def test_a_connection_that_breaks_in_mid_stream_is_told_with_its_cause() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield sse([chunk(content="abc")], done=False)
        raise httpx2.RemoteProtocolError("peer closed connection")

    response = httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=broken())
    error = await error_of(Endpoint(response).client())
    assert "broke after 3 characters of the answer: peer closed connection" in str(error)


async def test_a_refused_connection_tells_the_reason() -> None:
    with socket.socket() as taken:  # bound and not listening: nobody else can answer there
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        client = ChatCompletionsClient("my-model", base_url=f"http://127.0.0.1:{port}/v1", api_key=KEY, max_retries=0)
        error = await error_of(client)
    assert str(error).startswith(f"No connection to 127.0.0.1:{port}: [Errno ")
    assert "Is the server running there?" in str(error)


async def test_an_unknown_host_is_told_as_such() -> None:
    def unknown(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("[Errno -2] Name or service not known")

    error = await error_of(Endpoint(unknown).client())
    assert "No connection to models.example: [Errno -2] Name or service not known. Check the host name" in str(error)


async def test_a_timeout_names_its_seconds() -> None:
    def slow(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("slow")

    error = await error_of(Endpoint(slow).client(timeout=7))
    assert "models.example did not answer within 7 seconds." in str(error)
    assert '"timeout"' in str(error)


async def test_the_key_is_kept_out_of_a_chained_cause() -> None:
    error = await error_of(refused(500, {"error": {"message": f"bad key {KEY}"}}).client())
    assert error.__cause__ is None
    assert error.__context__ is None
    harmless = await error_of(refused(500, {"error": {"message": "out of order"}}).client())
    assert harmless.__cause__ is not None


def test_a_client_shows_neither_key_nor_password() -> None:
    client = ChatCompletionsClient("my-model", base_url="https://models.example/v1", api_key=KEY)
    assert KEY not in repr(client) + repr(client.endpoint) + str(vars(client))
    with pytest.raises(UsageError) as caught:
        ChatCompletionsClient("my-model", base_url="https://me:hunter2@models.example/v1")
    assert "hunter2" not in str(caught.value)


def test_a_key_that_cannot_be_sent_is_refused_without_showing_it() -> None:
    with pytest.raises(UsageError, match="characters that cannot be sent") as caught:
        ChatCompletionsClient("my-model", api_key="sk-gehéim", key_source="MY_KEY")
    assert "MY_KEY" in str(caught.value)
    assert "gehéim" not in str(caught.value)
