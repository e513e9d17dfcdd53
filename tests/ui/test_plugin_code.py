"""What code of a chat does to the notebook's cells: beside its own chat, and to the cell that the chat is about."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .jupyter import PANEL, Notebook
from .plugin_page import activate, button, execute, sources, talk

CELLS = f"{PANEL}.content.model.sharedModel.cells"


def is_about(app: Notebook, index: int) -> None:
    """Let the chat in the first cell be about another cell."""
    app.page.evaluate(f"(index) => {CELLS}[0].setMetadata('autogen_jupyter', {{ about: {CELLS}[index].id }})", index)


def offer(app: Notebook, chat: Locator) -> Locator:
    """Open the menu of a chat's first code, and return what it says of replacing."""
    button(chat, "More for this code").first.click()
    return app.page.locator(".lm-Menu-item", has_text="Replace cell…")


def test_code_from_the_side_bar_goes_to_the_cell_of_its_chat(lab: Notebook):
    talk(lab, "active = 1", "about = 1")
    execute(lab, "toggle-panel")
    side = lab.page.locator(".aj-panel .aj-chat")
    activate(lab, 2)
    button(side, "Insert cell").first.click()
    lab.page.wait_for_function(f"() => {CELLS}.length === 5")
    assert sources(lab)[1] == "print(111)"
    assert lab.page.evaluate(f"{CELLS}[1].getMetadata('autogen_jupyter').from === {CELLS}[0].id")
    is_about(lab, 4)
    activate(lab, 3)
    offer(lab, side).click()
    dialog = lab.page.get_by_role("dialog")
    expect(dialog.locator("[data-op=removed]")).to_contain_text("about = 1")
    dialog.get_by_role("button", name="Accept").click()
    expect(dialog).to_have_count(0)
    assert sources(lab)[3:] == ["active = 1", "print(111)"]
    execute(lab, "toggle-panel")


def test_only_a_code_cell_that_is_no_chat_is_offered_to_be_replaced(lab: Notebook):
    talk(lab, "%%agentchat\nHello", "plain = 1")
    lab.page.evaluate(f"{PANEL}.content.model.sharedModel.addCell({{ cell_type: 'markdown', source: 'Text' }})")
    execute(lab, "toggle-panel")
    side = lab.page.locator(".aj-panel .aj-chat")
    for index, is_offered in ((2, False), (3, True), (4, False)):
        activate(lab, 3)
        is_about(lab, index)
        item = offer(lab, side)
        expect(item).to_be_visible()
        assert ("lm-mod-disabled" in str(item.get_attribute("class"))) is not is_offered
        lab.page.keyboard.press("Escape")
        expect(item).to_have_count(0)
    execute(lab, "toggle-panel")


def expect_notice(app: Notebook, text: str) -> None:
    """See what the front end tells. The tests keep it from showing that by itself."""
    app.page.evaluate("window.jupyterapp.commands.execute('apputils:display-notifications')")
    expect(app.page.locator(".jp-Notification-Center")).to_contain_text(text)
    app.page.keyboard.press("Escape")


def test_a_cell_that_changes_while_its_replacement_is_looked_at_stays_as_it_is(lab: Notebook):
    talk(lab, "about = 1")
    is_about(lab, 2)
    offer(lab, lab.chat).click()
    dialog = lab.page.get_by_role("dialog")
    expect(dialog.locator("[data-op=removed]")).to_contain_text("about = 1")
    lab.page.evaluate(f"{CELLS}[2].setSource('about = 2')")
    dialog.get_by_role("button", name="Accept").click()
    expect(dialog).to_have_count(0)
    expect_notice(lab, "changed meanwhile")
    assert sources(lab)[2] == "about = 2"


def test_a_locked_cell_is_not_replaced(lab: Notebook):
    talk(lab, "about = 1")
    is_about(lab, 2)
    lab.page.evaluate(f"{CELLS}[2].setMetadata('editable', false)")
    offer(lab, lab.chat).click()
    expect_notice(lab, "locked against editing")
    expect(lab.page.get_by_role("dialog").locator(".aj-diff")).to_have_count(0)
    assert sources(lab)[2] == "about = 1"
