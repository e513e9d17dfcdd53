"""Putting untrusted names and values into code and into Markdown, and numbers into sentences.

Column names, file names and cell values come from somebody's data. They enter code only as Python literals and enter prose only escaped.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Sequence
from math import floor, isfinite, log10

__all__ = [
    "Label",
    "Number",
    "and_list",
    "code_list",
    "headline",
    "identifier",
    "inline",
    "label_title",
    "literal",
    "number",
    "plot_text",
    "table",
]

Label = str | int | float | bool
Number = int | float

_UNITS = {
    "mm": "mm", "cm": "cm", "m": "m", "km": "km", "g": "g", "kg": "kg", "c": "°C", "f": "°F", "s": "s", "ms": "ms", "min": "min", "h": "h",
    "pct": "%", "percent": "%", "usd": "USD", "eur": "EUR", "l": "l", "ml": "ml",
}  # fmt: skip
_TAKEN = {
    "pd", "np", "plt", "Path", "display", "ax", "axes", "figure", "frame", "name", "column", "columns", "values", "counts",
    "missing", "first", "second", "extreme", "series", "dates", "points", "pivot", "matched", "known", "outside", "row", "rows",
    "rank", "count", "path", "folder", "folders", "wanted", "pattern", "group", "value", "low", "high", "lower", "upper", "label",
    "image", "ends", "slope", "intercept", "r", "years", "cleaned", "correlation", "place", "examples",
}  # fmt: skip
"""Names that the tasks' code uses itself, so that no frame may have them."""
_EXACT = 1e7
_DIGITS = tuple("0123456789−–")
_MARKDOWN = re.compile(r"([\\`*{}\[\]<>#|!$~&])|(?<!\w)_|_(?!\w)")


def literal(value: Label) -> str:
    """Return Python source for the value. It holds no line break and no backtick, so it can neither end a line nor a fence."""
    return repr(value).replace("`", r"\x60")


def code_list(labels: Iterable[Label]) -> str:
    """Return Python source for a list of labels."""
    return "[" + ", ".join(literal(label) for label in labels) + "]"


def inline(value: object, most: int = 60) -> str:
    """Return the value as one line of Markdown text that shows exactly its characters."""
    text = " ".join(str(value).split())
    text = text if len(text) <= most else text[: most - 1] + "…"
    return _MARKDOWN.sub(lambda match: "\\" + match[0], text)


def plot_text(text: str) -> str:
    """Return Python source for a text in a plot; matplotlib would read a pair of dollars as mathematics."""
    return literal(" ".join(text.split()).replace("$", r"\$"))


def label_title(label: Label) -> str:
    """Return a column's name as people write it: ``body_mass_g`` becomes ``Body mass (g)``."""
    text = " ".join(str(label).split())
    words = [word for word in re.split(r"[_\s]+", text) if word]
    if len(words) > 1 and words[-1] in _UNITS and words[-1] != "min":
        words[-1] = f"({_UNITS[words[-1]]})"
    title = " ".join(words)
    return title[:1].upper() + title[1:]


def identifier(text: str, taken: Iterable[str] = ()) -> str:
    """Return a variable name made from the text that shadows nothing."""
    name = re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_")[:40] or "data"
    if name[0].isdigit():
        name = f"data_{name}"
    if keyword.iskeyword(name) or hasattr(builtins, name) or name in _TAKEN:
        name = f"{name}_data"
    used = set(taken)
    if name in used:
        name = next(f"{name}_{count}" for count in range(2, len(used) + 3) if f"{name}_{count}" not in used)
    return name


def number(value: object) -> str:
    """Return a number for people: whole numbers exactly, others to four significant digits and at least one decimal."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return inline(value)
    if isinstance(value, float) and not isfinite(value):
        return "–"
    if isinstance(value, int) or (value.is_integer() and abs(value) < _EXACT):
        text = f"{int(value):,}"
    elif abs(value) < 0.001:
        text = f"{value:.3g}"
    elif abs(value) < _EXACT:
        decimals = max(1, 3 - floor(log10(abs(value))))
        text = f"{value:,.{decimals}f}".rstrip("0").rstrip(".")
    else:
        text = f"{float(f'{value:.5g}'):,.0f}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def and_list(items: Sequence[str]) -> str:
    """Return ``a, b and c``."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def headline(text: str) -> str:
    """Return the sentence that a summary begins with."""
    return f"**{text}**"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with numbers to the right. Cells must be Markdown already, and rows as long as the header."""
    body = [list(row) for row in rows]
    rules = [":--" if any(row[at][:1] not in _DIGITS for row in body if row[at]) else "--:" for at in range(len(header))]
    lines = ["| " + " | ".join(header) + " |", "|" + "|".join(rules) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in body]
    return "\n".join(lines)
