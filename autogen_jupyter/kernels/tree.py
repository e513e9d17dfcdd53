"""Folders that generated code filled: looked through and removed however deep they are, following no link.

Code makes trees whose paths are longer than Linux takes, and deeper than Python recurses; so folders are opened one from the other.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence

__all__ = ["disk_use", "entries", "remove"]

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def entries(root: str | os.PathLike[str]) -> Iterator[tuple[Sequence[str], os.DirEntry[str]]]:
    """Yield everything below a folder, links as they are, each with the names of the folders that lead to it; they hold until the next."""
    with contextlib.suppress(OSError), _Way(root) as way:
        while True:
            with contextlib.suppress(OSError), os.scandir(way.here) as found:
                for entry in found:
                    if entry.is_dir(follow_symlinks=False):
                        way.unseen[-1].append(entry.name)
                    yield way.names, entry
            while not way.go_down():
                if not way.names:
                    return
                way.go_up()


def disk_use(folder: str) -> int:
    """Return the bytes that the files in a folder occupy."""
    total = 0
    for _, entry in entries(folder):
        with contextlib.suppress(OSError):
            total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total


def remove(path: str | os.PathLike[str]) -> None:
    """Remove a folder with all that is in it, or a file or link; what cannot be removed stays."""
    if os.open not in os.supports_dir_fd:
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError), _Way(path) as way:
        way.unseen[-1] = _emptied(way.here)
        while way.names or way.unseen[-1]:
            if way.go_down():
                way.unseen[-1] = _emptied(way.here)
            else:
                name = way.names[-1]
                way.go_up()
                with contextlib.suppress(OSError):
                    os.rmdir(name, dir_fd=way.here)
    with contextlib.suppress(OSError):
        (os.rmdir if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)


class _Way:
    """Where a walk is, and how it got there. One folder is open besides the first: a tree can be deeper than files may be open."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._top = _open(root)
        self.here = os.dup(self._top)
        self.names: list[str] = []
        self.unseen: list[list[str]] = [[]]
        """For each folder on the way, those in it that were not looked into yet."""
        self._identities = [_identity(self.here)]

    def __enter__(self) -> _Way:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.here)
        os.close(self._top)

    def go_down(self) -> bool:
        """Go into the next folder that is still there; say whether there was one."""
        while self.unseen[-1]:
            name = self.unseen[-1].pop()
            with contextlib.suppress(OSError):
                self._go(_open(name, self.here))
                self.names.append(name)
                self.unseen.append([])
                self._identities.append(_identity(self.here))
                return True
        return False

    def go_up(self) -> None:
        """Go back: by ``..``, or where the folder was moved meanwhile, from the top."""
        self._forget_below(len(self.names) - 1)
        try:
            self._go(os.open("..", _FOLDER, dir_fd=self.here))
        except OSError:
            self._come_from_top()
        if _identity(self.here) != self._identities[-1]:
            self._come_from_top()

    def _come_from_top(self) -> None:
        """Go where the names lead, as far as they lead anywhere."""
        self._go(os.dup(self._top))
        found = 0
        with contextlib.suppress(OSError):
            for name in self.names:
                self._go(_open(name, self.here))
                found += 1
        self._forget_below(found)
        self._identities[-1] = _identity(self.here)

    def _forget_below(self, depth: int) -> None:
        del self.names[depth:], self.unseen[depth + 1 :], self._identities[depth + 1 :]

    def _go(self, folder: int) -> None:
        os.close(self.here)
        self.here = folder


def _emptied(folder: int) -> list[str]:
    """Remove the files of a folder; return its folders."""
    os.fchmod(folder, 0o700)
    with os.scandir(folder) as found:
        inner = [*found]
    folders = []
    for entry in inner:
        with contextlib.suppress(OSError):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=folder)
    return folders


def _open(name: str | os.PathLike[str], parent: int | None = None) -> int:
    """Open a folder, also one that its owner may not read: code hides files in such, and overlays leave them."""
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except PermissionError:
        handle = os.open(name, getattr(os, "O_PATH", 0) | _FOLDER, dir_fd=parent)
        try:
            os.chmod(f"/proc/self/fd/{handle}", 0o700)  # not by its name, which may have become a link
            return os.open(".", _FOLDER, dir_fd=handle)
        finally:
            os.close(handle)


def _identity(folder: int) -> tuple[int, int]:
    status = os.fstat(folder)
    return status.st_dev, status.st_ino
