"""Runs a notebook in a kernel of its own, without a browser, while a screen shows what happens."""

from __future__ import annotations

import asyncio
import os
import queue
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from ..errors import AgentChatError, KernelStartError, UsageError
from ..terminal import clean
from .ledger_tail import LedgerTail
from .screen import Screen

__all__ = ["CellError", "NotebookRun", "read_notebook", "run_notebook"]

LEDGER = "AUTOGEN_JUPYTER_LEDGER"
"""Environment variable that makes a session in the notebook kernel append its events to a file."""

SETTLE = 5.0
"""Seconds an interrupted cell gets to end."""


class CellError(AgentChatError):
    """A cell of the notebook ended with an error, or its kernel died."""

    ename: str = ""
    """The name of the error's class; empty when the kernel died."""


@dataclass(frozen=True)
class NotebookRun:
    """A notebook that was run, with its outputs; ``failure`` says which cell stopped it, if one did."""

    notebook: NotebookNode
    failure: CellError | None = None


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises:
        UsageError: there is none, or it cannot be read.
    """
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError as error:
        raise UsageError(f"There is no notebook {path}.") from error
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise UsageError(f"{path} cannot be read as a notebook: {str(error)[:200]}") from error


async def run_notebook(notebook: NotebookNode, folder: Path, *, environment: Mapping[str, str], screen: Screen) -> NotebookRun:
    """Run all cells in order; stop at the first that fails.

    Args:
        notebook: outputs are written into it.
        folder: working directory of its kernel.
        environment: variables that the kernel gets in addition to ours.
        screen: shows the cells' code, the chats while they happen, and the text of other outputs.
    """
    with tempfile.TemporaryDirectory(prefix="agentchat-") as private:
        ledger = Path(private) / "ledger.jsonl"
        tail = LedgerTail(ledger, screen.event)
        client = NotebookClient(notebook, km=_kernel_manager(Path(private)), timeout=None)
        async with _running_kernel(client, folder, {**os.environ, **environment, LEDGER: str(ledger)}):
            follower = asyncio.ensure_future(tail.follow())
            try:
                await _run_cells(client, screen, tail)
            except CellError as failure:
                return NotebookRun(notebook, failure)
            finally:
                follower.cancel()
                await asyncio.gather(follower, return_exceptions=True)
    return NotebookRun(notebook)


class _ThisPython(KernelSpecManager):
    """Knows one kernel, ipykernel in the Python that runs this command: "python3" on this machine may be another installation."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(resource_dir="", **get_kernel_dict())


def _kernel_manager(private: Path) -> AsyncKernelManager:
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=_ThisPython())
    manager.connection_file = str(private / "kernel.json")
    if os.name == "posix":
        manager.transport, manager.ip = "ipc", str(private / "kernel")  # sockets that only this user can open
    return manager


@asynccontextmanager
async def _running_kernel(client: NotebookClient, folder: Path, environment: Mapping[str, str]) -> AsyncIterator[None]:
    """Keep the notebook's kernel running. nbclient's own context manager takes Ctrl-C for itself, so it is not used."""
    manager = client.km
    try:
        try:
            await client.async_start_new_kernel(cwd=str(folder), env=dict(environment))
            await client.async_start_new_kernel_client()
        except (OSError, RuntimeError) as error:
            raise KernelStartError(f"The notebook's kernel did not start in {folder}: {error}") from error
        yield
    except asyncio.CancelledError:
        await _interrupt(client)
        raise
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        if manager.has_kernel:
            await manager.shutdown_kernel()


async def _interrupt(client: NotebookClient) -> None:
    """Stop the running cell, so that it can put its chat in order before the kernel shuts down."""
    await client.km.interrupt_kernel()
    with suppress(queue.Empty, TimeoutError):
        await client.kc.kernel_info(reply=True, timeout=SETTLE)


async def _run_cells(client: NotebookClient, screen: Screen, tail: LedgerTail) -> None:
    cells = [(index, cell) for index, cell in enumerate(client.nb.cells) if cell.cell_type == "code" and cell.source.strip()]
    for number, (index, cell) in enumerate(cells, start=1):
        screen.cell(number, len(cells), cell.source)
        before = tail.shown
        try:
            await client.async_execute_cell(cell, index)
        except CellExecutionError as error:
            failure = _failed(f"Cell {number} of {len(cells)}", cell, f"{error.ename}: {error.evalue}")
            failure.ename = str(error.ename)
            raise failure from error
        except DeadKernelError as error:
            if await client.km.is_alive():
                raise asyncio.CancelledError from error  # nbclient takes the cancelling of its caller for the kernel's death
            raise _failed(f"Cell {number} of {len(cells)}", cell, "the kernel died. Perhaps memory ran out") from error
        finally:
            tail.drain()
        if tail.shown == before:
            for output in cell.outputs:
                screen.output(output)


def _failed(which: str, cell: NotebookNode, why: str) -> CellError:
    code = [f"    {line[:120]}" for line in clean(cell.source).strip().splitlines()]
    reason = clean(why).strip().splitlines()
    shortened = [*reason[:8], "…", *reason[-4:]] if len(reason) > 13 else reason
    return CellError("\n".join([f"{which} failed:", *code[:6], *(["    …"] if len(code) > 6 else []), *(line[:300] for line in shortened)]))
