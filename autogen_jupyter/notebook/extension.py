"""Load the extension into IPython, and take all of it away again."""

from __future__ import annotations

import sys
from contextlib import AbstractAsyncContextManager
from typing import Any

from .. import context
from ..portal import submit
from .completion import known_in, matcher
from .panel_target import register, unregister
from .shell_gate import hear_as_before, hear_while_awaiting
from .tracebacks import watch_tracebacks
from .transformer import AgentChatLine, transform_agentchat

__all__ = ["load", "unload"]

_ATTRIBUTE = "_autogen_jupyter_unload"


def load(shell: Any) -> None:
    """Add the magics, the cell transformer, and the place where chats are shown. Loading twice leaves one of each."""
    from .magics import AgentChat

    unload(shell)
    magics = AgentChat(shell=shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.insert(0, transform_agentchat)
    shell.input_transformer_manager.token_transformers.insert(0, AgentChatLine)
    complete = matcher(lambda: known_in(shell, magics))
    shell.Completer.custom_matchers.insert(0, complete)
    shell.events.register("post_run_cell", magics.cells.post_run_cell)
    former = context.set_host(_host)
    register(shell)
    hear_while_awaiting(getattr(shell, "kernel", None))
    unwatch_tracebacks = watch_tracebacks(shell)

    def take_away() -> None:
        shell.input_transformers_cleanup.remove(transform_agentchat)
        shell.input_transformer_manager.token_transformers.remove(AgentChatLine)
        shell.Completer.custom_matchers.remove(complete)
        shell.events.unregister("post_run_cell", magics.cells.post_run_cell)
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop("agentchat", None)
        shell.magics_manager.registry.pop("AgentChat", None)
        if magics in shell.configurables:
            shell.configurables.remove(magics)
        context.set_host(former)
        unwatch_tracebacks()
        unregister(shell)
        _close_chats()
        hear_as_before(getattr(shell, "kernel", None))

    setattr(shell, _ATTRIBUTE, take_away)


def unload(shell: Any) -> None:
    """Undo ``load``, if it was done."""
    take_away = shell.__dict__.pop(_ATTRIBUTE, None)
    if take_away is not None:
        take_away()


def _host() -> AbstractAsyncContextManager[context.ChatContext]:
    from .open_session import notebook_host

    return notebook_host()


def _close_chats() -> None:
    agentchat = sys.modules.get(f"{__package__}.agentchat")
    if agentchat is not None:
        submit(agentchat.close_chats()).result(timeout=10)
