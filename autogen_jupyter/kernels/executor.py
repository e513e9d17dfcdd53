"""The agent kernel as a code executor: runs blocks, keeps their state, and survives what they do."""

from __future__ import annotations

import asyncio
import os
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from ..code_blocks import PYTHON, SHELL, CodeBlock
from ..errors import UsageError
from ..events import KernelState
from ..portal import on_portal
from .base import ExecutionResult, OnOutput, OnState
from .boundary import Boundary, network_note
from .keeper import KernelKeeper, Recipe
from .kernel import Ending, Kernel
from .languages import BOOTSTRAP_MODULE, Cell, cell_for, file_name
from .layer import FileMade
from .model_text import clip, outputs_text
from .outputs import MAX_FLOOD, OutputCollector
from .process import NATIVE
from .run import Ask
from .verdict import EXIT_CODE, Verdict, judge
from .workplace import Isolate, Isolation

__all__ = ["KernelCodeExecutor"]

WARM_UP = ("numpy", "pandas", "matplotlib.pyplot")
"""What analysts' code imports first, and what takes long to import."""


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
        kernel_name: str = NATIVE,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        on_state: OnState | None = None,
        ask: Ask | None = None,
        warm_up: Sequence[str] = WARM_UP,
        isolate: Isolate = "auto",
        mounts: Sequence[str] = (),
        network: bool = False,
        memory: int | None = None,
        processes: int | None = None,
        disk: int | None = None,
    ) -> None:
        """Describe the kernel; nothing runs before ``start`` or the first block.

        Args:
            timeout: seconds that one block may take, not counting the time that a person takes to answer; None for no limit.
            kernel_name: name of a Jupyter kernel; ``python3`` is the notebook's own interpreter.
            cwd: the kernel's working directory, which code writes to. By default the notebook's folder when the kernel starts; an isolated
                kernel reads that one, and writes to a layer over it (``files_made``, ``bring_back``).
            env: environment variables for the kernel, besides the harmless ones it gets anyway. Keys are never passed on by themselves.
            on_state: called with each new state.
            ask: answers ``input()`` and ``getpass()`` in the code; without it they raise an error there.
            warm_up: modules to import in the background after the start, if they are installed.
            isolate: ``bubblewrap`` isolates the code or starts no kernel, ``auto`` isolates it where that works (see ``boundary``),
                ``none`` leaves it alone.
            mounts: other folders that isolated code may read (``PATH``) or also write to (``PATH:rw``).
            network: whether isolated code may use the network.
            memory: bytes that all processes of an isolated kernel may use; by default three quarters of the machine's.
            processes: how many processes and threads an isolated kernel may have.
            disk: bytes that an isolated kernel may write; by default 10 GiB.
        """
        if timeout is not None and not timeout > 0:
            raise UsageError(f"timeout={timeout!r} leaves code no time to run. Give seconds, or None for no limit.")
        self.timeout = timeout
        self._ask = ask
        kernel_name = NATIVE if kernel_name == "python" else kernel_name
        isolation = Isolation(isolate, (mounts,) if isinstance(mounts, str) else tuple(mounts), network, memory, processes, disk)
        self._keeper = KernelKeeper(Recipe(kernel_name, cwd, dict(env or {}), tuple(warm_up), isolation), on_state)
        self._lock = asyncio.Lock()
        weakref.finalize(self, self._keeper.forget).atexit = False

    @property
    def languages(self) -> frozenset[str]:
        """Names of the languages (as fences write them) that it runs."""
        language = self._keeper.recipe.language
        return PYTHON | SHELL if language == "python" else frozenset({language})

    @property
    def state(self) -> KernelState:
        """The kernel's state: ``closed`` also before it was first started."""
        return self._keeper.state

    @property
    def boundary(self) -> Boundary:
        """What holds the code back. Asking for the first time may take some hundredths of a second: it is tried."""
        return self._keeper.recipe.workplace.boundary

    @property
    def isolated(self) -> bool:
        """Whether code may run without a question, because it runs inside a boundary."""
        return self.boundary.isolated

    @property
    def exchange_folder(self) -> str | None:
        """A folder in which to leave files for the kernel, which cannot write there; None when it reads them anywhere."""
        return self._keeper.recipe.workplace.exchange

    def files_made(self) -> list[FileMade]:
        """Return the files that isolated code wrote over the notebook's folder: none is there until it is brought back."""
        layer = self._keeper.recipe.workplace.layer
        return layer.files_made() if layer is not None else []

    def bring_back(self, paths: Sequence[str], *, overwrite: bool = False) -> list[Path]:
        """Copy files that the code made into the notebook's folder; return where they are. They are gone with ``close`` otherwise.

        Raises:
            UsageError: a path is none of the files made, leads outside, or exists and ``overwrite`` is not set.
        """
        layer = self._keeper.recipe.workplace.layer
        if layer is None:
            raise UsageError("There is nothing to bring back: this executor's code writes to its working directory itself.")
        return layer.bring_back(paths, overwrite=overwrite)

    def start(self) -> None:
        """Let the kernel come up in the background. Not needed, and harmless when it runs already."""
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
        async with self._lock:
            for number, block in enumerate(blocks):
                collector.begin(number)
                verdict = await self._run_block(block, collector)
                news = news or self._keeper.take_news()
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
        """Interrupt what is running; the state is kept."""
        if self._keeper.kernel is not None:
            await self._keeper.kernel.interrupt()

    @on_portal
    async def restart(self) -> None:
        """Forget the state and be ready again. Code that runs is stopped."""
        await self._keeper.restart()

    @on_portal
    async def close(self) -> None:
        """Leave nothing behind. Closing twice does nothing."""
        await self._keeper.close()

    async def __aenter__(self) -> KernelCodeExecutor:
        self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def command(self, code: str, expression: str | None = None) -> Any:
        """Run code of the library's own on the portal, unseen by chats; return the value of ``expression``, which is JSON text there.

        Raises:
            KernelError: it failed.
        """
        async with self._lock:
            kernel = await self._keeper.ready()
            with self._keeper.in_use():
                return await kernel.command(code, expression)

    async def _run_block(self, block: CodeBlock, collector: OutputCollector) -> Verdict:
        if block.language not in self.languages:
            return Verdict(1, "error", f'not executed: no kernel for "{block.language}" here')
        kernel = await self._keeper.ready()
        with self._keeper.in_use():
            await self._save(block, kernel, collector)
            ending = await self._run(cell_for(block) if self._speaks_python else Cell(block.code), kernel, collector)
            verdict = judge(ending, kernel, self.timeout)
        if not verdict.state_kept and not kernel.is_stopping:
            self._keeper.replace_soon()
        return verdict

    @property
    def _speaks_python(self) -> bool:
        return self._keeper.recipe.language == "python"

    async def _run(self, cell: Cell, kernel: Kernel, collector: OutputCollector) -> Ending:
        def take(msg_type: str, content: Mapping[str, Any]) -> bool:
            collector.take(msg_type, content)
            return collector.printed < MAX_FLOOD and collector.watch_error is None

        expressions = EXIT_CODE if cell.has_exit_code else None
        ending = await kernel.run(cell.code, timeout=self.timeout, take=take, ask=self._ask, expressions=expressions)
        collector.take_payload(ending.reply.get("payload") or [])
        collector.say_what_was_dropped()
        return ending

    async def _save(self, block: CodeBlock, kernel: Kernel, collector: OutputCollector) -> None:
        """Save a block that asks for it, from inside the kernel: what holds the kernel back holds this back too."""
        name = file_name(block.code)
        if name is None or not self._speaks_python:
            return
        helper = f"__import__({BOOTSTRAP_MODULE!r})"
        refused = await kernel.command("", f"__import__('json').dumps({helper}.save_block({name!r}, {block.code!r}))")
        if refused:
            collector.add_text(f"not saved: {refused}\n")
