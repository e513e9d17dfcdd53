"""Holds a sandbox to what it may use: memory, processes, disk."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import platform
import re
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..threads import in_thread
from ..tree import disk_use

__all__ = ["Budget", "Watch", "disk_held", "limit_processes", "memory_use"]

INTERVAL = 1.0
"""Seconds between two looks at what a sandbox uses."""
_SMALLEST_PID_MAX = 301


@dataclass(frozen=True, slots=True)
class Budget:
    """What one sandbox may use. No single process can pass it; for all together it is checked every second."""

    memory: int
    """Bytes."""
    processes: int
    """Processes and threads: never fewer than Linux can hold a namespace to."""
    disk: int
    """Bytes, in the layer over the working directory and in other folders of ours; also the largest size of a single file anywhere."""

    @classmethod
    def of(cls, *, memory: int = 0, processes: int = 0, disk: int = 0) -> Budget:
        """Return a budget; 0 stands for what suits this machine."""
        ram = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        most = max(512, 64 * (os.cpu_count() or 1))
        return cls(memory or ram * 3 // 4, max(processes or most, _SMALLEST_PID_MAX), disk or 10 << 30)


class Watch:
    """Looks every second at what a sandbox uses, and says once when it is too much."""

    def __init__(self, init: int, budget: Budget, folders: Sequence[str], on_excess: Callable[[str], None]) -> None:
        self._init, self._budget, self._folders, self._on_excess = init, budget, folders, on_excess
        self._most = budget.disk
        self._task = asyncio.ensure_future(self._look())

    def stop(self) -> None:
        """Look no more."""
        self._task.cancel()

    async def _look(self) -> None:
        # What a kernel before it wrote is no reason to kill this one: nobody could bring the files back, or remove them.
        self._most = max(self._most, await in_thread(self._disk))
        while True:
            await asyncio.sleep(INTERVAL)
            why = await in_thread(self._excess)
            if why:
                return self._on_excess(why)

    def _excess(self) -> str:
        memory = memory_use(self._init, self._budget.memory)
        if memory > self._budget.memory:
            return f"its processes used {_size(memory)} of memory together; it may use {_size(self._budget.memory)}"
        disk = self._disk()
        if disk > self._most:
            return f"it wrote {_size(disk)} to its files; it may write {_size(self._budget.disk)}"
        return ""

    def _disk(self) -> int:
        return disk_held(self._init) + sum(map(disk_use, self._folders))


def memory_use(init: int, budget: int) -> int:
    """Return the bytes of memory that a process and all its descendants hold for themselves, each shared page once.

    What is cheap to know comes first: it counts a page for each process that shares it. Only where that is above the budget, Linux
    goes through all pages.
    """
    family = [*_family(init)]
    unmapped = _held(family, lambda device: device == _memfd_device())
    most = unmapped + sum(_sizes(pid, "status", "RssAnon", "RssShmem") for pid in family)
    return most if most <= budget else unmapped + sum(_sizes(pid, "smaps_rollup", "Pss_Anon", "Pss_Shmem") for pid in family)


def disk_held(init: int) -> int:
    """Return the bytes on disk that no folder shows: in files that are open and deleted, and in the kernel's standard error."""
    memory = _memory_devices(init)
    held = _held(_family(init), lambda device: device not in memory)
    with contextlib.suppress(OSError):
        words = os.stat(f"/proc/{init}/fd/2")
        held += words.st_blocks * 512 if stat.S_ISREG(words.st_mode) else 0
    return held


def _sizes(pid: int, file: str, *names: str) -> int:
    """Return the sum of what a file of /proc says under these names."""
    try:
        with open(f"/proc/{pid}/{file}", encoding="ascii", errors="replace") as lines:
            return sum(int(line.split()[1]) * 1024 for line in lines if line.partition(":")[0] in names)
    except (OSError, ValueError, IndexError):
        return 0


def _held(family: Iterable[int], counts: Callable[[int], bool]) -> int:
    """Return the bytes of deleted files that processes have open, of those devices that count."""
    found: dict[tuple[int, int], int] = {}
    for pid in family:
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    status = os.stat(f"/proc/{pid}/fd/{name}")
                    if stat.S_ISREG(status.st_mode) and not status.st_nlink:
                        found[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(size for (device, _), size in found.items() if counts(device))


def _memory_devices(init: int) -> set[int]:
    """Return the devices of files that are on no disk; two of them are limited by their size."""
    found = {_memfd_device()}
    for folder in ("/tmp", "/dev/shm"):  # noqa: S108
        with contextlib.suppress(OSError):
            found.add(os.stat(f"/proc/{init}/root{folder}").st_dev)
    return found


@functools.cache
def _memfd_device() -> int:
    """Return the device to which all files of ``memfd_create`` belong."""
    made = os.memfd_create("agk")
    try:
        return os.fstat(made).st_dev
    finally:
        os.close(made)


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                for child in file.read().split():
                    yield from _family(int(child))


def limit_processes(init: int, budget: Budget) -> None:
    """Limit how many processes and threads there can be in the sandbox whose first process is ``init``.

    For ordinary users RLIMIT_NPROC, set before, does it. It does not bind root; Linux 6.14 can limit a process namespace.
    """
    if os.geteuid() != 0 or not can_limit_namespace() or shutil.which("nsenter") is None:
        return
    write = ["--pid", f"--target={init}", "sh", "-c", f"echo {budget.processes} > /proc/sys/kernel/pid_max"]
    for entered in ((), ("--user", "--preserve-credentials")):  # the other namespace may be half made, and only weak roots need it
        command = ["nsenter", *entered, *write]
        if subprocess.run(command, check=False, stderr=subprocess.DEVNULL, timeout=10).returncode == 0:  # noqa: S603
            return


def can_limit_namespace() -> bool:
    """Say whether ``pid_max`` belongs to the process namespace here. Before Linux 6.14 it is the whole machine's: hands off."""
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    return release is not None and (int(release[1]), int(release[2])) >= (6, 14)


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MiB"
