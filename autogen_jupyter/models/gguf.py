"""A model file (GGUF) served in this process by llama.cpp: no server to start, no network."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import secrets
import threading
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from ..errors import ModelError, NoModelError, UsageError
from .chat_completions import ChatCompletionsClient

__all__ = ["VARIABLE", "gguf_client"]

VARIABLE = "AUTOGEN_JUPYTER_GGUF"
CONTEXT_VARIABLE = "AUTOGEN_JUPYTER_GGUF_CONTEXT"
CONTEXT = 16_384
"""Tokens that the model can read at once, unless the variable says otherwise."""
BASE_URL = "http://gguf.localhost/v1"

_servers: dict[str, tuple[Any, str, str]] = {}
"""Running servers with their addresses and keys, by file; a model takes much memory, so there is one for all chats."""
_starting = threading.Lock()


def gguf_client(path: str) -> ChatCompletionsClient:
    """Return a client for a model file; the file is loaded at the first request.

    Raises:
        UsageError: there is no such file.
        NoModelError: the library that serves it is not installed.
    """
    file = Path(path).expanduser().resolve()
    if not file.is_file():
        raise UsageError(f"There is no model file {str(file)!r}.")
    if importlib.util.find_spec("xllamacpp") is None:
        raise NoModelError(f'Serving {file.name} needs llama.cpp: pip install "autogen_jupyter[local]"')
    return ChatCompletionsClient(file.stem, base_url=BASE_URL, transport=partial(_GgufTransport, str(file)), total_timeout=None)


class _GgufTransport(httpx2.AsyncBaseTransport):
    """Carries requests to the server of a model file, which it starts when the first one comes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._network = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        address, key = await asyncio.to_thread(_served, self._path)
        server = httpx2.URL(address)
        request.url = request.url.copy_with(scheme=server.scheme, host=server.host, port=server.port)
        request.headers["host"] = f"{server.host}:{server.port}"
        request.headers["authorization"] = f"Bearer {key}"  # nobody else on this machine may ask it
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


def _served(path: str) -> tuple[str, str]:
    with _starting:
        if path not in _servers:
            _servers[path] = _start(path)
        _, address, key = _servers[path]
        return address, key


def _start(path: str) -> tuple[Any, str, str]:
    import xllamacpp

    key = secrets.token_urlsafe(24)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = path
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_parallel = 1
    parameters.n_ctx = int(os.environ.get(CONTEXT_VARIABLE, "").strip() or CONTEXT)
    parameters.use_jinja = True
    parameters.warmup = False
    parameters.model_alias = {Path(path).stem}
    parameters.api_keys = [key]
    try:
        server = xllamacpp.Server(parameters)
    except Exception as error:
        raise ModelError(f"llama.cpp could not load {path}: {error}. Is it a whole GGUF file, and does it fit into memory?") from None
    return server, server.listening_address, key
