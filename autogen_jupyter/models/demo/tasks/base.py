"""What a task is: code to run for a question, and a summary of what the code printed."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from textwrap import dedent, indent
from typing import ClassVar

from ..ask import Ask, Condition
from ..output import Section, heading
from ..schema import Column, Frame
from ..writing import and_list, code_list, identifier, inline, literal

__all__ = ["Kind", "Proposal", "Task", "block", "titles"]

_MARK = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True)
class Task(ABC):
    """One thing to find out about a frame.

    The code begins with a heading; below it, it prints the numbers that the summary is made of. `summary` sees nothing else.
    """

    frame: Frame
    values: tuple[Column, ...] = ()
    """The columns to be measured."""
    by: tuple[Column, ...] = ()
    """The columns that make groups."""
    condition: Condition | None = None
    plot: bool = False

    can_plot: ClassVar[bool] = True

    @property
    @abstractmethod
    def aim(self) -> str:
        """What the task does, as it follows "I will" (Markdown)."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What the section is called in the output: plain text, unique among the tasks of a request."""

    @abstractmethod
    def body(self) -> str:
        """The code below the heading."""

    @abstractmethod
    def summary(self, section: Section) -> str | None:
        """Return Markdown made from the printed numbers, or None when the section does not have them."""

    @property
    def result(self) -> Frame | None:
        """The new frame that the code leaves behind, if it makes one."""
        return None

    @property
    def data(self) -> str:
        """The variable that holds the rows to look at."""
        if self.condition is None:
            return self.frame.name
        return identifier("_".join([self.frame.name, *(str(value) for value in self.condition.values)]))

    @property
    def rows_meant(self) -> str:
        """`` where species is Gentoo``, or nothing."""
        if self.condition is None:
            return ""
        return f" where {inline(self.condition.column.label)} is {' or '.join(inline(value) for value in self.condition.values)}"

    def code(self) -> str:
        """Return the whole code of the task, without imports."""
        return "\n".join([*self._selection(), f"print({literal(heading(self.title))})", self.body().rstrip()])

    def plotted(self) -> Task:
        """Return the same task with a plot."""
        return replace(self, plot=True) if self.can_plot else self

    def _selection(self) -> list[str]:
        if self.condition is None:
            return []
        wanted = f"{self.frame.name}[{literal(self.condition.column.label)}].isin({code_list(self.condition.values)})"
        return [f"{self.data} = {self.frame.name}[{wanted}]"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A task that would answer a clause, and how well (0 to 1)."""

    score: float
    task: Task


class Kind(ABC):
    """A kind of task: recognises the clauses that ask for it."""

    name: ClassVar[str]
    """As the list of known tasks shows it to people."""
    words: ClassVar[tuple[str, ...]]
    """Words, one of which nearly always occurs in a request for it."""

    @abstractmethod
    def propose(self, ask: Ask) -> Proposal | None:
        """Return a task for the clause, or None when it asks for something else."""


def block(template: str, **parts: str) -> str:
    """Fill ``<name>`` in indented code; a part on a line of its own may have several lines, or none.

    What was filled in is never searched again: a column named ``<values>`` stays what it is.
    """
    lines: list[str] = []
    for line in dedent(template).strip("\n").split("\n"):
        alone = _MARK.fullmatch(line.strip())
        if alone:
            part = parts[alone[1]].strip("\n")
            lines += [indent(part, line[: line.index("<")])] if part else []
        else:
            lines.append(_MARK.sub(lambda mark: parts[mark[1]], line))
    return "\n".join(lines)


def titles(columns: tuple[Column, ...]) -> str:
    """Return the columns' names in the middle of a sentence (Markdown)."""
    return and_list([inline(_in_sentence(column)) for column in columns])


def _in_sentence(column: Column) -> str:
    title = column.title
    return title[:1].lower() + title[1:] if str(column.label)[:1].islower() else title
