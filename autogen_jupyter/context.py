"""What a running chat has around it: where events go, and who answers questions.

The context travels with the work in a context variable, so that no agent has to be told where it is being shown.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeVar

from .errors import NoHumanError, UsageError
from .events import ChatEvent, Subscriber
from .human_input import HumanInput, InputAnswer, InputRequest

__all__ = ["Approval", "ChatContext", "LiveSession", "current", "enter", "new_session", "set_host", "set_session_maker", "silenced"]

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
    stop_reason: Callable[[], str] = lambda: ""
    """Why the chat was told to stop; empty while it was not. A cancelled chat that was told to stop ends with a result."""
    runs_code: Callable[[object], None] = lambda executor: None
    """Told of each ``CodeExecutor`` that runs code for the chat, so that people can look into it."""
    silent: bool = False
    """Whether what agents say and do is not shown; what a person has to decide always is."""


T = TypeVar("T")


class LiveSession(Protocol):
    """What a chat that is started in the background needs of a session."""

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]: ...

    def answer(self, request_id: str, answer: InputAnswer) -> bool: ...

    def interrupt(self, reason: str = ...) -> None: ...

    def run(self, chat: Callable[[], Coroutine[Any, Any, T]]) -> Coroutine[Any, Any, T]: ...


_current: ContextVar[ChatContext | None] = ContextVar("autogen_jupyter_context", default=None)
_SILENT = ChatContext()

Host = Callable[[], AbstractAsyncContextManager[ChatContext]]
_host: Host | None = None


SessionMaker = Callable[[], LiveSession]
_session_maker: SessionMaker | None = None


def current() -> ChatContext:
    """Return the context of the running chat, or a silent one with nobody in it."""
    return _current.get() or _SILENT


def set_host(host: Host | None) -> Host | None:
    """Say where chats that nobody opened a session for are shown (a console, a notebook cell); return what was said before."""
    global _host
    former, _host = _host, host
    return former


def set_session_maker(maker: SessionMaker | None) -> SessionMaker | None:
    """Say how ``agent.run`` gets a session of its own; return what was said before."""
    global _session_maker
    former, _session_maker = _session_maker, maker
    return former


def new_session() -> LiveSession:
    """Return a session with nobody in it, for a chat in the background."""
    if _session_maker is None:
        raise UsageError("Nobody said how sessions are made; import autogen_jupyter, or call set_session_maker.")
    return _session_maker()


class enter:  # noqa: N801 - read as a verb, as context managers are
    """Be in a chat's surroundings: those given, else those of the running chat, else what the host opens for a new one.

    Example:
        >>> async def main():
        ...     async with enter() as context:
        ...         return context.silent
    """

    def __init__(self, context: ChatContext | None = None) -> None:
        self._context = context
        self._hosted: AbstractAsyncContextManager[ChatContext] | None = None

    async def __aenter__(self) -> ChatContext:
        context = self._context or _current.get()
        if context is None and _host is not None:
            self._hosted = _host()
            context = await self._hosted.__aenter__()
        context = context or _SILENT
        self._token = _current.set(context)
        return context

    async def __aexit__(self, *error: Any) -> bool | None:
        _current.reset(self._token)
        return None if self._hosted is None else await self._hosted.__aexit__(*error)


@contextmanager
def silenced(silent: bool | None) -> Iterator[None]:
    """Show nothing of what agents say and do inside, or all of it; None leaves it as it is around it."""
    context = _current.get()
    if context is None or silent is None or silent == context.silent:
        yield
        return
    with _set(replace(context, silent=silent)):
        yield


@contextmanager
def _set(context: ChatContext) -> Iterator[ChatContext]:
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
