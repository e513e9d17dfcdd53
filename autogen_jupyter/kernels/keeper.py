"""Keeps a kernel for an executor: starts it, notices its death, starts another, and stops it in the end."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import weakref
from collections.abc import Iterator, Mapping
from concurrent.futures import wait
from contextvars import Context
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import AgentChatError, KernelError
from ..events import KernelState
from ..portal import submit
from .base import OnState
from .environment import kernel_environment
from .kernel import Kernel
from .process import NATIVE, find_spec, how_it_ended
from .threads import in_thread
from .workplace import Isolation, Workplace

__all__ = ["KernelKeeper", "Recipe"]

EXIT = 3.0
"""Seconds that open kernels get to go when Python exits."""

_log = logging.getLogger(__name__)
_open: weakref.WeakSet[KernelKeeper] = weakref.WeakSet()


@dataclass(frozen=True)
class Recipe:
    """What kind of kernel to start."""

    kernel_name: str = NATIVE
    cwd: str | os.PathLike[str] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    warm_up: tuple[str, ...] = ()
    isolation: Isolation = field(default_factory=Isolation)

    @cached_property
    def language(self) -> str:
        """The language that it runs, in lower case."""
        return "python" if self.kernel_name == NATIVE else find_spec(self.kernel_name).language.lower()

    async def start(self) -> Kernel:
        """Start such a kernel.

        Raises:
            KernelStartError: it does not come up.
        """
        launch = await in_thread(self.workplace.launch)
        env = kernel_environment(self.env)
        return await Kernel.start(
            self.kernel_name, cwd=launch.cwd, env=env, language=self.language, warm_up=self.warm_up, provisioner=launch.provisioner
        )

    @cached_property
    def workplace(self) -> Workplace:
        """Where such kernels work, one after the other."""
        return Workplace(self.cwd, self.isolation)


class KernelKeeper:
    """Holds one kernel at a time. Everything here happens on the portal, except ``start_soon`` and ``forget``."""

    def __init__(self, recipe: Recipe, on_state: OnState | None) -> None:
        self.recipe = recipe
        self.state: KernelState = "closed"
        self.kernel: Kernel | None = None
        self.is_closed = False
        self._on_state = on_state
        self._starting: asyncio.Task[Kernel] | None = None
        self._stopping: set[asyncio.Future[None]] = set()
        self._was_used = False
        self._news = ""
        self._owner = os.getpid()
        _open.add(self)

    def start_soon(self) -> None:
        """Let the kernel come up in the background; a failure is told to the next who needs the kernel."""
        submit(self._start_quietly())

    async def ready(self) -> Kernel:
        """Return the running kernel, started now if need be.

        Raises:
            KernelStartError: it does not come up.
            KernelError: the keeper is closed.
        """
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
    def in_use(self) -> Iterator[None]:
        """Show the kernel as busy for as long as code of a chat runs in it."""
        self._was_used = True
        self._tell("busy")
        try:
            yield
        finally:
            if self.kernel is not None and not self.kernel.died.done():
                self._tell("idle")

    def take_news(self) -> str:
        """Return, once, why variables are gone that earlier code may have set; empty when they are not."""
        news, self._news = self._news, ""
        return news

    def replace_soon(self) -> None:
        """Start another kernel in place of one whose end has been told."""
        self._was_used = False
        self.start_soon()

    async def restart(self) -> None:
        """Replace the kernel by a new one."""
        self._tell("restarting")
        await self._drop("it was restarted")
        await self.ready()

    async def close(self) -> None:
        """Stop the kernel for good."""
        if self.is_closed:
            return
        self.is_closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        await self._drop("")
        await asyncio.gather(*self._stopping)
        await in_thread(self.recipe.workplace.close)
        _open.discard(self)
        self._tell("closed")

    def forget(self) -> None:
        """Stop the kernel from wherever this is called, without waiting."""
        if self.is_open:
            submit(self.close())

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
                await self._drop(how_it_ended(self.kernel.died.result()) if self.kernel.died.done() else "it was restarted")
                self._tell("restarting")
            elif self.state != "restarting":
                self._tell("starting")
            kernel = await self.recipe.start()
        except AgentChatError as error:
            self._tell("dead", str(error).splitlines()[0])
            raise
        finally:
            self._starting = None
        self.kernel = kernel
        kernel.died.add_done_callback(lambda _: self._on_death(kernel))
        self._tell("idle")
        return kernel

    def _on_death(self, kernel: Kernel) -> None:
        if kernel is self.kernel and not kernel.is_stopping:
            self._tell("dead", how_it_ended(kernel.died.result()))

    async def _drop(self, why: str) -> None:
        kernel, self.kernel = self.kernel, None
        if kernel is not None:
            stopping = asyncio.ensure_future(kernel.stop())
            self._stopping.add(stopping)
            stopping.add_done_callback(self._stopping.discard)
            await asyncio.shield(stopping)
        if self._was_used and why:
            self._news = f"[The kernel is a new one ({why}): all earlier variables are gone.]"
            self._was_used = False

    def _tell(self, state: KernelState, detail: str = "") -> None:
        if state == self.state and not detail:
            return
        self.state = state
        if self._on_state is None:
            return
        try:
            self._on_state(state, detail)
        except Exception:
            _log.exception("The on_state function failed for the state %r.", state)


def _close_all() -> None:
    """Stop all kernels before Python exits."""
    wait([submit(keeper.close()) for keeper in [*_open] if keeper.is_open], timeout=EXIT)


atexit.register(_close_all)
