"""What the model is told of a variable that was copied to the agent kernel: no more than the person allows."""

from __future__ import annotations

from typing import Any

from ..kernels import describe

__all__ = ["told"]

ROWS = 5
MOST = 20_000
"""Characters of one variable that a request holds at most."""


def told(name: str, value: object, data: str) -> str:
    """Return the lines about a variable.

    Args:
        name: the variable's name.
        value: what it is.
        data: ``"none"`` for the name alone, ``"schema"`` for type, size and columns, ``"sample"`` for some rows too, ``"full"`` for all.

    Example:
        >>> told("prices", [1.5, 2.0], "schema")
        '- prices: list of 2 items (float)'
    """
    if data == "none":
        return f"- {name}"
    line = f"- {describe(name, value)}"
    if data == "schema":
        return line
    text = _text(value, None if data == "full" else ROWS)
    if len(text) > MOST:
        text = f"{text[:MOST]}\n… ({len(text) - MOST} more characters)"
    return f"{line}\n{_indented(text)}"


def _text(value: Any, rows: int | None) -> str:
    if hasattr(value, "head") and hasattr(value, "to_string"):
        shown = value if rows is None else value.head(rows)
        return str(shown.to_string())
    if rows is not None and isinstance(value, (list, tuple)):
        return f"{value[:rows]!r}" + (" …" if len(value) > rows else "")
    if rows is not None and isinstance(value, dict):
        return repr(dict([*value.items()][:rows])) + (" …" if len(value) > rows else "")
    text = repr(value)
    return text if rows is None or len(text) <= 500 else f"{text[:500]} …"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
