"""What a person does on a page with the JupyterLab plugin, and a conversation to do it with."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .jupyter import PANEL, Notebook

MIME = "application/vnd.autogen-jupyter.chat.v1+json"
VIEW = "application/vnd.jupyter.widget-view+json"
SETUP = """
%load_ext autogen_jupyter
import asyncio
from autogen_jupyter import AssistantAgent, UserProxyAgent
from autogen_jupyter.models.scripted import ScriptedModel
from autogen_jupyter.notebook.chat_view import live_session
"""
TALK = '''
PLOT = """Here it is:

```python
from IPython.display import Image, display
import struct, zlib, os
def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
rows = b"".join(b"\\\\0" + os.urandom(3 * 60) for _ in range(40))
head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60, 40, 8, 2, 0, 0, 0))
png = b"\\\\x89PNG\\\\r\\\\n\\\\x1a\\\\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
display(Image(png))
print("drawn")
```
"""
session = live_session("always")
bot = AssistantAgent("assistant", llm_config=ScriptedModel(["First:\\n\\n```python\\nprint(111)\\n```", PLOT, "All **done**. TERMINATE"]))
user = UserProxyAgent("user", human_input_mode="NEVER", is_termination_msg=lambda m: "TERMINATE" in (m["content"] or ""))
task = asyncio.create_task(session.run(lambda: user.a_initiate_chat(bot, message="Draw something.")))
'''
ENDLESS = TALK.replace("print(111)", "import time\\nwhile True: time.sleep(0.1)")
END = "result = await task\nprint(result.stop_reason)"


def button(where: Locator, name: str) -> Locator:
    return where.get_by_role("button", name=name, exact=True)


def chat_output(app: Notebook, cell: int = 0) -> dict:
    return next(output["data"] for output in app.outputs(cell) if MIME in output.get("data", {}))


def approve_both(chat: Locator) -> None:
    """Say yes to the two blocks of the conversation."""
    for text in ("111", "drawn"):
        expect(button(chat, "Run")).to_be_enabled(timeout=60_000)
        button(chat, "Run").click()
        expect(chat.locator(".aj-output", has_text=text).first).to_be_visible(timeout=30_000)


def talk(app: Notebook, *more: str) -> None:
    """Hold a whole conversation, approving what it asks."""
    app.open([SETUP + TALK, END, *more])
    app.run_cell(0)
    approve_both(app.chat)
    app.run_cell(1)
    app.wait_for_text(1, "TERMINATE")


def words(text: str) -> list[str]:
    return text.split()


def sources(app: Notebook) -> list[str]:
    return list(app.page.evaluate(f"{PANEL}.content.model.sharedModel.cells.map((cell) => cell.getSource())"))


def execute(app: Notebook, command: str) -> None:
    app.page.evaluate("(command) => window.jupyterapp.commands.execute(`autogen-jupyter:${command}`)", command)


def side_bar(app: Notebook) -> Locator:
    """Return the side bar, which is shown now whether it was before or not."""
    panel = app.page.locator(".aj-panel")
    if not panel.is_visible():
        execute(app, "toggle-panel")
    return panel


def activate(app: Notebook, index: int) -> None:
    app.page.evaluate(f"(index) => {{ {PANEL}.content.activeCellIndex = index; {PANEL}.content.activate(); }}", index)


def menu(app: Notebook, item: str) -> None:
    app.page.get_by_role("button", name="More for this code").first.click()
    app.screenshot(f"plugin-menu-{app.server.app}")
    app.page.get_by_role("menuitem", name=item).click()


def status(app: Notebook) -> Locator:
    return app.page.locator(".aj-status")


def run_all(app: Notebook, count: int) -> None:
    for index in range(count):
        app.run_cell(index)
        app.wait_for_cell(index)


def stop_all(app: Notebook) -> None:
    """Interrupt what runs, so that the next test begins with a quiet kernel."""
    app.page.evaluate(f"{PANEL}.sessionContext.session.kernel.interrupt()")
