"""Two tables into one, on the column that they share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from ..ask import Ask
from ..output import Section
from ..schema import Column, Frame
from ..words import has, name_parts
from ..writing import headline, identifier, inline, literal, number
from .base import Kind, Proposal, Task, block

__all__ = ["JoinKind"]


_NOTHING = Frame("", 0, ())


@dataclass(frozen=True)
class Join(Task):
    """A left join: every row of the first table is kept."""

    other: Frame = _NOTHING
    keys: tuple[Column, ...] = ()
    can_plot: ClassVar[bool] = False

    @property
    def title(self) -> str:
        return f"join of {self.frame.name} and {self.other.name}"

    @property
    def aim(self) -> str:
        left, right = (inline(key.label) for key in self.keys)
        return f"join `{self.other.name}` to `{self.frame.name}` on {left if left == right else f'{left} = {right}'}"

    @property
    def result(self) -> Frame:
        """The joined frame. Columns that both tables have keep the first table's name, as the code's suffixes say."""
        mine = {column.label for column in self.frame.columns}
        added = [replace(column, missing=0) for column in self.other.columns if column.label not in mine]
        return Frame(self._name, self.frame.rows, (*self.frame.columns, *added))

    @property
    def _name(self) -> str:
        return identifier(f"{self.frame.name}_{self.other.name}")

    def body(self) -> str:
        left, right = (literal(key.label) for key in self.keys)
        on = f"on={left}" if left == right else f"left_on={left}, right_on={right}"
        return block(
            """
            <joined> = <first>.merge(<second>, how="left", <on>, suffixes=("", "_other"), indicator=True)
            matched = <joined>.pop("_merge") == "both"
            print(f"rows before: {len(<first>)}")
            print(f"rows: {len(<joined>)}")
            print(f"rows with a match: {matched.sum()}")
            print(f"columns: {<joined>.shape[1]}")
            """,
            joined=self._name,
            first=self.frame.name,
            second=self.other.name,
            on=on,
        )

    def summary(self, section: Section) -> str | None:
        before, rows, matched, columns = (section.value(name) for name in ("rows before", "rows", "rows with a match", "columns"))
        if rows is None or matched is None or before is None or columns is None:
            return None
        said = f"{number(matched)} of {number(rows)} joined rows found a match in `{self.other.name}`."
        notes = [f"- `{self._name}` has {number(rows)} rows and {number(columns)} columns; the first table had {number(before)} rows."]
        notes.append(f"- Joined on {inline(self.keys[0].label)} = {inline(self.keys[1].label)}, every row of `{self.frame.name}` kept.")
        if rows > before:
            notes.append("- There are more rows than before, because some keys occur more than once in the second table.")
        return headline(said) + "\n\n" + "\n".join(notes)


class JoinKind(Kind):
    name = "join two tables"
    words = ("join", "joined", "merge", "merged", "combine", "combined", "match")

    def propose(self, ask: Ask) -> Proposal | None:
        if len(ask.frames) < 2 or not has(ask.words, *self.words):
            return None
        first, second = self._pair(ask)
        keys = self._keys(first, second, ask)
        return Proposal(1.0, Join(first, other=second, keys=keys)) if keys else None

    @staticmethod
    def _pair(ask: Ask) -> tuple[Frame, Frame]:
        """The frames in the order in which the clause names them; the larger one first where it does not."""
        text = ask.clause
        places = {frame.name: text.find(frame.name) for frame in ask.frames if frame.name in text}
        ordered = sorted(ask.frames, key=lambda frame: (places.get(frame.name, len(text)), -frame.rows))
        return ordered[0], ordered[1]

    @staticmethod
    def _keys(first: Frame, second: Frame, ask: Ask) -> tuple[Column, Column] | None:
        pairs = [(left, right) for left in first.columns for right in second.columns]
        shared = [(left, right) for left, right in pairs if name_parts(left.label) == name_parts(right.label)]
        named = [pair for pair in shared if pair[0] in ask.named or pair[1] in ask.named]
        texts = [pair for pair in shared if not pair[0].dtype.startswith("float")]
        overlapping = [
            (left, right)
            for left, right in pairs
            if not left.is_number and not right.is_number and set(left.examples) & set(right.examples)
        ]
        return next(iter(named or texts or shared or overlapping), None)
