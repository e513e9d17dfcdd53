"""Limits on requests and tokens in a time, shared by everything in this process that asks the same model with the same key."""

from __future__ import annotations

import asyncio
import hashlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError

__all__ = ["RateLimiter", "RateLimits", "limiter_for"]

MINUTE = 60.0


@dataclass(frozen=True)
class RateLimits:
    """How much may be asked of a model.

    Args:
        per_second: requests in a second, evenly spaced (the classic's ``api_rate_limit``); below 1 for less than one.
        rpm: requests in any minute.
        tpm: tokens in any minute, those of the answers included.

    Example:
        >>> str(RateLimits(rpm=500, tpm=30_000))
        '500 requests and 30,000 tokens a minute'
    """

    per_second: float | None = None
    rpm: int | None = None
    tpm: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("api_rate_limit", self.per_second), ("rpm", self.rpm), ("tpm", self.tpm)):
            whole = name != "api_rate_limit"
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or not 0 < value < math.inf:
                unit = {"api_rate_limit": "requests a second", "rpm": "requests a minute", "tpm": "tokens a minute"}[name]
                raise UsageError(f"{name} is {value!r}; it must be a {'whole ' if whole else ''}number of {unit} above 0.")

    def __bool__(self) -> bool:
        return self != RateLimits()

    def __str__(self) -> str:
        minute = [f"{self.rpm:,} request{'s' if self.rpm != 1 else ''}"] if self.rpm else []
        minute += [f"{self.tpm:,} tokens"] if self.tpm else []
        second = [f"{self.per_second:g} requests a second"] if self.per_second else []
        return ", ".join(second + ([f"{' and '.join(minute)} a minute"] if minute else []))


@dataclass
class Admission:
    """A request that was let through; its tokens are corrected when they are known."""

    at: float
    tokens: int


@dataclass
class _Window:
    """What was let through in the last ``seconds``."""

    seconds: float
    requests: int | None
    tokens: int | None
    _admitted: deque[Admission] = field(default_factory=deque)

    def wait(self, tokens: int, now: float) -> float:
        """Return the seconds until a request of this size fits. One that is larger than the whole window fits into an empty one."""
        while self._admitted and now - self._admitted[0].at >= self.seconds:
            self._admitted.popleft()
        wait = 0.0
        if self.requests is not None and len(self._admitted) >= self.requests:
            wait = self._admitted[len(self._admitted) - self.requests].at + self.seconds - now
        if self.tokens is None:
            return wait
        used = sum(admission.tokens for admission in self._admitted)
        for admission in self._admitted:
            if used + tokens <= self.tokens:
                break
            used -= admission.tokens
            wait = max(wait, admission.at + self.seconds - now)
        return wait

    def add(self, admission: Admission) -> None:
        self._admitted.append(admission)


@dataclass(eq=False)
class _Waiting:
    """One who waits for its turn, on whatever event loop."""

    loop: asyncio.AbstractEventLoop
    turn: asyncio.Event

    def wake(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.turn.set)


class RateLimiter:
    """Lets requests through as fast as the limits allow, first come first served.

    Args:
        limits: how fast that is.
        clock: seconds from some beginning.
    """

    def __init__(self, limits: RateLimits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._line: deque[_Waiting] = deque()
        self._lock = threading.Lock()
        self.limits = RateLimits()
        self.use(limits)

    def use(self, limits: RateLimits) -> None:
        """Hold to these limits from now on."""
        if limits == self.limits:
            return
        self.limits = limits
        windows = [_Window(1 / limits.per_second, 1, None)] if limits.per_second else []
        if limits.rpm or limits.tpm:
            windows.append(_Window(MINUTE, limits.rpm, limits.tpm))
        with self._lock:
            self._windows = windows

    async def admit(self, tokens: int = 0) -> Admission:
        """Wait until a request of this size may be made. Being cancelled gives up the place in the line."""
        waiting = _Waiting(asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._line.append(waiting)
            is_first = self._line[0] is waiting
        try:
            if not is_first:
                await waiting.turn.wait()
            while isinstance(taken := self._take(tokens), float):  # noqa: ASYNC110 - time is what is waited for
                await asyncio.sleep(taken)
            return taken
        finally:
            self._leave(waiting)

    def _take(self, tokens: int) -> Admission | float:
        """Return the admission, or the seconds until it is worth asking again."""
        with self._lock:
            now = self._clock()
            wait = max((window.wait(tokens, now) for window in self._windows), default=0.0)
            if wait > 0:
                return wait
            admission = Admission(now, tokens)
            for window in self._windows:
                window.add(admission)
            return admission

    def _leave(self, waiting: _Waiting) -> None:
        with self._lock:
            was_first = self._line[0] is waiting
            self._line.remove(waiting)
            following = self._line[0] if was_first and self._line else None
        if following is not None:
            following.wake()


_limiters: dict[Hashable, RateLimiter] = {}
_limiters_lock = threading.Lock()


def limiter_for(endpoint: Any, model: str, limits: RateLimits) -> RateLimiter:
    """Return the one limiter of this process for a model behind an address and a key; the newest limits hold for all who use it."""
    key = hashlib.sha256(endpoint.key.encode()).hexdigest()
    with _limiters_lock:
        limiter = _limiters.setdefault((endpoint.address, key, model), RateLimiter(limits))
    limiter.use(limits)
    return limiter
