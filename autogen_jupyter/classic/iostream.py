"""The classic's ``IOStream``: an object with ``print`` and ``input`` that gets a chat as text and answers its questions."""

from __future__ import annotations

import builtins
import getpass
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, runtime_checkable

from ..context import ChatContext, Host, set_host
from ..errors import UsageError
from ..session.console_host import console_session, hosted

__all__ = ["IOConsole", "IOStream", "InputStream", "OutputStream"]


@runtime_checkable
class OutputStream(Protocol):
    """Where text is printed."""

    def print(self, *objects: Any, sep: str = " ", end: str = "\n", flush: bool = False) -> None:
        """Take a piece of the conversation's text."""
        ...


@runtime_checkable
class InputStream(Protocol):
    """Who answers questions."""

    def input(self, prompt: str = "", *, password: bool = False) -> str:
        """Return an answer: empty goes on, ``exit`` ends the chat."""
        ...


@runtime_checkable
class IOStream(InputStream, OutputStream, Protocol):
    """Where chats are printed, and who answers questions. While one is set, chats are shown there and nowhere else.

    It is an adapter: what happens in a chat is events (``Session.subscribe``), and this gets the console's text for them.

    Example:
        >>> class Quiet(IOStream):
        ...     def print(self, *objects, sep=" ", end="\\n", flush=False): ...
        ...     def input(self, prompt="", *, password=False):
        ...         return ""
        >>> with IOStream.set_default(Quiet()):
        ...     IOStream.get_default().input("Go on? ")
        ''
    """

    @staticmethod
    def set_global_default(stream: IOStream) -> None:
        """Show all chats to ``stream`` from now on. An ``IOConsole`` prints them.

        Raises:
            UsageError: it has no ``print`` or no ``input``.
        """
        global _global
        _global = _checked(stream)
        _be_host()

    @staticmethod
    def get_default() -> IOStream:
        """Return the stream that was set, else one that prints and asks on the console."""
        return _set_here.get() or _global or IOConsole()

    @staticmethod
    @contextmanager
    def set_default(stream: IOStream | None) -> Iterator[None]:
        """Show the chats of this block to ``stream``.

        Raises:
            UsageError: it has no ``print`` or no ``input``.
        """
        token = _set_here.set(_checked(stream) if stream is not None else None)
        _be_host()
        try:
            yield
        finally:
            _set_here.reset(token)


class IOConsole(IOStream):
    """Prints on standard output, and asks on standard input."""

    def print(self, *objects: Any, sep: str = " ", end: str = "\n", flush: bool = False) -> None:
        """Print, with whatever ``print`` is at the moment."""
        builtins.print(*objects, sep=sep, end=end, flush=flush)  # noqa: T201 - the console's stream

    def input(self, prompt: str = "", *, password: bool = False) -> str:
        """Ask, with whatever ``input`` is at the moment; a password is not shown."""
        return getpass.getpass(prompt or "Password: ") if password else builtins.input(prompt)


_set_here: ContextVar[IOStream | None] = ContextVar("autogen_jupyter_iostream", default=None)
_global: IOStream | None = None
_former: Host | None = None


def _checked(stream: IOStream) -> IOStream:
    if not (callable(getattr(stream, "print", None)) and callable(getattr(stream, "input", None))):
        raise UsageError(
            f"{stream!r:.80} is no IOStream; it needs the methods print(*objects, sep, end, flush) and input(prompt, *, password)."
        )
    return stream


def _be_host() -> None:
    """Stand before whoever hosts chats now; where no stream is set, that one still does."""
    global _former
    former = set_host(_host)
    if former is not _host:
        _former = former


@asynccontextmanager
async def _host() -> AsyncIterator[ChatContext]:
    chosen = _set_here.get() or _global
    if chosen is None and _former is not None:
        async with _former() as context:
            yield context
        return
    stream = chosen or IOConsole()
    session = console_session(
        write=lambda text: stream.print(text, end="", flush=True),
        read=lambda prompt, password: stream.input(prompt, password=password),
    )
    async with hosted(session) as context:
        yield context
