"""Make a request that is longer than the model can read shorter."""

from __future__ import annotations

from dataclasses import replace

from ..messages import Message
from ..models.base import ModelClient, ModelRequest
from ..models.tokens import tokens
from .pieces import pieces

__all__ = ["Room", "shortened"]

_UNCALIBRATED = ""
"""Sizes are compared over a whole conversation, so they are measured by a rule that does not change meanwhile."""


class Room:
    """Remembers what was too long for a model, so that it is not asked in vain at each turn from then on."""

    def __init__(self) -> None:
        self._refused: tuple[ModelClient, int] | None = None

    def fitted(self, client: ModelClient, request: ModelRequest) -> ModelRequest:
        """Return the request, shortened if one of its size was refused before."""
        if self._refused is None or self._refused[0] is not client or _size(request) < self._refused[1]:
            return request
        return shortened(request, self._refused[1] // 2)

    def after_refusal(self, client: ModelClient, request: ModelRequest) -> ModelRequest:
        """Return the request at half its size, or as it is where nothing can be left out."""
        size = _size(request)
        self._refused = (client, size)
        return shortened(request, size // 2)


def shortened(request: ModelRequest, limit: int) -> ModelRequest:
    """Leave out the oldest messages behind the first one until about ``limit`` tokens are left.

    System messages at the beginning, the first message and the newest piece always stay, and calls stay with their results.
    """
    messages = list(request.messages)
    start = next((n for n, message in enumerate(messages) if message.role != "system"), len(messages))
    whole = pieces(messages[start:])
    head, rest = [*messages[:start], *(whole[0] if whole else ())], whole[1:]
    left = limit - _size(replace(request, messages=tuple(head)))
    kept: list[list[Message]] = []
    for piece in reversed(rest):
        left -= tokens.count(piece, _UNCALIBRATED)
        if kept and left < 0:
            break
        kept.insert(0, piece)
    if len(kept) == len(rest):
        return request
    return replace(request, messages=(*head, *(message for piece in kept for message in piece)))


def _size(request: ModelRequest) -> int:
    return tokens.of_request(request, _UNCALIBRATED)
