"""What a person sees of one notebook output: an nbformat dictionary read once, for every way of showing it.

Outputs are written by generated code, so nothing in them is believed: images are recognised by their bytes, HTML is reduced to
tables, and everything else is shown as text.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nh3

from ..images import MEASURED, image_size
from ..terminal import clean, encodable, one_line, printable

__all__ = ["Failure", "OutputView", "Picture", "Stream", "Table", "Text", "joined", "view"]

LARGEST_TABLE = 200_000
"""Characters of HTML beyond which a table is shown as text."""

_TABLE_TAGS = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "b", "strong", "i", "em", "sub", "sup", "br", "code"}
_NO_CONTENT = {"script", "style", "template", "svg", "math", "noscript", "iframe", "object", "title", "textarea", "select"}
_CELL = {"colspan", "rowspan", "align"}


@dataclass(frozen=True, slots=True)
class Stream:
    """Text that a program printed, as it came (with its colour codes)."""

    text: str
    is_error: bool = False
    """Whether it went to standard error."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image whose bytes are what its type says."""

    mime: str
    data: str
    """Base64, without line breaks."""
    width: int | None = None
    height: int | None = None
    description: str = ""

    @property
    def size(self) -> str:
        """For people: ``640×480``, or nothing when it is not known."""
        return f"{self.width}×{self.height}" if self.width and self.height else ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, such as a DataFrame: HTML that holds nothing but table markup, and the same as text."""

    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Any other result, as the text that stands for it."""

    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception."""

    name: str
    message: str
    traceback: str
    """As the kernel wrote it (with its colour codes)."""


OutputView = Stream | Picture | Table | Text | Failure


def view(output: Mapping[str, Any]) -> OutputView | None:
    """Read one nbformat output; None when there is nothing to see."""
    kind = output.get("output_type")
    if kind == "stream":
        text = joined(output.get("text"))
        return Stream(text, is_error=output.get("name") == "stderr") if text else None
    if kind == "error":
        lines = output.get("traceback")
        traceback = "\n".join(map(str, lines)) if isinstance(lines, (list, tuple)) else joined(lines)
        return Failure(one_line(joined(output.get("ename"))) or "Error", clean(joined(output.get("evalue"))).strip(), traceback)
    data = output.get("data")
    if not isinstance(data, Mapping):
        return None
    metadata = output.get("metadata")
    return _picture(data, metadata if isinstance(metadata, Mapping) else {}) or _table(data) or _text(data)


def joined(value: object) -> str:
    """Return a multi-line value of nbformat (text, or a list of texts) as one text."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, (list, tuple)):
        return encodable("".join(map(str, value)))
    return "" if value is None else encodable(json.dumps(value, default=str))


def _text(data: Mapping[str, Any]) -> Text | None:
    for mime in ("text/plain", "text/markdown", "text/latex"):
        if text := clean(joined(data.get(mime))).strip("\n"):
            return Text(text)
    if text := _html_text(joined(data.get("text/html"))):
        return Text(text)
    return Text(", ".join(f"[{one_line(str(mime))}]" for mime in data)) if data else None


def _html_text(markup: str) -> str:
    bare = nh3.clean(markup[:LARGEST_TABLE], tags=set(), clean_content_tags=_NO_CONTENT)
    return clean(html.unescape(bare)).strip()


def _table(data: Mapping[str, Any]) -> Table | None:
    markup = joined(data.get("text/html"))
    if "<table" not in markup or len(markup) > LARGEST_TABLE:
        return None
    bare = nh3.clean(
        clean(markup),
        tags=_TABLE_TAGS,
        clean_content_tags=_NO_CONTENT,
        attributes={"th": _CELL, "td": _CELL},
        link_rel=None,
    )
    made = printable(bare)  # entities have become characters
    if "<table" not in made:
        return None
    return Table(made.strip(), clean(joined(data.get("text/plain"))).strip("\n") or _html_text(markup))


def _picture(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Picture | None:
    for mime in MEASURED:
        if mime not in data:
            continue
        try:
            raw = base64.b64decode("".join(joined(data[mime]).split()), validate=True)
            width, height = image_size(mime, raw)
        except (binascii.Error, ValueError, IndexError):
            continue
        return _described(Picture(mime, base64.b64encode(raw).decode(), width, height), metadata.get(mime))
    drawing = joined(data.get("image/svg+xml")).strip()
    if "<svg" in drawing:
        picture = Picture("image/svg+xml", base64.b64encode(drawing.encode()).decode())
        return _described(picture, metadata.get("image/svg+xml"))
    return None


def _described(picture: Picture, metadata: object) -> Picture:
    """Take the size on the page and the description from the output's metadata, where they make sense."""
    if not isinstance(metadata, Mapping):
        return picture
    width, height = (metadata.get(key) for key in ("width", "height"))
    if not all(isinstance(side, int) and not isinstance(side, bool) and 0 < side < 100_000 for side in (width, height)):
        width, height = picture.width, picture.height
    alt = metadata.get("alt")
    return Picture(picture.mime, picture.data, width, height, one_line(alt, 400) if isinstance(alt, str) else "")
