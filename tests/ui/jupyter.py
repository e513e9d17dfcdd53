"""A private JupyterLab or Notebook 7, and a page in Chromium that drives it as a person would."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal

import nbformat
from playwright.sync_api import Dialog, Error, Locator, Page, sync_playwright

from .kernels import write_kernelspec

ROOT = Path(__file__).resolve().parents[2]
App = Literal["lab", "notebook"]
CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
QUIET = {"@jupyterlab/apputils-extension:notification": '{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true}'}
"""Settings that keep the front end from opening boxes and asking other hosts for news."""
_names = count(1)
PANEL = "window.jupyterapp.shell.currentWidget"


@dataclass
class Server:
    """A running server whose files, settings and kernels are nobody else's."""

    url: str
    folder: Path
    app: App
    data: Path
    """Where it looks for kernels."""

    def add_kernel(self, ipykernel: str) -> str:
        """Offer a kernel with this version of ipykernel, and return its name."""
        return write_kernelspec(self.data, ipykernel, _path())

    def end_kernels(self) -> None:
        """Shut down every kernel of the server. One that is just starting anew cannot be yet."""
        deadline = time.monotonic() + 30
        while sessions := self._sessions():
            for session in sessions:
                request = urllib.request.Request(f"{self.url}/api/sessions/{session['id']}", method="DELETE")
                try:
                    urllib.request.urlopen(request, timeout=30).close()
                except urllib.error.HTTPError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.2)

    def _sessions(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.url}/api/sessions", timeout=30) as answer:
            return list(json.load(answer))


@contextlib.contextmanager
def server(app: App = "lab", *, settings: dict[str, str] | None = None, plugin: bool = True) -> Iterator[Server]:
    """Start a server and stop it in the end.

    Args:
        app: which front end it serves.
        plugin: whether the JupyterLab plugin, as it was built here, is there; a copy that is installed elsewhere is not used.
        settings: text of settings files by plugin, such as ``{"@jupyterlab/apputils-extension:themes": '{"theme": …}'}``.
    """
    home = Path(tempfile.mkdtemp(prefix="agentchat-ui-"))
    folder = home / "notebooks"
    folder.mkdir()
    for file, text in (QUIET | (settings or {})).items():
        package, name = file.split(":")
        path = home / "settings" / package / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _provide(plugin, home)
    log = (home / "log").open("w")
    port = _free_port()
    process = subprocess.Popen(_command(app, port, folder), env=_environment(home), stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, process, home / "log")
        yield Server(url, folder, app, home / "data")
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()
        shutil.rmtree(home, ignore_errors=True)


def _provide(plugin: bool, home: Path) -> None:
    name = "autogen-jupyter"
    if plugin:
        (home / "data" / "labextensions").mkdir(parents=True)
        (home / "data" / "labextensions" / name).symlink_to(ROOT / "labextension" / "dist", target_is_directory=True)
    else:
        config = home / "config" / "labconfig"
        config.mkdir(parents=True)
        (config / "page_config.json").write_text(json.dumps({"disabledExtensions": {name: True}}))


def _command(app: App, port: int, folder: Path) -> list[str]:
    module, traits = ("jupyterlab", "LabApp") if app == "lab" else ("notebook", "JupyterNotebookApp")
    return [
        sys.executable,
        "-m",
        module,
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        "--ServerApp.disable_check_xsrf=True",
        f"--ServerApp.root_dir={folder}",
        f"--{traits}.expose_app_in_browser=True",
    ]


def _environment(home: Path) -> dict[str, str]:
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    private = {name: str(home / part) for name, part in own.items()}
    return os.environ | private | {"PYTHONPATH": _path(), "JUPYTER_PREFER_ENV_PATH": "0"}  # or an installed plugin comes before ours


def _path() -> str:
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/api", timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not answer within 60 s:\n{log.read_text()[-3000:]}")


