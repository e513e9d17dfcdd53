"""The rows with the largest or smallest values."""

from __future__ import annotations

from dataclasses import dataclass

from ..ask import Ask
from ..output import Section
from ..schema import Column
from ..words import has, name_parts, same, whole_number
from ..writing import code_list, headline, inline, literal, number, plot_text, table
from .base import Kind, Proposal, Task, block, titles

__all__ = ["TopKind"]

_LARGE = (
    "top", "largest", "highest", "biggest", "most", "greatest", "best", "heaviest", "longest", "deepest", "hottest", "warmest", "oldest",
    "wettest", "windiest", "tallest", "richest",
)  # fmt: skip
_SMALL = (
    "bottom", "smallest", "lowest", "least", "fewest", "worst", "lightest", "shortest", "coldest", "coolest", "youngest", "driest",
    "cheapest",
)  # fmt: skip
_MEANS = {
    "heaviest": ("mass", "weight"), "lightest": ("mass", "weight"), "longest": ("length", "duration"), "deepest": ("depth",),
    "shortest": ("length", "height", "duration"), "hottest": ("max", "temp"), "warmest": ("max", "temp"), "coldest": ("min", "temp"),
    "coolest": ("min", "temp"), "oldest": ("age",), "youngest": ("age",), "wettest": ("precipitation", "rain"),
    "driest": ("precipitation", "rain"), "windiest": ("wind",), "tallest": ("height",), "cheapest": ("price", "cost"),
    "richest": ("income", "gdp"),
}  # fmt: skip
"""Which columns a superlative is about, by parts of their names."""


@dataclass(frozen=True)
class Top(Task):
    """The n rows with the largest or smallest value."""

    count: int = 5
    largest: bool = True

    @property
    def title(self) -> str:
        return f"{'largest' if self.largest else 'smallest'} {self.values[0].label}, {self.data}"

    @property
    def aim(self) -> str:
        return f"list the {self.count} rows with the {'largest' if self.largest else 'smallest'} {titles(self.values)}{self.rows_meant}"

    @property
    def _others(self) -> tuple[Column, ...]:
        return tuple(column for column in self.frame.columns if column != self.values[0] and (column.is_category or column.is_time))[:4]

    def body(self) -> str:
        column = self.values[0]
        shown = code_list(other.label for other in (column, *self._others))
        chart = """
            ax = extreme[<column>].plot.bar(figsize=(7, 4))
            ax.set(title=<heading>, xlabel="Row", ylabel=<label>)
            plt.tight_layout()
            plt.show()
        """
        heading = f"{'Largest' if self.largest else 'Smallest'} {column.title}"
        drawn = block(chart, column=literal(column.label), heading=plot_text(heading), label=plot_text(column.title))
        return block(
            """
            extreme = <data>.<method>(<count>, <column>)
            for rank, (row, value) in enumerate(extreme[<column>].items(), start=1):
                print(f"{rank}: row={row!r}, value={value:.10g}")
            for column in <others>:
                for rank, value in enumerate(extreme[column], start=1):
                    print(f"{rank} | {column!r}: {str(value)!r}")
            display(extreme[<shown>])
            <chart>
            """,
            data=self.data,
            method="nlargest" if self.largest else "nsmallest",
            count=str(self.count),
            column=literal(column.label),
            shown=shown,
            others=code_list(other.label for other in self._others),
            chart=drawn if self.plot else "",
        )

    def summary(self, section: Section) -> str | None:
        found = section.having("value")
        if not found:
            return None
        details = {record.label: record.values.get("") for record in section.records if len(record.label) == 2}
        column = self.values[0]
        lines = [
            [
                inline(record.values.get("row", "–")),
                number(record.get("value")),
                *(inline(details.get((record.label[0], other.label), "–")) for other in self._others),
            ]
            for record in found
        ]
        said = f"The {'largest' if self.largest else 'smallest'} {titles((column,))}{self.rows_meant} is {number(found[0].get('value'))}"
        header = ["Row", inline(column.title), *(inline(other.title) for other in self._others)]
        return headline(f"{said} (row {inline(found[0].values.get('row', '–'))} of `{self.frame.name}`).") + "\n\n" + table(header, lines)


class TopKind(Kind):
    name = "list the top (or bottom) n rows"
    words = _LARGE + _SMALL

    def propose(self, ask: Ask) -> Proposal | None:
        asked = [word for word in ask.words if word in self.words]
        if not asked or ask.by:
            return None
        columns = ask.numbers or self._meant(asked, ask.frame.measures) or (ask.previous.numbers if ask.previous else ())
        if not columns:
            return None
        task = Top(
            ask.frame,
            columns[:1],
            (),
            ask.condition,
            ask.wants_plot,
            count=min(whole_number(ask.words) or 5, 50),
            largest=not set(_SMALL).intersection(asked),
        )
        return Proposal(0.85 if has(ask.words, "top", "bottom") or whole_number(ask.words) else 0.65, task)

    @staticmethod
    def _meant(asked: list[str], columns: tuple[Column, ...]) -> tuple[Column, ...]:
        wanted = [name for word in asked for name in _MEANS.get(word, ())]
        ranked = [(sum(any(same(part, want) for part in name_parts(column.label)) for want in wanted), column) for column in columns]
        best = max((score for score, _ in ranked), default=0)
        return tuple(column for score, column in ranked if best and score == best)
