"""What a notebook keeps of a chat: that it is safe, that it is whole, and that every viewer shows it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import mistune
import nbconvert
import nbformat
import pytest
from markdown_it import MarkdownIt

from autogen_jupyter.kernels.model_text import outputs_text
from autogen_jupyter.session.bundle import MIME, bundle, entries_of
from autogen_jupyter.session.html_gate import allowed
from autogen_jupyter.session.html_sheet import BOX_CLASS, CLASSES, SHEET
from autogen_jupyter.session.model_markdown import defused, to_html
from autogen_jupyter.session.output_view import Picture, Table, view
from autogen_jupyter.session.static_html import html_of, ungated
from autogen_jupyter.session.static_markdown import markdown_of, plain_of
from autogen_jupyter.session.transcript import Code, Entry, MessageEntry, NoticeEntry, RunEntry, Status, ToolUse
from tests.hostile import HOSTILE
from tests.session.sample import JPEG, PNG, SVG, TABLE, conversation, displayed, failed, printed

NAMES = [name for name, _ in HOSTILE]
TEXTS = [text for _, text in HOSTILE]
hostile = pytest.mark.parametrize("text", TEXTS, ids=NAMES)


# A page is safe when a real parser finds nothing in it that could act.


class _Page(HTMLParser):
    """Collects the elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!r:.80}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl!r:.80}")

    handle_pi = unknown_decl = handle_decl

    @property
    def text(self) -> str:
        return "".join(self.words)


