"""Pass a message on to everybody in a group: one object, shared by all histories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..agent import Agent
from ..messages import Message
from ..replies.base import Reply
from .conversable_agent import ConversableAgent
from .history import History

if TYPE_CHECKING:
    from .group_chat_manager import GroupChatManager

__all__ = ["Broadcast"]


class Broadcast:
    """The way from a group's manager to those who listen.

    Listeners of ours get the message straight into their histories. Those that have their own way to receive, and all of them when
    the manager has hooks on what it sends, are sent it.
    """

    def __init__(self, manager: GroupChatManager, listeners: Iterable[Agent]) -> None:
        self._manager = manager
        self._direct: list[tuple[Agent, History, History]] = []
        self._others: list[Agent] = []
        for listener in listeners:
            shared = listener.shared_history(manager) if isinstance(listener, ConversableAgent) else None
            if shared is not None and not manager.changes_what_it_sends:
                self._direct.append((listener, shared, manager.history_with(listener)))
            elif hasattr(listener, "receive") or hasattr(listener, "a_receive"):
                self._others.append(listener)

    async def send(self, message: Message, *, besides: Agent | None) -> None:
        """Pass a message on to all but the one who said it."""
        heard, sent = message.with_role("user"), message.with_role("assistant")
        for agent, history, managers_own in self._direct:
            if agent is not besides:
                history.messages.append(heard)
                managers_own.messages.append(sent)
        for agent in self._others:
            if agent is not besides:
                await self._manager.hand_over(Reply(message), agent, silent=True)
