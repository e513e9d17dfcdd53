"""Data as rows, and names for them that stay the same from run to run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import UsageError

__all__ = ["Row", "digest", "rows_of"]

Row = Mapping[str, Any]


def rows_of(data: Any, what: str) -> list[Row]:
    """Return the rows of a DataFrame or of a list of dictionaries.

    Raises:
        UsageError: it is something else, or empty.
    """
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        data = data.to_dict("records")
    if isinstance(data, (str, bytes, Mapping)) or not isinstance(data, Iterable):
        raise UsageError(f"{what} is {type(data).__name__}; give a list of dictionaries or a DataFrame.")
    rows = list(data)
    wrong = next((row for row in rows if not isinstance(row, Mapping)), None)
    if wrong is not None:
        raise UsageError(f"{what} has a row that is {wrong!r:.80}; each row must be a dictionary, such as {{'question': …, 'answer': …}}.")
    if not rows:
        raise UsageError(f"{what} is empty, so there is nothing to try.")
    return rows


def digest(value: Any) -> str:
    """Return a short name for a value: equal values have equal names, in other processes too."""
    text = json.dumps(value, sort_keys=True, default=_plain, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _plain(value: Any) -> str:
    """A text without addresses in memory, which differ from run to run."""
    own = str(value)
    return f"{type(value).__module__}.{getattr(value, '__qualname__', type(value).__qualname__)}" if " at 0x" in own else own