ELEMENTS = {
    *(
        "a",
        "b",
        "bdi",
        "blockquote",
        "br",
        "caption",
        "code",
        "del",
        "details",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
    ),
    *("li", "ol", "p", "pre", "s", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"style", "href", "title", "rel", "src", "alt", "width", "colspan", "rowspan", "align", "start", "class"}
ATTRIBUTES |= {"dir", "open", "role", "aria-label", "tabindex", "data-a"}
VARIABLE = re.compile(r"var\((?!--jp-[a-z0-9-]+,)")
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
SURROGATES = re.compile("[\ud800-\udfff]")
LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
IMAGE = re.compile(r"data:image/(png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/]+=*$")


def assert_safe(page: str) -> _Page:
    """Assert that nothing in a page can act, its own style sheet and its box's class left aside."""
    box = f'<div class="{BOX_CLASS}" '
    if page.startswith(box):
        assert page.endswith(f"{SHEET}</div>")
        page = "<div " + page.removeprefix(box).removesuffix(f"{SHEET}</div>") + "</div>"
    made = _Page(page)
    for element, attributes in made.elements:
        assert element in ELEMENTS, element
        assert set(attributes.get("class", "").split()) <= CLASSES, attributes
        assert set(attributes) <= ATTRIBUTES, attributes
        assert LINK.match(attributes.get("href", "http://")), attributes
        assert "src" not in attributes or (element == "img" and IMAGE.match(attributes["src"])), str(attributes)[:200]
        assert not re.search(r"url|expression|position|@|\\", attributes.get("style", "")), attributes
        assert not VARIABLE.search(attributes.get("style", "")), attributes
        assert attributes.get("role", "region") == "region", attributes
        assert attributes.get("tabindex", "0") == "0", attributes
    assert not CONTROLS.search(page)
    return made


def everywhere(text: str) -> list[Entry]:
    """A conversation with the text in every place that text can come from."""
    bundles = [
        {"text/plain": text},
        {"text/html": text},
        {"text/html": f"<table><tr><td>{text}</td></tr></table>", "text/plain": text},
        {"text/html": f"<table {text}><tr><td {text} style='{text}'>x</td></tr></table>"},
        {"text/markdown": text},
        {"text/latex": text},
        {"image/png": text},
        {"image/png": PNG, "image/svg+xml": text},
        {"image/svg+xml": f"<svg>{text}</svg>"},
        {"image/jpeg": [text, text]},
        {"application/javascript": text},
        {"application/json": {text: [text]}},
        {text: text},
    ]
    outputs: list[dict[str, Any]] = [{"output_type": "display_data", "data": data, "metadata": {}} for data in bundles]
    outputs += [
        {"output_type": "display_data", "data": {"image/png": PNG}, "metadata": {"image/png": {"width": text, "height": 3, "alt": text}}},
        {"output_type": "execute_result", "data": {"text/plain": [text, text]}, "metadata": {text: text}, "execution_count": None},
        printed(text),
        {"output_type": "stream", "name": text, "text": [text, text]},
        failed(text, text, [text, text]),
        failed(text, text, []),
        {"output_type": text, "text": text},
    ]
    return [
        MessageEntry("m1", text, text, "assistant", text, model=text, reasoning=text),
        MessageEntry("m2", text, text, "assistant", f"```{text}\n{text}\n```\n\n{text}", model=text, is_language_model=False),
        MessageEntry("m3", "a", "b", "assistant", f"1. x\n\n   {text}\n", state="writing"),
        MessageEntry("m4", "a", "b", "assistant", "", tool_calls=[ToolUse(text, text, text, "ok", text), ToolUse("c", text, text)]),
        RunEntry("r1", text, "m1", [Code(text, text), Code("python", text)], state="ok", is_edited=True, outputs=outputs, output=text),
        RunEntry("r2", text, "m1", [Code("sh", text)], state="proposed"),
        NoticeEntry("n1", text, "error"),
    ]


@hostile
def test_no_text_from_outside_acts_in_the_page(text: str) -> None:
    assert_safe(html_of(everywhere(text), Status(state="ended", reason=text, activity=text, model=text)))


@hostile
def test_no_text_from_outside_acts_in_the_markdown_whatever_renders_it(text: str) -> None:
    markdown = markdown_of(everywhere(text), Status(state="ended", reason=text))
    for page in rendered(markdown):
        made = _Page(page)
        for element, attributes in made.elements:
            assert element in ELEMENTS, element
            assert element != "img", attributes
            assert set(attributes) <= ATTRIBUTES, attributes
            assert LINK.match(attributes.get("href", "http://")), attributes


def rendered(markdown: str) -> Iterator[str]:
    """The Markdown as two engines render it that let everything through."""
    permissive = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    permissive.validateLink = lambda url: True  # type: ignore[method-assign]
    yield permissive.render(markdown)
    if len(markdown) < 100_000:
        renderer = mistune.HTMLRenderer(escape=False, allow_harmful_protocols=True)
        yield str(mistune.create_markdown(renderer=renderer, plugins=["table", "strikethrough"])(markdown))


@hostile
def test_the_plain_text_holds_nothing_a_terminal_obeys(text: str) -> None:
    made = plain_of(everywhere(text), Status(state="ended", reason=text))
    assert not CONTROLS.search(made)


@hostile
def test_the_bundle_of_anything_can_be_saved_and_read_again(text: str) -> None:
    notebook = notebook_of(everywhere(text), Status(state="ended", reason=text))
    nbformat.validate(notebook)
    written = nbformat.writes(notebook).encode("utf-8")
    assert nbformat.reads(written.decode("utf-8"), as_version=4) == notebook


def test_the_corpus_is_large_and_every_attack_in_it_would_be_caught() -> None:
    assert len(HOSTILE) > 60
    assert len(set(NAMES)) == len(NAMES)
    for name in ("script", "image onerror", "svg onload", "iframe", "style url", "meta refresh", "mathml link", "form", "comment"):
        with pytest.raises(AssertionError):
            assert_safe(dict(HOSTILE)[name])


def test_the_gate_takes_nothing_away_from_what_the_page_is_made_of() -> None:
    def elements(page: str) -> list[Any]:
        return [(name, {key: value for key, value in given.items() if key != "rel"}) for name, given in _Page(page).elements]

    made = elements(html_of(*conversation()))
    assert [name for name, _ in (made[0], made[-1])] == ["div", "style"]
    assert made[1:-1] == elements(ungated(*conversation()))


@hostile
def test_no_text_from_outside_acts_in_the_page_even_before_the_gate(text: str) -> None:
    assert_safe(ungated(everywhere(text), Status(state="ended", reason=text)))


@hostile
def test_the_gate_alone_is_enough(text: str) -> None:
    assert_safe(
        re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", "", allowed(re.sub("[\ud800-\udfff]", "", text)))
    )


# Markdown of models


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**b** _i_ ~~s~~", "<strong>b</strong> <em>i</em> <s>s</s>"),
        ("[x](https://a.example)", '<a href="https://a.example"'),
        ("<https://a.example>", '<a href="https://a.example"'),
        ("[x](mailto:a@b.example)", '<a href="mailto:a@b.example"'),
        ("- a\n- b", "<li>a</li>"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("<b>raw</b>", "&lt;b&gt;raw&lt;/b&gt;"),
        ("# Title", ">Title</strong></p>"),
        ("| a |\n|---|\n| 1 |", ">1</td>"),
    ],
)
def test_markdown_is_rendered(markdown: str, expected: str) -> None:
    assert expected in to_html(markdown)


