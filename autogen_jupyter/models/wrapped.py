"""What all models in front of other models share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .base import ModelClient, ModelDelta, ModelRequest

__all__ = ["WrappedClient", "asking"]


class WrappedClient:
    """Has the name and the kind of the model behind it; how it asks that one is for those who inherit.

    Example:
        >>> from autogen_jupyter.models import ScriptedModel
        >>> WrappedClient(ScriptedModel(["Hello"])).model
        'scripted'
    """

    def __init__(self, inner: ModelClient) -> None:
        self.inner = inner

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inner!r})"

    @property
    def model(self) -> str:
        return self.inner.model

    @property
    def is_language_model(self) -> bool:
        return self.inner.is_language_model


@asynccontextmanager
async def asking(client: ModelClient, request: ModelRequest) -> AsyncIterator[AsyncIterator[ModelDelta]]:
    """Ask a model; its stream ends with the block: leaving a loop does not close a generator at once, and this one holds a connection."""
    deltas = client.stream(request)
    try:
        yield deltas
    finally:
        close = getattr(deltas, "aclose", None)
        if close is not None:
            await close()
