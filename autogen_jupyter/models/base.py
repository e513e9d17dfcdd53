"""The one contract between a conversation and a model: a request goes in, a stream of deltas comes out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..messages import Message, ToolCall

__all__ = ["ModelClient", "ModelDelta", "ModelReply", "ModelRequest", "Usage", "complete"]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a model is asked: the history, seen from the asking agent, with the system message first."""

    messages: Sequence[Message]
    tools: tuple[Mapping[str, Any], ...] = ()
    """Tool schemas as the Chat Completions API writes them."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Sampling options the user set (``temperature``, ``max_tokens``, …). Nothing is sent that is not here."""
    name_speakers: bool = False
    """Whether the model has to be told who said what, because more than one other agent speaks in the history."""
    as_functions: bool = False
    """Whether the tools were given in the older form, as ``functions``. Servers are told of tools, a class of the user's of functions."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them, and what they cost."""

    prompt_tokens: int
    completion_tokens: int
    usd: float | None = None
    """US dollars; None where the price is not known."""
    cached_tokens: int = 0
    """How many of the prompt's tokens the server still had, which makes them cheaper."""
    reasoning_tokens: int = 0
    """How many of the completion's tokens were thinking that is not part of the answer."""
    saved_usd: float | None = None
    """What an answer from the cache cost when it was made; its ``usd`` is 0."""

    @property
    def tokens(self) -> int:
        """Read and written ones; 0 where nobody counted them and only the cost is known."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A whole answer."""

    text: str
    model: str
    tool_calls: tuple[ToolCall, ...] = ()
    reasoning: str = ""
    refusal: str = ""
    finish_reason: str | None = None
    """As the server says it; None when the stream ended without one. Decide by ``tool_calls``, not by this."""
    usage: Usage | None = None
    cached: bool = False
    """Whether it comes from the cache: nobody was asked and nothing was paid."""


@dataclass(frozen=True, slots=True)
class ModelDelta:
    """A piece of an answer. The last delta of a stream carries the whole ``reply``."""

    text: str = ""
    reasoning: str = ""
    reply: ModelReply | None = None
    broken: str = ""
    """Why the answer so far is void: it broke off, and begins anew with the next delta. Empty for every other delta."""


class ModelClient(Protocol):
    """Anything that can answer: an endpoint, a script, a cache in front of either."""

    @property
    def model(self) -> str:
        """The model's name, as shown to people."""
        ...

    @property
    def is_language_model(self) -> bool:
        """False for the built-in demo model and for scripts."""
        ...

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Answer piece by piece; leaving the iteration early closes the connection.

        Raises:
            ModelError: with a text for the person at the notebook.
        """
        ...


async def complete(client: ModelClient, request: ModelRequest) -> ModelReply:
    """Return the whole answer: the plain call is the drained stream."""
    reply = None
    async for delta in client.stream(request):
        reply = delta.reply or reply
    if reply is None:
        raise TypeError(f"{type(client).__name__}.stream() ended without a delta that carries the reply.")
    return reply
