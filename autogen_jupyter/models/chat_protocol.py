"""One streamed exchange over Chat Completions, and everything that can come instead of an answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import openai
from openai.types.chat import ChatCompletionChunk

from ..errors import ModelError
from .assembler import Assembler
from .base import ModelDelta, ModelReply, ModelRequest
from .endpoint import Endpoint
from .failures import Failure, text_in
from .options import split_options
from .prices import Price, counted
from .sdk import LIBRARY_ERRORS, Connections, list_models
from .wire import to_wire

__all__ = ["ChatProtocol"]

_NOT_CHAT = ("embed", "whisper", "rerank", "-tts", "moderation", "dall-e")
"""Parts of the names of models that servers list and that cannot chat."""


@dataclass
class ChatProtocol:
    """Ask one model at one endpoint."""

    model: str
    connections: Connections
    options: Mapping[str, Any]
    price: Price | None
    _refused: set[str] = field(default_factory=set, init=False)
    """Parameters of ours that this server does not take."""

    @property
    def endpoint(self) -> Endpoint:
        return self.connections.endpoint

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Answer piece by piece; the last delta carries the reply."""
        sdk = self.connections.open()
        await self._settle_model(sdk)
        assembler, failed, streamed = Assembler(self.model), None, 0
        try:
            async with await self._start(sdk, request) as stream:
                async for chunk in self._chunks(stream):
                    delta = assembler.feed(chunk)
                    if delta is not None:
                        streamed += len(delta.text) + len(delta.reasoning)
                        yield delta
        except LIBRARY_ERRORS as error:
            failed = self._failure(error, streamed)
        if failed is not None:  # raised out here, where Python does not hang an error that may quote the key onto it
            raise failed.explained(await self._offered(sdk) if failed.status == 404 else ())
        if not assembler.has_choices:
            raise self._error("ended its answer before it began. Try again; if it stays so, check the address", self.endpoint.address)
        yield ModelDelta(reply=await self._reply(assembler))

    async def _start(self, sdk: openai.AsyncOpenAI, request: ModelRequest) -> openai.AsyncStream[ChatCompletionChunk]:
        """Send the request; when the server refuses a parameter that we can do without, leave it out and try once more."""
        body = self._body(request)
        try:
            return await sdk.chat.completions.create(**body)  # type: ignore[no-any-return]
        except openai.APIStatusError as error:
            named = _refused_parameter(error, body)
            if named is None:
                raise
            self._refused.add(named)
        return await sdk.chat.completions.create(**self._body(request))  # type: ignore[no-any-return]

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        known, other = split_options({**self.options, **request.options})
        body = known | {"model": self.model, "messages": self._messages(request, other.pop("send_names", None)), "stream": True}
        tools = [*known.get("tools", ()), *request.tools]
        if tools:
            body["tools"] = tools
        if other:
            body["extra_body"] = {**other, **known.get("extra_body", {})}
        if "stream_options" not in self._refused:
            body["stream_options"] = {"include_usage": True}
        if "max_tokens" in body and (self.endpoint.is_openai or "max_tokens" in self._refused):
            body.setdefault("max_completion_tokens", body.pop("max_tokens"))  # its new name, which most other servers do not know
        return body

    def _messages(self, request: ModelRequest, send_names: bool | None) -> list[dict[str, Any]]:
        """OpenAI's models heed the name field; other servers refuse it or drop it unseen, so there the text says who speaks."""
        if send_names is None:
            send_names = request.name_speakers and self.endpoint.is_openai
        return to_wire(request.messages, send_names=send_names, names_in_text=request.name_speakers and not send_names)

    async def _chunks(self, stream: openai.AsyncStream[ChatCompletionChunk]) -> AsyncIterator[ChatCompletionChunk]:
        kind = stream.response.headers.get("content-type", "")
        if "json" in kind or "html" in kind:
            yield self._unstreamed(await stream.response.aread(), kind)
            return
        async for chunk in stream:
            said = _error_in(chunk)
            if said:
                raise self._error("reported an error while answering:", said)
            yield chunk

    def _unstreamed(self, content: bytes, kind: str) -> ChatCompletionChunk:
        """Read an answer that is no stream: a whole reply from a server that cannot stream, an error, or somebody's web page."""
        text = content.decode("utf-8", "replace")
        try:
            found = json.loads(text)
        except ValueError:
            advice = "A login page or a proxy may stand in between, or this is not the API's address (it usually ends in /v1):"
            raise self._error(f"answered with {text_in(text)} ({kind}) instead of a reply. {advice}", self.endpoint.address) from None
        if isinstance(found, dict) and found.get("choices"):
            choices = [{**choice, "delta": choice.get("message")} for choice in found["choices"]]
            return ChatCompletionChunk.construct(**{**found, "choices": choices})
        raise self._error("answered with an error instead of a reply:", text_in(found))

    async def _reply(self, assembler: Assembler) -> ModelReply:
        if assembler.usage is None:
            return assembler.reply()
        # In a thread, because the price list takes a moment to load.
        usage = await asyncio.to_thread(counted, assembler.usage, model=assembler.model, endpoint=self.endpoint, price=self.price)
        return assembler.reply(usage)

    async def _settle_model(self, sdk: openai.AsyncOpenAI) -> None:
        """Ask the server which model it has, where none was named."""
        if self.model:
            return
        failed = None
        try:
            found = await list_models(sdk, seconds=10)
        except LIBRARY_ERRORS as error:
            failed = self._failure(error)
        if failed is not None:
            raise failed.explained()
        chat = [name for name in found if not any(word in name.lower() for word in _NOT_CHAT)]
        if len(chat) != 1:
            raise self._error(_choose(chat, self.endpoint.address))
        self.model = chat[0]

    async def _offered(self, sdk: openai.AsyncOpenAI) -> Sequence[str]:
        try:
            return await list_models(sdk)
        except LIBRARY_ERRORS:
            return ()

    def _failure(self, error: Exception, streamed: int = 0) -> Failure:
        return Failure(error, self.endpoint, self.model, self.connections.timeout, streamed)

    def _error(self, *said: str) -> ModelError:
        return ModelError(self.endpoint.hide_key(" ".join((self.endpoint.host, *said))))


def _error_in(chunk: Any) -> str:
    """Return the text of a chunk that is an error without saying so."""
    if not isinstance(chunk, ChatCompletionChunk):
        return text_in(chunk) or repr(chunk)
    extra = chunk.model_extra or {}
    return "" if chunk.choices or chunk.usage else text_in({key: extra[key] for key in ("message", "detail") if key in extra})


def _choose(models: Sequence[str], base_url: str) -> str:
    if not models:
        return f'lists no model. Name one: -m "{base_url}#MODEL".'
    lines = "".join(f'\n    -m "{base_url}#{name}"' for name in models[:12])
    more = f"\n    … and {len(models) - 12} more" if len(models) > 12 else ""
    return f"has {len(models)} models. Choose one:{lines}{more}"


def _refused_parameter(error: openai.APIStatusError, body: Mapping[str, Any]) -> str | None:
    """Name the parameter that a 400 or 422 complains about, if we can do without it."""
    if error.status_code not in (400, 422):
        return None
    said = f"{error.message} {error.body}"
    if "stream_options" in said or "include_usage" in said:
        return "stream_options" if "stream_options" in body else None
    return "max_tokens" if "max_completion_tokens" in said and "max_tokens" in body else None
