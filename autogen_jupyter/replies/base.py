"""How an agent finds its reply: policies are asked in order, and the first one with an answer decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..agent import Agent
from ..code_blocks import CodeBlock
from ..messages import Message

__all__ = ["Reply", "ReplyPolicy", "Stop", "Turn"]


@dataclass(slots=True)
class Turn:
    """One agent's turn to speak: what it has heard, and what earlier policies found out."""

    agent: str
    """Name of the agent whose turn it is."""
    sender: Agent | None
    """Who is answered."""
    messages: Sequence[Message]
    """The history with the sender, as this agent sees it; the last message is the one to answer."""
    approved: tuple[CodeBlock, ...] | None = None
    """Code a person has allowed to run in this turn, perhaps edited."""
    heard: Sequence[Message] | None = None
    """The same, before functions that look at whole histories changed it; None where nothing did."""
    dicts: Callable[[], list[dict[str, Any]]] | None = None
    """Returns the messages as the classic's dictionaries, where somebody keeps them."""

    @property
    def sender_name(self) -> str:
        return self.sender.name if self.sender is not None else "the sender"

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the messages as the classic's dictionaries; as there, the list is the history's own, so that a long chat costs no more."""
        return [message.to_dict() for message in self.messages] if self.dicts is None else self.dicts()


@dataclass(frozen=True, slots=True)
class Reply:
    """The agent says this."""

    message: Message | Mapping[str, Any] | str
    run_id: str = ""
    """The run of code that the message reports."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The agent says nothing more, and why."""

    reason: str


class ReplyPolicy(Protocol):
    """One way to find a reply."""

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        """Return the reply, the end of the conversation, or None to let the next policy try."""
        ...
