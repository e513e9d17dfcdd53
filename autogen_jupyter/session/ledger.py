"""The record of a chat: every event, one JSON line each, appended while it happens."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..events import ChatEvent, to_json

__all__ = ["LEDGER_VARIABLE", "Ledger", "ledger_from_environment"]

LEDGER_VARIABLE = "AUTOGEN_JUPYTER_LEDGER"


class Ledger:
    """Appends events to a file; a subscriber.

    Args:
        path: the file; it is created readable by its owner only, since it holds the whole conversation.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "a", encoding="utf-8")

    def __call__(self, event: ChatEvent) -> None:
        self.remark(to_json(event))

    def remark(self, line: Mapping[str, Any]) -> None:
        """Append something that is no event; readers pass over kinds they do not know. What comes after the close is not recorded."""
        if self._file.closed:  # a kernel that is stopped says so, though nobody listens any more
            return
        self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def ledger_from_environment() -> Ledger | None:
    """Return a ledger at the path that ``AUTOGEN_JUPYTER_LEDGER`` names, if it names one."""
    path = os.environ.get(LEDGER_VARIABLE)
    return Ledger(Path(path)) if path else None
