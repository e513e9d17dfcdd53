"""How a kernel replies: a mend that the agent kernel gets with ``bootstrap.py``, and the notebook's kernel with the extension."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["answer_through_stream"]


def answer_through_stream(kernel: Any) -> Callable[[], None]:
    """Let replies go out through the stream that reads requests, as they do from ipykernel 7.4 on; return what undoes it.

    In 7.0 to 7.3, a request that arrives while a reply goes out is seen only when somebody connects anew (ipykernel's issue 1554).
    """
    manager: Any = getattr(getattr(kernel, "shell_channel_thread", None), "manager", None)
    if not hasattr(manager, "_shell_socket"):
        return lambda: None
    former, manager._shell_socket = manager._shell_socket, kernel.shell_stream
    return lambda: setattr(manager, "_shell_socket", former)
