"""The openai library, given no key but ours, and one client for each event loop. Importing this module imports the library."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai

from .endpoint import PLACEHOLDER, Endpoint

__all__ = ["LIBRARY_ERRORS", "Connections", "list_models"]

LIBRARY_ERRORS: tuple[type[Exception], ...] = (openai.OpenAIError, httpx2.HTTPError, ValueError, asyncio.TimeoutError)
"""What the server's and the network's faults are raised as; a torn chunk shows as a ValueError of the JSON reader."""


@dataclass
class Connections:
    """The connections of one model; a library client shared between event loops fails, so each loop gets its own."""

    endpoint: Endpoint
    http_client: httpx2.AsyncClient | None = None
    transport: httpx2.AsyncBaseTransport | Callable[[], httpx2.AsyncBaseTransport] | None = None
    timeout: float | None = None
    max_retries: int = 2
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    _clients: dict[asyncio.AbstractEventLoop, openai.AsyncOpenAI] = field(default_factory=dict, init=False)

    def open(self) -> openai.AsyncOpenAI:
        """Return the client of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients = {known: client for known, client in self._clients.items() if not known.is_closed()}
            self._clients[loop] = self._make()
        return self._clients[loop]

    async def close(self) -> None:
        """Close the connections of the running loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None and self.http_client is None:
            await client.close()

    def _make(self) -> openai.AsyncOpenAI:
        options: dict[str, Any] = {
            "api_key": self.endpoint.key or PLACEHOLDER,
            "max_retries": self.max_retries,
            "http_client": self._http(),
            "default_headers": self._headers(),
            "default_query": dict(self.query),
        }
        if self.timeout is not None:
            options["timeout"] = self.timeout
        if self.endpoint.api_version:
            return openai.AsyncAzureOpenAI(azure_endpoint=self.endpoint.base_url, api_version=self.endpoint.api_version, **options)
        return openai.AsyncOpenAI(base_url=self.endpoint.base_url, **options)

    def _http(self) -> httpx2.AsyncClient | None:
        if self.transport is None:
            return self.http_client
        made = self.transport if isinstance(self.transport, httpx2.AsyncBaseTransport) else self.transport()
        return openai.DefaultAsyncHttpxClient(transport=made)

    def _headers(self) -> dict[str, str]:
        """The library adds headers from ``OPENAI_…`` variables to every request; only OpenAI itself may see them."""
        if self.endpoint.is_openai:
            return dict(self.headers)
        lines = os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
        ambient = {"OpenAI-Organization", "OpenAI-Project"} | {line.partition(":")[0].strip() for line in lines if ":" in line}
        hidden: dict[str, Any] = {name: openai.Omit() for name in ambient if name.lower() != "authorization"}
        if not self.endpoint.api_version:
            hidden["Authorization"] = f"Bearer {self.endpoint.key or PLACEHOLDER}"
        return hidden | dict(self.headers)


async def list_models(client: openai.AsyncOpenAI, *, seconds: float = 2.0) -> list[str]:
    """Return the names of the models that a server offers, as far as it says so within ``seconds``."""
    page = await asyncio.wait_for(client.with_options(max_retries=0).models.list(timeout=seconds), seconds)
    names = (getattr(model, "id", None) for model in getattr(page, "data", None) or ())
    return [name for name in names if isinstance(name, str) and name]
