"""Rows of text as a table, for a terminal and for a notebook."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from html import escape
from typing import Any

from ..errors import UsageError

__all__ = ["as_dataframe", "html_table", "shortened", "shown_number", "text_table"]


def text_table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the rows in columns, for a terminal."""
    lines = [[cell.replace("\n", " ") for cell in row] for row in (heading, *rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heading))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def html_table(heading: Sequence[str], rows: Sequence[Sequence[str]], *, strong: Collection[int] = ()) -> str:
    """Return the rows as HTML; those whose numbers are in ``strong`` stand out."""
    head = "".join(f'<th scope="col" style="text-align:left">{escape(cell)}</th>' for cell in heading)
    body = []
    for number, row in enumerate(rows):
        style = ' style="font-weight:600"' if number in strong else ""
        body.append(f"<tr{style}>" + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row) + "</tr>")
    return f'<div style="overflow-x:auto"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def shown_number(value: float | None, *, unit: str = "") -> str:
    """Return a number as tables write it: three significant digits, no exponent, and ``unknown`` where there is none."""
    if value is None:
        return "unknown"
    exact = Decimal(f"{value:.3g}")
    text = f"{exact:,f}" if exact == exact.to_integral() or abs(exact) < 1 else f"{exact:f}"
    return f"${text}" if unit == "$" else f"{text}{unit}"


def shortened(value: Any, most: int) -> str:
    """Return a value on one line; what is left out is left out in the middle, since answers often come last."""
    text = " ".join(str(value).split())
    return text if len(text) <= most else f"{text[: most - most // 3 - 1].rstrip()}…{text[-(most // 3) :]}"


def as_dataframe(records: Sequence[dict[str, Any]]) -> Any:
    """Return a DataFrame.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise UsageError("to_dataframe needs pandas: pip install pandas.") from None
    return pd.DataFrame(list(records))
