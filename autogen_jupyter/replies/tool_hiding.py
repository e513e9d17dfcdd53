"""The classic's ``hide_tools``: a model that has called its tools is told of them no longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from ..errors import UsageError
from ..messages import Message

__all__ = ["HideTools", "checked_hiding", "tools_left"]

HideTools = Literal["never", "if_any_run", "if_all_run"]


def checked_hiding(value: Any) -> HideTools:
    """Return the value, if it is one.

    Raises:
        UsageError: it is not.
    """
    if value not in get_args(HideTools):
        raise UsageError(f'hide_tools is {value!r}; it must be "never", "if_any_run" or "if_all_run".')
    return value  # type: ignore[no-any-return]


def tools_left(tools: Sequence[Mapping[str, Any]], messages: Sequence[Message], hide: HideTools) -> tuple[Mapping[str, Any], ...]:
    """Return the tools that a model is told of, given what was called and answered in a conversation."""
    if hide == "never" or not tools:
        return tuple(tools)
    answered = {result.tool_call_id for message in messages for result in message.tool_results}
    answered |= {message.tool_call_id for message in messages if message.tool_call_id}
    ran = {call.name for message in messages for call in message.tool_calls if call.id in answered}
    ran |= {message.sender for message in messages if message.role == "function"}
    names = {str(tool["function"]["name"]) for tool in tools}
    is_over = bool(answered or ran) if hide == "if_any_run" else names <= ran
    return () if is_over else tuple(tools)
