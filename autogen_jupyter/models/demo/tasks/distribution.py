"""How the values of a column are spread: histograms and outliers."""

from __future__ import annotations

from dataclasses import dataclass

from ..ask import Ask
from ..output import Section
from ..words import has
from ..writing import code_list, headline, inline, literal, number, plot_text, table
from .base import Kind, Proposal, Task, block, titles

__all__ = ["Histogram", "HistogramKind", "OutliersKind"]

_FIGURES = ("median", "mean", "sd", "min", "max", "skew", "n")


@dataclass(frozen=True)
class Histogram(Task):
    """A histogram of each value column, one colour for each group where there is a group column."""

    @property
    def title(self) -> str:
        return f"distribution of {', '.join(str(column.label) for column in self.values)}, {self.data}"

    @property
    def aim(self) -> str:
        groups = f", coloured by {titles(self.by)}" if self.by else ""
        return f"draw the distribution of {titles(self.values)}{self.rows_meant}{groups}"

    def body(self) -> str:
        single = "ax.hist(<data>[column].dropna(), bins=20, edgecolor='white')"
        grouped = """
            for group, values in <data>.groupby(<by>, observed=True)[column]:
                ax.hist(values.dropna(), bins=20, alpha=0.5, label=str(group))
            ax.legend(title=<by_label>)
        """
        by = self.by[0] if self.by else None
        drawn = block(grouped, data=self.data, by=literal(by.label), by_label=plot_text(by.title)) if by else block(single, data=self.data)
        return block(
            """
            columns = <columns>
            for column in columns:
                values = <data>[column].dropna()
                print(f"{column!r}: n={len(values)}, mean={values.mean():.7g}, median={values.median():.7g}, sd={values.std():.7g}, "
                      f"min={values.min():.7g}, max={values.max():.7g}, skew={values.skew():.4g}")

            figure, axes = plt.subplots(1, <count>, figsize=(<width>, 4), squeeze=False)
            for ax, column, label in zip(axes.flat, columns, <labels>):
                <drawn>
                ax.set(xlabel=label, ylabel="Rows")
            figure.suptitle(<heading>)
            plt.tight_layout()
            plt.show()
            """,
            data=self.data, columns=code_list(column.label for column in self.values), count=str(len(self.values)),
            width=str(max(7, 5 * len(self.values))), labels="[" + ", ".join(plot_text(column.title) for column in self.values) + "]",
            drawn=drawn, heading=plot_text("Distribution of " + " and ".join(column.title for column in self.values)),
        )  # fmt: skip

    def summary(self, section: Section) -> str | None:
        found = [(column, record) for column in self.values if (record := section.find(column.label)) and record.get("n")]
        if not found:
            return None
        column, record = found[0]
        said = f"The median of {titles((column,))}{self.rows_meant} is {number(record.get('median'))} (n = {number(record.get('n'))})"
        said += f"; the values range from {number(record.get('min'))} to {number(record.get('max'))}."
        rows = [[inline(column.title), *(number(record.get(figure)) for figure in _FIGURES)] for column, record in found]
        return headline(said) + "\n\n" + table(["Column", *(figure.capitalize() for figure in _FIGURES)], rows)


class HistogramKind(Kind):
    name = "draw a histogram (distribution)"
    words = (
        "histogram",
        "histograms",
        "distribution",
        "distributions",
        "distributed",
        "spread",
        "plot",
        "draw",
        "chart",
        "graph",
        "visualise",
        "visualize",
    )

    def propose(self, ask: Ask) -> Proposal | None:
        clear = has(ask.words, "histogram", "histograms", "distribution", "distributions", "distributed", "spread")
        if not clear and not ask.wants_plot:
            return None
        values = ask.numbers
        if not values and ask.previous and ask.refers_back:
            values = ask.previous.numbers
        if not values and ask.named and not clear:
            return None
        values = (values or ask.frame.measures)[:3]
        return Proposal(0.88 if clear else 0.4, Histogram(ask.frame, values, ask.by[:1], ask.condition, True)) if values else None


@dataclass(frozen=True)
class Outliers(Task):
    """Values beyond 1.5 interquartile ranges from the quartiles (Tukey's rule)."""

    @property
    def title(self) -> str:
        return f"outliers, {self.data}"

    @property
    def aim(self) -> str:
        return f"look for outliers in {titles(self.values)}{self.rows_meant} (more than 1.5 interquartile ranges beyond a quartile)"

    def body(self) -> str:
        return block(
            """
            columns = <columns>
            for column in columns:
                values = <data>[column].dropna()
                low, high = values.quantile(0.25), values.quantile(0.75)
                lower, upper = low - 1.5 * (high - low), high + 1.5 * (high - low)
                outside = values[(values < lower) | (values > upper)]
                print(f"{column!r}: outliers={len(outside)}, lower limit={lower:.7g}, upper limit={upper:.7g}, n={len(values)}")
                for row, value in outside.head(5).items():
                    print(f"{column!r} | {row!r}: value={value:.10g}")

            figure, axes = plt.subplots(1, <count>, figsize=(<width>, 4), squeeze=False)
            for ax, column, label in zip(axes.flat, columns, <labels>):
                ax.boxplot(<data>[column].dropna())
                ax.set(ylabel=label, xticks=[])
            figure.suptitle(<heading>)
            plt.tight_layout()
            plt.show()
            """,
            data=self.data, columns=code_list(column.label for column in self.values), count=str(len(self.values)),
            width=str(max(5, 3 * len(self.values))), labels="[" + ", ".join(plot_text(column.title) for column in self.values) + "]",
            heading=plot_text(f"Outliers in {self.data}: points beyond the whiskers"),
        )  # fmt: skip

    def summary(self, section: Section) -> str | None:
        found = [
            (column, record) for column in self.values if (record := section.find(column.label)) and record.get("outliers") is not None
        ]
        if not found:
            return None
        hit = [(column, record) for column, record in found if record.get("outliers")]
        if hit:
            column, record = max(hit, key=lambda pair: pair[1].get("outliers") or 0)
            said = f"{inline(column.title)} has the most outliers{self.rows_meant}: "
            said += f"{number(record.get('outliers'))} of {number(record.get('n'))} values."
        else:
            said = f"There are no outliers in {titles(tuple(column for column, _ in found))}{self.rows_meant}."
        keys = ("outliers", "lower limit", "upper limit", "n")
        rows = [[inline(column.title), *(number(record.get(key)) for key in keys)] for column, record in found]
        lines = [
            f"- {inline(column.title)}: row {inline(record.label[1])} has {number(record.get('value'))}"
            for column, _ in hit
            for record in section.having("value")
            if len(record.label) == 2 and record.label[0] == column.label
        ]
        return "\n\n".join(
            [headline(said), table(["Column", *(key.capitalize() for key in keys)], rows), *(["\n".join(lines)] if lines else [])]
        )


class OutliersKind(Kind):
    name = "find outliers"
    words = ("outlier", "outliers", "unusual", "extreme", "extremes", "anomaly", "anomalies", "anomalous")

    def propose(self, ask: Ask) -> Proposal | None:
        if not has(ask.words, *self.words):
            return None
        values = (ask.numbers or ask.frame.measures)[:6]
        return Proposal(0.93, Outliers(ask.frame, values, condition=ask.condition)) if values else None
