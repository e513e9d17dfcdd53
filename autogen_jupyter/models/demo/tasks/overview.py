"""What is in the data: describe it, show its first rows, find what is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from ..ask import Ask
from ..output import Section
from ..words import has, whole_number
from ..writing import and_list, code_list, headline, inline, number, plot_text, table
from .base import Kind, Proposal, Task, block

__all__ = ["DescribeKind", "HeadKind", "MissingKind"]


@dataclass(frozen=True)
class Describe(Task):
    """Size, number columns, categories."""

    can_plot: ClassVar[bool] = False

    @property
    def title(self) -> str:
        return f"overview of {self.data}"

    @property
    def aim(self) -> str:
        return f"describe `{self.data}`"

    def body(self) -> str:
        categories = [column.label for column in self.frame.categories][:6]
        counts = """
            for column in <categories>:
                for value, count in <data>[column].value_counts().head(10).items():
                    print(f"{column!r} | {value!r}: {count}")
        """
        return block(
            """
            print(f"rows: {len(<data>)}")
            print(f"columns: {<data>.shape[1]}")
            print(f"missing values: {<data>.isna().sum().sum()}")
            for column in <measures>:
                values = <data>[column]
                print(f"{column!r}: mean={values.mean():.7g}, sd={values.std():.7g}, min={values.min():.7g}, max={values.max():.7g}")
            <counts>
            display(<data>.describe(include="all"))
            """,
            data=self.data,
            measures=code_list(column.label for column in self.frame.measures[:12]),
            counts=block(counts, categories=code_list(categories), data=self.data) if categories else "",
        )

    def summary(self, section: Section) -> str | None:
        rows, columns, missing = (section.value(name) for name in ("rows", "columns", "missing values"))
        if rows is None or columns is None:
            return None
        size = f"`{self.data}` has {number(rows)} rows and {number(columns)} columns"
        parts = [headline(size + (f"; {number(missing)} values are missing." if missing else "; no value is missing."))]
        measured = section.having("mean", "sd", "min", "max")
        if measured:
            rows_of = [
                [self._name(record.label[0]), *(number(record.get(key)) for key in ("mean", "sd", "min", "max"))] for record in measured
            ]
            parts.append(table(["Column", "Mean", "Sd", "Min", "Max"], rows_of))
        counted: dict[object, list[str]] = {}
        for record in section.records:
            if len(record.label) == 2 and record.get() is not None:
                counted.setdefault(record.label[0], []).append(f"{inline(record.label[1])} {number(record.get())}")
        if counted:
            parts.append("\n".join(f"- {inline(column)}: {', '.join(counts)}" for column, counts in counted.items()))
        return "\n\n".join(parts)

    def _name(self, label: str | float) -> str:
        column = self.frame.column(label)
        return inline(column.title if column else label)


class DescribeKind(Kind):
    name = "describe a table"
    words = (
        "describe", "description", "overview", "summarise", "summarize", "explore", "analyse", "analyze", "look", "load", "read", "tell",
        "contain", "contains", "columns", "info", "schema",
    )  # fmt: skip

    def propose(self, ask: Ask) -> Proposal | None:
        if has(ask.free, "describe", "description", "overview", "explore", "schema", "info", "columns"):
            score = 0.75
        elif has(
            ask.free,
            "summarise",
            "summarize",
            "analyse",
            "analyze",
            "look at",
            "tell me about",
            "what is in",
            "load",
            "read",
            "contain",
            "contains",
        ):
            score = 0.6
        else:
            return None
        if ask.numbers or ask.by:
            score = 0.3
        return Proposal(score, Describe(ask.frame, condition=ask.condition))


@dataclass(frozen=True)
class Head(Task):
    """The first rows."""

    count: int = 5
    can_plot: ClassVar[bool] = False

    @property
    def title(self) -> str:
        return f"first rows of {self.data}"

    @property
    def aim(self) -> str:
        return f"show the first {self.count} rows of `{self.data}`{self.rows_meant}"

    def body(self) -> str:
        return block(
            """
            first = <data>.head(<count>)
            print(f"rows shown: {len(first)}")
            print(f"rows: {len(<data>)}")
            display(first)
            """,
            data=self.data,
            count=str(self.count),
        )

    def summary(self, section: Section) -> str | None:
        shown, rows = section.value("rows shown"), section.value("rows")
        if shown is None or rows is None:
            return None
        names = and_list([inline(column.label) for column in self.frame.columns[:12]])
        return (
            headline(f"The output above shows the first {number(shown)} of {number(rows)} rows of `{self.data}`.")
            + f"\n\nColumns: {names}."
        )


class HeadKind(Kind):
    name = "show the first rows"
    words = ("head", "first", "preview", "rows", "sample", "show", "display")

    def propose(self, ask: Ask) -> Proposal | None:
        rows = has(ask.free, "row", "rows", "lines", "records", "entries", "data", "table")
        if has(ask.free, "head", "preview") or (rows and has(ask.free, "first", "show", "some", "few", "sample", "display", "print")):
            return Proposal(0.8, Head(ask.frame, condition=ask.condition, count=min(whole_number(ask.free) or 5, 50)))
        return None


@dataclass(frozen=True)
class Missing(Task):
    """Missing values by column."""

    @property
    def title(self) -> str:
        return f"missing values in {self.data}"

    @property
    def aim(self) -> str:
        return f"count the missing values in `{self.data}`{self.rows_meant}"

    def body(self) -> str:
        chart = """
            ax = missing.sort_values().plot.barh(figsize=(7, 4))
            ax.set(title=<heading>, xlabel="Missing values", ylabel="")
            plt.tight_layout()
            plt.show()
        """
        return block(
            """
            missing = <data>.isna().sum()
            print(f"rows: {len(<data>)}")
            print(f"complete rows: {len(<data>.dropna())}")
            for column, count in missing.items():
                print(f"{column!r}: missing={count}, percent={100 * count / max(len(<data>), 1):.3g}")

            <chart>
            """,
            data=self.data,
            chart=block(chart, heading=plot_text(f"Missing values in {self.data}")) if self.plot else "",
        )

    def summary(self, section: Section) -> str | None:
        rows, complete = section.value("rows"), section.value("complete rows")
        found = section.having("missing", "percent")
        if rows is None or complete is None or not found:
            return None
        holes = sorted((record for record in found if record.get("missing")), key=lambda record: -(record.get("missing") or 0))
        if not holes:
            return headline(f"No value is missing in `{self.data}`: all {number(rows)} rows are complete.")
        worst = holes[0]
        said = f"{number(complete)} of {number(rows)} rows are complete; "
        said += f"{inline(worst.label[0])} has the most gaps ({number(worst.get('missing'))})."
        lines = [[inline(record.label[0]), number(record.get("missing")), number(record.get("percent"))] for record in holes]
        return headline(said) + "\n\n" + table(["Column", "Missing", "Percent"], lines)


class MissingKind(Kind):
    name = "find missing values"
    words = ("missing", "null", "nulls", "nan", "nans", "empty", "incomplete", "gaps", "na")

    def propose(self, ask: Ask) -> Proposal | None:
        if not has(ask.free, *self.words):
            return None
        return Proposal(0.95, replace(Missing(ask.frame, condition=ask.condition), plot=ask.wants_plot))
