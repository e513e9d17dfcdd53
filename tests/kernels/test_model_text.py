import base64
import struct
from typing import Any

import pytest

from autogen_jupyter.kernels.model_text import FLOOD, LIMIT, clip, outputs_text


def _stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def _shown(**data: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {mime.replace("_", "/"): value for mime, value in data.items()}, "metadata": {}}


def _png(width: int, height: int) -> str:
    return base64.b64encode(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + b"rest").decode()


def test_outputs_follow_each_other_line_by_line() -> None:
    outputs = [_stream("a\n"), _stream("no newline", "stderr"), _shown(text_plain="1"), _stream("b")]
    assert outputs_text(outputs) == "a\nno newline\n1\nb"


def test_colours_and_overwritten_text_are_gone() -> None:
    assert outputs_text([_stream("\x1b[31m10%\x1b[0m\r100%\n")]) == "100%"


def test_a_picture_is_named_with_its_size() -> None:
    assert outputs_text([_shown(image_png=_png(640, 480), text_plain="<Figure size 640x480 with 1 Axes>")]) == "[image/png 640x480]"


@pytest.mark.parametrize("broken", ["", "!!!", "AAAA", 5])
def test_a_broken_picture_is_named_without_a_size(broken: Any) -> None:
    assert outputs_text([_shown(image_png=broken)]) == "[image/png]"


def test_lines_that_are_no_text_are_named_as_they_are() -> None:
    assert outputs_text([_shown(text_plain=["a\n", 5])]) == "a\n5"


def test_a_table_is_its_text_and_not_its_html() -> None:
    assert outputs_text([_shown(text_plain="   n\n0  1", text_html="<table>…")]) == "   n\n0  1"


def test_markdown_is_read_where_the_text_says_nothing() -> None:
    assert outputs_text([_shown(text_plain="<IPython.core.display.Markdown object>", text_markdown="**bold**")]) == "**bold**"


def test_a_table_that_is_html_alone_is_read() -> None:
    page = "<style>td { color: red }</style><table><thead><tr><th></th><th>n</th></tr></thead><tr><td>0<td> 1 &lt;\n 2 </table><p>more"
    assert outputs_text([_shown(text_plain="<IPython.core.display.HTML object>", text_html=page)]) == " | n\n0 | 1 < 2"
    long = "<table>" + "".join(f"<tr><td>{n}</tr>" for n in range(1000)) + "</table>"
    lines = outputs_text([_shown(text_html=long)]).splitlines()
    assert (lines[0], lines[30], lines[-1]) == ("0", "… 940 more rows …", "999")


def test_html_without_words_is_named() -> None:
    assert outputs_text([_shown(text_html="<div>…</div>")]) == "[text/html]"


LIBRARY = "/venv/lib/python3.11/site-packages/pandas/core"
TRACEBACK = [
    "\x1b[0;31m---------------------------------------------------------------------------\x1b[0m",
    "\x1b[0;31mKeyError\x1b[0m                                  Traceback (most recent call last)",
    f"File \x1b[0;32m{LIBRARY}/indexes/base.py:3812\x1b[0m, in Index.get_loc(self, key)\n-> 3812     return self._engine",
    "\x1b[0;31mKeyError\x1b[0m: 'colour'",
    "\nThe above exception was the direct cause of the following exception:\n",
    "\x1b[0;31mKeyError\x1b[0m                                  Traceback (most recent call last)",
    "Cell \x1b[0;32mIn[3], line 2\x1b[0m\n\x1b[1;32m      1\x1b[0m df = load()\n\x1b[0;32m----> 2\x1b[0m df['colour']",
    f"File \x1b[0;32m{LIBRARY}/frame.py:4107\x1b[0m, in DataFrame.__getitem__(self, key)\n-> 4107 indexer = self.columns.get_loc(key)",
    "\x1b[0;31mKeyError\x1b[0m: 'colour'",
]


def test_a_traceback_is_the_users_lines_and_the_error() -> None:
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'colour'", "traceback": TRACEBACK}
    assert outputs_text([error]) == (
        "Cell In[3], line 2\n      1 df = load()\n----> 2 df['colour']\n… 2 more in library code\nKeyError: 'colour'"
    )


def test_a_syntax_error_shows_the_place() -> None:
    lines = [
        "  \x1b[36mCell\x1b[39m \x1b[32mIn[1], line 1\x1b[39m\n\x1b[31m    x = = 1\x1b[39m\n        ^\n\x1b[31mSyntaxError\x1b[39m: bad\n"
    ]
    error = {"output_type": "error", "ename": "SyntaxError", "evalue": "invalid syntax (1.py, line 1)", "traceback": lines}
    assert outputs_text([error]).splitlines() == [
        "Cell In[1], line 1",
        "    x = = 1",
        "        ^",
        "SyntaxError: invalid syntax (1.py, line 1)",
    ]


def test_an_error_without_a_traceback_is_its_last_line() -> None:
    assert outputs_text([{"output_type": "error", "ename": "CancelledError", "evalue": "", "traceback": []}]) == "CancelledError"


LONG = "".join(f"line {number}\n" for number in range(2000))


def test_short_text_is_left_alone() -> None:
    assert clip("short", failed=True) == "short"


def test_success_keeps_the_head_and_says_how_much_is_cut() -> None:
    text = clip(LONG, failed=False)
    assert text.startswith("line 0\n")
    assert text.endswith(f"… [{len(LONG) - LIMIT:,} characters cut]")


def test_failure_keeps_the_tail() -> None:
    text = clip(LONG, failed=True)
    assert text.endswith("line 1999\n")
    assert text.startswith(f"[{len(LONG) - LIMIT:,} characters cut]")


@pytest.mark.parametrize("failed", [True, False])
def test_a_flood_keeps_both_ends(failed: bool) -> None:
    text = clip("a" * FLOOD + "b" * FLOOD, failed=failed)
    assert text.startswith("aaa")
    assert text.endswith("bbb")
    assert f"[{2 * FLOOD - LIMIT:,} characters cut]" in text
    assert len(text) < LIMIT + 100
