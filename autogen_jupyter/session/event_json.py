"""Read events in their JSON form without believing in their shape: a log may be of another version, or damaged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..terminal import clean, one_line
from .output_view import joined

__all__ = ["Call", "blocks", "calls", "content", "number", "text", "tool_results"]


def text(given: Mapping[str, Any], key: str) -> str:
    """Return a field as text; nothing when it is missing."""
    value = given.get(key)
    return value if value.__class__ is str and value.isascii() else joined(value)  # most fields of each event


def number(given: Mapping[str, Any], key: str) -> float | None:
    """Return a field as a finite number, or None."""
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def content(message: Mapping[str, Any]) -> str:
    """Return what a message says; parts that are not text stand as ``<image>`` or by their type."""
    content = message.get("content")
    if not isinstance(content, (list, tuple)):
        return joined(content)
    parts = [part for part in content if isinstance(part, Mapping)]
    return "".join(text(part, "text") if part.get("type") == "text" else f"<{_part_name(part)}>" for part in parts)


def _part_name(part: Mapping[str, Any]) -> str:
    name = one_line(text(part, "type"), 30)
    return "image" if name in ("image_url", "input_image") else name or "part"


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that a message asks for, or a function in the older form, which has no id."""

    id: str | None
    name: str
    arguments: str


def calls(message: Mapping[str, Any]) -> list[Call]:
    """Return the calls that a message asks for."""
    function_call = message.get("function_call")
    found = [_call(None, function_call)] if isinstance(function_call, Mapping) else []
    tools = message.get("tool_calls")
    asked = [one for one in tools if isinstance(one, Mapping)] if isinstance(tools, (list, tuple)) else []
    return found + [_call(one_line(text(one, "id")), one["function"]) for one in asked if isinstance(one.get("function"), Mapping)]


def _call(call_id: str | None, function: Mapping[str, Any]) -> Call:
    return Call(call_id, one_line(text(function, "name")), clean(text(function, "arguments")))


def tool_results(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the results of tools in a message: the id of each call, and the text."""
    results = message.get("tool_responses")
    found = [one for one in results if isinstance(one, Mapping)] if isinstance(results, (list, tuple)) else []
    return [(one_line(text(one, "tool_call_id")), clean(content(one))) for one in found]


def blocks(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the language and code of each block of a run."""
    blocks = event.get("blocks")
    if not isinstance(blocks, (list, tuple)):
        return []
    return [(text(block, "language"), text(block, "code")) for block in blocks if isinstance(block, Mapping)]
