"""Tables of models and of programs, as the live view shows them. Every cell says its style: the page has no style sheet."""

from __future__ import annotations

import re

from .html_style import LINE, SOFT

__all__ = ["styled"]

_TABLE = "border-collapse:collapse;width:auto;margin:0;overflow-wrap:normal;font-size:13px;font-variant-numeric:tabular-nums"
_CELL = "padding:3px 10px;border:none"
_SCROLLING = "overflow-x:auto;margin:0.55em 0;scrollbar-width:thin"
_TAG = re.compile(r"<(table|thead|tbody|tr|th|td)((?: [a-z]+=\"[^\"<>]*\")*)>")
_STYLE = re.compile(r' style="([^"]*)"')


def styled(markup: str, *, align: str = "") -> str:
    """Return tables with a style for each row and cell, in a box that scrolls sideways.

    Args:
        markup: HTML of tables alone, as sanitizing leaves it.
        align: where the text of cells stands that do not say so themselves.
    """
    return f'<div style="{_SCROLLING}">{_TAG.sub(_Styles(align), markup)}</div>'


class _Styles:
    """Gives each start tag its style. Rows alternate."""

    def __init__(self, align: str) -> None:
        self._align = f";text-align:{align}" if align else ""
        self._part = ""
        self._rows = 0

    def __call__(self, found: re.Match[str]) -> str:
        name, attributes = found[1], found[2]
        own = _STYLE.search(attributes)
        style = ";".join(filter(None, [self._style(name), own[1] if own else ""]))
        kept = _STYLE.sub("", attributes)
        return f'<{name}{kept} style="{style}">' if style else f"<{name}{kept}>"

    def _style(self, name: str) -> str:
        if name in ("table", "thead", "tbody"):
            self._part, self._rows = name, 0
            return _TABLE + self._align if name == "table" else ""
        if name == "tr":
            self._rows += 1
            is_striped = self._part != "thead" and self._rows % 2 == 0
            return f"background-color:{SOFT if is_striped else 'transparent'}"
        return f"{_CELL};border-bottom:1px solid {LINE}" if self._part == "thead" else _CELL
