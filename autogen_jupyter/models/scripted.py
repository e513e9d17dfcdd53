"""A model that says what a script tells it to: the public double for tests and documentation."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import TypeAlias

from ..errors import UsageError
from ..messages import ToolCall
from .base import ModelDelta, ModelReply, ModelRequest

__all__ = ["ScriptedModel", "ScriptedReply"]

_Said: TypeAlias = str | ModelReply | tuple[ToolCall, ...] | Exception
ScriptedReply: TypeAlias = _Said | Callable[[ModelRequest], _Said]
"""Text, a whole reply, tool calls, an error to raise, or a function of the request that returns one of these."""


class ScriptedModel:
    """Answer each request with the next reply of a script, streamed in pieces.

    Args:
        replies: the script.
        model: the name it goes by.
        delay: seconds before each piece.
        chunk_size: characters in one piece.

    Example:
        >>> import asyncio
        >>> from autogen_jupyter.messages import Message
        >>> from autogen_jupyter.models import ModelRequest, complete
        >>> model = ScriptedModel(["Hello.", lambda request: request.messages[-1].text.upper()])
        >>> asyncio.run(complete(model, ModelRequest((Message("user", "hi"),)))).text
        'Hello.'
        >>> asyncio.run(complete(model, ModelRequest((Message("user", "hi"),)))).text
        'HI'
    """

    def __init__(self, replies: Iterable[ScriptedReply], *, model: str = "scripted", delay: float = 0.0, chunk_size: int = 16) -> None:
        if isinstance(replies, (str, bytes)):
            raise UsageError("ScriptedModel takes a list of replies; a single text is one too: ScriptedModel([text]).")
        if chunk_size < 1:
            raise UsageError(f"ScriptedModel got chunk_size={chunk_size}; a piece has at least one character.")
        self._script = deque(replies)
        self._answered = 0
        self._model = model
        self._delay = delay
        self._chunk_size = chunk_size
        self.requests: list[ModelRequest] = []
        """Every request, in order, also one that found the script at its end."""

    def __repr__(self) -> str:
        return f"ScriptedModel({self._model!r}, {len(self._script)} replies left)"

    @property
    def model(self) -> str:
        return self._model

    @property
    def is_language_model(self) -> bool:
        return False

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        """Stream the next reply of the script.

        Raises:
            UsageError: the script has no reply left.
        """
        reply = self._next(request)
        for delta in self._pieces(reply):
            await asyncio.sleep(self._delay)
            yield delta
        yield ModelDelta(reply=reply)

    def _next(self, request: ModelRequest) -> ModelReply:
        self.requests.append(request)
        if not self._script:
            asked = request.messages[-1].text if request.messages else ""
            raise UsageError(
                f"The script of model {self._model!r} ended after {self._answered} replies, and was asked once more: {asked!r:.120}. "
                "Give ScriptedModel another reply, or end the chat earlier (max_turns)."
            )
        said = self._script.popleft()
        self._answered += 1
        if callable(said):
            said = said(request)
        return self._as_reply(said)

    def _as_reply(self, said: object) -> ModelReply:
        if isinstance(said, Exception):
            raise said
        if isinstance(said, ModelReply):
            return said
        if isinstance(said, str):
            return ModelReply(said, self._model, finish_reason="stop")
        if isinstance(said, tuple) and said and all(isinstance(call, ToolCall) for call in said):
            return ModelReply("", self._model, tool_calls=said, finish_reason="tool_calls")
        raise UsageError(f"Reply {self._answered} of the script is {said!r:.80}; write text, a ModelReply, ToolCalls or an Exception.")

    def _pieces(self, reply: ModelReply) -> Iterator[ModelDelta]:
        for at in range(0, len(reply.reasoning), self._chunk_size):
            yield ModelDelta(reasoning=reply.reasoning[at : at + self._chunk_size])
        for at in range(0, len(reply.text), self._chunk_size):
            yield ModelDelta(text=reply.text[at : at + self._chunk_size])
