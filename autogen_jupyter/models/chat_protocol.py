"""Requests and answers as Chat Completions writes them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from types import MethodType
from typing import Any

import openai
from openai.types.chat import ChatCompletionChunk

from .assembler import Assembler
from .base import ModelRequest
from .endpoint import Endpoint
from .failures import UnusableAnswerError, text_in
from .options import as_written, split_options
from .wire import to_wire

__all__ = ["ChatProtocol", "whole_answer"]


@dataclass
class ChatProtocol:
    """The protocol that nearly every server speaks."""

    endpoint: Endpoint
    _refused: set[str] = field(default_factory=set, init=False)
    """Parameters of ours that this server does not take."""

    @property
    def path(self) -> str:
        """Where requests go, below the base address."""
        return "chat/completions"

    def body(self, model: str, request: ModelRequest, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of the request."""
        known, other = split_options({**options, **request.options})
        messages = self._messages(request, other.pop("send_names", None), older="functions" in known)
        body = known | {"model": model, "messages": messages, "stream": True}
        if tools := [*known.get("tools", ()), *request.tools]:
            body["tools"] = tools
        if other:
            body["extra_body"] = {**other, **known.get("extra_body", {})}
        if "stream_options" not in self._refused:
            body["stream_options"] = {"include_usage": True}
        if "max_tokens" in body and (self.endpoint.is_openai or "max_tokens" in self._refused):
            body.setdefault("max_completion_tokens", body.pop("max_tokens"))  # its new name, which most other servers do not know
        return body

    async def start(self, sdk: openai.AsyncOpenAI, body: Mapping[str, Any]) -> openai.AsyncStream[Any]:
        """Send the request. The library reads the stream and leaves its chunks as they are: objects of them take most of the time.

        Whoever instruments the library expects the objects, and gets them.
        """
        given = as_written(body, "messages", "tools")
        if _is_instrumented(sdk.chat.completions.create):
            return await sdk.chat.completions.create(**given)  # type: ignore[no-any-return]
        answer = await sdk.chat.completions.with_raw_response.create(**given)
        return answer.parse(to=openai.AsyncStream[object])  # type: ignore[no-any-return]

    def adapts_to(self, error: openai.APIStatusError, body: Mapping[str, Any]) -> bool:
        """Leave out from now on what the error complains about, if we can do without it; say whether the request is worth repeating."""
        named = _refused_parameter(error, body)
        if named is None:
            return False
        self._refused.add(named)
        return True

    def assembler(self, model: str) -> Assembler:
        """Return what puts one answer together."""
        return Assembler(model)

    async def pieces(self, stream: openai.AsyncStream[Any]) -> AsyncGenerator[ChatCompletionChunk | dict[str, Any], None]:
        """Yield the chunks of an answer, as the server wrote them; one that is not streamed is a single chunk.

        Raises:
            UnusableAnswerError: there is something else in its place.
        """
        found = await whole_answer(stream)
        if found is not None:
            yield _as_chunk(found)
            return
        async for chunk in stream:
            said = _error_in(chunk)
            if said:
                raise UnusableAnswerError(f"reported an error while answering: {said}", may_retry=True)
            yield chunk

    def remember(self, assembler: Assembler) -> None:
        """There is nothing to keep for the next request."""

    def _messages(self, request: ModelRequest, send_names: bool | None, *, older: bool) -> list[dict[str, Any]]:
        """OpenAI's models heed the name field; other servers refuse it or drop it unseen, so there the text says who speaks."""
        if send_names is None:
            send_names = request.name_speakers and self.endpoint.is_openai
        names_in_text = request.name_speakers and not send_names
        return to_wire(request.messages, send_names=send_names, names_in_text=names_in_text, older=older)


async def whole_answer(stream: openai.AsyncStream[Any]) -> dict[str, Any] | None:
    """Return what came instead of a stream: a whole reply from a server that cannot stream, or an error. None: it is a stream.

    Raises:
        UnusableAnswerError: it is not even JSON.
    """
    kind = stream.response.headers.get("content-type", "")
    if "json" not in kind and "html" not in kind:
        return None
    text = (await stream.response.aread()).decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except ValueError:
        address = stream.response.request.url.copy_with(query=None)
        advice = f"A login page or a proxy may stand in between, or this is not the API's address (it usually ends in /v1): {address}"
        raise UnusableAnswerError(f"answered with {text_in(text)} ({kind}) instead of a reply", advice) from None
    return found if isinstance(found, dict) else {"error": found}


def _as_chunk(found: Mapping[str, Any]) -> ChatCompletionChunk:
    if not found.get("choices"):
        raise UnusableAnswerError(f"answered with an error instead of a reply: {text_in(found)}", may_retry=True)
    choices = [{**choice, "delta": choice.get("message")} for choice in found["choices"]]
    return ChatCompletionChunk.construct(**{**found, "choices": choices})


def _is_instrumented(method: Any) -> bool:
    """Say whether somebody put a function of theirs in the place of this method of the library."""
    return type(method) is not MethodType or not method.__func__.__globals__["__name__"].startswith("openai.")


def _error_in(chunk: Any) -> str:
    """Return the text of a chunk that is an error without saying so."""
    if isinstance(chunk, ChatCompletionChunk):
        chunk = {"choices": chunk.choices, "usage": chunk.usage, **(chunk.model_extra or {})}
    if not isinstance(chunk, dict):
        return text_in(chunk) or repr(chunk)
    if chunk.get("choices") or chunk.get("usage"):
        return ""
    return text_in({key: chunk[key] for key in ("message", "detail") if key in chunk})


def _refused_parameter(error: openai.APIStatusError, body: Mapping[str, Any]) -> str | None:
    """Name the parameter that a 400 or 422 complains about, if we can do without it."""
    if error.status_code not in (400, 422):
        return None
    said = f"{error.message} {error.body}"
    if "stream_options" in said or "include_usage" in said:
        return "stream_options" if "stream_options" in body else None
    return "max_tokens" if "max_completion_tokens" in said and "max_tokens" in body else None
