"""Every hostile text in every place of the live view, in JupyterLab itself."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.hostile import BUNDLES, HOSTILE, MARKER

from .jupyter import Notebook
from .test_chat_view import START

PLAY = """
from tests.hostile import BUNDLES, HOSTILE
def play(number, name, text):
    said = script.say(text[:300], text[:300], text, reasoning=text, tool_calls=[ToolUse("c", text[:300], text, "ok", text, 0.1)])
    outputs = [{"output_type": "stream", "name": "stdout", "text": text},
               {"output_type": "error", "ename": text[:300], "evalue": text, "traceback": [text]},
               *({"output_type": "display_data", "metadata": {}, "data": {type_: text, "text/plain": "x"}}
                 for type_ in ("text/html", "text/markdown", "text/latex", "image/svg+xml"))]
    script.put(RunEntry(f"r{number}", text[:300], said, [Code(text[:100], text)], state="ok", is_edited=True, outputs=outputs, output=text))
    script.put(NoticeEntry(f"n{number}", text, "warning"))
"""
STEP = """
script.entries.clear()
for number, (name, text) in enumerate(short[{first}:{last}]):
    play({first} + number, name, text)
script.now(activity=short[{first}][1], reason=short[{first}][1], model=short[{first}][1])
print("played")
"""
BUNDLE = """
script.entries.clear()
said = script.say("assistant", "user", "Look")
outputs = [{"output_type": "display_data", "metadata": metadata, "data": data} for _, data, metadata in BUNDLES]
script.put(RunEntry("bundles", "user", said, [], state="ok", outputs=outputs))
print("played")
"""
ASK = """
for name, text in short[::6]:
    await script.ask("approval", text, prompt=text)
    await script.ask("choice", prompt=text, choices=(text[:200], "b"))
print("asked")
"""
SHORT = "short = [(name, text) for name, text in HOSTILE if len(text) < 2_000]\n"
GLOBALS = "() => Object.getOwnPropertyNames(window).filter((name) => !/^(?:MathJax|__|webpack|on|mermaid|longTask|\\d)/.test(name)).sort()"

PLOTLY = {"Plotly", "PlotlyGeoAssets", "PolyBool", "sprintf", "vsprintf"}
"""What the application's extension for Plotly leaves in a page when it draws its first chart."""


def test_two_hundred_texts_in_the_view_do_nothing(lab: Notebook):
    assert len(HOSTILE) + len(BUNDLES) >= 200
    count = len([text for _, text in HOSTILE if len(text) < 2_000])
    steps = [STEP.format(first=first, last=first + 30) for first in range(0, count, 30)]
    lab.open([START + PLAY + SHORT, *steps, BUNDLE, ASK])
    lab.run_cell(0)
    expect(lab.chat).to_be_visible()
    before, title, url = lab.page.evaluate(GLOBALS), lab.page.title(), lab.page.url
    for index in range(1, len(steps) + 2):
        lab.run_cell(index)
        lab.wait_for_text(index, "played")
        lab.page.wait_for_timeout(800)  # what would act by itself gets the time to
        _opened(lab)
        _harmless(lab, f"step {index}")
    ask = len(steps) + 2
    lab.run_cell(ask)
    while not lab.has_ended(ask):
        lab.chat.locator(".aj-form:not([inert]) button:enabled").first.click(timeout=10_000)
        _harmless(lab, "question")
        lab.page.wait_for_timeout(60)
    lab.wait_for_text(ask, "asked")
    assert (lab.page.url, lab.page.title()) == (url, title)
    assert set(lab.page.evaluate(GLOBALS)) - set(before) <= PLOTLY


def _opened(lab: Notebook) -> None:
    """Unfold everything, as a curious reader would."""
    lab.chat.evaluate("(chat) => chat.querySelectorAll('details').forEach((one) => { one.open = true; })")


def _harmless(lab: Notebook, where: str) -> None:
    assert lab.page.evaluate(f"window.{MARKER}") is None, where
    assert (lab.dialogs, lab.requests) == ([], []), where
    found = lab.chat.evaluate(
        """(chat) => {
        const ACTING = 'script, iframe, object, embed, form, base, meta, link, dialog, video', SAFE = ['http:', 'https:', 'mailto:'];
        return [...chat.querySelectorAll('*')].flatMap((element) => [
            ...element.getAttributeNames().filter((name) => /^on/.test(name)),
            ...(element.matches(ACTING) && !element.matches('.vega-embed form') ? [element.tagName] : []),
            ...(element.tagName === 'A' && element.href && !SAFE.includes(element.protocol) ? [element.href] : []),
            ...(element.tagName === 'IMG' && !/^(?:data:|blob:|$)/.test(element.src) ? [element.src] : []),
            ...(getComputedStyle(element).position === 'fixed' ? ['fixed ' + element.outerHTML.slice(0, 80)] : []),
        ]); }"""
    )
    assert found == [], where
