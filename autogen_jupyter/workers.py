"""Threads for functions that may block: started when they are needed, kept for a while, and never waited for by one another.

``asyncio.to_thread`` shares a handful of threads, so that a hundred chats whose tools wait would wait for each other; and each of its
calls passes through a queue and two futures. Here every running function has a thread to itself, and an idle thread is woken directly.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from .errors import FunctionInterrupted

__all__ = ["in_worker"]

T = TypeVar("T")
IDLE = 10.0
"""Seconds a thread without work is kept."""

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


async def in_worker(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a function in a thread of its own, in the context of the caller, and return what it returns.

    Cancelling the caller does not stop the function (nothing can); its result is then dropped.

    Example:
        >>> asyncio.run(in_worker(sum, [1, 2]))
        3
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def job() -> None:
        try:
            settle, outcome = _returned, context.run(function, *args, **kwargs)
        except BaseException as error:
            settle, outcome = _raised, error  # type: ignore[assignment]
        try:
            loop.call_soon_threadsafe(settle, done, outcome)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    with _lock:
        worker = _idle.pop() if _idle else None
    if worker is None:
        _Worker(job)
    else:
        worker.hand(job)
    return await done


def _returned(done: asyncio.Future[Any], result: Any) -> None:
    if not done.done():
        done.set_result(result)


def _raised(done: asyncio.Future[Any], error: BaseException) -> None:
    if done.done():
        return
    # A future cannot hold a StopIteration, and a SystemExit or KeyboardInterrupt in one would end the loop.
    if isinstance(error, KeyboardInterrupt):
        error = FunctionInterrupted("A function was interrupted.")
    elif isinstance(error, (StopIteration, SystemExit)):
        error = RuntimeError(f"The function raised {error!r}.")
    done.set_exception(error)
