"""Where chats are shown that nobody opened a session for: printed on standard output, questions asked on standard input."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..context import ChatContext
from .console import ConsoleRenderer
from .ledger import ledger_from_environment
from .session import Session
from .stdin import StdinInput

__all__ = ["console_host", "console_session"]


def console_session() -> Session:
    """Return a session that prints, asks on standard input, and runs code without a question of its own, as the classic does."""
    session = Session(door=StdinInput(), approval="never")
    session.subscribe(ConsoleRenderer(_write, color=sys.stdout.isatty()).show_event)
    return session


@asynccontextmanager
async def console_host() -> AsyncIterator[ChatContext]:
    """Open a console session for one chat."""
    session = console_session()
    ledger = ledger_from_environment()
    if ledger is not None:
        session.subscribe(ledger)
    try:
        yield session.context
    finally:
        if ledger is not None:
            ledger.close()


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
