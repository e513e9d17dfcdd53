"""Read events in their JSON form without believing in their shape: a log may be of another version, or damaged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..terminal import clean, one_line
from .output_view import joined

__all__ = ["blocks", "content", "number", "text", "tool_calls"]


def text(given: Mapping[str, Any], key: str) -> str:
    """Return a field as text; nothing when it is missing."""
    return joined(given.get(key))


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


def tool_calls(message: Mapping[str, Any]) -> list[str]:
    """Return the tool calls of a message, each as ``name(arguments)``."""
    calls = message.get("tool_calls")
    functions = [call.get("function") for call in calls if isinstance(call, Mapping)] if isinstance(calls, (list, tuple)) else []
    return [
        f"{one_line(text(function, 'name'))}({clean(text(function, 'arguments'))})"
        for function in functions
        if isinstance(function, Mapping)
    ]


def blocks(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the language and code of each block of a run."""
    blocks = event.get("blocks")
    if not isinstance(blocks, (list, tuple)):
        return []
    return [(text(block, "language"), text(block, "code")) for block in blocks if isinstance(block, Mapping)]
