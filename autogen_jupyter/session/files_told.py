"""What people are told of the files that isolated code made: they are in the agent kernel, and go with it."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from ..events import Noticed
from ..kernels import FileMade
from .session import Session

__all__ = ["SPILLED", "files_line", "tell_files"]

SPILLED = ".agent-output/"
"""Where text goes that is too long to be shown."""
NAMED = 10
"""Files that a line names."""
_BY_CODE = ", and go with it: a work_dir keeps what code writes, and the agent's code_executor.bring_back({paths!r}) copies it"

_told: WeakKeyDictionary[object, set[FileMade]] = WeakKeyDictionary()


def tell_files(session: Session) -> None:
    """Say at the end of a chat which files its code has made since it was last said. A silent chat, which shows nothing, is left alone."""
    for executor in session.executors if session.transcript.entries else ():
        look = getattr(executor, "files_made", None)
        made = [file for file in look() if not file.path.startswith(SPILLED)] if look is not None else []
        new = [file for file in made if file not in _told.get(executor, ())]
        if new:
            _told[executor] = set(made)
            session.emit(Noticed(files_line(new, _BY_CODE.format(paths=[file.path for file in new[:NAMED]]))))


def files_line(made: Sequence[FileMade], hint: str = "; %agentchat bring PATH copies one to your folder") -> str:
    """Return the line that tells of files which isolated code made, and how they come to the person's folder.

    Args:
        made: the files.
        hint: how they are kept.

    Example:
        >>> files_line([FileMade("years.png", 18211, "new")])
        'Files made: years.png (18,211 bytes). They are in the agent kernel; %agentchat bring PATH copies one to your folder.'
    """
    named = ", ".join(f"{one.path} ({one.size:,} bytes)" for one in made[:NAMED])
    more = f" and {len(made) - NAMED} more" if len(made) > NAMED else ""
    return f"Files made: {named}{more}. They are in the agent kernel{hint}."
