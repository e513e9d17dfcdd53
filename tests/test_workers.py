"""Functions of the user's run in threads that are reused, keep the caller's context, and do not wait for each other."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading

import pytest

from autogen_jupyter.workers import in_worker

colour = contextvars.ContextVar("colour", default="none")


async def test_a_function_gets_its_arguments_and_the_callers_context():
    colour.set("red")
    assert await in_worker(lambda a, *, b: (a, b, colour.get()), 1, b=2) == (1, 2, "red")


async def test_what_a_function_sets_stays_in_its_own_context():
    await in_worker(colour.set, "blue")
    assert colour.get() == "none"


async def test_an_exception_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        await in_worker(lambda: 1 / 0)


async def test_a_function_that_raises_stop_iteration_does_not_hang():
    with pytest.raises(RuntimeError, match="StopIteration"):
        await in_worker(next, iter(()))


async def test_a_function_that_exits_does_not_end_the_loop():
    with pytest.raises(RuntimeError, match="SystemExit"):
        await in_worker(sys.exit, 3)


async def test_two_hundred_functions_that_wait_for_each_other_all_finish():
    barrier = threading.Barrier(200)
    await asyncio.wait_for(asyncio.gather(*(in_worker(barrier.wait, 30) for _ in range(200))), 60)


async def test_calls_one_after_another_reuse_a_thread():
    idents = [await in_worker(threading.get_ident) for _ in range(50)]
    assert len(set(idents)) < 10


async def test_a_cancelled_caller_does_not_wait_and_the_thread_serves_again():
    began, finish = threading.Event(), threading.Event()

    def waits():
        began.set()
        finish.wait(30)

    task = asyncio.ensure_future(in_worker(waits))
    await in_worker(began.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    finish.set()
    assert await in_worker(lambda: "still here") == "still here"


async def test_functions_that_are_done_at_once_do_not_keep_the_loop_from_other_work():
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(count())
    for _ in range(3000):
        await in_worker(int)
    counting.cancel()
    assert turns > 3


async def test_the_loop_waits_only_a_moment_for_a_function():
    heard = threading.Event()
    asyncio.get_running_loop().call_later(0.01, heard.set)
    await in_worker(int)  # there is an idle thread from here on
    assert await in_worker(heard.wait, 30)
