"""How long the chat view blocks its page: the longest task of the main thread in JupyterLab, in work and in time that passed.

Work is what counts on a machine that has other things to do. Besides the chat it includes what JupyterLab itself does meanwhile, which
`a short chat` shows. Needs Chromium (see ``tools/find_chromium.py``); run it from the root of the repository:
``python bench/chat_view.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import nbformat  # noqa: E402
from playwright.sync_api import expect  # noqa: E402

from autogen_jupyter.session.bundle import bundle  # noqa: E402
from autogen_jupyter.session.transcript import MessageEntry, Status  # noqa: E402
from tests.ui.jupyter import PANEL, Notebook, page, server  # noqa: E402
from tests.ui.main_thread import Blocked, watched  # noqa: E402
from tests.ui.test_chat_view import START  # noqa: E402
from tests.ui.test_long_chats import DELTAS, GROW, MANY  # noqa: E402

OPEN = "(path) => void window.jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' })"
BOUND = 0.1
"""Seconds of work that one task may take while a chat goes on."""


def streaming(lab: Notebook) -> Blocked:
    lab.open([START + DELTAS + "script.say('user', 'assistant', 'Count.')", GROW])
    lab.run_cell(0)
    expect(lab.chat.get_by_role("article")).to_have_count(1)
    with watched(lab.page) as blocked:
        lab.run_cell(1)
        lab.wait_for_text(1, "messages")
        expect(lab.chat).to_contain_text("w1999")
    return blocked


def growing_and_opened_again(lab: Notebook, cell: str, last: str) -> Iterator[Blocked]:
    lab.open([START, cell], name="long.ipynb")
    lab.run_cell(0)
    expect(lab.chat).to_be_visible()
    end = lab.chat.get_by_role("article").last
    with watched(lab.page) as blocked:
        lab.run_cell(1)
        lab.wait_for_cell(1, timeout=120)
        expect(end).to_contain_text(last, timeout=30_000)
    yield blocked
    lab.page.evaluate(f"(async () => {{ const panel = {PANEL}; await panel.context.save(); panel.dispose(); }})()")
    expect(lab.chat).to_have_count(0)
    with watched(lab.page) as blocked:
        lab.page.evaluate(OPEN, "long.ipynb")
        expect(end).to_contain_text(last, timeout=30_000)
    yield blocked


def saved(lab: Notebook, length: int) -> Blocked:
    entries = [MessageEntry(f"e{n}", f"agent {n % 3}", "manager", "assistant", f"Message **{n}** with `code`.") for n in range(length)]
    output = nbformat.v4.new_output("display_data", bundle(entries, Status(state="ended"), versions={}))
    lab.open(["1"])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("chat", outputs=[output])])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, lab.server.folder / f"saved-{length}.ipynb")
    with watched(lab.page) as blocked:
        lab.page.evaluate(OPEN, f"saved-{length}.ipynb")
        expect(lab.page.get_by_text(f"Message {length - 1} with").first).to_be_visible(timeout=60_000)
        lab.page.evaluate("new Promise((resolve) => requestIdleCallback(resolve))")
    return blocked


def measure(lab: Notebook) -> Iterator[tuple[str, Blocked]]:
    yield "2,000 deltas in 2 s", streaming(lab)
    short = growing_and_opened_again(lab, "script.say('a', 'b', 'Hello.')", "Hello.")
    yield from zip(("a short chat", "a short chat, opened again"), short, strict=True)
    many = growing_and_opened_again(lab, MANY, "Message 9999")
    yield from zip(("10,000 messages, growing", "10,000 messages, opened again"), many, strict=True)
    yield "1 message, from a file", saved(lab, 1)
    yield "10,000 messages, from a file", saved(lab, 10_000)


def main() -> None:
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    worst = 0.0
    with page() as one, server("lab") as running:
        for name, blocked in measure(Notebook(one, running)):
            sys.stdout.write(f"{name:32} {blocked}\n")
            sys.stdout.flush()
            if "file" not in name:
                worst = max(worst, blocked.cpu)
    if worst > BOUND:
        sys.exit(f"A task took {1000 * worst:.0f} ms of work, more than {1000 * BOUND:.0f}.")


if __name__ == "__main__":
    main()
