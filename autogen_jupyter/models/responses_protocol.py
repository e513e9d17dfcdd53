"""Requests and answers as the Responses API writes them, without leaving the conversation with the server."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import openai

from ..context import current
from ..events import Noticed
from .base import ModelRequest
from .chat_protocol import whole_answer
from .endpoint import Endpoint
from .failures import UnusableAnswerError, text_in
from .options import as_written, split_options
from .responses_assembler import ResponsesAssembler
from .responses_wire import to_items, to_options, to_tools
from .wire import to_wire

__all__ = ["ResponsesProtocol"]

_ENCRYPTED = "reasoning.encrypted_content"
_REMEMBERED = 1000
"""Tool calls whose reasoning is kept."""


@dataclass
class ResponsesProtocol:
    """The protocol that OpenAI's newer models want for tools. Every request carries the whole history; the server stores nothing.

    What a model thought before it called a tool comes encrypted and goes back with the call's result. It is kept here and not in the
    messages: no other model could read it, and a conversation goes on without it.
    """

    endpoint: Endpoint
    _refused: set[str] = field(default_factory=set, init=False)
    _told: set[str] = field(default_factory=set, init=False)
    _reasoning: OrderedDict[str, list[dict[str, Any]]] = field(default_factory=OrderedDict, init=False)

    @property
    def path(self) -> str:
        """Where requests go, below the base address."""
        return "responses"

    def body(self, model: str, request: ModelRequest, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of the request."""
        known, other = split_options({**options, **request.options})
        other.pop("send_names", None)  # this protocol has no names, so that the text says who speaks
        instructions, items = to_items(to_wire(request.messages, names_in_text=request.name_speakers), self._recall)
        made, missing = to_options(known)
        self._say_missing(missing)
        body = {"store": False, **made, "model": model, "input": items, "stream": True}
        if _ENCRYPTED not in self._refused and not body["store"]:
            body["include"] = [_ENCRYPTED]
        if instructions:
            body["instructions"] = instructions
        if tools := to_tools([*known.get("tools", ()), *request.tools]):
            body["tools"] = tools
        if other:
            body["extra_body"] = {**other, **known.get("extra_body", {})}
        return body

    async def start(self, sdk: openai.AsyncOpenAI, body: Mapping[str, Any]) -> openai.AsyncStream[Any]:
        """Send the request."""
        return await sdk.responses.create(**as_written(body, "input", "tools"))  # type: ignore[no-any-return]

    def adapts_to(self, error: openai.APIStatusError, body: Mapping[str, Any]) -> bool:
        """Leave the encrypted reasoning out for a model that has none; say whether the request is worth repeating."""
        said = f"{error.message} {error.body}".lower()
        if error.status_code not in (400, 422) or "include" not in body or not ("encrypted" in said or "'include'" in said):
            return False
        self._refused.add(_ENCRYPTED)
        self._reasoning.clear()
        return True

    def assembler(self, model: str) -> ResponsesAssembler:
        """Return what puts one answer together."""
        return ResponsesAssembler(model)

    async def pieces(self, stream: openai.AsyncStream[Any]) -> AsyncGenerator[Any, None]:
        """Yield the events of an answer, whether it is streamed or not.

        Raises:
            UnusableAnswerError: there is something else in its place.
        """
        found = await whole_answer(stream)
        if found is None:
            async for event in stream:
                yield event
        elif found.get("output"):
            yield _Completed(found)
        else:
            raise UnusableAnswerError(f"answered with an error instead of a reply: {text_in(found)}", may_retry=True)

    def remember(self, assembler: ResponsesAssembler) -> None:
        """Keep what the model thought before it called tools."""
        calls = assembler.reply().tool_calls
        if calls and assembler.reasoning_items:
            self._reasoning[calls[0].id] = assembler.reasoning_items
            if len(self._reasoning) > _REMEMBERED:
                self._reasoning.popitem(last=False)

    def _recall(self, call_ids: Sequence[str]) -> list[dict[str, Any]]:
        return self._reasoning.get(call_ids[0], []) if call_ids else []

    def _say_missing(self, missing: Sequence[str]) -> None:
        new = sorted(set(missing) - self._told)
        self._told.update(new)
        if new:
            names = ", ".join(new)
            text = (
                f'Not sent to {self.endpoint.host}: {names}. The Responses protocol has no such option; "api": "chat" uses the other one.'
            )
            current().emit(Noticed(text, "warning"))


@dataclass(frozen=True)
class _Completed:
    """A whole answer, in the form of a stream's last event."""

    response: Mapping[str, Any]
    type: str = "response.completed"
