"""The providers that can be named, where they are, and which environment variable holds whose key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import NoModelError, UsageError
from .chat_completions import ChatCompletionsClient
from .endpoint import OPENAI_URL, origin

__all__ = ["AUTOMATIC", "PROVIDERS", "Provider", "azure_client", "azure_from_environment", "find_key", "provider_client", "wants_key"]


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who serves models over the Chat Completions protocol."""

    name: str
    label: str
    base_url: str
    key_variables: tuple[str, ...] = ()
    """Environment variables that may hold the key; the first is the one to recommend."""
    model_variable: str = ""
    default_model: str = ""
    prefixes: tuple[str, ...] = ()
    """How the names of its models begin, to recognise a bare name."""
    note: str = ""

    def url(self, environ: Mapping[str, str]) -> str:
        """Return the address, as the environment may change it."""
        if self.name == "openai":
            return environ.get("OPENAI_BASE_URL", "").strip() or self.base_url
        if self.name == "ollama":
            return _ollama_url(environ.get("OLLAMA_HOST", "").strip()) or self.base_url
        return self.base_url

    def key(self, environ: Mapping[str, str]) -> tuple[str, str]:
        """Return the key and the name of the variable that holds it; two empty texts when there is none."""
        for variable in self.key_variables:
            if value := environ.get(variable, "").strip():
                return value, variable
        return "", ""

    def model(self, environ: Mapping[str, str]) -> str:
        """Return the model to use when none is named; "" means: ask the server."""
        if chosen := environ.get(self.model_variable, "").strip():
            return chosen
        return self.default_model if origin(self.url(environ)) == origin(self.base_url) else ""


PROVIDERS: dict[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider(
            "openai",
            "OpenAI",
            OPENAI_URL,
            ("OPENAI_API_KEY",),
            "OPENAI_MODEL",
            "gpt-6-luna",
            ("gpt-", "chatgpt-", "o1", "o3", "o4"),
        ),
        Provider(
            "openrouter",
            "OpenRouter",
            "https://openrouter.ai/api/v1",
            ("OPENROUTER_API_KEY",),
            "OPENROUTER_MODEL",
            "openai/gpt-6-luna",
        ),
        Provider(
            "anthropic",
            "Anthropic",
            "https://api.anthropic.com/v1/",
            ("ANTHROPIC_API_KEY",),
            "ANTHROPIC_MODEL",
            "claude-haiku-5-5",
            ("claude-",),
            "Anthropic calls this interface a compatibility layer, not production-ready.",
        ),
        Provider(
            "gemini",
            "Gemini",
            "https://generativelanguage.googleapis.com/v1beta/openai/",
            ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
            "GEMINI_MODEL",
            "gemini-flash-latest",
            ("gemini-",),
        ),
        Provider("mistral", "Mistral", "https://api.mistral.ai/v1", ("MISTRAL_API_KEY",)),
        Provider("groq", "Groq", "https://api.groq.com/openai/v1", ("GROQ_API_KEY",)),
        Provider("together", "Together", "https://api.together.xyz/v1", ("TOGETHER_API_KEY",)),
        Provider("deepseek", "DeepSeek", "https://api.deepseek.com/v1", ("DEEPSEEK_API_KEY",)),
        Provider("cerebras", "Cerebras", "https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",)),
        Provider("ollama", "Ollama", "http://127.0.0.1:11434/v1"),
        Provider("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1"),
    )
}
PROVIDERS["google"] = PROVIDERS["gemini"]
PROVIDERS["open_ai"] = PROVIDERS["openai"]
AUTOMATIC = ("openai", "openrouter", "anthropic", "gemini")
"""Providers that a key in the environment is enough for, in order. Azure, which also needs an address, comes after the first."""


