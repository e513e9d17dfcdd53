"""One setting put to one row: the prompt filled in, so many answers asked for, and what they took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..messages import Message
from ..models.base import ModelClient, ModelDelta, ModelReply, ModelRequest, complete
from ..models.cache import Cache, active_cache
from ..models.cache_client import CachedClient
from ..models.cache_key import identity, request_key
from ..models.config import resolve_model
from ..models.guarded import guarded
from ..portal import call
from .rows import Row
from .space import OURS

__all__ = ["Asked", "Asker"]


@dataclass(frozen=True)
class Asked:
    """The answers to one row."""

    answers: tuple[str, ...]
    usd: float | None
    """What they cost, or what they cost when they were first made; None where a price is not known."""
    seconds: float | None
    """Until the last of them was there, when they were first made; None where nobody measured it."""


class _Sample:
    """The same model once more: its answers are cached beside those of the other samples, or all samples would be one."""

    def __init__(self, inner: ModelClient, number: int) -> None:
        self.inner = inner
        known = identity(inner)
        self.cache_identity = None if known is None else {"asked": known, "sample": number}

    @property
    def model(self) -> str:
        return self.inner.model

    @property
    def is_language_model(self) -> bool:
        return self.inner.is_language_model

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        return self.inner.stream(request)


class Asker:
    """Asks the models of a search; each is made once.

    Args:
        llm_config: what holds for every model that the space names: address, key, price.
        most: requests at a time.
    """

    def __init__(self, llm_config: Mapping[str, Any] | None, most: int) -> None:
        self._base = dict(llm_config or {})
        self._clients: dict[int | str, ModelClient] = {}
        self._gate = asyncio.Semaphore(most)

    async def ask(self, settings: Mapping[str, Any], row: Row) -> Asked:
        """Return the answers to one row.

        Raises:
            BudgetReached: the budget does not allow it.
            ModelError: the model fails.
        """
        client = self.client(settings.get("model"))
        prompt = await _filled(settings["prompt"], row)
        system = settings.get("system_message")
        first = (Message("system", str(system)),) if system else ()
        options = {name: value for name, value in settings.items() if name not in OURS and value is not None}
        request = ModelRequest((*first, Message("user", prompt)), options=options)
        tasks = [asyncio.ensure_future(self._one(client, number, request)) for number in range(settings.get("n") or 1)]
        try:
            made = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        usd, seconds = [_usd(reply) for reply, _ in made], [took for _, took in made]
        return Asked(
            tuple(reply.text for reply, _ in made), _sum(usd), None if None in seconds else max(filter(None, seconds), default=0.0)
        )

    def client(self, model: Any) -> ModelClient:
        """Return the model that a setting means."""
        key = model if isinstance(model, str) else id(model)
        if key not in self._clients:
            self._clients[key] = self._made(model)
        return self._clients[key]

    def _made(self, model: Any) -> ModelClient:
        if model is not None and not isinstance(model, (str, Mapping)):
            return resolve_model(model).client
        if isinstance(model, str) and not self._base:
            return resolve_model(model).client
        given = {"model": model} if isinstance(model, str) else dict(model or {})
        return resolve_model({**self._base, **given} or None).client

    async def _one(self, client: ModelClient, number: int, request: ModelRequest) -> tuple[ModelReply, float | None]:
        cache = active_cache()
        if isinstance(client, CachedClient):
            cache, client = cache or client.cache, client.inner
        asked: ModelClient = _Sample(client, number) if number else client
        async with self._gate:
            began = time.monotonic()
            reply = await complete(guarded(CachedClient(asked, cache) if cache is not None else asked), request)
            took = time.monotonic() - began
        return reply, await _first_took(cache, asked, request, reply, took)


async def _first_took(cache: Cache | None, client: ModelClient, request: ModelRequest, reply: ModelReply, took: float) -> float | None:
    """Return the seconds that an answer took when it was made; how fast the cache is says nothing about a model."""
    key = request_key(client, request) if cache is not None else None
    if cache is None or key is None:
        return took
    if not reply.cached:
        await cache.keep(f"{key}-seconds", took)
        return took
    known = await cache.fetch(f"{key}-seconds")
    return float(known) if isinstance(known, (int, float)) else None


async def _filled(prompt: Any, row: Row) -> str:
    if callable(prompt):
        return str(await call(prompt, row))
    try:
        return str(prompt).format_map(row)
    except (KeyError, IndexError, ValueError) as error:
        raise UsageError(
            f"The prompt {prompt!r:.80} cannot be filled in: {type(error).__name__} {error}. The row has {', '.join(map(str, row))}; "
            "braces that are meant as such are written twice."
        ) from None


def _usd(reply: ModelReply) -> float | None:
    usage = reply.usage
    if usage is None:
        return None
    return usage.saved_usd if reply.cached else usage.usd


def _sum(amounts: list[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None
