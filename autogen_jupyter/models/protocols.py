"""Which of the two protocols a model is asked in: as told, else as its endpoint does it best, else as a refusal asks for."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Literal, Protocol, cast

import openai

from ..context import current
from ..events import Noticed
from .base import ModelRequest
from .chat_protocol import ChatProtocol
from .endpoint import Endpoint, origin
from .responses_protocol import ResponsesProtocol

__all__ = ["Api", "Protocols", "WireProtocol"]

Api = Literal["auto", "chat", "responses"]
_WANTS_RESPONSES = re.compile(r"/v1/responses|responses api", re.IGNORECASE)
_WANTS_CHAT = re.compile(r"chat/completions|responses( api)? (is|are) not (supported|available|enabled)|resource not found", re.IGNORECASE)
_NAMES = {"chat": "Chat Completions", "responses": "Responses"}

_learned: dict[tuple[object, str], str] = {}
"""What models asked for and then took, by endpoint and name, for all clients of this process."""


class WireProtocol(Protocol):
    """How requests and answers are written."""

    @property
    def path(self) -> str:
        """Where requests go, below the base address."""
        ...

    def body(self, model: str, request: ModelRequest, options: Mapping[str, Any]) -> dict[str, Any]: ...

    async def start(self, sdk: openai.AsyncOpenAI, body: Mapping[str, Any]) -> openai.AsyncStream[Any]: ...

    def adapts_to(self, error: openai.APIStatusError, body: Mapping[str, Any]) -> bool: ...

    def assembler(self, model: str) -> Any: ...

    def pieces(self, stream: openai.AsyncStream[Any]) -> AsyncGenerator[Any, None]: ...

    def remember(self, assembler: Any) -> None: ...


class Protocols:
    """The protocols of one endpoint."""

    def __init__(self, endpoint: Endpoint, api: Api) -> None:
        self._endpoint = endpoint
        self._api = api
        self._known: dict[str, Any] = {"chat": ChatProtocol(endpoint), "responses": ResponsesProtocol(endpoint)}
        self._trying: dict[str, str] = {}

    def for_model(self, model: str) -> WireProtocol:
        """Return the protocol for a model."""
        return cast(WireProtocol, self._known[self._name(model)])

    def switches(self, model: str, error: openai.APIStatusError) -> bool:
        """Take the other protocol if a refusal asks for it and it has not been tried; say whether it did."""
        if self._api != "auto" or error.status_code not in (400, 404, 405, 422) or model in self._trying or self._key(model) in _learned:
            return False
        now = self._name(model)
        if not (_WANTS_RESPONSES if now == "chat" else _WANTS_CHAT).search(f"{error.message} {error.body}"):
            return False
        self._trying[model] = "responses" if now == "chat" else "chat"
        return True

    def settle(self, model: str) -> None:
        """Remember a switch that worked, and say it once."""
        name = self._trying.get(model)
        if name is None or self._key(model) in _learned:
            return
        _learned[self._key(model)] = name
        current().emit(Noticed(f"{self._endpoint.host} wants the {_NAMES[name]} protocol for {model}; it is used from now on."))

    def _name(self, model: str) -> str:
        if self._api != "auto":
            return self._api
        return _learned.get(self._key(model)) or self._trying.get(model) or ("responses" if self._endpoint.has_responses else "chat")

    def _key(self, model: str) -> tuple[object, str]:
        return origin(self._endpoint.base_url), model
