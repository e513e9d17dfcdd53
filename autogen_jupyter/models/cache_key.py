"""What makes two requests the same: who is asked, and everything the answer depends on. No key, header or id of ours is part of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .base import ModelClient, ModelRequest
from .wire import to_wire

__all__ = ["request_key"]

VERSION = 1
_NOT_THE_QUESTION = frozenset(
    {"extra_headers", "extra_query", "metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "service_tier"}
    | {"store", "stream", "stream_options", "timeout", "user", "send_names"}
)
"""Options that do not change the answer, or that may hold a secret."""


def request_key(client: ModelClient, request: ModelRequest) -> str | None:
    """Return the name of a request in a cache, or None where it cannot have one and so is not cached.

    A client of your own is cached if it has an attribute ``cache_identity``: a text or dictionary that tells it from others.
    """
    asked = identity(client)
    if asked is None:
        return None
    messages = to_wire(request.messages, send_names=_sends_names(client), names_in_text=request.name_speakers)
    question = {
        "version": VERSION,
        "asked": asked,
        "messages": list(_without_random_ids(messages)),
        "tools": request.tools,
        "options": _essential(request.options),
        **({"as_functions": True} if request.as_functions else {}),
    }
    try:
        text = json.dumps(question, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    except (TypeError, ValueError):
        return None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def identity(client: object) -> Any:
    """Return what tells a model from others: interface, address, name and the options it sends with every request; None if unknown."""
    own = getattr(client, "cache_identity", None)
    if own is not None:
        return own
    inner = getattr(client, "inner", None)
    if inner is not None:
        return identity(inner)
    members = getattr(client, "clients", None)
    if members is not None:
        known = [identity(member) for member in members]
        return None if None in known else known
    endpoint = getattr(client, "endpoint", None)
    if endpoint is None:
        return None
    parts = urlsplit(endpoint.base_url)
    return {
        "api": getattr(client, "api", "chat"),
        "address": f"{parts.hostname}:{parts.port or ''}{parts.path.rstrip('/')}",
        "model": getattr(client, "model", ""),
        "options": _essential(getattr(client, "options", {})),
    }


def _sends_names(client: object) -> bool:
    while (inner := getattr(client, "inner", None)) is not None:
        client = inner
    return bool(getattr(client, "options", {}).get("send_names"))


def _essential(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None and name not in _NOT_THE_QUESTION}


def _without_random_ids(wires: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Servers make up the ids of tool calls; left as they are, no second turn would ever be found again."""
    places: dict[str, str] = {}
    count = 0
    for wire in wires:
        made = dict(wire)
        if calls := made.get("tool_calls"):
            for call in calls:
                places[call["id"]] = f"call{count}"
                count += 1
            made["tool_calls"] = [call | {"id": places[call["id"]]} for call in calls]
        if "tool_call_id" in made:
            made["tool_call_id"] = places.get(made["tool_call_id"], "")
        yield made


def _plain(value: Any) -> Any:
    schema = getattr(value, "model_json_schema", None)
    if schema is None:
        raise TypeError(f"{type(value).__name__} has no lasting form")
    return schema()
