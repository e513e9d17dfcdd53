"""A model that is told no secrets, and whose answers hold none."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from ..messages import Message, MessageView
from ..redaction import StreamRedactor, generation, without_secrets
from .base import ModelDelta, ModelRequest
from .wrapped import WrappedClient, asking

__all__ = ["RedactedClient"]

_MOST = 256
"""Histories that are remembered."""


class RedactedClient(WrappedClient):
    """Takes secrets out of requests and answers; it stands behind the cache, which so keeps none.

    Example:
        >>> from autogen_jupyter.models import ScriptedModel
        >>> RedactedClient(ScriptedModel(["Hello"])).model
        'scripted'
    """

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Answer as the model does.

        Raises:
            ModelError: the model fails.
        """
        text, reasoning = StreamRedactor(), StreamRedactor()
        async with asking(self.inner, _clean(request)) as deltas:
            async for delta in deltas:
                if delta.broken:
                    text, reasoning = StreamRedactor(), StreamRedactor()
                    yield delta
                elif delta.reply is not None:
                    last = text.feed(delta.text) + text.flush(), reasoning.feed(delta.reasoning) + reasoning.flush()
                    yield ModelDelta(*last, without_secrets(delta.reply))
                else:
                    yield ModelDelta(text.feed(delta.text), reasoning.feed(delta.reasoning))


class _LookedAt:
    """How far histories were looked at, where they hold no secret: a long chat sends the same messages again and again.

    Histories only grow, and are taken up by another list when something is left out of them.
    """

    def __init__(self) -> None:
        self._reached: dict[int, tuple[Sequence[Message], int, Message]] = {}
        self._generation = 0

    def is_clean(self, history: Sequence[Message], length: int) -> bool:
        """Say whether the first ``length`` messages hold no secret."""
        start = self._reach(history)
        if any(without_secrets(message) is not message for message in history[start:length]):
            return False
        if length:
            self._reached[id(history)] = (history, length, history[length - 1])
        return True

    def _reach(self, history: Sequence[Message]) -> int:
        """Return how many messages of it need no second look."""
        if self._generation != generation() or len(self._reached) > _MOST:
            self._reached.clear()
            self._generation = generation()
        known, length, last = self._reached.get(id(history), (None, 0, None))
        return length if known is history and length <= len(history) and history[length - 1] is last else 0


_looked_at = _LookedAt()


def _clean(request: ModelRequest) -> ModelRequest:
    messages = request.messages
    if not isinstance(messages, MessageView):
        return replace(request, messages=clean) if (clean := without_secrets(messages)) is not messages else request
    first, history, length = messages.parts
    if _looked_at.is_clean(first, len(first)) and _looked_at.is_clean(history, length):
        return request
    return replace(request, messages=tuple(map(without_secrets, messages)))
