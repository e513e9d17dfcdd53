"""Keeps a kernel for those who use it: starts it, notices its death, starts another, and stops it when the last one has left."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import wait
from contextvars import Context

from ..errors import AgentChatError, KernelError, UsageError
from ..events import KernelState
from ..portal import submit
from .base import OnState
from .kernel import Kernel
from .pool import SPARES
from .recipe import Recipe
from .threads import in_thread
from .workplace import Workplace

__all__ = ["KernelKeeper", "Seat"]

EXIT = 3.0
"""Seconds that open kernels get to go when Python exits."""
REST = 0.2
"""Seconds that a kernel has to be idle before a spare is started beside it."""

_log = logging.getLogger(__name__)
_open: weakref.WeakSet[KernelKeeper] = weakref.WeakSet()
_shared: dict[str, KernelKeeper] = {}
_lock = threading.RLock()  # a forgotten user may be collected, and leave, while this is held


class Seat:
    """One user's place at a kernel, which others may use too: what this user is told, and what it has not been told yet."""

    def __init__(self, keeper: KernelKeeper, on_state: OnState | None) -> None:
        self.keeper = keeper
        self.is_closed = False
        self.was_used = False
        """Whether this user's code may have left variables in the kernel."""
        self.news = ""
        self._on_state = on_state

    @classmethod
    def take(cls, recipe: Recipe, on_state: OnState | None, *, share: str | None = None, warm_spare: bool = False) -> Seat:
        """Sit down at a kernel of one's own, or at the one that is shared under a name.

        Raises:
            UsageError: the kernel of that name is of another kind.
        """
        with _lock:
            keeper = _shared.get(share) if share is not None else None
            if keeper is not None and (other := keeper.recipe.differs_in(recipe)):
                raise UsageError(
                    f"The kernel shared as {share!r} was started with another {other}: {getattr(keeper.recipe, other)!r:.200}, "
                    f"not {getattr(recipe, other)!r:.200}. Ask for the same, or share under another name."
                )
            if keeper is None:
                keeper = KernelKeeper(recipe, name=share, warm_spare=warm_spare)
            if share is not None:
                _shared[share] = keeper
            seat = cls(keeper, on_state)
            keeper.seats.append(seat)
        return seat

    async def ready(self) -> Kernel:
        """Return the running kernel, started now if need be.

        Raises:
            KernelStartError: it does not come up.
            KernelError: this user has left.
        """
        if self.is_closed:
            raise KernelError("This executor is closed. Make a new KernelCodeExecutor to run more code.")
        return await self.keeper.ready()

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Show the kernel as busy for as long as this user's code runs in it."""
        self.was_used = True
        with self.keeper.busy():
            yield

    def take_news(self) -> str:
        """Return, once, why variables are gone that earlier code may have set; empty when they are not."""
        news, self.news = self.news, ""
        return news

    def replace_soon(self) -> None:
        """Start another kernel in place of one whose end this user has been told."""
        self.was_used = False
        self.keeper.start_soon()

    async def leave(self) -> None:
        """Get up; the last one who leaves stops the kernel."""
        if not self.is_closed:
            is_last = self._get_up()
            if is_last:
                await self.keeper.close()
            self.tell("closed", "")

    def forget(self) -> None:
        """Leave from wherever this is called, without waiting."""
        if not self.is_closed and self._get_up() and self.keeper.is_open:
            submit(self.keeper.close())

    def tell(self, state: KernelState, detail: str) -> None:
        """Tell this user of the kernel's new state."""
        if self._on_state is None:
            return
        try:
            self._on_state(state, detail)
        except Exception:
            _log.exception("The on_state function failed for the state %r.", state)

    def _get_up(self) -> bool:
        """Say whether this was the last one; whoever asks for the same name from now on gets another kernel."""
        self.is_closed = True
        with _lock:
            self.keeper.seats.remove(self)
            if self.keeper.seats:
                return False
            if self.keeper.name is not None:
                _shared.pop(self.keeper.name, None)
            return True


