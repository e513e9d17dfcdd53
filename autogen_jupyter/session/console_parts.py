"""What the console renderer keeps while it writes: the page it writes on, what is not finished yet, and errors in short."""

from __future__ import annotations

from collections.abc import Mapping
from shutil import get_terminal_size
from typing import Any
from unicodedata import east_asian_width

from ..kernels.model_text import error_text
from ..terminal import RESET, Cleaner, clean
from . import event_json as read
from .output_view import Failure, joined

__all__ = ["Page", "Reply", "Run", "Spent", "failed", "last_line"]

_TRACEBACK_LINES = 6
_CLEARED = "\r\x1b[K"
"""Goes to the beginning of the line and empties it."""


class Page:
    """What is about to be written, and whether the cursor stands at the start of a line."""

    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._parts: list[str] = []
        self._is_fresh = True
        self._is_passing = False

    def add(self, text: str, style: str = "", *, is_colored: bool = False) -> None:
        if not text:
            return
        if self._is_passing:
            self._parts.append(_CLEARED)
            self._is_passing = False
        if self._color and style:
            self._parts += [style, text, RESET]
        else:
            self._parts += [text, RESET if is_colored and "\x1b" in text else ""]
        self._is_fresh = text.removesuffix(RESET).endswith("\n")

    def line(self) -> None:
        """Go to the start of a line."""
        if not self._is_fresh:
            self.add("\n")

    def blank(self) -> None:
        """Leave a line empty."""
        self.line()
        self.add("\n")

    def passing(self, text: str) -> None:
        """Show a line that gives way to whatever comes next, where the page is a terminal's."""
        if self._color:
            self.line()
            self._parts += [_CLEARED, _fitting(text.replace("\t", " "), get_terminal_size().columns - 1)]
            self._is_passing = True

    def take(self) -> str:
        made, self._parts = "".join(self._parts), []
        return made


class Reply:
    """A message that a model is writing."""

    def __init__(self, heading: str, cleaner: Cleaner) -> None:
        self.heading = heading
        self.is_headed = False
        self.is_thinking = False
        self._cleaner = cleaner
        self._came: list[str] = []

    def feed(self, text: str) -> str:
        """Take in text as the model wrote it; return what can be shown of it now."""
        self._came.append(text)
        return self._cleaner.feed(text)

    def rest(self, whole: str | None) -> str:
        """Return what is left to show of the whole message; all of it when it is not what was streamed."""
        came = "".join(self._came)
        if whole is not None and not whole.startswith(came) and whole.strip() != came.strip():
            return ("\n\n" if came.strip() else "") + clean(whole)
        return self._cleaner.feed((whole or "")[len(came) :]) + self._cleaner.flush()


class Run:
    """A run that is being shown."""

    def __init__(self, blocks: list[tuple[str, str]], cleaner: Cleaner, *, is_reported: bool) -> None:
        self.blocks = blocks
        self.is_reported = is_reported
        """Whether a message will say how it ended: that which answers the message that proposed it."""
        self.cleaner = cleaner
        self.replaced: dict[str, Mapping[str, Any]] = {}
        """Outputs that were updated, such as progress bars: shown once more, as they stand when something else comes."""
        self._shown: dict[str, str] = {}
        self.has_output = False
        """Whether anything that it gave was shown."""
        self.status = ""
        """How it ended, as long as no message reports that."""
        self.exit_code: int | None = None
        self.seconds: float | None = None

    def show(self, index: str, text: str) -> None:
        """Text of the stream at ``index`` has been shown."""
        self._shown[index] = self._shown.get(index, "") + text

    def not_shown(self, index: str, text: str) -> str:
        """Return what of the stream at ``index`` has to be shown when it reads ``text`` now: the lines that have changed."""
        before, lines = self._shown.get(index, "").split("\n"), text.split("\n")
        self._shown[index] = text
        same = 0
        while same < min(len(before), len(lines)) - 1 and before[same] == lines[same]:
            same += 1
        return "\n".join(lines[same:])


class Spent:
    """What the models took, so far."""

    def __init__(self) -> None:
        self.prompt = 0
        self.completion = 0
        self.usd: float | None = 0.0

    def add(self, event: Mapping[str, Any]) -> None:
        self.prompt += int(read.number(event, "prompt_tokens") or 0)
        self.completion += int(read.number(event, "completion_tokens") or 0)
        usd = read.number(event, "usd")
        self.usd = None if self.usd is None or usd is None else self.usd + usd


def failed(failure: Failure) -> str:
    """Return an error as the model reads it, in short; one that is not written as IPython does by its last lines."""
    text = clean(error_text(failure.name, failure.message, [failure.traceback]))
    lines = [line for line in clean(failure.traceback).splitlines() if line.strip()]
    return text if "\n" in text or not lines else "\n".join(lines[-_TRACEBACK_LINES:])


def last_line(output: Mapping[str, Any]) -> str:
    """Return how far a program is that goes on writing over its last line, such as a progress bar."""
    data = output.get("data")
    text = output.get("text") if data is None else data.get("text/plain") if isinstance(data, Mapping) else ""
    return clean(joined(text)).rstrip().rpartition("\n")[2]


def _fitting(text: str, columns: int) -> str:
    """Return as much of a line as a terminal shows in so many columns."""
    for n, character in enumerate(text):
        columns -= 2 if east_asian_width(character) in "WF" else 1
        if columns < 0:
            return text[:n]
    return text
