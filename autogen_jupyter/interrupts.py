"""Interrupts of code that awaits. IPython and asyncio make cancellations of them; here it is known which cancellation was an interrupt."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["noticing_interrupts"]

SOON = 0.5
"""Seconds within which an interrupt has become a cancellation: IPython takes some turns of its loop for it."""

_Handler = Callable[[int, FrameType | None], Any]
_listeners = 0
_heard_at = float("-inf")


class _Noticing:
    """The signal's handler, and a note that it was called."""

    def __init__(self, former: _Handler) -> None:
        self.former = former

    def __call__(self, number: int, frame: FrameType | None) -> None:
        global _heard_at
        _heard_at = time.monotonic()
        self.former(number, frame)


@contextmanager
def noticing_interrupts() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether a cancellation that has just come is an interrupt that came since. Each is one only once.

    Interrupts do what they did before. Only the main thread hears them; on another one no cancellation is an interrupt.
    """
    global _listeners
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    known = time.monotonic()

    def is_interrupt() -> bool:
        nonlocal known
        is_new, known = _heard_at > known and time.monotonic() - _heard_at < SOON, max(known, _heard_at)
        return is_new

    _listen()
    _listeners += 1
    try:
        yield is_interrupt
    finally:
        _listeners -= 1
        if not _listeners:
            _stop_listening()


def _listen() -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler) and not isinstance(handler, _Noticing):
        signal.signal(signal.SIGINT, _Noticing(handler))


def _stop_listening() -> None:
    handler = signal.getsignal(signal.SIGINT)
    if isinstance(handler, _Noticing):  # else somebody has put another in its place, such as IPython for its next cell
        signal.signal(signal.SIGINT, handler.former)
