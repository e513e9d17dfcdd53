"""Handovers to something that is no agent: chats within the chat, another group, or whomever a function names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ..agent import Agent
from ..errors import UsageError
from ..messages import Message
from ..portal import call
from .handoff_targets import AgentTarget, Situation, Target

if TYPE_CHECKING:
    from .conversable_agent import ConversableAgent
    from .patterns import Pattern

__all__ = [
    "Deciding",
    "FunctionTarget",
    "FunctionTargetMessage",
    "FunctionTargetResult",
    "GroupChatConfig",
    "GroupChatTarget",
    "NestedChatTarget",
    "Wrapped",
]

HANDED_OVER = "Handed over to "
"""How the answer to a call begins that only hands over."""


@runtime_checkable
class Wrapped(Protocol):
    """A target that takes the floor as an agent of its own, made for it."""

    label: str

    def make(self, name: str) -> ConversableAgent:
        """Return an agent of this name that does what is to be done."""
        ...


@runtime_checkable
class Deciding(Protocol):
    """A target that finds out who it is when it is handed over to."""

    async def decide(self, situation: Situation) -> Target:
        """Return the target it stands for."""
        ...


@dataclass(frozen=True)
class NestedChatTarget:
    """Chats within the chat: the last one's summary is said in the group, and the agent that handed over goes on.

    Args:
        nested_chat_config: ``chat_queue``, as for ``register_nested_chats``, and perhaps ``reply_func_from_nested_chats``,
            ``use_async`` and ``config``.

    Raises:
        UsageError: there is no chat_queue.

    Example:
        >>> target = NestedChatTarget({"chat_queue": [{"recipient": reviewer, "max_turns": 1}]})  # doctest: +SKIP
    """

    nested_chat_config: Mapping[str, Any]
    label = "nested_chat"

    def __post_init__(self) -> None:
        given = self.nested_chat_config
        if not isinstance(given, Mapping) or not given.get("chat_queue"):
            raise UsageError(f'nested_chat_config is {given!r:.80}; it must be a dictionary with "chat_queue", a list of chats.')

    def make(self, name: str) -> ConversableAgent:
        options = {key: value for key, value in self.nested_chat_config.items() if key != "chat_queue"}
        options["reply_func_from_nested_chats"] = options.get("reply_func_from_nested_chats") or "summary_from_nested_chats"
        agent = _speaker(name)
        agent.register_nested_chats(self.nested_chat_config["chat_queue"], _anybody, position=0, **options)
        agent.register_hook("process_all_messages_before_reply", _without_the_handover)
        return agent

    def resolve(self, situation: Situation) -> Agent:
        raise NotImplementedError("the group makes an agent for it")


@dataclass(frozen=True)
class GroupChatConfig:
    """Another group: its pattern, and how it begins."""

    pattern: Pattern
    messages: Sequence[Mapping[str, Any]] | str
    max_rounds: int = 20


@dataclass(frozen=True)
class GroupChatTarget:
    """Another group, which talks to its end: its summary is said here, and the agent that handed over goes on."""

    group_chat_config: GroupChatConfig
    label = "group_chat"

    def make(self, name: str) -> ConversableAgent:
        agent, config = _speaker(name), self.group_chat_config

        async def talk(*_: Any, **__: Any) -> tuple[bool, str]:
            from .group_run import a_initiate_group_chat

            outcome = await a_initiate_group_chat(config.pattern, config.messages, config.max_rounds)
            return True, str(outcome[0].summary)

        agent.register_reply(_anybody, talk)
        return agent

    def resolve(self, situation: Situation) -> Agent:
        raise NotImplementedError("the group makes an agent for it")


@dataclass(frozen=True)
class FunctionTargetMessage:
    """A message that one agent is told."""

    content: str
    msg_target: Agent


@dataclass(frozen=True)
class FunctionTargetResult:
    """What the function of a ``FunctionTarget`` returns: who goes on, changed variables, and messages for single agents."""

    target: Target
    messages: Sequence[FunctionTargetMessage] | str | None = None
    """A text is for the agent that goes on."""
    context_variables: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class FunctionTarget:
    """Whomever a function names.

    Args:
        function: ``(last_message, context_variables, groupchat, current_agent) -> FunctionTargetResult``, sync or async.

    Raises:
        UsageError: it is no function.
    """

    function: Callable[..., Any]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise UsageError(f"FunctionTarget got {self.function!r:.80}; it must be a function that returns a FunctionTargetResult.")

    @property
    def label(self) -> str:
        return str(getattr(self.function, "__name__", "function"))

    async def decide(self, situation: Situation) -> Target:
        last = situation.group.messages[-1].get("content", "") if situation.group.messages else ""
        result = await call(self.function, last, situation.variables, situation.group, situation.agent)
        if not isinstance(result, FunctionTargetResult):
            raise UsageError(
                f"The function {self.label} of a FunctionTarget returned {result!r:.80}; it must return a FunctionTargetResult."
            )
        situation.variables.update(result.context_variables or {})
        for message in self._messages(result, situation):
            await situation.tell(message.msg_target, f"Reply from function {self.label}:\n\n{message.content}")
        return result.target

    def resolve(self, situation: Situation) -> Agent:
        raise NotImplementedError("the function decides")

    def _messages(self, result: FunctionTargetResult, situation: Situation) -> Sequence[FunctionTargetMessage]:
        if not isinstance(result.messages, str):
            return result.messages or ()
        to = result.target.resolve(situation) if not isinstance(result.target, (Wrapped, Deciding)) else None
        return [FunctionTargetMessage(result.messages, situation.agent if to is None or isinstance(to, str) else to)]


def returning(wrapped: Wrapped, name: str, parent: Agent) -> ConversableAgent:
    """Return the agent for a target, which hands back to the one who handed over."""
    agent = wrapped.make(name)
    agent.handoffs.set_after_work(AgentTarget(parent))
    return agent


def is_handover(message: Message) -> bool:
    """Say whether a message only answers calls that hand over."""
    results = message.tool_results
    return bool(results) and all(result.content.startswith(HANDED_OVER) for result in results)


def _speaker(name: str) -> ConversableAgent:
    from .conversable_agent import ConversableAgent

    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=None)


def _anybody(_: Agent | None) -> bool:
    return True


def _without_the_handover(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What led here, a call and its answer, is not what the chats within are about."""
    end = len(messages)
    if end and is_handover(Message.from_dict(messages[-1])):
        end -= 1
        if end and messages[end - 1].get("tool_calls") and not messages[end - 1].get("content"):
            end -= 1
    return messages[:end] or messages
