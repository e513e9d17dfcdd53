"""How number columns go together: correlation, and a straight line."""

from __future__ import annotations

from dataclasses import dataclass

from ..ask import Ask
from ..output import Section
from ..words import has
from ..writing import code_list, headline, inline, literal, number, plot_text, table
from .base import Kind, Proposal, Task, block, titles

__all__ = ["CorrelationKind", "FitKind"]

_MOST_PAIRS = 8


@dataclass(frozen=True)
class Correlation(Task):
    """Pearson correlation of the named columns, or of the whole table."""

    @property
    def title(self) -> str:
        return f"correlation{''.join(f' {column.label}' for column in self.values)}, {self.data}"

    @property
    def aim(self) -> str:
        return f"correlate {titles(self.values) if self.values else f'the columns of `{self.data}`'}{self.rows_meant}"

    def body(self) -> str:
        chosen = f"[{code_list(column.label for column in self.values)}]" if self.values else ""
        return block(
            """
            correlation = <data><chosen>.corr()
            columns = list(correlation.columns)
            for place, first in enumerate(columns):
                for second in columns[place + 1:]:
                    print(f"{first!r} | {second!r}: r={correlation.loc[first, second]:.4f}")

            figure, ax = plt.subplots(figsize=(7, 6))
            image = ax.imshow(correlation, vmin=-1, vmax=1, cmap="RdBu_r")
            ax.set_xticks(range(len(columns)), columns, rotation=45, ha="right")
            ax.set_yticks(range(len(columns)), columns)
            for row in range(len(columns)):
                for place in range(len(columns)):
                    r = correlation.iloc[row, place]
                    ax.text(place, row, f"{r:.2f}", ha="center", va="center", color="white" if abs(r) > 0.7 else "black")
            figure.colorbar(image, label="Pearson correlation r")
            ax.set_title(<heading>)
            plt.tight_layout()
            plt.show()
            """,
            data=self.data,
            chosen=chosen,
            heading=plot_text(f"Correlation between columns of {self.data}"),
        )

    def summary(self, section: Section) -> str | None:
        pairs = [record for record in section.having("r") if len(record.label) == 2 and record.get("r") == record.get("r")]
        if not pairs:
            return None
        pairs.sort(key=lambda record: -abs(record.get("r") or 0))
        first, second = pairs[0].label
        r = pairs[0].get("r") or 0
        said = f"{self._title(first)} and {self._title(second)} go together most closely{self.rows_meant}: r = {number(r)}"
        said += ", so when one is larger the other tends to be smaller." if r < 0 else "."
        rows = [[f"{self._title(pair.label[0])} and {self._title(pair.label[1])}", number(pair.get("r"))] for pair in pairs[:_MOST_PAIRS]]
        note = "\n\nCorrelation (Pearson's r) says that columns vary together, not that one causes the other."
        return headline(said) + "\n\n" + table(["Columns", "r"], rows) + note

    def _title(self, label: str | float) -> str:
        column = self.frame.column(label)
        return inline(column.title if column else label)


class CorrelationKind(Kind):
    name = "correlate columns"
    words = (
        "correlation",
        "correlations",
        "correlate",
        "correlated",
        "related",
        "relationship",
        "relationships",
        "associated",
        "association",
    )

    def propose(self, ask: Ask) -> Proposal | None:
        if not has(ask.free, *self.words):
            return None
        numbers = ask.numbers
        if len(numbers) < 2 and ask.refers_back and ask.previous:
            numbers = ask.previous.numbers
        return Proposal(0.9, Correlation(ask.frame, numbers if len(numbers) > 1 else (), condition=ask.condition))


@dataclass(frozen=True)
class Fit(Task):
    """A least-squares line of one column on another: ``values`` are (y, x)."""

    @property
    def title(self) -> str:
        return f"line of {self.values[0].label} on {self.values[1].label}, {self.data}"

    @property
    def aim(self) -> str:
        y, x = (titles((column,)) for column in self.values)
        return f"fit a straight line of {y} against {x}{self.rows_meant} and plot both"

    def body(self) -> str:
        y, x = self.values
        return block(
            """
            points = <data>[[<x>, <y>]].dropna()
            slope, intercept = np.polyfit(points[<x>], points[<y>], deg=1)
            r = points[<x>].corr(points[<y>])
            print(f"slope: {slope:.7g}")
            print(f"intercept: {intercept:.7g}")
            print(f"r squared: {r ** 2:.4f}")
            print(f"n: {len(points)}")

            figure, ax = plt.subplots(figsize=(7, 5))
            ax.scatter(points[<x>], points[<y>], alpha=0.6)
            ends = np.array([points[<x>].min(), points[<x>].max()])
            ax.plot(ends, slope * ends + intercept, color="tab:red", label=f"y = {slope:.4g} x {intercept:+.4g}")
            ax.set(title=<heading>, xlabel=<x_label>, ylabel=<y_label>)
            ax.legend()
            plt.tight_layout()
            plt.show()
            """,
            data=self.data, x=literal(x.label), y=literal(y.label), x_label=plot_text(x.title), y_label=plot_text(y.title),
            heading=plot_text(f"{y.title} against {x.title}"),
        )  # fmt: skip

    def summary(self, section: Section) -> str | None:
        slope, intercept, fit, n = (section.value(name) for name in ("slope", "intercept", "r squared", "n"))
        if slope is None or intercept is None or fit is None or n is None:
            return None
        y, x = self.values
        said = f"{inline(y.title)} changes by {number(slope)} for each unit of {titles((x,))}{self.rows_meant}"
        said += f" (R² = {number(fit)}, n = {number(n)})."
        rows = [["Slope", number(slope)], ["Intercept", number(intercept)], ["R²", number(fit)], ["N", number(n)]]
        note = f"\n\nThe line holds for the range of {titles((x,))} in the data; it is a least-squares fit."
        return headline(said) + "\n\n" + table(["Line", "Value"], rows) + note


class FitKind(Kind):
    name = "fit a straight line (linear regression)"
    words = (
        "fit", "regression", "linear", "line", "predict", "predicts", "slope", "against", "versus", "vs", "scatter", "depend", "depends",
        "affect", "affects", "explain", "explains",
    )  # fmt: skip

    def propose(self, ask: Ask) -> Proposal | None:
        fits = has(
            ask.words,
            "fit",
            "regression",
            "linear",
            "predict",
            "predicts",
            "slope",
            "depend",
            "depends",
            "affect",
            "affects",
            "explain",
            "explains",
        )
        compares = has(ask.words, "against", "versus", "vs", "scatter")
        numbers = ask.numbers
        if len(numbers) < 2 and fits and ask.previous:
            numbers = ask.previous.numbers
        plotted_pair = ask.wants_plot and len(ask.numbers) == 2 and not ask.by and not ask.categories
        if len(numbers) < 2 or not (fits or compares or plotted_pair):
            return None
        y, x = numbers[:2]
        if self._names_x_first(ask):
            y, x = x, y
        return Proposal(0.9 if fits else 0.55, Fit(ask.frame, (y, x), condition=ask.condition))

    @staticmethod
    def _names_x_first(ask: Ask) -> bool:
        """In "predict y from x" and "y against x" y comes first; in "x predicts y" and "how does x affect y" it comes second."""
        if has(ask.words, "predicts", "affect", "affects", "explain", "explains"):
            return True
        return has(ask.words, "predict") and has(ask.words, "does", "do", "can", "could", "how well") and not has(ask.words, "from")
