"""Reads a session's ledger while it is being written in another process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["LedgerTail"]

LOOK_AGAIN = 0.05
"""Seconds between looks at the file: below what a reader notices. Notification of changes is not portable."""


class LedgerTail:
    """Hands every event that is appended to a ledger file (one JSON object a line) to a function, in order.

    Example:
        >>> tail = LedgerTail(Path("ledger.jsonl"), show=print)
        >>> tail.drain()
        >>> tail.shown
        0
    """

    def __init__(self, path: Path, show: Callable[[dict[str, Any]], None]) -> None:
        self._path = path
        self._show = show
        self._read_to = 0
        self._rest = b""
        self.shown = 0
        """Number of events handed on so far."""

    def drain(self) -> None:
        """Show what has arrived since the last call. A half-written line waits for its end."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read_to)
            new = file.read()
        self._read_to += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        for line in filter(bytes.strip, lines):
            self.shown += 1
            self._show(_event(line))

    async def follow(self) -> None:
        """Show events as they arrive, until cancelled."""
        while True:
            self.drain()
            await asyncio.sleep(LOOK_AGAIN)


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if isinstance(event, dict) and "kind" in event:
        return event
    return {"kind": "noticed", "level": "warning", "text": f"A line of the ledger is no event: {line[:80].decode(errors='replace')}"}
