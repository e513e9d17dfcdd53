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
    lines = _lines(entries)
    for entry in entries:
        proposed = lines.get(str(entry.get("message_id")), [])
        for block in entry.get("blocks", ()):
            if len(block["code"]) > _SHORT and (at := _place(block["code"].split("\n"), proposed)):
                block["code"] = {"$ref": "message", "lines": at}
    return entries


def with_code(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put code back. A block whose message is gone is left out."""
    lines = _lines(entries)
    return [_with_blocks(entry, lines.get(str(entry.get("message_id")), [])) if "blocks" in entry else dict(entry) for entry in entries]


def _lines(entries: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    return {str(entry.get("id")): entry["text"].split("\n") for entry in entries if entry.get("kind") == "message"}


def _place(code: Sequence[str], lines: Sequence[str]) -> str:
    for at in range(len(lines) - len(code) + 1):
        if lines[at : at + len(code)] == code:
            return f"{at + 1}-{at + len(code)}"
    return ""


def _with_blocks(entry: Mapping[str, Any], lines: Sequence[str]) -> dict[str, Any]:
    blocks = []
    for block in entry["blocks"]:
        code = block["code"]
        if isinstance(code, Mapping):
            found = _LINES.fullmatch(str(code.get("lines")))
            if found is None or not 0 < int(found[1]) <= int(found[2]) <= len(lines):
                continue
            code = "\n".join(lines[int(found[1]) - 1 : int(found[2])])
        blocks.append({**block, "code": code})
    return {**entry, "blocks": blocks}
