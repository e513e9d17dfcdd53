"""Model clients of the classic's form: a class with ``create``, ``message_retrieval``, ``cost`` and ``get_usage``."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from ..errors import ModelError, UsageError
from ..messages import ToolCall, content_str
from ..portal import call
from ..redaction import redacted
from .base import ModelClient, ModelDelta, ModelReply, ModelRequest, Usage
from .library_errors import clean_chain, of_both
from .wire import to_wire

_NOT_FOR_CREATE = frozenset(
    {"agent", "allow_format_str_template", "cache", "cache_seed", "context", "filter_func", "price", "tags"}
    | {"api_key", "api_type", "api_version", "azure_ad_token", "azure_ad_token_provider", "azure_deployment", "azure_endpoint"}
    | {"base_url", "default_headers", "default_query", "http_client", "max_retries", "organization", "project", "timeout"}
    | {"admin_api_key", "data_residency", "provider", "webhook_secret", "websocket_base_url", "workload_identity"}
    | {"_enforce_credentials", "_strict_response_validation"}
)
"""What the class is told when it is made and not with each request, as in the classic: how to get to a server, and what is ours to do."""

__all__ = ["ClassicClient", "ClassicModelClient", "registered", "with_registered"]


class ClassicModelClient(Protocol):
    """What the classic's ``ModelClient`` has to have.

    The answer of ``create`` has ``choices`` and ``model``; ``message_retrieval`` returns its texts, or messages with ``tool_calls`` or a
    ``function_call``.
    """

    def create(self, params: dict[str, Any]) -> Any: ...

    def message_retrieval(self, response: Any) -> Sequence[Any]: ...

    def cost(self, response: Any) -> float: ...

    @staticmethod
    def get_usage(response: Any) -> Mapping[str, Any] | None: ...


class ClassicClient:
    """A client of the classic's form, as the conversation asks it.

    Its methods run in a thread of their own, so they may block. Where the class is not registered yet, asking is an error that says how.
    """

    def __init__(self, name: str, entry: Mapping[str, Any]) -> None:
        self.name = name
        self.entry = dict(entry)
        self._client: ClassicModelClient | None = None

    def __repr__(self) -> str:
        return f"ClassicClient({self.name!r}, {self.model!r})"

    @property
    def model(self) -> str:
        return str(self.entry.get("model") or self.name)

    @property
    def is_language_model(self) -> bool:
        return True

    @property
    def cache_identity(self) -> Any:
        """What tells the client from others, if it says so; without it, its answers are not cached."""
        return getattr(self._client, "cache_identity", None)

    def register(self, make: Any, **options: Any) -> None:
        """Make the client, as the classic does: with the entry's configuration and your options."""
        self._client = make(dict(self.entry), **options)

    def register_as(self, other: ClassicClient) -> None:
        """Answer with the client that was made for another one of this name."""
        if self.name == other.name:
            self._client = other._client

    @property
    def is_registered(self) -> bool:
        return self._client is not None

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Answer in one piece: the classic's clients do not stream.

        Raises:
            ModelError: the client failed, or its class is not registered.
        """
        client = self._client
        if client is None:
            raise ModelError(f"{self.name} is not registered: agent.register_model_client(model_client_cls={self.name}).")
        options = {name: value for name, value in {**self.entry, **request.options}.items() if name not in _NOT_FOR_CREATE}
        params: dict[str, Any] = {**options, "messages": to_wire(request.messages, older=True)}
        if request.as_functions:
            params["functions"] = [*params.get("functions", ()), *(tool["function"] for tool in request.tools)]
        elif request.tools:
            params["tools"] = [*params.get("tools", ()), *request.tools]
        try:
            response = await call(client.create, params)
            answers = list(await call(client.message_retrieval, response))
            usage = _usage(await call(client.get_usage, response), await call(client.cost, response))
        except ModelError:
            raise
        except Exception as error:
            said = f"{self.name} failed: {type(error).__name__}: {error}"
            failed = of_both(ModelError, said, error, redacted)
            clean_chain(error, redacted)
            raise failed from (error if redacted(said) == said else None)  # it may quote the key that it was given
        if not answers:
            raise ModelError(f"{self.name} gave no answer: message_retrieval returned an empty list.")
        reply = replace(_read(answers[0], str(getattr(response, "model", None) or self.model)), usage=usage)
        if reply.text:
            yield ModelDelta(reply.text)
        yield ModelDelta(reply=reply)


def registered(client: Any, make: type, options: Mapping[str, Any]) -> None:
    """Register a class for the first entry of a configuration that names it and has none yet.

    Raises:
        UsageError: no entry names it.
    """
    waiting = [one for one in _members(client) if isinstance(one, ClassicClient) and one.name == make.__name__]
    if not waiting:
        raise UsageError(
            f'No entry of llm_config names {make.__name__}. Write {{"model": "…", "model_client_cls": "{make.__name__}"}} into config_list.'
        )
    (next((one for one in waiting if not one.is_registered), waiting[-1])).register(make, **options)


def with_registered(client: ModelClient, before: ModelClient) -> ModelClient:
    """Return a client that was made anew, of the same entries with other options, with the classes that were registered before."""
    for new, old in zip(_members(client), _members(before), strict=False):
        if isinstance(new, ClassicClient) and isinstance(old, ClassicClient):
            new.register_as(old)
    return client


def _members(client: Any) -> list[Any]:
    while (inner := getattr(client, "inner", None)) is not None:
        client = inner
    return [member for one in getattr(client, "clients", None) or [] for member in _members(one)] or [client]


def _usage(counts: Mapping[str, Any] | None, cost: float | None) -> Usage | None:
    """Return what an answer took. A class need not count tokens: its ``cost`` is heard all the same."""
    counts = counts or {}
    usd = counts.get("cost", cost)
    if not counts and usd is None:
        return None
    return Usage(int(counts.get("prompt_tokens") or 0), int(counts.get("completion_tokens") or 0), None if usd is None else float(usd))


def _read(answer: Any, model: str) -> ModelReply:
    """Read an answer: text, or a message as the openai library or a dictionary has it."""
    if isinstance(answer, str):
        return ModelReply(answer, model, finish_reason="stop")
    calls = tuple(
        _call(_part(one, "function"), str(_part(one, "id") or f"call_{n}")) for n, one in enumerate(_part(answer, "tool_calls") or ())
    )
    older = None if calls else _part(answer, "function_call")
    if older:
        calls = (_call(older, "call_0"),)
    finish = "tool_calls" if calls else "stop"
    return ModelReply(content_str(_part(answer, "content")), model, calls, finish_reason=finish)


def _call(function: Any, call_id: str) -> ToolCall:
    arguments = _part(function, "arguments")
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return ToolCall(call_id, str(_part(function, "name") or ""), text)


def _part(of: Any, name: str) -> Any:
    return of.get(name) if isinstance(of, Mapping) else getattr(of, name, None)
