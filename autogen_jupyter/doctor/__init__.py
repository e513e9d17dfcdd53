"""``%agentchat doctor`` and ``jupyter agentchat doctor``: what works, what does not, and what to do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from ..models.base import ModelClient
from .finding import Finding, as_json, as_text

__all__ = ["Finding", "as_json", "as_text", "examine"]


async def examine(model: str | Mapping[str, Any] | ModelClient | None = None) -> AsyncIterator[Finding]:
    """Yield what is found of the model, the agent kernel and the front end, as it is found.

    Example:
        >>> findings = [finding async for finding in examine("builtin/demo")]  # doctest: +SKIP
    """
    from .machine import examine_front_end, examine_kernel
    from .model import examine_model

    for area in (examine_model(model), examine_kernel(), examine_front_end()):
        async for finding in area:
            yield finding
