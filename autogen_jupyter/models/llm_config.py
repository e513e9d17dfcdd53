"""The classic's ``llm_config`` and ``config_list``, read strictly: a key that means nothing is an error, not a silence."""

from __future__ import annotations

import copy
import difflib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import NoModelError, UsageError
from .base import ModelClient
from .cache import Cache
from .cache_client import CachedClient
from .chat_completions import ChatCompletionsClient
from .classic_client import ClassicClient
from .endpoint import OPENAI_URL
from .failover import FailoverClient
from .model_names import BUILTIN_URL, demo_client
from .options import REQUEST_OPTIONS
from .prices import Price
from .providers import PROVIDERS, azure_client, find_key, wants_key
from .rate_limit import RateLimits, limiter_for
from .rate_limit_client import RateLimitedClient
from .spelled import spelled_out

__all__ = ["client_from_llm_config"]

_EXAMPLE = '{"model": "gpt-6-luna", "api_key": "…"} or {"config_list": [{"model": "my-model", "base_url": "http://127.0.0.1:8080/v1"}]}'
_CONNECTION = frozenset(
    {"model", "base_url", "api_key", "api_type", "api_version", "azure_endpoint", "azure_deployment", "organization", "project"}
    | {
        "api",
        "timeout",
        "first_token_timeout",
        "total_timeout",
        "max_retries",
        "default_headers",
        "default_query",
        "http_client",
        "price",
        "send_names",
    }
)
_NOTHING_TO_SEND = frozenset({"tags", "stream"})
"""Accepted: every answer streams, and tags serve ``filter_config``."""
_GUARDS = frozenset({"cache_seed", "api_rate_limit", "rpm", "tpm"})
_KNOWN = {"model_client_cls"} | _CONNECTION | _GUARDS | _NOTHING_TO_SEND | REQUEST_OPTIONS | {"n"}
_RENAMED = {
    "api_base": "base_url",
    "deployment_id": "model",
    "engine": "model",
    "request_timeout": "timeout",
    "use_cache": "cache_seed",
}
_UNSUPPORTED = frozenset({"allow_format_str_template", "context", "filter_func", "hide_tools"})

_INSTEAD = {
    "allow_format_str_template": "Only agents take it, beside config_list.",
    "context": "Give it with the message: {'content': …, 'context': {…}}; OpenAIWrapper.create takes it too.",
    "filter_func": "Only OpenAIWrapper.create takes it; for an agent, put a ModelClient of yours around another.",
    "hide_tools": "Only agents take it, beside config_list.",
}
_OTHER_INTERFACES = {
    "bedrock": "https://bedrock-runtime.REGION.amazonaws.com/openai/v1",
    "cohere": "https://api.cohere.ai/compatibility/v1",
}
"""Types of the classic whose own interface is not spoken here, and an address where they speak OpenAI's."""


def client_from_llm_config(llm_config: Mapping[str, Any], *, environ: Mapping[str, str] | None = None) -> ModelClient:
    """Return the model that a classic ``llm_config`` describes; several entries are tried in order.

    Args:
        llm_config: one model (``model``, ``base_url``, ``api_key``, …) or a ``config_list`` of them; keys beside ``config_list``
            hold for every entry that does not have its own. Without a ``base_url``, ``model`` may say where it is, as ``-m`` does:
            ``"ollama/qwen3:8b"``, ``"http://host:port/v1#my-model"``, ``"builtin/demo"``. It is copied, never changed.
        environ: where keys are looked up that the config does not hold; by default this process's. A key goes only to its own host.

    Raises:
        UsageError: it names no model, or holds a key or value that means nothing.
        NoModelError: an entry needs a key and there is none.

    Example:
        >>> client_from_llm_config({"model": "my-model", "base_url": "http://127.0.0.1:8080/v1", "temperature": 0})
        ChatCompletionsClient('my-model', base_url='http://127.0.0.1:8080/v1')
    """
    environ = os.environ if environ is None else environ
    entries = [entry if entry.get("model_client_cls") else spelled_out(entry, environ) for entry in _entries(llm_config)]
    clients = [_classic(entry) or _limited(_client(entry, environ), entry) for entry in entries]
    client = clients[0] if len(clients) == 1 else FailoverClient(clients)
    return _cached(client, entries[0].get("cache_seed"))


def _classic(entry: Mapping[str, Any]) -> ModelClient | None:
    """A client of the classic's form takes what it likes from its entry."""
    name = entry.get("model_client_cls")
    return ClassicClient(str(name), entry) if name else None


def _limited(client: ChatCompletionsClient, entry: Mapping[str, Any]) -> ModelClient:
    limits = RateLimits(entry.get("api_rate_limit"), entry.get("rpm"), entry.get("tpm"))
    return RateLimitedClient(client, limiter_for(client.endpoint, client.model, limits)) if limits else client


def _cached(client: ModelClient, seed: Any) -> ModelClient:
    return client if seed is None else CachedClient(client, Cache.disk(seed))


