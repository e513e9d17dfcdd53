"""A real llama.cpp server in a process of its own, on a free port."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from .scripted_gguf import write_scripted_gguf

START = 120
"""Seconds the server gets to say its address; it needs one."""


@contextmanager
def running_llama_server(folder: Path, *, api_keys: tuple[str, ...] = (), context: int = 8192) -> Iterator[str]:
    """Write the scripted model into ``folder`` and serve it; give the base URL, which ends in ``/v1``, and end the server on leaving.

    ``context`` is what the model can read, in tokens.
    """
    model = folder / "scripted.gguf"
    if not model.exists():
        write_scripted_gguf(model)
    with serving(model, api_keys=api_keys, context=context) as url:
        yield url


@contextmanager
def serving(model: Path, *, api_keys: tuple[str, ...] = (), context: int = 8192) -> Iterator[str]:
    """Serve a model file under its name; give the base URL, and end the server on leaving."""
    log = model.with_suffix(".log")
    command = [
        sys.executable,
        "-c",
        _SERVE,
        json.dumps({"model": str(model), "name": model.stem, "api_keys": api_keys, "context": 2 * context}),
    ]
    with log.open("w") as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        address = _address(process)
        if address is None:
            raise RuntimeError(f"The llama.cpp server did not start:\n{log.read_text()[-2000:]}")
        yield f"{address}/v1"
    finally:
        process.kill()
        process.communicate()


def _address(process: subprocess.Popen[str]) -> str | None:
    """Read lines until one is the address: the library prints others. A thread reads, so that a silent server cannot hang us."""
    assert process.stdout is not None
    lines: Queue[str | None] = Queue()

    def read(stdout=process.stdout) -> None:
        for line in stdout:
            lines.put(line.strip())
        lines.put(None)

    Thread(target=read, daemon=True).start()
    deadline = time.monotonic() + START
    while True:
        try:
            line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            return None
        if line is None or line.startswith("http"):
            return line


_SERVE = """
import json, sys
import xllamacpp

given = json.loads(sys.argv[1])
params = xllamacpp.CommonParams()
params.model.path = given["model"]
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = given["context"]  # shared by the two slots
params.n_parallel = 2
params.cpuparams.n_threads = 1
params.use_jinja = True
params.warmup = False
params.model_alias = {given["name"]}
params.api_keys = list(given["api_keys"])
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()  # until the tests end, however they end
"""