def find_key(base_url: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the key that belongs to the origin of ``base_url``, and its variable: a key goes only to its own host."""
    wanted = origin(base_url)
    endpoint = environ.get("AZURE_OPENAI_ENDPOINT", "").strip()
    key = environ.get("AZURE_OPENAI_API_KEY", "").strip()
    if key and endpoint and origin(endpoint) == wanted:
        return key, "AZURE_OPENAI_API_KEY"
    theirs = (one.key(environ) for one in PROVIDERS.values() if wanted in (origin(one.base_url), origin(one.url(environ))))
    return next((found for found in theirs if found[0]), ("", ""))


def wants_key(base_url: str) -> bool:
    """Say whether ``base_url`` is a provider's that answers nobody without a key."""
    return any(provider.key_variables and origin(provider.base_url) == origin(base_url) for provider in PROVIDERS.values())


def provider_client(provider: Provider, model: str, environ: Mapping[str, str]) -> ChatCompletionsClient:
    """Return a client for a model of ``provider``, with the key from the environment.

    Raises:
        NoModelError: the provider wants a key and there is none.
    """
    base_url = provider.url(environ)
    key, source = find_key(base_url, environ)
    if not key and wants_key(base_url):
        raise NoModelError(
            f"{model or 'A model'} of {provider.label} needs a key, and {' and '.join(provider.key_variables)} "
            f"{'are' if len(provider.key_variables) > 1 else 'is'} not set. Set it: "
            f'import os, getpass; os.environ["{provider.key_variables[0]}"] = getpass.getpass()'
        )
    return ChatCompletionsClient(model or provider.model(environ), base_url=base_url, api_key=key, key_source=source)


def _ollama_url(host: str) -> str:
    """Ollama's own variable may lack the scheme and the port, and may name the address to listen on instead of one to call."""
    if not host:
        return ""
    url = host if "://" in host else f"http://{host}"
    scheme, name, _ = origin(url)
    port = origin(url)[2] if url.rstrip("/").rpartition(":")[2].isdigit() else 11434
    return f"{scheme}://{'127.0.0.1' if name == '0.0.0.0' else name}:{port}/v1"  # noqa: S104


def azure_from_environment(deployment: str, environ: Mapping[str, str]) -> ChatCompletionsClient:
    """Return a client for an Azure deployment, with address and key from the ``AZURE_OPENAI_…`` variables.

    Raises:
        NoModelError: one of them is missing.
        UsageError: no deployment is named.
    """
    address = environ.get("AZURE_OPENAI_ENDPOINT", "").strip()
    key = environ.get("AZURE_OPENAI_API_KEY", "").strip()
    deployment = deployment or environ.get("AZURE_OPENAI_DEPLOYMENT", "").strip()
    missing = [name for name, value in (("AZURE_OPENAI_ENDPOINT", address), ("AZURE_OPENAI_API_KEY", key)) if not value]
    if missing:
        raise NoModelError(f"A model on Azure needs {' and '.join(missing)}, which {'are' if missing[1:] else 'is'} not set.")
    if not deployment:
        raise UsageError("AZURE_OPENAI_ENDPOINT is set, but which deployment? Set AZURE_OPENAI_DEPLOYMENT, or write -m azure/DEPLOYMENT.")
    version = environ.get("AZURE_OPENAI_API_VERSION", "").strip() or environ.get("OPENAI_API_VERSION", "").strip()
    return azure_client(deployment, address, api_key=key, key_source="AZURE_OPENAI_API_KEY", api_version=version or None)


def azure_client(deployment: str, endpoint: str, *, api_version: str | None = None, **options: object) -> ChatCompletionsClient:
    """Return a client for an Azure deployment: the plain protocol under ``/openai/v1``, or the older one where a version is named."""
    bare = endpoint.rstrip("/").removesuffix("/v1").removesuffix("/openai")
    if api_version:
        return ChatCompletionsClient(deployment, base_url=bare, api_version=api_version, **options)  # type: ignore[arg-type]
    return ChatCompletionsClient(deployment, base_url=f"{bare}/openai/v1/", **options)  # type: ignore[arg-type]
