"""One question to one model and its answer: the right protocol, retries that are seen, and no paid word lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

import openai

from ..context import current
from ..errors import AnswerBrokenError, ModelError
from ..events import Noticed
from .base import ModelDelta, ModelReply, ModelRequest, Usage
from .endings import empty_notice, is_empty, notice_of, withheld
from .endpoint import Endpoint
from .failures import Failure, UnusableAnswerError
from .model_names import NOT_CHAT
from .patience import Patience, Timeouts
from .prices import Price, counted
from .protocols import Api, Protocols, WireProtocol
from .raw import RawExchange, record
from .retries import Retries
from .sdk import LIBRARY_ERRORS, Connections, list_models

__all__ = ["Exchange"]


@dataclass
class _Attempt:
    """One request, and what has come of it."""

    patience: Patience
    assembler: Any = None
    streamed: int = 0
    request_id: str = ""
    raw: RawExchange | None = None


@dataclass
class _Tries:
    """What one question has taken so far."""

    retries: int = 0
    restarts: int = 0
    spent: Usage | None = None
    """By answers that were thrown away: they were paid for."""


@dataclass
class Exchange:
    """Ask one model at one endpoint."""

    model: str
    connections: Connections
    options: Mapping[str, Any]
    price: Price | None = None
    api: Api = "auto"
    retries: Retries = field(default_factory=Retries)
    timeouts: Timeouts = field(default_factory=Timeouts)

    def __post_init__(self) -> None:
        self._protocols = Protocols(self.endpoint, self.api)

    @property
    def endpoint(self) -> Endpoint:
        return self.connections.endpoint

    def payload(self, request: ModelRequest) -> tuple[str, dict[str, Any]]:
        """Return where a request would go, and its body as it would be sent."""
        protocol = self._protocols.for_model(self.model)
        return self._wire(protocol, protocol.body(self.model or "(what the server has)", request, self.options))

    def _wire(self, protocol: WireProtocol, body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The library puts ``extra_body`` into the body, and sends ``extra_headers`` and ``extra_query`` beside it."""
        sent = {name: value for name, value in body.items() if not name.startswith("extra_")}
        return f"{self.endpoint.address.rstrip('/')}/{protocol.path}", {**sent, **(body.get("extra_body") or {})}

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Answer piece by piece; the last delta carries the reply."""
        sdk = self.connections.open()
        await self._settle_model(sdk)
        tries = _Tries()
        while True:
            attempt, failed = _Attempt(Patience(self.timeouts)), None
            try:
                async with aclosing(self._attempt(sdk, request, attempt)) as deltas:
                    async for delta in deltas:
                        yield delta
            except LIBRARY_ERRORS as error:
                failed = self._failure(error, attempt)
                _note(attempt.raw, failed)
            # Errors are raised out here, where Python does not hang one that may quote the key onto them.
            if failed is None:
                reply = await self._reply(attempt, tries)
                if not await self._asks_again(reply, tries):
                    yield ModelDelta(reply=self._checked(reply))
                    return
            elif attempt.streamed:
                yield ModelDelta(broken=await self._restart(failed, attempt, tries))
            else:
                await self._retry(failed, sdk, tries)

    async def _attempt(self, sdk: openai.AsyncOpenAI, request: ModelRequest, attempt: _Attempt) -> AsyncGenerator[ModelDelta, None]:
        protocol, stream = await self._start(sdk, request, attempt)
        attempt.assembler = assembler = protocol.assembler(self.model)
        attempt.request_id = stream.response.headers.get("x-request-id", "")
        kept = attempt.raw.pieces if attempt.raw is not None else []
        if attempt.raw is not None:
            attempt.raw.status, attempt.raw.request_id = stream.response.status_code, attempt.request_id
        async with stream, aclosing(protocol.pieces(stream)) as pieces:
            while True:
                try:
                    piece = await attempt.patience.wait(anext(pieces), has_begun=attempt.streamed > 0)
                except StopAsyncIteration:
                    break
                kept.append(piece)
                delta = assembler.feed(piece)
                if delta is not None:
                    attempt.streamed += len(delta.text) + len(delta.reasoning)
                    yield delta
        if not assembler.has_begun:
            advice = f"Try again; if it stays so, check the address {self.endpoint.address}"
            raise UnusableAnswerError("ended its answer before it began", advice, may_retry=True)
        if not assembler.is_complete:
            attempt.streamed = attempt.streamed or 1
            raise UnusableAnswerError(f"ended its answer in the middle, after {attempt.streamed} characters", may_retry=True)
        protocol.remember(assembler)

    async def _start(
        self, sdk: openai.AsyncOpenAI, request: ModelRequest, attempt: _Attempt
    ) -> tuple[WireProtocol, openai.AsyncStream[Any]]:
        """Send the request. What the server asks for in a refusal and we can do (another protocol, a parameter less) is done at once."""
        while True:
            protocol = self._protocols.for_model(self.model)
            body = protocol.body(self.model, request, self.options)
            attempt.raw = record(*self._wire(protocol, body))
            try:
                stream = await attempt.patience.wait(protocol.start(sdk, body), has_begun=False)
            except openai.APIStatusError as error:
                _note(attempt.raw, self._failure(error, attempt))
                if not (protocol.adapts_to(error, body) or self._protocols.switches(self.model, error)):
                    raise
            else:
                self._protocols.settle(self.model)
                return protocol, stream

    async def _retry(self, failed: Failure, sdk: openai.AsyncOpenAI, tries: _Tries) -> None:
        """Wait until the request may be made again, and say so.

        Raises:
            ModelError: it may not.
        """
        wait = self.retries.wait(tries.retries, failed.headers)
        if tries.retries >= self.retries.most or not failed.may_retry or wait > self.retries.patience:
            raise failed.explained(await self._offered(sdk) if failed.status == 404 else ())
        tries.retries += 1
        which = f"retry {tries.retries} of {self.retries.most}"
        self._notice(f"{failed.what_happened()} Trying again in {_seconds(wait)} ({which}).")
        await asyncio.sleep(wait)

    async def _restart(self, failed: Failure, attempt: _Attempt, tries: _Tries) -> str:
        """Decide whether an answer that broke off is asked for again; return what to say about it.

        Raises:
            AnswerBrokenError: it is not.
        """
        if tries.restarts or not self.retries.most or not failed.may_retry:
            error = failed.explained()
            if isinstance(error, AnswerBrokenError):
                error.partial = attempt.assembler.reply().text
            raise error
        tries.restarts += 1
        await asyncio.sleep(self.retries.wait(0, {}))
        return self.endpoint.hide_key(f"{failed.what_happened()} What came is kept above; the model is asked once more.")

    async def _asks_again(self, reply: ModelReply, tries: _Tries) -> bool:
        """Say whether an answer is empty for no reason, so that it is asked for again."""
        if not is_empty(reply) or reply.finish_reason in ("length", "content_filter") or tries.retries >= self.retries.most:
            return False
        tries.retries, tries.spent = self.retries.most, reply.usage  # once is enough
        self._notice(f"{self.endpoint.host} sent an empty answer. Trying again.")
        return True

    def _checked(self, reply: ModelReply) -> ModelReply:
        """Say what the person should know about how the answer ended."""
        if withheld(reply):
            raise self._error(
                f"withheld the answer of {reply.model!r}: its content filter stepped in. "
                "Put the request into other words, or choose another model with -m MODEL."
            )
        notice = empty_notice(reply) if is_empty(reply) else notice_of(reply)
        if notice:
            self._notice(notice)
        return reply

    async def _reply(self, attempt: _Attempt, tries: _Tries) -> ModelReply:
        assembler = attempt.assembler
        usage = None
        if assembler.usage is not None:
            usage = await counted(assembler.usage, model=assembler.model, endpoint=self.endpoint, price=self.price)
        reply: ModelReply = assembler.reply(usage if tries.spent is None else _sum(tries.spent, usage))
        return reply

    async def offers(self) -> list[dict[str, Any]]:
        """Return the models that the server lists."""
        failed = None
        try:
            page = await asyncio.wait_for(self.connections.open().models.list(timeout=10), 10)
        except LIBRARY_ERRORS as error:
            failed = self._failure(error, _Attempt(Patience(self.timeouts)))
        if failed is not None:
            raise failed.explained()
        found = getattr(page, "data", None)
        return [entry.model_dump() for entry in found or () if hasattr(entry, "model_dump")]

    async def _settle_model(self, sdk: openai.AsyncOpenAI) -> None:
        """Ask the server which model it has, where none was named."""
        if self.model:
            return
        failed = None
        try:
            found = await list_models(sdk, seconds=10)
        except LIBRARY_ERRORS as error:
            failed = self._failure(error, _Attempt(Patience(self.timeouts)))
        if failed is not None:
            raise failed.explained()
        chat = [name for name in found if not any(word in name.lower() for word in NOT_CHAT)]
        if len(chat) != 1:
            raise self._error(_choose(chat, self.endpoint.address))
        self.model = chat[0]

    async def _offered(self, sdk: openai.AsyncOpenAI) -> Sequence[str]:
        try:
            return await list_models(sdk)
        except LIBRARY_ERRORS:
            return ()

    def _failure(self, error: Exception, attempt: _Attempt) -> Failure:
        return Failure(error, self.endpoint, self.model, self.connections.timeout, attempt.streamed, attempt.request_id)

    def _notice(self, text: str) -> None:
        current().emit(Noticed(self.endpoint.hide_key(text), "warning"))

    def _error(self, said: str) -> ModelError:
        return ModelError(self.endpoint.hide_key(f"{self.endpoint.host} {said}"))


def _note(raw: RawExchange | None, failed: Failure) -> None:
    if raw is not None:
        raw.status, raw.error = failed.status or raw.status, failed.endpoint.hide_key(failed.what_happened())


def _seconds(wait: float) -> str:
    return f"{wait:.1f} s" if wait < 10 else f"{wait:.0f} s"


def _sum(spent: Usage, usage: Usage | None) -> Usage:
    if usage is None:
        return replace(spent, usd=None)
    return Usage(
        spent.prompt_tokens + usage.prompt_tokens,
        spent.completion_tokens + usage.completion_tokens,
        None if spent.usd is None or usage.usd is None else spent.usd + usage.usd,
        cached_tokens=spent.cached_tokens + usage.cached_tokens,
        reasoning_tokens=spent.reasoning_tokens + usage.reasoning_tokens,
    )


def _choose(models: Sequence[str], base_url: str) -> str:
    if not models:
        return f'lists no model. Name one: -m "{base_url}#MODEL".'
    lines = "".join(f'\n    -m "{base_url}#{name}"' for name in models[:12])
    more = f"\n    … and {len(models) - 12} more" if len(models) > 12 else ""
    return f"has {len(models)} models. Choose one:{lines}{more}"
