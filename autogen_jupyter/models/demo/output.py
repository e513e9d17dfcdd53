"""Reading what the demo model's code printed: sections under ``== title ==``, and in them lines of ``label: values``.

A line names one thing and its numbers, either ``rows: 344`` or ``'Adelie': mean=3700.66, n=151``; parts of a label stand apart
with ``|``. Everything else in the output (tables, images, warnings) is passed over.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .writing import Label, Number

__all__ = ["Record", "Section", "heading", "parse_literal", "read_sections"]

_STRING = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_ATOM = rf"(?:{_STRING}|[^\s:=|'\"][^:=|'\"]*?)"
_LINE = re.compile(rf"^(?P<label>{_ATOM}(?: \| {_ATOM})*): (?P<rest>\S.*)$")
_ATOMS = re.compile(_ATOM + r"(?= \| |$)")
_PAIR = re.compile(rf"(?P<key>\w[\w ]*)=(?P<value>{_STRING}|[^,]*)(?:, |$)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf)$")
_NUMPY = re.compile(r"np\.\w+\(([^()]*)\)$")


@dataclass(frozen=True, slots=True)
class Record:
    """One line: what it is about, and its numbers."""

    label: tuple[Label, ...]
    values: Mapping[str, Label]
    """By name; a line with a single bare value has it under the empty name."""

    def get(self, key: str = "") -> Number | None:
        """Return a number, or None where the line has none of that name."""
        value = self.values.get(key)
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class Section:
    """The lines that one task printed."""

    records: tuple[Record, ...]

    def find(self, *label: Label) -> Record | None:
        """Return the first line with this label."""
        return next((record for record in self.records if record.label == label), None)

    def value(self, *label: Label) -> Number | None:
        """Return the single number of the first line with this label."""
        found = self.find(*label)
        return found.get() if found else None

    def having(self, *keys: str) -> list[Record]:
        """Return the lines that have a number for each of these names."""
        return [record for record in self.records if all(record.get(key) is not None for key in keys)]


def heading(title: str) -> str:
    """Return the line that begins a task's section."""
    return f"== {' '.join(title.split())} =="


def read_sections(output: str, titles: Iterable[str]) -> dict[str, Section]:
    """Return the section of each title that the output has."""
    wanted = {heading(title): title for title in titles}
    found: dict[str, list[Record]] = {}
    current: list[Record] | None = None
    for line in output.splitlines():
        title = wanted.get(line.strip())
        if title is not None:
            current = found.setdefault(title, [])
        elif current is not None and (record := _record(line.strip())):
            current.append(record)
    return {title: Section(tuple(records)) for title, records in found.items()}


def _record(line: str) -> Record | None:
    match = _LINE.match(line) if len(line) < 2000 else None
    if not match:
        return None
    label = tuple(parse_literal(atom) for atom in _ATOMS.findall(match["label"]))
    rest = match["rest"]
    pairs = {pair["key"]: parse_literal(pair["value"]) for pair in _PAIR.finditer(rest)}
    return Record(label, pairs or {"": parse_literal(rest)})


def parse_literal(text: str) -> Label:
    """Return the value that a printed literal stands for; other text is returned as it is."""
    text = text.strip()
    if wrapped := _NUMPY.match(text):
        text = wrapped[1]
    if text in ("True", "False"):
        return text == "True"
    if _NUMBER.match(text):
        return int(text) if re.fullmatch(r"[-+]?\d{1,300}", text) else float(text)
    if text[:1] in ("'", '"'):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
        return value if isinstance(value, str) else text
    return text
