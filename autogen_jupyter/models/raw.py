"""What went over the wire lately: requests and answers as they were, without secrets, in memory alone."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from ..redaction import StreamRedactor, without_secrets

__all__ = ["RawExchange", "asked_for", "raw_exchanges", "record"]

MOST = 100
"""Exchanges that are kept."""
MOST_PIECES = 20_000
"""Pieces of answers that are kept in all of them together."""
_TEXTS = ("content", "reasoning_content", "reasoning", "delta", "arguments")
_numbers = count(1)
_kept: deque[RawExchange] = deque(maxlen=MOST)
_message: ContextVar[Callable[[], str] | None] = ContextVar("autogen_jupyter_asked_for", default=None)


@dataclass
class RawExchange:
    """One request over the wire and what came back.

    Example:
        >>> RawExchange(1, "https://host/v1/responses", {"model": "m"}).to_dict()["request"]
        {'model': 'm'}
    """

    number: int
    url: str
    request: Mapping[str, Any] = field(repr=False)
    """The body that was sent."""
    message_id: str = ""
    """The message that the answer became, where it became one."""
    status: int | None = None
    """The HTTP status; None where there was no answer."""
    request_id: str = ""
    pieces: list[Any] = field(default_factory=list, repr=False)
    """The events of the stream, in order."""
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able data, without secrets."""
        events = _joined([_plain(piece) for piece in self.pieces])
        answer = {"status": self.status, "request_id": self.request_id, "events": events}
        made = {"url": self.url, "request": dict(self.request), "response": answer | ({"error": self.error} if self.error else {})}
        return without_secrets(made)


def raw_exchanges(message_id: str | None = None) -> list[RawExchange]:
    """Return the newest exchanges of this process, oldest first; only those of one message, if it is named."""
    return [one for one in _kept if message_id is None or one.message_id == message_id]


def record(url: str, request: Mapping[str, Any]) -> RawExchange:
    """Begin to keep an exchange."""
    current = _message.get()
    made = RawExchange(next(_numbers), url, request, current() if current is not None else "")
    _kept.append(made)
    while len(_kept) > 1 and sum(len(one.pieces) for one in _kept) > MOST_PIECES:
        _kept.popleft()
    return made


@contextmanager
def asked_for(message_id: Callable[[], str]) -> Iterator[None]:
    """Say which message the answers of this block become."""
    token = _message.set(message_id)
    try:
        yield
    finally:
        _message.reset(token)


def _plain(piece: Any) -> Any:
    dump = getattr(piece, "model_dump", None)
    return dump(mode="json", exclude_unset=True, warnings=False) if dump is not None else copy.deepcopy(piece)


def _joined(events: list[Any]) -> list[Any]:
    """Take out secrets that came in two events: each kind of text runs on from event to event."""
    streams = {name: StreamRedactor() for name in _TEXTS}
    last: dict[str, dict[str, Any]] = {}

    def walk(value: Any) -> None:
        for name, item in list(value.items()) if isinstance(value, dict) else ():
            if name in _TEXTS and isinstance(item, str):
                value[name], last[name] = streams[name].feed(item), value
            else:
                walk(item)
        for item in value if isinstance(value, list) else ():
            walk(item)

    walk(events)
    for name, place in last.items():
        place[name] += streams[name].flush()
    return events
