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
from . import html_sheet as look

__all__ = ["SEPARATOR", "code", "details", "dot", "escape", "folded", "notice", "tag", "terminal_text"]

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
_TOKENS = (
    (Comment, look.COMMENT),
    (Keyword, look.KEYWORD),
    (Operator.Word, look.KEYWORD),
    (String, look.STRING),
    (Number, look.NUMBER),
    (Name.Builtin, look.BUILTIN),
    (Name.Function, look.NAME),
    (Name.Decorator, look.DECORATOR),
)


def escape(text: str) -> str:
    """Return clean text for HTML content and quoted attributes."""
    return html.escape(clean(text), quote=True)


def tag(name: str, content: str, classes: str = "", attributes: str = "", *, style: str = "") -> str:
    """Return an element around content that is HTML already.

    Args:
        classes: of the sheet's, with spaces between them.
        attributes: as they are written.
        style: of what stands only once on a page.
    """
    given = [f'class="{classes}"' if classes else "", attributes, f'style="{style}"' if style else ""]
    return f"<{' '.join([name, *filter(None, given)])}>{content}</{name}>"


SEPARATOR = tag("span", " · ", look.ALT)
"""Between what only styles set apart."""


def dot(state: str) -> str:
    """Return the dot that stands before a state."""
    return tag("span", "", " ".join(filter(None, [look.DOT, look.state(state)])))


def details(summary: str, content: str, *, is_open: bool = False) -> str:
    """Return content that opens on a click, unless ``is_open``. ``summary`` is plain text."""
    return tag("details", tag("summary", escape(summary)) + content, attributes='open=""' if is_open else "")


def code(text: str, language: str = "") -> str:
    """Return a framed block of code under the name of its language, coloured where that is known and the text is not huge."""
    text = clean(text).rstrip("\n")
    shown = text[:_LONGEST]
    lexer = _LEXERS.get(language.lower())
    made = escape(shown) if lexer is None or len(shown) > _LONGEST_COLORED else _colored(shown, lexer)
    inner = tag("code", made + escape(_left_out(text, shown)))
    return tag("div", tag("div", escape(language)) + tag("pre", inner), look.FRAME)


def notice(text: str) -> str:
    """Return a notice: its first line, and the rest in a fold, where indented lines are code and keep their breaks."""
    first, _, rest = clean(text).strip("\n").partition("\n")
    if not rest.strip():
        return escape(first)
    parts = []
    for is_code, lines in groupby(rest.strip("\n").split("\n"), lambda line: line.startswith((" ", "\t"))):
        part = escape("\n".join(lines))
        parts.append(tag("pre", part, look.PADDED) if is_code else tag("div", part, look.WRAPPED))
    return escape(first) + details("More", "".join(parts))


def _colored(text: str, lexer: type[PythonLexer | BashLexer | JsonLexer | SqlLexer]) -> str:
    tokens = lex(text, lexer(stripnl=False, ensurenl=False))
    named = ((next((name for parent, name in _TOKENS if kind in parent), ""), piece) for kind, piece in tokens)
    made = []
    for name, pieces in groupby(named, itemgetter(0)):  # a string is several tokens
        piece = escape("".join(piece for _, piece in pieces))
        made.append(tag("span", piece, name) if name else piece)
    return "".join(made)


def terminal_text(text: str) -> str:
    """Return a program's text with its colours."""
    made = []
    for span in spans(text):
        classes = " ".join(filter(None, [f"_{span.color}" if span.color else "", look.BOLD if span.is_bold else ""]))
        made.append(tag("span", html.escape(span.text), classes) if classes else html.escape(span.text))
    return "".join(made)


def folded(text: str, render: Callable[[str], str] = terminal_text, *, is_tail: bool = False, classes: str = "") -> str:
    """Return text as one ``pre``, or its beginning (its end, if ``is_tail``) with the rest in a fold."""
    text = text.strip("\n")
    lines = text.split("\n")
    if len(lines) <= _LINES and len(text) <= _CHARACTERS:
        return tag("pre", render(text), classes)
    if is_tail:
        head = "\n".join(lines[-_LINES:])[-_CHARACTERS:]
        rest = text[: -len(head)].rstrip("\n")
        shown = rest[-_LONGEST:]
        before = tag("pre", render(_left_out(rest, shown) + shown), classes)
        return details(_more(rest, "before"), before) + tag("pre", render(head), classes)
    head = "\n".join(lines[:_LINES])[:_CHARACTERS]
    rest = text[len(head) :].lstrip("\n")
    shown = rest[:_LONGEST]
    after = tag("pre", render(shown + _left_out(rest, shown)), classes)
    return tag("pre", render(head), classes) + details(_more(rest, "more"), after)


def _more(text: str, word: str) -> str:
    lines = text.count("\n") + 1
    return f"{lines:,} lines {word}" if lines > 1 else f"{len(text):,} characters {word}"


def _left_out(text: str, shown: str) -> str:
    missing = len(text) - len(shown)
    return f"\n… {missing:,} characters left out …\n" if missing else ""
