"""Read events back from the JSON form in which a ledger keeps them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, get_args

from ..code_blocks import CodeBlock
from ..events import ChatEvent, InputReceived, InputRequested, InputWithdrawn, OutputChange, PermissionsChanged
from ..messages import Message

__all__ = ["event_of"]

_NOT_NEEDED = (InputRequested, InputReceived, InputWithdrawn, PermissionsChanged)
"""What only mattered while the chat ran."""
_KINDS: Mapping[str, Any] = {kind.kind: kind for kind in get_args(ChatEvent) if kind not in _NOT_NEEDED}


def event_of(given: Mapping[str, Any]) -> ChatEvent | None:
    """Return the event that ``events.to_json`` wrote; None for what is not needed to read a chat, damaged, or of a later version.

    Example:
        >>> event_of({"kind": "noticed", "text": "The agent kernel was restarted."}).text
        'The agent kernel was restarted.'
    """
    kind = _KINDS.get(str(given.get("kind")))
    if kind is None:
        return None
    try:
        values = {one.name: _value(one.name, given[one.name]) for one in dataclasses.fields(kind) if one.name in given}
        return kind(**values)  # type: ignore[no-any-return]
    except (TypeError, ValueError, KeyError, AttributeError):
        return None


def _value(name: str, value: Any) -> Any:
    if name == "message":
        message = Message.from_dict({key: part for key, part in value.items() if key != "id"}, sender=str(value.get("name", "")))
        return dataclasses.replace(message, id=str(value["id"])) if "id" in value else message
    if name == "blocks":
        return tuple(CodeBlock(str(block["language"]), str(block["code"])) for block in value)
    return OutputChange(**value) if name == "change" else value
