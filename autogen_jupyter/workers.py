"""Threads for functions that may block: started when they are needed, kept for a while, and never waited for by one another.

``asyncio.to_thread`` shares a handful of threads, so that a hundred chats whose tools wait would wait for each other; and each of its
calls passes through a queue and two futures. Here every running function has a thread to itself, and an idle thread is woken directly.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from .errors import FunctionInterrupted

__all__ = ["Call", "give_way", "in_worker", "start"]

T = TypeVar("T")
IDLE = 10.0
"""Seconds a thread without work is kept."""
TURN = 0.005
"""Seconds after which the loop gets a turn, even though nothing had to wait."""

_Job = Callable[[], None]
_idle: list[_Worker] = []
_lock = threading.Lock()


def start(job: Callable[[], None]) -> None:
    """Run a job, which raises nothing, in a thread of its own."""
    with _lock:
        worker = _idle.pop() if _idle else None
    if worker is None:
        _Worker(job)
    else:
        worker.hand(job)


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


class Call:
    """A function on its way, in the context of the running task, and the future that its outcome comes to."""

    def __init__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.function = function
        self._arguments = args, kwargs
        self._context = contextvars.copy_context()
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[Any] = self._loop.create_future()
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Call the function, on whatever thread this is."""
        try:
            args, kwargs = self._arguments
            self._result = self._context.run(self.function, *args, **kwargs)
        except BaseException as error:
            self._error = _as_settled(error)

    def tell(self) -> None:
        """Say how it went, to whoever still waits; not while the loop runs on another thread."""
        if self.done.done():
            return
        if self._error is not None:
            self.done.set_exception(self._error)
        else:
            self.done.set_result(self._result)

    def tell_from_afar(self) -> None:
        """Say how it went, from any thread."""
        try:
            self._loop.call_soon_threadsafe(self.tell)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    def run_and_tell(self) -> None:
        """Call the function on a thread that is not the loop's."""
        self.run()
        self.tell_from_afar()


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
    made = Call(function, *args, **kwargs)
    start(made.run_and_tell)
    return await made.done  # type: ignore[no-any-return]


_gave_way = 0.0


async def give_way() -> None:
    """Let the loop turn now and then: it has to hear that somebody wants to stop."""
    global _gave_way
    now = time.monotonic()
    if now - _gave_way > TURN:
        await asyncio.sleep(0)
        _gave_way = time.monotonic()
