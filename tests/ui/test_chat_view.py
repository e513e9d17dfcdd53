"""The chat view in a real browser, driven by cells that play a conversation."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from .jupyter import ROOT, Notebook

START = """
import asyncio, base64, io
from dataclasses import replace
from IPython.display import display
from tests.ui.scripts import *
script = Script()
display(script.widget)
"""
APPROVAL = START + "answer = await script.ask('approval', 'a = 1')\nprint('answer:', answer.action, answer.text, answer.code)"


@pytest.fixture(params=["lab", "notebook7"])
def notebook(request: pytest.FixtureRequest) -> Notebook:
    return request.getfixturevalue(request.param)


def test_a_message_streams_in_while_the_cell_runs(notebook: Notebook):
    words = " ".join(f"word{i}" for i in range(300))
    cell = f"""
id_ = script.say("assistant", "user", "", state="writing")
for word in {words!r}.split():
    script.grow(id_, word + " ")
    await asyncio.sleep(0.005)
script.grow(id_, "\\n\\nThe **end** of it.\\n\\n```python\\nprint('hi')\\n```\\n")
script.put(replace(script.entries[id_], state="done"))
print("said")
"""
    notebook.open([START + cell])
    notebook.run_cell(0)
    message = notebook.chat.get_by_role("article", name="assistant to user")
    expect(message).to_contain_text("word5 ")
    assert "said" not in notebook.cell_text(0)
    notebook.wait_for_text(0, "said")
    expect(message.locator("strong")).to_have_text("end")
    assert words in message.inner_text()
    expect(notebook.chat.get_by_role("log", name="Agent chat")).to_be_visible()
    expect(message.get_by_role("button", name="Copy code")).to_be_visible()


def test_nothing_said_before_the_view_exists_is_lost(lab: Notebook):
    lab.open(
        [START + "for i in range(200):\n    script.say('assistant', 'user', f'message {i}')\nimport time; time.sleep(2)\nprint('said')"]
    )
    lab.run_cell(0)
    lab.wait_for_text(0, "said")
    expect(lab.chat.get_by_role("article").last).to_contain_text("message 199")
    lab.chat.get_by_role("button", name="earlier").click()
    expect(lab.chat.get_by_role("article")).to_have_count(200)
    expect(lab.chat.get_by_role("article").first).to_contain_text("message 0")


def test_an_approval_is_given_by_a_click_while_the_cell_waits(notebook: Notebook):
    notebook.open([APPROVAL, "print('next')"])
    notebook.run_cell(0)
    notebook.chat.get_by_role("button", name="Run", exact=True).click()
    notebook.wait_for_text(0, "answer: run  None")
    expect(notebook.chat.get_by_role("button", name="Run", exact=True)).to_have_count(0)


def test_code_is_edited_before_it_runs(lab: Notebook):
    lab.open([APPROVAL])
    lab.run_cell(0)
    lab.chat.get_by_role("button", name="Edit").click()
    box = lab.chat.get_by_role("textbox", name="Code to run")
    expect(box).to_be_focused()
    lab.screenshot("edit")
    box.fill("a = 2")
    lab.chat.get_by_role("button", name="Run edited code").click()
    lab.wait_for_text(0, "answer: run  ['a = 2']")


def test_keys_of_the_notebook_do_nothing_while_somebody_answers(lab: Notebook):
    lab.open([APPROVAL, "1", "2"])
    lab.run_cell(0)
    lab.chat.get_by_role("button", name="Reply").click()
    box = lab.chat.get_by_role("textbox", name="Your reply")
    box.press_sequentially("add a mean, ddaabb please")
    box.press("Escape")
    expect(lab.chat.get_by_role("button", name="Reply")).to_be_focused()
    lab.page.keyboard.press("d")
    lab.page.keyboard.press("d")
    lab.chat.get_by_role("button", name="Reply").click()
    box.press("Control+Enter")
    lab.wait_for_text(0, "answer: reply add a mean, ddaabb please None")
    assert lab.page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length") == 3


@pytest.mark.parametrize(
    ("kind", "options", "steps", "expected"),
    [
        ("reply", "", [("fill", "Your reply", "hello"), ("click", "Send")], "answer: reply hello"),
        ("reply", "", [("click", "Continue")], "answer: continue"),
        ("reply", "is_last=True", [("click", "End chat")], "answer: end"),
        ("choice", "choices=('critic', 'coder')", [("click", "coder")], "answer: choose coder"),
        ("text", "prompt='Your name? '", [("fill", "Your name?", "Ada"), ("click", "Send")], "answer: text Ada"),
        ("password", "prompt='Password: '", [("fill", "Password:", "s3cret"), ("click", "Send")], "answer: text s3cret"),
    ],
)
def test_every_kind_of_question_can_be_answered(lab: Notebook, kind, options, steps, expected):
    lab.open([START + f"answer = await script.ask({kind!r}, {options})\nprint('answer:', answer.action, answer.text)"])
    lab.run_cell(0)
    buttons = lab.chat.locator(".aj-form:not([inert]) .aj-actions").first.get_by_role("button")
    expect(buttons.first).to_be_visible()
    assert len({box["y"] for one in buttons.all() if (box := one.bounding_box())}) == 1  # one line
    for step, name, *text in steps:
        if step == "click":
            lab.chat.get_by_role("button", name=name, exact=True).click()
        else:
            lab.chat.get_by_label(name).fill(text[0])
    lab.wait_for_text(0, expected)


def test_stop_reaches_the_kernel(lab: Notebook):
    wait = "while not any(m.kind == 'stop_requested' for m in script.heard):\n    await asyncio.sleep(0.05)\nprint('stopped')"
    lab.open([START + "script.now(activity='assistant is writing')\n" + wait])
    lab.run_cell(0)
    expect(lab.chat.get_by_role("status").first).to_have_text("Assistant is writing")
    lab.chat.get_by_role("button", name="Stop").click()
    lab.wait_for_text(0, "stopped")


OUTPUTS = """
import pandas as pd
import matplotlib; matplotlib.use("agg")
import matplotlib.pyplot as plt
said = script.say("assistant", "user", "Let me see.")
script.put(RunEntry("r1", "user", said, [Code("python", "…")], state="running"))
script.output("r1", {"output_type": "stream", "name": "stdout", "text": "start\\n"})
for i in range(300):
    script.append("r1", f"line {i}\\n")
