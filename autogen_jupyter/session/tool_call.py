"""A tool call as text, as the live view shows it: on one line, and laid out to be read.

The model's own tokens stay as they are, so that what is read is what ran: to parse the numbers and write them again would round them, and
lose a name that is given twice.
"""

from __future__ import annotations

import json
import re

from ..terminal import clean

__all__ = ["long_arguments", "short_call"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_LONGEST = 80
"""Characters of a call on its line."""
_DEEPEST = 16
"""Deeper than that, text is not indented further: a line must not grow with its depth."""


def short_call(name: str, given: str) -> tuple[str, bool]:
    """Return the call on one line, and whether all of it is there.

    Example:
        >>> short_call("add", '{"a":1}')
        ('add({"a": 1})', True)
    """
    line = clean(_laid_out(given, ""))
    call = f"{clean(name)}({'' if line == '{}' else line}".replace("\n", " ")
    if len(call) < _LONGEST:
        return f"{call})", "\n" not in line
    return f"{call[: _LONGEST - 2]}…)", False


def long_arguments(given: str) -> str:
    """Return the arguments, a line for each."""
    return clean(_laid_out(given, "  "))


def _laid_out(text: str, indent: str) -> str:
    if not _is_json(text):
        return text
    made, depth = [], 0
    pieces = ["", *_TOKEN.findall(text), ""]
    for before, piece, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if piece in ("{", "["):
            depth += 1
            made.append(piece + ("" if after in ("}", "]") else _new_line(indent, depth)))
        elif piece in ("}", "]"):
            depth -= 1
            made.append(("" if before in ("{", "[") else _new_line(indent, depth)) + piece)
        elif piece == ",":
            made.append(f",{_new_line(indent, depth) or ' '}")
        else:
            made.append(": " if piece == ":" else piece)
    return "".join(made)


def _new_line(indent: str, depth: int) -> str:
    return f"\n{indent * min(depth, _DEEPEST)}" if indent else ""


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True
