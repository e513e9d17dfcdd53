"""The agent kernel as a code executor: runs blocks, keeps their state, and survives what they do."""

from __future__ import annotations

import contextlib
import os
import time
import weakref
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from ..code_blocks import PYTHON, SHELL, CodeBlock
from ..errors import KernelError, UsageError
from ..events import KernelState
from ..portal import on_portal
from .base import ExecutionResult, OnOutput, OnState
from .boundary import Boundary, network_note
from .keeper import KernelKeeper, Seat
from .kernel import Ending, Kernel
from .languages import BOOTSTRAP_MODULE, SAVED, Cell, cell_for, file_name, installs, saving
from .layer import FileMade
from .model_text import clip, outputs_text
from .other_languages import PROGRAMMING, kernel_name_for, spoken_names
from .outputs import MAX_FLOOD, OutputCollector
from .process import ALSO_NATIVE, NATIVE
from .recipe import Recipe
from .remote_place import learn_languages, refuse_local, spoken_on
from .run import Ask
from .saved_blocks import save
from .server import Server, find_server
from .variables import Variable, as_variables
from .verdict import EXIT_CODE, Verdict, judge, used_up
from .workplace import Isolate, Isolation

__all__ = ["KernelCodeExecutor"]

WARM_UP = ("numpy", "pandas", "matplotlib.pyplot")
"""What analysts' code imports first, and what takes long to import."""
LEAST_MEMORY = 100_000_000
LOOK = 5.0
"""Seconds that looking into the kernel may take."""


