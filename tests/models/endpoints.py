"""Servers that exist only as a function from request to response, and the chunks they send."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx2

from autogen_jupyter.messages import Message
from autogen_jupyter.models import ChatCompletionsClient, ModelRequest

KEY = "sk-proj-0123456789abcdef"
URL = "https://models.example/v1"
HI = ModelRequest((Message("user", "hi", sender="user"),))


def chunk(*, finish: str | None = None, usage: Any = None, **delta: Any) -> dict[str, Any]:
    """Return one chunk of a stream; keywords make its delta."""
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "served-model",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        "usage": usage,
    }


def sse(chunks: Iterable[Any], *, done: bool = True) -> bytes:
    """Return chunks as an event stream."""
    lines = [b"data: " + json.dumps(one).encode() for one in chunks]
    return b"".join(line + b"\n\n" for line in lines) + (b"data: [DONE]\n\n" if done else b"")


def streaming(*chunks: Any, done: bool = True) -> httpx2.Response:
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=sse(chunks, done=done))


class Endpoint:
    """A server that answers with prepared responses, the last one again and again, and keeps the requests."""

    def __init__(self, *answers: httpx2.Response | Callable[[httpx2.Request], httpx2.Response]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request) if callable(answer) else answer

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests if request.content]

    def client(self, model: str = "my-model", **options: Any) -> ChatCompletionsClient:
        given = {"base_url": URL, "api_key": KEY, "key_source": "MY_KEY", "max_retries": 0} | options
        return ChatCompletionsClient(model, transport=httpx2.MockTransport(self), **given)
