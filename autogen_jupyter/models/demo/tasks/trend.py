"""How numbers change over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..ask import Ask
from ..output import Section
from ..schema import Column
from ..words import has
from ..writing import code_list, headline, inline, literal, number, plot_text, table
from .base import Kind, Proposal, Task, block, titles

__all__ = ["TrendKind"]

Period = Literal["day", "week", "month", "quarter", "year"]
_PERIODS: dict[Period, tuple[str, str, tuple[str, ...]]] = {
    "day": ("D", "%Y-%m-%d", ("day", "daily", "days")),
    "week": ("W", "%Y-%m-%d", ("week", "weekly", "weeks")),
    "month": ("MS", "%Y-%m", ("month", "monthly", "months")),
    "quarter": ("QS", "%Y-%m", ("quarter", "quarterly", "quarters")),
    "year": ("YS", "%Y", ("year", "yearly", "annual", "annually", "years")),
}


@dataclass(frozen=True)
class Trend(Task):
    """Means (or sums) per period, their extremes, and the slope of a straight line through them. ``by`` holds the time column."""

    period: Period = "month"
    total: bool = False

    @property
    def _measure(self) -> str:
        return "sum" if self.total else "mean"

    @property
    def _spoken(self) -> str:
        return f"{self.period}ly {self._measure}s of".replace("dayly", "daily")

    @property
    def title(self) -> str:
        return f"{self._measure} by {self.period}: {', '.join(str(column.label) for column in self.values)}, {self.data}"

    @property
    def aim(self) -> str:
        measured = f"the {'total' if self.total else 'mean'} {titles(self.values)}"
        return f"follow {measured} over time, {self.period} by {self.period}{self.rows_meant}"

    def body(self) -> str:
        return block(
            """
            <series>
            print(f"periods: {len(series)}")
            for column, values in series.items():
                known = values.dropna()
                print(f"{column!r} | 'first': when={str(known.index[0])!r}, value={known.iloc[0]:.7g}")
                print(f"{column!r} | 'last': when={str(known.index[-1])!r}, value={known.iloc[-1]:.7g}")
                print(f"{column!r} | 'highest': when={str(known.idxmax())!r}, value={known.max():.7g}")
                print(f"{column!r} | 'lowest': when={str(known.idxmin())!r}, value={known.min():.7g}")
                years = <years>
                print(f"{column!r}: slope per year={np.polyfit(years, known, deg=1)[0]:.5g}")

            figure, axes = plt.subplots(<count>, 1, figsize=(9, <height>), sharex=True, squeeze=False)
            for ax, column, label in zip(axes.flat, series.columns, <labels>):
                ax.plot(<x>, series[column], marker="o", markersize=3)
                ax.set_ylabel(label)
                ax.grid(alpha=0.3)
            figure.suptitle(<heading>)
            plt.tight_layout()
            plt.show()
            """,
            series=self._series_code(),
            years=self._years_code(),
            count=str(len(self.values)),
            height=str(max(4, 3 * len(self.values))),
            x="series.index" if self.by[0].is_year else "pd.to_datetime(series.index)",
            labels="[" + ", ".join(plot_text(column.title) for column in self.values) + "]",
            heading=plot_text(f"{'Total' if self.total else 'Mean'} by {self.period}"),
        )

    def _years_code(self) -> str:
        return "known.index" if self.by[0].is_year else "(pd.to_datetime(known.index) - pd.Timestamp(2000, 1, 1)).days / 365.25"

    def _series_code(self) -> str:
        time, columns = literal(self.by[0].label), code_list(column.label for column in self.values)
        if self.by[0].is_year:
            return f"series = {self.data}.groupby({time})[{columns}].{self._measure}()"
        frequency, form, _ = _PERIODS[self.period]
        return block(
            """
            dates = pd.to_datetime(<data>[<time>])
            series = <data>.set_index(dates)[<columns>].resample(<frequency>).<measure>()
            series.index = series.index.strftime(<form>)
            """,
            data=self.data, time=time, columns=columns, frequency=literal(frequency), measure=self._measure, form=literal(form),
        )  # fmt: skip

    def summary(self, section: Section) -> str | None:
        periods = section.value("periods")
        columns = [column for column in self.values if section.find(column.label)]
        if periods is None or not columns:
            return None
        said, rows = [], []
        for column in columns:
            slope = section.find(column.label)
            high, low, first, last = (section.find(column.label, name) for name in ("highest", "lowest", "first", "last"))
            if not (slope and high and low and first and last):
                return None
            change = slope.get("slope per year") or 0
            direction = "rises" if change > 0 else "falls" if change < 0 else "stays level"
            said.append(
                f"A straight line through the {self._spoken} {titles((column,))} {direction} by {number(abs(change))} a year; "
                f"the highest {self.period} is {inline(high.values.get('when'))} ({number(high.get('value'))})."
            )
            rows += [
                [f"{inline(column.title)}, {name}", inline(record.values.get("when")), number(record.get("value"))]
                for name, record in (("first", first), ("last", last), ("highest", high), ("lowest", low))
            ]
        note = f"\n\nBased on {number(periods)} {self.period}s{self.rows_meant}; the line is a least-squares fit."
        return headline(" ".join(said)) + "\n\n" + table(["What", self.period.capitalize(), "Value"], rows) + note


class TrendKind(Kind):
    name = "follow a trend over time"
    words = (
        "trend", "trends", "time", "monthly", "daily", "weekly", "yearly", "annual", "month", "year", "week", "day", "change", "changed",
        "develop", "evolve", "evolved",
    )  # fmt: skip

    def propose(self, ask: Ask) -> Proposal | None:
        times = ask.frame.times
        period = next((period for period, (_, _, names) in _PERIODS.items() if has(ask.words, *names)), None)
        clear = has(ask.words, "trend", "trends", "over time", "over the years", "time series", "develop", "developed", "evolve", "evolved")
        if not times or not (
            clear or (period and has(ask.words, "monthly", "daily", "weekly", "yearly", "annual", "per", "by", "each", "every", "over"))
        ):
            return None
        if ask.by and not any(column.is_time for column in ask.by):
            return None
        values = tuple(column for column in ask.numbers if not column.is_time)
        if not values and ask.previous and (ask.refers_back or not ask.named):
            values = tuple(column for column in ask.previous.values if column.is_measure)
        values = (values or ask.frame.measures)[:4]
        if not values:
            return None
        time = self._time(ask, times)
        total = has(ask.free, "total", "sum", "totals")
        return Proposal(
            0.92 if clear else 0.85,
            Trend(ask.frame, values, (time,), ask.condition, True, period="year" if time.is_year else period or "month", total=total),
        )

    @staticmethod
    def _time(ask: Ask, times: tuple[Column, ...]) -> Column:
        return next((column for column in ask.named if column in times), times[0])
