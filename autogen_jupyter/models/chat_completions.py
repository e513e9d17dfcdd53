"""A model at an OpenAI-compatible endpoint, asked in Chat Completions or in Responses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .base import ModelDelta, ModelRequest
from .endpoint import OPENAI_URL, Endpoint
from .prices import Price

if TYPE_CHECKING:
    import httpx2

    from .exchange import Exchange
    from .protocols import Api

__all__ = ["ChatCompletionsClient"]


class ChatCompletionsClient:
    """A model at an OpenAI-compatible endpoint.

    Args:
        model: the model's name there. None or "": ask the server at first use, and take its model if it has exactly one.
        base_url: the endpoint, such as ``"http://127.0.0.1:8080/v1"``; OpenAI's when None.
        api_key: the key for this endpoint; none is looked up elsewhere (``resolve_model`` does that).
        key_source: where the key was found, named in errors: ``"OPENAI_API_KEY"``.
        api_version: only for Azure set-ups that still need one; ``base_url`` is then the bare resource address.
        options: sampling options sent with every request; a request's own options come first. Nothing else is sent.
        http_client: a ready ``httpx2.AsyncClient``, for proxies and certificates. It belongs to one event loop.
        transport: an ``httpx2.AsyncBaseTransport``, or a function that makes one at first use.
        is_language_model: False for a stand-in.
        timeout: seconds to wait for the server to go on; the library's 600 when None.
        first_token_timeout: seconds to wait for the answer to begin; as long as ``timeout`` when None.
        total_timeout: seconds that an answer may take in all; no limit when None.
        max_retries: how often a request that failed before its answer began is repeated. An answer that breaks off is asked for once
            more, unless this is 0.
        api: the protocol: ``"chat"`` for Chat Completions, ``"responses"``, or ``"auto"``: Responses at OpenAI and Azure, Chat
            Completions elsewhere, and the other one where a refusal asks for it.
        headers: extra HTTP headers.
        query: extra URL parameters.
        price: US dollars for 1,000 prompt and 1,000 completion tokens, where the price list does not know the model.

    Example:
        >>> ChatCompletionsClient("my-model", base_url="http://127.0.0.1:8080/v1", options={"temperature": 0})
        ChatCompletionsClient('my-model', base_url='http://127.0.0.1:8080/v1')
    """

    def __init__(
        self,
        model: str | None,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        key_source: str | None = None,
        api_version: str | None = None,
        options: Mapping[str, Any] | None = None,
        http_client: httpx2.AsyncClient | None = None,
        transport: httpx2.AsyncBaseTransport | Callable[[], httpx2.AsyncBaseTransport] | None = None,
        is_language_model: bool = True,
        timeout: float | None = None,
        first_token_timeout: float | None = None,
        total_timeout: float | None = 1800.0,
        max_retries: int = 2,
        api: Api = "auto",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, object] | None = None,
        price: Price | None = None,
    ) -> None:
        if http_client is not None and transport is not None:
            raise UsageError("http_client and transport were both given; put the transport into the http_client.")
        if api not in ("auto", "chat", "responses"):
            raise UsageError(f'The model {model!r} has api={api!r}; write "auto", "chat" or "responses".')
        key = (api_key or "").strip()
        self.endpoint = Endpoint(base_url or OPENAI_URL, key, (key_source or "api_key") if key else "", api_version)
        self.options = dict(options or {})
        self._model = (model or "").strip()
        self._is_language_model = is_language_model
        self._connection: dict[str, Any] = {
            "http_client": http_client,
            "transport": transport,
            "timeout": timeout,
            "headers": headers or {},
            "query": query or {},
        }
        self._api: Api = api
        self._price = price
        self._max_retries = max_retries
        self._timeouts = (timeout, first_token_timeout, total_timeout)
        self._exchange: Exchange | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._model!r}, base_url={self.endpoint.address!r})"

    @property
    def model(self) -> str:
        """The model's name; before a nameless model was first used, where it is."""
        settled = self._exchange.model if self._exchange else self._model
        return settled or f"the model at {self.endpoint.host}"

    @property
    def is_language_model(self) -> bool:
        """False for a stand-in, such as the built-in demo model."""
        return self._is_language_model

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Answer piece by piece; leaving the iteration early closes the connection.

        Raises:
            ModelError: what the server or the network did, and what to do about it.
        """
        if self._exchange is None:  # importing the library takes most of a second, which the event loop must not wait for
            self._exchange = await asyncio.to_thread(self._connected)
        async with aclosing(self._exchange.stream(request)) as deltas:
            async for delta in deltas:
                yield delta

    def payload(self, request: ModelRequest) -> tuple[str, dict[str, Any]]:
        """Return where a request would go and its body. Nothing is sent; the library is loaded, which takes most of a second."""
        return (self._exchange or self._connected()).payload(request)

    async def offers(self) -> list[dict[str, Any]]:
        """Return the models that the server lists, each as it describes it.

        Raises:
            ModelError: it could not be asked, or does not list them.
        """
        if self._exchange is None:
            self._exchange = await asyncio.to_thread(self._connected)
        return await self._exchange.offers()

    async def close(self) -> None:
        """Close the connections that were opened on the running event loop."""
        if self._exchange is not None:
            await self._exchange.connections.close()

    def _connected(self) -> Exchange:
        from .exchange import Exchange
        from .patience import Timeouts
        from .retries import Retries
        from .sdk import Connections

        connections, retries = Connections(self.endpoint, **self._connection), Retries(most=self._max_retries)
        return Exchange(self._model, connections, self.options, self._price, self._api, retries, Timeouts(*self._timeouts))
