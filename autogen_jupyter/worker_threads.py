"""Threads for functions of the user's: as many as are needed, so that none waits for another, and none keeps Python from ending."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, TypeVar

__all__ = ["in_thread"]

T = TypeVar("T")

_jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_idle = threading.Semaphore(0)


async def in_thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a function in a worker thread, with the caller's context variables, and return its result.

    Unlike ``asyncio.to_thread`` there is no limit on how many run at once: a function may itself wait for a chat whose functions need
    threads. A function that is no longer waited for runs on in its thread, which ends with the process.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    context = copy_context()

    def settle(result: Any, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)

    def job() -> None:
        result: Any = None
        error: Exception | None = None
        try:
            result = context.run(function, *args, **kwargs)
        except StopIteration as stop:  # a future cannot carry it
            error = RuntimeError(f"{getattr(function, '__name__', function)} raised StopIteration")
            error.__cause__ = stop
        except BaseException as caught:
            error = caught if isinstance(caught, Exception) else RuntimeError(f"{type(caught).__name__}: {caught}")
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            return  # the loop was closed meanwhile

    _jobs.put(job)
    if not _idle.acquire(blocking=False):
        threading.Thread(target=_work, name="autogen-jupyter-worker", daemon=True).start()
    return await done


def _work() -> None:
    while True:
        job = _jobs.get()
        job()
        del job
        _idle.release()
