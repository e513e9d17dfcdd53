"""One clause of a request, read with the data in view: the form in which tasks look at it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .schema import Column, Frame
from .words import name_parts, same, split_words, stem
from .writing import Label

__all__ = ["Ask", "Condition", "Previous", "read_ask"]

_BY = {"by", "per", "each", "every", "between", "among", "across", "which", "within"}
_PRONOUNS = {"it", "them", "that", "this", "these", "those", "same", "again", "instead", "they", "its", "result", "results"}
_ONLY = {"only", "for", "of", "among", "in", "on", "just", "is", "are", "the", "where", "compare", "between", "and", "vs", "versus", "with"}
_ARTICLES = {"of", "the", "a", "an", "each", "every", "their", "its", "all"}
_GENERAL = {
    "value", "values", "column", "columns", "measurement", "measurements", "number", "numbers", "variable", "variables", "for", "to",
    "from", "on", "group", "groups", "category", "type", "kind", "data", "table", "using", "use", "or", "is", "are", "do", "does", "so",
    "if",
}  # fmt: skip
_FILLERS = {
    "as", "a", "an", "the", "in", "with", "show", "me", "us", "and", "please", "now", "also", "make", "then", "nice", "line", "i", "want",
    "can", "you",
}  # fmt: skip
_PLOT = {
    "plot",
    "draw",
    "chart",
    "graph",
    "visualise",
    "visualize",
    "picture",
    "figure",
    "plotted",
    "plots",
    "bar",
    "boxplot",
    "scatter",
    "heatmap",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Only the rows in which a column has one of these values."""

    column: Column
    values: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Previous:
    """What "it", "them" and "instead" refer to: the columns of the task before."""

    frame: Frame
    values: tuple[Column, ...] = ()
    by: tuple[Column, ...] = ()

    @property
    def numbers(self) -> tuple[Column, ...]:
        return tuple(column for column in self.values if column.is_number)


@dataclass(frozen=True, slots=True)
class Ask:
    """A clause: its words, the frame it is about, and the columns it names in the order in which it names them."""

    clause: str
    words: tuple[str, ...]
    """All words, in lower case."""
    free: tuple[str, ...]
    """The words that are not part of a column's name, so that "maximum" in "maximum temperature" asks for no maximum."""
    frame: Frame
    frames: tuple[Frame, ...]
    """All frames that the request is about."""
    named: tuple[Column, ...]
    by: tuple[Column, ...]
    """Named columns that stand after "by", "per", "between" and the like and are fit to compare groups."""
    condition: Condition | None = None
    previous: Previous | None = None
    """What the task before this clause was about, if it was about the same frame."""

    places: frozenset[int] = frozenset()
    """Where in ``words`` columns and values are named."""

    def names_unknown(self, *triggers: str) -> bool:
        """Whether one of the triggers is followed by a word that is neither a column nor a general word, as in "by profession"."""
        for at, word in enumerate(self.words):
            if word in triggers:
                after = next((place for place in range(at + 1, len(self.words)) if self.words[place] not in _ARTICLES), None)
                if after is not None and after not in self.places and not self._is_general(self.words[after]):
                    return True
        return False

    def _is_general(self, word: str) -> bool:
        about = {stem(part) for part in split_words(self.frame.name)}
        return stem(word) in about or word in _GENERAL | _BY | _PRONOUNS | _PLOT | _FILLERS

    @property
    def numbers(self) -> tuple[Column, ...]:
        return tuple(column for column in self.named if column.is_number and column not in self.by)

    @property
    def categories(self) -> tuple[Column, ...]:
        return tuple(column for column in self.named if column.is_category and (not column.is_number or column in self.by))

    @property
    def wants_plot(self) -> bool:
        return bool(_PLOT & set(self.words))

    @property
    def only_wants_plot(self) -> bool:
        """Whether the clause says nothing but to plot, as in "as a bar chart" and "plot it"."""
        return self.wants_plot and not self.named and set(self.words) <= _PLOT | _PRONOUNS | _FILLERS

    @property
    def refers_back(self) -> bool:
        """Whether the clause points at what was done before instead of naming it."""
        return bool(_PRONOUNS & set(self.words))


