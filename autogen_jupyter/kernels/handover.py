"""Copies variables from the notebook into the agent kernel and back, and describes them for the assistant."""

from __future__ import annotations

import asyncio
import keyword
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..portal import on_portal
from .exchange import receive, send
from .executor import KernelCodeExecutor
from .parcels.folder import leave, take
from .parcels.streams import Foreign, Unfit
from .parcels.values import table_kind

__all__ = ["describe", "pull", "push"]

MAX_NAMES = 40
"""Columns or keys that a description lists."""


@on_portal
async def push(executor: KernelCodeExecutor, variables: Mapping[str, object], *, pickle: bool = False) -> list[str]:
    """Copy variables into the kernel, under their names; return a description of each for the assistant.

    DataFrames, Series, indexes and arrays cross with their types, as plain data do: numbers, text, times, lists, tuples, sets,
    dictionaries. Either all arrive or none.

    Args:
        executor: whose kernel takes them.
        variables: by name.
        pickle: also copy objects of any other class, by pickle. The kernel needs the module of that class.

    Raises:
        UsageError: a name or a value cannot be copied.
        KernelError: the kernel could not take them.

    Example:
        >>> await push(executor, {"df": df})
        ['df: DataFrame, 344 rows x 2 columns: species (object), year (int64)']
    """
    for name in variables:
        _check_name(name)
    _check_language(executor)
    descriptions = [describe(name, value) for name, value in variables.items()]
    await executor.settle()
    with tempfile.TemporaryDirectory(prefix="agk-data-", dir=executor.exchange_folder) as folder:
        problems = await asyncio.to_thread(leave, variables, folder, exact=True, pickles="all" if pickle else "tables")
        for name, problem in problems.items():
            raise UsageError(_refusal(name, problem)) from problem
        await send(executor, Path(folder))
    return descriptions


@on_portal
async def pull(executor: KernelCodeExecutor, names: Sequence[str]) -> tuple[dict[str, object], dict[str, str]]:
    """Copy variables of the kernel into this process; return them by name, and why the others cannot come, empty for what is not there.

    What arrives was made by generated code: it is read as data, checked piece by piece, and nothing of it is ever unpickled.

    Raises:
        UsageError: the kernel is none for Python, or what it left cannot be read at all.
        KernelError: the kernel could not be asked.

    Example:
        >>> values, problems = await pull(executor, ["clean"])  # doctest: +SKIP
    """
    _check_language(executor)
    wanted = list(dict.fromkeys(names))
    async with receive(executor, wanted) as (inbox, said):
        try:
            values, unread = await asyncio.to_thread(take, wanted, inbox.open, trusted=False)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"What the agent kernel left cannot be read: {error}.") from error
    told = {str(name): str(why)[:300] for name, why in said.items()} if isinstance(said, dict) else {}
    problems = {**told, **{name: f"{error}"[:300] or type(error).__name__ for name, error in unread.items()}}
    return values, {name: problems.get(name, "") for name in wanted if name not in values}


def describe(name: str, value: object) -> str:
    """Return one line about a variable: its type, its size, its columns. It holds no values.

    Example:
        >>> describe("prices", [1.5, 2.0])
        'prices: list of 2 items (float)'
    """
    kind = table_kind(value)
    described = {"DataFrame": _describe_frame, "Series": _describe_series, "ndarray": _describe_array}.get(kind)
    return f"{name}: {described(value) if described else _describe_plain(value)}"


def _describe_frame(frame: Any) -> str:
    shown = frame.iloc[:, :MAX_NAMES]
    columns = [f"{_short(column)} ({dtype})" for column, dtype in zip(shown.columns, shown.dtypes, strict=True)]
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


def _check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"{name!r} is not a name that a variable can have, so it cannot be copied to the agent kernel.")


def _check_language(executor: KernelCodeExecutor) -> None:
    if not executor.speaks_python:
        raise UsageError("Variables are copied to and from kernels for Python only. Save them to a file that the code opens.")


def _refusal(name: str, problem: Unfit) -> str:
    can = (
        "What can: pandas DataFrames, Series and indexes, numpy arrays, and plain data (numbers, text, times, lists, dictionaries). "
        "Anything else can be saved to a file that the code opens."
    )
    allow = "To copy it by pickle: --pickle, or pickle=True in Python. " if isinstance(problem, Foreign) else ""
    return f"The variable {name!r} is or holds {problem}, which cannot be copied to the agent kernel as data. {allow}{can}"
