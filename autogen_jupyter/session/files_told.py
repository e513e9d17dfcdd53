"""What people are told of the files that isolated code made: they are in the agent kernel, and go with it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from ..kernels import FileMade
from ..kernels.threads import in_thread
from ..terminal import one_line

__all__ = ["files_line", "made_by_code", "told_files"]

SPILLED = ".agent-output/"
"""Where text goes that is too long to be shown."""
NAMED = 10
"""Files that a line names."""
_BY_CODE = ", and go with it: a work_dir keeps what code writes, and the agent's code_executor.bring_back({paths!r}) copies it"

_told: WeakKeyDictionary[object, set[FileMade]] = WeakKeyDictionary()
_log = logging.getLogger(__name__)


async def told_files(executors: Iterable[object]) -> str:
    """Return what to say at the end of a chat of the files that its code has made since this was last asked; nothing if there are none."""
    new: dict[FileMade, None] = {}  # executors that share a kernel have the same
    for executor in executors:
        made = await in_thread(_files_of, executor)
        if not made:
            continue
        own = getattr(executor, "given", executor)  # who adapts one is made anew for each agent
        new |= dict.fromkeys(file for file in made if file not in _told.get(own, ()))
        _told[own] = set(made)
    return files_line(list(new), _BY_CODE.format(paths=[file.path for file in list(new)[:NAMED]])) if new else ""


def made_by_code(executor: Any) -> list[FileMade]:
    """Return the files that isolated code made, but for the notes of this package."""
    return [made for made in executor.files_made() if not made.path.startswith(SPILLED)]


def _files_of(executor: object) -> list[FileMade]:
    try:
        return made_by_code(executor) if hasattr(executor, "files_made") else []
    except Exception:  # an executor may be anybody's, and the chat is over: its result is not lost for this
        _log.exception("%r did not tell its files", executor)
        return []


def files_line(made: Sequence[FileMade], hint: str = "; %agentchat bring PATH copies one to your folder") -> str:
    """Return the line that tells of files which isolated code made, and how they come to the person's folder.

    Args:
        made: the files.
        hint: how they are kept.

    Example:
        >>> files_line([FileMade("years.png", 18211, "new")])
        'Files made: years.png (18,211 bytes). They are in the agent kernel; %agentchat bring PATH copies one to your folder.'
    """
    named = ", ".join(map(_named, made[:NAMED]))
    more = f" and {len(made) - NAMED} more" if len(made) > NAMED else ""
    return f"Files made: {named}{more}. They are in the agent kernel{hint}."


def _named(made: FileMade) -> str:
    """Return a file's name, which the code chose, in one line, and its size."""
    return f"{one_line(made.path, 120)} ({made.size:,} {'byte' if made.size == 1 else 'bytes'})"