def test_links_do_not_hand_the_notebook_to_the_page_they_open() -> None:
    page = html_of([MessageEntry("m1", "a", "b", "assistant", "[x](https://a.example) ![y](https://b.example/y.png)")], Status())
    links = [attributes for element, attributes in _Page(page).elements if element == "a"]
    assert len(links) == 2
    assert all("noopener" in attributes["rel"] for attributes in links)


def test_a_remote_image_is_a_link_and_fetches_nothing() -> None:
    made = to_html("![a chart](https://a.example/chart.png)")
    assert "<img" not in made
    assert '<a href="https://a.example/chart.png" rel="noopener noreferrer">[image: a chart]</a>' in made


def test_headings_of_a_message_stay_out_of_the_table_of_contents() -> None:
    assert not re.search("<h[1-6]", to_html("# a\n\n## b\n\nc\n---"))


def test_code_keeps_every_character_whatever_its_colours() -> None:
    source = "def f(x: int) -> str:\n\n\treturn f'{x!r:>{3}}' + \"<&>\"  # naïve\n@g\nclass É: ...\n'unclosed"
    for language in ("python", "sh", "json", "sql", "klingon", ""):
        assert code_of(to_html(f"````{language}\n{source}\n````")) == [source]


def code_of(page: str) -> list[str]:
    return [_Page(part).text for part in re.findall("<code.*?</code>", page, re.DOTALL)]


def test_code_in_defused_markdown_is_not_changed() -> None:
    source = 'if a < b:\n    print("![x](y)", "[x](y)")'
    assert source in defused(f"Look:\n```python\n{source}\n```\nand `a[b](c)`")


@pytest.mark.parametrize("text", ["``` a`b\nx", "    ```\n    x", "\\```\nx", "a ~~~ b"])
def test_what_is_no_fence_for_us_is_none_for_any_other_engine(text: str) -> None:
    assert not re.search("`{3}|~{3}", defused(text))


def test_a_fence_in_the_markdown_is_longer_than_any_inside() -> None:
    run = RunEntry("r1", "user", "m1", [], state="ok", exit_code=0, outputs=[printed("````\n# not a heading\n````")])
    markdown = markdown_of([run], Status())
    assert "`````\n````\n# not a heading\n````\n`````" in markdown


# Outputs


def test_a_data_frame_keeps_its_cells_and_loses_all_else() -> None:
    seen = view(displayed({"text/html": TABLE, "text/plain": "  a\n0 1"}))
    assert isinstance(seen, Table)
    assert "<style" not in seen.html
    assert "class=" not in seen.html
    assert re.findall(r"<td>(.*?)</td>", seen.html) == ["1", "2"]


@pytest.mark.parametrize(("mime", "payload", "size"), [("image/png", PNG, "3×2"), ("image/jpeg", JPEG, "3×2")])
def test_an_image_is_known_by_its_bytes(mime: str, payload: str, size: str) -> None:
    seen = view(displayed({mime: payload[:20] + "\n" + payload[20:]}))
    assert isinstance(seen, Picture)
    assert (seen.mime, seen.size, seen.data) == (mime, size, payload)
    other = "image/jpeg" if mime == "image/png" else "image/png"
    assert not isinstance(view(displayed({other: payload})), Picture)


