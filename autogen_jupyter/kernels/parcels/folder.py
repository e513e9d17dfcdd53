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
MOST_PARTS = 5_000_000
"""Lists, dictionaries and values in plain data that generated code left: two bytes of JSON can be a list of sixty."""

Open = Callable[[str], tuple[BinaryIO, int]]
"""Opens a file of the folder, unbuffered; says how many of its bytes may be read, however it grows."""


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


def take(names: Iterable[str] | None, open_file: Open, *, trusted: bool) -> tuple[dict[str, Any], dict[str, Exception]]:
    """Return variables that were left in a folder, and what cannot be read of them, by name.

    Args:
        names: those that are wanted; None for all.
        open_file: opens a file of the folder.
        trusted: whether the user's own notebook wrote it.

    Raises:
        ValueError: nothing in it can be read.
    """
    entries = json.loads(_listing(open_file, trusted))
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


def _listing(open_file: Open, trusted: bool) -> bytearray:
    file, size = open_file(LISTING)
    with file:
        if size > MOST_JSON:
            raise ValueError(f"the plain data among them are more than {MOST_JSON:,} bytes")
        text = bytearray()
        while piece := file.read(min(1 << 20, size - len(text))):
            text += piece
    if not trusted and sum(map(text.count, b"[{,")) > MOST_PARTS:
        raise ValueError(f"the plain data among them have more than {MOST_PARTS:,} parts; an array or a DataFrame may be larger")
    return text


def _taken(entry: Any, open_file: Open, trusted: bool) -> Any:
    if entry["file"] is None:
        return unpack(entry["value"], Reader(None, 0, trusted=trusted))
    file, size = open_file(str(entry["file"]))
    with file:
        return unpack(entry["value"], Reader(file, size, trusted=trusted))
