"""Events as rows of the classic's tables."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import threading
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .._version import __version__
from ..events import ChatEvent, MessageAdded, ReplyStarted, ToolCalled, ToolReturned, UsageRecorded, to_json

__all__ = ["SqliteLog"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS chat_completions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, invocation_id TEXT, session_id TEXT, source_name TEXT, model TEXT, response TEXT,
    is_cached INTEGER, prompt_tokens INTEGER, completion_tokens INTEGER, cost REAL, start_time TEXT, end_time TEXT);
CREATE TABLE IF NOT EXISTS agents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, name TEXT, timestamp TEXT, UNIQUE (session_id, name));
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, event_name TEXT, source_name TEXT, json_state TEXT, timestamp TEXT);
CREATE TABLE IF NOT EXISTS function_calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, source_name TEXT, function_name TEXT, args TEXT, returns TEXT, timestamp TEXT);
CREATE TABLE IF NOT EXISTS version (id INTEGER PRIMARY KEY CHECK (id = 1), version_number TEXT NOT NULL);
"""
_PIECES = frozenset({"message_delta", "code_output"})
"""Kinds that come many times a second, and whose whole follows in another event."""


class SqliteLog:
    """A subscriber that writes the classic's tables, as far as events know what belongs there.

    Args:
        path: the database; it is created readable by its owner only, since it holds whole conversations. ``:memory:`` keeps none.
        session_id: what the rows are marked with.
    """

    def __init__(self, path: str, session_id: str) -> None:
        if path != ":memory:":
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        self.connection = sqlite3.connect(path, check_same_thread=False)
        self._session_id = session_id
        self._lock = threading.Lock()
        self._began: dict[str, str] = {}
        self._calls: dict[tuple[str, object], int] = {}
        try:
            with self._lock, self.connection:
                self.connection.executescript(_SCHEMA)
                self.connection.execute("INSERT OR REPLACE INTO version VALUES (1, ?)", (__version__,))
        except sqlite3.Error:
            self.connection.close()
            raise

    def __call__(self, event: ChatEvent) -> None:
        if event.kind not in _PIECES:
            self.add_event(event.kind, _source(event), {key: value for key, value in to_json(event).items() if key != "kind"})
        if isinstance(event, ReplyStarted):
            self._began[event.message_id] = _now()
        elif isinstance(event, UsageRecorded):
            self._add_completion(event)
        elif isinstance(event, MessageAdded):
            self._add_response(event)
        elif isinstance(event, ToolCalled):
            self._add_call(event)
        elif isinstance(event, ToolReturned):
            self._write("UPDATE function_calls SET returns = ? WHERE id = ?", (event.content, self._calls.pop(_key(event), None)))

    def add_event(self, name: str, source: str, state: Mapping[str, Any]) -> None:
        """Add a row to ``events``, and the agent that it is about to ``agents``."""
        now = _now()
        if source:
            self._write("INSERT OR IGNORE INTO agents (session_id, name, timestamp) VALUES (?,?,?)", (self._session_id, source, now))
        row = (self._session_id, name, source, json.dumps(state, ensure_ascii=False, default=str), now)
        self._write("INSERT INTO events (session_id, event_name, source_name, json_state, timestamp) VALUES (?,?,?,?,?)", row)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self.connection.close()

    def _add_call(self, event: ToolCalled) -> None:
        columns = "session_id, source_name, function_name, args, timestamp"
        values = (self._session_id, event.agent, event.name, event.arguments, _now())
        self._calls[_key(event)] = self._write(f"INSERT INTO function_calls ({columns}) VALUES (?,?,?,?,?)", values)  # noqa: S608

    def _add_completion(self, event: UsageRecorded) -> None:
        began = self._began.pop(event.message_id, None)
        tokens = (event.prompt_tokens, event.completion_tokens, event.usd)
        columns = "invocation_id, session_id, source_name, model, prompt_tokens, completion_tokens, cost, start_time, end_time, is_cached"
        values = (event.message_id, self._session_id, event.agent, event.model, *tokens, began, _now())
        self._write(f"INSERT INTO chat_completions ({columns}) VALUES (?,?,?,?,?,?,?,?,?,0)", values)  # noqa: S608 - no one else's names

    def _add_response(self, event: MessageAdded) -> None:
        message = json.dumps(event.message.to_dict(), ensure_ascii=False, default=str)
        where = (message, event.message.id, self._session_id)
        self._write("UPDATE chat_completions SET response = ? WHERE invocation_id = ? AND session_id = ?", where)

    def _write(self, statement: str, values: tuple[Any, ...]) -> int:
        with self._lock, self.connection:
            return self.connection.execute(statement, values).lastrowid or 0


def _key(event: ToolCalled | ToolReturned) -> tuple[str, object]:
    """Return what a call and its return have in common and other calls have not: chats that run at once may use the same identifiers."""
    try:
        return event.call_id, asyncio.current_task()
    except RuntimeError:  # no loop runs here
        return event.call_id, None


def _source(event: ChatEvent) -> str:
    if isinstance(event, MessageAdded):
        return event.message.sender
    return str(getattr(event, "agent", "") or getattr(event, "sender", ""))


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(sep=" ")
