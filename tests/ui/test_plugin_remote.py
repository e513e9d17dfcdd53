"""What the line about the agents says while their kernel is on a server."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from autogen_jupyter.kernels import Server

from ..kernels.jupyter_servers import jupyter_server, kernels_on
from .jupyter import ROOT, Notebook
from .plugin_page import END, ENDLESS, SETUP, TALK, button, status

ASK = "How do body mass and flipper length differ between species in data/penguins.csv? Plot it."


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Jupyter Server with the data of the demo in its folder."""
    folder: Path = tmp_path_factory.mktemp("far")
    (folder / "data").mkdir()
    (folder / "data" / "penguins.csv").write_bytes((ROOT / "notebooks" / "data" / "penguins.csv").read_bytes())
    with jupyter_server("jupyter-server", folder) as server:
        yield server


def knowing(app: Notebook, server: Server) -> str:
    """Return what makes the notebook know the server as ``far``."""
    token = app.server.folder / "token"
    token.write_text(server.token)
    servers = {"far": {"url": server.url, "token_file": str(token)}}
    return f"{SETUP}%config AgentChat.kernel_servers = {servers!r}\n"


def there(talk: str) -> str:
    return talk.replace('UserProxyAgent("user", ', 'UserProxyAgent("user", code_execution_config={"server": "far"}, ')


def line(app: Notebook) -> Locator:
    return status(app).locator(".aj-status-text")


def test_a_chat_with_its_kernel_on_a_server_says_remote_from_beginning_to_end(app: Notebook, far: Server):
    app.open([knowing(app, far), f"%%agentchat -m builtin/demo --kernel far\n{ASK}"])
    app.run_cell(0)
    app.wait_for_cell(0)
    app.run_cell(1)
    expect(line(app)).to_have_text("Agents wait for you · agent kernel idle, remote", timeout=60_000)
    button(app.chat, "Run, don't ask again in this chat").click()
    app.wait_for_cell(1)
    expect(line(app)).to_have_text("Agents: idle · agent kernel idle, remote")
    expect(app.chat).to_contain_text("3,700.7")
    app.screenshot(f"plugin-remote-{app.server.app}")
    look = status(app).get_by_role("button").first
    expect(look).to_have_attribute("title", re.compile("Show its variables$"))
    look.click()
    dialog = app.page.get_by_role("dialog", name="Agent kernel")
    expect(dialog.get_by_role("row", name="penguins DataFrame")).to_contain_text("344 × 8")
    expect(dialog.get_by_role("status")).to_have_text("idle · remote")
    expect(dialog).to_contain_text(f"Generated code runs on {far.url}")
    expect(dialog).to_contain_text("Open that server, and there a console")
    expect(button(dialog, "Open console")).to_have_count(0)
    app.screenshot(f"plugin-remote-look-{app.server.app}")
    app.page.keyboard.press("Escape")


def test_a_remote_kernel_is_busy_for_as_long_as_its_code_runs(app: Notebook, far: Server):
    app.open([knowing(app, far) + there(ENDLESS), END])
    app.run_cell(0)
    expect(button(app.chat.first, "Run")).to_be_enabled(timeout=60_000)
    expect(line(app)).to_have_text("Agents wait for you · agent kernel idle, remote")
    button(app.chat.first, "Run").click()
    expect(line(app)).to_have_text(re.compile(r"^Agents: running code \d+ s · agent kernel busy, remote$"))
    assert "busy" in [kernel["execution_state"] for kernel in kernels_on(far)]
    app.screenshot(f"plugin-remote-busy-{app.server.app}")
    button(status(app), "Stop the agents").click()
    expect(line(app)).to_have_text("Agents: idle · agent kernel idle, remote")
    app.run_cell(1)
    app.wait_for_text(1, "stopped by the human")


def test_a_server_that_keeps_one_waiting_is_told_as_starting_and_one_that_goes_away_as_dead(app: Notebook):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Server(f"http://127.0.0.1:{silent.getsockname()[1]}", token="none")
        app.open([knowing(app, server) + there(TALK), END])
        app.run_cell(0)
        expect(button(app.chat.first, "Run")).to_be_enabled(timeout=60_000)
        expect(line(app)).to_have_text("Agents wait for you · agent kernel starting, remote")
    expect(line(app)).to_have_text("Agents wait for you · agent kernel dead, remote")
    expect(status(app).get_by_role("button").first).to_have_attribute("title", re.compile(f"No agent kernel on {server.url}: "))
    app.screenshot(f"plugin-remote-dead-{app.server.app}")
    button(status(app), "Stop the agents").click()
    app.run_cell(1)
    app.wait_for_text(1, "stopped by the human")
