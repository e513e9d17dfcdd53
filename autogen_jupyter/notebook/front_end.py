"""Find out where the code runs, and whether a person can answer there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["FrontEnd", "detect"]


@dataclass(frozen=True)
class FrontEnd:
    """What shows the running cell."""

    kind: Literal["notebook", "console", "terminal", "script", "headless"]
    """``notebook`` can show widgets; ``console`` is a text front end of a kernel; ``terminal`` is IPython's own; ``script`` is Python
    without IPython; ``headless`` is a kernel with nobody before it (nbclient, papermill)."""

    @property
    def has_person(self) -> bool:
        return self.kind != "headless"


def detect(shell: Any) -> FrontEnd:
    """Look at the request that the shell is executing. Nothing is assumed from version numbers.

    Args:
        shell: IPython's interactive shell, or None.
    """
    if shell is None:
        return FrontEnd("script")
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return FrontEnd("terminal")
    parent = kernel.get_parent() or {}
    if not (parent.get("content") or {}).get("allow_stdin", False):
        return FrontEnd("headless")
    return FrontEnd("notebook" if "cellId" in (parent.get("metadata") or {}) else "console")
