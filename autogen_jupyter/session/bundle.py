"""What a notebook keeps of a chat: one MIME bundle that every viewer can show something of.

=====================================  ======================================================================================
``text/html``                          the page (``static_html``), with its images as data URIs: GitHub shows nothing else
``text/markdown``                      the same in words; long outputs shortened, images named
``text/plain``                         the same in words, of a long chat the beginning and the end
``application/vnd.autogen-jupyter…``   the entries themselves, whole but for what equals its default, for a renderer that knows them
=====================================  ======================================================================================

A notebook file holds all of it, so what is written again and again is short: ``tests/session/test_bundle_size.py``.
Every large payload is in the bundle once. Long texts and foreign formats are whole in the entries and shortened elsewhere. Images the
page shows are in the page; in the entries such a payload over ``SMALL`` characters is replaced by ``{"$ref": "text/html", "image": n}``,
meaning the data URI of the n-th ``<img>`` of the page, counted from 0 in document order. The page has no other images than these. In a
browser that is ``new DOMParser().parseFromString(html, "text/html").images[n].src``. Text that stands elsewhere in the entries is replaced
too (``shared_text``): code by its lines in a message, what the model reads by what the code printed. ``entries_of`` puts it all back.

Of a long chat, page and words show the last ``SHOWN`` entries, with a note on top: JupyterLab reads the whole page when it opens the
notebook, and does nothing else meanwhile.
"""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..terminal import encodable
from .entries import defaults_of
from .output_view import joined
from .shared_text import with_repeats, without_repeats
from .static_html import html_of
from .static_markdown import markdown_of, plain_of
from .transcript import Entry, NoticeEntry, Status

__all__ = ["MIME", "SHOWN", "SMALL", "bundle", "entries_of"]

MIME = "application/vnd.autogen-jupyter.chat.v1+json"
SMALL = 1_000
"""Characters up to which an image stays where it is in the entries."""
SHOWN = 300
"""Entries that are shown without a renderer that knows them."""
_VERSION = 2
"""Since 2, what equals its default is left out, of entries, tool calls, the status and the whole, and text may be in the entries once."""
_IMAGE = re.compile(r'<img src="data:(image/[a-z+]+);base64,([^"]+)"')


def bundle(
    entries: Sequence[Entry],
    status: Status,
    *,
    versions: Mapping[str, str],
    chat_id: str = "",
    conversation: Mapping[str, str] | None = None,
    is_excerpt: bool = False,
) -> dict[str, Any]:
    """Return the MIME bundle of a conversation.

    Args:
        entries: the transcript's entries.
        status: the transcript's status.
        versions: names and versions of what made it, such as ``{"autogen_jupyter": "0.1.0"}``.
        chat_id: what a page that shows the live chat knows it by, so that it need not draw it anew.
        conversation: ``id`` and ``name`` of the conversation that it is a request of: its other requests have outputs of their own.
        is_excerpt: these entries are not all that was shown.

    Example:
        >>> sorted(bundle([], Status(), versions={}))
        ['application/vnd.autogen-jupyter.chat.v1+json', 'text/html', 'text/markdown', 'text/plain']
    """
    last = _last(entries)
    page = html_of(last, status)
    shown = {(mime, payload): number for number, (mime, payload) in reversed(list(enumerate(_IMAGE.findall(page))))}
    return {
        MIME: {
            "version": _VERSION,
            "entries": without_repeats([_without_images(_plain(entry), shown) for entry in entries]),
            "status": _plain(status),
            "versions": dict(versions),
            **({"chat_id": chat_id} if chat_id else {}),
            **({"conversation": dict(conversation)} if conversation else {}),
            **({"is_excerpt": True} if is_excerpt else {}),
        },
        "text/html": page,
        "text/markdown": markdown_of(last, status),
        "text/plain": plain_of(last, status),
    }


def _last(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return what is shown of a long chat, and a note on what is not."""
    cut = len(entries) - SHOWN
    if cut <= 0:
        return entries
    note = f"{cut:,} earlier entries are not shown here. JupyterLab with autogen_jupyter shows them all, and %agentchat export writes them."
    return [NoticeEntry("earlier", note), *entries[cut:]]


def entries_of(made: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a bundle as dictionaries, with images and text put back. What is gone is left out.

    What a dictionary does not say has the default of its class: ``MessageEntry``, ``RunEntry``, ``NoticeEntry``, ``ToolUse``.
    """
    images = _IMAGE.findall(joined(made.get("text/html")))
    return [_with_images(entry, images) for entry in with_repeats(made.get(MIME, {}).get("entries", ()))]


def _without_images(entry: dict[str, Any], shown: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    for output in entry.get("outputs", ()):
        data = output.get("data")
        for mime, payload in data.items() if isinstance(data, dict) else ():
            number = shown.get((mime, _base64(mime, payload))) if mime.startswith("image/") else None
            if number is not None and len(joined(payload)) > SMALL:
                data[mime] = {"$ref": "text/html", "image": number}
    return entry


def _with_images(entry: Mapping[str, Any], images: Sequence[tuple[str, str]]) -> dict[str, Any]:
    if "outputs" not in entry:
        return dict(entry)
    return {**entry, "outputs": [_with_image(output, images) for output in entry["outputs"]]}


def _with_image(output: Mapping[str, Any], images: Sequence[tuple[str, str]]) -> dict[str, Any]:
    data = output.get("data")
    if not isinstance(data, Mapping):
        return dict(output)
    restored: dict[str, Any] = {}
    for mime, payload in data.items():
        if not (isinstance(payload, Mapping) and payload.get("$ref") == "text/html"):
            restored[mime] = payload
        elif isinstance(number := payload.get("image"), int) and 0 <= number < len(images):
            text = images[number][1]
            restored[mime] = base64.b64decode(text).decode() if mime == "image/svg+xml" else text
    return {**output, "data": restored}


def _base64(mime: str, payload: object) -> str:
    text = joined(payload)
    return base64.b64encode(text.strip().encode()).decode() if mime == "image/svg+xml" else "".join(text.split())


def _plain(value: Any) -> Any:
    """Return data that a notebook file can hold: without lone surrogates, numbers that JSON does not know, and defaults."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        unsaid = defaults_of(type(value))
        said = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        return {name: _plain(given) for name, given in said.items() if name not in unsaid or given != unsaid[name]}
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, Mapping):
        return {encodable(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (int, type(None))) else encodable(str(value))
