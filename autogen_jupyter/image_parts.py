"""Images that a message's parts hold as objects: they become references, so that every history is JSON."""

from __future__ import annotations

import base64
import io
import os
import sys
from collections.abc import Mapping
from typing import Any

from .errors import UsageError

__all__ = ["with_reference"]

_MODES = ("1", "L", "LA", "I", "I;16", "P", "RGB", "RGBA")
"""What a PNG file can hold; a picture in another mode is converted."""


def with_reference(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a content part whose image is text: a path's, or a ``data:`` URL of an image of Pillow's; other parts are taken as they are.

    Raises:
        UsageError: the image is something else.
    """
    given = part.get("image_url") if isinstance(part, Mapping) else None
    url = given.get("url") if isinstance(given, Mapping) else given
    if url is None or isinstance(url, str):
        return part
    return {**part, "image_url": {**(given if isinstance(given, Mapping) else {}), "url": _reference(url)}}


def _reference(image: Any) -> str:
    if isinstance(image, os.PathLike):
        return str(os.fspath(image))
    pillow = sys.modules.get("PIL.Image")  # whoever has made one has imported it
    if pillow is None or not isinstance(image, pillow.Image):
        raise UsageError(
            f"The image of a message is a {type(image).__name__}; give a path, an address, a data: URL or an image of Pillow's."
        )
    file = io.BytesIO()
    (image if image.mode in _MODES else image.convert("RGB")).save(file, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
