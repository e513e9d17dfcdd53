"""A message on its way through an own ``send`` or ``receive`` of a subclass, where it is the classic's text or dictionary for a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from ..agent import Agent
from ..messages import Message
from ..replies.base import Reply
from .classic_replies import as_classic

__all__ = ["as_given", "passing_between", "passing_on"]


@dataclass
class Passing:
    """A message that goes from one agent to another."""

    sender: Agent
    recipient: Agent
    message: Message | Mapping[str, Any] | str
    run_id: str
    delivered: Message | None = None
    """As it arrived; None as long as it did not."""

    def arrives(self, message: Message) -> Message:
        """Return what came out: what was shown of the message while it was written belongs to the first that comes."""
        is_first = self.delivered is None
        self.delivered = replace(message, id=self.message.id) if is_first and isinstance(self.message, Message) else message
        return self.delivered


_passing: ContextVar[Passing | None] = ContextVar("autogen_jupyter_passing", default=None)


@contextmanager
def passing_on(sender: Agent, recipient: Agent, message: Message | Mapping[str, Any] | str, run_id: str) -> Iterator[Passing]:
    """Know the message again that is sent or received inside."""
    passing = Passing(sender, recipient, message, run_id)
    token = _passing.set(passing)
    try:
        yield passing
    finally:
        _passing.reset(token)


def passing_between(sender: Agent, recipient: Agent) -> Passing | None:
    """Return the message that is on its way between these two, if it was given to an own way to send or to receive."""
    passing = _passing.get()
    return passing if passing is not None and passing.sender is sender and passing.recipient is recipient else None


def as_given(message: Message | Mapping[str, Any] | str, sender: str) -> str | dict[str, Any]:
    """Return a message as the classic gives it to ``send`` and ``receive``: the sender's own text as text, else a dictionary."""
    if isinstance(message, Message) and message.sender not in ("", sender):
        return message.to_dict()
    made = as_classic(Reply(message))
    return "" if made is None else made
