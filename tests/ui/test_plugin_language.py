"""Where a notebook is in another language than Python, the plugin offers nothing that would write `%%agentchat` into it.

And where JupyterLab is in another language than English, so are the chats."""

from __future__ import annotations

import json
import sys

from playwright.sync_api import Page, Route, expect

from . import jupyter
from .jupyter import PANEL, Notebook, Server
from .plugin_page import END, SETUP, TALK, activate, button, execute, side_bar, sources

REASON = "Agents need a notebook with a Python kernel."
R = """
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

class R(Kernel):
    implementation = "R"
    implementation_version = "1"
    banner = ""
    language_info = {"name": "R", "mimetype": "text/x-r-source", "file_extension": ".r"}

    def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False, **more):
        error = {"ename": "ERROR", "evalue": "object 'x' not found", "traceback": ["Error: object 'x' not found"]}
        self.send_response(self.iopub_socket, "error", error)
        return {"status": "error", "execution_count": self.execution_count, **error}

IPKernelApp.launch_instance(kernel_class=R)
"""


def add_r(server: Server) -> str:
    """Offer a kernel that says that it is for R, and in which every cell fails."""
    folder = server.data / "kernels" / "r"
    folder.mkdir(parents=True, exist_ok=True)
    spec = {"argv": [sys.executable, "-c", R, "-f", "{connection_file}"], "display_name": "R", "language": "R"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    return folder.name


def is_enabled(app: Notebook, command: str) -> bool:
    return bool(app.page.evaluate("(command) => window.jupyterapp.commands.isEnabled(`autogen-jupyter:${command}`)", command))


def test_a_notebook_in_r_is_left_alone(app: Notebook):
    app.open(["x"], kernel=add_r(app.server))
    app.page.wait_for_function(f"() => {PANEL}.content.model.getMetadata('language_info')?.name === 'R'")
    app.run_cell(0)
    app.wait_for_text(0, "object 'x' not found")
    activate(app, 0)
    assert [command for command in ("ask-cell", "fix-cell", "new-chat") if is_enabled(app, command)] == []
    expect(app.page.locator(".jp-Notebook").get_by_role("button", name=REASON)).to_be_disabled()
    expect(button(app.page.locator(".jp-Notebook"), "Fix with agents")).to_have_count(0)
    execute(app, "toggle-panel")
    panel = app.page.locator(".aj-panel")
    panel.get_by_label("Message to the agents").fill("Hello")
    expect(button(panel, "Send")).to_be_disabled()
    expect(button(panel, "Send")).to_have_attribute("title", REASON)
    app.screenshot(f"plugin-r-{app.server.app}")
    panel.get_by_label("Message to the agents").press("Enter")
    assert sources(app) == ["x"]
    app.page.evaluate(f"{PANEL}.sessionContext.changeKernel({{ name: 'python3' }})")
    app.page.wait_for_function(f"() => {PANEL}.content.model.getMetadata('language_info')?.name === 'python'", timeout=60_000)
    expect(button(panel, "Send")).to_be_enabled()
    expect(app.page.locator(".jp-Notebook").get_by_role("button", name="Ask the agents about this cell")).to_be_enabled()
    assert [is_enabled(app, command) for command in ("ask-cell", "fix-cell", "new-chat")] == [True] * 3
    execute(app, "toggle-panel")


GERMAN = {
    "": {"domain": "autogen_jupyter", "language": "de-DE", "plural_forms": "nplurals=2; plural=(n != 1);", "version": ""},
    "Run the code from %1?": ["Den Code von %1 ausführen?"],
    "%1 line": ["%1 Zeile", "%1 Zeilen"],
    "Run": ["Ausführen"],
    "Waiting for you": ["Wartet auf dich"],
    "to %1": ["an %1"],
    "Done": ["Fertig"],
    "%1 s": ["%1 Sek."],
    "Ended: %1": ["Beendet: %1"],
    "Go to cell": ["Zur Zelle"],
}


def test_a_chat_is_in_the_language_of_jupyterlab(browser_page: Page, lab: Notebook):
    def translate(route: Route) -> None:
        route.fulfill(json={"data": {"autogen_jupyter": GERMAN}, "message": ""})

    german = {"@jupyterlab/translation-extension:plugin": '{"locale": "de_DE"}'}
    browser_page.route("**/api/translations/de_DE*", translate)
    try:
        with jupyter.server("lab", settings=german) as server:
            app = Notebook(browser_page, server, lab.screenshots)
            app.open([SETUP + TALK, END])
            app.run_cell(0)
            panel = side_bar(app)
            expect(button(panel, "Zur Zelle")).to_be_visible(timeout=60_000)
            for chat in (app.page.locator(".jp-Notebook .aj-chat"), panel.locator(".aj-chat")):  # both are the widget's views
                expect(chat.locator(".aj-question")).to_have_text("Den Code von assistant ausführen? python, 1 Zeile")
                expect(chat.locator(".aj-activity")).to_have_text("Wartet auf dich")
            app.screenshot("plugin-german")
            execute(app, "toggle-panel")
            for text in ("111", "drawn"):
                button(app.chat, "Ausführen").click()
                expect(app.chat.locator(".aj-output", has_text=text).first).to_be_visible(timeout=30_000)
            app.run_cell(1)
            app.wait_for_text(1, "TERMINATE")
            app.page.evaluate(f"{PANEL}.context.save()")
            app.page.wait_for_function(f"() => !{PANEL}.context.model.dirty")
            server.end_kernels()
            app.page.reload()  # now the plugin draws what is in the file
            app.wait_for_kernel()
            expect(app.chat.locator(".aj-activity")).to_contain_text("Beendet: ")
            expect(app.chat.locator(".aj-chip").first).to_have_text("Fertig")
            expect(app.chat.locator(".aj-took").first).to_contain_text("Sek.")
            app.screenshot("plugin-german-saved")
    finally:
        browser_page.unroute("**/api/translations/de_DE*")
