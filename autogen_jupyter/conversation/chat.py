"""The one chat loop: deliver a message, let the listener reply, change sides. It is a loop, so a chat may be of any length."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

from ..agent import Agent
from ..context import current
from ..events import Noticed
from ..messages import Message, ToolCall, ToolResult
from ..replies.base import Reply, Stop
from ..replies.pieces import NOT_RUN, open_calls
from ..workers import give_way
from .history import History
from .stopping import LoopDetector, stop_requested

__all__ = ["Exchange", "Speaker", "answers_of_people"]

NOT_ASKED = "no reply was asked for"


Deliver = Callable[..., Awaitable[Message | None]]
"""``(speaker, reply, listener, silent=…)``: how one message is delivered."""


class Speaker(Agent, Protocol):
    """What the loop uses of our own agents; agents of other kinds only need to be an ``Agent``."""

    def history_with(self, other: Agent) -> History:
        """Return what was said between this agent and ``other``."""
        ...

    def replies_unasked(self, sender: Agent) -> bool:
        """Say whether this agent replies to ``sender`` when nobody says whether it should."""
        ...

    async def hand_over(self, reply: Reply, recipient: Agent, *, silent: bool | None) -> Message | None:
        """Deliver this agent's message: into its own history, and to the recipient; return it as it was delivered, None if it was not."""
        ...

    async def next_reply(self, sender: Agent) -> Reply | Stop:
        """Return the reply to the last message of ``sender``, or why there is none."""
        ...


@dataclass
class Exchange:
    """Two agents that take turns, until one of them stops, a stop condition is met, or the turns are used up."""

    speaker: Agent
    listener: Agent
    silent: bool | None = False
    max_turns: int | None = None
    """Round trips at the most: a message of the one who began, and a reply to it."""
    loops: LoopDetector | None = field(default_factory=LoopDetector)
    """Notices that nothing is being said any more; None lets them go on."""

    async def run(self, opening: Reply, *, request_reply: bool | None, deliver: Deliver | None = None) -> str:
        """Deliver ``opening``, by ``deliver`` if there is one, and go on; return why it ended."""
        reply, asked = _with_open_calls_answered(self.speaker, self.listener, opening), request_reply
        delivered = 0
        while True:
            message = await (deliver or _hand_over)(self.speaker, reply, self.listener, silent=self.silent)
            if message is None:
                return f"{self.speaker.name} sent nothing"
            deliver = None
            delivered += 1
            if reason := stop_requested():
                return reason
            if self.max_turns is not None and delivered >= 2 * self.max_turns:
                return f"max_turns={self.max_turns} was reached"
            if asked is False or (asked is None and not _answers(self.listener, self.speaker)):
                return NOT_ASKED
            if reason := self._loop(message):
                return reason
            await give_way()  # agents that need no model would never let an interrupt in
            outcome = await self._next(reply)
            if isinstance(outcome, Stop):
                return outcome.reason
            reply = outcome
            self.speaker, self.listener = self.listener, self.speaker
            asked = True if self.max_turns is not None else None

    def open_calls(self) -> tuple[ToolCall, ...]:
        """Return the tool calls that were the last word, so that nobody ran them."""
        return open_calls(_history(self.speaker, self.listener)) or open_calls(_history(self.listener, self.speaker))

    async def _next(self, last: Reply) -> Reply | Stop:
        """Return the listener's reply; when people took part in it, this is no loop of agents."""
        before = answers_of_people(self.listener)
        outcome = await _next_reply(self.listener, self.speaker, last)
        if self.loops is not None and answers_of_people(self.listener) != before:
            self.loops.reset()
        return outcome

    def _loop(self, message: Message) -> str:
        if self.loops is None:
            return ""
        self.loops.heard(message)
        if reason := self.loops.reason:
            current().emit(Noticed(f"The chat goes in circles, so it ends: {reason}.", "warning"))
            return reason
        return ""


def answers_of_people(agent: Agent) -> int:
    """Return how often a person has answered in this agent's place."""
    return len(getattr(agent, "_human_input", ()))


def _with_open_calls_answered(speaker: Agent, listener: Agent, opening: Reply) -> Reply:
    """A chat that was stopped may end with open tool calls; models refuse such a history, so the next message answers them."""
    calls = open_calls(_history(speaker, listener))
    if not calls:
        return opening
    given = opening.message
    message = given if isinstance(given, Message) else Message.from_dict(given, sender=speaker.name)
    if message.tool_results or message.role == "tool":
        return opening
    results = tuple(ToolResult(call.id, NOT_RUN) for call in calls)
    return Reply(replace(message, tool_results=results), opening.run_id)


def _history(agent: Agent, other: Agent) -> Sequence[Message]:
    return cast(Speaker, agent).history_with(other).messages if hasattr(agent, "history_with") else ()


def _hand_over(speaker: Agent, reply: Reply, listener: Agent, *, silent: bool | None) -> Awaitable[Message | None]:
    if hasattr(speaker, "hand_over"):
        return cast(Speaker, speaker).hand_over(reply, listener, silent=silent)
    return _hand_over_anothers(speaker, reply.message, listener, silent=silent)


async def _hand_over_anothers(
    speaker: Agent, message: Message | Mapping[str, Any] | str, listener: Agent, *, silent: bool | None
) -> Message | None:
    if hasattr(listener, "a_receive"):
        await cast(Any, listener).a_receive(message, speaker, request_reply=False, silent=silent)
    return message if isinstance(message, Message) else Message.from_dict(message)


def _answers(listener: Agent, speaker: Agent) -> bool:
    return not hasattr(listener, "replies_unasked") or cast(Speaker, listener).replies_unasked(speaker)


def _next_reply(listener: Agent, speaker: Agent, last: Reply) -> Awaitable[Reply | Stop]:
    if hasattr(listener, "next_reply"):
        return cast(Speaker, listener).next_reply(speaker)
    return _anothers_reply(listener, speaker, last.message)


async def _anothers_reply(listener: Agent, speaker: Agent, message: Message | Mapping[str, Any] | str) -> Reply | Stop:
    if isinstance(message, Message):
        message = message.with_role("user").to_dict()
    elif isinstance(message, str):
        message = {"role": "user", "content": message, "name": speaker.name}
    answer = await listener.a_generate_reply([message], speaker)
    return Stop(f"{listener.name} had no reply") if answer is None else Reply(answer)
