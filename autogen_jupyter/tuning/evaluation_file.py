"""Rows of an evaluation on disk: one line of JSON for each, written when its chat is over."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .evaluation import EvaluationRow
from .rows import Row, digest

__all__ = ["EvaluationFile", "keys_of"]

_KEPT = ("scores", "answer", "stop_reason", "usd", "tokens", "seconds", "error")


def keys_of(rows: Sequence[Row]) -> list[str]:
    """Return a name for each row that stays the same when others come or go."""
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        name = digest(dict(row))
        keys.append(f"{name}-{seen[name]}")
        seen[name] += 1
    return keys


class EvaluationFile:
    """Keeps rows that went well; the next run leaves them out. Without a path it keeps nothing."""

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self._path = None if path is None else Path(path)

    def known(self, keys: Sequence[str], rows: Sequence[Row]) -> dict[str, EvaluationRow]:
        """Return the rows that an earlier run got through.

        Raises:
            UsageError: the file is something else.
        """
        if self._path is None or not self._path.exists():
            return {}
        lines = [_read(line) for line in self._path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if lines and not any(lines):
            raise UsageError(f"{self._path} is not a file of evaluate's. Name another one.")
        by_key = dict(zip(keys, rows, strict=True))
        kept = {line["key"]: line for line in lines if line and line["key"] in by_key and not line["error"]}
        return {key: EvaluationRow(by_key[key], **{name: line[name] for name in _KEPT}) for key, line in kept.items()}

    def add(self, key: str, row: EvaluationRow) -> None:
        """Write a row down."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"key": key} | {name: getattr(row, name) for name in _KEPT}
        with self._path.open("a+b") as file:
            if file.tell() and not _ends_a_line(file):
                file.write(b"\n")
            file.write((json.dumps(kept, ensure_ascii=False) + "\n").encode("utf-8", "replace"))


def _ends_a_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


def _read(line: str) -> dict[str, Any] | None:
    """Return a line; None where it is torn, because the run was ended while it wrote."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"key", *_KEPT} <= set(found) else None
