"""A history in pieces that may be kept or left out as a whole: a message, with the results of its tool calls behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from ..messages import Message, ToolCall

__all__ = ["NOT_RUN", "is_result", "newest", "open_calls", "pieces"]

NOT_RUN = "The chat was stopped before this call was answered."
"""The answer to a call that nobody ran. Models refuse a history where a call has no answer."""

M = TypeVar("M", bound=Message | Mapping[str, Any])


def pieces(messages: Sequence[M]) -> list[list[M]]:
    """Split a history so that no tool call is parted from its results."""
    made: list[list[M]] = []
    for message in messages:
        if made and is_result(message):
            made[-1].append(message)
        else:
            made.append([message])
    return made


def newest(messages: Sequence[M], count: int) -> list[M]:
    """Return the newest messages, at most ``count`` of them, in whole pieces; but always the last piece."""
    kept: list[M] = []
    for piece in reversed(pieces(messages)):
        if kept and len(kept) + len(piece) > count:
            break
        kept = [*piece, *kept]
    return without_orphans(kept) or list(messages[-1:])


def without_orphans(messages: Sequence[M]) -> list[M]:
    """Return the messages without results at their beginning, whose call is not there."""
    start = 0
    while start < len(messages) and _only_results(messages[start]):
        start += 1
    return list(messages[start:])


def open_calls(messages: Sequence[Message]) -> tuple[ToolCall, ...]:
    """Return the calls at the end of a history that nobody has answered."""
    return messages[-1].tool_calls if messages and not messages[-1].tool_results else ()


def is_result(message: Message | Mapping[str, Any]) -> bool:
    """Say whether a message answers a call of the one before it."""
    return _role(message) in ("tool", "function") or bool(_results(message))


def _only_results(message: Message | Mapping[str, Any]) -> bool:
    return _role(message) in ("tool", "function")


def _role(message: Message | Mapping[str, Any]) -> str:
    return message.role if isinstance(message, Message) else str(message.get("role"))


def _results(message: Message | Mapping[str, Any]) -> Sequence[Any]:
    return message.tool_results if isinstance(message, Message) else message.get("tool_responses") or ()
