"""How chats did, row by row."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from .rows import Row
from .table import as_dataframe, html_table, shortened, shown_number, text_table

__all__ = ["Evaluation", "EvaluationRow"]

_SHOWN_ROWS = 20
_SHOWN = 70


@dataclass(frozen=True)
class EvaluationRow:
    """One row, the chat about it, and how it did."""

    row: Row
    scores: Mapping[str, float] = field(default_factory=dict)
    """What the metric returned; a single number is called ``score``."""
    answer: str = ""
    """The chat's summary, or what the factory returned, as text."""
    stop_reason: str = ""
    usd: float | None = None
    """US dollars; None where a price is not known."""
    tokens: int = 0
    seconds: float = 0.0
    error: str = ""
    """What went wrong; empty where nothing did."""
    result: Any = field(default=None, compare=False)
    """The ``ChatResult``; None for rows that come from the storage of an earlier run."""


@dataclass
class Evaluation:
    """The rows of an evaluation, in order, and their means; a notebook shows them as a table.

    ``await evaluate(…)`` gives it as well as ``evaluate(…)``.

    Example:
        >>> Evaluation([EvaluationRow({"q": "1+1"}, {"score": 1.0}, "2")]).score
        1.0
    """

    rows: list[EvaluationRow]
    stop_reason: str = ""
    """Why rows are missing; empty when none is."""
    total: int = 0
    """How many rows the dataset has."""

    def __await__(self) -> Generator[None, None, Evaluation]:
        return self
        yield

    @property
    def scores(self) -> dict[str, float]:
        """The mean of each score over the rows that have one."""
        names = dict.fromkeys(name for row in self.rows for name in row.scores)
        return {name: _mean([row.scores[name] for row in self.rows if name in row.scores]) for name in names}

    @property
    def score(self) -> float | None:
        """The mean of the first score; None where no row has one."""
        return next(iter(self.scores.values()), None)

    @property
    def errors(self) -> list[EvaluationRow]:
        """The rows on which something went wrong."""
        return [row for row in self.rows if row.error]

    @property
    def usd(self) -> float | None:
        """US dollars in all; None where a price is not known."""
        known = [row.usd for row in self.rows if row.usd is not None]
        return sum(known) if len(known) == sum(not row.error or row.usd is not None for row in self.rows) else None

    def to_dataframe(self) -> Any:
        """Return a DataFrame: the columns of the dataset, then what came of each row."""
        return as_dataframe(
            [
                {
                    **row.row,
                    **row.scores,
                    "answer": row.answer,
                    "stop_reason": row.stop_reason,
                    "usd": row.usd,
                    "tokens": row.tokens,
                    "seconds": row.seconds,
                    "error": row.error,
                }
                for row in self.rows
            ]
        )

    def __str__(self) -> str:
        return f"{text_table(*self._table())}\n{self._said()}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"{html_table(*self._table())}<p>{escape(self._said())}</p>"

    def _said(self) -> str:
        means = ", ".join(f"{name} {value:.4g}" for name, value in self.scores.items())
        wrong = f", {len(self.errors)} with an error" if self.errors else ""
        more = f" {len(self.rows) - _SHOWN_ROWS} more in to_dataframe()." if len(self.rows) > _SHOWN_ROWS else ""
        price = shown_number(self.usd, unit="$")
        said = f"{len(self.rows)} of {self.total or len(self.rows)} rows{wrong}; {means or 'no score'}; {price}.{more}"
        return f"{said} Ended early: {self.stop_reason}" if self.stop_reason else said

    def _table(self) -> tuple[list[str], list[list[str]]]:
        columns, names = list(dict.fromkeys(name for row in self.rows for name in row.row)), list(self.scores)
        lines = [
            [
                *(_short(row.row.get(name, "")) for name in columns),
                _short(row.answer),
                *(shown_number(row.scores[name]) if name in row.scores else "" for name in names),
                shown_number(row.usd, unit="$"),
                f"{row.seconds:.2f} s",
                _short(row.error),
            ]
            for row in self.rows[:_SHOWN_ROWS]
        ]
        return [*map(str, columns), "answer", *names, "price", "time", "error"], lines


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _short(value: Any) -> str:
    return shortened(value, _SHOWN)