def test_a_drawing_is_an_image_and_never_part_of_the_page() -> None:
    page = page_of(displayed({"image/svg+xml": SVG, "text/plain": "<Figure>"}))
    assert "<svg" not in page
    assert base64.b64encode(SVG.encode()).decode() in page


def test_an_image_says_what_it_is_to_those_who_cannot_see_it() -> None:
    assert 'alt="plot, 3×2"' in page_of(displayed({"image/png": PNG}))
    described = displayed({"image/png": PNG}, {"image/png": {"alt": "Mass by species"}})
    assert 'alt="Mass by species"' in page_of(described)


def test_an_image_is_shown_in_the_size_its_program_wished() -> None:
    assert 'width="30"' in page_of(displayed({"image/png": PNG}, {"image/png": {"width": 30, "height": 20}}))


@pytest.mark.parametrize(
    "data",
    [
        {"application/vnd.plotly.v1+json": {"x": 1}, "text/plain": "Figure(…)"},
        {"text/html": "<div>Figure(…)</div>"},
        {"text/latex": "Figure(…)"},
    ],
)
def test_other_formats_are_shown_as_their_text(data: dict[str, Any]) -> None:
    assert "Figure(…)" in page_of(displayed(data))


def test_a_format_without_text_is_named() -> None:
    assert "[application/x-odd]" in page_of(displayed({"application/x-odd": "x"}))


def test_colours_of_a_program_become_classes() -> None:
    page = page_of(printed("\x1b[1;31mred\x1b[0m plain \x1b[38;5;28mgreen"))
    assert re.search(r'<span class="_red _bold">red</span> plain <span class="_green">green</span>', page)


def test_pieces_of_one_stream_are_one_text() -> None:
    assert "ab" in _Page(page_of(printed("a"), printed("b"))).text


def test_a_long_output_shows_its_beginning_and_folds_the_rest() -> None:
    page = page_of(printed("\n".join(f"line {number}" for number in range(300))))
    shown, hidden = page.split("<details", 1)
    assert "line 19" in shown
    assert "line 20" not in shown
    assert "280 lines more" in hidden
    assert "line 299" in hidden


def test_of_a_long_traceback_the_end_is_shown() -> None:
    page = page_of(failed("E", "v", [f"line {number}" for number in range(300)]))
    hidden, shown = page.split("</details>")
    assert "line 299" in shown
    assert "line 3<" not in shown
    assert "line 3\n" in hidden


def test_a_short_output_is_not_folded() -> None:
    assert "<details" not in page_of(printed("\n".join("x" * 20)))


def page_of(*outputs: dict[str, Any]) -> str:
    return html_of([RunEntry("r1", "user", "m1", [], state="ok", exit_code=0, outputs=list(outputs))], Status())


# Messages and runs


def message(**changes: Any) -> MessageEntry:
    return MessageEntry(**{"id": "m1", "sender": "assistant", "recipient": "user", "role": "assistant", "text": "Hi", **changes})


def run(**changes: Any) -> RunEntry:
    given = {"id": "r1", "agent": "user", "message_id": "m1", "blocks": [Code("python", "print(1)")], "state": "ok", "exit_code": 0}
    return RunEntry(**{**given, **changes})


WORDS: list[Callable[[Sequence[Entry], Status], str]] = [markdown_of, plain_of]
VIEWS = [html_of, *WORDS]


@pytest.mark.parametrize("show", VIEWS)
def test_what_is_no_language_model_says_so(show: Callable[..., str]) -> None:
    assert "not a language model" in show([message(model="builtin/demo", is_language_model=False)], Status())
    assert "not a language model" not in show([message(model="gpt")], Status())


