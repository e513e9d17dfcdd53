"""The classic's ``runtime_logging``: what happens in every chat, written to SQLite or to a file of JSON lines while it happens."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..session.ledger import Ledger
from ..session.session import subscribe_everywhere
from .sqlite_log import SqliteLog

if TYPE_CHECKING:
    import sqlite3

__all__ = ["get_connection", "log_event", "logging_enabled", "start", "stop"]

_OPTIONS = {"sqlite": ("dbname", "logs.db"), "file": ("filename", "runtime.log")}


class _Running:
    """The log that is being written."""

    log: SqliteLog | Ledger | None = None
    unsubscribe: Callable[[], None] = staticmethod(lambda: None)


def start(logger: object = None, logger_type: str = "sqlite", config: Mapping[str, Any] | None = None) -> str:
    """Log every chat of this process from now on. API keys are in no event, and so in no log.

    Args:
        logger: None; a logger of your own is a function of an event: ``Session.subscribe``.
        logger_type: ``"sqlite"`` or ``"file"`` (JSON lines).
        config: ``{"dbname": path}`` or ``{"filename": path}``. Default: ``logs.db`` or ``runtime.log``. What is there is added to.

    Returns:
        The identifier of this stretch of logging, as the tables' ``session_id``.

    Raises:
        UsageError: logging is on already, or an option is not known.

    Example:
        >>> session_id = start(config={"dbname": ":memory:"})
        >>> stop()
    """
    if logger is not None:
        raise UsageError(
            f"start got the logger {logger!r:.60}; a logger of your own is a function of an event: session.subscribe(function)."
        )
    if logger_type not in _OPTIONS:
        raise UsageError(f"logger_type is {logger_type!r}; it must be one of {', '.join(sorted(_OPTIONS))}.")
    if _Running.log is not None:
        raise UsageError("Logging is on already; call runtime_logging.stop() first.")
    option, default = _OPTIONS[logger_type]
    unknown = sorted(set(config or {}) - {option})
    if unknown:
        raise UsageError(f"config has the unknown key {unknown[0]!r}; logger_type={logger_type!r} knows {option!r}.")
    path, session_id = str((config or {}).get(option, default)), str(uuid.uuid4())
    if path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    _Running.log = SqliteLog(path, session_id) if logger_type == "sqlite" else Ledger(path)
    _Running.unsubscribe = subscribe_everywhere(_Running.log)
    return session_id


def stop() -> None:
    """Stop logging. Stopping twice does nothing."""
    if _Running.log is not None:
        _Running.unsubscribe()
        _Running.log.close()
        _Running.log = None


def logging_enabled() -> bool:
    """Say whether chats are being logged."""
    return _Running.log is not None


def get_connection() -> sqlite3.Connection | None:
    """Return the connection of the SQLite log that is being written; None without one."""
    return _Running.log.connection if isinstance(_Running.log, SqliteLog) else None


def log_event(source: object, name: str, **kwargs: Any) -> None:
    """Add an event of your own to the SQLite log; nothing happens while there is none.

    Args:
        source: an agent, or a name.
        name: what happened.
        **kwargs: what belongs to it; JSON-able values are kept as they are, others as text.
    """
    if isinstance(_Running.log, SqliteLog):
        _Running.log.add_event(name, str(getattr(source, "name", source)), kwargs)
