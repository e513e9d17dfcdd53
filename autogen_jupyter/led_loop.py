"""An event loop that more than one thread can lead, so that a function which may block can be called without waking another thread.

A function of the user's must not hold up the loop. But most are done at once, and to pass each of them to a thread and back costs more
than a whole turn of a chat: two threads have to wake each other. So a function is called on the thread that leads the loop, *between* two
turns of the loop, when nothing of the loop is on that thread's stack. When it is not done soon, the thread that watches leads the loop
from then on, and the outcome comes to it as from any other thread. A function that was slow once goes to a thread of its own the next time.

The pattern is Leader/Followers (Schmidt, Stal, Rohnert, Buschmann: Pattern-Oriented Software Architecture, volume 2).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar
from weakref import WeakSet

from .workers import Call, in_worker, start

__all__ = ["LedLoop"]

T = TypeVar("T")
LEADER = "autogen-jupyter"
"""Name of the thread that leads."""
LOOK = 0.004
"""Seconds between two looks at what is called."""
LONGEST_LOOK = 0.032
"""The same while one function after the other is quick: each look costs the leader as much as some calls."""
WATCH = 50
"""Looks without anything new, after which nobody watches until the next call."""
QUICK = 0.001
"""Seconds; a function that is done sooner in a thread of its own may be called between two turns again."""


class LedLoop:
    """An event loop, and the threads that lead it one after the other."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._next: Call | None = None
        """Is called when this turn of the loop is over."""
        self._now: Call | None = None
        """Is being called on the leading thread. Whoever takes it out of here leads the loop."""
        self._calls = 0
        self._is_watched = False
        self._slow: WeakSet[object] = WeakSet()
        start(self._lead)

    async def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Call a function in the context of the caller, without holding up the loop; return what it returns.

        Cancelling the caller does not stop the function (nothing can); its result is then dropped.
        """
        plain = _plain(function)
        if not isinstance(plain, FunctionType):  # nothing to remember it by
            return await in_worker(function, *args, **kwargs)
        if self._next is not None or plain in self._slow:
            return await self._in_worker(plain, function, *args, **kwargs)
        call = self._next = Call(function, *args, **kwargs)
        self.loop.stop()
        return await call.done  # type: ignore[no-any-return]

    async def _in_worker(self, plain: object, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        started = time.monotonic()
        try:
            return await in_worker(function, *args, **kwargs)
        finally:
            if time.monotonic() - started < QUICK:
                self._slow.discard(plain)

    def _lead(self) -> None:
        """Run the loop, and between its turns what is to be called, until another thread leads."""
        thread = threading.current_thread()
        former, thread.name = thread.name, LEADER
        while True:
            self.loop.run_forever()
            call, self._next = self._next, None
            if call is None or call.done.done():
                continue
            self._begin(call)
            call.run()
            if not self._take(call):
                break
            call.tell()
        thread.name = former
        call.tell_from_afar()

    def _begin(self, call: Call) -> None:
        with self._lock:
            self._now = call
            self._calls += 1
            is_watched, self._is_watched = self._is_watched, True
        if not is_watched:
            try:
                start(self._watch)
            except RuntimeError:  # Python exits and starts no thread any more
                self._is_watched = False

    def _take(self, call: Call) -> bool:
        """Say whether this thread leads from now on."""
        with self._lock:
            if self._now is not call:
                return False
            self._now = None
            return True

    def _watch(self) -> None:
        """Look after the leader, and lead when it does not come back."""
        seen, idle, pause = 0, 0, LOOK
        while True:
            time.sleep(pause)
            with self._lock:
                is_new, seen = seen != self._calls, self._calls
                stuck = None if is_new else self._now
                idle = 0 if is_new else idle + 1
                pause = min(2 * pause, LONGEST_LOOK) if is_new else LOOK
                if stuck is None and idle < WATCH:
                    continue
                self._now, self._is_watched = None, False
            if stuck is not None:
                self._slow.add(_plain(stuck.function))
                self._lead()
            return


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what a function is remembered by: of a method, the function behind it."""
    return getattr(function, "__func__", function)