def read_ask(clause: str, frame: Frame, frames: Sequence[Frame], previous: Previous | None = None) -> Ask:
    """Read a clause with a frame in view."""
    words = split_words(_without_names(clause, frames))
    condition, spoken = _condition(words, frame)
    mentions, used = _mentions(words, frame, spoken)
    named = tuple(column for _, column in mentions)
    by = tuple(column for at, column in mentions if column.is_category and _follows_by(words, at))
    free = tuple(word for at, word in enumerate(words) if at not in used)
    referred = previous if previous is not None and previous.frame.name == frame.name else None
    return Ask(clause, words, free, frame, tuple(frames), named, by, condition, referred, frozenset(used))


def _without_names(clause: str, frames: Sequence[Frame]) -> str:
    """Leave out the names of frames, which are no words: ``seattle_weather`` says nothing about the column ``weather``."""
    text = re.sub(r"⟨\w+⟩", " ", clause)
    columns = {str(column.label) for frame in frames for column in frame.columns}
    names = [re.escape(frame.name) for frame in frames if frame.name not in columns]
    return re.sub(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)", " ", text) if names else text


def _follows_by(words: Sequence[str], at: int) -> bool:
    """Look back over other groups ("by species and island") and small words for one that introduces groups."""
    return bool(_BY & set(words[max(0, at - 3) : at]))


def _mentions(words: tuple[str, ...], frame: Frame, spoken: set[int]) -> tuple[list[tuple[int, Column]], set[int]]:
    """Return the columns that the words name, each with the place where it is named, and the places used up."""
    found: dict[Label, tuple[int, Column]] = {}
    used = set(spoken)
    shared = _spread_conjunctions(words)
    for column in sorted(frame.columns, key=lambda column: -len(name_parts(column.label))):
        parts = name_parts(column.label)
        for places in _windows(words, shared, len(parts)):
            is_spread = len(places) != places[-1] - places[0] + 1
            if (is_spread or not used.intersection(places)) and _spells([words[at] for at in places], parts):
                found.setdefault(column.label, (places[0], column))
                used.update(places)
    for at, word in enumerate(words):
        if (
            at not in used
            and len(word) >= 4
            and (partly := [c for c in frame.measures if any(same(word, part) for part in name_parts(c.label))])
        ):
            used.add(at)
            for column in partly:
                found.setdefault(column.label, (at, column))
    return sorted(found.values(), key=lambda mention: mention[0]), used


def _windows(words: Sequence[str], shared: Sequence[tuple[int, ...]], size: int) -> list[tuple[int, ...]]:
    runs = [tuple(range(at, at + size)) for at in range(len(words) - size + 1)]
    return runs + [places for places in shared if len(places) == size]


def _spread_conjunctions(words: Sequence[str]) -> list[tuple[int, ...]]:
    """Return the places of "bill … depth" in "bill length and depth", and of "min … temperature" in "min and max temperature"."""
    places: list[tuple[int, ...]] = []
    for at, word in enumerate(words):
        if word in ("and", "or", "against", "versus", "vs"):
            if at >= 2 and at + 1 < len(words):
                places.append((at - 2, at + 1))
            if at >= 1 and at + 2 < len(words):
                places.append((at - 1, at + 2))
    return places


def _spells(words: Sequence[str], parts: Sequence[str]) -> bool:
    left = list(parts)
    for word in words:
        match = next((part for part in left if same(word, part)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _condition(words: Sequence[str], frame: Frame) -> tuple[Condition | None, set[int]]:
    """Find values of a column in the clause, as in "only Gentoo" or "compare Adelie and Gentoo"."""
    for column in frame.columns:
        if column.is_number or column.is_time or not column.is_category:
            continue
        spoken: dict[Label, int] = {}
        for value in column.examples:
            at = _place(words, split_words(str(value)))
            if at is not None and isinstance(value, str) and (_introduced(words, at, frame) or spoken):
                spoken[value] = at
        if spoken:
            places = {at + step for value, at in spoken.items() for step in range(len(split_words(str(value))))}
            return Condition(column, tuple(spoken)), places
    return None, set()


def _place(words: Sequence[str], value: Sequence[str]) -> int | None:
    size = len(value)
    return next((at for at in range(len(words) - size + 1) if size and list(words[at : at + size]) == list(value)), None)


def _introduced(words: Sequence[str], at: int, frame: Frame) -> bool:
    before, after = words[max(0, at - 1) : at], words[at + 1 : at + 2]
    about = set(re.split(r"_", frame.name)) | {"only", "rows"}
    return bool(set(before) & _ONLY) or bool(set(after) & about)
