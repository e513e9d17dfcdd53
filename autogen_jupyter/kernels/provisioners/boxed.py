"""The command line that runs bubblewrap within limits."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["boxed"]

_BOX = str(Path(__file__).with_name("box.py"))


def boxed(command: Sequence[str], overlay: Mapping[str, str] | None = None, limits: Mapping[str, int | None] | None = None) -> list[str]:
    """Return the command line that does what ``box.py`` does, and then runs the command.

    Args:
        command: bubblewrap with its words.
        overlay: ``folder`` and the folders ``upper`` and ``work`` for what is written over it.
        limits: ``memory`` and ``file`` in bytes, and ``processes``; None for no limit.
    """
    plan = {**(overlay or {}), **(limits or {})}
    words = [f"{name}={value}" for name, value in plan.items() if value is not None]
    return [sys.executable, "-I", "-S", _BOX, *words, "--", *command]