@pytest.mark.parametrize("show", WORDS)
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "ok", "seconds": 1.24}, "ran python"),
        ({"state": "error", "exit_code": 1, "seconds": 0.5}, "failed · exit code 1 · 0.5 s"),
        ({"state": "timeout", "exit_code": 124, "seconds": 60}, "timed out · exit code 124 · 60 s"),
        ({"state": "interrupted", "exit_code": 130}, "interrupted"),
        ({"state": "died", "exit_code": 137}, "the agent kernel died"),
        ({"state": "refused", "exit_code": None}, "did not run python"),
        ({"state": "proposed", "exit_code": None}, "wants to run python"),
        ({"state": "running", "exit_code": None}, "is running python"),
    ],
)
def test_the_state_of_a_run_is_said_in_words(show: Callable[..., str], changes: dict[str, Any], said: str) -> None:
    assert said in show([message(), run(**changes)], Status())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "ok", "seconds": 1.24}, "✓ Done · 1.2 s"),
        ({"state": "ok", "seconds": 125.0}, "✓ Done · 2 min 5 s"),
        ({"state": "error", "exit_code": 1}, "✗ Error"),
        ({"state": "error", "exit_code": 2}, "✗ Error, exit code 2"),
        ({"state": "timeout", "exit_code": 124, "seconds": 60}, "✗ Timed out · 1 min 0 s"),
        ({"state": "interrupted", "exit_code": 130}, "■ Interrupted"),
        ({"state": "died", "exit_code": 137}, "✗ The agent kernel died"),
        ({"state": "refused"}, "Not run"),
        ({"state": "proposed"}, "Not run yet"),
        ({"state": "running"}, "Running"),
        ({"state": "running", "block": 1, "blocks": [Code("sh", "a"), Code("sh", "b")]}, "Running block 2 of 2"),
        ({"state": "ok", "seconds": 1.0, "is_edited": True}, "✓ Done · 1 s · edited by you"),
    ],
)
def test_the_page_says_the_state_of_a_run_as_the_live_view_does(changes: dict[str, Any], said: str) -> None:
    assert said in _Page(html_of([message(), run(**changes)], Status())).text


@pytest.mark.parametrize("show", VIEWS)
def test_code_is_shown_again_only_when_a_person_edited_it_or_its_message_is_missing(show: Callable[..., str]) -> None:
    def has_code(*entries: Entry) -> bool:
        made = show(entries, Status())
        return "print(1)" in (_Page(made).text if show is html_of else made)

    assert not has_code(message(), run())
    assert has_code(message(), run(is_edited=True))
    assert has_code(run())


def test_what_the_model_reads_can_be_looked_at() -> None:
    page = html_of([message(), run(output="exitcode: 0")], Status())
    assert re.search(r"<details.*What the assistant reads.*exitcode: 0.*</details>", page, re.DOTALL)


READS = "What the assistant reads"
SHOWN = [
    printed("\x1b[32mGentoo\x1b[0m\n"),
    printed("2 rows have gaps\n", "stderr"),
    displayed({"image/png": PNG, "text/plain": "<Figure>"}),
]
TABLES = [displayed({"text/html": TABLE, "text/plain": "species"})]


def test_what_the_model_reads_is_not_shown_again_where_it_is_what_anyone_sees() -> None:
    page = html_of([message(), run(outputs=SHOWN, output="Gentoo\n2 rows have gaps\n[image/png 3x2]")], Status())
    assert "2 rows have gaps" in page
    assert READS not in page


@pytest.mark.parametrize(
    "changes",
    [
        {"outputs": SHOWN, "output": outputs_text(SHOWN) + "\n(The kernel was restarted.)"},
        {"outputs": SHOWN, "output": outputs_text(SHOWN), "state": "error", "exit_code": 1},
        {"outputs": [printed("Gentoo\n" * 9)], "output": "Gentoo\n… [56 characters cut]"},
        {"outputs": TABLES, "output": outputs_text(TABLES)},
        {"outputs": [displayed({"text/plain": "5076"})], "output": "5076"},
        {"outputs": [{"data": {"image/png": PNG}}], "output": "[image/png 3x2]"},
        {"outputs": [], "output": "Gentoo"},
    ],
    ids=["noted", "failed", "cut", "table", "result", "odd", "nothing shown"],
)
def test_what_the_model_reads_can_be_looked_at_where_it_says_or_omits_anything(changes: dict[str, Any]) -> None:
    assert READS in html_of([message(), run(**changes)], Status())


