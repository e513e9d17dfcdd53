"""What an answer took, as the fact that is emitted and as a row of a table; and what all answers of this process took."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from ..events import UsageRecorded
from .base import ModelReply

__all__ = ["answers", "note", "usage_of", "usage_row"]

_REMEMBERED = 100_000

_FIGURES = ("model", "prompt_tokens", "completion_tokens", "usd", "cached", "saved_usd")
_Figures = tuple[str, int | None, int | None, float | None, bool, float | None]
_answers: deque[tuple[Any, ...]] = deque(maxlen=_REMEMBERED)
"""When each answer of this process came, in seconds since 1970, and what it took: in one tuple, which is no work for garbage collection."""


def _figures(reply: ModelReply) -> _Figures:
    usage = reply.usage
    if usage is None:
        return reply.model, None, None, 0.0 if reply.cached else None, reply.cached, None
    return reply.model, usage.prompt_tokens, usage.completion_tokens, usage.usd, reply.cached, usage.saved_usd


def usage_of(reply: ModelReply, agent: str, message_id: str = "") -> UsageRecorded:
    """Return the fact that an agent's model answered, and what it took."""
    return UsageRecorded(agent, *_figures(reply), message_id=message_id)


def usage_row(recorded: UsageRecorded) -> dict[str, Any]:
    """Return the row of a table: agent, model, prompt_tokens, completion_tokens, usd, cached, saved_usd."""
    return {name: getattr(recorded, name) for name in ("agent", *_FIGURES)}


def note(reply: ModelReply) -> None:
    """Count an answer among those of this process."""
    _answers.append((time.time(), *_figures(reply)))


def answers() -> list[dict[str, Any]]:
    """Return a row for each answer of this process, the newest last: its ``time`` and what ``usage_row`` has but the agent."""
    return [dict(zip(("time", *_FIGURES), row, strict=True)) for row in tuple(_answers)]  # a copy: chats go on on another thread
