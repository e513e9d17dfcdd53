"""Text that a chat has twice, in its saved entries once: code, and what the model reads of a run.

Code nearly always stands in the message that proposed it. Then a run's block has ``{"$ref": "message", "lines": "4-7"}``: these lines,
counted from 1, of the text of the message ``message_id``.

What the model reads nearly always begins with what the code printed. Then a run's ``output`` is
``{"$ref": "outputs", "rest": "\\n[image/png 640x480]"}``: the texts of the streams with which ``outputs`` begin, up to the first output of
another kind, joined, without spaces, tabs and line breaks at their end; and ``rest``, which may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from .output_view import joined

__all__ = ["with_repeats", "without_repeats"]

_SHORT = 100
"""Characters up to which saying where the text is would take as much."""
_LINES = re.compile(r"(\d{1,9})-(\d{1,9})")


def without_repeats(entries: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Replace text by where else it stands. What stands nowhere else stays: code that was edited, output that was shortened."""
    texts = _texts(entries)
    for entry in entries:
        for block in entry.get("blocks", ()):
            if len(block["code"]) > _SHORT and (lines := _lines(block["code"], texts.get(entry["message_id"], ""))):
                block["code"] = {"$ref": "message", "lines": lines}
        read, printed = entry.get("output", ""), _printed(entry)
        if len(printed) > _SHORT and read.startswith(printed):
            rest = read[len(printed) :]
            entry["output"] = {"$ref": "outputs", **({"rest": rest} if rest else {})}
    return entries


def with_repeats(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put text back. A block whose message is gone is left out."""
    texts = _texts(entries)
    return [_with_output(_with_blocks(entry, texts.get(str(entry.get("message_id")), ""))) for entry in entries]


def _texts(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {str(entry.get("id")): str(entry.get("text", "")) for entry in entries if entry.get("kind") == "message"}


def _lines(code: str, text: str) -> str:
    """Return which whole lines of a text the code is, or nothing."""
    before, found, _ = f"\n{text}\n".partition(f"\n{code}\n")
    first = before.count("\n") + 1
    last = first + code.count("\n")
    return f"{first}-{last}" if found else ""


def _with_blocks(entry: Mapping[str, Any], text: str) -> dict[str, Any]:
    if "blocks" not in entry:
        return dict(entry)
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


def _printed(entry: Mapping[str, Any]) -> str:
    """Return what a run printed before it showed anything else."""
    outputs = entry.get("outputs")
    streams = takewhile(_is_stream, outputs if isinstance(outputs, list) else ())
    return "".join(joined(output.get("text")) for output in streams).rstrip(" \t\n")


def _is_stream(output: object) -> bool:
    return isinstance(output, Mapping) and output.get("output_type") == "stream"


def _with_output(entry: dict[str, Any]) -> dict[str, Any]:
    read = entry.get("output")
    if not isinstance(read, Mapping):
        return entry
    printed = _printed(entry) if read.get("$ref") == "outputs" else ""
    rest = read.get("rest")
    return {**entry, "output": printed + rest if isinstance(rest, str) else printed}
