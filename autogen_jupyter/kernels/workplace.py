"""Where an executor's kernels work: the folder, the boundary around it, and the layer that their files go to."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ..errors import KernelError, KernelStartError, UsageError
from .boundary import Boundary, bubblewrapped, not_isolated
from .layer import Layer
from .provisioners import BUBBLEWRAP, LOCAL
from .provisioners.probe import Found, probe
from .provisioners.usage import Budget
from .provisioners.walls import refusal
from .tree import remove

__all__ = ["Isolate", "Isolation", "Workplace"]

Isolate = Literal["auto", "bubblewrap", "none"]
MODES = ("auto", "bubblewrap", "none")
MiB = 1 << 20


@dataclass(frozen=True)
class Isolation:
    """What the user wants of the boundary."""

    isolate: Isolate = "auto"
    mounts: tuple[str, ...] = ()
    network: bool = False
    memory: int | None = None
    processes: int | None = None
    disk: int | None = None

    def __post_init__(self) -> None:
        if self.isolate not in MODES:
            raise UsageError(f"isolate={self.isolate!r} is not known. Choose one of {', '.join(map(repr, MODES))}.")
        for name in ("memory", "processes", "disk"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and value > 0):
                raise UsageError(f"{name}={value!r} must be a whole number above 0{'' if name == 'processes' else ', in bytes'}.")
        if self.memory is not None and self.memory < 256 * MiB:
            raise UsageError(f"memory={self.memory!r} is less than a kernel needs to start. Give at least {256 * MiB} bytes (256 MiB).")
        for mount in self.mounts:
            problem = refusal(_mount(mount)[0])
            if problem:
                raise UsageError(f"mounts={mount!r}: the folder cannot be shown to the code, because {problem}.")

    def folders(self, *, writable: bool) -> list[str]:
        """Return the folders that are mounted to be read, or to be written too."""
        return [folder for folder, can_write in map(_mount, self.mounts) if can_write == writable]

    @property
    def budget(self) -> Budget:
        """What a kernel may use."""
        return Budget.of(memory=self.memory or 0, processes=self.processes or 0, disk=self.disk or 0)


@dataclass(frozen=True, slots=True)
class Launch:
    """How to launch a kernel."""

    cwd: str
    """Working directory."""
    provisioner: Mapping[str, Any]
    """What launches it, as a kernel spec's metadata say it."""
    temporary: tuple[Path, ...] = ()
    """Folders that are there for its sake."""


