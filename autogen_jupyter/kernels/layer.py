"""Files that generated code made, apart from the user's own until they are brought back."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from ..errors import UsageError
from .provisioners.walls import TOOLS
from .tree import entries

__all__ = ["FileMade", "Layer"]


@dataclass(frozen=True, slots=True)
class FileMade:
    """A file that generated code wrote."""

    path: str
    """Relative to the notebook's folder, with forward slashes."""
    size: int
    """Bytes."""
    change: Literal["new", "changed"]
    """Whether the notebook's folder has a file of that name."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What code wrote over ``folder``, which itself stays as it is. Everything in ``upper`` is untrusted: no link there is followed.

    Example:
        >>> layer = Layer(folder=Path("project"), upper=Path("/tmp/layer"))
        >>> layer.files_made()
        [FileMade(path='plots/years.png', size=18211, change='new')]
        >>> layer.bring_back(["plots/years.png"])
        [PosixPath('project/plots/years.png')]
    """

    folder: Path
    upper: Path

    def files_made(self) -> list[FileMade]:
        """Return the regular files that were written, by path."""
        return sorted(self._files(), key=lambda made: made.path)

    def bring_back(self, paths: Sequence[str], *, overwrite: bool = False, to: Path | None = None) -> list[Path]:
        """Copy files into the user's folder, under the same names; return where they are now. Either all can be brought back or none is.

        Args:
            paths: as ``files_made`` names them.
            overwrite: replace files of the user that have these names.
            to: a folder to copy them into instead of the user's; it is made if it is not there.

        Raises:
            UsageError: a path is none of the files made, leads outside, or names a file that exists.
        """
        if to is not None:
            to.mkdir(parents=True, exist_ok=True)
            return replace(self, folder=to.absolute()).bring_back(paths, overwrite=overwrite)
        checked = [(path, _parts(path)) for path in dict.fromkeys(paths)]
        for path, parts in checked:
            with self._source(path, parts):
                pass
            target = self.folder.joinpath(*parts)
            if os.path.lexists(target) and not overwrite:
                raise UsageError(f"{path!r} exists in {str(self.folder)!r} already. Bring it back with overwrite=True to replace it.")
        return [self._bring(path, parts, overwrite=overwrite) for path, parts in checked]

    def _files(self) -> Iterator[FileMade]:
        for folders, entry in entries(self.upper):
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    path = "/".join((*folders, entry.name))
                    is_there = os.path.lexists(self.folder / path)
                    yield FileMade(path, status.st_size, "changed" if is_there else "new")

    @contextlib.contextmanager
    def _source(self, path: str, parts: tuple[str, ...]) -> Iterator[int]:
        try:
            folder = _walk(str(self.upper), parts[:-1])
            try:
                source = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise UsageError(f"{path!r} is not a file that the code made ({error.strerror}).") from error
        try:
            if not stat.S_ISREG(os.fstat(source).st_mode):
                raise UsageError(f"{path!r} is not an ordinary file, so it is not brought back.")
            yield source
        finally:
            os.close(source)

    def _bring(self, path: str, parts: tuple[str, ...], *, overwrite: bool) -> Path:
        with self._source(path, parts) as source:
            try:
                folder = _walk(str(self.folder), parts[:-1], make=True)
            except OSError as error:
                raise UsageError(f"{path!r} cannot be brought back to {str(self.folder)!r}: {error.strerror}.") from error
            try:
                _copy(source, folder, parts[-1], overwrite=overwrite)
            except FileExistsError as error:
                raise UsageError(f"{path!r} exists in {str(self.folder)!r} already.") from error
            finally:
                os.close(folder)
        return self.folder.joinpath(*parts)


def _parts(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise UsageError(f"{path!r} leads outside of the folder. Give a path as files_made() names it.")
    for part in parts:
        if part.casefold() in TOOLS:  # some file systems do not tell .GIT from .git
            raise UsageError(f"{path!r} is not brought back: programs of yours take commands from {part!r}.")
    return parts


def _walk(root: str, parts: Sequence[str], *, make: bool = False) -> int:
    """Open a folder below ``root`` step by step, following no link; the caller closes it."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(root, flags)
    for part in parts:
        try:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=folder)
            inner = os.open(part, flags | os.O_NOFOLLOW, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def _copy(source: int, folder: int, name: str, *, overwrite: bool) -> None:
    """Copy to a new file beside the target, then move it there at once; it gets the rights of any new file."""
    draft = f".{uuid.uuid4().hex}.part"
    target = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=folder)
    try:
        with os.fdopen(os.dup(source), "rb") as reader, os.fdopen(target, "wb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
        if overwrite:
            os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            os.link(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=folder)
