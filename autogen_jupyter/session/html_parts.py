"""The smallest pieces of the saved page: escaped text, code with colours, program output, text that folds when it is long."""

from __future__ import annotations

import html
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter

from pygments import lex
from pygments.lexers import BashLexer, JsonLexer, PythonLexer, SqlLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String

from ..code_blocks import PYTHON, SHELL
from ..terminal import clean, spans
from . import html_style as look
from .html_style import COLORS

__all__ = ["code", "details", "escape", "folded", "notice", "preformatted", "tag", "terminal_text"]

_LINES, _CHARACTERS = 20, 4_000
"""What of a long text is shown, the rest is in a fold; as in the live view."""
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
    (Comment, "font-style:italic;color:var(--jp-mirror-editor-comment-color,#7d8590)"),
    (Keyword, f"font-weight:bold;color:var(--jp-mirror-editor-keyword-color,{COLORS['violet']})"),
    (Operator.Word, f"font-weight:bold;color:var(--jp-mirror-editor-keyword-color,{COLORS['violet']})"),
    (String, f"color:var(--jp-mirror-editor-string-color,{COLORS['green']})"),
    (Number, f"color:var(--jp-mirror-editor-number-color,{COLORS['orange']})"),
    (Name.Builtin, f"color:var(--jp-mirror-editor-builtin-color,{COLORS['blue']})"),
    (Name.Function, f"color:var(--jp-mirror-editor-def-color,{COLORS['blue']})"),
    (Name.Decorator, f"color:var(--jp-mirror-editor-meta-color,{COLORS['cyan']})"),
)


def escape(text: str) -> str:
    """Return clean text for HTML content and quoted attributes."""
    return html.escape(clean(text), quote=True)


def tag(name: str, content: str, style: str = "", attributes: str = "") -> str:
    """Return an element around content that is HTML already."""
    return f"<{name}{f' {attributes}' if attributes else ''}{f' style={chr(34)}{style}{chr(34)}' if style else ''}>{content}</{name}>"


def preformatted(content: str, style: str = "") -> str:
    """Return a ``pre`` around content that is HTML already."""
    return tag("pre", content, f"{look.PLAIN}{';' if style else ''}{style}")


def details(summary: str, content: str, *, is_open: bool = False) -> str:
    """Return content that opens on a click, unless ``is_open``. ``summary`` is plain text."""
    return tag("details", tag("summary", escape(summary), look.SUMMARY) + content, attributes='open=""' if is_open else "")


def code(text: str, language: str = "") -> str:
    """Return a framed block of code under the name of its language, coloured where that is known and the text is not huge."""
    text = clean(text).rstrip("\n")
    shown = text[:_LONGEST]
    lexer = _LEXERS.get(language.lower())
    made = escape(shown) if lexer is None or len(shown) > _LONGEST_COLORED else _colored(shown, lexer)
    inner = tag(
        "code", made + escape(_left_out(text, shown)), "font-family:inherit;font-size:inherit;white-space:pre;background:none;padding:0"
    )
    caption = tag("div", escape(language), look.LANGUAGE)
    return tag("div", caption + preformatted(inner, "padding:2px 12px 10px"), look.FRAME)


def notice(text: str) -> str:
    """Return a notice: its first line, and the rest in a fold, where indented lines are code and keep their breaks."""
    first, _, rest = clean(text).strip("\n").partition("\n")
    if not rest.strip():
        return escape(first)
    parts = []
    for is_code, lines in groupby(rest.strip("\n").split("\n"), lambda line: line.startswith((" ", "\t"))):
        part = escape("\n".join(lines))
        parts.append(preformatted(part, "padding:4px 0") if is_code else tag("div", part, "white-space:pre-wrap"))
    return escape(first) + details("More", "".join(parts))


def _colored(text: str, lexer: type[PythonLexer | BashLexer | JsonLexer | SqlLexer]) -> str:
    tokens = lex(text, lexer(stripnl=False, ensurenl=False))
    styled = ((next((style for parent, style in _STYLES if kind in parent), ""), piece) for kind, piece in tokens)
    made = []
    for style, pieces in groupby(styled, itemgetter(0)):  # a string is several tokens, and a style longer than most of them
        piece = escape("".join(piece for _, piece in pieces))
        made.append(tag("span", piece, style) if style else piece)
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
    if len(lines) <= _LINES and len(text) <= _CHARACTERS:
        return preformatted(render(text), style)
    if is_tail:
        head = "\n".join(lines[-_LINES:])[-_CHARACTERS:]
        rest = text[: -len(head)].rstrip("\n")
        shown = rest[-_LONGEST:]
        return details(_more(rest, "before"), preformatted(render(_left_out(rest, shown) + shown), style)) + preformatted(
            render(head), style
        )
    head = "\n".join(lines[:_LINES])[:_CHARACTERS]
    rest = text[len(head) :].lstrip("\n")
    shown = rest[:_LONGEST]
    return preformatted(render(head), style) + details(_more(rest, "more"), preformatted(render(shown + _left_out(rest, shown)), style))


def _more(text: str, word: str) -> str:
    lines = text.count("\n") + 1
    return f"{lines:,} lines {word}" if lines > 1 else f"{len(text):,} characters {word}"


def _left_out(text: str, shown: str) -> str:
    missing = len(text) - len(shown)
    return f"\n… {missing:,} characters left out …\n" if missing else ""
