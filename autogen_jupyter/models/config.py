"""Which model a chat uses: what was asked for, else what files and the environment say, else a server on this machine, else the demo model.

Explicit beats environment; what was chosen is said in one line; a provider that is configured and fails is an error, never a
reason to ask another one. Nothing here touches the network, but for a look at this machine where nothing at all is configured.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import NoModelError, UsageError
from .base import ModelClient
from .cache_client import CachedClient
from .chat_completions import ChatCompletionsClient
from .config_list import config_list_from_json
from .failover import FailoverClient
from .llm_config import client_from_llm_config
from .local_servers import find_local_servers, places
from .model_names import client_by_name, demo_client
from .providers import AUTOMATIC, PROVIDERS, azure_from_environment, provider_client
from .rate_limit_client import RateLimitedClient
from .settings import Settings, read_settings, user_file

__all__ = ["ModelChoice", "resolve_model"]

Environment = Mapping[str, str]


@dataclass(frozen=True)
class ModelChoice:
    """The model a chat will use, and one line that says so."""

    client: ModelClient
    notice: str
    """What to show once; empty when the caller brought the client."""


def resolve_model(given: str | Mapping[str, Any] | ModelClient | None = None, *, environ: Environment | None = None) -> ModelChoice:
    """Decide which model to use.

    Args:
        given: what the user asked for. A name (``"gpt-6-luna"``, ``"ollama/qwen3:8b"``, ``"anthropic:claude-opus-5"``,
            ``"builtin/demo"``), the address of a server (``"http://127.0.0.1:8080/v1"``, or with ``#model`` behind it), a classic
            ``llm_config``, the path of a model file (``"qwen.gguf"``), a name from a configuration file, or a ready client. None:
            ``AUTOGEN_JUPYTER_MODEL``, the configuration files, ``OAI_CONFIG_LIST``, the providers' own variables, a server on this
            machine, ``AUTOGEN_JUPYTER_GGUF``.
        environ: the environment to look in; by default this process's.

    Raises:
        UsageError: what was asked for means nothing.
        NoModelError: it lacks a key; or nothing is configured and ``AUTOGEN_JUPYTER_REQUIRE_LLM`` forbids the demo model.

    Example:
        >>> resolve_model("http://127.0.0.1:8080/v1#my-model", environ={}).notice
        'Using my-model (127.0.0.1:8080, no key).'
    """
    environ = os.environ if environ is None else environ
    if isinstance(given, str):
        given = given.strip() or None
    if isinstance(given, str):
        return _chosen(_named(given, environ, read_settings(environ)))
    if isinstance(given, Mapping):
        return _chosen(client_from_llm_config(given, environ=environ))
    if given is not None:
        if not (hasattr(given, "stream") and hasattr(given, "model")):
            raise UsageError(f"The model is a {type(given).__name__}; give a name, an llm_config dictionary or a ModelClient.")
        return ModelChoice(given, "")
    for find in _FINDERS:
        choice = find(environ)
        if choice is not None:
            return choice
    return _last_resort(environ)


def _named(name: str, environ: Environment, settings: Settings) -> ModelClient:
    if name in settings.models:
        return client_from_llm_config(settings.models[name], environ=environ)
    return client_by_name(name, environ)


def _from_model_variable(environ: Environment) -> ModelChoice | None:
    name = environ.get("AUTOGEN_JUPYTER_MODEL", "").strip()
    return _chosen(_named(name, environ, read_settings(environ)), why="AUTOGEN_JUPYTER_MODEL") if name else None


def _from_files(environ: Environment) -> ModelChoice | None:
    settings = read_settings(environ)
    return _chosen(_named(settings.model, environ, settings), why=settings.source) if settings.model else None


def _from_config_list(environ: Environment) -> ModelChoice | None:
    if not environ.get("OAI_CONFIG_LIST", "").strip() and not Path("OAI_CONFIG_LIST").is_file():
        return None
    listed = config_list_from_json("OAI_CONFIG_LIST", environ=environ)
    return _chosen(client_from_llm_config({"config_list": listed}, environ=environ), why="OAI_CONFIG_LIST")


def _from_provider_keys(environ: Environment) -> ModelChoice | None:
    found = _configured(environ)
    if not found:
        return None
    first, *others = found
    client = azure_from_environment("", environ) if first == "azure" else provider_client(PROVIDERS[first], "", environ)
    also = [name for name in (_variable(other, environ) for other in others) if name]
    extra = [f"Also set: {', '.join(also)}."] if also else []
    if first in PROVIDERS and PROVIDERS[first].note:
        extra.append(PROVIDERS[first].note)
    return _chosen(client, extra=[*extra, "Change with -m MODEL."])


def _from_this_machine(environ: Environment) -> ModelChoice | None:
    servers = find_local_servers(environ)
    models = [(server, model) for server in servers for model in server.models]
    if not models:
        return None
    if len(models) > 1:
        lines = "".join(f"\n    %%agentchat -m {server.spelled(model)}" for server, model in models[:12])
        more = f"\n    … and {len(models) - 12} more" if len(models) > 12 else ""
        raise NoModelError(
            f"{', '.join(server.name for server in servers)} on this machine: {len(models)} models. Choose one:{lines}{more}"
        )
    server, model = models[0]
    client = ChatCompletionsClient(model, base_url=server.base_url)
    extra = [f"Found on this machine: {server.name}."]
    if server.name == "Ollama":
        extra.append(_OLLAMA)
    return _chosen(client, extra=[*extra, "Change with -m MODEL."])


def _from_gguf(environ: Environment) -> ModelChoice | None:
    path = environ.get("AUTOGEN_JUPYTER_GGUF", "").strip()
    if not path:
        return None
    from .gguf import gguf_client

    return _chosen(gguf_client(path), why="AUTOGEN_JUPYTER_GGUF")


_OLLAMA = "It may read only 4,096 tokens and cuts the rest silently: OLLAMA_CONTEXT_LENGTH=64000 ollama serve."
_FINDERS: tuple[Callable[[Environment], ModelChoice | None], ...] = (
    _from_model_variable,
    _from_files,
    _from_config_list,
    _from_provider_keys,
    _from_this_machine,
    _from_gguf,
)
"""Where a model is looked for when none was asked for, in order; the first that finds one decides."""


def _configured(environ: Environment) -> list[str]:
    """Return the providers that the environment configures, in order of preference."""
    found = [name for name in AUTOMATIC if PROVIDERS[name].key(environ)[0]]
    if environ.get("OPENAI_BASE_URL", "").strip() and "openai" not in found:
        found.insert(0, "openai")
    if environ.get("AZURE_OPENAI_ENDPOINT", "").strip() and environ.get("AZURE_OPENAI_API_KEY", "").strip():
        found.insert(1 if found[:1] == ["openai"] else 0, "azure")
    return found


def _variable(provider: str, environ: Environment) -> str:
    return "AZURE_OPENAI_API_KEY" if provider == "azure" else PROVIDERS[provider].key(environ)[1]


def _chosen(client: ModelClient, *, why: str = "", extra: list[str] | None = None) -> ModelChoice:
    parts = [f"Using {_described(client, why)}.", *(extra or [])]
    return ModelChoice(client, " ".join(parts))


def _described(client: ModelClient, why: str) -> str:
    while isinstance(client, (CachedClient, RateLimitedClient)):
        client = client.inner
    if isinstance(client, FailoverClient):
        names = ", then ".join(one.model for one in client.clients)
        return f"{names} (from {why or 'config_list'})"
    if not isinstance(client, ChatCompletionsClient):
        return client.model
    if not client.is_language_model:
        return f"{client.model}, the built-in demo script (not a language model)"
    where = [f"key from {client.endpoint.key_source}" if client.endpoint.key else "no key"]
    if client.endpoint.host == "gguf.localhost":
        where = ["in this process"]
    elif client.endpoint.host not in client.model:
        where.insert(0, _label(client))
    if why:
        where.append(f"chosen by {why}")
    return f"{client.model} ({', '.join(where)})"


def _label(client: ChatCompletionsClient) -> str:
    host = client.endpoint.host
    if host.endswith(".openai.azure.com"):
        return f"Azure, {host}"
    labels = (provider.label for provider in PROVIDERS.values() if client.endpoint.base_url == provider.base_url)
    return next(labels, host)


_HOW_TO = """\
Looked at: -m, AUTOGEN_JUPYTER_MODEL, autogen_jupyter.toml, {file}, OAI_CONFIG_LIST, OPENAI_BASE_URL, OPENAI_API_KEY,
AZURE_OPENAI_ENDPOINT with AZURE_OPENAI_API_KEY, OPENROUTER_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY; {servers}; AUTOGEN_JUPYTER_GGUF.
To use a model, one of:
    import os, getpass; os.environ["OPENAI_API_KEY"] = getpass.getpass()   # OpenAI; OPENAI_MODEL names another model
    %%agentchat -m ollama/qwen3:8b                                          # after `ollama pull qwen3:8b`
    %%agentchat -m "http://host:port/v1#my-model"                           # any OpenAI-compatible server
    %config AgentChat.model = "…"                                           # for all cells; or model = "…" in the file above\
"""
_DEMO = "No language model found: using the built-in demo script (not an AI; it knows a dozen data-analysis tasks and runs real code)."
_FORBIDDEN = "No language model found, and AUTOGEN_JUPYTER_REQUIRE_LLM forbids the built-in demo script."


def _how_to(environ: Environment) -> str:
    looked = [f"{name} {urlsplit(url).netloc}" for name, url in places(environ).items()]
    servers = f"{', '.join(looked)} (none answered with a model)" if looked else "no local server (AUTOGEN_JUPYTER_LOCAL_SERVERS)"
    return _HOW_TO.format(file=user_file(environ) or "config.toml", servers=servers)


def _last_resort(environ: Environment) -> ModelChoice:
    if environ.get("AUTOGEN_JUPYTER_REQUIRE_LLM", "").strip().lower() not in ("", "0", "false", "no", "off"):
        raise NoModelError(f"{_FORBIDDEN}\n{_how_to(environ)}")
    return ModelChoice(demo_client(), f"{_DEMO}\n{_how_to(environ)}\nTo forbid this script: AUTOGEN_JUPYTER_REQUIRE_LLM=1")
