"""Runs inside the agent kernel, like ``bootstrap.py``, in whose module it ends up: what programs and C libraries write."""

from __future__ import annotations

import codecs
import contextlib
import glob
import os
import select
import signal
import threading
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Fence:
    """Reads what programs write to a file descriptor, and can tell when all of it has been passed on.

    ipykernel reads such output in pieces of 1000 bytes, which damages text in other scripts, and does not wait for it at the end of
    a cell, which loses it.
    """

    def __init__(self, stream: Any, fd: int) -> None:
        self._stream = stream
        self.busy = False
        self._patience = 0.5
        self._waiting = array("i", [0])
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.pipe, writing_end = os.pipe()
        os.dup2(writing_end, fd)
        os.close(writing_end)
        self.thread = threading.Thread(target=self._watch, name=f"output-fence-{fd}", daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while True:
            select.select([self.pipe], [], [])
            self.busy = True  # before the pipe is emptied, so that nobody sees it empty and idle with text in our hands
            try:
                read = os.read(self.pipe, 65536)
                if not read:
                    return
                self._stream.adopt_cell()
                self._stream.write(self._decoder.decode(read))
            finally:
                self.busy = False

    def finish(self) -> None:
        """Pass on what is left of a character that was never completed: it is no part of what the next cell prints."""
        rest = self._decoder.decode(b"", final=True)
        if rest:
            self._stream.write(rest)

    def wait(self) -> None:
        """Return when everything written so far is in the stream; give up on a program that never stops writing."""
        import fcntl
        import termios

        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            fcntl.ioctl(self.pipe, termios.FIONREAD, self._waiting)
            if not (self._waiting[0] or self.busy):
                self._patience = 0.5
                return
            time.sleep(0.0001)
        self._patience = 0.02

    def end_programs(self) -> list[str]:
        """Kill the programs that go on writing here, and not those that only could, where the system tells; return their names."""
        before = {process: written(process) for process in self._programs()}
        writing: list[str] = []
        end = time.monotonic() + 1
        while not writing and time.monotonic() < end:
            if select.select([self.pipe], [], [], 0.05)[0]:
                os.read(self.pipe, 65536)  # would be dropped; a full pipe lets nobody write
            writing = [process for process, count in before.items() if written(process) > count]
        ended = []
        for process in writing:
            with contextlib.suppress(OSError):  # it has ended
                name = Path(f"/proc/{process}/comm").read_text().strip()
                os.kill(int(process), signal.SIGKILL)
                ended.append(name)
        return ended

    def _programs(self) -> Iterator[str]:
        """Yield the processes that could write here, but for this one."""
        pipe = os.readlink(f"/proc/self/fd/{self.pipe}")
        for process in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):  # it has ended, or is somebody else's
                if int(process) != os.getpid() and pipe in map(os.readlink, glob.iglob(f"/proc/{process}/fd/*")):
                    yield process


def written(process: str) -> int:
    """Return how many bytes a process has written so far; none where nobody says."""
    with contextlib.suppress(OSError):
        counts = dict(line.split(": ") for line in Path(f"/proc/{process}/io").read_text().splitlines())
        return int(counts["wchar"])
    return 0


FENCES: list[Fence] = []
POLLER = select.poll() if hasattr(select, "poll") else None
"""Tells whether a program has written something that no fence has read yet."""


def raise_fence(stream: Any, fd: int) -> Fence:
    """Let what is written to a file descriptor go to a stream."""
    fence = Fence(stream, fd)
    FENCES.append(fence)
    if POLLER is not None:
        POLLER.register(fence.pipe, select.POLLIN)
    return fence


def let_programs_come_first() -> None:
    """Return when everything that programs have written so far is in the streams."""
    if POLLER is not None and (POLLER.poll(0) or any(fence.busy for fence in FENCES)):
        for fence in FENCES:
            fence.wait()


def end_fences() -> None:
    """Return when everything that programs have written is in the streams, and nothing half read is left for the next cell."""
    for fence in FENCES:
        fence.wait()
        fence.finish()
