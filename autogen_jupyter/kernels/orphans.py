"""Nothing that generated code started outlives its kernel, and no kernel outlives the notebook, not even one that was killed.

Programs leave their process group and their parent behind (``setsid``, ``nohup``, a double fork), but they keep their environment. So a
kernel gets a mark there, and what carries the mark is killed with it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from shutil import which

__all__ = ["MARK", "Guard", "kill_marked", "new_mark"]

MARK = "AUTOGEN_JUPYTER_KERNEL"
"""The variable that holds a kernel's mark."""

_GUARD = r"""
trap '' INT TERM HUP
read -r _ && exit 0
for round in 1 2 3; do
  for file in $(grep -lsaF "$1" /proc/[0-9]*/environ); do
    process=${file#/proc/}
    kill -9 "${process%/environ}" 2>/dev/null
  done
done
shift
chmod -R u+rwX -- "$@" 2>/dev/null
rm -rf -- "$@"
"""
"""Waits for the notebook to end: its end of the pipe closes then, however it ended."""


def new_mark() -> str:
    """Return a mark that no other kernel has."""
    return secrets.token_hex(16)


def kill_marked(mark: str) -> int:
    """Kill every process that carries the mark, and those that they start meanwhile; return how many there were."""
    wanted = f"{MARK}={mark}".encode()
    killed: set[int] = set()
    for _ in range(3):
        found = _processes_with(wanted) - killed
        if not found:
            break
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        killed |= found
    return len(killed)


def _processes_with(wanted: bytes) -> set[int]:
    if sys.platform != "linux":
        return set()
    me, found = os.getuid(), set()
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if entry.stat().st_uid == me and wanted in Path(entry.path, "environ").read_bytes().split(b"\0"):
                found.add(int(entry.name))
    return found


class Guard:
    """A tiny process that cleans up after a kernel when the notebook cannot do it any more, because it was killed."""

    def __init__(self, mark: str, *folders: Path) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        shell = which("sh")
        if sys.platform != "linux" or shell is None:
            return
        with contextlib.suppress(OSError):
            self._process = subprocess.Popen(  # noqa: S603  # our own script
                [shell, "-c", _GUARD, "agent-kernel-guard", f"{MARK}={mark}", *map(str, folders)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )

    def stop(self) -> None:
        """Let it go: the notebook has cleaned up by itself."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
