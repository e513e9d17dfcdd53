"""Markdown as a model wrote it, shown without trusting it.

``to_html`` renders it; ``defused`` leaves it Markdown, for viewers that render with an engine of their own. In both, raw HTML is text,
links lead only to web pages and mail addresses, and an image is a link: looking at a message fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from ..terminal import clean, printable
from . import html_sheet as look
from .html_parts import code, escape, tag

__all__ = ["defused", "fenced", "to_html"]

_LONGEST = 50_000
"""Characters beyond which a message is shown as it was written."""
_REMEMBERED = 512
"""Messages that are not rendered again when the page is made anew, as it is after every turn."""
_SCHEME = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_Env = MutableMapping[str, Any]


class _Renderer(RendererHTML):
    """One method for each kind of token that is not rendered the usual way."""

    def renderToken(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:  # noqa: N802 - markdown-it names it
        # Lines between blocks are not seen, and each costs a dozen characters in a notebook file.
        return super().renderToken(tokens, idx, options, env).strip("\n")

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return code(tokens[idx].content, _language(tokens[idx].info))

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return code(tokens[idx].content)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return tag("code", escape(tokens[idx].content))

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        alt = self.renderInlineAsText(tokens[idx].children, options, env)
        address = str(tokens[idx].attrs.get("src", ""))
        return f'<a href="{escape(address)}" rel="noopener noreferrer">[image: {escape(alt or address)}]</a>'

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        # Not h1 … h6: they would enter the notebook's table of contents.
        size = {"h1": f" {look.LARGER}", "h2": f" {look.LARGE}"}.get(tokens[idx].tag, "")
        return f'<p class="{look.HEADING}{size}" dir="auto"><strong>'

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return "</strong></p>"

    def paragraph_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        if tokens[idx].level == 0:
            tokens[idx].attrSet("dir", "auto")
        return self.renderToken(tokens, idx, options, env)

    def blockquote_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return '<blockquote dir="auto">'

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return f'<div class="{look.TABLE}"><table>'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: _Env) -> str:
        return "</table></div>"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable(["table", "strikethrough"])
    parser.validateLink = lambda url: bool(_SCHEME.match(url.strip()))  # type: ignore[method-assign]
    return parser


_MARKDOWN = _parser()


@lru_cache(_REMEMBERED)
def to_html(text: str) -> str:
    """Render a model's Markdown."""
    text = clean(text)
    if len(text) > _LONGEST:
        return tag("pre", escape(text[:_LONGEST] + "\n…"), look.WRAPPED)
    return printable(_MARKDOWN.render(text))  # entities have become characters


@lru_cache(_REMEMBERED)
def defused(text: str) -> str:
    """Return a model's Markdown so that no engine finds HTML, an image or a dangerous link in it. Code blocks stay as they are."""
    text = clean(text)
    lines = text.split("\n")
    made: list[str] = []
    at = 0
    for token in _MARKDOWN.parse(text) if len(text) <= _LONGEST else ():
        if token.type == "fence" and token.map and token.map[0] >= at:
            made += [_defused("\n".join(lines[at : token.map[0]])), "", *fenced(token.content, _language(token.info)), ""]
            at = token.map[1]
    made.append(_defused("\n".join(lines[at:])))
    return "\n".join(made).strip("\n")


def fenced(text: str, language: str = "") -> list[str]:
    """Return the lines of a fenced block whose fence is longer than any in the text."""
    text = clean(text).rstrip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return [fence + _language(language), text, fence]


def _language(info: str) -> str:
    found = re.match(r"[\w+#.-]{1,30}", info.strip().lstrip("{."))
    return found[0].lower() if found else ""


def _defused(text: str) -> str:
    text = text.replace("<", "&lt;")
    text = re.sub(r"`{3,}|~{3,}", lambda run: f"&#{ord(run[0][0])};" * len(run[0]), text)  # a fence that only another engine would see
    text = text.replace("![", "&#33;[")
    text = re.sub(r"\]\((?!\s*(?:https?://|mailto:))", "]&#40;", text, flags=re.IGNORECASE)
    return re.sub(r"\]:(?!\s*(?:https?://|mailto:))", "]&#58;", text, flags=re.IGNORECASE)
