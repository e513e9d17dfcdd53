"""The Responses protocol: what goes out from the one history, what comes in, and which protocol is chosen."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from autogen_jupyter import AssistantAgent, UserProxyAgent
from autogen_jupyter.errors import ModelError, UsageError
from autogen_jupyter.events import MessageDelta, Noticed
from autogen_jupyter.messages import Message, ToolCall, ToolResult
from autogen_jupyter.models import ChatCompletionsClient, ModelRequest, complete

from ..conversation.doubles import Room
from ..servers.in_process import cassette, playing
from .endpoints import HI, Endpoint, chunk, streaming
from .test_llama_server import WEATHER


def saying(name: str) -> Endpoint:
    return Endpoint(lambda request: cassette("responses", name))


async def test_openai_and_azure_without_a_version_are_asked_in_responses_and_others_in_chat() -> None:
    asked = {}
    for url in (
        "https://api.openai.com/v1",
        "https://corp.openai.azure.com/openai/v1/",
        "https://openrouter.ai/api/v1",
        "http://127.0.0.1:1/v1",
    ):
        endpoint = Endpoint(lambda request: cassette("responses" if request.url.path.endswith("/responses") else "chat", "text"))
        assert (await complete(endpoint.client(base_url=url), HI)).text == "Hello there."
        asked[url.split("/")[2]] = endpoint.requests[0].url.path
    assert asked == {
        "api.openai.com": "/v1/responses",
        "corp.openai.azure.com": "/openai/v1/responses",
        "openrouter.ai": "/api/v1/chat/completions",
        "127.0.0.1:1": "/v1/chat/completions",
    }


async def test_nothing_is_left_with_the_server_and_nothing_is_sent_that_nobody_set() -> None:
    endpoint = saying("text")
    await complete(endpoint.client(api="responses"), HI)
    assert endpoint.bodies == [
        {
            "model": "my-model",
            "input": [{"role": "user", "content": "hi"}],
            "stream": True,
            "store": False,
            "include": ["reasoning.encrypted_content"],
        }
    ]


async def test_the_same_history_is_written_as_items() -> None:
    endpoint = saying("text")
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}}
    history = (
        Message("system", "Be brief."),
        Message("user", ({"type": "text", "text": "Look:"}, picture), sender="user"),
        Message("assistant", "I look.", tool_calls=(ToolCall("a", "f", '{"x":1}'), ToolCall("b", "g", "{}"))),
        Message("tool", "one", tool_results=(ToolResult("a", "one"),)),
        Message("assistant", None, extra={"function_call": {"name": "h", "arguments": "{}"}}),
        Message("function", "three", sender="h"),
        Message("system", "Be kind."),
        Message("assistant", ({"type": "text", "text": "Yes"},)),
    )
    await complete(endpoint.client(api="responses"), ModelRequest(history))
    body = endpoint.bodies[0]
    assert body["instructions"] == "Be brief."
    assert body["input"] == [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look:"},
                {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "low"},
            ],
        },
        {"role": "assistant", "content": "I look."},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": '{"x":1}'},
        {"type": "function_call", "call_id": "b", "name": "g", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": "one"},
        {"type": "function_call_output", "call_id": "b", "output": "(no result: the call was not run to its end)"},
        {"type": "function_call", "call_id": "call_function_1", "name": "h", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_function_1", "output": "three"},
        {"role": "system", "content": "Be kind."},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Yes"}]},
    ]


async def test_options_are_sent_under_their_names_here() -> None:
    endpoint = saying("text")
    given: dict[str, Any] = {"max_tokens": 9, "reasoning_effort": "low", "verbosity": "low", "temperature": 0.5, "top_k": 3}
    given |= {"response_format": {"type": "json_object"}, "tool_choice": {"type": "function", "function": {"name": "get_weather"}}}
    await complete(endpoint.client(api="responses", options=given), ModelRequest(HI.messages, tools=(WEATHER,)))
    body = endpoint.bodies[0]
    assert (body["max_output_tokens"], body["reasoning"], body["temperature"], body["top_k"]) == (9, {"effort": "low"}, 0.5, 3)
    assert body["text"] == {"verbosity": "low", "format": {"type": "json_object"}}
    assert body["tool_choice"] == {"type": "function", "name": "get_weather"}
    assert body["tools"] == [{"type": "function", "strict": False, **WEATHER["function"]}]


async def test_an_option_that_the_protocol_lacks_is_left_out_and_named_once() -> None:
    room, endpoint = Room(), saying("text")
    bot = AssistantAgent("bot", llm_config=endpoint.client(api="responses", options={"seed": 1, "stop": ["X"]}))
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, default_auto_reply="?")
    await room.chat(user, bot, message="?", max_turns=2)
    (notice,) = [event.text for event in room.events if isinstance(event, Noticed)]
    assert "Not sent to models.example: seed, stop." in notice
    assert not {"seed", "stop"} & set(endpoint.bodies[0])


async def test_reasoning_is_shown_apart_and_goes_back_encrypted_with_the_result_of_the_call() -> None:
    bodies: list[dict[str, Any]] = []
    client = Endpoint(playing("responses", bodies)).client(api="responses")
    question = Message("user", "What will the weather be?")
    deltas = [delta async for delta in client.stream(ModelRequest((question,), tools=(WEATHER,)))]
    asked = deltas[-1].reply
    assert asked is not None
    assert asked.reasoning == "".join(delta.reasoning for delta in deltas) == "I need the weather."
    assert asked.usage is not None
    assert asked.usage.reasoning_tokens == 38
    history = (
        question,
        Message("assistant", None, tool_calls=asked.tool_calls),
        Message("tool", "r", tool_results=(ToolResult("call_wx1", "rain"),)),
    )
    done = await complete(client, ModelRequest(history, tools=(WEATHER,)))
    assert done.usage is not None
    assert (done.usage.prompt_tokens, done.usage.cached_tokens) == (160, 64)
    reasoning, call, output = bodies[1]["input"][1:]
    assert reasoning == {
        "id": "rs_resp_2",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "I need the weather."}],
        "encrypted_content": "gAAAAABopaque-and-long==",
    }
    assert (call["type"], output["type"]) == ("function_call", "function_call_output")


async def test_reasoning_reaches_the_view_as_reasoning() -> None:
    room = Room()
    bot = AssistantAgent("bot", llm_config=saying("tool_call").client(api="responses"))
    await room.chat(UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False), bot, message="?", max_turns=1)
    thoughts = [event.text for event in room.events if isinstance(event, MessageDelta) and event.reasoning]
    assert "".join(thoughts) == "I need the weather."


async def test_a_refusal_is_a_refusal() -> None:
    reply = await complete(saying("refusal").client(api="responses"), HI)
    assert (reply.text, reply.refusal) == ("", "I can't help with that.")


async def test_an_answer_cut_off_at_its_limit_says_length() -> None:
    reply = await complete(saying("cut_off").client(api="responses"), HI)
    assert (reply.text, reply.finish_reason) == ("The mea", "length")


async def test_a_stream_without_its_last_event_is_broken_off() -> None:
    content = cassette("responses", "text").content.partition(b"event: response.completed")[0]
    torn = httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=content)
    with pytest.raises(ModelError, match="ended its answer in the middle, after 12 characters"):
        await complete(Endpoint(torn).client(api="responses"), HI)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.failed", "response": {"id": "r", "error": {"code": "server_error", "message": "the model crashed"}}},
        {"type": "error", "code": "server_error", "message": "the model crashed", "param": None},
    ],
)
async def test_a_failure_in_the_stream_is_told_in_the_servers_words(event: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="reported an error while answering: the model crashed"):
        await complete(Endpoint(streaming(event)).client(api="responses"), HI)


async def test_encrypted_reasoning_is_left_out_for_a_model_that_has_none() -> None:
    refusal = httpx2.Response(400, json={"error": {"message": "Encrypted content is not supported with this model.", "param": "include"}})
    endpoint = Endpoint(refusal, cassette("responses", "text"))
    assert (await complete(endpoint.client(api="responses"), HI)).text == "Hello there."
    assert ["include" in body for body in endpoint.bodies] == [True, False]


REFUSAL = httpx2.Response(400, json={"error": {"message": "Function tools are not supported here. Please use /v1/responses instead."}})


async def test_a_refusal_that_asks_for_responses_is_heeded_once_for_all_clients() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return cassette("responses", "text") if request.url.path.endswith("/responses") else REFUSAL

    endpoint = Endpoint(answer)
    for _ in range(2):
        client = endpoint.client("wants-responses")
        assert (await complete(client, HI)).text == "Hello there."
        assert (await complete(client, HI)).text == "Hello there."
    assert [request.url.path for request in endpoint.requests] == ["/v1/chat/completions", *["/v1/responses"] * 4]


async def test_a_switch_that_does_not_help_is_not_remembered() -> None:
    endpoint = Endpoint(REFUSAL, REFUSAL, streaming(chunk(content="Hi")))
    with pytest.raises(ModelError, match='"api": "responses"'):
        await complete(endpoint.client("wants-nothing"), HI)
    assert (await complete(endpoint.client("wants-nothing"), HI)).text == "Hi"
    assert endpoint.requests[-1].url.path == "/v1/chat/completions"


async def test_a_protocol_that_was_chosen_is_kept() -> None:
    endpoint = Endpoint(REFUSAL)
    with pytest.raises(ModelError):
        await complete(endpoint.client("stays", api="chat"), HI)
    assert len(endpoint.requests) == 1


def test_a_protocol_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match='"auto", "chat" or "responses"'):
        ChatCompletionsClient("m", api="soap")  # type: ignore[arg-type]
