"""The side bar and the status bar of the JupyterLab plugin, in both front ends."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import Locator, expect

from autogen_jupyter.notebook.teams import SHIPPED

from .jupyter import PANEL, Notebook
from .plugin_page import (
    END,
    MIME,
    SETUP,
    TALK,
    activate,
    approve_both,
    button,
    execute,
    menu,
    run_all,
    side_bar,
    sources,
    status,
    stop_all,
    talk,
)


def test_the_side_bar_shows_the_chat_and_answers_it(app: Notebook):
    app.open([SETUP + TALK, END])
    app.run_cell(0)
    expect(button(app.chat.first, "Run")).to_be_enabled(timeout=60_000)
    execute(app, "toggle-panel")
    panel = app.page.locator(".aj-panel")
    expect(panel.get_by_role("tab")).to_have_count(1)
    expect(panel.get_by_role("tab")).to_contain_text("Draw something.")
    if app.server.app == "lab":
        expect(status(app)).to_contain_text("Agents wait for you")
    side = panel.locator(".aj-chat")
    app.screenshot(f"plugin-panel-{app.server.app}")
    approve_both(side)
    app.run_cell(1)
    app.wait_for_text(1, "TERMINATE")
    if app.server.app == "lab":
        expect(status(app)).to_contain_text("Agents: idle")
    execute(app, "toggle-panel")


def test_what_is_written_in_the_side_bar_becomes_a_cell_that_runs(app: Notebook):
    app.open(["%load_ext autogen_jupyter", "y = 7"])
    app.run_cell(0)
    app.wait_for_cell(0)
    activate(app, 1)
    execute(app, "toggle-panel")
    panel = app.page.locator(".aj-panel")
    button(panel, "+ Cell").click()
    panel.get_by_label("Model").fill("builtin/demo")
    panel.get_by_label("Message to the agents").fill("Say hello in one word.")
    panel.get_by_text("What will be sent").click()
    expected = "%%agentchat -m builtin/demo\nSay hello in one word.\n\nThe cell:\n\n```python\ny = 7\n```"
    expect(panel.locator(".aj-preview")).to_have_text(expected)
    app.screenshot(f"plugin-compose-{app.server.app}")
    button(panel, "Send").click()
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 3")
    assert sources(app)[2] == expected
    expect(panel.get_by_role("tab")).to_have_count(1, timeout=30_000)
    if app.server.app == "lab":
        button(status(app), "Stop the agents").click()
    else:
        button(panel.locator(".aj-chat"), "Stop").click()
    app.page.wait_for_function(
        f"""() => {PANEL}.content.model.sharedModel.cells[2].toJSON().outputs
            .some((output) => output.data?.['{MIME}']?.status.state === 'ended')"""
    )
    execute(app, "toggle-panel")


def test_another_team_begins_a_chat_of_its_own(app: Notebook):
    app.open(["%load_ext autogen_jupyter", "%%agentchat -m builtin/demo --approve never\nSay hello in one word."])
    run_all(app, 2)
    execute(app, "toggle-panel")
    panel = app.page.locator(".aj-panel")
    expect(panel.get_by_role("tab")).to_have_count(1, timeout=30_000)
    panel.get_by_label("Message to the agents").fill("And now together.")
    panel.get_by_text("What will be sent").click()
    expect(panel.locator(".aj-preview")).to_have_text("%%agentchat -n chat-1\nAnd now together.")
    team = panel.get_by_label("Team")
    expect(team.locator("option")).to_have_text(["Team", *SHIPPED])
    team.select_option("critic")
    expect(panel.locator(".aj-preview")).to_have_text("%%agentchat critic --new\nAnd now together.")
    app.screenshot(f"plugin-team-{app.server.app}")
    button(panel, "Send").click()
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 3")
    expect(panel.get_by_role("tab")).to_have_count(2, timeout=60_000)
    expect(team).to_have_value("")
    execute(app, "toggle-panel")


def test_a_message_goes_to_the_chat_of_the_tab_whatever_its_name(lab: Notebook):
    chat = "%%agentchat -n {} -m builtin/demo --approve never\nSay hello in one word."
    lab.open(["%load_ext autogen_jupyter", chat.format("'Q1 sales'"), chat.format("größe")])
    run_all(lab, 3)
    execute(lab, "toggle-panel")
    panel = lab.page.locator(".aj-panel")
    tabs, preview = panel.get_by_role("tab"), panel.locator(".aj-preview")
    expect(tabs).to_have_count(2, timeout=30_000)
    panel.get_by_label("Message to the agents").fill("And again.")
    panel.get_by_text("What will be sent").click()
    expect(preview).to_have_text("%%agentchat -n größe\nAnd again.")
    tabs.first.click()
    expect(preview).to_have_text("%%agentchat -n 'Q1 sales'\nAnd again.")
    button(panel, "Send").click()
    expect(tabs).to_have_count(3, timeout=60_000)
    expect(tabs.last).to_have_attribute("title", re.compile("^Q1 sales\n"))
    execute(lab, "toggle-panel")


def test_nothing_is_sent_to_a_chat_without_a_name(lab: Notebook):
    lab.open([SETUP + TALK])
    run_all(lab, 1)
    execute(lab, "toggle-panel")
    panel = lab.page.locator(".aj-panel")
    expect(panel.get_by_role("tab")).to_have_count(1, timeout=30_000)
    box, send = panel.get_by_label("Message to the agents"), button(panel, "Send")
    box.fill("And again.")
    expect(send).to_be_disabled()
    expect(send).to_have_attribute("title", re.compile("has no name"))
    expect(panel.locator(".aj-refused")).to_contain_text("has no name")
    lab.screenshot("plugin-refused")
    box.press("Enter")
    panel.get_by_label("Team").select_option("critic")
    expect(send).to_be_enabled()
    expect(box).to_have_value("And again.")
    assert len(sources(lab)) == 1
    panel.get_by_label("Team").select_option("")
    execute(lab, "toggle-panel")


def test_another_view_of_a_notebook_shows_its_chats(lab: Notebook):
    lab.open(["%load_ext autogen_jupyter", "%%agentchat -m builtin/demo --approve never\nWhy is the sky blue?"])
    for cell in (0, 1):
        lab.run_cell(cell)
        lab.wait_for_cell(cell)
    execute(lab, "toggle-panel")
    expect(side_bar(lab).get_by_role("tab", name="Why is the sky blue?")).to_be_visible()
    first = lab.page.evaluate(f"{PANEL}.id")
    lab.page.evaluate("window.jupyterapp.commands.execute('docmanager:clone')")
    lab.page.wait_for_function(f"(first) => {PANEL}?.context && {PANEL}.id !== first", arg=first)
    expect(side_bar(lab).get_by_role("tab", name="Why is the sky blue?")).to_be_visible(timeout=15_000)
    execute(lab, "toggle-panel")


def test_cells_and_outputs_are_dragged_into_the_message(app: Notebook):
    app.open(["x = 1 + 1\nx", "print('first')\nprint('second')"])
    run_all(app, 2)
    execute(app, "toggle-panel")
    panel = app.page.locator(".aj-panel")
    box = panel.get_by_label("Message to the agents")
    chips = panel.get_by_role("list", name="What goes along").get_by_role("listitem")
    panel.get_by_text("What will be sent").click()
    drag_cell(app, 0, box)
    expect(chips).to_have_text(["Cell [1]: x = 1 + 1×"])
    overlay = app.page.locator(".jp-Notebook .jp-OutputArea-promptOverlay")
    overlay.nth(1).hover()
    overlay.nth(1).drag_to(box)
    expect(chips).to_have_count(2)
    expect(chips.nth(1)).to_contain_text("Output of cell [2]: first")
    expect(box).to_be_focused()
    box.fill("Why?")
    sent = "%%agentchat\nWhy?\n\nCell [1]:\n\n```python\nx = 1 + 1\nx\n```\n\nOutput of cell [2]:\n\n```text\nfirst\nsecond\n```"
    expect(panel.locator(".aj-preview")).to_have_text(sent)
    assert [len(sources(app)), *sources(app)[:1]] == [2, "x = 1 + 1\nx"]  # the notebook itself stays as it is
    app.screenshot(f"plugin-dropped-{app.server.app}")
    app.page.evaluate(f"{PANEL}.content.model.sharedModel.cells[0].setSource('x = 3')")
    expect(panel.locator(".aj-preview")).to_contain_text("```python\nx = 3\n```")
    button(chips.nth(0), "Do not send along: Cell [1]").click()
    expect(chips).to_have_count(1)
    expect(panel.locator(".aj-preview")).not_to_contain_text("x = 3")
    execute(app, "toggle-panel")


def test_an_output_is_dragged_from_its_notebook_though_a_copy_is_open_before_it(lab: Notebook):
    lab.open(["print('the same')"])
    run_all(lab, 1)
    first = lab.page.evaluate(f"{PANEL}.context.path")
    lab.page.evaluate(f"{PANEL}.context.save()")
    shutil.copy(lab.server.folder / first, lab.server.folder / f"copy-{first}")
    lab.page.evaluate("(path) => window.jupyterapp.commands.execute('docmanager:open', { path })", f"copy-{first}")
    lab.wait_for_kernel()
    execute(lab, "toggle-panel")
    panel = lab.page.locator(".aj-panel")
    overlay = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-promptOverlay")
    overlay.hover()
    overlay.drag_to(panel.get_by_label("Message to the agents"))
    expect(panel.locator(".aj-quote")).to_contain_text("the same")
    execute(lab, "toggle-panel")


def drag_cell(app: Notebook, index: int, target: Locator) -> None:
    """Drag a cell by its number, as a person does. JupyterLab has its own events for that."""
    start, end = app.page.locator(".jp-Notebook .jp-InputPrompt").nth(index).bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    mouse = app.page.mouse
    mouse.move(start["x"] + start["width"] / 2, start["y"] + 8)
    mouse.down()
    mouse.move(start["x"] + start["width"] / 2 + 30, start["y"] + 20, steps=4)
    mouse.move(end["x"] + 40, end["y"] + 20, steps=8)
    expect(app.page.locator(".aj-panel[data-drop]")).to_be_visible()
    app.screenshot(f"plugin-dragging-{app.server.app}")
    mouse.up()
    expect(app.page.locator(".aj-panel[data-drop]")).to_have_count(0)


def test_what_goes_along_is_chosen_by_keyboard_and_becomes_part_of_the_cell(app: Notebook):
    app.open(["%load_ext autogen_jupyter", "1/0"])
    run_all(app, 2)
    activate(app, 1)
    execute(app, "add-output")
    panel = app.page.locator(".aj-panel")
    box, chips = panel.get_by_label("Message to the agents"), panel.locator(".aj-quote")
    expect(chips).to_have_count(1)
    expect(chips).to_contain_text("Output of cell [2]:")
    expect(box).to_be_focused()
    app.page.keyboard.press("Tab")
    expect(button(panel, "+ Cell")).to_be_focused()
    app.page.keyboard.press("Enter")
    expect(chips).to_have_count(2)
    execute(app, "add-cell")  # it is there already
    expect(chips).to_have_count(2)
    panel.get_by_label("Model").fill("builtin/demo")
    box.fill("What is wrong here?")
    app.page.keyboard.press("Enter")
    app.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 3")
    sent = sources(app)[2]
    assert sent.startswith("%%agentchat -m builtin/demo\nWhat is wrong here?\n\nOutput of cell [2]:\n\n```text\n")
    assert "ZeroDivisionError: division by zero\n```\n\nCell [2]:\n\n```python\n1/0\n```" in sent
    expect(chips).to_have_count(0)
    expect(panel.get_by_role("tab")).to_have_count(1, timeout=30_000)
    button(panel.locator(".aj-chat"), "Stop").or_(panel.get_by_text("Ended")).first.wait_for()
    stop_all(app)
    execute(app, "toggle-panel")


def test_in_the_dark_and_in_a_narrow_side_bar(lab: Notebook):
    talk(lab)
    lab.set_theme("JupyterLab Dark")
    execute(lab, "toggle-panel")
    side = lab.page.locator(".aj-panel .aj-chat")
    expect(side).to_have_attribute("data-scheme", "dark")
    for bar in side.locator(".aj-code-bar").all():
        assert bar.evaluate("(bar) => bar.scrollWidth <= bar.clientWidth")
    lab.screenshot("plugin-dark")
    menu(lab, "Insert all code as cells")
    execute(lab, "toggle-panel")
    lab.set_theme("JupyterLab Light")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_tabs_can_be_read_in_a_narrow_side_bar(lab: Notebook, theme: str):
    asked = ["Compare the sales of both years.", "Why is June so low?", "Draw it.", "Write a summary of all that."]
    lab.open(["%load_ext autogen_jupyter", *(f"%%agentchat -m builtin/demo --approve never --new\n{text}" for text in asked)])
    lab.set_theme(theme)
    try:
        run_all(lab, 3)
        panel = side_bar(lab)
        set_width(lab, 250)
        tabs, go = panel.get_by_role("tab"), button(panel, "Go to cell")
        expect(tabs).to_have_text(asked[:2])
        lab.screenshot(f"plugin-narrow-{theme.rsplit(maxsplit=1)[-1]}")
        assert [is_whole(tab) and width_of(tab) > 100 for tab in tabs.all()] == [True] * 2
        lab.run_cell(3)
        lab.run_cell(4)
        lab.wait_for_cell(4)
        expect(tabs).to_have_text(asked)
        lab.screenshot(f"plugin-narrow-many-{theme.rsplit(maxsplit=1)[-1]}")
        assert all(width_of(tab) > 75 for tab in tabs.all())  # three side by side
        assert is_whole(tabs.nth(3))  # the one that is shown
        assert is_whole(go)
        tabs.nth(3).focus()
        lab.page.keyboard.press("Home")
        assert is_whole(tabs.nth(0))
        set_width(lab, 500)
        assert go.bounding_box()["y"] < tabs.nth(0).bounding_box()["y"] + 20  # type: ignore[index]
        lab.screenshot(f"plugin-wide-{theme.rsplit(maxsplit=1)[-1]}")
        set_width(lab, 250)
        execute(lab, "toggle-panel")
    finally:
        lab.set_theme("JupyterLab Light")


def set_width(lab: Notebook, width: int) -> None:
    """Drag the edge of the side bar until it is so wide."""
    panel = lab.page.locator(".aj-panel")
    for _ in range(2):  # a drag begins where the edge is, not where its handle was taken
        box = panel.bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        lab.page.mouse.move(box["x"] - 2, middle)
        lab.page.mouse.down()
        lab.page.mouse.move(box["x"] - 2 + box["width"] - width, middle, steps=4)
        lab.page.mouse.up()
    assert abs(width_of(panel) - width) < 12


def width_of(element: Locator) -> float:
    return float(element.evaluate("(element) => element.getBoundingClientRect().width"))


def is_whole(element: Locator) -> bool:
    """Whether nothing of it is cut off by what it is in, nor by its own width."""
    return bool(
        element.evaluate(
            """(element) => {
                const { left, right, top, bottom } = element.getBoundingClientRect();
                const around = element.closest('.aj-tabs, .aj-panel').getBoundingClientRect();
                const isIn = left >= around.left && right <= around.right && top >= around.top && bottom <= around.bottom;
                const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
                return isIn && element.contains(hit);
            }"""
        )
    )


def test_the_tab_that_was_chosen_keeps_the_focus_and_stays_chosen_while_another_notebook_is_looked_at(lab: Notebook):
    asked = ["First.", "Second.", "Third."]
    lab.open(["%load_ext autogen_jupyter", *(f"%%agentchat -m builtin/demo --approve never --new\n{text}" for text in asked)])
    run_all(lab, 4)
    panel = side_bar(lab)
    tabs, shown = panel.get_by_role("tab"), panel.get_by_role("tabpanel")
    expect(tabs).to_have_text(asked)
    expect(tabs.nth(2)).to_have_attribute("aria-selected", "true")
    tabs.nth(2).focus()
    lab.page.keyboard.press("Home")
    expect(tabs.nth(0)).to_be_focused()
    expect(shown).to_have_accessible_name("First.")
    assert look_elsewhere_and_back(lab) == 0
    expect(tabs.nth(0)).to_have_attribute("aria-selected", "true")
    expect(shown.locator(".aj-log")).to_contain_text("First.")
    tabs.nth(0).focus()
    tabs.nth(0).press("Enter")
    expect(tabs.nth(0)).to_be_focused()
    lab.screenshot("plugin-tabs")
    execute(lab, "toggle-panel")


def look_elsewhere_and_back(lab: Notebook) -> int:
    """Bring another notebook to the front, count the side bar's tabs, and come back."""
    path = lab.page.evaluate(f"{PANEL}.context.path")
    lab.page.evaluate("window.jupyterapp.commands.execute('notebook:create-new', { kernelName: 'python3', activate: true })")
    lab.page.wait_for_function(f"(path) => {PANEL}.context?.path !== path", arg=path)
    expect(lab.page.locator(".aj-panel-empty")).to_be_visible()
    count = lab.page.locator(".aj-panel").get_by_role("tab").count()
    lab.page.evaluate("(path) => window.jupyterapp.commands.execute('docmanager:open', { path })", path)
    lab.page.wait_for_function(f"(path) => {PANEL}.context?.path === path", arg=path)
    return count
