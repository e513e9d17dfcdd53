"""The last gate before the notebook: whatever the code before it did, only these elements, attributes, classes and addresses pass."""

from __future__ import annotations

import re

import nh3

from .html_sheet import CLASSES

__all__ = ["allowed"]

_ELEMENTS = (
    "a b bdi blockquote br caption code details div em hr i img li ol p pre s span strong sub summary sup "
    "table tbody td tfoot th thead tr ul"
)
_CELL = {"style", "colspan", "rowspan", "align"}
_ATTRIBUTES = {
    "*": {"class", "style", "dir"},
    "a": {"href", "title"},
    "details": {"open"},
    "div": {"role", "aria-label", "tabindex", "data-a"},
    "img": {"src", "alt", "width"},
    "ol": {"start"},
    "table": {"cellpadding"},
    "td": _CELL,
    "th": _CELL,
}
_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}")
_DECLARATION = r"[a-z-]+:[A-Za-z0-9#.,%()* -]+"
_STYLE = re.compile(rf"{_DECLARATION}(?:;{_DECLARATION})*;?")
_NO_STYLE = re.compile(r"url|expression|position|image|behavior|var\((?!--jp-[a-z0-9-]+,)", re.IGNORECASE)
"""Of the variables of the page around, only JupyterLab's, which are colours, fonts and sizes."""
_WORDS = {"dir": {"auto", "ltr"}, "open": {""}, "role": {"region"}, "tabindex": {"0"}}


def allowed(page: str) -> str:
    """Return HTML reduced to the static elements of a page: no script, form, frame, style sheet or foreign address."""
    return nh3.clean(
        page,
        tags=set(_ELEMENTS.split()),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )


def _attribute(element: str, name: str, value: str) -> str | None:
    if name == "style":
        return value if _STYLE.fullmatch(value) and not _NO_STYLE.search(value) else None
    if name == "class":
        return " ".join(word for word in value.split() if word in CLASSES) or None
    if name == "href":
        return value if _LINK.match(value) else None
    if name == "src":
        return value if element == "img" and _IMAGE.fullmatch(value) else None
    return value if name not in _WORDS or value in _WORDS[name] else None