frame = pd.DataFrame({"species": ["Adelie", "Gentoo"], "mass": [3700.7, 5076.0]})
script.output("r1", {"output_type": "execute_result", "metadata": {}, "data": {"text/html": frame.to_html(), "text/plain": str(frame)}})
figure, axes = plt.subplots(figsize=(5, 2.5))
axes.bar(frame.species, frame.mass)
buffer = io.BytesIO(); figure.savefig(buffer, format="png"); plt.close(figure)
png = base64.b64encode(buffer.getvalue()).decode()
script.output("r1", {"output_type": "display_data", "metadata": {}, "data": {"image/png": png, "text/plain": "<Figure>"}})
svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="teal"/></svg>'
script.output("r1", {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": svg, "text/plain": "<SVG>"}})
script.output("r1", {"output_type": "display_data", "metadata": {}, "data": {"text/latex": "$E = mc^2$", "text/plain": "E"}})
try:
    1 / 0
except ZeroDivisionError:
    import sys; from IPython.core.ultratb import VerboseTB
    lines = get_ipython().InteractiveTB.structured_traceback(*sys.exc_info())
script.output("r1", {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": lines})
script.put(replace(script.entries["r1"], state="error", exit_code=1, seconds=0.5, output="division by zero, says the text for the model"))
print("done")
"""


def test_outputs_look_as_in_a_cell(lab: Notebook):
    lab.open([START + OUTPUTS])
    lab.run_cell(0)
    lab.wait_for_text(0, "done")
    run = lab.chat.get_by_role("article", name="Code run by user: Error")
    expect(run.locator("table.dataframe td").first).to_have_text("Adelie")
    expect(run.locator("img")).to_have_count(2)
    for image in run.locator("img").all():
        image.evaluate("(image) => image.decode()")
        assert image.evaluate("(image) => image.naturalWidth") > 0
    expect(run.locator("mjx-container, .MathJax").first).to_be_visible()
    expect(run.locator("[data-type=error]")).to_contain_text("ZeroDivisionError: division by zero")
    assert run.locator("[data-type=error] [class*=ansi-]").count() > 0
    lab.screenshot("outputs", lab.chat)


def test_a_long_text_is_collapsed_and_never_cut(lab: Notebook):
    lab.open([START + OUTPUTS])
    lab.run_cell(0)
    lab.wait_for_text(0, "done")
    stream = lab.chat.locator("[data-type=stream]")
    expect(stream.get_by_role("button")).to_have_text("Show all (301 lines, 3 kB)")
    expect(stream).not_to_contain_text("line 299")
    stream.get_by_role("button").click()
    expect(stream.locator("pre")).to_contain_text("line 299")
    assert stream.locator("pre").inner_text().count("line ") == 300


def test_what_the_assistant_reads_is_a_click_away(lab: Notebook):
    lab.open([START + OUTPUTS])
    lab.run_cell(0)
    lab.wait_for_text(0, "done")
    text = lab.chat.get_by_text("division by zero, says the text for the model", exact=True)
    expect(text).not_to_be_visible()
    lab.chat.get_by_text("What the assistant reads").click()
    expect(text).to_be_visible()


def test_hostile_content_neither_acts_nor_tells(lab: Notebook):
    source = (ROOT / "labextension" / "tests" / "hostile.ts").read_text(encoding="utf-8")
    strings = hostile_strings(lab, source)
    assert len(strings) > 100
    cell = f"""
strings = {strings!r}
script.put(RunEntry("r0", "user", "", [], state="running"))
for text in strings:
    script.say(text[:40], "user", text)
    for kind in ("text/html", "text/markdown", "text/plain", "text/latex", "image/svg+xml", "application/json", "application/javascript"):
        script.output("r0", {{"output_type": "display_data", "metadata": {{}}, "data": {{kind: text, "text/plain": text}}}})
    script.output("r0", {{"output_type": "stream", "name": "stdout", "text": text}})
    script.output("r0", {{"output_type": "error", "ename": text, "evalue": text, "traceback": [text]}})
script.say("assistant", "user", "the end")
await asyncio.sleep(1)
print("said")
"""
    lab.open([START + cell])
    before = lab.page.evaluate("Object.keys(window).sort()")
    lab.run_cell(0)
    lab.wait_for_text(0, "said", timeout=60)
    expect(lab.chat.get_by_role("article").last).to_contain_text("the end")
    expect(lab.chat.locator("[data-type=error]")).to_have_count(len(strings), timeout=60_000)
    lab.page.wait_for_timeout(1000)  # whatever was going to be fetched or run has had its chance
    assert (lab.dialogs, lab.requests) == ([], [])
    assert set(lab.page.evaluate("Object.keys(window).sort()")) - set(before) <= {"MathJax"}
    assert lab.chat.locator("iframe, form, object, embed, video, audio").count() == 0
    assert lab.chat.locator(".aj-entry img").evaluate_all("(all) => all.filter((one) => !one.src.startsWith('data:')).length") == 0
    assert lab.page.locator(".jp-Dialog").count() == 0


def hostile_strings(notebook: Notebook, source: str) -> list[str]:
    """Return the corpus of the TypeScript tests: array literals that a browser can read once the types are gone."""
    script = source.replace("export const", "const").replace(": string[]", "")
    return list(dict.fromkeys(notebook.page.evaluate(f"(() => {{ {script}; return [...HOSTILE_MARKDOWN, ...HOSTILE_TEXT]; }})()")))


def test_a_page_that_is_loaded_again_shows_the_chat_and_the_open_question(lab: Notebook):
    said = START + "script.say('user', 'assistant', 'How many?')\nscript.say('assistant', 'user', 'Let me *count*.')\n"
    lab.open(
        [
            said + "async def go():\n    globals()['answer'] = await script.ask('approval', 'a = 1')\ntask = asyncio.create_task(go())",
            "print(answer)",
        ]
    )
    lab.run_cell(0)
    expect(lab.chat.get_by_role("button", name="Run", exact=True)).to_be_visible()
    lab.reload()
    expect(lab.chat.get_by_role("article")).to_have_count(2)
    expect(lab.chat.locator("em")).to_have_text("count")
    lab.chat.get_by_role("button", name="Run", exact=True).click()
    expect(lab.chat.get_by_role("button", name="Run", exact=True)).to_have_count(0)
    lab.run_cell(1)
    lab.wait_for_text(1, "action='run'")


AT_END = """() => {
    const log = document.querySelector("[role=log]");
    return log !== null && log.scrollHeight > 2 * log.clientHeight && log.scrollHeight - log.scrollTop - log.clientHeight < 2;
}"""


def test_the_reader_is_not_pulled_down_while_reading(lab: Notebook):
    cell = "for i in range(40):\n    script.say('assistant', 'user', f'message {i}\\n\\nsecond line')\n"
    more = "for i in range(5):\n    script.say('assistant', 'user', f'more {i}')\n    await asyncio.sleep(0.1)\nprint('more said')"
    lab.open([START + cell, more])
    lab.run_cell(0)
    log = lab.chat.get_by_role("log")
    lab.page.wait_for_function(AT_END)
    log.evaluate("(log) => { log.scrollTop = 100; }")
    lab.run_cell(1)
    lab.wait_for_text(1, "more said")
    expect(lab.chat.get_by_role("button", name="Jump to latest")).to_be_visible()
    assert log.evaluate("(log) => log.scrollTop") == pytest.approx(100, abs=2)
    lab.chat.get_by_role("button", name="Jump to latest").click()
    lab.page.wait_for_function(AT_END)


def test_the_log_tells_a_screen_reader_when_a_message_is_whole(lab: Notebook):
    lab.open(
        [
            START + "id_ = script.say('assistant', 'user', 'so far', state='writing')",
            "script.put(replace(script.entries[id_], state='done'))",
        ]
    )
    lab.run_cell(0)
    log = lab.chat.get_by_role("log", name="Agent chat")
    expect(log).to_have_attribute("aria-busy", "true")
    lab.run_cell(1)
    expect(log).to_have_attribute("aria-busy", "false")


def test_a_kernel_that_went_away_is_told(lab: Notebook):
    lab.open([START + "script.say('assistant', 'user', 'still here')"])
    lab.run_cell(0)
    expect(lab.chat.get_by_role("article")).to_have_count(1)
    lab.page.evaluate("void window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    left = lab.page.locator(".jp-Notebook:visible .jp-OutputArea").first
    expect(left).to_contain_text("Disconnected")
    expect(left).to_contain_text("still here")
    lab.wait_for_kernel()


def test_theme_narrow_page_and_page_errors(lab: Notebook):
    lab.open([START + OUTPUTS])
    lab.page.set_viewport_size({"width": 560, "height": 900})
    try:
        lab.set_theme("JupyterLab Dark")
        lab.run_cell(0)
        lab.wait_for_text(0, "done")
        expect(lab.chat).to_have_attribute("data-scheme", "dark")
        lab.screenshot("narrow-dark")
        assert lab.chat.evaluate("(chat) => chat.scrollWidth <= chat.clientWidth")
    finally:
        lab.set_theme("JupyterLab Light")
        lab.page.set_viewport_size({"width": 1280, "height": 900})
    assert json.dumps(lab.errors) == "[]"


TEAM = """
sent = [("user", "Which penguins are heaviest, and why?"), ("planner", "First the data, then a check."),
        ("coder", ""), ("critic", "Is the sample **large** enough?"), ("writer", "Gentoo, with 5076 g on average.")]
query = "select species, avg(body_mass_g) as mass from penguins group by species order by mass desc limit 3"
uses = [
    ToolUse("c1", "add", '{"a": 1, "b": 2}', "ok", "3", 0.02),
    ToolUse("c2", "run_query", json.dumps({"query": query, "options": {"limit": 3, "dry": False}}), "ok", "Gentoo 5076", 1.2),
    ToolUse("c3", "fetch", '{"url": "https://a.example/<img src=x onerror=alert(1)>"}', "error", "Error: <b>no</b> such host", 0.4),
    ToolUse("c4", "plot", '{"kind": "bar"}', "running"),
    ToolUse("c5", "save", "{}"),
]
for sender, text in sent:
    script.say(sender, "chat_manager", text, **({"tool_calls": uses} if sender == "coder" else {}))
script.now(activity="writer speaks next (chosen by a-model)")
"""
CALL = """
call = 'send_mail({"to": "all@a.example", "text": "Gentoo penguins are heaviest: 5076 g on average, 1300 g more than Adelie."})'
answer = await script.ask("approval", call, language="json")
print("answer:", answer.action)
"""


def test_a_group_with_tools(lab: Notebook):
    lab.open([START.replace("import asyncio", "import asyncio, json") + TEAM + CALL])
    lab.run_cell(0)
    chat = lab.chat
    expect(chat.get_by_role("status").first).to_have_text("Writer speaks next (chosen by a-model)")
    messages = chat.get_by_role("article")
    expect(messages).to_have_count(5)
    expect(chat.get_by_text("to chat_manager")).to_have_count(0)
    expect(chat.get_by_role("article", name="critic to chat_manager")).to_be_visible()
    colors = messages.locator(".aj-avatar").evaluate_all("(all) => all.map((one) => getComputedStyle(one).color)")
    assert len(set(colors)) == 5

    words = [f"Call of {name}" for name in ("add: Done", "run_query: Done", "fetch: Error", "plot: Running", "save: Not run yet")]
    for name in words:
        expect(chat.get_by_role("group", name=name)).to_be_attached()
    expect(chat.get_by_role("group", name="Call of add")).to_contain_text('add({"a": 1, "b": 2}) Done 0.02 s')
    query = chat.get_by_role("group", name="Call of run_query")
    pretty = query.get_by_text('"limit": 3')
    expect(pretty).not_to_be_visible()
    query.get_by_text("Arguments").click()
    expect(pretty).to_be_visible()
    failed = chat.get_by_role("group", name="Call of fetch")
    expect(failed.get_by_text("Error: <b>no</b> such host", exact=True)).to_be_visible()
    assert failed.locator("img, b").count() == 0
    try:
        for name, theme, width in (("light", "Light", 1280), ("dark", "Dark", 1280), ("narrow", "Light", 930)):
            lab.set_theme(f"JupyterLab {theme}")
            lab.page.set_viewport_size({"width": width, "height": 900})
            expect(chat).to_have_attribute("data-scheme", theme.lower())
            lab.screenshot(f"tools-{name}-end", chat)
            chat.get_by_role("log").evaluate("(log) => { log.scrollTop = 0; }")
            lab.screenshot(f"tools-{name}", chat)
            chat.get_by_role("log").evaluate("(log) => { log.scrollTop = log.scrollHeight; }")
            assert chat.evaluate("(chat) => chat.scrollWidth <= chat.clientWidth")
    finally:
        lab.set_theme("JupyterLab Light")
        lab.page.set_viewport_size({"width": 1280, "height": 900})

    expect(chat.get_by_text("Call the tool send_mail for assistant?")).to_be_visible()
    chat.get_by_role("button", name="Run", exact=True).click()
    lab.wait_for_text(0, "answer: run")
    assert (lab.dialogs, lab.requests) == ([], [])
