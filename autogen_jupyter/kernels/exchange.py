"""How files with data come to the agent kernel, and from there: by a folder that both see, or through the kernel's own channels."""

from __future__ import annotations

import base64
import contextlib
import os
import stat
import tempfile
import weakref
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import UsageError
from .executor import KernelCodeExecutor
from .kernel import Kernel
from .languages import BOOTSTRAP_MODULE
from .settling import carry, put_away
from .threads import in_thread
from .tree import remove

__all__ = ["Inbox", "receive", "send"]

PACKAGE = "_agent_parcels"
"""Name under which the kernel knows what packs and unpacks variables."""
MODULES = ("streams", "tables", "values", "folder", "doors")
MOST = 4 << 30
"""Bytes that come back from an agent kernel at once: a notebook kernel has to be able to hold them."""
_PIECE = 4_000_000

_TEACH = """
import sys, types
_package = sys.modules[{name!r}] = types.ModuleType({name!r})
_package.__path__ = []
_modules = {{name: types.ModuleType({name!r} + "." + name) for name in {sources!r}}}
for _name, _module in _modules.items():
    _module.__package__ = {name!r}
    sys.modules[_module.__name__] = _module
    setattr(_package, _name, _module)
for _name, _source in {sources!r}.items():
    exec(compile(_source, "<agent kernel>", "exec"), vars(_modules[_name]))
"""
_taught: weakref.WeakSet[Kernel] = weakref.WeakSet()


class Inbox:
    """A folder that the agent kernel wrote to. Whatever it put there, only ordinary files right in it are opened, and no large ones.

    Example:
        >>> with Inbox("/tmp/agk-out-x") as inbox:
        ...     file, size = inbox.open("0.bin")
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._left = min(MOST, _memory() // 2)
        self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW) if os.open in os.supports_dir_fd else None

    def __enter__(self) -> Inbox:
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def open(self, name: str) -> tuple[BinaryIO, int]:
        """Open a file of the folder to be read; return with it how many bytes: it may grow meanwhile.

        Raises:
            UsageError: it is not an ordinary file of the folder, or too much together with those before.
        """
        if os.path.basename(name) != name or not name.strip(".") or "\0" in name:
            raise UsageError(f"the agent kernel named the file {name!r:.80}, which is none of its outbox")
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        path = name if self._descriptor is not None else os.path.join(self.folder, name)
        try:
            opened = os.open(path, flags, dir_fd=self._descriptor)
        except OSError as error:
            raise UsageError(f"the agent kernel left no ordinary file {name!r} ({error.strerror})") from error
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            os.close(opened)
            raise UsageError(f"the agent kernel left no ordinary file {name!r}")
        if status.st_size > self._left:
            os.close(opened)
            raise UsageError(f"it has {status.st_size:,} bytes, and {self._left:,} more may come back at once; let the code save a file")
        self._left -= status.st_size
        return os.fdopen(opened, "rb", buffering=0), status.st_size


async def send(executor: KernelCodeExecutor, folder: Path) -> None:
    """Let the agent kernel take over the variables that were left in a folder which it can read.

    Raises:
        KernelError: it failed.
    """
    async with executor.hold() as kernel:
        await _teach(kernel)
        if not kernel.process.is_remote:
            await kernel.command(_call("load", str(folder)))
            return
        there = await carry(kernel, folder)
        try:
            await kernel.command(_call("load", there))
        finally:
            await put_away(kernel, there)


@contextlib.asynccontextmanager
async def receive(executor: KernelCodeExecutor, names: list[str]) -> AsyncIterator[tuple[Inbox, Any]]:
    """Let the agent kernel leave variables; give where they are, and what it says of those that it did not leave.

    Raises:
        KernelError: it failed.
    """
    await executor.settle()
    folder = tempfile.mkdtemp(prefix="agk-out-", dir=executor.outbox_folder)
    try:
        with Inbox(folder) as inbox:
            async with executor.hold() as kernel:
                await _teach(kernel)
                if kernel.process.is_remote:
                    problems = await _fetch(kernel, names, folder)
                else:
                    problems = await kernel.command("", _call("save", names, folder))
            yield inbox, problems
    finally:
        await in_thread(remove, folder)


async def _fetch(kernel: Kernel, names: list[str], folder: str) -> Any:
    """Let a kernel on another machine leave variables there, and copy the files here, piece by piece."""
    parcels = f"__import__({BOOTSTRAP_MODULE!r}).PARCELS"
    there = str(await kernel.command("", f"__import__('json').dumps({parcels}.open())"))
    try:
        problems = await kernel.command("", _call("save", names, there))
        sizes = await kernel.command("", f"__import__('json').dumps({parcels}.sizes({there!r}))")
        if sum(sizes.values()) > MOST:
            raise UsageError(f"The variables are {sum(sizes.values()):,} bytes, more than may come back at once. Let the code save a file.")
        for name in map(os.path.basename, sizes):
            with open(os.path.join(folder, name), "xb") as file:  # noqa: ASYNC230 - a temporary file of ours, in the page cache
                for at in range(0, sizes[name], _PIECE):
                    piece = await kernel.command("", f"__import__('json').dumps({parcels}.piece({there!r}, {name!r}, {at}, {_PIECE}))")
                    file.write(base64.b64decode(piece))
        return problems
    finally:
        await put_away(kernel, there)


def _call(function: str, *arguments: object) -> str:
    return f"__import__({PACKAGE!r}).doors.{function}({', '.join(map(repr, arguments))})"


async def _teach(kernel: Kernel) -> None:
    """Send what packs and unpacks to a kernel, when it is first needed there."""
    if kernel not in _taught:
        place = resources.files(__package__).joinpath("parcels")
        sources = {name: place.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in MODULES}
        await kernel.command(f"exec({_TEACH.format(name=PACKAGE, sources=sources)!r}, {{}})")
        _taught.add(kernel)


def _memory() -> int:
    """Return the bytes of memory that this machine has."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 2 * MOST