USES = [
    ToolUse("c1", "add", '{"a": 1}', "ok", "it is 2", 0.02),
    ToolUse("c2", "sub", "{}", "error", "Error: no"),
    ToolUse("c3", "mul", "{}"),
    ToolUse("c4", "div", '{"a": 1}', "running"),
]


def test_the_markdown_of_a_message_that_only_calls_tools_shows_the_calls_and_their_results() -> None:
    made = markdown_of([message(text="", tool_calls=USES)], Status())
    for said in ('add({"a": 1})', "add returned · 0.02 s", "it is 2", "sub failed", "Error: no", "mul was asked for", "div is running"):
        assert said in made


def test_the_page_shows_tool_calls_as_the_live_view_does() -> None:
    text = _Page(html_of([message(text="", tool_calls=USES)], Status())).text
    for said in ('✓ add({"a": 1}) Done 0.02 s', "✗ sub() Error", "mul() Not run yet", 'div({"a": 1}) Running'):
        assert said in text


def test_the_result_of_a_tool_is_folded_unless_it_failed() -> None:
    folds = [given for name, given in _Page(html_of([message(text="", tool_calls=USES)], Status())).elements if name == "details"]
    assert ["open" in given for given in folds] == [False, True]


def test_long_arguments_of_a_tool_are_folded_and_laid_out() -> None:
    use = ToolUse("c1", "query", json.dumps({"sql": "select * from penguins where " + "x and " * 20, "limit": 3}))
    page = html_of([message(text="", tool_calls=[use])], Status())
    shown, hidden = page.split("<details>")
    assert "…)</code>" in shown
    assert "Arguments</summary>" in hidden
    assert "x and &quot;,\n  &quot;limit&quot;: 3\n}</pre>" in hidden.replace('"', "&quot;")


def test_a_groups_manager_is_not_named_as_the_recipient_of_every_message() -> None:
    asked = message(id="m1", sender="user", recipient="chat_manager")
    assert "to chat_manager" in html_of([asked], Status())
    group = [asked, message(id="m2", sender="coder", recipient="chat_manager")]
    assert "to chat_manager" not in html_of(group, Status())
    answered = [*group, message(id="m3", sender="chat_manager", recipient="user")]
    assert "to chat_manager" in html_of(answered, Status())


@pytest.mark.parametrize("show", VIEWS)
def test_an_empty_message_takes_no_room(show: Callable[..., str]) -> None:
    assert "assistant" not in show([message(text="")], Status())


@pytest.mark.parametrize("show", WORDS)
def test_the_end_says_why_and_what_it_took(show: Callable[..., str]) -> None:
    status = Status(state="ended", reason="done", prompt_tokens=2400, completion_tokens=160, usd=0.0024)
    assert "Chat ended: done · 2,400 tokens in · 160 out · 0.0024 USD" in show([], status).replace("\\", "")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status(state="ended", reason="done", prompt_tokens=2400, completion_tokens=160, usd=0.0024), "Ended: done2.6K tokens, $0.0024"),
        (Status(state="ended", prompt_tokens=1_200_000, completion_tokens=0, usd=1.5), "Ended1.2M tokens, $1.50"),
        (Status(state="ended", prompt_tokens=300, completion_tokens=12, usd=None), "Ended312 tokens, cost unknown"),
        (Status(state="ended", model="m", prompt_tokens=13_000, usd=0.0), "Endedm · 13K tokens"),
        (Status(state="running", activity="assistant is writing"), "Assistant is writing"),
        (Status(state="waiting"), "Waiting for you"),
        (Status(), "Starting"),
    ],
)
def test_the_page_begins_with_the_header_of_the_live_view(status: Status, said: str) -> None:
    assert _Page(html_of([message(text="First words")], status)).text.startswith(said)


