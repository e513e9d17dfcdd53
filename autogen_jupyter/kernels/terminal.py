"""Text as a terminal would leave it on the screen: colours gone, overwritten characters gone."""

from __future__ import annotations

import re

__all__ = ["overwrite", "strip_ansi"]

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[@-Z\\-_])")
_ERASE = re.compile(r"\x1b\[[012]?K")
_BACKSPACE = re.compile(r"[^\n\x08]\x08")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def strip_ansi(text: str) -> str:
    """Return ``text`` without escape sequences and without control characters that mean nothing in plain text."""
    return _CONTROL.sub("", _ANSI.sub("", text))


def overwrite(text: str) -> str:
    r"""Apply ``\r`` and ``\b`` as a terminal does; a ``\r`` at the very end stays, for what may follow.

    Example:
        >>> overwrite("10%\r20%\rdone\n")
        'done\n'
    """
    if "\b" in text:
        text = _apply_backspaces(text)
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join([*(_line(line.rstrip("\r")) for line in lines[:-1]), _last_line(lines[-1])])


def _last_line(line: str) -> str:
    kept = line.rstrip("\r")
    return _line(kept) + ("\r" if kept != line else "")


def _line(line: str) -> str:
    if "\r" not in line:
        return line
    shown = ""
    for written in line.split("\r"):
        if not written:
            continue
        shown = written if _ERASE.search(written) else written + shown[len(written) :]
    return shown


def _apply_backspaces(text: str) -> str:
    before = None
    while before != text:
        before, text = text, _BACKSPACE.sub("", text)
    return text.replace("\b", "")
