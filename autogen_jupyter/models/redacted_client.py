"""A model that is told no secrets, and whose answers hold none."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

from ..messages import Message
from ..redaction import StreamRedactor, generation, without_secrets
from .base import ModelDelta, ModelRequest
from .wrapped import WrappedClient, asking

__all__ = ["RedactedClient"]

_MOST = 20_000


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


_looked_at: dict[int, Message] = {}
"""Messages that hold no secret, by identity: they never change, and a long chat sends the same ones again and again."""
_state = [0]


def _clean(request: ModelRequest) -> ModelRequest:
    if _state[0] != generation() or len(_looked_at) > _MOST:
        _looked_at.clear()
        _state[0] = generation()
    dirty = {n: found for n, message in enumerate(request.messages) if (found := _changed(message)) is not None}
    if not dirty:
        return request
    return replace(request, messages=tuple(dirty.get(n, message) for n, message in enumerate(request.messages)))


def _changed(message: Message) -> Message | None:
    """Return the message without its secrets; None where it has none."""
    if _looked_at.get(id(message)) is message:
        return None
    clean = without_secrets(message)
    if clean is not message:
        return clean
    _looked_at[id(message)] = message
    return None
