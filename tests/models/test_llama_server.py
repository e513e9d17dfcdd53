"""The same client against a real llama.cpp server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx2
import pytest

from autogen_jupyter import AssistantAgent, UserProxyAgent
from autogen_jupyter.code_blocks import extract_code_blocks
from autogen_jupyter.errors import ContextLengthError, ModelError
from autogen_jupyter.events import Noticed
from autogen_jupyter.messages import Message, ToolCall, ToolResult
from autogen_jupyter.models import ChatCompletionsClient, ModelRequest, complete, resolve_model

from ..conversation.doubles import Room
from ..servers.llama_server import running_llama_server
from ..servers.scripted_gguf import CHAT, CODE, SUMMARY, TOOL_DONE

KEY = "sk-llama-0123456789"
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Say what the weather will be.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
        },
    },
}


def asking(*said: str) -> ModelRequest:
    roles = ("user", "assistant")
    return ModelRequest((Message("system", "You write code."), *(Message(roles[n % 2], text) for n, text in enumerate(said))))


async def test_the_conversation_of_a_coding_assistant(llama_server: str) -> None:
    client = resolve_model(llama_server, environ={}).client
    first = await complete(client, asking("Analyse the data in penguins.csv."))
    assert first.text == CODE
    assert [block.language for block in extract_code_blocks(first.text)] == ["python"]
    second = await complete(client, asking("Analyse the data.", first.text, "exitcode: 0 (execution succeeded)\nCode output: mean: 3.875"))
    assert second.text == SUMMARY
    assert (await complete(client, asking("Hello"))).text == CHAT


async def test_deltas_usage_and_names(llama_server: str) -> None:
    client = resolve_model(llama_server, environ={}).client
    deltas = [delta async for delta in client.stream(asking("Hello"))]
    assert len(deltas) > 3
    assert "".join(delta.text for delta in deltas) == CHAT
    reply = deltas[-1].reply
    assert reply is not None
    assert (reply.model, client.model, reply.finish_reason) == ("scripted", "scripted", "stop")
    assert reply.usage is not None
    assert reply.usage.prompt_tokens > reply.usage.completion_tokens > 3
    assert reply.usage.usd == 0.0


async def test_a_tool_call_and_its_result(llama_server: str) -> None:
    client = resolve_model(llama_server, environ={}).client
    question = Message("user", "What will the weather be?")
    asked = await complete(client, ModelRequest((question,), tools=(WEATHER,)))
    (call,) = asked.tool_calls
    assert call == ToolCall(call.id, "get_weather", '{"city": "Paris", "days": 3}')
    answered = Message("tool", "rain", tool_results=(ToolResult(call.id, "rain"),))
    history = (question, Message("assistant", None, tool_calls=asked.tool_calls), answered)
    assert (await complete(client, ModelRequest(history, tools=(WEATHER,)))).text == TOOL_DONE


async def slots_that_stopped_early(base_url: str) -> int:
    """Count the server's places whose last answer was broken off, once all of them are idle."""
    async with httpx2.AsyncClient() as http:
        while True:
            slots = (await http.get(f"{base_url.removesuffix('/v1')}/slots")).json()
            if not any(slot["is_processing"] for slot in slots):
                return sum(slot["next_token"][0]["has_next_token"] for slot in slots if "next_token" in slot)


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_a_cancelled_stream_stops_the_server_in_mid_answer(llama_server: str, api: str) -> None:
    client = ChatCompletionsClient("scripted", base_url=llama_server, api=api)  # type: ignore[arg-type]
    await asyncio.gather(*(complete(client, asking("Hello")) for _ in range(2)))
    assert await asyncio.wait_for(slots_that_stopped_early(llama_server), 60) == 0
    began = asyncio.Event()

    async def read() -> None:
        async for _ in client.stream(asking("Count to 400.")):
            began.set()

    task = asyncio.create_task(read())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.wait_for(slots_that_stopped_early(llama_server), 60) == 1


async def test_one_client_serves_several_loops(llama_server: str) -> None:
    client = resolve_model(llama_server, environ={}).client
    for _ in range(3):
        reply = await asyncio.to_thread(lambda: asyncio.run(complete(client, asking("Hello"))))
        assert reply.text == CHAT


@pytest.fixture(scope="module")
def locked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_llama_server(tmp_path_factory.mktemp("locked"), api_keys=(KEY,)) as base_url:
        yield base_url


async def test_a_server_with_a_key_lets_in_only_with_it(locked_server: str) -> None:
    url = locked_server
    right = resolve_model({"model": "scripted", "base_url": url, "api_key": KEY}, environ={}).client
    assert (await complete(right, asking("Hello"))).text == CHAT
    wrong = resolve_model({"model": "scripted", "base_url": url, "api_key": "sk-wrong-9876543210"}, environ={}).client
    with pytest.raises(ModelError) as caught:
        await complete(wrong, asking("Hello"))
    assert "(401)" in str(caught.value)
    assert 'The key came from "api_key" of llm_config' in str(caught.value)
    assert "sk-wrong" not in str(caught.value)
    with pytest.raises(ModelError, match="No key was sent"):
        await complete(resolve_model(f"{url}#scripted", environ={}).client, asking("Hello"))


async def test_a_chat_that_outgrows_a_real_server_goes_on(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_llama_server(tmp_path_factory.mktemp("small"), context=512) as base_url:
        client = resolve_model(base_url, environ={}).client
        with pytest.raises(ContextLengthError, match="longer than the model can read"):
            await complete(client, asking("Hello " * 2000))
        bot = AssistantAgent("bot", "", llm_config=client)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, default_auto_reply="Hello " * 40)
        room = Room()
        result = await room.chat(user, bot, message="Hello", max_turns=10)
        assert len(result.chat_history) == 20
        assert {message["content"] for message in result.chat_history if message["name"] == "bot"} == {CHAT}
        assert [event.text for event in room.events if isinstance(event, Noticed)]
