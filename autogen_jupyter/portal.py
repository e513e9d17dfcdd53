"""One event loop in the background, where every chat runs; and the doors that lead to it.

The *portal* is that loop. A caller reaches it through one of three doors: a blocking call (``run_sync``), an awaited call
(``on_portal``), or a start in the background (``submit``). Interrupting the caller cancels the work, which may overcome the
interrupt and ``go_on``; what a task that awaits is cancelled by otherwise, it cannot overcome. While a caller waits it lends its
thread: ``in_caller`` runs a function there, which is how ``input()`` happens on the main thread, where an interrupt reaches it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future, wait
from contextvars import ContextVar, copy_context
from types import CodeType
from typing import Any, ParamSpec, TypeVar

from .cancellation import take_back
from .errors import BlockingCall, FunctionInterrupted
from .interrupts import SOON, noticing_interrupts
from .led_loop import LedLoop
from .workers import in_worker

__all__ = [
    "Started",
    "call",
    "go_on",
    "has_caller",
    "in_caller",
    "is_async",
    "is_blocking",
    "is_portal",
    "on_portal",
    "run_sync",
    "submit",
]

P = ParamSpec("P")
T = TypeVar("T")

WAKE = 0.2
"""Seconds between looks around while a caller waits: ipykernel sees an interrupt only when its loop turns."""
SETTLE = 2.0
"""Seconds a cancelled piece of work gets to put its affairs in order before the caller goes on."""

_led: LedLoop | None = None
_lock = threading.Lock()


def _portal() -> asyncio.AbstractEventLoop:
    global _led
    with _lock:
        if _led is None:
            _led = LedLoop()
    return _led.loop


def is_portal() -> bool:
    """Say whether the running code runs on the portal."""
    try:
        return _led is not None and asyncio.get_running_loop() is _led.loop
    except RuntimeError:
        return False


class Started(Future[T]):
    """Work on the portal, as seen from another thread. It is done when the work has really ended, also after ``cancel``."""

    def __init__(self) -> None:
        super().__init__()
        self._task: asyncio.Task[T] | None = None
        self._is_cancelled = False

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> None:
        """Put the work on the portal. Apart from the constructor, so that an interrupt in between finds something to cancel."""
        _portal().call_soon_threadsafe(self._start, coroutine)

    def _start(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._task = asyncio.get_running_loop().create_task(coroutine)
        self._task.add_done_callback(self._finish)
        if self._is_cancelled:
            self._task.cancel()

    def _finish(self, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            super().cancel()
            self.set_running_or_notify_cancel()
        elif error := task.exception():
            self.set_exception(error)
        else:
            self.set_result(task.result())

    def cancel(self) -> bool:
        """Ask the work to stop, once; wait for the future to see it end."""
        if self.done():
            return False
        if not self._is_cancelled:
            self._is_cancelled = True
            if self._task is not None:
                _portal().call_soon_threadsafe(self._task.cancel)
        return True

    def overcome(self) -> bool:
        """The work goes on though it was asked to stop; False where another task than the work's own says so."""
        if self._task is not asyncio.current_task():
            return False
        self._is_cancelled = False
        return True


def submit(coroutine: Coroutine[Any, Any, T]) -> Started[T]:
    """Start ``coroutine`` on the portal and return at once."""
    started: Started[T] = Started()
    started.begin(coroutine)
    return started


