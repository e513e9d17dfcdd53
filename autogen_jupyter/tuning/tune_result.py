"""What a search found."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import UsageError
from .pareto import Point, front, svg
from .space import label
from .table import as_dataframe, html_table, shortened, shown_number, text_table

__all__ = ["Trial", "TuneResult"]

State = Literal["complete", "pruned", "failed", "stopped"]
_SHOWN = 60


@dataclass(frozen=True)
class Trial:
    """One combination of settings, and how it did."""

    number: int
    settings: Mapping[str, Any]
    """The values that were tried, by name."""
    score: float | None
    """The mean of the metric over the rows; of a trial that ended early, over those it got to."""
    usd: float | None
    """US dollars for one row, as if nothing came from the cache; None where a price is not known."""
    seconds: float | None
    """Time for one row, as if nothing came from the cache."""
    rows: int
    """How many rows were tried."""
    state: State
    """``pruned``: it did worse than others, or cost too much; ``failed``: the model did; ``stopped``: the budget was used up."""
    error: str = ""


@dataclass
class TuneResult:
    """All trials of a search; a notebook shows them as a table and a picture.

    ``await tune(…)`` gives it as well as ``tune(…)``.

    Example:
        >>> found = TuneResult([Trial(0, {"prompt": "{q}"}, 0.5, 0.001, 1.2, 10, "complete")])
        >>> found.best.score
        0.5
    """

    trials: list[Trial]
    mode: Literal["max", "min"] = "max"
    usd: float | None = 0.0
    """US dollars that this call spent; answers from the cache cost nothing."""
    stop_reason: str = ""
    """Why it ended before all trials were made; empty when they were."""
    names: Sequence[str] = field(default_factory=tuple)
    """The settings that were varied."""

    def __await__(self) -> Generator[None, None, TuneResult]:
        return self
        yield

    @property
    def complete(self) -> list[Trial]:
        """The trials that went through all rows."""
        return [trial for trial in self.trials if trial.state == "complete" and trial.score is not None]

    @property
    def best(self) -> Trial:
        """The trial with the best score; of equal ones the cheapest, then the fastest.

        Raises:
            UsageError: none went through all rows.
        """
        if not self.complete:
            why = self.stop_reason or next((trial.error for trial in self.trials if trial.error), "all of them were pruned")
            raise UsageError(f"No trial went through all rows: {why.rstrip(chr(46))}.")
        return min(self.complete, key=lambda trial: (self._loss(trial), _or_most(trial.usd), _or_most(trial.seconds)))

    @property
    def pareto(self) -> list[Trial]:
        """The trials that no other one beats in score, price and time at once: more of one costs another."""
        points = [(self._loss(trial), _or_most(trial.usd), _or_most(trial.seconds)) for trial in self.complete]
        return sorted((self.complete[at] for at in front(points)), key=lambda trial: (self._loss(trial), _or_most(trial.usd)))

    def to_dataframe(self) -> Any:
        """Return a DataFrame, one line for each trial, with a column for each setting."""
        on_front = {trial.number for trial in self.pareto}
        return as_dataframe(
            [
                {
                    "trial": trial.number,
                    **{name: _value(trial.settings.get(name)) for name in self._columns()},
                    "score": trial.score,
                    "usd": trial.usd,
                    "seconds": trial.seconds,
                    "rows": trial.rows,
                    "state": trial.state,
                    "pareto": trial.number in on_front,
                    "error": trial.error,
                }
                for trial in self.trials
            ]
        )

    def plot(self) -> Any:
        """Return score against price (against time, where nothing costs anything): a matplotlib Axes.

        Raises:
            UsageError: matplotlib is not installed; ``to_svg`` needs nothing.
        """
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise UsageError("plot needs matplotlib: pip install matplotlib. to_svg() gives the same picture without it.") from None
        points, edge, x = self._picture()
        axes = Figure(figsize=(6.4, 3.6), layout="constrained").subplots()
        axes.scatter([point.x for point in points], [point.y for point in points], color="tab:gray", alpha=0.6, label="trials")
        axes.plot([point.x for point in edge], [point.y for point in edge], "o-", color="tab:blue", label="Pareto front")
        axes.set(xlabel=x, ylabel="score")
        axes.legend()
        return axes

    def to_svg(self) -> str:
        """Return the same picture as SVG."""
        points, edge, x = self._picture()
        return svg(points, edge, x=x, y="score")

    def __str__(self) -> str:
        heading, rows, _ = self._table()
        return f"{text_table(heading, rows)}\n{self._said()}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from html import escape

        heading, rows, strong = self._table()
        picture = self.to_svg() if self.complete else ""
        return f"{html_table(heading, rows, strong=strong)}<p>{escape(self._said())}</p>{picture}"

    def _said(self) -> str:
        states = {state: sum(trial.state == state for trial in self.trials) for state in ("pruned", "failed", "stopped")}
        counts = ", ".join(f"{count} {state}" for state, count in states.items() if count)
        said = (
            f"{len(self.trials)} trials{f' ({counts})' if counts else ''}; {shown_number(self.usd, unit='$')} spent. ★ is the Pareto front."
        )
        return f"{said} Ended early: {self.stop_reason}" if self.stop_reason else said

    def _table(self) -> tuple[list[str], list[list[str]], set[int]]:
        columns, on_front = self._columns(), {trial.number for trial in self.pareto}
        ordered = sorted(self.trials, key=lambda trial: (trial.state != "complete", self._loss(trial), _or_most(trial.usd)))
        rows = [
            [
                "★" if trial.number in on_front else "",
                *(_short(_value(trial.settings.get(name))) for name in columns),
                "" if trial.score is None else shown_number(trial.score),
                shown_number(None if trial.usd is None else trial.usd * 1000, unit="$"),
                shown_number(trial.seconds, unit=" s"),
                str(trial.rows),
                trial.state if not trial.error else f"{trial.state}: {_short(trial.error)}",
            ]
            for trial in ordered
        ]
        strong = {at for at, trial in enumerate(ordered) if trial.number in on_front}
        return ["", *columns, "score", "1,000 rows", "time a row", "rows", "state"], rows, strong

    def _columns(self) -> list[str]:
        return list(self.names) or list(dict.fromkeys(name for trial in self.trials for name in trial.settings))

    def _picture(self) -> tuple[list[Point], list[Point], str]:
        costs = any(trial.usd for trial in self.complete)
        known = [(trial, (None if trial.usd is None else trial.usd * 1000) if costs else trial.seconds) for trial in self.complete]
        points = [Point(x, trial.score or 0.0, _named(trial, self._columns())) for trial, x in known if x is not None]
        sign = -1 if self.mode == "max" else 1
        edge = sorted((points[at] for at in front([(point.x, sign * point.y) for point in points])), key=lambda point: point.x)
        return points, edge, "US dollars for 1,000 rows" if costs else "seconds for a row"

    def _loss(self, trial: Trial) -> float:
        if trial.score is None:
            return math.inf
        return -trial.score if self.mode == "max" else trial.score


def _or_most(value: float | None) -> float:
    return math.inf if value is None else value


def _value(value: Any) -> Any:
    return value if isinstance(value, (int, float, str, bool, type(None))) else label(value)


def _short(value: Any) -> str:
    return shortened(f"{value:.3g}" if isinstance(value, float) else value, _SHOWN)


def _named(trial: Trial, columns: Sequence[str]) -> str:
    return "; ".join(f"{name}: {_short(_value(trial.settings.get(name)))}" for name in columns)
