"""The terminal as a place to read: a notebook's cells, and the conversation of those that hold a chat."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from ..session.console import ConsoleRenderer
from ..session.output_view import Failure, Picture, Stream, view
from ..terminal import clean

__all__ = ["Screen", "is_colored"]


class Screen:
    """Writes cells, chats and remarks to a terminal or a pipe; bold and colour only where somebody looks."""

    def __init__(self, write: Callable[[str], None], *, color: bool) -> None:
        self._write = write
        self._color = color
        self._chat = ConsoleRenderer(write, color=color)

    @classmethod
    def on(cls, stream: TextIO | None = None) -> Screen:
        """Return the screen on standard output, or on another stream."""
        stream = stream or sys.stdout

        def write(text: str) -> None:
            stream.write(text)
            stream.flush()

        return cls(write, color=is_colored(stream))

    def say(self, text: str = "") -> None:
        """Write a remark of the command itself."""
        self._write(f"{text}\n")

    def cell(self, number: int, total: int, source: str) -> None:
        """Write a cell's heading and its code."""
        self._write(f"\n{self._styled(f'[{number}/{total}]', '1;34')}\n{self._styled(_indented(source), '2')}\n")

    def event(self, event: dict[str, Any]) -> None:
        """Show one event of a chat."""
        self._chat.show(event)

    def output(self, output: Mapping[str, Any]) -> None:
        """Write one output of a cell as text."""
        seen = view(output)
        if isinstance(seen, Picture):
            self.say(f"[{seen.mime}]")
        elif isinstance(seen, Failure):
            self.say(f"{seen.name}: {seen.message}")
        elif seen is not None:
            text = clean(seen.text) if isinstance(seen, Stream) else seen.text
            self.say(text.rstrip("\n"))

    def _styled(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text


def is_colored(stream: TextIO) -> bool:
    """Say whether somebody looks who may like colours."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in clean(text).splitlines())
