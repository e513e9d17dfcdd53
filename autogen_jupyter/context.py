"""What a running chat has around it: where events go, and who answers questions.

The context travels with the work in a context variable, so that no agent has to be told where it is being shown.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

from .errors import NoHumanError
from .events import ChatEvent
from .human_input import HumanInput, InputAnswer, InputRequest

__all__ = ["Approval", "ChatContext", "current", "enter", "set_host"]

Approval = Literal["always", "risky", "never"]
"""When generated code has to be approved by a person before it runs."""


class _Nobody:
    async def ask(self, request: InputRequest) -> InputAnswer:
        raise NoHumanError(f"Nobody is attached to this chat to answer: {request.prompt!r:.120}.")


@dataclass(frozen=True)
class ChatContext:
    """The surroundings of one running chat."""

    emit: Callable[[ChatEvent], None] = lambda event: None
    human: HumanInput = field(default_factory=_Nobody)
    approval: Approval = "never"
    """The classic runs code without a question of its own; a session in a notebook sets this to ``always``."""


_current: ContextVar[ChatContext | None] = ContextVar("autogen_jupyter_context", default=None)
_SILENT = ChatContext()

Host = Callable[[], AbstractAsyncContextManager[ChatContext]]
_host: Host | None = None


def current() -> ChatContext:
    """Return the context of the running chat, or a silent one with nobody in it."""
    return _current.get() or _SILENT


def set_host(host: Host | None) -> None:
    """Say where chats that nobody opened a session for are shown (a console, a notebook cell)."""
    global _host
    _host = host


class enter:  # noqa: N801 - it reads as a verb: `async with enter():`
    """Async context manager: the running chat's context, opened by the host when there is none yet."""

    def __init__(self, context: ChatContext | None = None) -> None:
        self._given = context
        self._hosted: AbstractAsyncContextManager[ChatContext] | None = None

    async def __aenter__(self) -> ChatContext:
        context = self._given or _current.get()
        if context is None and _host is not None:
            self._hosted = _host()
            context = await self._hosted.__aenter__()
        self._token = _current.set(context or _SILENT)
        return context or _SILENT

    async def __aexit__(self, *error: object) -> None:
        _current.reset(self._token)
        if self._hosted is not None:
            await self._hosted.__aexit__(*error)  # type: ignore[arg-type]
