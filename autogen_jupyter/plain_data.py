"""Dataclasses as the dictionaries that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from .messages import Message

__all__ = ["plain_fields"]

_PLAIN = frozenset({str, int, float, bool, type(None)})


def plain_fields(value: Any) -> dict[str, Any]:
    """Return a dataclass's fields by name; in them, dataclasses are dictionaries, and messages the classic's with their ``id``."""
    return {name: _plain(getattr(value, name)) for name in _names(value.__class__)}


@cache
def _names(kind: type) -> tuple[str, ...]:
    """Return the names of a dataclass's fields; none for another type."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN:  # most fields of each event
        return value
    if isinstance(value, Message):
        return value.to_dict() | {"id": value.id}
    if _names(value.__class__):
        return plain_fields(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