class KernelCodeExecutor:
    """Runs code in a Jupyter kernel of its own, apart from the notebook's. Variables stay from block to block.

    It can be used from any event loop; ``on_output``, ``on_state`` and ``ask`` are called on the library's own loop and must not block it.

    Example:
        >>> async with KernelCodeExecutor() as executor:
        ...     result = await executor.execute_code_blocks([CodeBlock("python", "1 + 1")])
        >>> result.output
        '2'
    """

    def __init__(
        self,
        *,
        timeout: float | None = 60.0,
        chat_timeout: float | None = None,
        kernel_name: str = NATIVE,
        server: str | Server | None = None,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        on_state: OnState | None = None,
        ask: Ask | None = None,
        warm_up: Sequence[str] = WARM_UP,
        memory_limit: int | None = None,
        allow_pip: bool = True,
        share: str | None = None,
        warm_spare: bool = False,
        isolate: Isolate = "auto",
        mounts: Sequence[str] = (),
        network: bool = False,
        processes: int | None = None,
        disk: int | None = None,
    ) -> None:
        """Describe the kernel; nothing runs before ``start`` or the first block.

        Args:
            timeout: seconds that one block may take, not counting the time that a person takes to answer; None for no limit.
            chat_timeout: seconds that all code of a chat may take together, counted anew from each ``start``; None for no limit.
            kernel_name: name of a Jupyter kernel; ``python3`` is the notebook's own interpreter.
            server: a Jupyter Server, Kernel Gateway or Enterprise Gateway to run the kernel on: its address, the name under which it is
                configured, or a ``Server``. ``cwd`` is then a folder of that machine, nothing of this one's environment goes there, and
                ``isolate`` with what belongs to it does not apply; everything else is the same.
            cwd: the kernel's working directory, which code writes to. By default the notebook's folder when the kernel starts; an isolated
                kernel reads that one, and writes to a layer over it (``files_made``, ``bring_back``).
            env: environment variables for the kernel, besides the harmless ones it gets anyway. Keys are never passed on by themselves.
            on_state: called with each new state.
            ask: answers ``input()`` and ``getpass()`` in the code; without it they raise an error there.
            warm_up: modules to import in the background after the start, if they are installed.
            memory_limit: bytes that the code may use: all processes of an isolated kernel together (three quarters of the machine's by
                default), else the data of a Python kernel (no limit by default, and none on Windows).
            allow_pip: whether blocks may install packages. Forbidding it stops honest code; it is no boundary.
            share: a name under which executors use one kernel, and see each other's variables; the last one to close stops it.
            warm_spare: keep another kernel ready, so that a restart, or the next chat of the same kind, need not wait. It costs
                the memory of a kernel with its imports (some 150 MB), and goes after five minutes in which nobody took it.
            isolate: ``bubblewrap`` isolates the code or starts no kernel, ``auto`` isolates it where that works (see ``boundary``),
                ``none`` leaves it alone.
            mounts: other folders that isolated code may read (``PATH``) or also write to (``PATH:rw``).
            network: whether isolated code may use the network.
            processes: how many processes and threads an isolated kernel may have; at least 301, for which a smaller number stands too.
            disk: bytes that an isolated kernel may write; by default 10 GiB.

        Raises:
            UsageError: a limit leaves no room, or the kernel shared under this name is of another kind.
        """
        for name, limit in {"timeout": timeout, "chat_timeout": chat_timeout}.items():
            if limit is not None and not limit > 0:
                raise UsageError(f"{name}={limit!r} leaves code no time to run. Give seconds, or None for no limit.")
        if memory_limit is not None and memory_limit < LEAST_MEMORY:
            raise UsageError(f"memory_limit={memory_limit!r} is too little for a kernel. Give at least {LEAST_MEMORY:,} bytes, or None.")
        self.timeout = timeout
        self.chat_timeout = chat_timeout
        self.allow_pip = allow_pip
        self._ask = ask
        self._spent = 0.0
        self._current: Seat | None = None
        kernel_name = NATIVE if kernel_name == ALSO_NATIVE else kernel_name
        isolation = Isolation(isolate, (mounts,) if isinstance(mounts, str) else tuple(mounts), network, memory_limit, processes, disk)
        recipe = Recipe(kernel_name, cwd, dict(env or {}), tuple(warm_up), memory_limit, isolation)
        if server is not None:
            refuse_local(isolate, mounts, processes, disk)
            recipe = replace(recipe, server=find_server(server), isolation=Isolation("none"))
        self._seats = {"": Seat.take(recipe, on_state, share=share, warm_spare=warm_spare)}
        for_good = weakref.finalize(self, _forget, self._seats)
        for_good.atexit = False

    @property
    def languages(self) -> frozenset[str]:
        """Names of the languages (as fences write them) that it runs."""
        own, server = self._keeper.recipe.language, self._keeper.recipe.server
        if own == "python" and server is not None:
            return PYTHON | SHELL | frozenset(spoken_on(server))
        return PYTHON | SHELL | spoken_names() if own == "python" else frozenset({own})

    @property
    def refuses(self) -> frozenset[str]:
        """Names of languages that it does not run, and says so: a block that nobody answers is written again and again."""
        return PROGRAMMING - self.languages

    @property
    def saves(self) -> frozenset[str]:
        """Names of languages that it does not run, and whose blocks it saves where their first line is ``<!-- filename: page.html -->``."""
        return SAVED - self.languages if self.speaks_python else frozenset()

    @property
    def state(self) -> KernelState:
        """The kernel's state: ``closed`` also before it was first started."""
        return self._keeper.state

    @property
    def boundary(self) -> Boundary:
        """What holds the code back. Asking for the first time may take some hundredths of a second: it is tried."""
        return self._keeper.workplace.boundary

    @property
    def isolated(self) -> bool:
        """Whether code may run without a question, because it runs inside a boundary."""
        return self.boundary.isolated

    @property
    def exchange_folder(self) -> str | None:
        """A folder in which to leave files for the kernel, which cannot write there; None when it reads them anywhere."""
        return self._keeper.workplace.exchange

    @property
    def outbox_folder(self) -> str | None:
        """A folder in which the kernel can leave files for us; None when it can anywhere."""
        return self._keeper.workplace.outbox

    @property
    def connection_file(self) -> Path | None:
        """The file with which other Jupyter clients of this machine reach the kernel; None when none runs here.

        Example:
            ``jupyter console --existing FILE`` in a terminal. Whoever can read the file can run code in the kernel.
        """
        kernel = self._keeper.kernel
        return None if kernel is None or kernel.died.done() else kernel.process.connection_file

    def files_made(self) -> list[FileMade]:
        """Return the files that isolated code wrote over the notebook's folder: none is there until it is brought back."""
        layer = self._keeper.workplace.layer
        return layer.files_made() if layer is not None else []

    def bring_back(self, paths: Sequence[str], *, overwrite: bool = False, to: str | os.PathLike[str] | None = None) -> list[Path]:
        """Copy files that the code made into the notebook's folder; return where they are. They are gone with ``close`` otherwise.

        Args:
            paths: as ``files_made`` names them.
            overwrite: replace files that have these names.
            to: a folder to copy them into instead; it is made if it is not there.

        Raises:
            UsageError: a path is none of the files made, leads outside, or exists and ``overwrite`` is not set.
        """
        layer = self._keeper.workplace.layer
        if layer is None:
            raise UsageError("There is nothing to bring back: this executor's code writes to its working directory itself.")
        return layer.bring_back(paths, overwrite=overwrite, to=None if to is None else Path(to))

    def start(self) -> None:
        """Let the kernel come up in the background, at the start of a chat. Not needed, and harmless when it runs already."""
        self._spent = 0.0
        self._keeper.start_soon()

    @on_portal
    async def execute_code_blocks(self, blocks: Sequence[CodeBlock], on_output: OnOutput | None = None) -> ExecutionResult:
        """Run the blocks in order; stop at the first that fails; keep the outputs of all.

        Cancelling this call interrupts the code and keeps the state, unless the code cannot be interrupted.

        Args:
            blocks: code in languages that ``languages`` names.
            on_output: called with the number of the running block and each change of the outputs.

        Raises:
            KernelStartError: the kernel does not come up.
            KernelError: this executor is closed.
        """
        started = time.monotonic()
        collector = OutputCollector(on_output)
        verdict, text, news = Verdict(), "", ""
        async with self._keeper.lock:
            if self._keeper.recipe.server is not None:
                await learn_languages(self._keeper.recipe.server)
            for number, block in enumerate(blocks):
                collector.begin(number)
                verdict, told = await self._run_in_time(block, collector)
                news = news or told
                text = "\n".join(filter(None, (text, outputs_text(collector.of_block))))
                if verdict.exit_code:
                    break
        if collector.watch_error is not None:
            raise collector.watch_error
        no_network = network_note(text) if self.isolated and not self._keeper.recipe.isolation.network else ""
        return ExecutionResult(
            exit_code=verdict.exit_code,
            outputs=tuple(collector.outputs),
            output="\n".join(filter(None, (news, clip(text, failed=bool(verdict.exit_code)), no_network, verdict.note))),
            status=verdict.status,
            seconds=time.monotonic() - started,
            state_kept=verdict.state_kept and not news,
        )

    @on_portal
    async def interrupt(self) -> None:
        """Interrupt what this executor runs; the state is kept."""
        if self._current is not None and self._current.keeper.kernel is not None:
            await self._current.keeper.kernel.interrupt()

    @on_portal
    async def restart(self) -> None:
        """Forget the state and be ready again. Code that runs is stopped; who shares the kernel is told."""
        for language in [*self._seats]:
            if language:
                await self._seats.pop(language).leave()
        await self._keeper.restart()

    @on_portal
    async def close(self) -> None:
        """Leave nothing behind. Closing twice does nothing."""
        await self.interrupt()
        for seat in self._seats.values():
            await seat.leave()

    @on_portal
    async def variables(self) -> list[Variable]:
        """Return the variables that code has left in the kernel, also while code runs. None of their own code runs for it.

        Raises:
            KernelError: the kernel cannot be looked into, because it is busy in C code or speaks another language.
        """
        kernel = self._keeper.kernel
        if kernel is None:
            return []
        listing = f"__import__('json').dumps(__import__({BOOTSTRAP_MODULE!r}).variables())"
        if not self.speaks_python:
            raise KernelError(f"The variables of a kernel for {self._keeper.recipe.language} cannot be listed; only those of Python can.")
        if self._keeper.lock.locked():
            return as_variables(await kernel.look(listing, timeout=LOOK))
        return as_variables(await self.command("", listing))

    async def __aenter__(self) -> KernelCodeExecutor:
        self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def settle(self) -> None:
        """Let the kernel be up, on the portal: a spare that is taken works in another place, with another ``exchange_folder``."""
        async with self._keeper.lock:
            await self._seats[""].ready()

    @contextlib.asynccontextmanager
    async def hold(self) -> AsyncIterator[Kernel]:
        """Hold the running kernel, on the portal, for work of the library's own that chats do not see."""
        async with self._keeper.lock:
            kernel = await self._seats[""].ready()
            with self._seats[""].in_use():
                yield kernel

    async def command(self, code: str, expression: str | None = None) -> Any:
        """Run code of the library's own on the portal, unseen by chats; return the value of ``expression``, which is JSON text there.

        Raises:
            KernelError: it failed.
        """
        async with self.hold() as kernel:
            return await kernel.command(code, expression)

    @property
    def _keeper(self) -> KernelKeeper:
        return self._seats[""].keeper

    async def _run_in_time(self, block: CodeBlock, collector: OutputCollector) -> tuple[Verdict, str]:
        """Run a block if the chat has time left for it; also return what is to be told of the kernel."""
        seat = self._seat_for(block.language)
        if seat is None and block.language in self.saves and file_name(block.code):
            block, seat = saving(block), self._seats[""]
        if seat is None:
            return Verdict(1, "error", f'not executed: no kernel for "{block.language}" here'), ""
        left = None if self.chat_timeout is None else self.chat_timeout - self._spent
        if left is not None and left <= 0:
            return used_up(self.chat_timeout), ""
        self._current = seat
        try:
            verdict = await self._run_block(block, collector, seat, min(filter(None, (self.timeout, left)), default=None))
        finally:
            self._current = None
        return verdict, seat.take_news()

    async def _run_block(self, block: CodeBlock, collector: OutputCollector, seat: Seat, timeout: float | None) -> Verdict:
        speaks_python = seat.keeper.recipe.language == "python"
        if speaks_python and (commands := installs(block)):
            if not self.allow_pip:
                return Verdict(1, "error", f"not executed: packages must not be installed here ({commands[0]})")
            kind = "packages of the agent kernel's environment change"
            collector.add_text(f"[{kind}: {'; '.join(commands)}]\n", name="stdout")
        kernel = await seat.ready()
        block = replace(block, code=block.code.encode(errors="replace").decode())  # half a character cannot be sent
        with seat.in_use():
            if speaks_python:
                await save(block, kernel, collector)
            started = time.monotonic()
            ending = await self._run(cell_for(block) if speaks_python else Cell(block.code), kernel, collector, timeout)
            self._spent += time.monotonic() - started
            verdict = judge(ending, kernel, timeout, memory_limit=seat.keeper.recipe.memory_limit, is_chats=timeout != self.timeout)
        if not verdict.state_kept and not kernel.is_stopping:
            seat.replace_soon()
        return verdict

    def _seat_for(self, language: str) -> Seat | None:
        """Return a seat at a kernel for this language; other languages get a kernel when the first block of theirs comes."""
        own = self._keeper.recipe
        if language == own.language or (self.speaks_python and language in PYTHON | SHELL):
            return self._seats[""]
        name = (kernel_name_for(language) if own.server is None else spoken_on(own.server).get(language)) if self.speaks_python else None
        if name is None:
            return None
        if name not in self._seats:
            self._seats[name] = Seat.take(replace(own, kernel_name=name, warm_up=()), None)
        return self._seats[name]

    @property
    def speaks_python(self) -> bool:
        """Whether its own kernel is one for Python."""
        return self._keeper.recipe.language == "python"

    async def _run(self, cell: Cell, kernel: Kernel, collector: OutputCollector, timeout: float | None) -> Ending:
        def take(msg_type: str, content: Mapping[str, Any]) -> bool:
            collector.take(msg_type, content)
            return collector.printed < MAX_FLOOD and collector.watch_error is None

        expressions = EXIT_CODE if cell.has_exit_code else None
        ending = await kernel.run(cell.code, timeout=timeout, take=take, ask=self._ask, expressions=expressions)
        collector.take_payload(ending.reply.get("payload") or [])
        if ending.lost_output:
            collector.take_lost_error(ending.reply)
        collector.say_what_was_dropped()
        return replace(ending, shows_error=any(output["output_type"] == "error" for output in collector.of_block))


def _forget(seats: Mapping[str, Seat]) -> None:
    for seat in seats.values():
        seat.forget()