class _Caller:
    """A thread that waits at a door, and the functions it was asked to run meanwhile."""

    def __init__(self, started: Started[Any], wake: Callable[[], object]) -> None:
        self._started = started
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._wake = wake
        self._lock = threading.Lock()
        self._is_interrupted = False
        self.has_gone_on = False
        """Whether an interrupt was overcome."""
        self.gone = False

    def leave(self) -> bool:
        """Wait no more, whatever the work does; say whether this thread still waited."""
        with self._lock:
            waited, self.gone = not self.gone, True
        return waited

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Begin work that may borrow this thread, or the one that waits for this thread."""
        token = _caller.set(_caller.get() if has_caller() else self)
        try:
            self._started.begin(coroutine)
        finally:
            _caller.reset(token)

    def lend(self, job: Callable[[], T]) -> Future[T]:
        done: Future[T] = Future()
        self._jobs.put((functools.partial(copy_context().run, job), done))
        self._wake()
        return done

    def serve(self) -> None:
        """Run what was asked for; an interrupt passes through to the caller."""
        while not self._jobs.empty():
            job, done = self._jobs.get()
            if not done.set_running_or_notify_cancel():
                continue
            try:
                done.set_result(job())
            except Exception as error:
                done.set_exception(error)

    def attend(self, wakeup: threading.Event) -> None:
        """Wait for a moment, and serve; an interrupt passes through to the caller unless the work overcomes it."""
        try:
            wakeup.wait(WAKE)
            wakeup.clear()
            self.serve()
        except KeyboardInterrupt:
            if not self._survives(wakeup):
                raise

    def _survives(self, wakeup: threading.Event) -> bool:
        for left in self._interrupted():
            wakeup.wait(left)
            wakeup.clear()
        return not self.gone

    async def survives(self, wakeup: asyncio.Event) -> bool:
        """An interrupt has cancelled the task that waits: cancel the work, and say whether that overcomes it and the task waits on."""
        for left in self._interrupted():
            slice_ = asyncio.ensure_future(wakeup.wait())
            try:
                await asyncio.wait({slice_}, timeout=left)
            finally:
                slice_.cancel()
            wakeup.clear()
        return not self.gone

    def _interrupted(self) -> Iterator[float]:
        """Cancel the work, yield the seconds that are left as long as it has not answered, and then know whether it goes on."""
        self._is_interrupted = True
        self._started.cancel()
        deadline = time.monotonic() + SETTLE
        while self._is_interrupted and not self._started.done() and (left := deadline - time.monotonic()) > 0:
            yield left
        with self._lock:
            self.gone = self._is_interrupted

    def go_on(self) -> bool:
        """Let this thread wait on after its interrupt; say whether it does."""
        with self._lock:
            if self.gone or not self._is_interrupted or not self._started.overcome():
                return False
            self._is_interrupted, self.has_gone_on = False, True
        self._wake()
        return True


_caller: ContextVar[_Caller | None] = ContextVar("autogen_jupyter_caller", default=None)
_is_blocking: ContextVar[bool] = ContextVar("autogen_jupyter_is_blocking", default=False)


def has_caller() -> bool:
    """Say whether somebody waits for the running work, so that ``in_caller`` can be used."""
    caller = _caller.get()
    return caller is not None and not caller.gone


def is_blocking() -> bool:
    """Say whether the door that the running work came through last was a blocking call."""
    return _is_blocking.get()


@contextlib.contextmanager
def _through(*, blocking: bool) -> Iterator[None]:
    token = _is_blocking.set(blocking)
    try:
        yield
    finally:
        _is_blocking.reset(token)


def go_on() -> bool:
    """Overcome a cancellation, and say whether that can be: it was an interrupt of the thread that waits for this very task."""
    caller = _caller.get()
    return caller is not None and caller.go_on()


async def in_caller(function: Callable[..., T], *args: Any) -> T:
    """Run a function on the thread that waits for this work.

    Raises:
        RuntimeError: nobody waits; ask ``has_caller`` first.
    """
    caller = _caller.get()
    if caller is None or caller.gone:
        raise RuntimeError("Nobody waits for this work, so nothing can be run on the caller's thread.")
    return await asyncio.wrap_future(caller.lend(functools.partial(function, *args)))


def run_sync(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Derive the blocking door of an async function: wait for the portal; an interrupt cancels the work, which may ``go_on``."""

    work = _behind_the_door(method)

    @functools.wraps(method)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        if is_portal():
            name = getattr(method, "__name__", "this function")
            raise BlockingCall(
                f"A blocking call in a coroutine would wait for the loop it runs on; await {name}() instead, or make it a plain function."
            )
        wakeup = threading.Event()
        started: Started[T] = Started()
        caller = _Caller(started, wakeup.set)
        started.add_done_callback(lambda _: wakeup.set())
        try:
            with _through(blocking=True):
                caller.start(work(*args, **kwargs))
            while not started.done():
                caller.attend(wakeup)
            return started.result()
        except BaseException:
            if caller.leave() and started.cancel():
                wait({started}, timeout=SETTLE)
            raise
        finally:
            caller.gone = True

    wrapper.__name__ = wrapper.__name__.removeprefix("a_")
    wrapper.__qualname__ = wrapper.__qualname__.replace(".a_", ".")
    return wrapper


