"""Which files appeared or changed in the working folder while a chat ran."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import UsageError
from ..kernels import KernelCodeExecutor
from ..session.files_told import SPILLED

__all__ = ["Snapshot", "bring_all", "changed_files", "snapshot"]

Snapshot = Mapping[Path, tuple[int, int]]
DEPTH = 2
"""Folders below the working folder that are looked into."""
MOST = 5_000
"""Files that are looked at: a chat must not wait for a large disk."""


def snapshot(folder: Path | None = None) -> Snapshot:
    """Return size and time of change of the files in and near a folder, hidden ones left out."""
    found: dict[Path, tuple[int, int]] = {}
    for entry in _files(str(folder or Path.cwd()), DEPTH):
        if len(found) >= MOST:
            break
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


def bring_all(executor: KernelCodeExecutor, *, overwrite: bool = False, to: Path | None = None) -> tuple[list[Path], list[str]]:
    """Copy all files that isolated code made, but for the notes of this package; return where they are, and why others are not.

    Args:
        executor: whose code made them.
        overwrite: replace files that have these names.
        to: a folder to copy them into; by default the notebook's.
    """
    brought: list[Path] = []
    refused: list[str] = []
    for made in executor.files_made():
        if made.path.startswith(SPILLED):
            continue
        try:
            brought += executor.bring_back([made.path], overwrite=overwrite, to=to)
        except (UsageError, OSError) as error:
            refused.append(str(error))
    return brought, refused
