"""Model clients of the classic's form: a class with ``create``, ``message_retrieval``, ``cost`` and ``get_usage``."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Protocol

from ..errors import ModelError, UsageError
from ..messages import ToolCall, content_str
from ..portal import call
from ..redaction import redacted
from .base import ModelClient, ModelDelta, ModelReply, ModelRequest, Usage
from .library_errors import of_both
from .wire import to_wire

__all__ = ["ClassicClient", "ClassicModelClient", "registered", "with_registered"]


class ClassicModelClient(Protocol):
    """What the classic's ``ModelClient`` has to have.

    The answer of ``create`` has ``choices`` and ``model``; ``message_retrieval`` returns its texts, or messages with ``tool_calls``.
    """

    def create(self, params: dict[str, Any]) -> Any: ...

    def message_retrieval(self, response: Any) -> Sequence[Any]: ...

    def cost(self, response: Any) -> float: ...

    @staticmethod
    def get_usage(response: Any) -> Mapping[str, Any]: ...


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
        params: dict[str, Any] = {**self.entry, **request.options, "messages": to_wire(request.messages)}
        if request.tools:
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
            raise failed from (error if redacted(said) == said else None)  # it may quote the key that it was given
        if not answers:
            raise ModelError(f"{self.name} gave no answer: message_retrieval returned an empty list.")
        text, calls = _read(answers[0])
        if text:
            yield ModelDelta(text)
        model = str(getattr(response, "model", None) or self.model)
        yield ModelDelta(reply=ModelReply(text, model, calls, finish_reason="tool_calls" if calls else "stop", usage=usage))


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


def _usage(counts: Mapping[str, Any], cost: float | None) -> Usage | None:
    if not counts:
        return None
    usd = counts.get("cost", cost)
    return Usage(int(counts.get("prompt_tokens") or 0), int(counts.get("completion_tokens") or 0), None if usd is None else float(usd))


def _read(answer: Any) -> tuple[str, tuple[ToolCall, ...]]:
    """Read an answer: text, or a message as the openai library or a dictionary has it."""
    if isinstance(answer, str):
        return answer, ()
    given = answer if isinstance(answer, Mapping) else {name: getattr(answer, name, None) for name in ("content", "tool_calls")}
    return content_str(given.get("content")), tuple(_call(one, n) for n, one in enumerate(given.get("tool_calls") or ()))


def _call(given: Any, number: int) -> ToolCall:
    def part(of: Any, name: str) -> Any:
        return of.get(name) if isinstance(of, Mapping) else getattr(of, name, None)

    function = part(given, "function")
    arguments = part(function, "arguments")
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return ToolCall(str(part(given, "id") or f"call_{number}"), str(part(function, "name") or ""), text)
