"""A cache in front of a model: what was answered before is replayed as a stream, and equal requests at once are asked once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

from ..messages import ToolCall
from .base import ModelClient, ModelDelta, ModelReply, ModelRequest, Usage
from .cache import Cache
from .cache_key import request_key
from .wrapped import WrappedClient, asking

__all__ = ["CachedClient"]

_PIECE = 64
"""Characters of a replayed answer that come at once."""
_flights: dict[tuple[asyncio.AbstractEventLoop, int, str], asyncio.Event] = {}
"""Requests that are being asked now; who has the same request waits for the event."""


class CachedClient(WrappedClient):
    """Answers from a cache where it can, and from a model where it cannot.

    Only whole answers are kept: no errors, no answers that were cut off, no empty ones.

    Example:
        >>> from autogen_jupyter.models import Cache, ScriptedModel
        >>> CachedClient(ScriptedModel(["Hello"]), Cache.in_memory()).model
        'scripted'
    """

    def __init__(self, inner: ModelClient, cache: Cache) -> None:
        super().__init__(inner)
        self.cache = cache

    def __repr__(self) -> str:
        return f"CachedClient({self.inner!r}, {self.cache!r})"

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Answer as the model did before, or as it does now.

        Raises:
            ModelError: it was not answered before, and the model fails.
        """
        key = request_key(self.inner, request)
        if key is None:
            async for delta in self._asked(request, None):
                yield delta
            return
        flight = (asyncio.get_running_loop(), id(self.cache.store), key)
        while True:
            stored = _reply(await self.cache.fetch(key))
            if stored is not None:
                for delta in _pieces(stored):
                    yield delta
                    await asyncio.sleep(0)
                return
            if flight not in _flights:
                break
            await _flights[flight].wait()
        _flights[flight] = asyncio.Event()
        try:
            async with aclosing(self._asked(request, key)) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            _flights.pop(flight).set()

    async def _asked(self, request: ModelRequest, key: str | None) -> AsyncGenerator[ModelDelta, None]:
        async with asking(self.inner, request) as deltas:
            async for delta in deltas:
                if key is not None and delta.reply is not None and _is_whole(delta.reply):
                    await self.cache.keep(key, _as_json(delta.reply))
                yield delta


def _is_whole(reply: ModelReply) -> bool:
    """A stream that ended without saying why may have been cut off, and a cut-off answer must not come again and again."""
    return bool(reply.text or reply.tool_calls) and reply.finish_reason not in (None, "length", "content_filter") and not reply.cached


def _pieces(reply: ModelReply) -> Iterator[ModelDelta]:
    for at in range(0, len(reply.reasoning), _PIECE):
        yield ModelDelta(reasoning=reply.reasoning[at : at + _PIECE])
    for at in range(0, len(reply.text), _PIECE):
        yield ModelDelta(text=reply.text[at : at + _PIECE])
    yield ModelDelta(reply=reply)


def _as_json(reply: ModelReply) -> dict[str, Any]:
    usage = reply.usage
    return {
        "text": reply.text,
        "model": reply.model,
        "calls": [[call.id, call.name, call.arguments] for call in reply.tool_calls],
        "reasoning": reply.reasoning,
        "refusal": reply.refusal,
        "finish": reply.finish_reason,
        "usage": [usage.prompt_tokens, usage.completion_tokens, usage.usd] if usage else None,
    }


def _reply(stored: Any) -> ModelReply | None:
    """Return a stored answer; None where it is not of the form we write, whoever wrote it."""
    if not isinstance(stored, Mapping):
        return None
    try:
        usage = stored["usage"]
        reply = ModelReply(
            str(stored["text"]),
            str(stored["model"]),
            tuple(ToolCall(str(call_id), str(name), str(arguments)) for call_id, name, arguments in stored["calls"]),
            str(stored["reasoning"]),
            str(stored["refusal"]),
            cast("str | None", stored["finish"]),
            cached=True,
        )
        if usage is None:
            return reply
        return replace(reply, usage=Usage(int(usage[0]), int(usage[1]), 0.0, saved_usd=None if usage[2] is None else float(usage[2])))
    except (KeyError, TypeError, ValueError, IndexError):
        return None
