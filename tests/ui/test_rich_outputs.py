"""Outputs of runs in JupyterLab: charts, sound, widgets, wide tables, and what an output would load."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .jupyter import Notebook
from .test_chat_view import START

CHARTS = """
bars = {"data": [{"type": "bar", "x": ["Adelie", "Gentoo"], "y": [3700, 5076]}], "layout": {"title": {"text": "Mass"}, "height": 300}}
lite = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "mark": "bar", "width": 200, "height": 120,
        "data": {"values": [{"a": "A", "b": 3}, {"a": "B", "b": 5}]},
        "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}}}
remote = lite | {"data": {"url": "http://evil.example/data.json"}}
wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA="
said = script.say("assistant", "user", "Let me see.")
script.put(RunEntry("r1", "user", said, [Code("python", "…")], state="running"))
def show(data):
    script.output("r1", {"output_type": "display_data", "metadata": {}, "data": data})
show({"application/vnd.plotly.v1+json": bars})
show({"application/vnd.vegalite.v6.json": lite, "text/plain": "alt.Chart(...)"})
show({"application/vnd.vegalite.v6.json": remote, "text/plain": "alt.Chart(...)"})
show({"text/html": f'<audio controls><source src="data:audio/wav;base64,{wav}" type="audio/wav"></audio>', "text/plain": "<Audio>"})
show({"application/vnd.jupyter.widget-view+json": {"model_id": "x", "version_major": 2, "version_minor": 0},
      "text/plain": "IntSlider(value=0)"})
show({"text/html": '<iframe src="http://evil.example/"></iframe>', "text/plain": "<IFrame>"})
show({"application/javascript": "window.pwned = 1", "text/plain": "<Javascript>"})
show({"text/html": "<script>window.pwned = 1</script><b>bold</b>", "text/plain": "<HTML>"})
script.put(replace(script.entries["r1"], state="ok", exit_code=0, seconds=0.5))
print("done")
"""


def test_charts_sound_and_widgets(lab: Notebook):
    lab.open([START + CHARTS])
    lab.run_cell(0)
    lab.wait_for_text(0, "done")
    outputs = lab.chat.locator("[data-type=display_data]")
    expect(outputs).to_have_count(8)
    expect(outputs.nth(1).locator("canvas, svg").first).to_be_visible(timeout=30_000)
    held = outputs.nth(2)
    expect(held).to_contain_text("This chart loads something: http://evil.example/data.json")
    expect(held.get_by_role("button", name="Draw the chart")).to_be_visible()
    expect(outputs.nth(3).locator("audio[controls]")).to_be_visible()
    expect(outputs.nth(4)).to_contain_text("An interactive widget of the agent kernel.")
    expect(outputs.nth(4)).to_contain_text("IntSlider(value=0)")
    expect(outputs.nth(5)).to_contain_text("not run here. As text:<IFrame>")
    assert lab.chat.locator("iframe, script").count() == 0
    expect(outputs.nth(7).locator("b")).to_have_text("bold")
    assert lab.page.evaluate("window.pwned") is None
    assert (lab.dialogs, lab.requests) == ([], [])
    lab.screenshot("charts", lab.chat)

    held.get_by_role("button").click()
    lab.page.wait_for_timeout(500)
    assert any("evil.example" in url for url in lab.requests)  # the reader agreed


def test_a_chart_of_plotly_is_drawn_by_its_extension(lab: Notebook):
    pytest.importorskip("plotly")
    lab.open([START + CHARTS])
    lab.run_cell(0)
    lab.wait_for_text(0, "done")
    if not lab.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.rendermime.mimeTypes.includes('application/vnd.plotly.v1+json')"
    ):
        pytest.skip("plotly's JupyterLab extension is not installed")
    plot = lab.chat.locator(".js-plotly-plot").first
    expect(plot.locator("svg .bars .point, svg .barlayer .point").first).to_be_attached(timeout=30_000)
    assert lab.requests == []
    lab.screenshot("plotly", lab.chat)


WIDE = """
import pandas as pd, numpy as np
pd.set_option("display.max_columns", None)
frame = pd.DataFrame(np.arange(1500).reshape(5, 300), columns=[f"column_{n}" for n in range(300)])
said = script.say("assistant", "user", "All 300 columns:\\n\\n```python\\nframe\\n```")
script.put(RunEntry("r1", "user", said, [Code("python", "frame")], state="running"))
script.output("r1", {"output_type": "execute_result", "metadata": {}, "data": {"text/html": frame.to_html(), "text/plain": str(frame)}})
script.put(replace(script.entries["r1"], state="ok", exit_code=0, seconds=0.5))
script.say("assistant", "user", "הנתונים מראים **שלוש** קבוצות\\n\\n- אחת\\n- שתיים")
print("done")
"""


def test_a_wide_table_scrolls_in_itself_and_text_goes_from_right_to_left(lab: Notebook):
    lab.open([START + WIDE])
    lab.run_cell(0)
    lab.wait_for_text(0, "done")
    chat = lab.chat
    expect(chat.locator("th", has_text="column_299")).to_be_attached()
    assert chat.evaluate("(chat) => chat.scrollWidth <= chat.clientWidth")
    output = chat.locator(".aj-output").first
    assert output.evaluate("(output) => [output, ...output.querySelectorAll('*')].some((one) => one.scrollWidth > one.clientWidth + 1000)")
    hebrew = chat.get_by_text("הנתונים")
    assert hebrew.evaluate("(element) => getComputedStyle(element).direction") == "rtl"
    lab.screenshot("wide", chat)
