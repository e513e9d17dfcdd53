"""Names of models that say where the model is, in an entry of an ``llm_config``: read as ``-m`` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import UsageError
from .model_names import BUILTIN, BUILTIN_URL, address_in, provider_in
from .providers import PROVIDERS

__all__ = ["spelled_out"]

_PLACES = ("base_url", "azure_endpoint", "azure_deployment")


def spelled_out(entry: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return an entry whose place is written into its keys, where only the model's name said it; any other entry as it is.

    A name says it by the provider in front (``ollama/qwen3:8b``) or as an address (``http://host:port/v1#my-model``). Beside a
    ``base_url`` or another ``api_type`` than OpenAI's it is a name like any other, as is a name whose beginning is no provider. So is one
    with a provider where ``OPENAI_BASE_URL`` says which server is meant: OpenRouter and LiteLLM have such names.

    Raises:
        UsageError: the name ends after the provider, is an address that cannot be read, or names a built-in model that is none.

    Example:
        >>> spelled_out({"model": "groq/llama-3.3-70b"}, {})
        {'model': 'llama-3.3-70b', 'base_url': 'https://api.groq.com/openai/v1'}
        >>> spelled_out({"model": "meta-llama/Llama-3"}, {})
        {'model': 'meta-llama/Llama-3'}
    """
    name = entry.get("model")
    if not isinstance(name, str) or _has_place(entry):
        return dict(entry)
    name = name.strip()
    if name.lower().startswith(("http://", "https://")):
        url, model = address_in(name)
        return {**entry, "model": model, "base_url": url}
    head, rest = provider_in(name)
    if not head or (head != "builtin" and environ.get("OPENAI_BASE_URL", "").strip()):
        return dict(entry)
    if head == "builtin":
        return {**entry, "model": BUILTIN, "base_url": BUILTIN_URL}
    if not rest:
        raise UsageError(f"llm_config has the model {name!r}, which ends after the provider. Write the model too, such as {head}/MODEL.")
    if head == "azure":
        version = environ.get("AZURE_OPENAI_API_VERSION", "").strip() or environ.get("OPENAI_API_VERSION", "").strip()
        return {**({"api_version": version} if version else {}), **entry, "model": rest, "api_type": "azure"}
    return {**entry, "model": rest, "base_url": PROVIDERS[head].url(environ)}


def _has_place(entry: Mapping[str, Any]) -> bool:
    return any(entry.get(key) for key in _PLACES) or str(entry.get("api_type") or "openai").lower() not in ("openai", "open_ai")
