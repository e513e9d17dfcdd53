"""Time limits of an answer: until it begins, between its pieces, and in all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Literal, TypeVar

from ..cancellation import cancellations, take_back

__all__ = ["Patience", "Timeouts", "TooSlow"]

T = TypeVar("T")
Limit = Literal["first", "silence", "total"]


@dataclass(frozen=True)
class Timeouts:
    """How long an answer may take, in seconds. None: the library's limit of 600 seconds without a byte."""

    silence: float | None = None
    """Between two pieces of an answer."""
    first: float | None = None
    """Until the answer begins; as long as ``silence`` where it is None."""
    total: float | None = 1800.0
    """From the request to the end of the answer."""


class TooSlow(asyncio.TimeoutError):
    """A limit was reached."""

    def __init__(self, limit: Limit, seconds: float) -> None:
        super().__init__(f"{limit} timeout of {seconds:g} seconds")
        self.limit = limit
        self.seconds = seconds


class Patience:
    """Waits for the steps of one answer, each no longer than the limits allow.

    The limits hold while a step is waited for, not while the reader is busy with the last one: a person who thinks about a question
    is no fault of the server's. ``asyncio.wait_for`` would do, and would make a task for every piece of every answer.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeouts = timeouts
        self._started = self._loop.time()

    async def wait(self, step: Awaitable[T], *, has_begun: bool) -> T:
        """Return what ``step`` gives.

        Raises:
            TooSlow: a limit came first; the step was cancelled.
        """
        found = self._next_limit(has_begun=has_begun)
        task = asyncio.current_task()
        if found is None or task is None:
            return await step
        when, limit, seconds = found
        before = cancellations(task)
        fired: list[bool] = []

        def fire() -> None:
            fired.append(True)
            task.cancel()

        timer = self._loop.call_at(when, fire)
        try:
            return await step
        except asyncio.CancelledError:
            if not fired or take_back(task) > before:  # somebody else cancelled it too
                raise
        finally:
            timer.cancel()
        raise TooSlow(limit, seconds)

    def _next_limit(self, *, has_begun: bool) -> tuple[float, Limit, float] | None:
        """Return when the next limit comes, which it is, and its seconds. It is asked for every piece of every answer."""
        times = self._timeouts
        found: tuple[float, Limit, float] | None = None
        if times.total is not None:
            found = (self._started + times.total, "total", times.total)
        if has_begun:
            seconds, began, limit = times.silence, None, _SILENCE
        else:
            seconds, began, limit = times.silence if times.first is None else times.first, self._started, _FIRST
        if seconds is None:
            return found
        when = (self._loop.time() if began is None else began) + seconds
        return found if found is not None and found[0] <= when else (when, limit, seconds)


_FIRST: Limit = "first"
_SILENCE: Limit = "silence"
