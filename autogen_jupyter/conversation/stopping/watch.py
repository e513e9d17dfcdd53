"""Watch the stop conditions of the running chat, and of the chats it runs within."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ...errors import UsageError
from ...events import ChatEnded, ChatEvent, ChatStarted
from .base import StopCondition

__all__ = ["StopWatch", "stop_requested", "unwatch"]

_running: ContextVar[StopWatch | None] = ContextVar("autogen_jupyter_stop_watch", default=None)


class StopWatch:
    """One chat's stop condition, and the watch of the chat around it."""

    def __init__(self, condition: StopCondition | None) -> None:
        if condition is not None and not isinstance(condition, StopCondition):
            raise UsageError(f"stop is {condition!r:.80}; it must be a stop condition such as MaxMessages(20), or Custom(function).")
        self._condition = condition.start() if condition is not None else None
        self._outer = _running.get()
        self._parts = tuple(self._condition.parts()) if self._condition is not None else ()
        self._depth = 0

    def apply(self, event: ChatEvent) -> None:
        """Take in an event of the chat, or of one within it."""
        if not self._parts:
            return
        if isinstance(event, ChatStarted):
            self._depth += 1
        for part in self._parts:
            if self._depth <= 1 or part.sees_nested:
                part.apply(event)
        if isinstance(event, ChatEnded):
            self._depth -= 1

    @property
    def reason(self) -> str:
        """Why the chat should end; the conditions of the chats around it count too."""
        own = self._condition.reason if self._condition is not None else ""
        return own or (self._outer.reason if self._outer is not None else "")

    @property
    def wakes_in(self) -> float | None:
        """Seconds until this chat's own condition should be looked at even when nothing happens, or None."""
        return self._condition.wakes_in if self._condition is not None else None

    @property
    def own_reason(self) -> str:
        """Why the chat should end by its own condition."""
        return self._condition.reason if self._condition is not None else ""

    @contextmanager
    def watching(self) -> Iterator[StopWatch]:
        """Be the watch of what runs in this block."""
        token = _running.set(self)
        try:
            yield self
        finally:
            _running.reset(token)
            if self._condition is not None:
                self._condition.finish()


def unwatch() -> None:
    """What runs from here on, in this task, is watched by nobody."""
    _running.set(None)


def stop_requested() -> str:
    """Return why the running chat should end now, by the stop conditions given to it or to the chats around it; or an empty text.

    Every loop that delivers messages asks this between two of them.
    """
    watch = _running.get()
    return watch.reason if watch is not None else ""
