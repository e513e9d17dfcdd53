"""Functions of the user's run in threads of their own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from contextvars import ContextVar

import pytest

from autogen_jupyter.worker_threads import in_thread


async def test_a_function_runs_in_another_thread_with_the_callers_context() -> None:
    where: ContextVar[str] = ContextVar("where")
    where.set("here")
    thread, value = await in_thread(lambda: (threading.current_thread(), where.get()))
    assert (thread is threading.main_thread(), value) == (False, "here")


async def test_a_hundred_functions_that_wait_for_each_other_all_run() -> None:
    barrier = threading.Barrier(100)
    assert len(await asyncio.wait_for(asyncio.gather(*(in_thread(barrier.wait) for _ in range(100))), 60)) == 100


async def test_threads_are_used_again() -> None:
    first = {await in_thread(threading.get_ident) for _ in range(50)}
    assert len(first) < 50


@pytest.mark.parametrize("error", [ValueError("x"), StopIteration(), KeyboardInterrupt()])
async def test_an_error_reaches_who_waits_and_the_thread_lives_on(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises((ValueError, RuntimeError)):
        await in_thread(fail)
    assert await in_thread(lambda: 1) == 1


def test_a_function_that_hangs_does_not_keep_python_from_ending() -> None:
    code = (
        "import asyncio, threading\n"
        "from autogen_jupyter.worker_threads import in_thread\n"
        "async def main():\n"
        "    try:\n"
        "        await asyncio.wait_for(in_thread(threading.Event().wait), 0.1)\n"
        "    except (TimeoutError, asyncio.TimeoutError):\n"
        "        print('gave up')\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "gave up\n"
