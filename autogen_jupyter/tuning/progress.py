"""A progress bar, where the tqdm library is installed. Only the caller's thread draws it: a cell's output belongs to that thread."""

from __future__ import annotations

import io
import sys
from types import TracebackType
from typing import Any

from ..portal import has_caller, in_caller

__all__ = ["Progress"]


class Progress:
    """Shows how much is done.

    Args:
        total: how many steps there are.
        what: the word before the bar.
        shown: whether to show anything.
    """

    def __init__(self, total: int, what: str, *, shown: bool = True) -> None:
        self._total, self._what, self._shown = total, what, shown
        self._bar: Any = None
        self._cell: Any = None

    async def __aenter__(self) -> Progress:
        if self._shown:
            await _draw(self._open)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None and not (kind is not None and not issubclass(kind, Exception)):
            await _draw(self._bar.close)

    async def step(self, note: str = "") -> None:
        """One more is done."""
        if self._bar is not None:
            await _draw(self._advance, note)

    def _open(self) -> None:
        try:
            from tqdm import tqdm
        except ImportError:
            return
        if type(sys.stdout).__module__.startswith("ipykernel"):
            self._bar = tqdm(total=self._total, desc=self._what, file=io.StringIO(), ncols=80, ascii=False)
            self._cell = _line_in_cell(str(self._bar))
        else:
            self._bar = tqdm(total=self._total, desc=self._what)

    def _advance(self, note: str) -> None:
        if note:
            self._bar.set_postfix_str(note, refresh=False)
        self._bar.update(1)
        if self._cell is not None:
            self._cell.update({"text/plain": str(self._bar)}, raw=True)


def _line_in_cell(text: str) -> Any:
    """Return a line of text that can be replaced. The saved notebook has its last state, where a widget would stand still at nothing."""
    from IPython.display import display

    return display({"text/plain": text}, raw=True, display_id=True)


async def _draw(function: Any, *args: Any) -> None:
    if has_caller():
        await in_caller(function, *args)
    else:
        function(*args)
