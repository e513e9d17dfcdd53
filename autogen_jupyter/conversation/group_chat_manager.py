"""The agent that leads a group: whoever talks to it talks to everybody."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ..agent import Agent
from ..context import ChatContext, enter
from ..errors import UsageError
from ..messages import Message
from ..portal import on_portal, run_sync
from ..replies.base import ReplyPolicy, Stop
from ..replies.human import HumanInputMode
from .chat_starter import ChatStarter
from .classic_replies import Messages, Outcome
from .conversable_agent import ConversableAgent
from .group_chat import GroupChat
from .group_loop import GroupPolicy
from .group_resume import Remove, messages_from_json, messages_to_json, resume
from .reply_order import EVERYBODY, ReplyEntry
from .state import plain

__all__ = ["GroupChatManager"]


class GroupChatManager(ConversableAgent):
    """Leads a group chat: it passes every message on to all members, finds out who is next, and ends the chat.

    Args:
        groupchat: the group.
        name: its own name.
        max_consecutive_auto_reply: accepted for compatibility; ``max_round`` of the group is the limit.
        human_input_mode: as for every agent; the group's chat itself does not ask.
        system_message: as for every agent.
        silent: show nothing of what the members say.
        **kwargs: what else a ``ConversableAgent`` takes. ``llm_config`` is the model that chooses speakers (``"auto"``),
            ``is_termination_msg`` ends the chat.

    Raises:
        UsageError: its model configuration has functions or tools: the manager calls none, its members do.

    Example:
        >>> from autogen_jupyter import ConversableAgent, GroupChat, GroupChatManager, ScriptedModel
        >>> poet = ConversableAgent("poet", llm_config=ScriptedModel(["Roses are red."]), human_input_mode="NEVER")
        >>> critic = ConversableAgent("critic", llm_config=ScriptedModel(["Not all. DONE"]), human_input_mode="NEVER")
        >>> manager = GroupChatManager(
        ...     GroupChat([poet, critic]),
        ...     llm_config=ScriptedModel(["poet", "critic"]),
        ...     is_termination_msg=lambda message: message["content"].endswith("DONE"),
        ... )
        >>> critic.initiate_chat(manager, message="A poem, please.", silent=True).summary
        'Not all. DONE'
    """

    relays_others = True
    """What it says to a member are the words of other members."""
    runs_tools = False
    """Whether its group has somebody who runs the tools of all members, as groups that follow a pattern do."""

    def __init__(
        self,
        groupchat: GroupChat,
        name: str | None = "chat_manager",
        max_consecutive_auto_reply: int | None = sys.maxsize,
        human_input_mode: HumanInputMode = "NEVER",
        system_message: str | None = "Group chat manager.",
        silent: bool = False,
        **kwargs: Any,
    ) -> None:
        if not isinstance(groupchat, GroupChat):
            raise UsageError(f"GroupChatManager got {groupchat!r:.80}; give it a GroupChat(agents=[…]).")
        _check_no_tools(kwargs.get("llm_config"))
        self._groupchat = groupchat
        self._keeps_silent = bool(silent)
        self.is_silent = self._keeps_silent
        """Whether nothing is shown of the chat that is running: always, or because it was begun so."""
        self.last_speaker: Agent | None = None
        """Who spoke last."""
        super().__init__(
            name or "chat_manager",
            system_message,
            max_consecutive_auto_reply=max_consecutive_auto_reply,
            human_input_mode=human_input_mode,
            **kwargs,
        )

    def _policies(self) -> tuple[ReplyPolicy, ...]:
        return (GroupPolicy(self), *super()._policies())

    @property
    def sees_images(self) -> bool:
        """Whether a member sees images."""
        return any(getattr(agent, "sees_images", False) for agent in self._groupchat.agents)

    @property
    def groupchat(self) -> GroupChat:
        """The group it leads."""
        return self._groupchat

    def chat_messages_for_summary(self, agent: Agent) -> list[dict[str, Any]]:
        """Return what was said in the group, which is what a summary is made of."""
        return self._groupchat.messages

    def save_state(self) -> dict[str, Any]:
        """Return what it remembers as JSON-able data, what was said in the group included."""
        return {**super().save_state(), "group": plain(self._groupchat.messages)}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Remember what ``save_state`` returned; the next chat without ``clear_history`` goes on from there."""
        super().load_state(state)
        self._groupchat.messages[:] = [dict(message) for message in state.get("group", ())]

    def reset(self) -> None:
        """Forget every conversation, that of the group included."""
        super().reset()
        self._groupchat.reset()

    @on_portal
    async def a_run_chat(self, messages: Messages = None, sender: Agent | None = None, config: Any = None) -> Outcome:
        """Lead the group from the last message to the end of its chat: the classic's reply function of a manager.

        Raises:
            UsageError: it is registered with an agent that is no manager.
        """
        if not isinstance(self, GroupChatManager):
            raise UsageError(
                f"{self.name} leads no group: make a GroupChatManager(groupchat, name={self.name!r}) instead of registering run_chat."
            )
        return await self._ask(GroupPolicy(self), messages, sender)

    run_chat = run_sync(a_run_chat)

    def _entries(self, policy: ReplyPolicy) -> Sequence[ReplyEntry]:
        if isinstance(policy, GroupPolicy):
            return (ReplyEntry(EVERYBODY, policy, names=(GroupChatManager.a_run_chat, GroupChatManager.run_chat), places=2),)
        return super()._entries(policy)

    # --- taking a chat up again

    @on_portal
    async def a_resume(
        self, messages: Sequence[Mapping[str, Any]] | str, remove_termination_string: Remove = None, silent: bool | None = False
    ) -> tuple[Agent, dict[str, Any]]:
        """Fill the histories of all members with an earlier chat; continue it with what is returned.

        ``last_agent.initiate_chat(manager, message=last_message, clear_history=False)`` goes on.

        Args:
            messages: what was said: ``groupchat.messages``, a result's ``chat_history``, or either as JSON (``messages_to_string``).
            remove_termination_string: cut from the last message, which would end the chat again; or a function that returns it without.
            silent: do not say what was prepared; nothing is shown of earlier messages anyway.

        Returns:
            Who spoke last, and the last message, which is not in the histories yet.

        Raises:
            UsageError: there are no messages, or one is by somebody who is not in the group.
        """
        async with enter():
            given = messages_from_json(messages) if isinstance(messages, str) else messages
            return await resume(self, given, remove_termination_string, silent=bool(silent))

    resume = run_sync(a_resume)

    def messages_to_string(self, messages: Sequence[Mapping[str, Any]]) -> str:
        """Return messages as JSON, to be kept."""
        return messages_to_json(messages)

    def messages_from_string(self, message_string: str) -> list[dict[str, Any]]:
        """Return messages that were kept as JSON.

        Raises:
            UsageError: it is not a JSON list of messages.
        """
        return messages_from_json(message_string)

    # --- what leading the chat needs

    async def end_meant_by(self, message: Message) -> Stop | None:
        """Return the end of the chat that a message means to the manager's own predicate, if it means that."""
        return await self._human_policy.end_meant_by(message)

    @property
    def changes_what_it_sends(self) -> bool:
        """Whether hooks, or a ``send`` of its own, look at each message on its way to each member."""
        return self._hooks.change_what_is_sent or self._overridden("a_send", "send") is not None

    def gather_human_input(self, *, besides: Agent) -> None:
        """Take over what people typed for the members, so that the chat's result has it; the one who began reports its own."""
        members = [agent for agent in self._groupchat.agents if agent is not besides]
        self._human_input[:] = [text for agent in members for text in getattr(agent, "_human_input", ())]

    def _take_in(self, message: Message, sender: Agent, *, silent: bool | None, run_id: str = "") -> None:
        self.is_silent = self._keeps_silent or bool(silent)
        super()._take_in(message, sender, silent=silent, run_id=run_id)

    def _prepare(self, other: Agent, clear_history: bool, *, answers: bool, context: ChatContext) -> None:
        super()._prepare(other, clear_history, answers=answers, context=context)
        if clear_history:
            self._groupchat.reset()
        for agent in self._groupchat.agents:
            if agent is not other and isinstance(agent, ChatStarter):
                if clear_history:
                    self.clear_history(agent)
                agent._prepare(self, clear_history, answers=False, context=context)


def _check_no_tools(llm_config: Any) -> None:
    if not isinstance(llm_config, Mapping):
        return
    entries: Sequence[Any] = [llm_config, *(llm_config.get("config_list") or ())]
    for key in ("functions", "tools"):
        if any(isinstance(entry, Mapping) and entry.get(key) for entry in entries):
            raise UsageError(f"The llm_config of a GroupChatManager has {key!r}. Give the tools to the agents of the group instead.")
