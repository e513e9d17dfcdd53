"""What models took, as a table: one row for each answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..models.usage import answers

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["UsageTable", "kernel_usage"]

_HEADINGS = {
    "agent": "agent",
    "model": "model",
    "answers": "answers",
    "prompt_tokens": "tokens in",
    "completion_tokens": "tokens out",
    "usd": "USD",
    "cached": "from cache",
}


class UsageTable(list[dict[str, Any]]):
    """A list of rows that shows itself as a table, with a line for the sum.

    Example:
        >>> row = {"agent": "bot", "model": "m", "prompt_tokens": 1000, "completion_tokens": 200, "usd": 0.0012, "cached": False}
        >>> UsageTable([row, row]).by("agent")[0]["usd"]
        0.0024
    """

    @property
    def usd(self) -> float | None:
        """US dollars in all; None where the price of an answer is not known."""
        return _sum(row.get("usd") for row in self)

    @property
    def tokens(self) -> int:
        """Tokens that were paid in all, read and written; answers from the cache take none."""
        paid = (row for row in self if not row.get("cached"))
        return sum((row.get("prompt_tokens") or 0) + (row.get("completion_tokens") or 0) for row in paid)

    def by(self, column: str = "model") -> UsageTable:
        """Return one row for each agent or each model.

        Raises:
            UsageError: there is no such column.
        """
        if any(column not in row for row in self):
            raise UsageError(f"The usage has no column {column!r}; it can be summed up by agent or by model.")
        groups: dict[Any, list[dict[str, Any]]] = {}
        for row in self:
            groups.setdefault(row[column], []).append(row)
        return UsageTable({column: name, "answers": len(rows), **_totals(rows)} for name, rows in groups.items())

    def to_dataframe(self) -> pd.DataFrame:
        """Return the rows as a DataFrame; a price that is not known is missing in it.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise UsageError("to_dataframe needs pandas: pip install pandas. The rows are a list of dictionaries without it.") from None
        frame: pd.DataFrame = pd.DataFrame(list(self))
        return frame

    def _columns(self) -> list[str]:
        return [name for name in _HEADINGS if any(name in row for row in self)]

    def __str__(self) -> str:
        if not self:
            return "no model was asked"
        rows = [list(map(str, line)) for line in self._lines()]
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        if not self:
            return "<p>No model was asked.</p>"
        heading, *body = self._lines()
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heading)
        lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in body)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"

    def _lines(self) -> list[list[str]]:
        columns = self._columns()
        total = {columns[0]: "in all", **_totals(self)}
        return [[_HEADINGS[name] for name in columns], *([_cell(row, name) for name in columns] for row in [*self, total])]


def kernel_usage() -> UsageTable:
    """Return what all models took that conversations of this process asked, the newest answer last.

    Example:
        >>> from autogen_jupyter import kernel_usage
        >>> kernel_usage().by("model")  # doctest: +SKIP
    """
    return UsageTable(answers())


def _totals(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    tokens = {name: sum(row.get(name) or 0 for row in rows) for name in ("prompt_tokens", "completion_tokens")}
    return {**tokens, "usd": _sum(row.get("usd") for row in rows), "cached": sum(int(row.get("cached") or 0) for row in rows)}


def _sum(amounts: Iterable[float | None]) -> float | None:
    total = 0.0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _cell(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if name == "usd":
        return "unknown" if value is None else f"{value:.4f}"
    if name == "cached":
        return ("yes" if value else "") if isinstance(value, bool) else f"{value or 0:,}"
    if name in ("prompt_tokens", "completion_tokens"):
        return "unknown" if value is None else f"{value:,}"
    return "" if value is None else str(value)
