"""Read the name of a model as people write it: bare, with its provider, or as the address of a server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import NoModelError, UsageError
from .chat_completions import ChatCompletionsClient
from .providers import AUTOMATIC, PROVIDERS, azure_from_environment, find_key, provider_client

if TYPE_CHECKING:
    import httpx2

__all__ = ["BUILTIN", "BUILTIN_URL", "NOT_CHAT", "address_in", "client_by_name", "demo_client", "provider_in"]

BUILTIN = "builtin/demo"
BUILTIN_URL = "http://builtin.localhost/v1"
NOT_CHAT = ("embed", "whisper", "rerank", "-tts", "moderation", "dall-e")
"""Parts of the names of models that servers list and that cannot chat."""
_URL = re.compile(r"(?P<url>https?://[^\s#]+)(?:\s+|#)?(?P<model>\S*)")


def client_by_name(name: str, environ: Mapping[str, str]) -> ChatCompletionsClient:
    """Return the client for a model's name.

    Raises:
        UsageError: the name cannot be understood.
        NoModelError: the key that it needs is not set, or nothing says which server has it.
    """
    if name.lower().startswith(("http://", "https://")):
        return _by_address(name, environ)
    if is_gguf(name):
        from .gguf import gguf_client

        return gguf_client(name.removeprefix("gguf:").removeprefix("gguf/") if name.startswith("gguf") else name)
    if re.search(r"\s", name):
        raise UsageError(f"The model name {name!r} has a space in it. Write provider/model, such as ollama/qwen3:8b.")
    head, rest = provider_in(name)
    if head == "builtin":
        return demo_client()
    if head and not rest:
        raise UsageError(f"The model name {name!r} ends after the provider. Write the model too, such as {head}/MODEL.")
    if head == "azure":
        return azure_from_environment(rest, environ)
    if head in PROVIDERS:
        return provider_client(PROVIDERS[head], rest, environ)
    return _bare(name, environ)


def is_gguf(name: str) -> bool:
    """Say whether a model's name is the path of a model file."""
    return name.lower().endswith(".gguf")


def demo_client(**options: Any) -> ChatCompletionsClient:
    """Return the built-in demo model: rules behind the ordinary client, without a server."""
    place = {"base_url": BUILTIN_URL, "transport": _demo_transport, "is_language_model": False}
    return ChatCompletionsClient(BUILTIN, **{**options, **place})


def _demo_transport() -> httpx2.AsyncBaseTransport:
    from .demo import DemoTransport

    return DemoTransport()


def provider_in(name: str) -> tuple[str, str]:
    """Split a name behind its provider, where it begins with one: names of models have slashes and colons too.

    Raises:
        UsageError: it names a built-in model that there is not.
    """
    found = re.match(r"(?P<head>[A-Za-z_]+)[/:](?P<rest>.*)", name)
    head = found["head"].lower() if found else ""
    if found is None or head not in {*PROVIDERS, "azure", "builtin"}:
        return "", name
    if head == "builtin" and f"{head}/{found['rest']}" != BUILTIN:
        raise UsageError(f"There is no built-in model {name!r}; the only one is {BUILTIN!r}.")
    return head, found["rest"]


def address_in(text: str) -> tuple[str, str]:
    """Return the address and the model's name of a text such as ``http://host:port/v1#my-model``; the name may be missing.

    Raises:
        UsageError: it cannot be read.
    """
    found = _URL.fullmatch(text)
    if found is None:
        raise UsageError(f"The model {text!r} cannot be read. Write an address and a name: http://host:port/v1#my-model.")
    url = found["url"]
    return url if urlsplit(url).path.strip("/") else url.rstrip("/") + "/v1", found["model"]


def _by_address(text: str, environ: Mapping[str, str]) -> ChatCompletionsClient:
    url, model = address_in(text)
    key, source = find_key(url, environ)
    return ChatCompletionsClient(model, base_url=url, api_key=key, key_source=source)


def _bare(name: str, environ: Mapping[str, str]) -> ChatCompletionsClient:
    """Find the server for a name that does not say where it is. A name that shows its maker goes to its maker or nowhere."""
    if environ.get("OPENAI_BASE_URL", "").strip():
        return provider_client(PROVIDERS["openai"], name, environ)
    has_azure = all(environ.get(variable, "").strip() for variable in ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"))
    maker = next((PROVIDERS[one] for one in AUTOMATIC if name.lower().startswith(PROVIDERS[one].prefixes or ("\0",))), None)
    if maker is not None:
        if maker.name == "openai" and has_azure and not maker.key(environ)[0]:
            return azure_from_environment(name, environ)
        return provider_client(maker, name, environ)
    for one in AUTOMATIC:
        if PROVIDERS[one].key(environ)[0]:
            return provider_client(PROVIDERS[one], name, environ)
        if one == "openai" and has_azure:
            return azure_from_environment(name, environ)
    raise NoModelError(
        f"Which server has the model {name!r}? Write it with its provider or address: ollama/{name}, openrouter/{name} "
        f'(with OPENROUTER_API_KEY), or "http://host:port/v1#{name}".'
    )
