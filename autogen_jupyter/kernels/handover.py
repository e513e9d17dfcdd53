"""Copies variables from the notebook into the agent kernel, and describes them for the assistant. Nothing is ever read back."""

from __future__ import annotations

import asyncio
import json
import keyword
import pickle
import tempfile
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..portal import on_portal
from .executor import KernelCodeExecutor
from .languages import BOOTSTRAP_MODULE

__all__ = ["describe", "push"]

MAX_NAMES = 40
"""Columns or keys that a description lists."""
_PLAIN = (str, int, float, bool, type(None))


@on_portal
async def push(executor: KernelCodeExecutor, variables: Mapping[str, object]) -> list[str]:
    """Copy variables into the kernel, under their names; return a description of each for the assistant.

    DataFrames, Series and arrays travel in files, plain data (numbers, text, lists and dictionaries with text keys) as JSON, in which
    a tuple becomes a list. Either all arrive or none.

    Raises:
        UsageError: a name or a value cannot be copied.
        KernelError: the kernel could not take them.

    Example:
        >>> await push(executor, {"df": df})
        ['df: DataFrame, 344 rows x 2 columns: species (object), year (int64)']
    """
    descriptions = [describe(name, value) for name, value in variables.items()]
    await executor.settle()
    with tempfile.TemporaryDirectory(prefix="agk-data-", dir=executor.exchange_folder) as folder:
        await asyncio.to_thread(_write, variables, Path(folder))
        await executor.carry(Path(folder), lambda there: f"__import__({BOOTSTRAP_MODULE!r}).load({there!r})")
    return descriptions


def describe(name: str, value: object) -> str:
    """Return one line about a variable: its type, its size, its columns. It holds no values.

    Example:
        >>> describe("prices", [1.5, 2.0])
        'prices: list of 2 items (float)'
    """
    kind = _pandas_kind(value)
    described = {"DataFrame": _describe_frame, "Series": _describe_series, "ndarray": _describe_array}.get(kind)
    return f"{name}: {described(value) if described else _describe_plain(value)}"


def _describe_frame(frame: Any) -> str:
    columns = [f"{_short(column)} ({dtype})" for column, dtype in zip(frame.columns[:MAX_NAMES], frame.dtypes[:MAX_NAMES], strict=True)]
    listed = _listed(columns, len(frame.columns))
    return f"DataFrame, {len(frame)} rows x {len(frame.columns)} columns" + (f": {listed}" if listed else "")


def _describe_series(series: Any) -> str:
    named = f" named {_short(series.name)}" if series.name is not None else ""
    return f"Series{named}, {len(series)} rows ({series.dtype})"


def _describe_array(array: Any) -> str:
    return f"ndarray, shape {array.shape} ({array.dtype})"


def _describe_plain(value: object) -> str:
    kind = type(value).__name__
    if isinstance(value, dict):
        names = _listed([f"{_short(key)} ({type(item).__name__})" for key, item in [*value.items()][:MAX_NAMES]], len(value))
        return f"{kind} with {len(value)} keys" + (f": {names}" if names else "")
    if isinstance(value, str):
        return f"{kind}, {len(value)} characters"
    if isinstance(value, (list, tuple, set, frozenset)):
        kinds = sorted({type(item).__name__ for item in value})
        return f"{kind} of {len(value)} items" + (f" ({', '.join(kinds[:5])})" if kinds else "")
    return kind


def _listed(names: Sequence[str], total: int) -> str:
    more = f", … and {total - len(names)} more" if total > len(names) else ""
    return ", ".join(names) + more


def _short(name: object) -> str:
    """Return a column's name or a key on one line, at most 80 characters long."""
    text = " ".join(str(name).split())
    return text if len(text) <= 80 else text[:79] + "…"


def _write(variables: Mapping[str, object], folder: Path) -> None:
    entries = {}
    for number, (name, value) in enumerate(variables.items()):
        _check_name(name)
        entries[name] = _encode(name, value, folder / str(number))
    (folder / "variables.json").write_text(json.dumps(entries), encoding="utf-8")


def _check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"{name!r} is not a name that a variable can have, so it cannot be copied to the agent kernel.")


def _encode(name: str, value: object, path: Path) -> dict[str, Any]:
    write = {"DataFrame": _write_frame, "Series": _write_series, "ndarray": _write_array}.get(_pandas_kind(value))
    if write is not None:
        return write(value, path) | {"file": path.name}
    return {"kind": "json", "value": _plain(name, value)}


def _plain(name: str, value: object) -> object:
    """Return ``value`` as JSON can hold it."""
    if _library(type(value)) == "numpy" and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(name, item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(name, item) for key, item in value.items()}
    what = (
        "a dictionary whose keys are not all text" if isinstance(value, dict) else f"a {type(value).__module__}.{type(value).__qualname__}"
    )
    raise UsageError(
        f"The variable {name!r} is or holds {what.replace('builtins.', '')}, which cannot be copied to the agent kernel. "
        "Pass a pandas DataFrame or Series, a numpy array, or plain data (numbers, text, lists, dictionaries with text keys); "
        "anything else can be saved to a file that the code opens."
    )


def _pandas_kind(value: object) -> str:
    """Return ``DataFrame``, ``Series`` or ``ndarray`` for these and their subclasses; found by name, without importing pandas."""
    for kind in type(value).__mro__:
        if (_library(kind), kind.__name__) in (("pandas", "DataFrame"), ("pandas", "Series"), ("numpy", "ndarray")):
            return kind.__name__
    return ""


def _library(kind: type) -> str:
    return kind.__module__.split(".")[0]


def _write_array(array: Any, path: Path) -> dict[str, Any]:
    import numpy as np

    if array.dtype.hasobject or type(array) is not np.ndarray:
        return _write_pickle(array, path)
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
    return {"kind": "npy"}


def _write_series(series: Any, path: Path) -> dict[str, Any]:
    return _write_pickle(series, path)


def _write_frame(frame: Any, path: Path) -> dict[str, Any]:
    return {"kind": "arrow"} if _write_arrow(frame, path) else _write_pickle(frame, path)


def _write_pickle(value: Any, path: Path) -> dict[str, Any]:
    with path.open("wb") as file:
        pickle.dump(value, file, protocol=5)
    return {"kind": "pickle"}


def _write_arrow(frame: Any, path: Path) -> bool:
    """Write an Arrow file, if there is pyarrow and nothing about the frame would change on the way."""
    try:
        pa = import_module("pyarrow")
    except ImportError:
        return False
    try:
        if not _survives_arrow(frame):
            return False
        table = pa.Table.from_pandas(frame)
        if not table.slice(0, 0).to_pandas().dtypes.equals(frame.dtypes):
            return False
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    except (pa.ArrowException, TypeError, ValueError):
        return False
    return True


def _survives_arrow(frame: Any) -> bool:
    """Say whether columns of Python objects hold text only: Arrow would turn a NaN among it into None."""
    from pandas.api.types import infer_dtype

    if type(frame).__module__.split(".")[0] != "pandas" or frame.attrs:
        return False
    return all(infer_dtype(frame[name], skipna=False) == "string" for name in frame.select_dtypes(object).columns)
