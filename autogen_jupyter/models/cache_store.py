"""Where cached answers lie: in memory, or in a file of SQLite's. Stores are plain and blocking; ``Cache`` decides when they may fail."""

from __future__ import annotations

import atexit
import os
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable

__all__ = ["DiskStore", "MemoryStore", "Store"]

SCHEMA = 1
_LOCK_SECONDS = 2.0
_TOUCH = 60.0
"""Seconds for which a use is not written down again: a hit should not cost a write."""
_LOOK_AFTER = 0.05
"""Part of the allowed size that is written between looks at the size of the file."""


@runtime_checkable
class Store(Protocol):
    """Keeps texts by key. Its methods may block and may fail."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, value: str) -> None: ...

    def clear(self) -> None: ...

    def close(self) -> None: ...


class MemoryStore:
    """Keeps texts until it is full, then forgets what was not used for longest.

    Args:
        max_bytes: how much text it keeps.
        expire: seconds after which an entry is forgotten, or None.
    """

    def __init__(self, *, max_bytes: int, expire: float | None = None) -> None:
        self.max_bytes, self.expire = max_bytes, expire
        self._entries: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> str | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or (self.expire is not None and time.time() - entry[0] >= self.expire):
                return None
            self._entries.move_to_end(key)
            return entry[1]

    def put(self, key: str, value: str) -> None:
        with self._lock:
            self._drop(key)
            self._entries[key] = (time.time(), value)
            self._size += len(value)
            while self._size > self.max_bytes and self._entries:
                self._drop(next(iter(self._entries)))

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._size = 0

    def close(self) -> None:
        """What is in memory stays as long as the store does."""

    def _drop(self, key: str) -> None:
        former = self._entries.pop(key, None)
        self._size -= len(former[1]) if former else 0


class DiskStore:
    """Keeps texts in a file that any number of processes may use at once. It opens the file when it is first used.

    Args:
        path: the file; its folder is made if it is not there.
        max_bytes: how much text it keeps; then what was not used for longest goes.
        expire: seconds after which an entry is forgotten, or None.

    Raises:
        OSError, sqlite3.Error: from every method, where the file cannot be used.
    """

    def __init__(self, path: Path, *, max_bytes: int, expire: float | None = None) -> None:
        self.path, self.max_bytes, self.expire = path, max_bytes, expire
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._written = max_bytes  # so that the first write looks

    def get(self, key: str) -> str | None:
        with self._lock:
            db = self._open()
            row = db.execute("SELECT value, stored, used FROM answers WHERE key = ?", (key,)).fetchone()
            now = time.time()
            if row is None or (self.expire is not None and now - row[1] >= self.expire):
                return None
            if now - row[2] > _TOUCH:
                self._touch(db, key, now)
            return str(row[0])

    def put(self, key: str, value: str) -> None:
        with self._lock:
            db = self._open()
            now = time.time()
            self._written += len(value)
            with _transaction(db):
                db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", (key, value, now, now, len(value)))
                if self._written >= self.max_bytes * _LOOK_AFTER:
                    self._tidy(db, now)
                    self._written = 0

    def clear(self) -> None:
        with self._lock:
            db = self._open()
            db.execute("DELETE FROM answers")
            db.execute("VACUUM")

    def close(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None and self._process == os.getpid():
                connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._process == os.getpid():  # a connection must not be used after a fork
            return self._connection
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            db = self._opened(f"{self.path.resolve().as_uri()}?mode=rwc")
        except sqlite3.OperationalError:
            if not self.path.is_file() or os.access(self.path.parent, os.W_OK):
                raise
            db = self._opened(f"{self.path.resolve().as_uri()}?mode=ro&immutable=1", make=False)
        atexit.register(self.close)
        self._connection, self._process = db, os.getpid()
        return db

    def _opened(self, uri: str, *, make: bool = True) -> sqlite3.Connection:
        db = sqlite3.connect(uri, uri=True, timeout=_LOCK_SECONDS, check_same_thread=False, isolation_level=None)
        try:
            if make:
                self._make(db)
            db.execute("SELECT value, stored, used FROM answers LIMIT 0")
        except BaseException:
            db.close()
            raise
        return db

    def _make(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        if _version(db) == SCHEMA:
            return
        with _transaction(db):
            if _version(db) == SCHEMA:
                return  # another process was faster
            db.execute("DROP TABLE IF EXISTS answers")
            db.execute("CREATE TABLE answers (key TEXT PRIMARY KEY, value TEXT, stored REAL, used REAL, size INTEGER)")
            db.execute("CREATE INDEX answers_used ON answers (used)")
            db.execute(f"PRAGMA user_version={SCHEMA}")
            os.chmod(self.path, 0o600)

    def _touch(self, db: sqlite3.Connection, key: str, now: float) -> None:
        try:
            db.execute("UPDATE answers SET used = ? WHERE key = ?", (now, key))
        except sqlite3.OperationalError:
            return  # somebody writes, or nobody may: the answer is good all the same

    def _tidy(self, db: sqlite3.Connection, now: float) -> None:
        if self.expire is not None:
            db.execute("DELETE FROM answers WHERE stored <= ?", (now - self.expire,))
        excess = (db.execute("SELECT total(size) FROM answers").fetchone()[0]) - self.max_bytes
        if excess <= 0:
            return
        leaving = []
        for key, size in db.execute("SELECT key, size FROM answers ORDER BY used"):
            leaving.append((key,))
            excess -= size
            if excess <= 0:
                break
        db.executemany("DELETE FROM answers WHERE key = ?", leaving)


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
