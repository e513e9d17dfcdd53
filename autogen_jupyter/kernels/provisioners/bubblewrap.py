"""A kernel in a world of its own: read-only system, its working directory, no network, no other process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import tempfile
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Integer, List, Unicode

from ...errors import KernelStartError
from ..environment import kernel_environment
from ..threads import in_thread
from ..tree import remove
from .boxed import boxed
from .probe import probe
from .usage import Budget, Watch, limit_processes
from .walls import Walls, inner_environment

__all__ = ["BubblewrapProvisioner"]

_LONGEST_SOCKET_FOLDER = 90


class BubblewrapProvisioner(LocalProvisioner):
    """Launches a kernel under bubblewrap. Nothing that the kernel started outlives it, and it does not outlive its parent.

    Example:
        ``"metadata": {"kernel_provisioner": {"provisioner_name": "autogen-jupyter-bubblewrap", "config": {"network": true}}}``
        in a ``kernel.json``.
    """

    folder = Unicode(help="Working directory, writable; by default the one that the kernel is started in.").tag(config=True)
    upper = Unicode(help="Folder for what is written over the working directory, which stays as it is; empty: none.").tag(config=True)
    outbox = Unicode(help="Folder in which the kernel leaves data for whoever started it; empty: none.").tag(config=True)
    files = List(Unicode(), help="Other files and folders that the kernel needs to read.").tag(config=True)
    readable = List(Unicode(), help="Folders of the user that the kernel may read.").tag(config=True)
    writable = List(Unicode(), help="Folders of the user that the kernel may write to.").tag(config=True)
    network = Bool(False, help="Let it use the network of this machine.").tag(config=True)
    memory = Integer(0, help="Bytes of memory for all its processes together; 0 for three quarters of the machine's.").tag(config=True)
    processes = Integer(0, help="Processes and threads at once, 301 or more; 0 for 512 or more on large machines.").tag(config=True)
    disk = Integer(0, help="Bytes that it may write to its working directory's layer, and the largest file; 0 for 10 GiB.").tag(config=True)
    filter_environment = Bool(True, help="Pass on only the environment variables that programs need to work.").tag(config=True)

    why_killed = ""
    """Why its watch killed it; empty when it did not."""
    _init: int | None = None
    _sockets: str | None = None
    _watch: Watch | None = None

    @property
    def budget(self) -> Budget:
        """What it may use."""
        return Budget.of(memory=self.memory, processes=self.processes, disk=self.disk)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Build the command line of its world; called by the kernel manager before each launch.

        Raises:
            KernelStartError: bubblewrap does not work here.
        """
        found = await in_thread(probe)
        if found.problem:
            raise KernelStartError(f"The agent kernel cannot be isolated with bubblewrap: {found.problem}")
        if self.parent is not None:
            self._use_sockets(self.parent)
        kwargs = await super().pre_launch(**kwargs)
        env = kernel_environment(self.kernel_spec.env, given=kwargs["env"]) if self.filter_environment else kwargs["env"]
        walls = self._walls(kwargs["cmd"], self.folder or kwargs.get("cwd"))
        kwargs["cmd"] = [*walls.command(), "--info-fd", "{info}", "--", "setsid", *kwargs["cmd"]]  # it leads a group of its own
        kwargs["env"] = inner_environment(env)
        kwargs["independent"] = True  # its parent inside is not the process that JPY_PARENT_PID would name
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch it, and hold it to its budget; called by the kernel manager."""
        told, tell = os.pipe()
        try:
            try:
                command = boxed([str(tell) if word == "{info}" else word for word in cmd], self._overlay(), self._limits())
                info = await super().launch_kernel(command, **kwargs, pass_fds=(tell,))
            finally:
                os.close(tell)
        except BaseException:
            os.close(told)
            raise
        self._init = await in_thread(_child_pid, told)
        if self._init is not None:
            await in_thread(limit_processes, self._init, self.budget)
            self.why_killed = ""
            folders = tuple(filter(None, (self.upper, self.outbox, self._socket_folder)))
            self._watch = Watch(self._init, self.budget, folders, self._over_budget)
        return info

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel and its children; a signal that ends it ends everything inside."""
        if self.process is None:
            return
        if signum == signal.SIGINT and self._init is not None:
            kernel = _first_child(self._init)
            if kernel is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(kernel, signum)  # the group inside; bubblewrap itself must not be interrupted
        elif signum in (signal.SIGTERM, signal.SIGKILL):
            self._end()
        elif signum == 0:
            self.process.send_signal(0)

    async def cleanup(self, restart: bool = False) -> None:
        """Forget the launch; called by the kernel manager when the kernel has ended."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        self._init = None
        await super().cleanup(restart=restart)
        if self._sockets is not None and not restart:
            await in_thread(remove, self._sockets)
            self._sockets = None

    @staticmethod
    def exit_code(code: int) -> int:
        """Return the kernel's exit code for bubblewrap's, which tells of signals as shells do: -9 for 137."""
        return 128 - code if code > 128 else code

    async def poll(self) -> int | None:
        """Return the exit code, or None while the kernel runs."""
        code = await super().poll()
        return None if code is None else self.exit_code(code)

    def _use_sockets(self, manager: Any) -> None:
        """Let manager and kernel meet at sockets in a private folder: there is no common network."""
        if manager.transport == "ipc" and os.path.isabs(manager.ip):
            return
        self._sockets = tempfile.mkdtemp(prefix="agk-")
        if len(self._sockets) > _LONGEST_SOCKET_FOLDER:
            raise KernelStartError(f"The path of {self._sockets!r} is too long for a socket. Set TMPDIR to a shorter one.")
        manager.transport = "ipc"
        manager.ip = os.path.join(self._sockets, "k")

    @property
    def _socket_folder(self) -> str | None:
        return os.path.dirname(self.parent.ip) if self.parent is not None else None

    def _walls(self, argv: list[str], folder: str | os.PathLike[str] | None) -> Walls:
        return Walls(
            folder=os.path.abspath(folder or os.getcwd()),
            argv=tuple(argv),
            sockets=self._socket_folder,
            files=tuple(self.files) + ((self.kernel_spec.resource_dir,) if self.kernel_spec.resource_dir else ()),
            readable=tuple(self.readable),
            writable=(*self.writable, *([self.outbox] if self.outbox else [])),
            network=self.network,
            scratch=min(1 << 30, self.budget.memory // 2),
        )

    def _overlay(self) -> dict[str, str] | None:
        if not self.upper:
            return None
        return {"folder": os.path.abspath(self.folder), "upper": self.upper, "work": f"{self.upper}.work"}

    def _limits(self) -> dict[str, int | None]:
        budget = self.budget
        return {"memory": budget.memory, "file": budget.disk, "processes": budget.processes if os.geteuid() else None}

    def _over_budget(self, why: str) -> None:
        self.why_killed = why
        self._end()

    def _end(self) -> None:
        """Kill bubblewrap and what it is still setting up; with it goes everything inside."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _first_child(pid: int) -> int | None:
    """Return the process that bubblewrap's own first process inside started: the kernel."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return int(file.read().split()[0])
    return None


def _child_pid(told: int) -> int | None:
    """Return the first process inside, as bubblewrap tells it; None when it failed before."""
    with os.fdopen(told, "rb") as file:
        text = file.read()  # it closes its end after the words
    return int(json.loads(text)["child-pid"]) if text else None
