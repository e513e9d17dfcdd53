"""The tasks that the demo model knows, and the choice among them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..ask import Previous, read_ask
from ..schema import Frame
from ..words import split_words
from .base import Kind, Task
from .distribution import HistogramKind, OutliersKind
from .groups import GroupKind
from .join import JoinKind
from .overview import DescribeKind, HeadKind, MissingKind
from .pivot import PivotKind
from .relation import CorrelationKind, FitKind
from .top import TopKind
from .trend import TrendKind

__all__ = ["KINDS", "Task", "plan", "sounds_like_a_task"]

KINDS: tuple[Kind, ...] = (
    DescribeKind(), HeadKind(), MissingKind(), GroupKind(), TopKind(), CorrelationKind(), TrendKind(), HistogramKind(), PivotKind(),
    JoinKind(), FitKind(), OutliersKind(),
)  # fmt: skip
_MOST_TASKS = 4


def sounds_like_a_task(text: str) -> bool:
    """Whether a word of the text belongs to any kind of task, before any data has been seen."""
    words = set(split_words(text))
    return any(words.intersection(kind.words) for kind in KINDS)


def plan(clauses: Sequence[str], frames: Sequence[Frame], before: Task | None = None) -> list[Task]:
    """Return the tasks that the clauses ask for, in order.

    Args:
        clauses: the parts of a request.
        frames: the frames it is about; the first is meant where a clause names none.
        before: the last task of the conversation, for clauses that refer to it.
    """
    tasks: list[Task] = []
    known = list(frames)
    for clause in clauses if known else ():
        last = tasks[-1] if tasks else before
        if last is not None and last.can_plot and _only_plots(clause, known):
            tasks = [*(tasks[:-1]), last.plotted()]
            continue
        best = _best(clause, known, Previous(last.frame, last.values, last.by) if last else None)
        if best is not None and best.title not in [task.title for task in tasks]:
            tasks.append(best)
            if best.result is not None:
                known.insert(0, best.result)
    return tasks[:_MOST_TASKS]


def _only_plots(clause: str, frames: Sequence[Frame]) -> bool:
    asks = [read_ask(clause, frame, frames) for frame in frames]
    return all(ask.only_wants_plot for ask in asks)


def _best(clause: str, frames: Sequence[Frame], previous: Previous | None) -> Task | None:
    for frame in _candidates(clause, frames):
        ask = read_ask(clause, frame, frames, previous)
        proposals = [proposal for kind in KINDS if (proposal := kind.propose(ask))]
        if proposals:
            return max(proposals, key=lambda proposal: proposal.score).task
    return None


def _candidates(clause: str, frames: Sequence[Frame]) -> list[Frame]:
    """Frames in the order in which the clause may mean them: by name, then by how many of their columns it names."""

    def fitness(frame: Frame) -> tuple[bool, int]:
        return bool(re.search(rf"(?<!\w){re.escape(frame.name)}(?!\w)", clause)), len(read_ask(clause, frame, frames).named)

    return sorted(frames, key=fitness, reverse=True)
