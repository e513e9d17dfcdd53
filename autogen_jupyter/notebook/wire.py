"""Protocol dataclasses to plain JSON values and, strictly, back: what a browser sends is not to be trusted."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from typing import Any

from .protocol import FromFrontend

__all__ = ["from_frontend", "parse", "to_wire"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def to_wire(value: Any) -> Any:
    """Return ``value`` as plain JSON values. Halves of surrogate pairs, which no socket can carry, are joined or replaced."""
    if isinstance(value, str):
        return value if value.isascii() or not _SURROGATE.search(value) else _whole(value)
    if dataclasses.is_dataclass(value):
        return {field.name: to_wire(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {to_wire(str(key)): to_wire(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_wire(item) for item in value]
    return value


def from_frontend(content: object) -> FromFrontend | None:
    """Return the message in ``content``, or None when it is not exactly one.

    Example:
        >>> from_frontend({"kind": "request_seen", "request_id": "q1"})
        RequestSeen(request_id='q1', kind='request_seen')
    """
    message: FromFrontend | None = parse(content, FromFrontend)
    return message


def parse(content: object, union: object) -> Any:
    """Return the message of ``union`` in ``content``, or None when it is not exactly one."""
    if not isinstance(content, dict):
        return None
    cls = next((cls for cls in typing.get_args(union) if cls.kind == content.get("kind")), None)
    if cls is None:
        return None
    hints = typing.get_type_hints(cls)
    if content.keys() != hints.keys() or not all(_fits(content[name], hint) for name, hint in hints.items()):
        return None
    return cls(**content)


def _fits(value: object, hint: object) -> bool:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return isinstance(value, str) and value in args
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, arg) for arg in args)
    if origin is list:
        return isinstance(value, list) and all(_fits(item, args[0]) for item in value)
    return isinstance(hint, type) and type(value) is hint


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
