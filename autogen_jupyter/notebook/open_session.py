"""Open a session that fits the front end: a widget, a console, or a run without a person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..context import Approval, ChatContext
from ..errors import NoHumanError
from ..portal import in_caller
from ..session.console_host import console_session
from ..session.ledger import ledger_from_environment
from ..session.policy import Policy
from ..session.session import Session
from .front_end import FrontEnd, detect

__all__ = ["here", "notebook_host", "open_session"]


def open_session(approval: Approval, *, quiet: bool = False, detached: bool = False, policy: Policy | None = None) -> Session:
    """Return a session that is shown where the running cell is shown.

    Args:
        approval: when generated code must be approved.
        quiet: show only the answer.
        detached: the chat runs in the background; where text cannot be put into its own cell, nothing is written, and questions wait
            for ``%agentchat answer``.
        policy: answers questions before anybody is asked.

    Raises:
        NoHumanError: code would have to be approved, and nobody is there to do it.
    """
    front_end = here()
    is_decided = policy is not None and policy.approve is not None
    if approval != "never" and not front_end.has_person and not is_decided:
        raise NoHumanError(
            f"Generated code has to be approved here (--approve {approval}), and this run has nobody to ask. Nothing was sent to a model. "
            "Allow it beforehand: %%agentchat --approve never, or the environment variable AUTOGEN_JUPYTER_APPROVE=never."
        )
    session = _open(front_end, approval, quiet=quiet, detached=detached)
    if policy is not None:
        policy.otherwise, session.door = session.door, policy
    ledger = ledger_from_environment()
    if ledger is not None:
        session.subscribe(ledger)
    return session


def here() -> FrontEnd:
    """Return what shows the running cell."""
    from IPython.core.getipython import get_ipython

    return detect(get_ipython())


def _open(front_end: FrontEnd, approval: Approval, *, quiet: bool, detached: bool) -> Session:
    if front_end.kind in ("notebook", "headless"):
        from .chat_view import live_session, static_session

        return (live_session if front_end.kind == "notebook" else static_session)(approval, quiet=quiet)
    return Session(approval=approval) if detached else console_session(approval, quiet=quiet)


@asynccontextmanager
async def notebook_host() -> AsyncIterator[ChatContext]:
    """Show a chat that was begun by ``initiate_chat`` in a cell. Its code runs without a question of its own, as in the classic."""
    session = await in_caller(open_session, "never")
    try:
        yield session.context
    finally:
        await session.tell_files()
