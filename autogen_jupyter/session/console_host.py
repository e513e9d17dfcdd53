"""Where chats are shown that nobody opened a session for: printed on standard output, questions asked on standard input."""

from __future__ import annotations

import builtins
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ..context import Approval, ChatContext
from ..events import ChatEnded, ChatEvent, InputRequested
from .console import ConsoleRenderer
from .ledger import ledger_from_environment
from .session import Session
from .stdin import StdinInput
from .transcript import MessageEntry

__all__ = ["console_host", "console_session", "hosted"]


def console_session(
    approval: Approval = "never",
    *,
    quiet: bool = False,
    write: Callable[[str], None] | None = None,
    read: Callable[[str, bool], str] | None = None,
) -> Session:
    """Return a session that prints and asks on standard input.

    Args:
        approval: when generated code must be approved; the classic runs it without a question of its own.
        quiet: print only the answer.
        write: takes the text instead of standard output.
        read: answers questions instead of standard input (see ``StdinInput``).
    """
    session = Session(door=StdinInput(read), approval=approval)
    if quiet:
        session.subscribe(lambda event: _print_answer(session, event))
    else:
        renderer = ConsoleRenderer(write or _write, color=write is None and sys.stdout.isatty())
        session.subscribe(lambda event: None if isinstance(event, InputRequested) else renderer.show_event(event))  # the door asks itself
    return session


def _print_answer(session: Session, event: ChatEvent) -> None:
    if isinstance(event, ChatEnded):
        messages = [entry for entry in session.transcript.entries if isinstance(entry, MessageEntry)]
        _write(f"{messages[-1].text}\n" if messages else "")


@asynccontextmanager
async def console_host() -> AsyncIterator[ChatContext]:
    """Open a console session for one chat."""
    async with hosted(console_session()) as context:
        yield context


@asynccontextmanager
async def hosted(session: Session) -> AsyncIterator[ChatContext]:
    """Be the surroundings of one chat; what happens in it is recorded where the environment says, and the files it made are told of."""
    ledger = ledger_from_environment()
    if ledger is not None:
        session.subscribe(ledger)
    try:
        yield session.context
    finally:
        await session.tell_files()
        if ledger is not None:
            ledger.close()


def _write(text: str) -> None:
    builtins.print(text, end="", flush=True)  # noqa: T201 - looked up each time: people put their own in its place
