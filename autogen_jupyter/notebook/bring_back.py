"""Bring variables back from the agent kernel: as data, never as objects that could hold code.

What arrives was made by generated code, so it is read with a JSON parser and checked piece by piece. Nothing is unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import KernelError, UsageError
from ..kernels import KernelCodeExecutor
from ..portal import on_portal

if TYPE_CHECKING:
    from .chat import Chat

__all__ = ["NotBroughtBack", "bring_back"]

SHOWN = 12
"""Variables that are named when one is missing."""


class NotBroughtBack(UsageError):  # noqa: N818 - a fact, as its neighbours
    """Some variables could not be brought back. What the agents said is not lost with them.

    Example:
        >>> error = NotBroughtBack("no `clean`", {"raw": [1]})
        >>> error.values
        {'raw': [1]}
    """

    chat: Chat | None = None
    """The chat that has the answer."""

    def __init__(self, message: str, values: dict[str, object]) -> None:
        super().__init__(message)
        self.values = values
        """Those that could be."""


_PACK = """
def _agentchat_pack(names):
    import json
    from IPython import get_ipython
    space = get_ipython().user_ns
    plain = (str, int, float, bool, type(None))
    def kind(value):
        for cls in type(value).__mro__:
            if cls.__module__.split(".")[0] in ("pandas", "numpy"):
                return cls.__name__
        return ""
    def pure(value):
        if isinstance(value, plain):
            return value
        if kind(value) and hasattr(value, "item") and getattr(value, "shape", None) == ():
            return pure(value.item())
        if isinstance(value, (list, tuple)):
            return [pure(item) for item in value]
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return {key: pure(item) for key, item in value.items()}
        raise TypeError(f"holds a {type(value).__name__}")
    def column(series):
        name = str(series.dtype)
        if name.startswith("datetime64") or name.startswith("timedelta64"):
            return {"dtype": name, "values": [None if missing else str(item) for item, missing in zip(series, series.isna())]}
        if name == "category":
            return {"dtype": "category", "values": pure(series.astype(object).where(series.notna(), None).tolist())}
        missing = series.isna()
        cells = series.astype(object).where(~missing, None).tolist() if missing.any() else series.tolist()
        return {"dtype": name, "values": pure(cells)}
    def frame(value):
        return {"columns": [{"name": pure(value.columns[n]), **column(value.iloc[:, n])} for n in range(value.shape[1])],
                "index": None if kind(value.index) == "RangeIndex" and (value.index.start, value.index.step) == (0, 1) else
                {"name": pure(value.index.name), **column(value.index.to_series())},
                "rows": len(value)}
    def pack(value):
        what = kind(value)
        if what == "DataFrame":
            return {"kind": "frame", **frame(value)}
        if what == "Series":
            return {"kind": "series", "name": pure(value.name), **frame(value.to_frame(0))}
        if what == "ndarray" and value.dtype.kind in "biuf":
            return {"kind": "array", "dtype": str(value.dtype), "values": value.tolist()}
        return {"kind": "plain", "value": pure(value)}
    packed = {}
    for name in names:
        try:
            packed[name] = pack(space[name]) if name in space else {"kind": "missing"}
        except Exception as error:
            packed[name] = {"kind": "refused", "why": f"{type(space[name]).__name__}: {error}"}
    return json.dumps(packed)
"""


@on_portal
async def bring_back(executor: KernelCodeExecutor, names: Sequence[str]) -> dict[str, object]:
    """Return copies of variables of the agent kernel, by name: plain data, numeric arrays, DataFrames and Series.

    Raises:
        NotBroughtBack: a variable is not there, or is of another kind; the others are in the error.
        KernelError: the kernel could not be asked.

    Example:
        >>> await bring_back(executor, ["clean"])  # doctest: +SKIP
        {'clean':    species  year ...}
    """
    text = await executor.command(_PACK, f"_agentchat_pack({list(names)!r})")
    packed = json.loads(text) if isinstance(text, str) else text
    if not isinstance(packed, dict):
        raise KernelError("The agent kernel's answer about its variables cannot be read; `%agentchat reset` begins a new one.")
    read = {name: _read(name, packed.get(name, {"kind": "missing"})) for name in names}
    problems = {name: value for name, value in read.items() if isinstance(value, UsageError)}
    values = {name: value for name, value in read.items() if name not in problems}
    if problems:
        is_missing = any(packed.get(name, {}).get("kind", "missing") == "missing" for name in problems)
        told = [str(problem) for problem in problems.values()] + ([await _there(executor)] if is_missing else [])
        raise NotBroughtBack(" ".join(told), values)
    return values


def _read(name: str, given: Mapping[str, Any]) -> object:
    try:
        return _unpacked(name, given)
    except UsageError as error:
        return error


async def _there(executor: KernelCodeExecutor) -> str:
    """Say what the agent kernel has instead."""
    known = await executor.variables()
    if not known:
        return "It has no variables."
    named = ", ".join(f"{one.name} ({one.type.rpartition('.')[2]})" for one in known[-SHOWN:])
    return f"It has {named}{f' and {len(known) - SHOWN} more' if len(known) > SHOWN else ''}. `%agentchat pull NAME` brings one back."


def _unpacked(name: str, given: Mapping[str, Any]) -> object:
    kind = given.get("kind")
    if kind == "missing":
        raise UsageError(f"You asked for {name!r}, and the agent kernel has no such variable.")
    if kind == "refused":
        raise UsageError(
            f"The variable {name!r} cannot be brought back ({str(given.get('why', ''))[:120]}). What can: a DataFrame, a Series, a numeric "
            "array, or plain data. Ask the agents to make one of these, or to save a file."
        )
    readers = {"plain": _plain, "array": _array, "series": _series, "frame": _frame}
    try:
        return readers[str(kind)](given)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"The variable {name!r} cannot be brought back: {error}.") from error


def _plain(given: Mapping[str, Any]) -> object:
    return given["value"]


def _array(given: Mapping[str, Any]) -> object:
    import numpy as np

    return np.array(given["values"], dtype=given["dtype"])


def _series(given: Mapping[str, Any]) -> object:
    series = _frame(given).iloc[:, 0]
    series.name = given["name"]
    return series


def _frame(given: Mapping[str, Any]) -> Any:
    import pandas as pd

    index = given["index"]
    rows = pd.RangeIndex(int(given["rows"])) if index is None else pd.Index(_column(index), name=index["name"])
    columns = [_column(column) for column in given["columns"]]
    frame = pd.concat([pd.Series(column) for column in columns], axis=1) if columns else pd.DataFrame()
    frame.columns = pd.Index([_label(column["name"]) for column in given["columns"]], dtype=None if columns else object)
    frame.index = rows
    return frame


def _column(given: Mapping[str, Any]) -> Any:
    import pandas as pd

    values, dtype = given["values"], str(given["dtype"])
    if dtype.startswith("datetime64[") and "," in dtype:
        return pd.Series(pd.to_datetime(values, utc=True)).dt.tz_convert(dtype.split(",")[1].strip(" ]"))
    return pd.Series(values, dtype=object if dtype == "object" else None).astype(dtype)


def _label(label: Any) -> Any:
    return tuple(label) if isinstance(label, list) else label
