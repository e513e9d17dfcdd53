"""The part of an agent that remembers: one history for each agent it talked with."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from ..agent import Agent
from ..errors import UsageError
from .conversations import Conversations
from .history import History

__all__ = ["Memory"]


class Memory:
    """The histories of one agent, by the agent it talked with."""

    @property
    def name(self) -> str:
        raise NotImplementedError

    def __init__(self, chat_messages: Mapping[Agent, Sequence[Mapping[str, Any]]]) -> None:
        self._histories = {other: History.from_dicts(messages) for other, messages in chat_messages.items()}
        self._remembered: dict[str, History] = {}
        """Histories of an earlier life, by name, until the agent of that name turns up."""

    def history_with(self, other: Agent) -> History:
        """Return what was said between this agent and ``other``."""
        history = self._histories.get(other)
        if history is None:
            history = self._histories[other] = self._remembered.pop(other.name) if other.name in self._remembered else History()
        return history

    @property
    def chat_messages(self) -> Conversations:
        """The histories as the classic's lists of dictionaries, by agent: ``[]`` where there is none yet. Changes of them count."""
        return Conversations(self._histories, self.history_with)

    @property
    def _oai_messages(self) -> Conversations:
        """The classic's private name of ``chat_messages``, which subclasses written for it use."""
        return self.chat_messages

    @_oai_messages.setter
    def _oai_messages(self, conversations: Mapping[Agent, list[dict[str, Any]]]) -> None:
        self.clear_history()
        self.chat_messages.update(conversations)

    def last_message(self, agent: Agent | None = None) -> dict[str, Any] | None:
        """Return the last message exchanged with ``agent``, or in the only conversation there is.

        Raises:
            UsageError: there are several conversations, and no agent was named.
            KeyError: there was no conversation with that agent.
        """
        if agent is None:
            talked_with = list(self.chat_messages)
            if not talked_with:
                return None
            if len(talked_with) > 1:
                names = ", ".join(other.name for other in talked_with)
                raise UsageError(f"{self.name} has conversations with {names}; say whose last message you want: last_message(agent).")
            agent = talked_with[0]
        if agent not in self._histories:
            raise KeyError(f"{self.name} had no conversation with {agent.name}.")
        messages = self._histories[agent].as_dicts()
        return messages[-1] if messages else None

    def clear_history(self, recipient: Agent | None = None, nr_messages_to_preserve: int | None = None) -> None:
        """Forget the conversation with ``recipient``, or all of them but the last ``nr_messages_to_preserve`` messages of each."""
        if recipient is not None and nr_messages_to_preserve:
            warnings.warn(
                f"nr_messages_to_preserve={nr_messages_to_preserve} is ignored when the history with one agent is cleared.", stacklevel=2
            )
        if recipient is None:
            for history in self._remembered.values():
                history.clear(keep=nr_messages_to_preserve or 0)
            for history in self._histories.values():
                history.clear(keep=nr_messages_to_preserve or 0)
        else:
            self._remembered.pop(recipient.name, None)
            if recipient in self._histories:
                self._histories[recipient].clear()
