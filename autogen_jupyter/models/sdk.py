"""The openai library, given no key but ours, and one client for each event loop. Importing this module imports the library."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from .endpoint import PLACEHOLDER, Endpoint, origin
from .failures import UnusableAnswerError

__all__ = ["LIBRARY_ERRORS", "Connections", "list_models"]

LIBRARY_ERRORS: tuple[type[Exception], ...] = (openai.OpenAIError, httpx2.HTTPError, ValueError, asyncio.TimeoutError, UnusableAnswerError)
"""What the server's and the network's faults are raised as; a torn chunk shows as a ValueError of the JSON reader."""


@dataclass
class Connections:
    """The connections of one model; a library client shared between event loops fails, so each loop gets its own."""

    endpoint: Endpoint
    http_client: httpx2.AsyncClient | None = None
    transport: httpx2.AsyncBaseTransport | Callable[[], httpx2.AsyncBaseTransport] | None = None
    timeout: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # they may hold keys
    query: Mapping[str, object] = field(default_factory=dict, repr=False)
    _clients: dict[asyncio.AbstractEventLoop, openai.AsyncOpenAI] = field(default_factory=dict, init=False, repr=False)

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
            "max_retries": 0,  # retries are made where they can be seen
            "http_client": self._http(),
            "default_headers": self._headers(),
            "default_query": dict(self.query),
        }
        if self.timeout is not None:
            options["timeout"] = self.timeout
        if self.endpoint.api_version:
            return openai.AsyncAzureOpenAI(azure_endpoint=self.endpoint.base_url, api_version=self.endpoint.api_version, **options)
        return openai.AsyncOpenAI(base_url=self.endpoint.base_url, **options)

    def _http(self) -> httpx2.AsyncClient:
        """Return a client that keeps our key and our words at their host, whoever made it."""
        transport = self.transport
        if transport is not None and not isinstance(transport, httpx2.AsyncBaseTransport):
            transport = transport()
        made = self.http_client or openai.DefaultAsyncHttpxClient(transport=transport)
        hooks = made.event_hooks
        if _stay_there not in hooks["response"]:
            made.event_hooks = {**hooks, "response": [*hooks["response"], _stay_there]}
        return made

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


async def _stay_there(response: httpx2.Response) -> None:
    """Refuse a redirect to another host: the HTTP library would drop one header there and send on the others, and the conversation."""
    if not response.has_redirect_location:
        return
    asked, told = str(response.request.url), str(response.request.url.join(response.headers["location"]))
    if origin(asked) == origin(told):
        return
    (was, host, _), (becomes, other, port) = origin(asked), origin(told)
    if (was, becomes, port) == ("http", "https", 443) and host == other:
        return
    raise UnusableAnswerError(
        f"redirects to {urlsplit(told).netloc}, where neither the key nor the conversation is sent", "Check base_url."
    )


async def list_models(client: openai.AsyncOpenAI, *, seconds: float = 2.0) -> list[str]:
    """Return the names of the models that a server offers, as far as it says so within ``seconds``."""
    page = await asyncio.wait_for(client.models.list(timeout=seconds), seconds)
    names = (getattr(model, "id", None) for model in getattr(page, "data", None) or ())
    return [name for name in names if isinstance(name, str) and name]