def _behind_the_door(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return what an ``on_portal`` method does: nobody goes through two doors."""
    work: Callable[..., Coroutine[Any, Any, T]] | None = getattr(method, "__wrapped__", None)
    owner = getattr(method, "__self__", None)
    if work is None:
        return method
    return work if owner is None else functools.partial(work, owner)


def on_portal(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Make the async door of an async function: it can be awaited from any loop and runs on the portal."""

    @functools.wraps(method)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        here = asyncio.get_running_loop()
        if _led is not None and here is _led.loop:
            with _through(blocking=False):
                return await method(*args, **kwargs)
        wakeup = asyncio.Event()
        started: Started[T] = Started()
        caller = _Caller(started, functools.partial(here.call_soon_threadsafe, wakeup.set))
        ended = asyncio.wrap_future(started)
        ended.add_done_callback(lambda _: wakeup.set())
        try:
            with _through(blocking=False):
                caller.start(method(*args, **kwargs))
            with noticing_interrupts() as is_interrupt:
                while not ended.done():
                    await _attend(caller, wakeup, is_interrupt)
            return ended.result()
        except BaseException:
            if caller.leave() and started.cancel():
                await asyncio.wait({ended}, timeout=SETTLE)
            raise
        finally:
            caller.gone = True

    return wrapper


async def _attend(caller: _Caller, wakeup: asyncio.Event, is_interrupt: Callable[[], bool]) -> None:
    """Wait for a moment, and serve; a cancellation passes through unless it is an interrupt that the work overcomes."""
    slice_ = asyncio.ensure_future(wakeup.wait())
    try:
        if await _is_interrupted(slice_, caller, is_interrupt):
            if not await caller.survives(wakeup):
                raise asyncio.CancelledError
            if (task := asyncio.current_task()) is not None:
                take_back(task)
    finally:
        slice_.cancel()
    wakeup.clear()
    caller.serve()


async def _is_interrupted(slice_: asyncio.Future[Any], caller: _Caller, is_interrupt: Callable[[], bool]) -> bool:
    """Wait for a moment; say whether an interrupt came meanwhile."""
    try:
        await asyncio.wait({slice_}, timeout=WAKE)
    except asyncio.CancelledError:
        if not is_interrupt():
            raise
        return True
    if not (caller.has_gone_on and is_interrupt()):
        return False
    with contextlib.suppress(asyncio.CancelledError):  # asyncio cancels for this one too; ipykernel cancels a cell once only
        await asyncio.sleep(SOON)
    return True


async def call(function: Callable[..., T | Awaitable[T]], *args: Any, **kwargs: Any) -> T:
    """Call a user's function: await it if it is async, otherwise let it run so that the loop stays free."""
    if is_async(function):
        try:
            return await function(*args, **kwargs)  # type: ignore[misc, no-any-return]
        except KeyboardInterrupt as interrupt:  # passing through the loop, it would end it
            raise FunctionInterrupted("A function was interrupted.") from interrupt
    result = await (_led.call if _led is not None and is_portal() else in_worker)(function, *args, **kwargs)
    if type(result) in _PLAIN or not inspect.isawaitable(result):
        return result  # type: ignore[return-value]
    return await result


_PLAIN = frozenset({tuple, str, dict, list, bool, type(None)})
"""What most functions return."""


def is_async(function: Callable[..., Any]) -> bool:
    """Say what ``inspect.iscoroutinefunction`` says, which takes its time; a function that bears no mark is what its code is."""
    code = getattr(function, "__code__", None)
    if isinstance(code, CodeType):
        if code.co_flags & inspect.CO_COROUTINE:
            return True
        if not function.__dict__:
            return False
    return inspect.iscoroutinefunction(function)
