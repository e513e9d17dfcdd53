"""What the model is told of a variable: no more than the person allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..kernels import describe

__all__ = ["Rendered", "indented", "rendered", "shape_of", "told"]

ROWS = 5
MOST = 20_000
"""Characters of one variable that a request holds at most."""
_TABLES = {"pandas", "numpy", "polars", "pyarrow", "xarray", "geopandas", "dask", "modin", "cudf", "torch", "tensorflow", "jax", "scipy"}
_CONVERSIONS: dict[str, Callable[[object], str]] = {"!r": repr, "!s": str, "!a": ascii}
_DEEPEST, _WIDEST = 3, 1_000
"""How far a container is looked through for tables."""


@dataclass(frozen=True)
class Rendered:
    """A variable as a prompt says it."""

    text: str
    """What stands in the sentence."""
    note: str
    """What it is, in one line, for the person."""
    is_whole: bool
    """Whether the text is the value itself, and not only what it is."""
    below: str = ""
    """Lines that stand below the prompt."""


def told(name: str, value: object, data: str) -> str:
    """Return the lines about a variable.

    Args:
        name: the variable's name.
        value: what it is.
        data: ``"none"`` for the name alone, ``"schema"`` for type, size and columns, ``"sample"`` for some rows too, ``"full"`` for all.

    Example:
        >>> told("prices", [1.5, 2.0], "schema")
        '- prices: list of 2 items (float)'
    """
    if data == "none":
        return f"- {name}"
    line = f"- {describe(name, value)}"
    return line if data == "schema" else f"{line}\n{_rows_of(value, data)}"


def rendered(name: str, value: Any, data: str, *, conversion: str = "", spec: str = "") -> Rendered:
    """Return a variable for a prompt: tables and arrays as ``data`` allows, everything else as it prints.

    Example:
        >>> rendered("rate", 0.256, "schema", spec=".0%").text
        '26%'
    """
    if name.endswith(".columns") and data != "none" and hasattr(value, "tolist"):
        text = _cut(", ".join(map(str, value.tolist())))
        return Rendered(text, f"{len(value)} names", is_whole=True)
    if _holds_tables(value):
        kind = type(value).__name__
        line = kind if data == "none" else describe(name, value).partition(": ")[2]
        size = "".join(f", {' x '.join(map(str, shape))}" for shape in [shape_of(value)] if shape)
        note = f"{kind}{size}: {'nothing more' if data == 'none' else data}"
        return Rendered(line, note, is_whole=False, below=_rows_of(value, data) if data in ("sample", "full") else "")
    converted = _CONVERSIONS[conversion](value) if conversion else value
    text = _cut(format(converted, spec) if spec else str(converted))
    return Rendered(text, f"{type(value).__name__}, {len(text)} characters", is_whole=True)


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the lengths of a table, an array or a plain container; nothing for what has none."""
    if _is_table(value):
        shape = getattr(value, "shape", ())
        return tuple(side for side in shape if isinstance(side, int)) if isinstance(shape, tuple) else ()
    return (len(value),) if isinstance(value, (list, tuple, dict, set, frozenset, str, bytes)) else ()


def indented(text: str) -> str:
    """Return lines four blanks further in, where no reader takes them for code to run."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def _is_table(value: Any) -> bool:
    """Say whether it is data of a library; a single number of numpy is a number."""
    kinds = [kind for kind in type(value).__mro__ if kind.__module__.split(".")[0] in _TABLES]
    has_protocol = any(hasattr(type(value), name) for name in ("__array__", "__dataframe__", "__arrow_c_stream__"))
    if not kinds and not has_protocol:
        return False
    return hasattr(value, "__len__") or not hasattr(type(value), "item") or getattr(value, "shape", None) != ()


def _holds_tables(value: Any, depth: int = 0) -> bool:
    if _is_table(value):
        return not _is_scalar(value)
    if depth >= _DEEPEST or not isinstance(value, (list, tuple, set, frozenset, dict)):
        return False
    items = [*value.values()] if isinstance(value, dict) else [*value]
    return any(_holds_tables(item, depth + 1) for item in items[:_WIDEST])


def _is_scalar(value: Any) -> bool:
    """Say whether it is one value of a library that also has tables, such as a timestamp of pandas."""
    return not hasattr(type(value), "__len__") and not hasattr(type(value), "__array__") and not hasattr(value, "shape")


def _rows_of(value: object, data: str) -> str:
    return indented(_cut(_text(value, None if data == "full" else ROWS)))


def _cut(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]}\n… ({len(text) - MOST} more characters)"


def _text(value: Any, rows: int | None) -> str:
    if hasattr(value, "head") and hasattr(value, "to_string"):
        shown = value if rows is None else value.head(rows)
        return str(shown.to_string())
    if rows is not None and isinstance(value, (list, tuple)):
        return f"{value[:rows]!r}" + (" …" if len(value) > rows else "")
    if rows is not None and isinstance(value, dict):
        return repr(dict([*value.items()][:rows])) + (" …" if len(value) > rows else "")
    text = repr(value)
    return text if rows is None or len(text) <= 500 else f"{text[:500]} …"
