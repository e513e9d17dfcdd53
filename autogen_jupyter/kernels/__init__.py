"""Where generated code runs: the agent kernel, and the contract that any other place for it has to keep.

The names are loaded when they are first used: an agent that runs no code does not need jupyter-client.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import CodeExecutor, ExecutionResult, ExecutionStatus, OnOutput, OnState
    from .boundary import Boundary
    from .executor import KernelCodeExecutor
    from .handover import describe, pull, push
    from .layer import FileMade
    from .server import Server, configure_servers, is_server
    from .variables import Variable

__all__ = [
    "Boundary",
    "CodeExecutor",
    "ExecutionResult",
    "ExecutionStatus",
    "FileMade",
    "KernelCodeExecutor",
    "OnOutput",
    "OnState",
    "Server",
    "Variable",
    "configure_servers",
    "describe",
    "is_server",
    "pull",
    "push",
]

_HOME = {
    "Boundary": "boundary",
    "FileMade": "layer",
    "KernelCodeExecutor": "executor",
    "Server": "server",
    "Variable": "variables",
    "configure_servers": "server",
    "describe": "handover",
    "is_server": "server",
    "pull": "handover",
    "push": "handover",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOME.get(name, 'base')}", __name__), name)
