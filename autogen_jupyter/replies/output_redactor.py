"""Take secrets out of what running code puts out, also where one arrives in two pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..events import OutputChange
from ..redaction import StreamRedactor, without_secrets

__all__ = ["OutputRedactor"]


class OutputRedactor:
    """Changes of the outputs go in and come out without secrets; the end of a text is held back while it may be the beginning of one.

    Example:
        >>> [change.text for change in OutputRedactor().take(OutputChange("append", 0, text="42\\n"))]
        ['42\\n']
    """

    def __init__(self) -> None:
        self._stream = StreamRedactor()
        self._index = 0
        self._added = -1

    def take(self, change: OutputChange) -> Iterator[OutputChange]:
        """Yield what can be shown after this change."""
        if change.op == "append":
            if change.index != self._index:
                yield from self.flush()
            self._index = change.index
            text = self._stream.feed(change.text)
            if text:
                yield replace(change, text=text)
            return
        yield from self.flush()
        if change.op == "clear":
            self._added = -1
        elif change.op == "add":
            self._added += 1
            if change.output is not None and change.output.get("output_type") == "stream" and isinstance(change.output.get("text"), str):
                self._index = self._added
                yield replace(change, output={**change.output, "text": self._stream.feed(change.output["text"])})
                return
        yield without_secrets(change)

    def flush(self) -> Iterator[OutputChange]:
        """Yield what was held back: nothing more comes there."""
        text = self._stream.flush()
        if text:
            yield OutputChange("append", self._index, text=text)
