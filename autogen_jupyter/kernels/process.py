"""A kernel's process: started with private files, watched, and gone without a trace."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.session import Session

from ..errors import KernelStartError
from .channels import MAX_MESSAGE, KernelChannels, OnMessage
from .provisioners import ENTRY_POINTS
from .threads import in_thread
from .tree import remove

__all__ = ["ALSO_NATIVE", "NATIVE", "KernelProcess", "find_spec", "how_it_ended"]

NATIVE = "python3"
"""The kernel that runs in the notebook's own interpreter."""
ALSO_NATIVE = "python"
"""What it may be called too."""
LAST_WORDS = 20_000
"""Characters of a kernel's standard error that are worth reading."""
_LONGEST_SOCKET_PATH = 90

_quiet = logging.getLogger("autogen_jupyter.kernels.manager")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class _Specs(KernelSpecManager):
    """Finds kernel specs as Jupyter does; ``python3`` is always the notebook's interpreter, installed on disk or not."""

    provisioner: Mapping[str, Any] | None = None

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        spec = self._spec(kernel_name)
        if self.provisioner is not None:
            spec.metadata = {"kernel_provisioner": dict(self.provisioner)} | spec.metadata
        return spec

    def _spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name not in (NATIVE, ALSO_NATIVE):
            return super().get_kernel_spec(kernel_name)
        launcher = str(Path(__file__).with_name("launcher.py"))
        argv = [sys.executable, launcher, "-f", "{connection_file}", "--HistoryManager.enabled=False"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


def find_spec(kernel_name: str) -> KernelSpec:
    """Return the kernel spec of that name.

    Raises:
        KernelStartError: there is none, or its program is missing.
    """
    specs = _Specs()
    try:
        spec = specs.get_kernel_spec(kernel_name)
    except NoSuchKernel as error:
        known = ", ".join(sorted({NATIVE, *specs.find_kernel_specs()}))
        raise KernelStartError(
            f"There is no Jupyter kernel named {kernel_name!r}. Installed here: {known}. "
            "Choose one of these, or see `jupyter kernelspec list`."
        ) from error
    if shutil.which(os.path.expanduser(spec.argv[0])) is None:
        raise KernelStartError(
            f"The agent kernel {kernel_name!r} cannot start: its program {spec.argv[0]!r} does not exist or cannot be run. "
            "Install it again, or choose another kernel_name."
        )
    return spec


def how_it_ended(code: int) -> str:
    """Say in words how a process ended: ``killed by SIGKILL`` or ``exit code 3``."""
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


class KernelProcess:
    """One kernel process with its private folder. It knows when the process ends; it does not know what is run in it."""

    is_remote = False

    def __init__(self, manager: AsyncKernelManager, folder: Path, context: zmq.asyncio.Context) -> None:
        self.folder = folder
        """Private (0700) and removed with the process; files for the kernel can be left here."""
        self.died: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        """Done with the exit code as soon as the process has ended."""
        self._manager = manager
        self._context = context
        self._stop_watching: Callable[[], None] = lambda: None

    @classmethod
    async def start(
        cls, kernel_name: str, *, cwd: str, env: Mapping[str, str], provisioner: Mapping[str, Any] | None = None
    ) -> KernelProcess:
        """Start a kernel; it is not ready yet when this returns.

        Args:
            provisioner: what launches it, as a kernel spec's metadata say it; a spec that names one itself keeps that.

        Raises:
            KernelStartError: there is no such kernel, or its program cannot be run.
        """
        spec = find_spec(kernel_name)
        folder = Path(tempfile.mkdtemp(prefix="agk-"))
        context = _context()
        process = cls(_manager(kernel_name, folder, context, provisioner), folder, context)
        is_plain_ipykernel = kernel_name != NATIVE and any("ipykernel" in word for word in spec.argv)
        options = {"extra_arguments": ["--HistoryManager.enabled=False"]} if is_plain_ipykernel else {}
        try:
            with process._stderr.open("ab") as stderr:
                await process._manager.start_kernel(cwd=cwd, env=dict(env), stdout=subprocess.DEVNULL, stderr=stderr, **options)
        except BaseException as error:
            process._watch()
            await asyncio.shield(asyncio.ensure_future(process.end()))
            if not isinstance(error, Exception):
                raise
            process._manager.ready.exception()  # the same error; asyncio would complain that nobody looked at it
            if isinstance(error, KernelStartError):
                raise
            raise KernelStartError(f"The agent kernel {kernel_name!r} could not be started in {cwd!r}: {error}.") from error
        process._watch()
        return process

    @property
    def connection_file(self) -> Path:
        """Whoever can read this file can run code in the kernel."""
        return _connection_file(self.folder)

    @property
    def _stderr(self) -> Path:
        return self.folder / "stderr"

    @property
    def _popen(self) -> subprocess.Popen[bytes] | None:
        return getattr(self._manager.provisioner, "process", None)

    @property
    def pid(self) -> int | None:
        """Process identifier, where the kernel is a process of this machine."""
        return self._popen.pid if self._popen is not None else None

    def connect(self, on_message: OnMessage) -> KernelChannels:
        """Open the channels to it; messages may arrive at once."""
        return KernelChannels(self._manager.client(context=self._context), on_message)

    def cause(self) -> str:
        """Say in words how it ended."""
        code = self.died.result() if self.died.done() else None
        return "it was ended" if code is None else how_it_ended(code)

    def last_words(self) -> str:
        """Return the end of what it wrote to standard error outside of any cell: why it did not start, where it crashed."""
        try:
            with self._stderr.open("rb") as file:
                file.seek(max(self._stderr.stat().st_size - LAST_WORDS, 0))
                return "\n".join(filter(None, (file.read().decode("utf-8", "replace").strip(), self.why_killed)))
        except OSError:
            return self.why_killed

    @property
    def why_killed(self) -> str:
        """Why its provisioner killed it, in words; empty when it did not."""
        why = getattr(self._manager.provisioner, "why_killed", "")
        return f"The kernel was stopped: {why}." if why else ""

    def forget_words(self) -> None:
        """Empty the file of its standard error, lest it grow."""
        with contextlib.suppress(OSError):
            if self._stderr.stat().st_size > LAST_WORDS:
                os.truncate(self._stderr, 0)

    async def interrupt(self) -> None:
        """Interrupt what it runs, with the processes that it started."""
        with contextlib.suppress(RuntimeError, ProcessLookupError):
            await self._manager.interrupt_kernel()

    async def kill(self) -> None:
        """Kill it and its process group, and wait until it is gone."""
        provisioner = self._manager.provisioner
        if provisioner is not None and provisioner.has_process:
            with contextlib.suppress(OSError, ValueError):
                await provisioner.kill()
            await asyncio.wait({self.died}, timeout=5)

    async def end(self) -> None:
        """Kill it if it runs, and leave nothing behind: no process, no socket, no file."""
        await self.kill()
        self._stop_watching()
        provisioner = self._manager.provisioner
        try:
            if provisioner is not None:
                await provisioner.wait()
                await self._manager.cleanup_resources()
        finally:
            self._context.destroy(linger=0)
            await in_thread(remove, self.folder)

    def _watch(self) -> None:
        popen = self._popen
        if popen is None and not self._manager.has_kernel:
            return
        if popen is None:
            task = asyncio.create_task(self._poll())
            self._stop_watching = lambda: _cancel(task)
            return
        loop = asyncio.get_running_loop()
        try:
            watch = os.pidfd_open(popen.pid)
        except (AttributeError, OSError):  # not Linux, or an old one
            threading.Thread(target=_wait_in_thread, args=(popen, loop, self._ended), daemon=True).start()
            return

        def stop() -> None:
            self._stop_watching = lambda: None
            loop.remove_reader(watch)
            os.close(watch)

        def on_end() -> None:
            stop()
            self._ended(popen.wait())

        self._stop_watching = stop
        loop.add_reader(watch, on_end)

    def _ended(self, code: int) -> None:
        code = getattr(self._manager.provisioner, "exit_code", int)(code)
        if not self.died.done():
            self.died.set_result(code)

    async def _poll(self) -> None:
        """Watch a kernel that is no process of this machine."""
        provisioner = self._manager.provisioner
        while provisioner is not None:
            code = await provisioner.poll()
            if code is not None:
                return self._ended(code)
            await asyncio.sleep(0.5)
        return None


def _connection_file(folder: Path) -> Path:
    """Return the file that tells how to reach the kernel; alone in its folder, because Jupyter servers take all files of one for such."""
    (folder / "connection").mkdir(exist_ok=True)
    return folder / "connection" / "kernel.json"


def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()


def _wait_in_thread(popen: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, ended: Callable[[int], None]) -> None:
    code = popen.wait()
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(ended, code)


def _context() -> zmq.asyncio.Context:
    """Return a zmq context whose sockets connect quickly and never linger."""
    context = zmq.asyncio.Context()
    context.linger = 0
    context.setsockopt(zmq.RECONNECT_IVL, 5)
    context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
    return context


def _manager(kernel_name: str, folder: Path, context: zmq.asyncio.Context, provisioner: Mapping[str, Any] | None) -> AsyncKernelManager:
    """Return a manager whose kernel listens on sockets in ``folder``, where only this user can reach them."""
    known = KernelProvisionerFactory.instance().provisioners
    for name, place in ENTRY_POINTS.items():  # also where the package runs without being installed
        known.setdefault(name, EntryPoint(name, place, KernelProvisionerFactory.GROUP_NAME))
    specs = _Specs()
    specs.provisioner = provisioner
    manager = AsyncKernelManager(
        kernel_name=kernel_name,
        kernel_spec_manager=specs,
        session=Session(digest_history_size=0),
        context=context,
        connection_file=str(_connection_file(folder)),
        log=_quiet,
    )
    if os.name == "posix" and len(str(folder)) < _LONGEST_SOCKET_PATH:
        manager.transport = "ipc"
        (folder / "io").mkdir()  # apart from the other files: a kernel that can write there could put links in their place
        manager.ip = str(folder / "io" / "k")
    return manager
