"""What all models in front of other models share."""

from __future__ import annotations

from collections.abc import AsyncIterator

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


class asking:  # noqa: N801 - read as a verb, as context managers are
    """Ask a model; its stream ends with the block: leaving a loop does not close a generator at once, and this one holds a connection."""

    def __init__(self, client: ModelClient, request: ModelRequest) -> None:
        self._deltas = client.stream(request)

    async def __aenter__(self) -> AsyncIterator[ModelDelta]:
        return self._deltas

    async def __aexit__(self, *_: object) -> None:
        close = getattr(self._deltas, "aclose", None)
        if close is not None:
            await close()