def test_the_header_names_the_model_that_wrote_and_whether_it_is_a_language_model() -> None:
    demo, real = message(model="builtin/demo", is_language_model=False), message(id="m2", model="gpt")
    assert _Page(html_of([real, demo], Status(model="builtin/demo"))).text.startswith("Startingbuiltin/demo · not a language model")
    assert "not a language model" not in html_of([demo, real], Status(model="gpt"))


# The looks of the live view


STYLES = Path(__file__).parents[2] / "labextension" / "style"


def test_the_page_is_as_high_as_the_live_view_may_be() -> None:
    height = re.search(r"\.aj-chat {[^}]*?max-height: ([^;]+);", (STYLES / "layout.css").read_text())
    assert height is not None
    assert f"max-height:{height[1].replace(', ', ',')};" in html_of([], Status())


def test_agents_have_the_colours_of_the_live_view_in_the_order_in_which_they_speak() -> None:
    theme = (STYLES / "theme.css").read_text()
    colors = re.findall(r"--aj-agent: (#\w+);", theme)
    assert len(colors) == 5
    page = html_of([message(id=str(number), sender=f"agent{number}") for number in range(6)], Status())
    assert re.findall(r"\._a\d{--a:(#\w+)}", SHEET) == colors
    assert re.findall(r'class="_msg(.*?)"', page) == ["", " _a1", " _a2", " _a3", " _a4", " _a5"]
    first = html_of([message(sender="b"), message(id="m2", sender="a"), message(id="m3", sender="b")], Status())
    assert re.findall(r'class="_msg(.*?)"', first) == ["", " _a1", ""]


def test_the_log_can_be_reached_and_scrolled_with_the_keyboard() -> None:
    page = html_of([message()], Status())
    assert len([1 for _, given in _Page(page).elements if (given.get("role"), given.get("aria-label"), given.get("tabindex")) == LOG]) == 1


LOG = ("region", "Agent chat", "0")


def test_the_text_reads_in_order_whatever_the_styles() -> None:
    entries = [message(id=str(number), text=f"text {number}.") for number in range(5)]
    text = _Page(html_of(entries, Status())).text
    assert sorted(range(5), key=lambda number: text.index(f"text {number}.")) == list(range(5))


def test_the_letter_of_an_avatar_is_no_text_of_the_page() -> None:
    page = html_of([message(sender="émile")], Status())
    assert [given["data-a"] for _, given in _Page(page).elements if "data-a" in given] == ["É"]
    assert "É" not in _Page(page.replace(SHEET, "")).text


def test_code_stands_in_a_frame_under_the_name_of_its_language() -> None:
    assert '<div class="_code"><div>sql</div><pre><code>' in to_html("```sql\nselect 1\n```")


# Notices


HOW_TO = 'No model found: a & b.\nTo use one:\n    ollama pull qwen3:8b\n    %%agentchat -m "x"\nThat is all.'


def test_of_a_long_notice_the_first_line_is_shown_and_the_rest_is_folded() -> None:
    page = html_of([NoticeEntry("n1", HOW_TO)], Status())
    shown, hidden = page.split("<details>")
    assert shown.endswith("No model found: a &amp; b.")
    assert re.search(r"<pre[^>]*>    ollama pull qwen3:8b\n    %%agentchat -m &quot;x&quot;</pre>", hidden.replace('"x"', "&quot;x&quot;"))
    assert "That is all." in hidden


def test_a_notice_of_one_line_is_not_folded() -> None:
    assert "<details" not in html_of([NoticeEntry("n1", "The kernel was restarted.\n")], Status())


@pytest.mark.parametrize("level", ["warning", "error"])
def test_the_level_of_a_notice_is_said_where_its_colour_is_not_seen(level: Any) -> None:
    assert f"{level.capitalize()}: Slow." in _Page(html_of([NoticeEntry("n1", "Slow.", level)], Status())).text


# The bundle


def notebook_of(entries: Sequence[Entry], status: Status) -> nbformat.NotebookNode:
    output = nbformat.v4.new_output("display_data", bundle(entries, status, versions={"autogen_jupyter": "0"}))
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%%agentchat", outputs=[output])])