class KernelKeeper:
    """Holds one kernel at a time, for one user or for several. Everything here happens on the portal, except ``start_soon``."""

    def __init__(self, recipe: Recipe, *, name: str | None = None, warm_spare: bool = False) -> None:
        self.recipe = recipe
        self.name = name
        self.seats: list[Seat] = []
        self.lock = asyncio.Lock()
        """Held while code runs: users of one kernel take turns."""
        self.state: KernelState = "closed"
        self.kernel: Kernel | None = None
        self.is_closed = False
        self._workplace: Workplace | None = None
        self._warm_spare = warm_spare
        self._starting: asyncio.Task[Kernel] | None = None
        self._stopping: set[asyncio.Future[None]] = set()
        self._owner = os.getpid()
        _open.add(self)

    @property
    def workplace(self) -> Workplace:
        """Where its kernels work, one after the other."""
        if self._workplace is None:
            self._workplace = self.recipe.workplace()
        return self._workplace

    def start_soon(self) -> None:
        """Let the kernel come up in the background; a failure is told to the next who needs the kernel."""
        submit(self._start_quietly())

    async def ready(self) -> Kernel:
        """Return the running kernel, started now if need be."""
        if self.is_closed:
            raise KernelError("This executor is closed. Make a new KernelCodeExecutor to run more code.")
        if self.kernel is not None and not self.kernel.died.done() and not self.kernel.is_stopping:
            return self.kernel
        starting = self._starting
        if starting is None:
            starting = Context().run(asyncio.ensure_future, self._start())  # it outlives the chat that happens to start it
            self._starting = starting
        await asyncio.wait({starting})
        if starting.cancelled():
            raise KernelError("This executor was closed while its kernel was starting.")
        return starting.result()

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Show the kernel as busy."""
        self._tell("busy")
        try:
            yield
        finally:
            if self.kernel is not None and not self.kernel.died.done():
                self._tell("idle")
                self._prepare_spare_later()

    async def restart(self) -> None:
        """Replace the kernel by a new one; the old one goes meanwhile."""
        self._tell("restarting")
        self._drop("it was restarted")
        await self.ready()

    async def close(self) -> None:
        """Stop the kernel for good."""
        if self.is_closed:
            return
        self.is_closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        self._drop("")
        await asyncio.gather(*self._stopping)
        await in_thread(self.workplace.close)
        _open.discard(self)
        self._tell("closed")

    @property
    def is_open(self) -> bool:
        """Whether there is something that this process has to close."""
        return not self.is_closed and self._owner == os.getpid() and (self.kernel is not None or self._starting is not None)

    async def _start_quietly(self) -> None:
        with contextlib.suppress(AgentChatError):
            await self.ready()

    async def _start(self) -> Kernel:
        try:
            if self.kernel is not None:
                self._drop(self.kernel.process.cause() if self.kernel.died.done() else "it was restarted")
                self._tell("restarting")
            elif self.state != "restarting":
                self._tell("starting")
            kernel = await self._spare() or await self.recipe.resolved(self.workplace.folder).start(self.workplace)
        except AgentChatError as error:
            self._tell("dead", str(error).splitlines()[0])
            raise
        finally:
            self._starting = None
        self.kernel = kernel
        kernel.died.add_done_callback(lambda _: self._on_death(kernel))
        self._tell("idle")
        self._prepare_spare_later()
        return kernel

    async def _spare(self) -> Kernel | None:
        """Take the spare, and move to where it works; not when code has left files that it would not find there."""
        if not self.workplace.is_untouched:
            return None
        spare = await SPARES.take(self.recipe.resolved(self.workplace.folder))
        if spare is None:
            return None
        former, self._workplace = self.workplace, spare.workplace
        await in_thread(former.close)
        return spare.kernel

    def _on_death(self, kernel: Kernel) -> None:
        if kernel is self.kernel and not kernel.is_stopping:
            self._tell("dead", kernel.process.cause())

    def _drop(self, why: str) -> None:
        """Let the kernel go; ``close`` waits until it is gone."""
        kernel, self.kernel = self.kernel, None
        if kernel is not None:
            stopping = asyncio.ensure_future(kernel.stop())
            self._stopping.add(stopping)
            stopping.add_done_callback(self._stopping.discard)
        if why:
            for seat in self.seats:
                if seat.was_used:
                    seat.news = f"[The kernel is a new one ({why}): all earlier variables are gone.]"
                    seat.was_used = False

    def _prepare_spare_later(self) -> None:
        if self._warm_spare and not self.is_closed:
            asyncio.get_running_loop().call_later(REST, self._prepare_spare)

    def _prepare_spare(self) -> None:
        if self.state == "idle" and not self.is_closed:
            SPARES.prepare(self.recipe, self.workplace.folder)

    def _tell(self, state: KernelState, detail: str = "") -> None:
        if state == self.state and not detail:
            return
        self.state = state
        for seat in [*self.seats]:
            seat.tell(state, detail)


def _close_all() -> None:
    """Stop all kernels before Python exits."""
    closing = [submit(keeper.close()) for keeper in [*_open] if keeper.is_open]
    wait([*closing, *SPARES.close_at_exit()], timeout=EXIT)


atexit.register(_close_all)
