"""``jupyter agentchat export`` and ``replay``: what can be done with a chat that a file holds, without any model."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import AgentChatError
from ..notebook.export import check_target, export_chat
from ..notebook.kept import KeptChat, read_kept
from ..notebook.replay import replayed
from ..portal import run_sync
from .exit_codes import ANSWERED

__all__ = ["export", "replay"]


def export(path: Path, out: Sequence[Path]) -> int:
    """Write a chat as a notebook or a page."""
    for name in out:
        check_target(name)
    kept = _read(path)
    for name in out:
        export_chat(kept.parts, title=kept.name, path=name)
        print(f"Written: {name}", file=sys.stderr)
    return ANSWERED


def replay(path: Path) -> int:
    """Run a chat's code again in a fresh kernel and compare."""
    done = run_sync(replayed)(_read(path))
    print(done.told)
    if done.failures or not done.is_same:
        raise AgentChatError("The replay differs from what was recorded.")
    return ANSWERED


def _read(path: Path) -> KeptChat:
    kept = read_kept(path)
    if kept.left_out:
        print(f"{path}: {kept.left_out}", file=sys.stderr)
    return kept
