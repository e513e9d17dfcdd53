"""The tasks that the demo model knows, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence

from ..ask import read_ask
from ..schema import Frame
from ..words import split_words
from .base import Kind, Proposal, Task
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
        if _only_plots(clause, known) and last is not None and last.can_plot:
            tasks = [*(tasks[:-1]), last.plotted()]
            continue
        best = _best(clause, known, last)
        if best is not None and best.title not in [task.title for task in tasks]:
            tasks.append(best)
            if best.result is not None:
                known.insert(0, best.result)
    return tasks[:_MOST_TASKS]


def _only_plots(clause: str, frames: Sequence[Frame]) -> bool:
    ask = read_ask(clause, frames[0], frames)
    return ask.wants_plot and ask.refers_back and not any(read_ask(clause, frame, frames).named for frame in frames)


def _best(clause: str, frames: Sequence[Frame], before: Task | None) -> Task | None:
    best: Proposal | None = None
    for frame in _candidates(clause, frames):
        for kind in KINDS:
            proposal = kind.propose(read_ask(clause, frame, frames), before)
            if proposal is not None and (best is None or proposal.score > best.score):
                best = proposal
        if best is not None:
            break
    return best.task if best else None


def _candidates(clause: str, frames: Sequence[Frame]) -> list[Frame]:
    """Frames in the order in which the clause may mean them: by name, then by how many of their columns it names."""
    words = split_words(clause)

    def fitness(frame: Frame) -> tuple[bool, int]:
        name = " ".join(split_words(frame.name))
        return (f" {name} " in f" {' '.join(words)} ", len(read_ask(clause, frame, frames).named))

    return sorted(frames, key=fitness, reverse=True)
