from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import signal
import threading
import types

import pytest

from autogen_jupyter.portal import call, go_on, has_caller, in_caller, is_portal, on_portal, run_sync, submit


@on_portal
async def a_where():
    return threading.current_thread().name


where = run_sync(a_where)


async def test_every_door_leads_to_the_same_thread():
    assert await a_where() == where() == submit(a_where()).result() == "autogen-jupyter"
    assert not is_portal()


def test_a_blocking_door_has_the_name_of_its_method_without_the_prefix():
    assert where.__name__ == "where"


def test_a_blocking_call_on_the_portal_is_refused():
    async def inside():
        where()

    with pytest.raises(RuntimeError, match="await a_where"):
        submit(inside()).result()


async def test_the_callers_context_travels_along():
    variable = contextvars.ContextVar("variable")
    variable.set("mine")

    @on_portal
    async def read():
        return variable.get()

    assert await read() == "mine"


async def test_cancelling_the_awaiting_caller_cancels_the_work_and_waits_for_its_end():
    started, ended = threading.Event(), threading.Event()

    @on_portal
    async def work():
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    task = asyncio.ensure_future(work())
    await asyncio.to_thread(started.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


def test_interrupting_the_blocking_caller_cancels_the_work():
    cancelled = threading.Event()

    async def a_work():
        asyncio.get_running_loop().call_soon(_interrupt_main)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(KeyboardInterrupt):
        run_sync(a_work)()
    assert cancelled.is_set()


def test_work_may_overcome_the_interrupt_of_its_caller():
    async def a_work():
        await in_caller(int)  # now it waits
        asyncio.get_running_loop().call_soon(_interrupt_main)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            overcome.append(go_on())
        return await in_caller(lambda: "went on")

    overcome = []
    assert run_sync(a_work)() == "went on"
    assert overcome == [True]


def test_a_task_that_the_work_began_and_a_cancellation_that_is_no_interrupt_overcome_nothing():
    async def part():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            overcome.append(go_on())
            raise

    async def a_cancels():
        task = asyncio.ensure_future(part())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})

    async def a_waits():
        asyncio.get_running_loop().call_soon(_interrupt_main)
        await asyncio.ensure_future(part())

    overcome = []
    run_sync(a_cancels)()
    with pytest.raises(KeyboardInterrupt):
        run_sync(a_waits)()
    assert overcome == [False, False]


@pytest.mark.parametrize("awaited", [False, True])
def test_after_a_second_interrupt_nobody_waits_and_the_work_overcomes_nothing(awaited):
    async def a_work():
        await in_caller(int)  # now it waits
        asyncio.get_running_loop().call_soon(_interrupt_main)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            threading.Timer(0.1, _interrupt_main).start()
            await asyncio.sleep(0.5)
            overcome.append(go_on())
            ended.set()

    overcome, ended = [], threading.Event()
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(on_portal(a_work)()) if awaited else run_sync(a_work)()
    assert ended.wait(5)
    assert overcome == [False]


def _interrupt_main():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def test_the_waiting_thread_can_be_borrowed():
    async def a_ask():
        assert has_caller()
        return await in_caller(threading.current_thread)

    assert run_sync(a_ask)() is threading.current_thread()


async def test_the_awaiting_thread_can_be_borrowed_too():
    @on_portal
    async def ask():
        return await in_caller(threading.current_thread)

    assert await ask() is threading.current_thread()


def test_an_exception_on_the_borrowed_thread_comes_back():
    def fails():
        raise ValueError("no")

    async def a_ask():
        await in_caller(fails)

    with pytest.raises(ValueError, match="no"):
        run_sync(a_ask)()


def test_in_the_background_there_is_nobody_to_borrow_from():
    async def ask():
        assert not has_caller()
        await in_caller(print)

    with pytest.raises(RuntimeError, match="Nobody waits"):
        submit(ask()).result()


async def test_functions_of_the_users_are_called_or_awaited_and_leave_the_loop_free():
    async def check():
        heard = threading.Event()
        asyncio.get_running_loop().call_later(0.01, heard.set)
        assert await call(heard.wait, 30)
        assert await call(lambda: heard.wait(30))

        async def coroutine(x):
            return x + 1

        return await call(coroutine, 1)

    assert submit(check()).result() == 2


class Adder:
    async def adds(self, x):
        return x + 1

    async def __call__(self, x):
        return x + 1


async def adds(x):
    return x + 1


def begins(x):
    return adds(x)


def marked(x):
    return adds(x)


getattr(inspect, "markcoroutinefunction", lambda function: function)(marked)


@types.coroutine
def older(x):
    yield from asyncio.sleep(0).__await__()
    return x + 1


@pytest.mark.parametrize("function", [adds, Adder().adds, Adder(), functools.partial(adds), begins, marked, older, lambda x: x + 1])
def test_whatever_a_function_of_the_users_gives_is_awaited_if_it_can_be(function):
    assert submit(call(function, 1)).result() == 2
