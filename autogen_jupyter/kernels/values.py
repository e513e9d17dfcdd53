"""Values of expressions, as a kernel's replies carry them."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from ..errors import KernelError

__all__ = ["json_value", "literal_text"]


def json_value(reply: Mapping[str, Any]) -> Any:
    """Return what an expression named ``value`` gave, read as JSON.

    Raises:
        KernelError: it gave nothing, or something else: code can replace what is called there.
    """
    value = reply.get("user_expressions", {}).get("value", {})
    if value.get("status") != "ok":
        raise KernelError(f"The agent kernel could not do its part: {value.get('evalue') or 'it died'}.")
    try:
        return json.loads(literal_text(value["data"]["text/plain"]))
    except (ValueError, TypeError, KeyError, SyntaxError, RecursionError, MemoryError) as error:
        raise KernelError(
            "The agent kernel's part of this library gave something else than it should. The code may have changed it: restart the kernel."
        ) from error


def literal_text(text: str) -> str:
    """Return the string whose ``repr`` a kernel sent."""
    value = ast.literal_eval(text)
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {text:.80}")
    return value
