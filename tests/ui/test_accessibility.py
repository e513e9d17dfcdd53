"""Who reads with a screen reader, by keyboard, in high contrast, or on a narrow page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from .jupyter import ROOT, Notebook
from .test_chat_view import CALL, OUTPUTS, START, TEAM

AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
EVERYTHING = START.replace("import asyncio", "import asyncio, json") + OUTPUTS + TEAM
QUESTIONS = [
    CALL,
    "await script.ask('approval', 'import os\\nos.getcwd()')\nprint('approved')",
    "await script.ask('reply')",
    "await script.ask('choice', prompt='Who speaks next?', choices=('planner', 'coder'))",
    "await script.ask('password', prompt='Password:')",
]


def violations(lab: Notebook, where: str = ".aj-chat") -> list[str]:
    """Return what axe finds there that is serious or worse."""
    if not lab.page.evaluate("typeof axe === 'object'"):
        lab.page.evaluate(AXE.read_text(encoding="utf-8"))
    run = "async (where) => (await axe.run(where, { resultTypes: ['violations'] })).violations"
    found: list[Any] = lab.page.evaluate(run, where)
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:150]} {node['any'][0]['message'][:200] if node['any'] else ''}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_axe_finds_nothing_serious(lab: Notebook, theme: str):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: run npm ci in labextension/")
    lab.open([EVERYTHING, *QUESTIONS])
    lab.set_theme(theme)
    try:
        lab.run_cell(0)
        lab.wait_for_text(0, "done")
        form = lab.chat.locator(".aj-form")
        for index in range(len(QUESTIONS)):
            lab.run_cell(index + 1)
            expect(form).to_be_visible(timeout=30_000)
            if index == 0:
                lab.chat.get_by_role("button", name="? Keys").click()
            if index == 1:
                lab.chat.get_by_role("button", name="Edit", exact=True).click()
                lab.screenshot(f"approval-{theme.rsplit(maxsplit=1)[-1]}", lab.chat)
            assert violations(lab) == []
            if index == 1:
                lab.chat.get_by_role("button", name="Cancel").click()
            if index == 4:
                lab.chat.get_by_role("textbox").fill("x")
                lab.chat.get_by_role("button", name="Send").click()
            elif index == 2:
                lab.chat.get_by_role("button", name="End chat").click()
            else:
                form.get_by_role("button").first.click()
            lab.wait_for_cell(index + 1)
        for at in ("0", "log.scrollHeight / 2"):
            lab.chat.get_by_role("log").evaluate(f"(log) => {{ log.scrollTop = {at}; }}")
            assert violations(lab) == []
            lab.screenshot(f"everything-{theme.rsplit(maxsplit=1)[-1]}-{at[:3]}", lab.chat)
    finally:
        lab.set_theme("JupyterLab Light")


@pytest.mark.parametrize(
    "wanted", [{"forced_colors": "active"}, {"contrast": "more"}, {"reduced_motion": "reduce"}], ids=lambda one: next(iter(one))
)
def test_wishes_of_the_system_are_kept(lab: Notebook, wanted: dict[str, Any]):
    lab.open([START + "script.now(activity='thinking')\nscript.say('assistant', 'user', 'hm', state='writing')", QUESTIONS[1]])
    lab.page.emulate_media(**wanted)
    try:
        lab.run_cell(0)
        lab.run_cell(1)
        run = lab.chat.get_by_role("button", name="Run", exact=True)
        expect(run).to_be_visible()
        lab.screenshot(f"wish-{next(iter(wanted))}", lab.chat)
        dot = lab.chat.locator(".aj-dot")
        if "reduced_motion" in wanted:
            assert dot.evaluate("(dot) => getComputedStyle(dot).animationName") == "none"
        else:
            assert run.evaluate("(run) => getComputedStyle(run).borderTopStyle") == "solid"
            lines = lab.chat.evaluate("(chat) => getComputedStyle(chat).borderTopColor")
            text = lab.chat.evaluate("(chat) => getComputedStyle(chat).color")
            assert lines == text
        run.click()
        lab.wait_for_text(1, "approved")
    finally:
        lab.page.emulate_media(forced_colors="none", contrast="no-preference", reduced_motion="no-preference")


def test_everything_fits_in_400_pixels(lab: Notebook):
    lab.open([EVERYTHING, QUESTIONS[1]])
    lab.run_cell(0)
    lab.wait_for_text(0, "done")
    lab.run_cell(1)
    chat = lab.chat
    expect(chat.get_by_role("button", name="Run", exact=True)).to_be_visible()
    try:
        chat.evaluate("(chat) => { chat.style.width = '400px'; }")
        lab.page.wait_for_timeout(300)
        assert chat.evaluate("(chat) => chat.scrollWidth <= chat.clientWidth")
        outside = chat.evaluate(
            """(chat) => { const right = chat.getBoundingClientRect().right;
            return [...chat.querySelectorAll('button, .aj-activity, .aj-question, .aj-sender')]
                .filter((one) => one.offsetWidth > 0 && !one.closest('.aj-code, pre') && one.getBoundingClientRect().right > right + 1)
                .map((one) => one.outerHTML.slice(0, 100)); }"""
        )
        assert outside == []
        lab.screenshot("narrow-400", chat)
        chat.get_by_role("button", name="Run", exact=True).click()
        lab.wait_for_text(1, "approved")
    finally:
        chat.evaluate("(chat) => { chat.style.width = ''; }")


def test_a_chat_by_keyboard_alone(lab: Notebook):
    pause = "await asyncio.sleep(1)\n"
    lab.open([START, pause + QUESTIONS[3], pause + QUESTIONS[1], "x = 1"])
    lab.run_cell(0)
    lab.run_cell(1)
    keyboard, page = lab.page.keyboard, lab.page
    expect(lab.chat.get_by_role("button", name="planner")).to_be_focused()
    keyboard.press("ArrowRight")
    expect(lab.chat.get_by_role("button", name="coder")).to_be_focused()
    keyboard.press("?")
    expect(lab.chat.get_by_text("go from button to button")).to_be_visible()
    assert page.locator(".jp-Dialog").count() == 0
    keyboard.press("Enter")
    lab.wait_for_cell(1)

    lab.run_cell(2)
    expect(lab.chat.locator(".aj-form")).to_be_focused()
    page.wait_for_timeout(1000)  # a key right after the question came was not meant for it
    keyboard.press("d")
    keyboard.press("d")
    keyboard.press("Control+Enter")
    lab.wait_for_text(2, "approved")
    assert page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length") == 4


def test_the_focus_stays_where_somebody_types(lab: Notebook):
    late = "await asyncio.sleep(1)\nawait script.ask('approval', 'a = 1')\nprint('approved')"
    lab.open([START, late, "x = 1"])
    lab.run_cell(0)
    lab.run_cell(1)
    editor = lab.page.locator(".jp-CodeCell").nth(2).locator(".cm-content")
    editor.click()
    lab.page.keyboard.press("End")
    for letter in " + 22222 + 33333 + 44444 + 55555 + 66666":
        lab.page.keyboard.type(letter, delay=60)
    expect(lab.chat.get_by_role("button", name="Run", exact=True)).to_be_visible()
    expect(editor).to_be_focused()
    expect(editor).to_have_text("x = 1 + 22222 + 33333 + 44444 + 55555 + 66666")
    lab.chat.get_by_role("button", name="Run", exact=True).click()
    lab.wait_for_text(1, "approved")
