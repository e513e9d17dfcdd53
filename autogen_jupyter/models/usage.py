"""What an answer took, as the fact that is emitted and as a row of a table; and what all answers of this process took."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from ..events import UsageRecorded
from .base import ModelReply

__all__ = ["answers", "note", "usage_of", "usage_row"]

_REMEMBERED = 100_000

_answers: deque[tuple[float, UsageRecorded]] = deque(maxlen=_REMEMBERED)
"""When each answer of this process came, in seconds since 1970, and what it took."""


def usage_of(reply: ModelReply, agent: str, message_id: str = "") -> UsageRecorded:
    """Return the fact that an agent's model answered, and what it took."""
    usage = reply.usage
    usd = usage.usd if usage else 0.0 if reply.cached else None
    return UsageRecorded(
        agent,
        reply.model,
        usage.prompt_tokens if usage else None,
        usage.completion_tokens if usage else None,
        usd,
        cached=reply.cached,
        saved_usd=usage.saved_usd if usage else None,
        message_id=message_id,
    )


def usage_row(recorded: UsageRecorded) -> dict[str, Any]:
    """Return the row of a table: agent, model, prompt_tokens, completion_tokens, usd, cached, saved_usd."""
    names = ("agent", "model", "prompt_tokens", "completion_tokens", "usd", "cached", "saved_usd")
    return {name: getattr(recorded, name) for name in names}


def note(reply: ModelReply) -> None:
    """Count an answer among those of this process."""
    _answers.append((time.time(), usage_of(reply, "")))


def answers() -> list[dict[str, Any]]:
    """Return a row for each answer of this process, the newest last: its ``time`` and what ``usage_row`` has but the agent."""
    rows = [(at, usage_row(recorded)) for at, recorded in tuple(_answers)]  # a copy: chats go on on another thread
    return [{"time": at} | {name: value for name, value in row.items() if name != "agent"} for at, row in rows]
