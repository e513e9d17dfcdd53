"""Which files appeared or changed while a chat ran: in the working folder, and in the layer that isolated code writes to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..errors import UsageError
from ..kernels import FileMade, KernelCodeExecutor
from ..models.day_ledger import ledger as spending
from ..session.files_told import made_by_code
from ..session.ledger import LEDGER_VARIABLE
from .record import record_folder

__all__ = ["Snapshot", "bring_all", "changed_files", "new_inside", "snapshot"]

Snapshot = Mapping[Path, tuple[int, int]]
DEPTH = 2
"""Folders below the working folder that are looked into."""
MOST = 5_000
"""Files that are looked at: a chat must not wait for a large disk."""


def snapshot(folder: Path | None = None) -> Snapshot:
    """Return size and time of change of the files in and near a folder, without hidden ones and the package's own."""
    found: dict[Path, tuple[int, int]] = {}
    root = str(folder or Path.cwd())
    own = _Own(root)
    for entry in _files(root, DEPTH):
        if len(found) >= MOST:
            break
        if entry in own:
            continue
        try:
            seen = entry.stat()
        except OSError:
            continue
        found[Path(entry.path)] = (seen.st_size, seen.st_mtime_ns)
    return found


def changed_files(before: Snapshot, folder: Path | None = None) -> list[Path]:
    """Return the files that are new or different since ``before``, relative to the folder."""
    root = folder or Path.cwd()
    return sorted(path.relative_to(root) for path, seen in snapshot(root).items() if before.get(path) != seen)


def _files(folder: str, depth: int) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            listed = [entry for entry in entries if not entry.name.startswith((".", "__pycache__"))]
    except OSError:
        return
    for entry in listed:
        if entry.is_file(follow_symlinks=False):
            yield entry
    for entry in listed:
        if depth and entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path, depth - 1)


class _Own:
    """The files that this package writes while a chat runs. People may keep them in their working folder; no chat made them."""

    def __init__(self, root: str) -> None:
        self._root, self._real = root, os.path.realpath(root)
        self._records = os.path.realpath(record_folder())
        self._spending = os.path.realpath(spending().path)  # SQLite keeps others beside it, whose names begin the same
        ledger = os.environ.get(LEDGER_VARIABLE)
        self._ledger = os.path.realpath(ledger) if ledger else None

    def __contains__(self, entry: os.DirEntry[str]) -> bool:
        path = self._real + entry.path[len(self._root) :]  # no link was followed below the root
        return os.path.dirname(path) == self._records or path == self._ledger or path.startswith(self._spending)


def new_inside(executor: KernelCodeExecutor, before: Sequence[FileMade]) -> list[FileMade]:
    """Return the files that isolated code made since ``before``. One that was brought to the folder meanwhile is not made anew."""
    known = {(made.path, made.size) for made in before}
    return [made for made in made_by_code(executor) if (made.path, made.size) not in known]


def bring_all(executor: KernelCodeExecutor, *, overwrite: bool = False, to: Path | None = None) -> tuple[list[Path], list[str]]:
    """Copy all files that isolated code made, but for the notes of this package; return where they are, and why others are not.

    Args:
        executor: whose code made them.
        overwrite: replace files that have these names.
        to: a folder to copy them into; by default the notebook's.
    """
    brought: list[Path] = []
    refused: list[str] = []
    for made in made_by_code(executor):
        try:
            brought += executor.bring_back([made.path], overwrite=overwrite, to=to)
        except (UsageError, OSError) as error:  # noqa: PERF203 - one that cannot be brought back holds no other up
            refused.append(str(error))
    return brought, refused
