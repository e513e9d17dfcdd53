"""Where the JupyterLab plugin finds this kernel. What answers it is loaded only when there is a chat."""

from __future__ import annotations

from typing import Any

__all__ = ["TARGET", "register", "unregister"]

TARGET = "autogen_jupyter.panel"


def register(shell: Any) -> None:
    """Let the plugin of a page find this kernel."""
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        kernel.comm_manager.register_target(TARGET, _connect)


def unregister(shell: Any) -> None:
    """Undo ``register``."""
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        kernel.comm_manager.targets.pop(TARGET, None)


def _connect(comm: Any, opening: object) -> None:
    from .panel import live_chats

    live_chats.connect(comm, opening)
