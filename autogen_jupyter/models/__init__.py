"""Models: one protocol with one streaming method, and what implements it.

Importing this package costs little: the parts that need the openai library load it at the first request.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .base import ModelClient, ModelDelta, ModelReply, ModelRequest, Usage, complete

if TYPE_CHECKING:
    from .budget import Budget, parse_budget
    from .cache import Cache
    from .chat_completions import ChatCompletionsClient
    from .config import ModelChoice, resolve_model
    from .config_list import config_list_from_json, filter_config, get_config_list
    from .failover import FailoverClient
    from .llm_config import client_from_llm_config
    from .scripted import ScriptedModel

__all__ = [
    "Budget",
    "Cache",
    "ChatCompletionsClient",
    "FailoverClient",
    "ModelChoice",
    "ModelClient",
    "ModelDelta",
    "ModelReply",
    "ModelRequest",
    "ScriptedModel",
    "Usage",
    "client_from_llm_config",
    "complete",
    "config_list_from_json",
    "filter_config",
    "get_config_list",
    "parse_budget",
    "resolve_model",
]

_HOMES = {
    "Budget": "budget",
    "Cache": "cache",
    "ChatCompletionsClient": "chat_completions",
    "FailoverClient": "failover",
    "ModelChoice": "config",
    "ScriptedModel": "scripted",
    "client_from_llm_config": "llm_config",
    "config_list_from_json": "config_list",
    "filter_config": "config_list",
    "get_config_list": "config_list",
    "parse_budget": "budget",
    "resolve_model": "config",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
