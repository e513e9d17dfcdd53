"""Starts ipykernel as an agent kernel. This file is run as a script by the kernel's interpreter; nothing imports it."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys


def main() -> None:
    """Start the kernel that the command line's connection file describes."""
    del sys.path[0]  # this script's own folder: its modules must not hide others
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # a debugger nobody attaches to costs a quarter of the start
    faulthandler.enable(os.fdopen(os.dup(2), "w"), all_threads=False)  # a crash leaves its last words where the executor reads them
    with contextlib.suppress(OSError, AttributeError):
        die_with_parent()

    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


def die_with_parent() -> None:
    """Ask Linux to kill this process when the notebook's process goes, also while C code keeps Python from noticing."""
    if sys.platform != "linux":
        return
    import ctypes
    import signal

    set_parent_death_signal = 1
    ctypes.CDLL(None, use_errno=True).prctl(set_parent_death_signal, signal.SIGKILL)
    parent = os.environ.get("JPY_PARENT_PID")
    if parent and os.getppid() != int(parent):
        sys.exit(1)


if __name__ == "__main__":
    main()