def test_the_bundle_is_a_valid_output_that_json_can_hold() -> None:
    made = bundle(*conversation(), versions={"autogen_jupyter": "0.1"})
    assert set(made) == {MIME, "text/html", "text/markdown", "text/plain"}
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert made[MIME]["version"] == 2
    assert made[MIME]["versions"] == {"autogen_jupyter": "0.1"}
    nbformat.validate(notebook_of(*conversation()))


def test_every_large_payload_is_in_the_bundle_once() -> None:
    large = base64.b64encode(base64.b64decode(PNG) + b"\0" * 90_000).decode()
    drawing = SVG.replace("</svg>", "<!-- " + "drawn " * 9_000 + "--></svg>")
    text = "".join(f"{number} printed\n" for number in range(20_000))
    outputs = [displayed({"image/png": large + "\n", "text/plain": "<Figure>"}), displayed({"image/svg+xml": drawing}), printed(text)]
    outputs += [displayed({"application/x-odd": "odd" * 20_000, "text/plain": "odd"})]
    whole = json.dumps(bundle([run(outputs=outputs)], Status(), versions={}))
    for payload in (large, base64.b64encode(drawing.encode()).decode(), "19999 printed", "odd" * 20_000):
        assert whole.count(payload) == 1
    assert "drawn drawn" not in whole


def test_the_entries_come_back_whole() -> None:
    large = base64.b64encode(base64.b64decode(PNG) + b"\0" * 9_000).decode()
    drawing = SVG.replace("</svg>", "<!-- " + "ä" * 2_000 + "--></svg>")
    outputs = [displayed({"image/png": large}), displayed({"image/svg+xml": drawing}), displayed({"image/png": PNG}), printed("x")]
    outputs += [displayed({"image/png": large, "image/jpeg": JPEG})]
    made = bundle([message(), run(outputs=outputs)], Status(), versions={})
    assert made[MIME]["entries"][1]["outputs"][0]["data"]["image/png"] == {"$ref": "text/html", "image": 0}
    assert entries_of(made)[1]["outputs"] == outputs
    assert entries_of(json.loads(json.dumps(made))) == entries_of(made)


def test_a_small_image_stays_where_it_is() -> None:
    made = bundle([run(outputs=[displayed({"image/png": PNG})])], Status(), versions={})
    assert made[MIME]["entries"][0]["outputs"][0]["data"]["image/png"] == PNG


def test_an_image_the_page_does_not_show_stays_in_the_entries() -> None:
    broken = "!" * 5_000
    made = bundle([run(outputs=[displayed({"image/png": broken})])], Status(), versions={})
    assert made[MIME]["entries"][0]["outputs"][0]["data"]["image/png"] == broken


def test_without_its_page_the_entries_come_back_without_images() -> None:
    large = base64.b64encode(base64.b64decode(PNG) + b"\0" * 9_000).decode()
    made = bundle([run(outputs=[displayed({"image/png": large, "text/plain": "x"})])], Status(), versions={})
    del made["text/html"]
    assert entries_of(made)[0]["outputs"][0]["data"] == {"text/plain": "x"}


def test_making_a_bundle_changes_nothing_in_the_entries() -> None:
    entries, status = conversation()
    before = json.dumps([vars(entry) for entry in entries], default=vars)
    bundle(entries, status, versions={})
    assert json.dumps([vars(entry) for entry in entries], default=vars) == before


@pytest.mark.parametrize("exporter", [nbconvert.HTMLExporter, nbconvert.MarkdownExporter])
def test_nbconvert_shows_the_conversation(exporter: Callable[[], Any]) -> None:
    exported, _ = exporter().from_notebook_node(notebook_of(*conversation()))
    for words in (
        "not a language model",
        "Gentoo",
        "5076.02",
        "KeyError",
        "data:image/png;base64," + PNG,
        "Ended: the task is done",
        "2.7K",
    ):
        assert words in exported


def test_an_unfinished_chat_says_what_it_is_doing() -> None:
    status = Status(state="running", activity="assistant is writing")
    assert "Assistant is writing" in html_of([], status)
    assert "assistant is writing" in markdown_of([], status)