def _entries(llm_config: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not isinstance(llm_config, Mapping):
        raise UsageError(f"llm_config is {type(llm_config).__name__}, not a dictionary. Write {_EXAMPLE}.")
    base = {key: value for key, value in llm_config.items() if key != "config_list"}
    if "config_list" not in llm_config:
        return [_checked(base)]
    listed = llm_config["config_list"]
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not all(isinstance(entry, Mapping) for entry in listed):
        raise UsageError(f"The config_list of llm_config is not a list of dictionaries. Write {_EXAMPLE}.")
    if not listed:
        raise UsageError(f"The config_list of llm_config is empty, so there is no model to ask. Write {_EXAMPLE}.")
    return [_checked({**base, **entry}) for entry in listed]


def _checked(entry: Mapping[str, Any]) -> dict[str, Any]:
    if entry.get("model_client_cls"):
        return dict(entry)
    for key in entry:
        if key in _UNSUPPORTED:
            raise UsageError(f"llm_config has {key!r}, which is not supported. {_INSTEAD.get(key, 'Remove it.')}")
        if key not in _KNOWN:
            raise UsageError(_unknown(str(key)))
    if entry.get("n") not in (None, 1):
        raise UsageError(f"llm_config asks for n={entry['n']!r} answers; a chat takes one. Remove n.")
    if "model" in entry and not entry["model"]:
        raise UsageError(f"llm_config has an entry with an empty model. Write {_EXAMPLE}.")
    if not any(entry.get(key) for key in ("model", "azure_deployment", "base_url")):
        raise UsageError(f"llm_config has an entry without a model. Write {_EXAMPLE}.")
    return _copied(entry)


def _unknown(key: str) -> str:
    near = [_RENAMED[key]] if key in _RENAMED else difflib.get_close_matches(key, sorted(_KNOWN | {"config_list"}), 1)
    if near:
        return f"llm_config has the unknown key {key!r}; did you mean {near[0]!r}?"
    return f"llm_config has the unknown key {key!r}. A parameter that only your server knows goes into extra_body: {{{key!r}: …}}."


def _copied(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value if key == "http_client" else _copy_of(key, value) for key, value in entry.items()}


def _copy_of(key: str, value: object) -> object:
    try:
        return copy.deepcopy(value)
    except Exception as error:
        raise UsageError(f"llm_config[{key!r}] is a {type(value).__name__}, which cannot be copied. Give plain values.") from error


def _client(entry: dict[str, Any], environ: Mapping[str, str]) -> ChatCompletionsClient:
    options = {key: value for key, value in entry.items() if key in REQUEST_OPTIONS or key == "send_names"}
    common: dict[str, Any] = {
        "options": options,
        "http_client": entry.get("http_client"),
        "api": entry.get("api") or "auto",
        **{name: _number(entry, name) for name in ("timeout", "first_token_timeout", "total_timeout") if name in entry},
        "max_retries": 2 if entry.get("max_retries") is None else int(entry["max_retries"]),
        "headers": _headers(entry),
        "query": entry.get("default_query"),
        "price": _price(entry.get("price")),
    }
    if entry.get("api_type") == "azure" or entry.get("azure_endpoint"):
        return _azure(entry, common, environ)
    if entry.get("base_url") == BUILTIN_URL:
        return demo_client(**common)
    base_url = str(entry.get("base_url") or _provider_url(entry.get("api_type"), environ))
    key, source = _key(entry, base_url, environ)
    return ChatCompletionsClient(entry.get("model"), base_url=base_url, api_key=key, key_source=source, **common)


def _azure(entry: dict[str, Any], common: dict[str, Any], environ: Mapping[str, str]) -> ChatCompletionsClient:
    address = str(entry.get("azure_endpoint") or entry.get("base_url") or environ.get("AZURE_OPENAI_ENDPOINT", "").strip())
    deployment = entry.get("azure_deployment") or entry.get("model")
    if not address or not deployment:
        wanted = "base_url (https://RESOURCE.openai.azure.com)" if not address else "model (the deployment's name)"
        raise UsageError(f"llm_config has an Azure entry without {wanted}.")
    key, source = _key(entry, address, environ)
    version = entry.get("api_version")
    return azure_client(str(deployment), address, api_version=version, api_key=key, key_source=source, **common)


def _provider_url(api_type: str | None, environ: Mapping[str, str]) -> str:
    provider = PROVIDERS.get((api_type or "openai").lower())
    if provider is None:
        names = ", ".join(sorted({*PROVIDERS, "azure"}))
        if compatible := _OTHER_INTERFACES.get(str(api_type).lower()):
            raise UsageError(
                f"llm_config has api_type={api_type!r}, whose own interface is not spoken here. Use its OpenAI-compatible address "
                f"without api_type: base_url={compatible!r}."
            )
        raise UsageError(
            f"llm_config has api_type={api_type!r}; known are {names}. For any other server, give its base_url and no api_type."
        )
    return provider.url(environ)


def _key(entry: Mapping[str, Any], base_url: str, environ: Mapping[str, str]) -> tuple[str, str]:
    given = entry.get("api_key")
    if given is not None and not isinstance(given, str):
        raise UsageError(f'The "api_key" of llm_config is a {type(given).__name__}, not a text.')
    if given and given.strip():
        return given, '"api_key" of llm_config'
    key, source = find_key(base_url, environ)
    if not key and wants_key(base_url):
        variable = "OPENAI_API_KEY" if base_url.startswith(OPENAI_URL) else "the provider's variable"
        raise NoModelError(f'The model {entry.get("model")!r} at {base_url} needs a key: give "api_key" in llm_config, or set {variable}.')
    return key, source


def _headers(entry: Mapping[str, Any]) -> dict[str, str]:
    headers = {str(name): str(value) for name, value in (entry.get("default_headers") or {}).items()}
    for key, header in (("organization", "OpenAI-Organization"), ("project", "OpenAI-Project")):
        if entry.get(key):
            headers[header] = str(entry[key])
    return headers


def _number(entry: Mapping[str, Any], key: str) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise UsageError(f"llm_config has {key}={value!r}; write a number of seconds, such as 120.")
    return float(value)


def _price(value: Any) -> Price | None:
    if value is None:
        return None
    try:
        prompt, completion = (float(part) for part in value)
    except (TypeError, ValueError):
        raise UsageError(f"llm_config has price={value!r}; write [USD per 1,000 prompt tokens, USD per 1,000 completion tokens].") from None
    return prompt, completion
