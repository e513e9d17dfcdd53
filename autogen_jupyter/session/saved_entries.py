"""Entries of a saved chat, read back. Whatever wrote the file: what is no entry is left out, and the rest is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

from .entries import Code, Entry, MessageEntry, NoticeEntry, RunEntry, Status, ToolUse, defaults_of

__all__ = ["entry_of", "is_entry", "status_of"]

_KINDS: dict[str, type] = {"message": MessageEntry, "run": RunEntry, "notice": NoticeEntry}
_PARTS: dict[str, type] = {"blocks": Code, "tool_calls": ToolUse}
"""Fields that are lists of other things."""
_SHARED = {"code", "output"}
"""Texts that a file may have elsewhere, and a reference to them here (``shared_text``)."""


def is_entry(given: object) -> bool:
    """Return whether a dictionary is an entry: of a kind that is known, with all that it needs, each of its type."""
    kind = _KINDS.get(str(given.get("kind"))) if isinstance(given, Mapping) else None
    return kind is not None and _is_made_of(kind, given)


def entry_of(given: Mapping[str, Any]) -> Entry | None:
    """Return an entry that was kept as a dictionary; None for what is none, such as one of a later version."""
    if not is_entry(given):
        return None
    kind = _KINDS[given["kind"]]
    values = _values(kind, given)
    for name in _PARTS.keys() & values.keys():
        values[name] = [_PARTS[name](**_values(_PARTS[name], part)) for part in values[name]]
    return cast(Entry, kind(**values))


def status_of(given: object) -> Status:
    """Return a status that was kept as a dictionary, with the default for what is not of its type; nothing is allowed any more."""
    if not isinstance(given, Mapping):
        return Status()
    known = defaults_of(Status)
    said = {name: value for name, value in _values(Status, given).items() if name != "permissions" and _is_like(known[name], value)}
    return Status(**said)


def _values(kind: type, given: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name: given[one.name] for one in fields(kind) if one.name in given}


def _is_made_of(kind: type, given: object) -> bool:
    if not isinstance(given, Mapping):
        return False
    known, said = defaults_of(kind), _values(kind, given)
    needed = {one.name for one in fields(kind)} - known.keys() - {"kind"}
    return needed <= said.keys() and all(_fits(name, known.get(name, ""), value) for name, value in said.items())


def _fits(name: str, like: object, value: object) -> bool:
    if name in _PARTS:
        return isinstance(value, list) and all(_is_made_of(_PARTS[name], part) for part in value)
    if name == "outputs":
        return isinstance(value, list) and all(isinstance(output, Mapping) for output in value)
    return _is_like(like, value) or (name in _SHARED and isinstance(value, Mapping))


def _is_like(default: object, value: object) -> bool:
    if default is None or type(default) is float:
        return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
    return type(value) is type(default)
