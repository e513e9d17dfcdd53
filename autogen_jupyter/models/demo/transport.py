"""A model without a server: the ordinary ``openai`` client talks to the demo script exactly as to any endpoint."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from math import ceil
from typing import Any

import httpx2

from .brain import reply

__all__ = ["MODEL", "DemoTransport"]

MODEL = "builtin/demo"
_MOST_CHUNKS = 120
_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}

Brain = Callable[[Sequence[Mapping[str, Any]]], str]


class DemoTransport(httpx2.AsyncBaseTransport):
    """Answers Chat Completions requests from the built-in script, streamed or whole; no socket is opened.

    Example:
        >>> http = httpx2.AsyncClient(transport=DemoTransport())
        >>> client = openai.AsyncOpenAI(api_key="none", base_url="http://builtin.invalid/v1", http_client=http)
    """

    def __init__(self, *, brain: Brain = reply, pause: float = 0.005) -> None:
        """Make a transport.

        Args:
            brain: what answers a message history.
            pause: seconds between two streamed chunks, so that streaming can be seen.
        """
        self._brain = brain
        self._pause = pause

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        route = (request.method, request.url.path.rstrip("/").rpartition("/")[2])
        if route == ("GET", "models"):
            return httpx2.Response(200, json={"object": "list", "data": [_model_card()]})
        if route != ("POST", "completions"):
            return _refusal(404, f"The built-in demo model does not know {request.method} {request.url.path}.")
        try:
            body = json.loads(await request.aread())
            messages = body["messages"]
        except (ValueError, KeyError, TypeError):
            return _refusal(400, 'The request body must be a JSON object with "messages".')
        if not isinstance(messages, list):
            return _refusal(400, '"messages" must be a list.')
        # A lone surrogate, which JSON may carry, could not be sent back.
        answer = self._brain(messages).encode("utf-8", "replace").decode()
        if not body.get("stream"):
            return httpx2.Response(200, json=_completion(answer))
        options = body.get("stream_options") or {}
        events = self._events(answer, include_usage=bool(options.get("include_usage")))
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=events)

    async def _events(self, answer: str, *, include_usage: bool) -> AsyncIterator[bytes]:
        frame = _frame("chat.completion.chunk")
        yield _event(frame, choices=[_choice({"role": "assistant", "content": ""})])
        for piece in _pieces(answer):
            await asyncio.sleep(self._pause)
            yield _event(frame, choices=[_choice({"content": piece})])
        yield _event(frame, choices=[_choice({}, finish_reason="stop")])
        if include_usage:
            yield _event(frame, choices=[], usage=_USAGE)
        yield b"data: [DONE]\n\n"


def _pieces(answer: str) -> list[str]:
    """Cut the answer at blanks, into few enough pieces that a long one takes no longer than a second."""
    words = answer.split(" ")
    size = ceil(len(words) / _MOST_CHUNKS)
    groups = [" ".join(words[at : at + size]) for at in range(0, len(words), size)]
    return [group + " " for group in groups[:-1]] + groups[-1:]


def _frame(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-builtin-demo", "object": kind, "created": int(time.time()), "model": MODEL}


def _choice(delta: Mapping[str, str], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _event(frame: Mapping[str, Any], **fields: object) -> bytes:
    return b"data: " + json.dumps({**frame, **fields}, separators=(",", ":")).encode() + b"\n\n"


def _completion(answer: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {**_frame("chat.completion"), "choices": [choice], "usage": _USAGE}


def _model_card() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "autogen_jupyter"}


def _refusal(status: int, text: str) -> httpx2.Response:
    error = {"message": text, "type": "invalid_request_error", "param": None, "code": None}
    return httpx2.Response(status, headers={"x-should-retry": "false"}, json={"error": error})
