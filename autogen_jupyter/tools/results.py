"""What a tool gave, as text for the model: any type of result, bounded, and errors with the place in the user's code."""

from __future__ import annotations

import inspect
import json
import os
import traceback
from collections.abc import Callable
from typing import Any

from .arguments import ArgumentError

__all__ = ["error_text", "result_text"]

LONGEST = 100_000
"""Characters of text or JSON that a tool may return; what is longer loses its middle."""
LONGEST_REPR = 4_000
_ROWS = 30
_COLUMNS = 20
_FRAMES = 3
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def result_text(result: Any) -> str:
    """Return a tool's result as text: text as it is, models and plain data as JSON, tables and arrays with their shape, else the repr."""
    if isinstance(result, str):
        return _clipped(result, LONGEST)
    try:
        return _clipped(_table(result) or _json(result), LONGEST)
    except Exception:
        return _repr(result)


def error_text(error: BaseException, function: Callable[..., Any] | None = None) -> str:
    """Return an error as text: its type, its message, and where in the user's code it happened."""
    message = _clipped(str(error), LONGEST_REPR)
    if isinstance(error, ArgumentError) or getattr(error, "is_for_model", False):
        return f"Error: {message}"
    name = type(error).__name__
    first = f"Error: {name}: {message}" if message else f"Error: {name}"
    return "\n".join([first, *_frames(error, function)])


def _json(result: Any) -> str:
    if hasattr(result, "model_dump_json"):
        return str(result.model_dump_json())
    return json.dumps(result, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """Return something JSON knows for a value it does not know."""
    table = _table(value)
    if table is not None:
        return table
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        return value.item()
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value)


def _table(result: Any) -> str | None:
    """Return a pandas table or series, or an array, as bounded text with its shape; None for anything else."""
    library, kind, shape = type(result).__module__.partition(".")[0], type(result).__name__, getattr(result, "shape", None)
    if not isinstance(shape, tuple) or not shape:
        return None
    if hasattr(result, "to_string") and len(shape) == 2:
        shown = result.to_string(max_rows=_ROWS, max_cols=_COLUMNS, max_colwidth=80)
        return f"{_clipped(shown, LONGEST_REPR * 4)}\n[{shape[0]:,} rows x {shape[1]:,} columns]"
    if hasattr(result, "to_string"):
        return f"{_clipped(result.to_string(max_rows=_ROWS), LONGEST_REPR * 4)}\n[{shape[0]:,} values, dtype {result.dtype}]"
    if library == "numpy":
        return f"{_repr(result)}\n[shape {shape}, dtype {result.dtype}]"
    return _repr(result) if kind in ("DataFrame", "LazyFrame", "Series", "Tensor") else None


def _repr(result: Any) -> str:
    try:
        return _clipped(repr(result), LONGEST_REPR)
    except Exception as error:
        return f"<{type(result).__name__} that cannot be shown: {type(error).__name__}>"


def _clipped(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters left out …]\n{text[-half:]}"


def _frames(error: BaseException, function: Callable[..., Any] | None) -> list[str]:
    """Return the lines of the user's code that led to the error: the tool's own, and the innermost ones."""
    frames = traceback.extract_tb(error.__traceback__)
    code = getattr(inspect.unwrap(function), "__code__", None) if function is not None else None
    start = next((n for n, (frame, _) in enumerate(traceback.walk_tb(error.__traceback__)) if frame.f_code is code), None)
    users = frames[start:] if start is not None else [frame for frame in frames if not _is_ours(frame.filename)]
    if start is None:
        users = users[-_FRAMES:]
    shown = [*users[:1], *users[1:][-(_FRAMES - 1) :]]
    return [_place(frame) for frame in shown]


def _place(frame: traceback.FrameSummary) -> str:
    return f"  {os.path.basename(frame.filename)}, line {frame.lineno}, in {frame.name}: {(frame.line or '').strip():.200}"


def _is_ours(filename: str) -> bool:
    return filename.startswith(_HERE) or os.path.basename(os.path.dirname(filename)) in ("asyncio", "concurrent")
