"""What the notebook's own cells were, and how the last one that failed did: for prompts that ask for it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Any

from ..terminal import clean

__all__ = ["Cells", "Failure", "is_ours"]

MOST = 8_000
"""Characters of a traceback that are kept: its end."""


@dataclass(frozen=True)
class Failure:
    """A cell that failed: its number, its source, and the traceback as text."""

    number: int
    source: str
    traceback: str


class Cells:
    """The cells of a notebook kernel, as IPython remembers them.

    ``post_run_cell`` is a hook for IPython's event of that name; it keeps the text of a failure, and nothing that failed.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.failure: Failure | None = None
        """The last cell of the person's own that failed."""

    @property
    def sources(self) -> list[str]:
        """What was run, by number, as it was written; the cell that is running is the last."""
        return list(self._shell.history_manager.input_hist_raw)

    def source(self, number: int) -> str | None:
        """Return a cell's source; None when there is none of that number. Negative numbers count back from the cell that is running."""
        sources = self.sources
        at = number if number > 0 else len(sources) - 1 + number
        return sources[at] if 0 < at < len(sources) and sources[at].strip() else None

    @property
    def last(self) -> int | None:
        """The number of the cell that ran last and is no request to agents."""
        sources = self.sources
        return next((at for at in range(len(sources) - 2, 0, -1) if sources[at].strip() and not is_ours(sources[at])), None)

    def post_run_cell(self, result: Any) -> None:
        """Remember a cell that failed."""
        error = result.error_before_exec or result.error_in_exec
        source = getattr(result.info, "raw_cell", "") or ""
        if error is None or is_ours(source):
            return
        self.failure = Failure(result.execution_count or 0, source, _text_of(error))


def is_ours(source: str) -> bool:
    """Say whether a cell is a request to agents, or a command of ours."""
    lines = (line.strip() for line in source.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first.startswith(("%%agentchat", "%agentchat"))


def _text_of(error: BaseException) -> str:
    """Return the traceback, without IPython's own frames."""
    shown = traceback.TracebackException.from_exception(error)
    inside = [frame for frame in shown.stack if "/IPython/core/" not in frame.filename.replace("\\", "/")]
    shown.stack = traceback.StackSummary.from_list(inside)
    text = clean("".join(shown.format())).rstrip()
    return text if len(text) <= MOST else f"… ({len(text) - MOST} characters left out)\n{text[-MOST:]}"
