"""The rows with the largest or smallest values."""

from __future__ import annotations

from dataclasses import dataclass

from ..ask import Ask
from ..output import Section
from ..schema import Column
from ..words import has, whole_number
from ..writing import code_list, headline, inline, literal, number, plot_text, table
from .base import Kind, Proposal, Task, block, titles
from .superlatives import LARGE, SMALL, columns_meant

__all__ = ["TopKind"]


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
    words = LARGE + SMALL

    def propose(self, ask: Ask) -> Proposal | None:
        asked = [word for word in ask.words if word in self.words]
        if not asked or ask.by:
            return None
        columns = ask.numbers or columns_meant(asked, ask.frame.measures) or (ask.previous.numbers if ask.previous else ())
        if not columns:
            return None
        count = whole_number(ask.words)
        largest = not set(SMALL).intersection(asked)
        task = Top(ask.frame, columns[:1], (), ask.condition, ask.wants_plot, count=min(count or 5, 50), largest=largest)
        return Proposal(0.85 if count or has(ask.words, "top", "bottom") else 0.65, task)
