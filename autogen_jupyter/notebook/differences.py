"""What would change when a variable that is brought back takes the place of the notebook's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["difference"]

MOST = 8
"""Columns that a list names."""


def difference(before: object, after: object) -> str:
    """Return in a line what differs. Of ``before`` only what numpy and pandas themselves define is asked.

    Example:
        >>> difference([1, 2], [1])
        'list -> list, 2 -> 1 items'
    """
    if _kind(before) == _kind(after) == "DataFrame":
        return _of_frames(before, after)
    if _kind(before) == _kind(after) and _kind(after) in ("Series", "ndarray"):
        return _of_arrays(before, after)
    line = f"{type(before).__name__} -> {type(after).__name__}"
    plain = (list, dict, str)
    if isinstance(before, plain) and type(before) is type(after) and isinstance(after, plain):
        return f"{line}, {len(before)} -> {len(after)} items" + ("" if _are_unlike(before, after) else ", the same")
    return line


def _of_frames(before: Any, after: Any) -> str:
    """Compare two tables: rows, columns, dtypes, and cells where both have the same rows."""
    old, new = list(before.columns), list(after.columns)
    known, there = set(old), set(new)
    found = [f"{len(before)} rows" if len(before) == len(after) else f"rows {len(before)} -> {len(after)}"]
    found += _named("new columns", [name for name in new if name not in known])
    found += _named("dropped columns", [name for name in old if name not in there])
    if before.columns.equals(after.columns):
        both = [(name, before.iloc[:, place], after.iloc[:, place]) for place, name in enumerate(new)]
    elif before.columns.is_unique and after.columns.is_unique:
        both = [(name, before[name], after[name]) for name in new if name in known]
    else:
        return "; ".join(found)
    found += _named("dtypes", [f"{name} {one.dtype} -> {other.dtype}" for name, one, other in both if one.dtype != other.dtype])
    if len(before) == len(after):
        changed = sum(_changed_cells(one, other) for _, one, other in both)
        found.append(f"{changed} changed cells" if changed else "no changed cells")
    return "; ".join(found)


def _of_arrays(before: Any, after: Any) -> str:
    found = [f"shape {before.shape} -> {after.shape}"] if before.shape != after.shape else [f"shape {after.shape}"]
    if before.dtype != after.dtype:
        found.append(f"dtype {before.dtype} -> {after.dtype}")
    if before.shape == after.shape:
        found.append(f"{_changed_cells(before, after)} changed cells")
    return "; ".join(found)


def _changed_cells(before: Any, after: Any) -> int:
    """Count the cells that differ by their place; missing is the same as missing."""
    import numpy as np
    import pandas as pd

    if "V" in (before.dtype.kind, after.dtype.kind):  # rows of named fields, which pandas does not take
        return sum(_are_unlike(*cells) for cells in zip(before.ravel().tolist(), after.ravel().tolist(), strict=True))
    old, new = (pd.Series(values.array if hasattr(values, "array") else values.ravel(), copy=False) for values in (before, after))
    try:
        unlike = (old != new).fillna(True).to_numpy(bool)
    except (TypeError, ValueError):  # categories that differ, times with and without a zone, arrays in cells
        unlike = np.array([_are_unlike(*cells) for cells in zip(old, new, strict=True)], bool)
    missing = old.isna().to_numpy(bool), new.isna().to_numpy(bool)
    return int(np.count_nonzero(np.where(missing[0] | missing[1], missing[0] != missing[1], unlike)))


def _are_unlike(one: Any, other: Any) -> bool:
    try:
        return bool(one != other)
    except (TypeError, ValueError):  # tables and arrays inside
        return repr(one) != repr(other)


def _named(what: str, names: Sequence[object]) -> list[str]:
    shown = ", ".join(str(name)[:40] for name in names[:MOST])
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return [f"{what}: {shown}{more}"] if names else []


def _kind(value: object) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__.split(".")[0] in ("pandas", "numpy") else ""
