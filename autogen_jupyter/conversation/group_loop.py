"""The loop of a group's chat: pass on what was said, find out who is next, let them speak."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ..agent import Agent
from ..context import current, silenced
from ..errors import FunctionInterrupted, NoEligibleSpeaker
from ..events import Noticed, SpeakerSelected
from ..messages import Message
from ..portal import go_on
from ..replies.base import Reply, Stop, Turn
from .broadcast import Broadcast
from .chat import Speaker, answers_of_people
from .chat_run import take_back_cancellation
from .group_commands import obey_clear_history
from .speaker_selection import Selected
from .stopping import LoopDetector, stop_requested

if TYPE_CHECKING:
    from .group_chat_manager import GroupChatManager

__all__ = ["GroupPolicy"]


class GroupPolicy:
    """The manager's way to reply to what starts or continues the chat: it leads the group until there is an end, and says why."""

    def __init__(self, manager: GroupChatManager) -> None:
        self._manager = manager

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        if turn.sender is None or not turn.messages:
            return None
        with silenced(self._manager.is_silent):
            stop = await _Round(self._manager, turn.sender).run(turn.messages[-1])
        self._manager.gather_human_input(besides=turn.sender)
        if turn.sender is not self._manager and getattr(turn.sender, "relays_others", False):
            # A group within a group answers with its last word.
            said = self._manager.groupchat.messages[-1:]
            return Reply(str(said[0]["content"])) if said else stop
        return stop


class _Round:
    """One run of the loop, from a message to the end."""

    def __init__(self, manager: GroupChatManager, opener: Agent) -> None:
        self._manager = manager
        self._group = manager.groupchat
        self._opener = opener
        self._members: list[Agent] = []
        self._broadcast = Broadcast(manager, ())
        self._admin_had_the_floor = False
        self._loops = self._detector()

    async def run(self, opening: Message) -> Stop:
        speaker, message, spoken = self._opener, opening, 0
        if self._group.send_introductions and not self._group.messages:
            await self._listeners().send(Message("assistant", self._group.introductions_msg(), self._manager.name), besides=None)
        while True:
            message = await self._pass_on(speaker, message)
            spoken += 1
            if end := await self._end(message):
                return end
            if spoken >= self._group.max_round:
                return Stop(f"max_round={self._group.max_round} was reached")
            if end := self._goes_in_circles(message):
                return end
            outcome = await self._next_or_admin(speaker)
            if isinstance(outcome, Stop):
                return outcome
            speaker, message = outcome
            await asyncio.sleep(0)  # agents that need no model would never let an interrupt in

    async def _end(self, message: Message) -> Stop | None:
        reason = stop_requested()
        return Stop(reason) if reason else await self._manager.end_meant_by(message)

    def _detector(self) -> LoopDetector | None:
        """Each member may fall silent, or say goodbye, once: only more than that is a loop."""
        wanted = self._manager.notice_loops and getattr(self._opener, "notice_loops", True)
        usual, everybody = LoopDetector(), len(self._group.agents) + 1
        return LoopDetector(empty=max(usual.empty, everybody), thanks=max(usual.thanks, everybody)) if wanted else None

    def _goes_in_circles(self, message: Message) -> Stop | None:
        if self._loops is None:
            return None
        self._loops.heard(message)
        reason = self._loops.reason
        if not reason:
            return None
        current().emit(Noticed(f"The chat goes in circles, so it ends: {reason}.", "warning"))
        return Stop(reason)

    async def _pass_on(self, speaker: Agent, message: Message) -> Message:
        """Let everybody hear a message, and return it as it is heard."""
        if message.sender != speaker.name and message.role != "function":
            message = replace(message, sender=speaker.name)
        if message.content is None:  # a group's messages are text, as in the classic: predicates look for words in them
            message = replace(message, content="")
        self._group.append(message, speaker)
        self._manager.last_speaker = speaker
        await self._listeners().send(message, besides=speaker)
        return message

    def _listeners(self) -> Broadcast:
        """Return the way to everybody, built anew when somebody joined or left the group."""
        members = list(self._group.agents)
        if self._members != members:
            self._members = members
            outside = self._opener not in self._members and not getattr(self._opener, "relays_others", False)
            self._broadcast = Broadcast(self._manager, [*self._members, self._opener] if outside else self._members)
        return self._broadcast

    async def _next_or_admin(self, last: Agent) -> tuple[Agent, Message] | Stop:
        try:
            return await self._next(last)
        except (asyncio.CancelledError, FunctionInterrupted) as interrupt:
            admin = self._admin()
            if isinstance(interrupt, asyncio.CancelledError):
                if admin is None or not (current().stop_reason() or go_on()):
                    raise
                take_back_cancellation()
            elif admin is None:
                return Stop("interrupted")
            self._admin_had_the_floor = True
            return await self._speak(Selected(admin, "interrupted"))

    def _admin(self) -> Agent | None:
        """Return the agent that may go on after an interrupt: a person's, and once, so that a second interrupt ends the chat."""
        admin = self._group.agent_by_name(self._group.admin_name)
        is_person = getattr(admin, "human_input_mode", "NEVER") != "NEVER"
        return admin if is_person and not self._admin_had_the_floor else None

    async def _next(self, last: Agent) -> tuple[Agent, Message] | Stop:
        try:
            selected = await self._group.selected(last, self._manager)
        except NoEligibleSpeaker as nobody:
            return Stop(str(nobody))
        return await self._speak(selected)

    async def _speak(self, selected: Selected) -> tuple[Agent, Message] | Stop:
        speaker, manager = selected.agent, self._manager
        if not manager.is_silent:
            current().emit(SpeakerSelected(speaker.name, selected.reason, manager.name))
        if reason := stop_requested():  # choosing takes tokens and time, and may be what a condition waits for
            return Stop(reason)
        answers = answers_of_people(speaker)
        outcome = await self._reply_of(speaker)
        if self._loops is not None and answers_of_people(speaker) != answers:
            self._loops.reset()
        if isinstance(outcome, Stop):
            return outcome
        said = outcome.message
        if self._group.enable_clear_history and isinstance(said, Message) and said.role == "user":  # a person typed it
            outcome = Reply(obey_clear_history(self._group, said), outcome.run_id)
        if hasattr(speaker, "hand_over"):
            if await cast(Speaker, speaker).hand_over(outcome, manager, silent=manager.is_silent) is None:
                return Stop(f"{speaker.name} sent nothing")
        else:
            given = outcome.message.to_dict() if isinstance(outcome.message, Message) else outcome.message
            await manager.a_receive(given, speaker, request_reply=False, silent=manager.is_silent)
        return speaker, manager.history_with(speaker).messages[-1]

    async def _reply_of(self, speaker: Agent) -> Reply | Stop:
        if hasattr(speaker, "next_reply"):
            return await cast(Speaker, speaker).next_reply(self._manager)
        answer = await speaker.a_generate_reply([dict(message) for message in self._group.messages], self._manager)
        return Stop(f"{speaker.name} had no reply") if answer is None else Reply(answer)
