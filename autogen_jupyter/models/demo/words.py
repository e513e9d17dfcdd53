"""Words of a request: normalised, and compared with the parts of a column's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["has", "name_parts", "same", "split_words", "stem", "whole_number"]

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?", re.UNICODE)
_UNIT_PARTS = {"mm", "cm", "km", "kg", "g", "pct", "percent", "usd", "eur", "c", "f", "ml", "kwh"}
_ALIASES = {
    "maximum": "max", "highest": "max", "minimum": "min", "lowest": "min", "average": "avg", "rainfall": "precipitation",
    "rain": "precipitation", "weight": "mass", "temperature": "temp", "temperatures": "temp", "quantity": "qty", "amount": "amt",
    "latitude": "lat", "longitude": "lon",
}  # fmt: skip
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twenty": 20}


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of the text in lower case; ``body_mass_g`` gives three."""
    return tuple(word.lower() for word in _WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)))


def name_parts(label: object) -> tuple[str, ...]:
    """Return the words of a column's name without its unit."""
    parts = split_words(str(label))
    return tuple(part for part in parts if part not in _UNIT_PARTS) or parts


def stem(word: str) -> str:
    """Return the word without a plural ending."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def same(word: str, part: str) -> bool:
    """Whether a word of a request means a part of a column's name: equal, plural, alias, or an abbreviation of four letters or more."""
    if stem(word) == stem(part) or _ALIASES.get(word) == part or _ALIASES.get(part) == word:
        return True
    short, long = sorted((word, part), key=len)
    return len(short) >= 4 and long.startswith(short) and short != "date"


def has(words: Sequence[str], *wanted: str) -> bool:
    """Whether one of the wanted words, or run of words, is among the words."""
    text = f" {' '.join(words)} "
    return any(f" {phrase} " in text for phrase in wanted)


def whole_number(words: Iterable[str]) -> int | None:
    """Return the first small whole number among the words."""
    for word in words:
        if word in _COUNTS:
            return _COUNTS[word]
        if re.fullmatch(r"[0-9]{1,3}", word) and int(word) > 0:
            return int(word)
    return None
