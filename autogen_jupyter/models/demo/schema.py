"""What the demo model knows about the data: frames and their columns, as its own first look printed them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace

from .output import parse_literal
from .writing import Label, label_title

__all__ = ["Column", "Frame", "read_frames"]

_FRAME = re.compile(r"^(?P<name>[A-Za-z_]\w*)(?:, read from (?P<path>'.*'|\".*\"))?: (?P<rows>\d{1,15}) rows x \d+ columns$")
_COLUMN = re.compile(
    r"""^- (?P<label>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|-?\d+): (?P<dtype>[^,]+(?:, [^,\]]+\])?), """
    r"(?P<missing>\d{1,15}) missing, (?P<different>\d{1,15}) different(?:, such as (?P<examples>.*))?$"
)
_NUMERIC = re.compile(r"(u?int|float|decimal|double)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2}|$)|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{1,2}[- ][A-Za-z]{3}[a-z]*[- ]\d{4}")
_WRITTEN_NUMBER = re.compile(r"[$€£¥]?\s*[-+]?\d[\d.,' ]*\s*[%$€£¥]?")
_DATE_NAMES = {"date", "day", "time", "timestamp", "datetime", "month"}
_MOST_GROUPS = 30
_MOST_NUMBER_GROUPS = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the first look showed it."""

    label: Label
    dtype: str
    missing: int = 0
    different: int = 0
    examples: tuple[Label, ...] = ()

    @property
    def title(self) -> str:
        """The name as people write it, with its unit where the name has one."""
        return label_title(self.label)

    @property
    def is_number(self) -> bool:
        return bool(_NUMERIC.match(self.dtype))

    @property
    def is_time(self) -> bool:
        """Dates, texts that look like dates, and whole numbers called ``year``."""
        if self.dtype.startswith(("datetime", "period", "date32", "timestamp")):
            return True
        if self.is_year:
            return True
        if self.is_number or self.dtype == "bool":
            return False
        dates = [bool(_DATE.match(str(example))) for example in self.examples]
        named = bool(_DATE_NAMES & set(re.split(r"[^a-z]+", str(self.label).lower())))
        return bool(dates and all(dates)) or (named and any(dates))

    @property
    def is_year(self) -> bool:
        return self.is_number and str(self.label).lower() in ("year", "jahr") and all(_is_year(example) for example in self.examples)

    @property
    def is_category(self) -> bool:
        """Few enough different values to compare them with one another."""
        if self.is_number:
            return self.dtype.lower().startswith(("int", "uint")) and 1 < self.different <= _MOST_NUMBER_GROUPS
        return not self.dtype.startswith("datetime") and 0 < self.different <= _MOST_GROUPS

    @property
    def looks_numeric(self) -> bool:
        """A text column most of whose values are written numbers, such as ``"$1,200"``."""
        texts = [example for example in self.examples if isinstance(example, str)]
        return not self.is_number and 2 * sum(bool(_WRITTEN_NUMBER.fullmatch(text.strip())) for text in texts) >= max(len(texts), 1)

    @property
    def is_measure(self) -> bool:
        """A number that is worth averaging."""
        return self.is_number and not self.is_year


def _is_year(value: Label) -> bool:
    return isinstance(value, (int, float)) and 1000 <= value <= 2999


@dataclass(frozen=True, slots=True)
class Frame:
    """A DataFrame that exists in the kernel under ``name``."""

    name: str
    rows: int
    columns: tuple[Column, ...]
    path: str | None = None
    """The file it was read from, as the person wrote it; None for a variable that was handed over."""

    @property
    def measures(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_measure)

    @property
    def categories(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_category and not column.is_number)

    @property
    def times(self) -> tuple[Column, ...]:
        """Columns that order the rows in time, real dates before years."""
        return tuple(sorted((column for column in self.columns if column.is_time), key=lambda column: column.is_year))

    def column(self, label: Label) -> Column | None:
        return next((column for column in self.columns if column.label == label), None)


def read_frames(output: str) -> list[Frame]:
    """Return the frames that a first look printed, in the order of printing. Lines that are not its own are passed over."""
    frames: list[Frame] = []
    for line in output.splitlines():
        if match := _FRAME.match(line.strip()):
            path = parse_literal(match["path"]) if match["path"] else None
            frames.append(Frame(match["name"], int(match["rows"]), (), None if path is None else str(path)))
        elif frames and (column := _column(line.strip())):
            frames[-1] = replace(frames[-1], columns=(*frames[-1].columns, column))
    return [frame for frame in frames if frame.columns]


def _column(line: str) -> Column | None:
    match = _COLUMN.match(line)
    if not match:
        return None
    return Column(
        parse_literal(match["label"]), match["dtype"].strip(), int(match["missing"]), int(match["different"]), _examples(match["examples"])
    )


def _examples(text: str | None) -> tuple[Label, ...]:
    try:
        values = ast.literal_eval(text or "[]")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    return tuple(value for value in values if isinstance(value, (str, int, float, bool))) if isinstance(values, list) else ()
