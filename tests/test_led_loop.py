"""Functions that may block are called on the thread that leads the loop, between two turns; one that blocks loses the loop to another."""

from __future__ import annotations

import asyncio
import contextvars
import random
import threading
import time
from collections.abc import Coroutine

import pytest

from autogen_jupyter.led_loop import LEADER, LOOK, WATCH, LedLoop
from autogen_jupyter.portal import call, run_sync

colour = contextvars.ContextVar("colour", default="none")
LED = LedLoop()


def on_loop(work: Coroutine[object, object, object]) -> object:
    return asyncio.run_coroutine_threadsafe(work, LED.loop).result(60)


async def leader() -> int:
    return threading.get_ident()


def test_a_quick_function_is_called_on_the_leading_thread_outside_of_the_loop():
    def where() -> tuple[int, bool]:
        return threading.get_ident(), asyncio._get_running_loop() is None

    async def check():
        for _ in range(100):
            assert await LED.call(where) == (threading.get_ident(), True)

    on_loop(check())


def test_a_function_gets_its_arguments_and_a_copy_of_the_callers_context():
    def paint(a, *, b):
        seen = colour.get()
        colour.set("blue")
        return a, b, seen

    async def check():
        colour.set("red")
        return await LED.call(paint, 1, b=2), colour.get()

    assert on_loop(check()) == ((1, 2, "red"), "red")


@pytest.mark.parametrize(
    ("raised", "arrives"), [(ZeroDivisionError, ZeroDivisionError), (StopIteration, RuntimeError), (SystemExit, RuntimeError)]
)
def test_an_error_reaches_the_caller_and_the_loop_goes_on(raised, arrives):
    def fails():
        raise raised

    with pytest.raises(arrives):
        on_loop(LED.call(fails))
    assert on_loop(LED.call(lambda: "still here")) == "still here"


def test_while_a_function_waits_another_thread_leads_the_loop():
    async def check():
        heard = threading.Event()

        def waits() -> tuple[int, bool]:
            return threading.get_ident(), heard.wait(30)

        before = await leader()
        asyncio.get_running_loop().call_later(0.05, heard.set)
        thread, was_heard = await LED.call(waits)
        assert (thread, was_heard) == (before, True)
        assert await leader() != before
        assert [one.name for one in threading.enumerate() if one.ident == threading.get_ident()] == [LEADER]

    on_loop(check())


def test_a_function_that_was_slow_goes_to_another_thread_until_it_is_quick_again():
    pause = 0.05

    def naps() -> int:
        time.sleep(pause)
        return threading.get_ident()

    async def check():
        nonlocal pause
        await LED.call(naps)
        for _ in range(3):
            assert await LED.call(naps) != threading.get_ident()
        pause = 0
        threads = [await LED.call(naps) for _ in range(20)]  # a busy machine may need more than one try
        assert threads[-1] == threading.get_ident()

    on_loop(check())


class Robot:
    def __init__(self, pause: float) -> None:
        self.pause = pause

    def naps(self) -> int:
        time.sleep(self.pause)
        return threading.get_ident()


def test_a_method_is_remembered_as_slow_and_other_callables_go_to_another_thread():
    async def check():
        await LED.call(Robot(0.05).naps)
        assert await LED.call(Robot(0.05).naps) != threading.get_ident()
        assert await LED.call(threading.get_ident) != threading.get_ident()

    on_loop(check())


def test_a_hundred_functions_that_wait_for_each_other_all_finish():
    barrier = threading.Barrier(100)

    async def check():
        await asyncio.gather(*(LED.call(lambda: barrier.wait(30)) for _ in range(100)))

    on_loop(check())


def test_a_cancelled_caller_does_not_wait_and_its_function_is_let_end():
    began, finish, ended = threading.Event(), threading.Event(), threading.Event()

    def waits() -> None:
        began.set()
        finish.wait(30)
        ended.set()

    async def check():
        task = asyncio.ensure_future(LED.call(waits))
        assert await asyncio.to_thread(began.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        finish.set()
        assert await LED.call(lambda: "still here") == "still here"

    on_loop(check())
    assert ended.wait(30)


def test_a_function_whose_caller_is_cancelled_in_the_same_turn_is_not_called():
    called = []

    async def check():
        task = asyncio.ensure_future(LED.call(lambda: called.append(1)))
        asyncio.get_running_loop().call_soon(task.cancel)
        await asyncio.gather(task, return_exceptions=True)

    on_loop(check())
    assert not called


def test_a_function_may_use_the_blocking_doors_of_the_loop_it_was_called_from():
    async def a_inner() -> str:
        return "inner"

    async def a_outer() -> str:
        return await call(lambda: run_sync(a_inner)() + " and outer")

    assert run_sync(a_outer)() == "inner and outer"


def test_nobody_watches_when_nothing_is_called():
    on_loop(LED.call(lambda: None))
    assert LED._is_watched
    time.sleep(3 * WATCH * LOOK)
    assert not LED._is_watched
    assert on_loop(LED.call(lambda: "called")) == "called"


def test_whatever_functions_do_every_outcome_arrives_and_the_loop_turns():
    chance = random.Random(7)
    longest = 0.0

    def works(number: int, pause: float) -> int:
        end = time.monotonic() + pause
        if number % 2:
            time.sleep(pause)
        while time.monotonic() < end:
            pass
        return number

    async def beat():
        nonlocal longest
        while True:
            since = time.monotonic()
            await asyncio.sleep(0.001)
            longest = max(longest, time.monotonic() - since)

    async def chat(numbers: range):
        for number in numbers:
            fresh = eval("lambda f, *args: f(*args)")  # nobody knows yet whether it is slow
            assert await LED.call(fresh, works, number, chance.choice([0, 0, 0, 0.0005, 0.003, 0.02])) == number

    async def check():
        beating = asyncio.ensure_future(beat())
        await asyncio.gather(*(chat(range(n, n + 100)) for n in range(0, 1000, 100)))
        beating.cancel()

    on_loop(check())
    assert longest < 5
