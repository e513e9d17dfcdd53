"""Variables in a folder: a list of them as JSON, and a file for the bytes of each."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

from .streams import Reader, Unfit, Writer
from .values import pack, unpack

__all__ = ["LISTING", "leave", "take"]

LISTING = "variables.json"
MOST_JSON = 256_000_000
"""Bytes of plain data that are read."""


def leave(variables: Mapping[str, Any], folder: str, *, exact: bool, pickles: str = "") -> dict[str, Unfit]:
    """Write variables into a folder; return what could not be, by name and why."""
    entries: list[str] = []
    problems: dict[str, Unfit] = {}
    for number, (name, value) in enumerate(variables.items()):
        path = os.path.join(folder, f"{number}.bin")
        try:
            with open(path, "wb") as file:
                node = pack(value, Writer(file, exact=exact, pickles=pickles))
                is_empty = not file.tell()
            entry = {"file": None if is_empty else f"{number}.bin", "value": node}
            entries.append(f"{json.dumps(name)}: {json.dumps(entry)}")
        except (Unfit, ValueError, RecursionError) as error:
            problems[name] = error if isinstance(error, Unfit) else Unfit(f"a {type(value).__name__} that is nested too deep or too large")
            is_empty = True
        if is_empty:
            os.unlink(path)
    with open(os.path.join(folder, LISTING), "w", encoding="utf-8") as file:
        file.write("{" + ", ".join(entries) + "}")
    return problems


def take(
    names: Iterable[str] | None, open_file: Callable[[str], BinaryIO], *, trusted: bool
) -> tuple[dict[str, Any], dict[str, Exception]]:
    """Return variables that were left in a folder, and what cannot be read of them, by name.

    Args:
        names: those that are wanted; None for all.
        open_file: opens a file of the folder, unbuffered.
        trusted: whether the user's own notebook wrote it.

    Raises:
        ValueError: nothing in it can be read.
    """
    with open_file(LISTING) as file:
        if os.fstat(file.fileno()).st_size > MOST_JSON:
            raise ValueError(f"the plain data among them are more than {MOST_JSON:,} bytes")
        entries = json.loads(_all_of(file))
    if not isinstance(entries, dict):
        raise ValueError("there is no list of variables")  # noqa: TRY004 - data that are wrong, not an argument
    values: dict[str, Any] = {}
    problems: dict[str, Exception] = {}
    for name in entries if names is None else names:
        if name not in entries:
            continue
        try:
            values[name] = _taken(entries[name], open_file, trusted)
        except Exception as error:  # hostile data bring a library to raise anything
            problems[name] = error
    return values, problems


def _taken(entry: Any, open_file: Callable[[str], BinaryIO], trusted: bool) -> Any:
    if entry["file"] is None:
        return unpack(entry["value"], Reader(None, trusted=trusted))
    with open_file(str(entry["file"])) as file:
        return unpack(entry["value"], Reader(file, trusted=trusted))


def _all_of(file: BinaryIO) -> bytes:
    pieces = []
    while piece := file.read(1 << 20):
        pieces.append(piece)
    return b"".join(pieces)
