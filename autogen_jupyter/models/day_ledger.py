"""What was spent on each day, in a file that all processes of a user share."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

__all__ = ["DayLedger", "Spent", "ledger", "state_folder"]

_FILE = "spending.sqlite"
_KEPT_DAYS = 90
_ADD = """INSERT INTO days VALUES (?, ?, ?, ?) ON CONFLICT (day) DO UPDATE SET usd = usd + excluded.usd,
    tokens = tokens + excluded.tokens, unpriced = CASE excluded.unpriced WHEN '' THEN unpriced ELSE excluded.unpriced END"""


@dataclass
class Spent:
    """Money and tokens that were used, or are about to be."""

    usd: float = 0.0
    tokens: int = 0
    unpriced: str = ""
    """A model that was asked and whose price is not known."""

    def add(self, usd: float | None, tokens: int, model: str = "") -> None:
        self.usd += usd or 0.0
        self.tokens += tokens
        if usd is None:
            self.unpriced = model or "a model"

    def take_back(self, usd: float | None, tokens: int) -> None:
        self.usd = max(0.0, self.usd - (usd or 0.0))
        self.tokens -= tokens


def state_folder() -> Path:
    """Return where things are kept that outlast a process: ``AUTOGEN_JUPYTER_STATE``, else where the system has such things."""
    if named := os.environ.get("AUTOGEN_JUPYTER_STATE", "").strip():
        return Path(named)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA", "").strip()
        return (Path(root) if root else Path.home() / "AppData" / "Local") / "autogen_jupyter"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "autogen_jupyter"
    root = os.environ.get("XDG_STATE_HOME", "").strip()
    return (Path(root) if root else Path.home() / ".local" / "state") / "autogen_jupyter"


class DayLedger:
    """Adds up what is spent on a day, by any number of processes. Where its file cannot be used it counts this process alone.

    Args:
        path: the file.
        today: which day it is.
    """

    def __init__(self, path: Path, *, today: Callable[[], date] = date.today) -> None:
        self.path = path
        self.trouble = ""
        """Why the file cannot be used; empty while it can."""
        self._today = today
        self._here: dict[str, Spent] = {}
        self._lock = threading.Lock()

    @property
    def is_kept(self) -> bool:
        """Whether anything was ever written; the first daily budget begins it."""
        return self.path.exists() or bool(self._here)

    def add(self, usd: float | None, tokens: int, model: str = "") -> None:
        """Count what an answer took; an unknown price is noted as such."""
        day = self._today().isoformat()
        with self._lock:
            try:
                with self._open() as db:
                    db.execute(
                        _ADD,
                        (day, usd or 0.0, tokens, model or "a model" if usd is None else ""),
                    )
            except (OSError, sqlite3.Error) as error:
                self.trouble = f"{type(error).__name__}: {error}"
                self._here.setdefault(day, Spent()).add(usd, tokens, model)

    def today(self) -> Spent:
        """Return what was spent today."""
        day = self._today().isoformat()
        with self._lock:
            here = self._here.get(day, Spent())
            try:
                with self._open() as db:
                    row = db.execute("SELECT usd, tokens, unpriced FROM days WHERE day = ?", (day,)).fetchone() or (0.0, 0, "")
            except (OSError, sqlite3.Error) as error:
                self.trouble = f"{type(error).__name__}: {error}"
                row = (0.0, 0, "")
            return Spent(row[0] + here.usd, row[1] + here.tokens, row[2] or here.unpriced)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = sqlite3.connect(self.path, timeout=5.0, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute("CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, usd REAL, tokens INTEGER, unpriced TEXT)")
            db.execute("DELETE FROM days WHERE day < date('now', ?)", (f"-{_KEPT_DAYS} days",))
            yield db
        finally:
            db.close()


_WHERE = ("AUTOGEN_JUPYTER_STATE", *(("LOCALAPPDATA", "USERPROFILE") if sys.platform == "win32" else ("XDG_STATE_HOME", "HOME")))
"""Variables that ``state_folder`` depends on."""
_ledgers: dict[tuple[str | None, ...], DayLedger] = {}


def ledger() -> DayLedger:
    """Return the ledger of this user. Every answer of a model asks for it, so its place is made out once."""
    where = tuple(map(os.environ.get, _WHERE))
    found = _ledgers.get(where)
    return found if found is not None else _ledgers.setdefault(where, DayLedger(state_folder() / _FILE))
