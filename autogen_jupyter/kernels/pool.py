"""A spare kernel, started before anybody asks, so that a restart or the next chat does not wait for a cold start."""

from __future__ import annotations

import asyncio
import contextlib
import os
from concurrent.futures import Future
from contextvars import Context
from dataclasses import dataclass

from ..errors import AgentChatError
from ..portal import submit
from .kernel import Kernel
from .recipe import Recipe
from .threads import in_thread
from .workplace import Workplace

__all__ = ["SPARES", "Spare", "SparePool"]

IDLE = 300.0
"""Seconds that a spare is kept when nobody takes it."""


@dataclass(frozen=True, slots=True)
class Spare:
    """A kernel that is ready, and the place it works in; both go to who takes it."""

    kernel: Kernel
    workplace: Workplace

    async def stop(self) -> None:
        """Stop the kernel and remove the place."""
        await self.kernel.stop()
        await in_thread(self.workplace.close)


class SparePool:
    """Keeps one kernel ready. Everything here happens on the portal, except ``close_at_exit``.

    A spare is given away once, and only to who would have started the very same kernel: same name, folder, environment and limits.
    One spare at a time bounds the memory that it costs; preparing one of another kind lets the old one go.

    Args:
        idle: seconds that a spare is kept when nobody takes it.

    Example:
        >>> pool = SparePool()
        >>> pool.prepare(Recipe())
        >>> spare = await pool.take(Recipe().resolved())
    """

    def __init__(self, idle: float = IDLE) -> None:
        self._idle = idle
        self._recipe: Recipe | None = None
        self._coming: asyncio.Task[Spare] | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._going: set[asyncio.Task[None]] = set()
        self._owner = os.getpid()

    @property
    def kernel(self) -> Kernel | None:
        """The spare, if it is up."""
        if self._coming is None or not self._coming.done() or self._coming.cancelled() or self._coming.exception():
            return None
        return self._coming.result().kernel

    def prepare(self, recipe: Recipe, folder: str | None = None) -> None:
        """See to it that there is a spare of this kind, for the notebook's folder, now or soon."""
        recipe = recipe.resolved(folder)
        if self._is_for(recipe):
            return
        self.discard()
        self._recipe = recipe
        self._owner = os.getpid()
        self._coming = Context().run(asyncio.ensure_future, self._start(recipe))
        self._coming.add_done_callback(self._watch)
        self._expiry = asyncio.get_running_loop().call_later(self._idle, self.discard)

    async def take(self, recipe: Recipe) -> Spare | None:
        """Return the spare if it is what this recipe would make; it is the caller's from now on."""
        coming = self._coming
        if coming is None or not self._is_for(recipe):
            return None
        self._release()
        with contextlib.suppress(AgentChatError):
            spare = await self._arrived(coming)
            if not spare.kernel.died.done():
                return spare
            await spare.stop()
        return None

    def discard(self) -> None:
        """Let the spare go, if there is one."""
        coming = self._coming
        if coming is not None:
            self._release()
            going = asyncio.ensure_future(self._stop(coming))
            self._going.add(going)
            going.add_done_callback(self._going.discard)

    async def close(self) -> None:
        """Let the spare go, and wait until it is gone."""
        self.discard()
        await asyncio.gather(*self._going)

    def close_at_exit(self) -> list[Future[None]]:
        """Start to close, from another thread; return what to wait for."""
        is_ours = self._owner == os.getpid() and (self._coming is not None or self._going)
        return [submit(self.close())] if is_ours else []

    def _is_for(self, recipe: Recipe) -> bool:
        if self._coming is None or self._recipe != recipe:
            return False
        has_failed = self._coming.done() and (self._coming.cancelled() or self._coming.exception() is not None)
        return not has_failed and not (self.kernel is not None and self.kernel.died.done())

    def _release(self) -> None:
        self._coming = self._recipe = None
        if self._expiry is not None:
            self._expiry.cancel()

    @staticmethod
    async def _start(recipe: Recipe) -> Spare:
        workplace = recipe.workplace()
        try:
            return Spare(await recipe.start(workplace), workplace)
        except BaseException:
            await in_thread(workplace.close)
            raise

    async def _arrived(self, coming: asyncio.Task[Spare]) -> Spare:
        try:
            return await asyncio.shield(coming)
        except asyncio.CancelledError:
            await self._stop(coming)
            raise

    async def _stop(self, coming: asyncio.Task[Spare]) -> None:
        coming.cancel()
        await asyncio.wait({coming})
        if not coming.cancelled() and coming.exception() is None:
            await coming.result().stop()

    def _watch(self, coming: asyncio.Task[Spare]) -> None:
        """Clean up after a spare that did not come up, or that dies before anybody takes it."""
        if coming.cancelled() or coming is not self._coming:
            return
        if coming.exception() is not None:
            self._release()
            return
        coming.result().kernel.died.add_done_callback(lambda _: self.discard() if coming is self._coming else None)


SPARES = SparePool()
"""The one of this process."""