class Workplace:
    """The folder that an executor's kernels work in, one after the other."""

    def __init__(self, cwd: str | os.PathLike[str] | None, isolation: Isolation, *, folder: str = "") -> None:
        """Describe the place; nothing is made before a kernel starts.

        Args:
            cwd: the working directory, which code writes to itself; None for the notebook's folder, which it does not write to.
            isolation: what the user wants of the boundary.
            folder: the notebook's folder; by default what it is when this is first asked.
        """
        self.isolation = isolation
        self._notebooks = folder
        self._cwd = None if cwd is None else os.path.abspath(cwd)
        self._private: str | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    @cached_property
    def folder(self) -> str:
        """The working directory: the one that was given, else the notebook's when this was first asked."""
        return self._cwd if self._cwd is not None else self._notebooks or os.getcwd()

    @cached_property
    def boundary(self) -> Boundary:
        """What holds for the code."""
        wish = self.isolation
        if wish.isolate == "none":
            return not_isolated("you chose isolate='none'.", chosen=True)
        problem = self._found.problem
        if not problem and (refused := refusal(self.folder)):
            problem = f"the folder {self.folder!r} cannot be the working directory of a sandbox, because {refused}."
        if problem:
            return not_isolated(f"bubblewrap cannot be used: {problem}")
        return bubblewrapped(
            folder=self.folder, is_layered=self._cwd is None, network=wish.network, mounts=wish.mounts, memory=wish.budget.memory
        )

    @property
    def layer(self) -> Layer | None:
        """What code wrote, once a kernel has worked; None where it writes to the folder itself."""
        return Layer(Path(self.folder), Path(self._private, "upper")) if self._private and self._is_layered else None

    @property
    def is_untouched(self) -> bool:
        """Whether no file is here that a kernel which works elsewhere would miss."""
        layer, private = self.layer, self._private
        return (layer is None or not os.listdir(layer.upper)) and (private is None or not os.listdir(os.path.join(private, "exchange")))

    @property
    def exchange(self) -> str | None:
        """A folder that kernels read and cannot write; None where they read everything."""
        return os.path.join(self._prepare(), "exchange") if self.boundary.isolated else None

    @property
    def outbox(self) -> str | None:
        """A folder outside of their working directory that kernels write to; None where they write everywhere."""
        return os.path.join(self._prepare(), "outbox") if self.boundary.isolated else None

    @property
    def inner_folder(self) -> str:
        """The working directory as the kernel has it."""
        if self._is_layered and self._found.overlay_problem:
            return os.path.join(self._prepare(), "upper")
        return self.folder

    def launch(self) -> Launch:
        """Return how to launch a kernel here.

        Raises:
            KernelStartError: the folder does not exist, or isolation was demanded and there is none.
        """
        if not os.path.isdir(self.folder):
            raise KernelStartError(f"The agent kernel's working directory {self.folder!r} does not exist. Create it, or give another cwd.")
        if not self.boundary.isolated:
            if self.isolation.isolate == "bubblewrap":
                raise KernelStartError(f"{self.boundary.notice} isolate='bubblewrap' was demanded, so no kernel is started.")
            return Launch(self.folder, {"provisioner_name": LOCAL, "config": {"filter_environment": False}})
        wish, private = self.isolation, self._prepare()
        for left in os.scandir(os.path.join(private, "outbox")):
            remove(left.path)  # a kernel that was stopped because it filled the disk there would be stopped again
        config: dict[str, Any] = {
            "folder": self.inner_folder,
            "files": [os.path.join(private, "exchange")],
            "outbox": os.path.join(private, "outbox"),
            "readable": wish.folders(writable=False),
            "writable": wish.folders(writable=True),
            "network": wish.network,
            "memory": wish.memory or 0,
            "processes": wish.processes or 0,
            "disk": wish.disk or 0,
            "filter_environment": False,
        }
        if self._is_layered:
            if self._found.overlay_problem:
                config["readable"] += [self.folder]
                _link_entries(self.folder, self.inner_folder)
            else:
                config["upper"] = os.path.join(private, "upper")
        return Launch(self.inner_folder, {"provisioner_name": BUBBLEWRAP, "config": config}, (Path(private),))

    def close(self) -> None:
        """Remove the layer with all that was not brought back."""
        with self._lock:
            private, self._private, self._is_closed = self._private, None, True
        if private is not None:
            remove(private)

    @property
    def _is_layered(self) -> bool:
        return self._cwd is None and self.boundary.isolated

    @cached_property
    def _found(self) -> Found:
        return probe()

    def _prepare(self) -> str:
        with self._lock:
            if self._is_closed:
                raise KernelError("This executor is closed. Make a new KernelCodeExecutor to run more code.")
            if self._private is None:
                made = tempfile.mkdtemp(prefix="agk-files-")
                for name in ("upper", "upper.work", "exchange", "outbox"):
                    os.mkdir(os.path.join(made, name))
                self._private = made
            return self._private


def _mount(text: str) -> tuple[str, bool]:
    """Return the folder of ``PATH`` or ``PATH:rw``, and whether code may write there."""
    can_write = text.endswith(":rw")
    path = text.removesuffix(":rw").removesuffix(":ro")
    return os.path.abspath(os.path.expanduser(path)), can_write


def _link_entries(folder: str, work: str) -> None:
    """Let relative paths find the notebook's files from a working directory elsewhere."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileExistsError):
                os.symlink(entry.path, os.path.join(work, entry.name))
