"""A table of one number for each combination of two groups."""

from __future__ import annotations

from dataclasses import dataclass

from ..ask import Ask
from ..output import Record, Section
from ..words import has
from ..writing import headline, inline, literal, number, plot_text, table
from .base import Kind, Proposal, Task, block, titles
from .groups import Measure, measure_of

__all__ = ["PivotKind"]

_SPOKEN: dict[Measure, str] = {"mean": "mean", "median": "median", "sum": "total", "max": "highest", "min": "lowest", "count": "number"}


@dataclass(frozen=True)
class Pivot(Task):
    """``by`` holds (rows, columns); without a value column, rows are counted."""

    measure: Measure = "mean"

    @property
    def _what(self) -> str:
        return f"{_SPOKEN[self.measure]} of {titles(self.values)}" if self.values else "number of rows"

    @property
    def title(self) -> str:
        what = f" {self.values[0].label}" if self.values else ""
        return f"{self.measure}{what} by {self.by[0].label} and {self.by[1].label}, {self.data}"

    @property
    def aim(self) -> str:
        return f"make a table of the {self._what} by {titles(self.by)}{self.rows_meant}" + (" and plot it" if self.plot else "")

    def body(self) -> str:
        rows, columns = (literal(column.label) for column in self.by)
        value = literal(self.values[0].label) if self.values else ""
        make = (
            f"{self.data}.pivot_table(index={rows}, columns={columns}, values={value}, aggfunc={literal(self.measure)}, observed=True)"
            if value
            else f"pd.crosstab({self.data}[{rows}], {self.data}[{columns}])"
        )
        chart = """
            ax = pivot.plot.bar(rot=0, figsize=(8, 4))
            ax.set(title=<heading>, xlabel=<x_label>, ylabel=<y_label>)
            plt.tight_layout()
            plt.show()
        """
        what = f"{_SPOKEN[self.measure].capitalize()} of {self.values[0].title}" if self.values else "Number of rows"
        heading = f"{what} by {self.by[0].title} and {self.by[1].title}"
        labels = {"heading": plot_text(heading), "x_label": plot_text(self.by[0].title), "y_label": plot_text(what)}
        return block(
            """
            pivot = <make>
            for row, values in pivot.iterrows():
                for column, value in values.dropna().items():
                    print(f"{row!r} | {column!r}: value={value:.7g}")
            display(pivot)

            <chart>
            """,
            make=make,
            chart=block(chart, **labels) if self.plot else "",
        )

    def summary(self, section: Section) -> str | None:
        found = [record for record in section.having("value") if len(record.label) == 2]
        if not found:
            return None
        high = max(found, key=lambda record: record.get("value") or 0)
        low = min(found, key=lambda record: record.get("value") or 0)
        said = f"The {self._what}{self.rows_meant} is largest for {_place(high)} and smallest for {_place(low)}."
        columns = list(dict.fromkeys(record.label[1] for record in found))
        cells = {record.label: number(record.get("value")) for record in found}
        rows = list(dict.fromkeys(record.label[0] for record in found))
        lines = [[inline(row), *(cells.get((row, column), "–") for column in columns)] for row in rows]
        return headline(said) + "\n\n" + table([inline(self.by[0].title), *(inline(column) for column in columns)], lines)


def _place(record: Record) -> str:
    return f"{inline(record.label[0])}, {inline(record.label[1])} ({number(record.get('value'))})"


class PivotKind(Kind):
    name = "make a pivot table"
    words = ("pivot", "crosstab", "cross", "tabulate", "contingency")

    def propose(self, ask: Ask) -> Proposal | None:
        asked = has(ask.words, "pivot", "crosstab", "cross tab", "cross tabulate", "tabulate", "contingency")
        keys = (
            ask.by
            if len(ask.by) > 1
            else tuple(dict.fromkeys([*ask.by, *(column for column in ask.categories if not column.looks_numeric)]))
        )
        if len(keys) == 1 and asked and ask.refers_back and ask.previous:
            keys = tuple(dict.fromkeys([*ask.previous.by[:1], *keys]))
        if len(keys) < 2:
            return None
        values = tuple(column for column in ask.numbers if column not in keys)[:1]
        if not values and ask.previous and ask.refers_back:
            values = ask.previous.numbers[:1]
        measure = measure_of(ask.free)
        if measure == "count" or not values:
            measure, values = "count", ()
        return Proposal(
            0.9 if asked else 0.84, Pivot(ask.frame, values, keys[:2], ask.condition, ask.wants_plot, measure=measure or "mean")
        )