@dataclass
class Notebook:
    """One page with a notebook in it.

    Example::

        notebook.open(["print(1)"])
        notebook.run_cell(0)
        notebook.wait_for_text(0, "1")
    """

    page: Page
    server: Server
    screenshots: Path | None = None
    dialogs: list[str] = field(default_factory=list)
    """Texts of the ``alert``, ``confirm`` and ``prompt`` boxes that opened."""
    requests: list[str] = field(default_factory=list)
    """Addresses that the page asked for outside the server."""
    errors: list[str] = field(default_factory=list)
    """Uncaught errors of the page."""

    def __post_init__(self) -> None:
        self.page.on("dialog", self._on_dialog)
        self.page.on("request", lambda request: self._on_request(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def chat(self) -> Locator:
        """The chat view."""
        return self.page.locator(".aj-chat")

    def open(self, cells: Sequence[str], *, name: str = "", kernel: str = "python3") -> None:
        """Write a notebook with these code cells, open it, and wait for its kernel."""
        name = name or f"chat-{next(_names)}.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
        nbformat.write(notebook, self.server.folder / name)
        self.server.end_kernels()
        if self.server.app == "lab" and self.page.url.startswith(f"{self.server.url}/lab"):
            self.page.evaluate(
                """async (path) => {
                    const { commands, shell, serviceManager } = window.jupyterapp;
                    await serviceManager.kernelspecs.refreshSpecs();
                    [...shell.widgets('main')].forEach((widget) => { widget.dispose(); });
                    shell.collapseRight(); // a test that fails, or is tried once more, may leave it open
                    await commands.execute('docmanager:open', { path, factory: 'Notebook' });
                }""",
                name,
            )
        else:
            view = "lab/tree" if self.server.app == "lab" else "notebooks"
            self.page.goto(f"{self.server.url}/{view}/{name}" + ("?reset" if self.server.app == "lab" else ""))
            self.requests.clear()  # those of the page before, which may have asked another server
        self.page.wait_for_function("(name) => window.jupyterapp?.shell?.currentWidget?.context?.path === name", arg=name, timeout=90_000)
        self.wait_for_kernel()

    def reload(self) -> None:
        """Save, load the page again, and wait for the kernel, which goes on."""
        self.page.evaluate(f"{PANEL}.context.save()")
        self.page.reload()
        self.wait_for_kernel("idle", "busy")

    def wait_for_kernel(self, *states: str, timeout: float = 90) -> None:
        """Wait until the notebook's kernel is in one of the states (by default idle)."""
        self.page.wait_for_function(
            "(states) => states.includes(window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status)",
            arg=list(states or ("idle",)),
            timeout=timeout * 1000,
        )

    def run_cell(self, index: int) -> None:
        """Start a cell and do not wait for it."""
        self.page.evaluate(
            f"""(index) => {{ const panel = {PANEL}; panel.content.activeCellIndex = index; panel.content.deselectAll();
            void window.jupyterapp.commands.execute('notebook:run-cell'); }}""",
            index,
        )

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Return the nbformat outputs of a cell."""
        return list(self.page.evaluate(f"(index) => {PANEL}.content.model.sharedModel.cells[index].toJSON().outputs", index))

    def cell_text(self, index: int) -> str:
        """Return what a cell printed, the text of its result, and its errors."""
        parts = []
        for output in self.outputs(index):
            if output["output_type"] == "error":
                parts.append(f"{output['ename']}: {output['evalue']}")
            else:
                text = output.get("text") or output.get("data", {}).get("text/plain", "")
                parts.append("".join(text))
        return "".join(parts)

    def wait_for_text(self, index: int, text: str, *, timeout: float = 30) -> None:
        """Wait until a cell shows ``text``."""
        deadline = time.monotonic() + timeout
        while text not in self.cell_text(index):
            if time.monotonic() > deadline:
                raise AssertionError(f"Cell {index} does not show {text!r} after {timeout} s, but:\n{self.cell_text(index)}")
            self.page.wait_for_timeout(50)

    def wait_for_cell(self, index: int, *, timeout: float = 60) -> None:
        """Wait until a cell has ended. The kernel's own state does not tell: a click on a widget makes it idle in between."""
        self.page.wait_for_function(
            f"(index) => {PANEL}.content.model.sharedModel.cells[index].execution_count !== null", arg=index, timeout=timeout * 1000
        )

    def has_ended(self, index: int) -> bool:
        """Say whether a cell has ended."""
        return bool(self.page.evaluate(f"(index) => {PANEL}.content.model.sharedModel.cells[index].execution_count !== null", index))

    def set_theme(self, name: str) -> None:
        """Choose a theme of JupyterLab, such as ``JupyterLab Dark``."""
        self.page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", name)
        self.page.wait_for_function("(name) => document.body.dataset.jpThemeName === name", arg=name)

    def screenshot(self, name: str, target: Locator | None = None) -> None:
        """Keep a picture, if the run was asked for pictures."""
        if self.screenshots is not None:
            self.screenshots.mkdir(parents=True, exist_ok=True)
            (target or self.page).screenshot(path=self.screenshots / f"{name}.png")

    def _on_dialog(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":
            self.dialogs.append(dialog.message)
        with contextlib.suppress(Error):
            dialog.accept()

    def _on_request(self, url: str) -> None:
        if not url.startswith((self.server.url, self.server.url.replace("http", "ws"), "data:", "blob:")):
            self.requests.append(url)


@contextlib.contextmanager
def page(width: int = 1280, height: int = 900) -> Iterator[Page]:
    """Open a page in a fresh profile of the machine's Chromium."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="agentchat-chromium-") as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=executable, headless=True, args=CHROMIUM, viewport={"width": width, "height": height}
        )
        try:
            yield context.pages[0] if context.pages else context.new_page()
        finally:
            context.close()
