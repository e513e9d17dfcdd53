"""Where generated code runs: the agent kernel, and the contract that any other place for it has to keep.

The names are loaded when they are first used: an agent that runs no code does not need jupyter-client.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import CodeExecutor, ExecutionResult, ExecutionStatus, OnOutput, OnState
    from .executor import KernelCodeExecutor
    from .handover import describe, push
    from .server import Server, configure_servers, is_server
    from .variables import Variable

__all__ = [
    "CodeExecutor",
    "ExecutionResult",
    "ExecutionStatus",
    "KernelCodeExecutor",
    "OnOutput",
    "OnState",
    "Server",
    "Variable",
    "configure_servers",
    "describe",
    "is_server",
    "push",
]

_HOME = {
    "KernelCodeExecutor": "executor",
    "describe": "handover",
    "push": "handover",
    "Server": "server",
    "Variable": "variables",
    "configure_servers": "server",
    "is_server": "server",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOME.get(name, 'base')}", __name__), name)
