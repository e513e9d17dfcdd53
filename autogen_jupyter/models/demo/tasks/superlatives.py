"""Superlatives: whether they ask for large or small values, and of which columns."""

from __future__ import annotations

from collections.abc import Iterable

from ..schema import Column
from ..words import name_parts, same

__all__ = ["LARGE", "SMALL", "columns_meant"]

LARGE = (
    "top", "largest", "highest", "biggest", "most", "greatest", "best", "heaviest", "longest", "deepest", "hottest", "warmest", "oldest",
    "wettest", "windiest", "tallest", "richest",
)  # fmt: skip
SMALL = (
    "bottom", "smallest", "lowest", "least", "fewest", "worst", "lightest", "shortest", "coldest", "coolest", "youngest", "driest",
    "cheapest",
)  # fmt: skip
_PARTS = {
    "heaviest": ("mass", "weight"), "lightest": ("mass", "weight"), "longest": ("length", "duration"), "deepest": ("depth",),
    "shortest": ("length", "height", "duration"), "hottest": ("max", "temp"), "warmest": ("max", "temp"), "coldest": ("min", "temp"),
    "coolest": ("min", "temp"), "oldest": ("age",), "youngest": ("age",), "wettest": ("precipitation", "rain"),
    "driest": ("precipitation", "rain"), "windiest": ("wind",), "tallest": ("height",), "cheapest": ("price", "cost"),
    "richest": ("income", "gdp"),
}  # fmt: skip


def columns_meant(words: Iterable[str], columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns whose names fit a superlative best: "hottest" finds ``temp_max``."""
    wanted = [part for word in words for part in _PARTS.get(word, ())]
    fits = [(sum(any(same(part, want) for part in name_parts(column.label)) for want in wanted), column) for column in columns]
    best = max((fit for fit, _ in fits), default=0)
    return tuple(column for fit, column in fits if best and fit == best)
