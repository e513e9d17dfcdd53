"""A thread that ends with the function it runs: what starts and ends kernels leaves no idle thread behind."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["in_thread"]

T = TypeVar("T")


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """Run a function in a thread of its own and return what it returns.

    Cancelling the caller does not stop the function: the caller then waits for its end, so that nothing that it started is forgotten.

    Example:
        >>> asyncio.run(in_thread(sum, [1, 2]))
        3
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def work() -> None:
        try:
            result = function(*args)
        except BaseException as error:
            settle, outcome = done.set_exception, error
        else:
            settle, outcome = done.set_result, result  # type: ignore[assignment]
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(settle, outcome)

    try:
        threading.Thread(target=work, name="autogen-jupyter-kernels", daemon=True).start()
    except RuntimeError:  # there can be no more threads, or none any more: Python 3.12 starts none while it exits
        work()
    try:
        return await asyncio.shield(done)
    finally:
        await asyncio.wait({done})
