"""Images in messages: kept as references, and read when a model that sees them is asked.

A reference is a path, an address or a ``data:`` URL in the message's key ``images``. Only what a person or a program writes gets there;
a tag in a model's text, in the output of code or in the result of a tool stays text, so that none of them can have a file sent away.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .messages import Message

__all__ = ["MEASURED", "has_images", "image_references", "image_size", "plots_in", "with_images_read", "with_references"]

_TAG = re.compile(r"""<img\b[^<>]*?\bsrc\s*=\s*["']([^"'<>]+)["'][^<>]*>|<img\s+([^\s"'<>=][^"'<>]*?)\s*/?>""", re.IGNORECASE)
_ELSEWHERE = ("http://", "https://", "data:image/")
_LARGEST_FILE = 20_000_000
_LARGEST_PLOT = 1_000_000
"""Bytes. Larger ones are left out: every request carries them again."""
_MOST_PLOTS = 3
_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"))


class _Unreadable(Exception):  # noqa: N818 - it never leaves this module
    """An image cannot be read, and why."""


def image_references(text: str) -> tuple[str, ...]:
    """Return what the image tags of a text refer to, each once.

    Example:
        >>> image_references("Compare <img a.png> with <img src='https://example.org/b.png' alt='b'>.")
        ('a.png', 'https://example.org/b.png')
    """
    return tuple(dict.fromkeys((found[1] or found[2]).strip() for found in _TAG.finditer(text)))


def with_references(message: Mapping[str, Any] | str, written: str, *agents: object) -> Mapping[str, Any] | str:
    """Return a message that names the images in ``written``, the part of it that a person wrote, if one of the agents sees images."""
    found = image_references(written)
    if not found or not any(getattr(agent, "sees_images", False) for agent in agents):
        return message
    given = {"content": message} if isinstance(message, str) else message
    return {**given, "images": [*given.get("images", ()), *found]}


def plots_in(outputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the newest plots among the outputs of code, as ``data:`` URLs."""
    found: list[str] = []
    for output in outputs:
        data = (output.get("data") or {}).get("image/png")
        encoded = "".join("".join(data).split()) if data else ""
        if encoded and len(encoded) * 3 // 4 < _LARGEST_PLOT:
            found.append(f"data:image/png;base64,{encoded}")
    return found[-_MOST_PLOTS:]


def has_images(message: Message) -> bool:
    """Say whether there is anything for a model to see."""
    return bool(message.extra.get("images")) or isinstance(message.content, tuple)


def with_images_read(message: Message) -> tuple[Message, list[str]]:
    """Return a message whose images are content parts as models take them, and what was wrong with those that could not be read."""
    read = [_read_or_said(part) for part in _parts(message)]
    problems = [problem for _, problem in read if problem]
    return replace(message, content=tuple(part for part, _ in read)), problems


def _read_or_said(part: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Return a part as models take it, or a text in its place and what is wrong."""
    try:
        return (_read(part) if part.get("type") == "image_url" else part), ""
    except _Unreadable as problem:
        return {"type": "text", "text": f"({problem})"}, str(problem)


def _parts(message: Message) -> Iterator[Mapping[str, Any]]:
    """Yield texts and images in the order of the text; images that it does not mention come last."""
    references = [str(reference) for reference in message.extra.get("images") or ()]
    mentioned: set[str] = set()
    if isinstance(message.content, tuple):
        yield from message.content
    else:
        text, end = message.content or "", 0
        for found in _TAG.finditer(text):
            reference = (found[1] or found[2]).strip()
            if reference not in references:
                continue
            if text[end : found.start()].strip():
                yield {"type": "text", "text": text[end : found.start()]}
            yield _image(reference)
            mentioned.add(reference)
            end = found.end()
        if text[end:].strip() or not references:
            yield {"type": "text", "text": text[end:]}
    yield from (_image(reference) for reference in dict.fromkeys(references) if reference not in mentioned)


def _image(url: str) -> Mapping[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def _read(part: Mapping[str, Any]) -> Mapping[str, Any]:
    given = part.get("image_url")
    url = str(given.get("url", "") if isinstance(given, Mapping) else given)
    if url.startswith(_ELSEWHERE):
        return part
    details = dict(given) if isinstance(given, Mapping) else {}
    return {**part, "image_url": {**details, "url": _data_url(url)}}


def _data_url(path: str) -> str:
    """Return the file as a ``data:`` URL. Whether it is an image is told by its content, so that nothing else is sent by mistake."""
    file = Path(path).expanduser()
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise _Unreadable(f"the image {path!r} is larger than {_LARGEST_FILE // 1_000_000} MB")
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        raise _Unreadable(f"the image {path!r} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    kind = next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), "")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "webp"
    if not kind:
        raise _Unreadable(f"{path!r} is not a PNG, JPEG, GIF or WebP image")
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def image_size(mime: str, content: bytes) -> tuple[int, int]:
    """Return width and height in pixels, read from the head of the file; its bytes have to be what its type says.

    Raises:
        ValueError: they are not, or there is no such type in ``MEASURED``.
    """
    try:
        return MEASURED[mime](content)
    except (IndexError, KeyError) as error:
        raise ValueError(f"not a {mime}") from error


def _png_size(content: bytes) -> tuple[int, int]:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or content[12:16] != b"IHDR" or len(content) < 24:
        raise ValueError("not a PNG")
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _gif_size(content: bytes) -> tuple[int, int]:
    if content[:6] not in (b"GIF87a", b"GIF89a"):
        raise ValueError("not a GIF")
    return int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")


def _jpeg_size(content: bytes) -> tuple[int, int]:
    if not content.startswith(b"\xff\xd8\xff"):
        raise ValueError("not a JPEG")
    at = 2
    while content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(content[at + 7 : at + 9], "big"), int.from_bytes(content[at + 5 : at + 7], "big")
        at += 2 + length
    raise ValueError("no frame in this JPEG")


MEASURED: dict[str, Callable[[bytes], tuple[int, int]]] = {"image/png": _png_size, "image/jpeg": _jpeg_size, "image/gif": _gif_size}
"""Types of images whose size can be read."""
