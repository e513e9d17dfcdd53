"""Code in saved entries: that of a run nearly always stands in the message that proposed it, and need not be in the file twice.

There it is ``{"$ref": "message", "lines": "4-7"}``: these lines, counted from 1, of the text of the message ``message_id``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["with_code", "without_code"]

_SHORT = 100
"""Characters up to which saying where the code is would take as much."""
_LINES = re.compile(r"(\d{1,9})-(\d{1,9})")


def without_code(entries: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Replace code by where it stands. What was edited stands nowhere else, and stays."""
    texts = _texts(entries)
    for entry in entries:
        for block in entry.get("blocks", ()):
            if len(block["code"]) > _SHORT and (lines := _lines(block["code"], texts.get(entry["message_id"], ""))):
                block["code"] = {"$ref": "message", "lines": lines}
    return entries


def with_code(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put code back. A block whose message is gone is left out."""
    texts = _texts(entries)
    return [_with_blocks(entry, texts.get(str(entry.get("message_id")), "")) if "blocks" in entry else dict(entry) for entry in entries]


def _texts(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {str(entry.get("id")): str(entry.get("text", "")) for entry in entries if entry.get("kind") == "message"}


def _lines(code: str, text: str) -> str:
    """Return which whole lines of a text the code is, or nothing."""
    before, found, _ = f"\n{text}\n".partition(f"\n{code}\n")
    first = before.count("\n") + 1
    last = first + code.count("\n")
    return f"{first}-{last}" if found else ""


def _with_blocks(entry: Mapping[str, Any], text: str) -> dict[str, Any]:
    lines, blocks = text.split("\n"), []
    for block in entry["blocks"]:
        code = block["code"]
        if isinstance(code, Mapping):
            found = _LINES.fullmatch(str(code.get("lines")))
            if found is None or not 0 < int(found[1]) <= int(found[2]) <= len(lines):
                continue
            code = "\n".join(lines[int(found[1]) - 1 : int(found[2])])
        blocks.append({**block, "code": code})
    return {**entry, "blocks": blocks}
