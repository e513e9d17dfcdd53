"""A model server as a function: both protocols, and the dialects of Chat Completions that servers speak."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2

from ..models.endpoints import chunk, sse
from .scripted_gguf import CHAT, TOOL_DONE, TYPED

CALL = {"name": "get_weather", "arguments": '{"city": "Paris", "days": 3}'}
USAGE = {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42}
CASSETTES = Path(__file__).parent.parent / "models" / "cassettes"
Dialect = Callable[[list[dict[str, Any]]], Any]


def kind_of(body: dict[str, Any]) -> str:
    """Say which answer a request asks for, in either protocol."""
    last = (body.get("messages") or body.get("input"))[-1]
    said = str(last.get("content") or "").lower()
    if last.get("role") == "tool" or last.get("type") == "function_call_output":
        return "tool_done"
    if body.get("tools") and "weather" in said:
        return "tool_call"
    return "typed" if "as json" in said else "text"


def _pieces(text: str) -> Iterator[dict[str, Any]]:
    for at in range(0, len(text), 7):
        yield chunk(content=text[at : at + 7])


def _by_the_book(kind: str) -> list[dict[str, Any]]:
    end = [chunk(finish="tool_calls" if kind == "tool_call" else "stop"), {**chunk(usage=USAGE), "choices": []}]
    if kind == "tool_call":
        half = len(CALL["arguments"]) // 2
        first = {"index": 0, "id": "call_a", "type": "function", "function": {"name": CALL["name"], "arguments": ""}}
        rest = [{"index": 0, "function": {"arguments": part}} for part in (CALL["arguments"][:half], CALL["arguments"][half:])]
        return [*(chunk(tool_calls=[call]) for call in (first, *rest)), *end]
    return [*_pieces({"text": CHAT, "tool_done": TOOL_DONE, "typed": TYPED}[kind]), *end]


def _calls(chunks: list[dict[str, Any]], change: Callable[[dict[str, Any]], Any]) -> list[dict[str, Any]]:
    for one in chunks:
        for choice in one["choices"]:
            for call in choice["delta"].get("tool_calls", ()):
                change(call)
    return chunks


def _in_one(chunks: list[dict[str, Any]], **call: Any) -> list[dict[str, Any]]:
    """Say the whole call in one chunk."""
    if not any(choice["delta"].get("tool_calls") for one in chunks for choice in one["choices"]):
        return chunks
    return [chunk(tool_calls=[{"type": "function", "function": dict(CALL), **call}]), *chunks[-2:]]


def _finish(chunks: list[dict[str, Any]], reason: str | None) -> list[dict[str, Any]]:
    chunks[-2]["choices"][0]["finish_reason"] = reason
    return chunks


def _usage_at_the_end(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*chunks[:-2], {**chunks[-2], "usage": USAGE}]


def _at_once(chunks: list[dict[str, Any]]) -> httpx2.Response:
    deltas = [choice["delta"] for one in chunks for choice in one["choices"]]
    message: dict[str, Any] = {"role": "assistant", "content": "".join(delta.get("content") or "" for delta in deltas)}
    if any(delta.get("tool_calls") for delta in deltas):
        message["tool_calls"] = [{"id": "call_a", "type": "function", "function": CALL}]
    return httpx2.Response(
        200, json={"id": "x", "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": USAGE}
    )


def _with_comments(chunks: list[dict[str, Any]]) -> httpx2.Response:
    content = b": OPENROUTER PROCESSING\n\n" + sse(chunks, done=False)
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=content)


DIALECTS: dict[str, Dialect] = {
    "by the book": lambda chunks: chunks,
    "no index": lambda chunks: _in_one(chunks, id="call_a"),
    "no index and no id": _in_one,
    "arguments as an object": lambda chunks: _in_one(chunks, index=0, function={**CALL, "arguments": json.loads(CALL["arguments"])}),
    "the id in every chunk": lambda chunks: _calls(chunks, lambda call: call.update(id="call_a")),
    "arguments null at first": lambda chunks: _calls(
        chunks, lambda call: call["function"].update(arguments=call["function"]["arguments"] or None)
    ),
    "finish says stop": lambda chunks: _finish(chunks, "stop"),
    "finish says nothing": lambda chunks: _finish(chunks, None),
    "usage with the last choice": _usage_at_the_end,
    "not streamed": _at_once,
    "comments, and no DONE": _with_comments,
    "thinks first": lambda chunks: [chunk(reasoning_content="Hm. "), *chunks],
    "thinks first, the other way": lambda chunks: [chunk(reasoning="Hm. "), *chunks],
}


def speaking(dialect: Dialect) -> Callable[[httpx2.Request], httpx2.Response]:
    """Return a server that speaks a dialect of Chat Completions."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        made = dialect(_by_the_book(kind_of(json.loads(request.content))))
        if isinstance(made, httpx2.Response):
            return made
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=sse(made))

    return answer


PATHS = {"chat": "/chat/completions", "responses": "/responses"}
Answering = Callable[[httpx2.Request], httpx2.Response]


def playing(protocol: str, requests: list[dict[str, Any]] | None = None, *, folder: str = "") -> Answering:
    """Return a server that plays the answers in ``cassettes``, or in a folder of it, and notes what it was asked."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path.endswith(PATHS[protocol])
        body = json.loads(request.content)
        if requests is not None:
            requests.append(body)
        return cassette(protocol, kind_of(body), folder=folder)

    return answer


def cassette(protocol: str, name: str, *, folder: str = "") -> httpx2.Response:
    content = (CASSETTES / folder / protocol / f"{name}.sse").read_bytes()
    return httpx2.Response(200, headers={"content-type": "text/event-stream; charset=utf-8", "x-request-id": "req_9"}, content=content)
