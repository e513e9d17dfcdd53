"""Real Jupyter servers on this machine, for agent kernels to run on."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from autogen_jupyter.kernels import Server

START = 60.0

_SERVER = [
    "-m", "jupyter_server", "--ServerApp.ip=127.0.0.1", "--ServerApp.port={port}", "--ServerApp.port_retries=0", "--no-browser",
    "--ServerApp.root_dir={folder}", "--ServerApp.allow_root=True", "--IdentityProvider.token={token}",
]  # fmt: skip
_GATEWAY = [
    "-m", "kernel_gateway", "--KernelGatewayApp.ip=127.0.0.1", "--KernelGatewayApp.port={port}", "--KernelGatewayApp.port_retries=0",
    "--KernelGatewayApp.auth_token={token}", "--JupyterWebsocketPersonality.list_kernels=True",
]  # fmt: skip
_ENTERPRISE = [
    "--EnterpriseGatewayApp.ip=127.0.0.1", "--EnterpriseGatewayApp.port={port}", "--EnterpriseGatewayApp.port_retries=0",
    "--EnterpriseGatewayApp.auth_token={token}", "--EnterpriseGatewayApp.list_kernels=True",
    "--EnterpriseGatewayApp.unauthorized_users=nobody",
]  # fmt: skip
_ENTERPRISE_PROGRAM = os.environ.get("AUTOGEN_JUPYTER_ENTERPRISE_GATEWAY", "")
_COMMANDS = {
    "jupyter-server": [sys.executable, *_SERVER],
    "kernel-gateway": [sys.executable, *_GATEWAY],
    "enterprise-gateway": [_ENTERPRISE_PROGRAM, *_ENTERPRISE],
}
ENTERPRISE_GATEWAY = pytest.param(
    "enterprise-gateway",
    marks=pytest.mark.skipif(
        not _ENTERPRISE_PROGRAM,
        reason="it wants older packages than ours: AUTOGEN_JUPYTER_ENTERPRISE_GATEWAY can name a jupyter-enterprisegateway elsewhere",
    ),
)
KINDS = ["jupyter-server", "kernel-gateway", ENTERPRISE_GATEWAY]


@contextlib.contextmanager
def jupyter_server(kind: str, folder: Path, *settings: str) -> Iterator[Server]:
    """Run a server of that kind, with a token and these settings, while the block lasts."""
    port, token = free_port(), secrets.token_hex(16)
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "IPYTHONDIR": str(home / "ipython")}
    env = {name: value for name, value in env.items() if "KEY" not in name}
    env["JUPYTER_PATH"] = str(_offer_python(home / "jupyter"))
    words = [word.format(port=port, folder=folder, token=token) for word in [*_COMMANDS[kind], *settings]]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, env=env, stdout=log, stderr=log)
    try:
        server = Server(f"http://127.0.0.1:{port}", token=token)
        _wait_for(server, process, folder / "server.log")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _offer_python(data: Path) -> Path:
    """Make this Python the kernel ``python3``, also of a server that has another one."""
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    folder = data / "kernels" / "python3"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    return data


def kernels_on(server: Server) -> list[dict[str, object]]:
    """Return the server's kernels, as it tells them."""
    with urllib.request.urlopen(urllib.request.Request(f"{server.url}/api/kernels", headers=server.headers())) as answer:
        return json.load(answer)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START
    while True:
        with contextlib.suppress(OSError):
            kernels_on(server)
            return
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the server did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)
