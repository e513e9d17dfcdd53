"""Finds out, by trying, whether bubblewrap works here."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from ..tree import remove
from .boxed import boxed

__all__ = ["INSTALL", "Found", "probe"]

INSTALL = "On Debian and Ubuntu: `sudo apt-get install bubblewrap`; on Fedora: `sudo dnf install bubblewrap`"
PATIENCE = 10.0
"""Seconds; a run takes some hundredths of one."""
_TINY = """
bwrap --die-with-parent --cap-drop ALL --unshare-user --disable-userns --unshare-pid --unshare-ipc --unshare-uts
--unshare-cgroup-try --unshare-net --ro-bind / / --proc /proc --ro-bind /proc/sys /proc/sys --dev /dev --size 4096 --tmpfs /tmp setsid true
""".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Found:
    """What works here."""

    problem: str = ""
    """Why bubblewrap does not; empty when it does."""
    overlay_problem: str = ""
    """Why there can be no overlay over a working directory; empty when there can."""


def probe() -> Found:
    """Try bubblewrap, with an overlay and without. Tried once in a process for each place of temporary files."""
    return _probe(tempfile.gettempdir(), os.environ.get("PATH", ""))


@functools.cache
def _probe(temp: str, path: str) -> Found:
    if sys.platform != "linux":
        return Found("it is a program for Linux", "overlays are a feature of Linux")
    if shutil.which("bwrap", path=path) is None:
        return Found(f"it is not installed. {INSTALL}.", "bubblewrap is not installed")
    overlay = _try_overlay(temp)
    if not overlay:
        return Found()
    problem = _run([], None)
    if problem:
        problem = f"it does not work here ({problem}). Containers and hardened systems often forbid user namespaces."
    return Found(problem, overlay)


def _try_overlay(temp: str) -> str:
    try:
        place = tempfile.mkdtemp(prefix="agk-probe-", dir=temp)
    except OSError as error:
        return str(error)
    try:
        folder, upper, work = (os.path.join(place, name) for name in ("folder", "upper", "upper.work"))
        for made in (folder, upper, work):
            os.mkdir(made)
        return _run(["sh", "-c", ': > "$1/x"', "sh", folder], {"folder": folder, "upper": upper, "work": work})
    finally:
        remove(place)


def _run(check: list[str], overlay: dict[str, str] | None) -> str:
    """Run a tiny program in a sandbox; return what went wrong. ``check`` runs over the overlay instead of ``true``."""
    command = [*_TINY[:-2], "--bind", check[-1], check[-1], *check] if check else _TINY
    try:
        done = subprocess.run(  # noqa: S603
            boxed(command, overlay),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    said = done.stderr.decode("utf-8", "replace").strip()
    return (said.splitlines()[-1] if said else f"exit code {done.returncode}") if done.returncode else ""
