"""The smallest pieces of the saved page: escaped text, code with colours, program output, text that folds when it is long.

Styles are inline and few, because notebook viewers drop style sheets (and some drop inline styles too: the page then still reads well).
Colours are of middle lightness, or transparent greys, so that they read on white and on black.
"""

from __future__ import annotations

import html
from collections.abc import Callable

from pygments import lex
from pygments.lexers import BashLexer, JsonLexer, PythonLexer, SqlLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String

from ..code_blocks import PYTHON, SHELL
from .terminal import clean, spans

__all__ = ["COLORS", "FAINT", "PANEL", "code", "details", "escape", "folded", "preformatted", "tag", "terminal_text"]

COLORS = {
    "red": "#d44653",
    "orange": "#bb6015",
    "yellow": "#987316",
    "green": "#238a40",
    "cyan": "#158594",
    "blue": "#2f76e1",
    "violet": "#8d60d7",
    "magenta": "#c34aa1",
}
"""Each has a contrast of at least 4:1 on white and on #111111."""
FAINT = "opacity:0.7;font-size:0.92em"
PANEL = "background-color:rgba(128,128,128,0.1);border-radius:4px;padding:0.6em 0.8em;margin:0.5em 0"

_MONOSPACE = "font-family:ui-monospace,Menlo,Consolas,monospace"
_PRE = f"{_MONOSPACE};white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.45;font-size:0.92em"
_CODE = f"{_MONOSPACE};white-space:pre;overflow-x:auto;line-height:1.45;font-size:0.92em"
_HEAD_LINES, _TAIL_LINES, _HEAD_CHARACTERS = 16, 10, 4_000
_SLACK_LINES = 6
"""So many lines more are shown rather than folded."""
_LONGEST = 40_000
"""Characters of one text in the page; the whole of it is in the data beside the page."""
_LONGEST_COLORED = 20_000

_LEXERS = {
    **dict.fromkeys(PYTHON, PythonLexer),
    **dict.fromkeys(SHELL, BashLexer),
    "json": JsonLexer,
    "sql": SqlLexer,
}
_STYLES = (
    (Comment, "opacity:0.65;font-style:italic"),
    (Keyword, f"color:{COLORS['violet']}"),
    (Operator.Word, f"color:{COLORS['violet']}"),
    (String, f"color:{COLORS['green']}"),
    (Number, f"color:{COLORS['orange']}"),
    (Name.Builtin, f"color:{COLORS['blue']}"),
    (Name.Function, f"color:{COLORS['blue']}"),
    (Name.Decorator, f"color:{COLORS['cyan']}"),
)


def escape(text: str) -> str:
    """Return clean text for HTML content and quoted attributes."""
    return html.escape(clean(text), quote=True)


def tag(name: str, content: str, style: str = "") -> str:
    """Return an element around content that is HTML already."""
    return f'<{name} style="{style}">{content}</{name}>' if style else f"<{name}>{content}</{name}>"


def preformatted(content: str, style: str = "") -> str:
    """Return a ``pre`` whose long lines wrap, around content that is HTML already."""
    return tag("pre", content, f"{_PRE};margin:0.4em 0{';' if style else ''}{style}")


def details(summary: str, content: str) -> str:
    """Return content that opens on a click. ``summary`` is plain text."""
    return f'<details style="margin:0.4em 0"><summary style="{FAINT};cursor:pointer">{escape(summary)}</summary>{content}</details>'


def code(text: str, language: str = "") -> str:
    """Return a block of code, coloured where the language is known and the text is not huge."""
    text = clean(text).rstrip("\n")
    shown = text[:_LONGEST]
    lexer = _LEXERS.get(language.lower())
    made = escape(shown) if lexer is None or len(shown) > _LONGEST_COLORED else _colored(shown, lexer)
    return tag("pre", tag("code", made + escape(_left_out(text, shown)), f"{_MONOSPACE};background:none;padding:0"), f"{_CODE};{PANEL}")


def _colored(text: str, lexer: type[PythonLexer | BashLexer | JsonLexer | SqlLexer]) -> str:
    made = []
    for kind, piece in lex(text, lexer(stripnl=False, ensurenl=False)):
        style = next((style for parent, style in _STYLES if kind in parent), "")
        made.append(tag("span", escape(piece), style) if style else escape(piece))
    return "".join(made)


def terminal_text(text: str) -> str:
    """Return a program's text with its colours."""
    made = []
    for span in spans(text):
        style = ";".join(
            part for part in (f"color:{COLORS[span.color]}" if span.color else "", "font-weight:600" if span.is_bold else "") if part
        )
        made.append(tag("span", html.escape(span.text), style) if style else html.escape(span.text))
    return "".join(made)


def folded(text: str, render: Callable[[str], str] = terminal_text, *, is_tail: bool = False, style: str = "") -> str:
    """Return text as one ``pre``, or its beginning (its end, if ``is_tail``) with the rest in a fold."""
    text = text.strip("\n")
    lines = text.split("\n")
    is_short = len(lines) <= (_TAIL_LINES if is_tail else _HEAD_LINES) + _SLACK_LINES and len(text) <= 2 * _HEAD_CHARACTERS
    if is_short:
        return preformatted(render(text), style)
    if is_tail:
        head = "\n".join(lines[-_TAIL_LINES:])[-_HEAD_CHARACTERS:]
        rest = text[: -len(head)].rstrip("\n")
        shown = rest[-_LONGEST:]
        return details(_more(rest, "before"), preformatted(render(_left_out(rest, shown) + shown))) + preformatted(render(head), style)
    head = "\n".join(lines[:_HEAD_LINES])[:_HEAD_CHARACTERS]
    rest = text[len(head) :].lstrip("\n")
    shown = rest[:_LONGEST]
    return preformatted(render(head), style) + details(_more(rest, "more"), preformatted(render(shown + _left_out(rest, shown))))


def _more(text: str, word: str) -> str:
    lines = text.count("\n") + 1
    return f"{lines:,} lines {word}" if lines > 1 else f"{len(text):,} characters {word}"


def _left_out(text: str, shown: str) -> str:
    missing = len(text) - len(shown)
    return f"\n… {missing:,} characters left out …\n" if missing else ""
