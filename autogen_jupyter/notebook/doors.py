"""The ways a question reaches the person at a notebook."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from ..errors import NoHumanError
from ..human_input import InputAnswer, InputRequest
from ..portal import has_caller
from ..session.permissions import offers
from ..session.stdin import StdinInput
from ..session.transcript import Code
from .protocol import InputAsked, InputClosed, Request
from .shell_gate import hear_while_awaiting
from .widget import ChatWidget

__all__ = ["Nobody", "WidgetDoor", "as_wire"]

SEEN_WITHIN = 3.0
"""Seconds a view gets to say that a person can see the question, on a machine that has nothing else to do."""
MOST_PATIENCE = 4
"""How many times as many at most, on a busy one."""
HEARD_WITHIN = 12.0
"""Further seconds for a page that was heard since the chat began: it is slow, and not deaf."""
SHOWN_WITHIN = 30.0
"""Seconds a page that is slow gets when stdin turned out to be closed."""


class WidgetDoor:
    """Asks in the chat widget. Where no view answers that it can be heard, the question goes to the kernel's stdin instead.

    Whether clicks are heard while a cell runs depends on kernel, front end and settings, so it is tried each time, never assumed.
    """

    def __init__(self, widget: ChatWidget) -> None:
        hear_while_awaiting(_kernel())
        self._widget = widget
        self._seen: dict[str, asyncio.Event] = {}

    def seen(self, request_id: str) -> None:
        """A view shows the question and can be heard (called on any thread)."""
        event = self._seen.get(request_id)
        if event is not None:
            self._loop.call_soon_threadsafe(event.set)

    async def _is_seen(self, seen: asyncio.Event) -> bool:
        if await _within(seen, patience(_load())):
            return True
        return self._widget.is_heard and await _within(seen, HEARD_WITHIN)

    async def ask(self, request: InputRequest) -> InputAnswer:
        self._loop = asyncio.get_running_loop()
        seen = self._seen[request.id] = asyncio.Event()
        self._widget.post([InputAsked(as_wire(request))])
        try:
            if not await self._is_seen(seen) and has_caller():
                self._widget.post([InputClosed(request.id, "Asked below the cell")])
                try:
                    return await StdinInput().ask(request)
                except NoHumanError:  # the cell that would take a line has ended; the page may have been slow, and show the question yet
                    self._widget.post([InputAsked(as_wire(request))])
                    if not await _within(seen, SHOWN_WITHIN):
                        raise
            await asyncio.Event().wait()  # the answer comes through the session, which then cancels this
            raise AssertionError("unreachable")
        finally:
            del self._seen[request.id]


class Nobody:
    """A run without a person: a question is an error that says what to do."""

    async def ask(self, request: InputRequest) -> InputAnswer:
        if request.kind == "approval":
            raise NoHumanError(
                f"{request.sender} wants to run code, and nobody is here to allow it. "
                "Say beforehand that code may run (%%agentchat --approve never, or AUTOGEN_JUPYTER_APPROVE=never), and that you "
                'are not to be asked (--human never, human_input_mode="NEVER").'
            )
        raise NoHumanError(
            f"{request.agent} was asked {request.prompt.strip()!r:.160}, and nobody is here to answer. "
            'Use --human never (human_input_mode="NEVER") in a run without a person.'
        )


def _kernel() -> Any:
    from IPython.core.getipython import get_ipython

    return getattr(get_ipython(), "kernel", None)


def patience(load: float) -> float:
    """Return how many seconds a view gets: more on a busy machine, which is slow to load and to draw it.

    Args:
        load: how many processes want to run for each processor.

    Example:
        >>> patience(0.2), patience(2.5), patience(30)
        (3.0, 7.5, 12.0)
    """
    return SEEN_WITHIN * min(max(load, 1.0), MOST_PATIENCE)


def _load() -> float:
    return os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 0.0


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    return True


def as_wire(request: InputRequest) -> Request:
    """Return the question as the front end is sent it."""
    return Request(
        id=request.id,
        type=request.kind,
        prompt=request.prompt,
        agent=request.agent,
        sender=request.sender,
        blocks=[Code(block.language, block.code) for block in request.blocks],
        choices=list(request.choices),
        is_last=request.is_last,
        offers=offers(request),
    )
