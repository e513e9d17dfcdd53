"""A model that is asked no faster than its limits allow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from ..context import current
from ..events import Noticed
from .base import ModelClient, ModelDelta, ModelRequest
from .estimate import answer_tokens
from .rate_limit import Admission, RateLimiter
from .tokens import tokens
from .wrapped import WrappedClient, asking

__all__ = ["RateLimitedClient"]

LONG = 2.0
"""Seconds of waiting after which the person is told."""


class RateLimitedClient(WrappedClient):
    """Waits for its turn before it asks; who waits long is told why.

    Example:
        >>> from autogen_jupyter.models import ScriptedModel
        >>> from autogen_jupyter.models.rate_limit import RateLimiter, RateLimits
        >>> RateLimitedClient(ScriptedModel(["Hello"]), RateLimiter(RateLimits(per_second=2))).model
        'scripted'
    """

    def __init__(self, inner: ModelClient, limiter: RateLimiter) -> None:
        super().__init__(inner)
        self.limiter = limiter

    def __repr__(self) -> str:
        return f"RateLimitedClient({self.inner!r}, {self.limiter.limits})"

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Answer as the model does, in its turn.

        Raises:
            ModelError: the model fails.
        """
        admission = await self._admitted(self._expected(request))
        async with asking(self.inner, request) as deltas:
            async for delta in deltas:
                if delta.reply is not None and delta.reply.usage is not None:
                    admission.tokens = delta.reply.usage.tokens
                yield delta

    async def _admitted(self, size: int) -> Admission:
        text = f"Waiting for the rate limit of {self.model}: {self.limiter.limits}."
        telling = asyncio.get_running_loop().call_later(LONG, lambda emit: emit(Noticed(text)), current().emit)
        try:
            return await self.limiter.admit(size)
        finally:
            telling.cancel()

    def _expected(self, request: ModelRequest) -> int:
        if self.limiter.limits.tpm is None:
            return 0
        return tokens.of_request(request, self.model) + answer_tokens(self.inner, request)
