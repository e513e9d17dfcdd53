"""Arguments as a model wrote them: text that should be a JSON object."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["ArgumentError", "read_arguments"]


class ArgumentError(Exception):
    """The arguments of a call do not fit; the message tells the model what to write instead."""


def read_arguments(text: str, function: str) -> dict[str, Any]:
    """Return the arguments of a call. Line breaks and tabs inside strings, which JSON forbids and models write, are taken as meant.

    Raises:
        ArgumentError: it is no JSON, or not an object.
    """
    try:
        arguments = json.loads(text.strip() or "{}", strict=False)
    except json.JSONDecodeError as error:
        raise ArgumentError(f"{error}\n The argument must be in JSON format.") from None
    if not isinstance(arguments, dict):
        raise ArgumentError(f"the arguments of {function} are {arguments!r:.80}\n The argument must be a JSON object.")
    return arguments
