"""The one chat loop: deliver a message, let the listener reply, change sides. It is a loop, so a chat may be of any length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, cast

from ..agent import Agent
from ..messages import Message
from ..replies.base import Reply, Stop

__all__ = ["Exchange", "Speaker"]

NOT_ASKED = "no reply was asked for"


class Speaker(Agent, Protocol):
    """What the loop uses of our own agents; agents of other kinds only need to be an ``Agent``."""

    def answers(self, sender: Agent) -> bool:
        """Say whether this agent replies to ``sender`` when nobody says whether it should."""
        ...

    async def hand_over(self, reply: Reply, recipient: Agent, *, silent: bool | None) -> None:
        """Deliver this agent's message: into its own history, and to the recipient."""
        ...

    async def next_reply(self, sender: Agent) -> Reply | Stop:
        """Return the reply to the last message of ``sender``, or why there is none."""
        ...


@dataclass
class Exchange:
    """Two agents that take turns, until one of them stops or the turns are used up."""

    speaker: Agent
    listener: Agent
    silent: bool | None = False
    max_turns: int | None = None
    """Round trips at the most: a message of the one who began, and a reply to it."""

    async def run(self, opening: Reply, *, request_reply: bool | None) -> str:
        """Deliver ``opening`` and go on; return why it ended."""
        reply, asked = opening, request_reply
        delivered = 0
        while True:
            await _hand_over(self.speaker, reply, self.listener, silent=self.silent)
            delivered += 1
            if self.max_turns is not None and delivered >= 2 * self.max_turns:
                return f"max_turns={self.max_turns} was reached"
            if asked is False or (asked is None and not _answers(self.listener, self.speaker)):
                return NOT_ASKED
            outcome = await _next_reply(self.listener, self.speaker, reply)
            if isinstance(outcome, Stop):
                return outcome.reason
            reply = outcome
            self.speaker, self.listener = self.listener, self.speaker
            asked = True if self.max_turns is not None else None


async def _hand_over(speaker: Agent, reply: Reply, listener: Agent, *, silent: bool | None) -> None:
    if hasattr(speaker, "hand_over"):
        await cast(Speaker, speaker).hand_over(reply, listener, silent=silent)
    elif hasattr(listener, "a_receive"):
        await cast(Any, listener).a_receive(reply.message, speaker, request_reply=False, silent=silent)


def _answers(listener: Agent, speaker: Agent) -> bool:
    return not hasattr(listener, "answers") or cast(Speaker, listener).answers(speaker)


async def _next_reply(listener: Agent, speaker: Agent, last: Reply) -> Reply | Stop:
    if hasattr(listener, "next_reply"):
        return await cast(Speaker, listener).next_reply(speaker)
    message = last.message
    if isinstance(message, Message):
        message = message.with_role("user").to_dict()
    elif isinstance(message, str):
        message = {"role": "user", "content": message, "name": speaker.name}
    answer = await listener.a_generate_reply([message], speaker)
    return Stop(f"{listener.name} had no reply") if answer is None else Reply(answer)
