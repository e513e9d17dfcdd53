"""Threads for functions that may block: started when they are needed, kept for a while, and never waited for by one another.

``asyncio.to_thread`` shares a handful of threads, so that a hundred chats whose tools wait would wait for each other; and each of its
calls passes through a queue and two futures. Here every running function has a thread to itself, and an idle thread is woken directly.

Most functions are done at once, and to wake the loop for each of them would cost more than the function. So the loop waits a moment
for the first function that runs, as nothing else does, and turns to other work only when that moment is over.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from .errors import FunctionInterrupted

__all__ = ["give_way", "in_worker"]

T = TypeVar("T")
IDLE = 10.0
"""Seconds a thread without work is kept."""
PATIENCE = 0.0002
"""Seconds the loop waits for a function before it turns to other work."""
TURN = 0.005
"""Seconds after which the loop gets a turn, even though every function was done at once."""

_Job = Callable[[], None]
_idle: list[_Worker] = []
_lock = threading.Lock()


class _Worker:
    """One thread and the door it waits at."""

    def __init__(self, job: _Job) -> None:
        self._job: _Job | None = job
        self._door = threading.Lock()
        self._door.acquire()
        threading.Thread(target=self._work, name="autogen-jupyter-worker", daemon=True).start()

    def hand(self, job: _Job) -> None:
        """Give work to this idle thread."""
        self._job = job
        self._door.release()

    def _work(self) -> None:
        while self._job is not None:
            job, self._job = self._job, None
            job()
            del job
            with _lock:
                _idle.append(self)
            if not self._door.acquire(timeout=IDLE):
                self._leave()

    def _leave(self) -> None:
        """Go, unless somebody has just taken this thread for new work."""
        with _lock:
            if self in _idle:
                _idle.remove(self)
                return
        self._door.acquire()


class _Call:
    """A function on its way through a thread, and where its outcome is fetched: at once, or by a future when that took too long."""

    def __init__(self, run: Callable[[], Any]) -> None:
        self._run = run
        self._result: Any = None
        self._error: BaseException | None = None
        self._done = threading.Lock()
        self._done.acquire()
        self._guard = threading.Lock()
        self._is_done = False
        self._waiting: asyncio.Future[None] | None = None

    def __call__(self) -> None:
        """Run the function, in the thread."""
        try:
            self._result = self._run()
        except BaseException as error:
            self._error = _as_settled(error)
        with self._guard:
            self._is_done = True
            waiting = self._waiting
        self._done.release()
        if waiting is not None:
            try:
                waiting.get_loop().call_soon_threadsafe(_wake, waiting)
            except RuntimeError:  # the loop is closed: nobody waits any more
                return

    async def outcome(self, patience: float) -> Any:
        """Return what the function returns; hold the loop for it no longer than ``patience`` seconds."""
        if not (patience and self._done.acquire(timeout=patience)):
            await self._later()
        if self._error is not None:
            raise self._error
        return self._result

    async def _later(self) -> None:
        with self._guard:
            if self._is_done:
                return
            self._waiting = asyncio.get_running_loop().create_future()
        await self._waiting


def _wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _as_settled(error: BaseException) -> BaseException:
    """A coroutine cannot raise StopIteration, and a SystemExit or KeyboardInterrupt raised in the loop would end it."""
    if isinstance(error, KeyboardInterrupt):
        return FunctionInterrupted("A function was interrupted.")
    if isinstance(error, (StopIteration, SystemExit)):
        return RuntimeError(f"The function raised {error!r}.")
    return error


async def in_worker(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a function in a thread of its own, in the context of the caller, and return what it returns.

    Cancelling the caller does not stop the function (nothing can); its result is then dropped.

    Example:
        >>> asyncio.run(in_worker(sum, [1, 2]))
        3
    """
    global _running
    made = _Call(functools.partial(contextvars.copy_context().run, function, *args, **kwargs))
    with _lock:
        worker = _idle.pop() if _idle else None
    patience = PATIENCE if worker is not None and not _running else 0.0
    _running += 1
    try:
        if worker is None:
            _Worker(made)
        else:
            worker.hand(made)
        await give_way()
        return await made.outcome(patience)  # type: ignore[no-any-return]
    finally:
        _running -= 1


_running = 0
_gave_way = 0.0


async def give_way() -> None:
    """Let the loop turn now and then: it has to hear that somebody wants to stop."""
    global _gave_way
    now = time.monotonic()
    if now - _gave_way > TURN:
        await asyncio.sleep(0)
        _gave_way = time.monotonic()
