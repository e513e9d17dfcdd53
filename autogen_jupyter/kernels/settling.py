"""How a Python kernel on a server is made to feel at home, and how files get there: all through its own channels."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import KernelError, KernelStartError
from .environment import remote_environment
from .languages import BOOTSTRAP_MODULE
from .websocket import WebsocketChannels

if TYPE_CHECKING:
    from .kernel import Kernel

__all__ = ["carry", "put_away", "settle"]

PIECE = 4_000_000
"""Bytes that travel in one message: servers take no message of more than ten million."""
IN_FLIGHT = 8
"""Pieces that may be on their way at once."""
PARCELS = "agent_parcels"

_OWN_PROGRAMS = (  # first on the path, or `pip` and `python` in a shell block are another environment's
    "(lambda os, sys: os.environ.update(PATH=os.pathsep.join([os.path.dirname(sys.executable), os.environ.get('PATH', os.defpath)])))"
    "(__import__('os'), __import__('sys'))"
)
_ENTER = "__import__('os').environ.update({env!r})"
_GO = "__import__('os').chdir({folder!r})"


async def settle(kernel: Kernel, folder: str | None, env: Mapping[str, str]) -> None:
    """Do for a kernel on another machine what a new process does by itself, and let it remember what it says and take files.

    Raises:
        KernelStartError: there is no such folder there.
    """
    await _enter(kernel, folder, remote_environment(env))
    await kernel.bootstrap()
    if "bootstrap" in kernel.failed_steps:
        return
    failed = await kernel.command("", f"__import__('json').dumps(__import__({BOOTSTRAP_MODULE!r}).live_remotely())")
    kernel.failed_steps |= failed
    channels = kernel.channels
    if isinstance(channels, WebsocketChannels):
        channels.can_replay = failed.keys().isdisjoint(("remember_messages", "take_once"))
        channels.on_reconnect = kernel.find_ends


async def _enter(kernel: Kernel, folder: str | None, env: Mapping[str, str]) -> None:
    steps = [_OWN_PROGRAMS, _ENTER.format(env=dict(env)), *([_GO.format(folder=folder)] if folder is not None else [])]
    try:
        await kernel.command("\n".join(steps))
    except KernelError as error:
        if kernel.died.done():
            raise
        raise KernelStartError(
            f"The agent kernel's working directory {folder!r} cannot be used on its server ({error}). cwd is a folder of that machine; "
            "leave it out for the server's own."
        ) from error


async def carry(kernel: Kernel, folder: Path) -> str:
    """Copy the files of a folder to the kernel's machine and return the folder there; ``put_away`` removes it.

    Raises:
        KernelError: the kernel cannot take files.
    """
    if "take_files" in kernel.failed_steps:
        raise KernelError(f"Variables cannot be copied to this kernel: {kernel.failed_steps['take_files']}.")
    there = str(await kernel.command("", f"__import__('json').dumps(__import__({BOOTSTRAP_MODULE!r}).PARCELS.open())"))
    comm = f"parcel-{there}"
    kernel.post("comm_open", {"comm_id": comm, "target_name": PARCELS, "data": {}})
    count = 0
    files = sorted(os.scandir(folder), key=lambda entry: entry.name)
    for path in files:
        with open(path, "rb") as file:  # noqa: ASYNC230  # a temporary file of ours, in the page cache
            while piece := file.read(PIECE):
                about = {"folder": there, "name": path.name}
                kernel.post("comm_msg", {"comm_id": comm, "data": about}, buffers=[piece])
                count += 1
                if count % IN_FLIGHT == 0:
                    await kernel.is_reached()
    kernel.post("comm_close", {"comm_id": comm, "data": {}})
    sizes = {path.name: path.stat().st_size for path in files}
    expression = f"__import__('json').dumps(__import__({BOOTSTRAP_MODULE!r}).PARCELS.sizes({there!r}))"
    if (arrived := await kernel.command("", expression)) != sizes:
        raise KernelError(f"The copied variables did not arrive whole: {arrived} bytes instead of {sizes}. Try again.")
    return there


async def put_away(kernel: Kernel, there: str) -> None:
    """Remove a folder that was carried to the kernel."""
    if not kernel.died.done():
        await kernel.command(f"__import__({BOOTSTRAP_MODULE!r}).PARCELS.close({there!r})")
