"""One number for each group, or one for all rows: mean, median, sum, maximum, minimum, count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..ask import Ask
from ..output import Record, Section
from ..schema import Column
from ..words import has
from ..writing import and_list, code_list, headline, inline, literal, number, plot_text, table
from .base import Kind, Proposal, Task, block, titles
from .superlatives import LARGE, SMALL, columns_meant

__all__ = ["GroupKind", "Measure", "measure_of"]

Measure = Literal["mean", "median", "sum", "max", "min", "count"]
_SPOKEN: dict[Measure, str] = {
    "mean": "mean",
    "median": "median",
    "sum": "total",
    "max": "highest",
    "min": "lowest",
    "count": "number of rows",
}
_ASKED: tuple[tuple[Measure, tuple[str, ...]], ...] = (
    ("median", ("median", "medians")),
    ("sum", ("sum", "sums", "total", "totals")),
    ("mean", ("mean", "means", "average", "averages", "avg", "typical")),
    ("count", ("count", "counts", "how many", "number of", "how often", "frequency", "frequencies")),
    ("max", ("maximum", "max", "highest", "largest", "biggest")),
    ("min", ("minimum", "min", "lowest", "smallest")),
)


def measure_of(words: tuple[str, ...]) -> Measure | None:
    """Return the measure that the words ask for."""
    return next((measure for measure, names in _ASKED if has(words, *names)), None)


@dataclass(frozen=True)
class Group(Task):
    """A measure of each value column, in all rows or for each group."""

    measure: Measure = "mean"

    @property
    def title(self) -> str:
        what = ", ".join(str(column.label) for column in self.values)
        groups = f" by {self.by[0].label}" if self.by else ""
        return f"{_SPOKEN[self.measure]}{' of ' + what if what else ''}{groups}, {self.data}"

    @property
    def aim(self) -> str:
        groups = f" for each {titles(self.by)}" if self.by else ""
        what = "count the rows" if self.measure == "count" else f"compute the {_SPOKEN[self.measure]} of {titles(self.values)}"
        return f"{what}{groups}{self.rows_meant}" + (" and plot it" if self.plot else "")

    def body(self) -> str:
        if self.measure == "count":
            return self._count_code()
        spread = ", sd={values.std():.7g}" if self.measure == "mean" else ""
        line = f"{self.measure}={{values.{self.measure}():.7g}}{spread}, n={{values.count()}}"
        if not self.by:
            return block(
                """
                for column in <columns>:
                    values = <data>[column]
                    print(f"{column!r}: <line>")
                """,
                columns=code_list(column.label for column in self.values), data=self.data, line=line,
            )  # fmt: skip
        return block(
            """
            columns = <columns>
            for column in columns:
                for group, values in <data>.groupby(<by>, observed=True)[column]:
                    print(f"{column!r} | {group!r}: <line>")

            <chart>
            """,
            columns=code_list(column.label for column in self.values), data=self.data, by=literal(self.by[0].label), line=line,
            chart=self._chart_code() if self.plot else "",
        )  # fmt: skip

    def _count_code(self) -> str:
        if not self.by:
            return f'print(f"rows: {{len({self.data})}}")'
        chart = """
            ax = counts.plot.bar(rot=0, figsize=(7, 4))
            ax.set(title=<heading>, xlabel=<label>, ylabel="Rows")
            plt.tight_layout()
            plt.show()
        """
        label = self.by[0].title
        return block(
            """
            counts = <data>[<by>].value_counts()
            for group, count in counts.items():
                print(f"{group!r}: rows={count}")

            <chart>
            """,
            data=self.data,
            by=literal(self.by[0].label),
            chart=block(chart, heading=plot_text(f"Rows by {label}"), label=plot_text(label)) if self.plot else "",
        )

    def _chart_code(self) -> str:
        by = self.by[0]
        if self.measure in ("mean", "median"):
            draw = f"{self.data}.boxplot(column=column, by={literal(by.label)}, ax=ax, grid=False)"
            heading = f"{_names(self.values)} by {by.title}"
        else:
            draw = f"{self.data}.groupby({literal(by.label)}, observed=True)[column].{self.measure}().plot.bar(ax=ax, rot=0)"
            heading = f"{_SPOKEN[self.measure].capitalize()} of {_names(self.values)} by {by.title}"
        return block(
            """
            figure, axes = plt.subplots(1, <count>, figsize=(<width>, 4), squeeze=False)
            for ax, column, label in zip(axes.flat, columns, <labels>):
                <draw>
                ax.set(title="", xlabel=<by>, ylabel=label)
            figure.suptitle(<heading>)
            plt.tight_layout()
            plt.show()
            """,
            count=str(len(self.values)), width=str(max(6, 5 * len(self.values))),
            labels="[" + ", ".join(plot_text(column.title) for column in self.values) + "]",
            draw=draw, by=plot_text(by.title), heading=plot_text(heading),
        )  # fmt: skip

    def summary(self, section: Section) -> str | None:
        if self.measure == "count":
            return self._counted(section)
        if self.by:
            return self._compared(section)
        found = [record for record in section.having(self.measure) if record.get("n")]
        if not found:
            return None
        said = [
            f"the {_SPOKEN[self.measure]} {titles((column,))}{self.rows_meant} is {number(record.get(self.measure))} "
            f"(n = {number(record.get('n'))})"
            for record in found
            if (column := self.frame.column(record.label[0]))
        ]
        text = and_list(said)
        return headline(f"{text[:1].upper()}{text[1:]}.") if said else None

    def _counted(self, section: Section) -> str | None:
        if not self.by:
            rows = section.value("rows")
            return None if rows is None else headline(f"`{self.frame.name}` has {number(rows)} rows{self.rows_meant}.")
        found = section.having("rows")
        if not found:
            return None
        most = found[0]
        said = f"{inline(most.label[0])} is the most frequent {titles(self.by)} ({number(most.get('rows'))} rows){self.rows_meant}."
        return (
            headline(said)
            + "\n\n"
            + table([inline(self.by[0].title), "Rows"], [[inline(r.label[0]), number(r.get("rows"))] for r in found])
        )

    def _compared(self, section: Section) -> str | None:
        found = [record for record in section.having(self.measure, "n") if len(record.label) == 2 and record.get("n")]
        columns = [column for column in self.values if any(record.label[0] == column.label for record in found)]
        if not columns:
            return None
        said = [self._extremes(column, [record for record in found if record.label[0] == column.label]) for column in columns[:2]]
        groups = list(dict.fromkeys(record.label[1] for record in found))
        cells = {(record.label[0], record.label[1]): record for record in found}
        header = [inline(self.by[0].title)]
        for column in columns:
            header += [f"{inline(column.title)}, {_SPOKEN[self.measure]}", *(["Sd"] if self.measure == "mean" else []), "N"]
        rows = [
            [inline(group), *(cell for column in columns for cell in self._cells(cells.get((column.label, group))))] for group in groups
        ]
        return headline(" ".join(said)) + "\n\n" + table(header, rows)

    def _extremes(self, column: Column, found: list[Record]) -> str:
        ordered = sorted(found, key=lambda record: record.get(self.measure) or 0)
        low, high = ordered[0], ordered[-1]
        name = f"{_SPOKEN[self.measure].capitalize()} {titles((column,))}{self.rows_meant}"
        if low is high:
            return f"{name} is {number(high.get(self.measure))} for {inline(high.label[1])}."
        return (
            f"{name} is largest for {inline(high.label[1])} ({number(high.get(self.measure))}) "
            f"and smallest for {inline(low.label[1])} ({number(low.get(self.measure))})."
        )

    def _cells(self, record: Record | None) -> list[str]:
        keys = [self.measure, *(["sd"] if self.measure == "mean" else []), "n"]
        return [number(record.get(key)) if record else "–" for key in keys]


def _names(columns: tuple[Column, ...]) -> str:
    return " and ".join(column.title for column in columns)


class GroupKind(Kind):
    name = "group and aggregate (mean, median, sum, count … by a column)"
    words = (
        "by", "per", "each", "mean", "average", "median", "sum", "total", "count", "many", "number", "differ", "differs", "difference",
        "differences", "compare", "comparison", "between", "across", "among", "group", "grouped", "which", "average", "typical", "maximum",
        "minimum",
    )  # fmt: skip

    def propose(self, ask: Ask) -> Proposal | None:
        by = ask.by or tuple(column for column in ask.categories if not column.is_number and not column.looks_numeric)
        if ask.condition and len(ask.condition.values) > 1:
            by = by or (ask.condition.column,)
        measure = measure_of(ask.free) or self._most_frequent(ask)
        previous = ask.previous if ask.refers_back or measure or ask.wants_plot else None
        if not by and previous and ask.refers_back and not ask.named:
            by = tuple(column for column in previous.by if column.is_category)
        values = ask.numbers or self._asked_texts(ask, by, measure) or columns_meant(ask.free, ask.frame.measures)
        if not values and previous and measure != "count":
            values = tuple(column for column in previous.values if column not in by)
        if (not by and ask.names_unknown("by", "per")) or (not values and ask.names_unknown("mean", "average", "median", "sum", "total")):
            return None
        score = self._score(ask, by, measure, bool(values))
        if score is None:
            return None
        if measure == "count" or (measure is None and not values and not self._compares(ask)):
            return Proposal(score, Group(ask.frame, by=by[:1], condition=ask.condition, plot=ask.wants_plot, measure="count"))
        values = values or ask.frame.measures[:4]
        if not values:
            return None
        return Proposal(score, Group(ask.frame, values[:4], by[:1], ask.condition, ask.wants_plot and bool(by), measure=measure or "mean"))

    @staticmethod
    def _asked_texts(ask: Ask, by: tuple[Column, ...], measure: Measure | None) -> tuple[Column, ...]:
        """A column that is to be averaged is taken at the person's word, even where its numbers are stored as text."""
        if measure is None or measure == "count":
            return ()
        return tuple(column for column in ask.named if column not in by and column.looks_numeric)

    @staticmethod
    def _most_frequent(ask: Ask) -> Measure | None:
        """In "which island has the most penguins" nothing is measured, so rows are counted."""
        return "count" if has(ask.free, "most", "fewest", "least") and not ask.numbers else None

    @staticmethod
    def _compares(ask: Ask) -> bool:
        return has(ask.free, "differ", "differs", "difference", "differences", "compare", "comparison", "compared", *LARGE, *SMALL)

    def _score(self, ask: Ask, by: tuple[Column, ...], measure: Measure | None, has_values: bool) -> float | None:
        if by:
            return 0.8 if ask.by or measure or self._compares(ask) or has_values or ask.wants_plot else None
        if measure == "count":
            return 0.6
        return 0.6 if measure and has_values else None
