"""Where a notebook is in another language than Python, the plugin offers nothing that would write `%%agentchat` into it."""

from __future__ import annotations

import json
import sys

from playwright.sync_api import expect

from .jupyter import PANEL, Notebook, Server
from .plugin_page import activate, button, execute, sources

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
