"""What scripts written for the openai library catch around a chat."""

from __future__ import annotations

import copy
import pickle

import httpx2
import openai
import pytest

from autogen_jupyter import AssistantAgent, UserProxyAgent
from autogen_jupyter.errors import AnswerBrokenError, ContextLengthError, ModelError
from autogen_jupyter.models import FailoverClient, complete
from autogen_jupyter.models.base import ModelClient
from autogen_jupyter.models.library_errors import of_both

from .endpoints import HI, KEY, URL, Endpoint, chunk, sse

LIMITED = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded", "type": "requests", "param": None}}


def refusing(status: int, body: object, **options: object) -> ModelClient:
    headers = {"x-request-id": "req_1", "retry-after": "7"}
    return Endpoint(lambda _: httpx2.Response(status, json=body, headers=headers)).client(**options)


async def error_of(client: ModelClient, kind: type[Exception]) -> Exception:
    with pytest.raises(kind) as caught:
        await complete(client, HI)
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (503, openai.InternalServerError),
    ],
)
def test_the_librarys_error_is_caught_around_a_chat(status: int, kind: type[openai.APIStatusError]) -> None:
    assistant = AssistantAgent("assistant", llm_config=refusing(status, LIMITED))
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    with pytest.raises(kind) as caught:
        user.initiate_chat(assistant, message="hi", max_turns=1, silent=True)
    assert isinstance(caught.value, ModelError)
    assert caught.value.status_code == status


async def test_it_has_the_librarys_attributes_and_our_text() -> None:
    error = await error_of(refusing(429, LIMITED), openai.RateLimitError)
    assert isinstance(error, openai.RateLimitError)
    assert (error.code, error.type, error.param, error.request_id) == ("rate_limit_exceeded", "requests", None, "req_1")
    assert (error.response.status_code, error.response.headers["retry-after"], error.response.json()) == (429, "7", LIMITED)
    assert (error.request.method, error.request.url.path) == ("POST", "/v1/chat/completions")
    assert error.body == LIMITED["error"]
    assert "Rate limit reached" in error.message
    assert str(error).startswith("models.example refused the request for model 'my-model' (429)")
    assert type(error.__cause__) is openai.RateLimitError
    assert repr(error).startswith("ModelError(")


async def test_no_key_is_in_it() -> None:
    error = await error_of(refusing(401, {"error": {"message": f"Incorrect API key: {KEY}", "code": KEY}}), openai.AuthenticationError)
    assert isinstance(error, openai.AuthenticationError)
    held = [str(error), vars(error), error.response.text, error.response.headers, error.response.request.headers, error.request.headers]
    assert KEY not in repr(held)
    assert KEY.encode() not in pickle.dumps(error)


def reachable(error: BaseException | None) -> str:
    """Return all that an error, its causes and their requests and answers hold."""
    held = []
    while error is not None:
        answers = [value for value in vars(error).values() if isinstance(value, httpx2.Response)]
        requests = [value for value in vars(error).values() if isinstance(value, httpx2.Request)] + [one.request for one in answers]
        held += [str(error), repr(error), vars(error), [(one.text, one.headers.raw) for one in answers]]
        held += [(str(one.url), one.headers.raw, one.content) for one in requests]
        error = error.__cause__ or error.__context__
    return repr(held)


@pytest.mark.parametrize("status", [400, 429, 500])
async def test_no_key_can_be_reached_from_it_where_the_text_quotes_none(status: int) -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        assert KEY in request.headers["authorization"]
        return httpx2.Response(status, json=LIMITED, headers={"x-echo": KEY, "retry-after": "7"})

    error = await error_of(Endpoint(refuse).client(), openai.APIStatusError)
    assert isinstance(error.__cause__, openai.APIStatusError)
    assert (error.__cause__.status_code, error.__cause__.response.json()) == (status, LIMITED)
    assert error.__cause__.response.headers["retry-after"] == "7"
    assert KEY not in reachable(error)


async def test_no_key_can_be_reached_from_a_lost_connection() -> None:
    def lost(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    error = await error_of(Endpoint(lost).client(), openai.APIConnectionError)
    assert error.__cause__ is not None
    assert KEY not in reachable(error)


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://host:8443/v1/chat?q=1", "https://host:8443/v1/chat?q=1"),
        (f"https://host:8443/v1/chat?key={KEY}", "https://host:8443/v1/chat"),
        (f"https://host:8443/{KEY}/chat?q=1", "https://host:8443"),
        (f"https://me:{KEY}@host:8443/v1", "https://host:8443"),
    ],
)
def test_an_address_that_holds_a_key_is_kept_as_far_as_it_holds_none(url: str, left: str) -> None:
    library = openai.APIConnectionError(request=httpx2.Request("POST", url))  # type: ignore[arg-type]
    made = of_both(ModelError, "lost", library, lambda text: text.replace(KEY, "[key]"))
    assert isinstance(made, openai.APIConnectionError)
    assert str(made.request.url) == left


@pytest.mark.parametrize("kind", ["text/html; charset=latin-1", 'text/html;Charset="latin-1"; x=y', "text/html"])
def test_the_text_of_an_answer_reads_as_it_was_sent(kind: str) -> None:
    sent = httpx2.Response(400, headers={"content-type": kind}, content="é".encode("latin-1" if "harset" in kind else "utf-8"))
    sent.request = httpx2.Request("POST", URL)
    made = of_both(ModelError, "refused", openai.BadRequestError("no", response=sent, body=None), str)  # type: ignore[arg-type]
    assert isinstance(made, openai.BadRequestError)
    assert made.response.text == "é"
    assert made.response.headers["content-type"] == ("text/html; x=y" if "x=y" in kind else "text/html")


async def test_it_can_be_copied_and_pickled() -> None:
    error = await error_of(refusing(429, LIMITED), openai.RateLimitError)
    for again in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(again) is type(error)
        assert (str(again), again.status_code, again.response.status_code) == (str(error), 429, 429)


async def test_our_own_kinds_are_of_both_classes_too() -> None:
    too_long = {"error": {"message": "maximum context length is 8192 tokens"}}
    assert isinstance(await error_of(refusing(400, too_long), openai.BadRequestError), ContextLengthError)
    broken = Endpoint(httpx2.Response(200, content=sse([chunk(content="abc"), {"error": {"message": "overloaded"}}]))).client()
    error = await error_of(broken, openai.APIError)
    assert isinstance(error, AnswerBrokenError)
    assert error.partial == "abc"


async def test_when_several_models_fail_it_is_the_last_ones_error() -> None:
    both = FailoverClient([refusing(401, LIMITED), refusing(429, LIMITED)])
    error = await error_of(both, openai.RateLimitError)
    assert isinstance(error, openai.RateLimitError)
    assert error.status_code == 429
    assert "None of the 2 models" in str(error)


async def test_lost_connections_and_slow_servers_have_the_librarys_class_as_well() -> None:
    def lost(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    def slow(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("slow", request=request)

    await error_of(Endpoint(lost).client(), openai.APIConnectionError)
    await error_of(Endpoint(slow).client(), openai.APITimeoutError)


async def test_an_answer_that_breaks_off_is_a_lost_connection() -> None:
    class Torn(httpx2.AsyncByteStream):
        async def __aiter__(self):
            yield sse([chunk(content="abc")], done=False)
            raise httpx2.ReadError("torn")

    answer = httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=Torn())
    error = await error_of(Endpoint(answer).client(), openai.APIConnectionError)
    assert isinstance(error, AnswerBrokenError)
