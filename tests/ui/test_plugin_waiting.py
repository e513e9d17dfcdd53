"""What tells a person that a chat waits while something else is in front, and the same chat on two pages with the plugin."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Locator, Page, expect

from . import jupyter
from .jupyter import PANEL, Notebook
from .plugin_page import END, SETUP, TALK, button, execute, sources, status

LOUD = {
    "@jupyterlab/apputils-extension:notification": '{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": false}',
    "autogen-jupyter:plugin": '{"notify": true}',
}


def start(app: Notebook) -> None:
    """Hold the conversation up to its first question."""
    app.open([SETUP + TALK, END])
    run_to_question(app)


def run_to_question(app: Notebook) -> None:
    app.run_cell(0)
    expect(button(app.chat.first, "Run")).to_be_enabled(timeout=60_000)


def go_on(app: Notebook) -> None:
    """Answer from the kernel, so that the next question comes while the notebook is not looked at."""
    app.page.evaluate(
        """async () => {
            const { answer } = window;
            await window.asked.sessionContext.session.kernel.requestExecute({ code: answer }).done;
        }"""
    )


def leave(app: Notebook) -> None:
    """Bring another page of JupyterLab to the front, and know how to go on."""
    expect(status(app)).to_contain_text("Agents wait for you")  # the plugin knows of the question
    answer = "from autogen_jupyter.human_input import InputAnswer\nsession.answer(session.pending.id, InputAnswer('run'))"
    app.page.evaluate(f"(answer) => {{ window.asked = {PANEL}; window.answer = answer; }}", answer)
    app.page.evaluate("window.jupyterapp.commands.execute('launcher:create')")
    app.page.wait_for_function("() => !window.asked.isVisible")


def add_view(app: Notebook) -> None:
    """Show the notebook a second time, in a tab behind the first."""
    app.page.evaluate(
        """async () => {
            const { commands, shell } = window.jupyterapp;
            const first = shell.currentWidget;
            await commands.execute('docmanager:clone');
            const [second] = [...shell.widgets('main')].filter((one) => one !== first);
            await second.context.ready;
            shell.add(second, 'main', { mode: 'tab-after', ref: first.id });
            shell.activateById(first.id);
        }"""
    )


def test_a_notification_and_a_badge_say_that_a_chat_waits_elsewhere(browser_page: Page, lab: Notebook):
    with jupyter.server("lab", settings=LOUD) as server:
        app = Notebook(browser_page, server, lab.screenshots)
        app.open([SETUP + TALK, END])
        add_view(app)  # two views tell of a question once
        run_to_question(app)
        leave(app)
        notice = app.page.locator(".Toastify__toast", has_text="waits for you")
        expect(notice).to_have_count(0)
        go_on(app)
        expect(notice).to_be_visible(timeout=30_000)
        expect(notice).to_have_count(1)
        expect(notice).to_contain_text("chat-")
        app.screenshot("plugin-notification")
        tab = app.page.locator(".jp-SideBar .lm-TabBar-tab.aj-has-badge")
        expect(tab).to_be_visible()
        expect(tab).to_have_attribute("title", "Agent chats: 1 waits for you")
        dot = tab.locator("svg").first.locator("..").evaluate("(one) => getComputedStyle(one, '::after').width")
        assert dot == "8px"
        button(notice, "Show").click()
        app.page.wait_for_function(f"() => {PANEL}.context?.path === window.asked.context.path")
        run = button(app.page.locator(".jp-Notebook:visible .aj-chat").first, "Run")
        expect(run).to_be_enabled()
        run.click()
        expect(app.page.locator(".jp-SideBar .aj-has-badge")).to_have_count(0)
        expect(notice).to_have_count(0)


def test_without_the_setting_nothing_pops_up(lab: Notebook):
    start(lab)
    leave(lab)
    go_on(lab)
    expect(lab.page.locator(".jp-SideBar .lm-TabBar-tab.aj-has-badge")).to_be_visible()
    assert lab.page.locator(".Toastify__toast", has_text="waits for you").count() == 0


def test_the_title_of_the_browsers_tab_says_it_too(app: Notebook):
    start(app)
    plain = app.page.title()
    try:
        hide(app, "hidden")
        expect(app.page).to_have_title(f"● {plain}")
        hide(app, "visible")
        expect(app.page).to_have_title(plain)
    finally:
        app.page.evaluate("delete document.visibilityState")


def hide(app: Notebook, state: str) -> None:
    """Let the page believe that the browser shows another one."""
    app.page.evaluate(
        """(state) => {
            Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
            document.dispatchEvent(new Event('visibilitychange'));
        }""",
        state,
    )


@contextlib.contextmanager
def second_page(app: Notebook) -> Iterator[Notebook]:
    """Open the same notebook on another page."""
    app.page.evaluate(f"{PANEL}.context.save()")
    name = app.page.evaluate(f"{PANEL}.context.path")
    page = app.page.context.new_page()
    try:
        second = Notebook(page, app.server, app.screenshots)
        view = "lab/workspaces/second/tree" if app.server.app == "lab" else "notebooks"
        page.goto(f"{app.server.url}/{view}/{name}" + ("?reset" if app.server.app == "lab" else ""))
        second.wait_for_kernel("idle", "busy")
        yield second
    finally:
        page.close()


def test_two_pages_show_the_chat_one_answers_and_inserts_are_made_once(app: Notebook):
    start(app)
    with second_page(app) as second:
        answer_on_both(app, second)
    app.run_cell(1)
    app.wait_for_text(1, "TERMINATE")


def answer_on_both(app: Notebook, second: Notebook) -> None:
    expect(button(second.chat.first, "Run")).to_be_enabled(timeout=60_000)
    execute(second, "toggle-panel")
    side = second.page.locator(".aj-panel")
    expect(side.get_by_role("tab")).to_have_count(1)
    button(side.locator(".aj-chat"), "Run").click()
    for chat in (app.chat.first, second.chat.first, side.locator(".aj-chat")):
        expect(shows(chat, "111")).to_be_visible(timeout=30_000)
    expect(button(app.chat.first, "Run")).to_be_enabled(timeout=30_000)
    button(app.chat.first, "Run").click()
    expect(shows(second.chat.first, "drawn")).to_be_visible(timeout=30_000)
    button(second.chat.first, "Insert cell").first.click()
    second.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 3")
    button(side.locator(".aj-chat"), "Insert cell").first.click()
    second.page.wait_for_function(f"() => {PANEL}.content.model.cells.length === 4")
    assert sources(second).count("print(111)") == 2
    assert len(sources(app)) == 2
    if app.server.app == "lab":
        expect(status(app)).to_contain_text("Agents: idle")
        expect(status(second)).to_contain_text("Agents: idle")


def shows(chat: Locator, text: str) -> Locator:
    return chat.locator(".aj-output", has_text=text).first


def test_a_page_that_is_left_is_told_no_more(app: Notebook):
    app.open([SETUP + TALK, "from autogen_jupyter.notebook.panel import live_chats\nprint('pages:', len(live_chats._comms))"])
    app.run_cell(0)
    expect(button(app.chat.first, "Run")).to_be_enabled(timeout=60_000)
    app.reload()
    expect(button(app.chat.first, "Run")).to_be_enabled(timeout=60_000)
    expect(status(app)).to_contain_text("Agents wait for you")
    app.run_cell(1)
    app.wait_for_text(1, "pages: 1")
