"""A progress bar, where the tqdm library is installed. Only the caller's thread draws it: a cell's output belongs to that thread."""

from __future__ import annotations

import warnings
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
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # tqdm warns where ipywidgets are missing, and shows text instead
                from tqdm.auto import tqdm

                self._bar = tqdm(total=self._total, desc=self._what)
        except ImportError:
            return

    def _advance(self, note: str) -> None:
        if note:
            self._bar.set_postfix_str(note, refresh=False)
        self._bar.update(1)


async def _draw(function: Any, *args: Any) -> None:
    if has_caller():
        await in_caller(function, *args)
    else:
        function(*args)
