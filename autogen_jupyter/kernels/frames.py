"""Kernel messages as the websockets of Jupyter servers carry them: packed (v1), or as JSON where a server knows nothing newer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

__all__ = ["V1", "pack", "unpack"]

V1 = "v1.kernel.websocket.jupyter.org"
"""The subprotocol that packs a message as it is, with its buffers, behind a table of offsets."""
_WORD = 8
_PARTS = ("header", "parent_header", "metadata", "content")


def pack(channel: str, message: Mapping[str, Any], buffers: Sequence[bytes | memoryview], *, v1: bool) -> bytes | str:
    """Return a message as the server reads it.

    Raises:
        ValueError: it has buffers, which only v1 carries.
    """
    if not v1:
        if buffers:
            raise ValueError("this server's websocket carries no buffers")
        return json.dumps({**message, "channel": channel, "buffers": []})
    parts: list[bytes | memoryview] = [channel.encode(), *(json.dumps(message[part]).encode() for part in _PARTS), *buffers]
    offsets = [_WORD * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return b"".join([_word(len(offsets)), *map(_word, offsets), *parts])


def unpack(frame: bytes | str, *, v1: bool) -> tuple[str, dict[str, Any]]:
    """Return the channel and the message.

    Raises:
        ValueError: it is none.
    """
    if v1 and isinstance(frame, bytes):
        count = _number(frame, 0)
        if not 6 <= count <= len(frame) // _WORD:
            raise ValueError("a message with an impossible number of parts")
        offsets = [_number(frame, place) for place in range(1, count + 1)]
        pieces = [frame[start:end] for start, end in pairwise(offsets)]
        message = {name: json.loads(piece) for name, piece in zip(_PARTS, pieces[1:5], strict=True)}
        return pieces[0].decode(), {**message, "msg_type": message["header"]["msg_type"], "buffers": pieces[5:]}
    if isinstance(frame, bytes):
        raise ValueError("a packed message where text was agreed on")  # noqa: TRY004  # it is about the frame, not about the code
    message = json.loads(frame)
    return message["channel"], {"buffers": [], **message, "msg_type": message["header"]["msg_type"]}


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD, "little")


def _number(frame: bytes, place: int) -> int:
    return int.from_bytes(frame[_WORD * place : _WORD * (place + 1)], "little")
