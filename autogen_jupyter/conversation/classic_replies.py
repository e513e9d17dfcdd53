"""The classic's names for an agent's own ways to reply: to be called, excluded, replaced, or registered again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..agent import Agent
from ..messages import Message
from ..portal import on_portal, run_sync
from ..replies.base import Reply, ReplyPolicy, Stop, Turn
from ..replies.code import CodePolicy
from ..replies.human import HumanPolicy
from ..replies.model import ModelPolicy
from ..replies.tool_loop import ToolLoop
from ..replies.tools import ToolPolicy
from .history import History
from .reply_order import EVERYBODY, ReplyEntry
from .reply_registry import ReplyRegistry

__all__ = ["ClassicReplies", "Messages", "Outcome", "as_classic"]

Messages = Sequence[Mapping[str, Any]] | None
Outcome = tuple[bool, str | dict[str, Any] | None]
"""``(final, reply)``: ``(False, None)`` passes, ``(True, None)`` ends the conversation."""


class ClassicReplies(ReplyRegistry):
    """Each of the classic's reply functions, as a method ``(messages, sender, config) -> (final, reply)``.

    In the order of replies each pair of twins is one entry, so that none of them is ever asked twice.

    Example:
        >>> from autogen_jupyter import ConversableAgent, ScriptedModel
        >>> agent = ConversableAgent("cathy", llm_config=ScriptedModel(["Hello."]))
        >>> agent.generate_oai_reply([{"role": "user", "content": "Hi."}])
        (True, 'Hello.')
    """

    _human_policy: HumanPolicy
    _tool_policy: ToolPolicy
    _code_policy: CodePolicy | None
    _model_policy: ModelPolicy | None

    @property
    def name(self) -> str:
        raise NotImplementedError

    def history_with(self, other: Agent) -> History:
        raise NotImplementedError

    @on_portal
    async def a_check_termination_and_human_reply(
        self, messages: Messages = None, sender: Agent | None = None, config: Any = None
    ) -> Outcome:
        """Ask the person if the mode says so, and notice whether the conversation is over."""
        return await self._ask(self._human_policy, messages, sender)

    check_termination_and_human_reply = run_sync(a_check_termination_and_human_reply)

    @on_portal
    async def a_generate_function_call_reply(self, messages: Messages = None, sender: Agent | None = None, config: Any = None) -> Outcome:
        """Answer the last message's ``function_call``, if it has one."""
        return await self._ask(_Part(self._tool_policy, _has_function_call), messages, sender)

    generate_function_call_reply = run_sync(a_generate_function_call_reply)

    @on_portal
    async def a_generate_tool_calls_reply(self, messages: Messages = None, sender: Agent | None = None, config: Any = None) -> Outcome:
        """Answer the last message's ``tool_calls``, if it has any."""
        return await self._ask(_Part(self._tool_policy, _has_tool_calls), messages, sender)

    generate_tool_calls_reply = run_sync(a_generate_tool_calls_reply)

    @on_portal
    async def a_generate_code_execution_reply(self, messages: Messages = None, sender: Agent | None = None, config: Any = None) -> Outcome:
        """Run the newest message's code, if there is any and this agent runs code."""
        return await self._ask(self._code_policy, messages, sender)

    generate_code_execution_reply = run_sync(a_generate_code_execution_reply)

    @on_portal
    async def a_generate_oai_reply(self, messages: Messages = None, sender: Agent | None = None, config: Any = None) -> Outcome:
        """Let the model write a reply, if this agent has one."""
        return await self._ask(self._model_policy, messages, sender)

    generate_oai_reply = run_sync(a_generate_oai_reply)

    async def _ask(self, policy: ReplyPolicy | None, messages: Messages, sender: Agent | None) -> Outcome:
        if policy is None:
            return False, None
        history = self.history_with(sender) if messages is None and sender is not None else History.from_dicts(messages or ())
        outcome = await policy.reply(Turn(self.name, sender, history.messages, dicts=history.as_dicts))
        return (False, None) if outcome is None else (True, as_classic(outcome))

    def _entries(self, policy: ReplyPolicy) -> Sequence[ReplyEntry]:
        everybody, cls = EVERYBODY, ClassicReplies
        if isinstance(policy, HumanPolicy):
            names = (cls.a_check_termination_and_human_reply, cls.check_termination_and_human_reply)
            return (ReplyEntry(everybody, policy, names=names, places=2),)
        if isinstance(policy, ToolPolicy):
            call_names = (cls.a_generate_function_call_reply, cls.generate_function_call_reply)
            tool_names = (cls.a_generate_tool_calls_reply, cls.generate_tool_calls_reply)
            return (
                ReplyEntry(everybody, _Part(policy, _has_function_call), names=call_names, places=2),
                ReplyEntry(everybody, _Part(policy, _has_tool_calls), names=tool_names, places=2),
            )
        if isinstance(policy, CodePolicy):  # the classic has no async form of it
            return (ReplyEntry(everybody, policy, names=(cls.a_generate_code_execution_reply, cls.generate_code_execution_reply)),)
        if isinstance(policy, (ModelPolicy, ToolLoop)):
            return (ReplyEntry(everybody, policy, names=(cls.a_generate_oai_reply, cls.generate_oai_reply), places=2),)
        return super()._entries(policy)


@dataclass(frozen=True)
class _Part:
    """A policy, asked only for messages of one kind."""

    policy: ReplyPolicy
    answers: Callable[[Message], bool]

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        if not turn.messages or not self.answers(turn.messages[-1]):
            return None
        return await self.policy.reply(turn)


def _has_function_call(message: Message) -> bool:
    return "function_call" in message.extra


def _has_tool_calls(message: Message) -> bool:
    return not _has_function_call(message)


def as_classic(outcome: Reply | Stop) -> str | dict[str, Any] | None:
    """Return a reply as the classic's callers know it: text where it is only text, else a dictionary; None for the end."""
    if isinstance(outcome, Stop):
        return None
    message = outcome.message
    if not isinstance(message, Message):
        return message if isinstance(message, str) else dict(message)
    is_plain = isinstance(message.content, str) and message.role in ("user", "assistant")
    carries_more = message.tool_calls or message.tool_results or message.extra
    return message.text if is_plain and not carries_more else message.to_dict()
