"""Which options a request may carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["REQUEST_OPTIONS", "as_written", "split_options"]

REQUEST_OPTIONS = frozenset(
    {
        "audio", "extra_body", "extra_headers", "extra_query", "frequency_penalty", "function_call", "functions", "logit_bias",
        "logprobs", "max_completion_tokens", "max_tokens", "metadata", "modalities", "parallel_tool_calls", "prediction",
        "presence_penalty", "prompt_cache_key", "prompt_cache_retention", "reasoning_effort", "response_format", "safety_identifier",
        "seed", "service_tier", "stop", "store", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity",
        "web_search_options",
    }
)  # fmt: skip
"""Parameters of Chat Completions that a user may set."""
_OURS = frozenset({"messages", "model", "n", "stream", "stream_options"})


def split_options(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters the library knows, and the rest, which goes into the request's body as it is (``top_k``, …)."""
    set_ones = {name: value for name, value in options.items() if value is not None and name not in _OURS}
    known = {name: value for name, value in set_ones.items() if name in REQUEST_OPTIONS}
    return known, {name: value for name, value in set_ones.items() if name not in known}


def as_written(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return a request's parameters so that the library sends those with these names as they are.

    They are in the API's form already. The library would compare every message of the history with each of its types, which takes longer
    than everything else about a request as soon as the history has a few messages.
    """
    ready = {name: body[name] for name in names if name in body}
    return {**body, **dict.fromkeys(ready, ()), "extra_body": {**ready, **(body.get("extra_body") or {})}}
