"""A notebook as Markdown: what a model or a program wrote is seen there, and is no Markdown of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import mistune
import nbconvert
import nbformat
import pytest
from markdown_it import MarkdownIt

from autogen_jupyter.session.bundle import bundle
from autogen_jupyter.session.html_block import one_block
from autogen_jupyter.session.static_html import html_of
from autogen_jupyter.session.static_markdown import markdown_of
from autogen_jupyter.session.transcript import Code, MessageEntry, RunEntry, Status
from tests.hostile import HOSTILE
from tests.session.sample import conversation, printed
from tests.session.test_static_view import everywhere

hostile = pytest.mark.parametrize("text", [text for _, text in HOSTILE], ids=[name for name, _ in HOSTILE])
PERMISSIVE = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
TREE = mistune.create_markdown(renderer="ast", plugins=["table", "strikethrough"])
SLOW = 100_000
"""Characters beyond which mistune takes long."""


def ended(text: str) -> Status:
    return Status(state="ended", reason=text, activity=text, model=text)


@hostile
def test_the_page_is_one_block_of_html_whatever_is_in_it(text: str) -> None:
    page = html_of(everywhere(f"\n\n{text}\n \t\n# {text}\n\n*a* {text}"), ended(text))
    assert [line for line in page.splitlines() if not line.strip()] == []
    assert [token.type for token in PERMISSIVE.parse(page)] == ["html_block"]
    if len(page) < SLOW:
        assert [block["type"] for block in TREE(page) if block["type"] != "blank_line"] == ["block_html"]


@hostile
def test_the_markdown_holds_no_html(text: str) -> None:
    tokens = PERMISSIVE.parse(markdown_of(everywhere(text), ended(text)))
    inside = [child.type for token in tokens for child in token.children or ()]
    assert {"html_block", "html_inline", "image"}.isdisjoint([*inside, *(token.type for token in tokens)])


LINES = "first\n\n# second *a*\n\n![x](http://evil.example/x.png)\n\n    indented\n\nlast\n"
SOURCE = 'def f(x):\n    """Doc."""\n\n    return x * 2 * 3\n\n\nprint(f(2))'


def exported() -> str:
    message = MessageEntry("m", "assistant", "user", "assistant", f"Here:\n\n```python\n{SOURCE}\n```\n\nDone.")
    run = RunEntry("r", "user", "m", [Code("python", SOURCE)], "ok", outputs=[printed(LINES)], exit_code=0)
    return as_markdown(bundle([message, run], ended(""), versions={}))


def as_markdown(data: Mapping[str, Any]) -> str:
    outputs = [nbformat.v4.new_output("display_data", data), nbformat.v4.new_output("stream", text="after\n")]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%%agentchat", outputs=outputs)])
    written, _ = nbconvert.MarkdownExporter().from_notebook_node(notebook)
    return str(written)


def test_a_notebook_as_markdown_has_the_chat_as_html_and_nothing_of_it_as_markdown() -> None:
    kinds = [token.type for token in PERMISSIVE.parse(exported())]
    assert kinds == ["fence", "html_block", "code_block"]
    page = str(mistune.html(exported()))
    assert not re.search(r"<h\d|<em>|src=.http|<p>[^<]*!\[", page)
    assert "def" in page


def test_the_whole_sample_comes_out_as_one_block() -> None:
    kinds = [token.type for token in PERMISSIVE.parse(as_markdown(bundle(*conversation(), versions={})))]
    assert kinds == ["fence", "html_block", "code_block"]


@pytest.mark.parametrize(
    ("page", "made"),
    [
        ("<pre>a\nb</pre>", "<pre>a\nb</pre>"),
        ("<pre>a\n\n\nb</pre>", "<pre>a&#10;&#10;\nb</pre>"),
        ("<pre>a\n \t\n b</pre>", "<pre>a&#10; \t\n b</pre>"),
        ("<pre>a\r\n\r\nb\r\rc</pre>", "<pre>a&#10;\nb&#10;\nc</pre>"),
        ("<pre>\n\na</pre>", "<pre>&#10;\na</pre>"),
        ('<img alt="a\n\nb">', '<img alt="a&#10;\nb">'),
    ],
)
def test_of_the_breaks_before_a_blank_line_entities_are_made(page: str, made: str) -> None:
    assert one_block(page) == made
