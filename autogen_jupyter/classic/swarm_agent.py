"""AG2's older swarm, in the terms of ours: each rule becomes a handover of the agent, and the chat a group that follows a pattern."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..agent import Agent
from ..conversation.chat_result import ChatResult
from ..conversation.context_variables import Condition, ContextVariables, as_variables
from ..conversation.conversable_agent import ConversableAgent
from ..conversation.group_run import a_initiate_group_chat, a_run_group_chat
from ..conversation.handoff_chats import NestedChatTarget
from ..conversation.handoff_conditions import ContextStr, Wording
from ..conversation.handoff_targets import (
    AgentNameTarget,
    AgentTarget,
    GroupManagerTarget,
    RevertToUserTarget,
    Situation,
    StayTarget,
    Target,
    TerminateTarget,
)
from ..conversation.handoffs import OnCondition as _OnCondition
from ..conversation.handoffs import OnContextCondition as _OnContextCondition
from ..conversation.handoffs import ReplyResult
from ..conversation.patterns import DefaultPattern
from ..conversation.run_response import RunResponse
from ..errors import UsageError
from ..portal import call, on_portal, run_sync

__all__ = [
    "AFTER_WORK",
    "ON_CONDITION",
    "AfterWork",
    "AfterWorkOption",
    "OnCondition",
    "OnContextCondition",
    "SwarmAgent",
    "SwarmResult",
    "a_initiate_swarm_chat",
    "a_run_swarm",
    "initiate_swarm_chat",
    "register_hand_off",
    "run_swarm",
]


class AfterWorkOption(Enum):
    """Who goes on after an agent that has not handed over."""

    TERMINATE = "TERMINATE"
    REVERT_TO_USER = "REVERT_TO_USER"
    STAY = "STAY"
    SWARM_MANAGER = "SWARM_MANAGER"


After = AfterWorkOption | ConversableAgent | str | Callable[..., Any]
"""An option or its name, an agent or its name, or a function ``(last_speaker, messages, groupchat)`` that returns one of these."""


@dataclass(frozen=True)
class AfterWork:
    """Who goes on after the agent's turn.

    Raises:
        UsageError: it is nothing of that kind.
    """

    agent: After
    next_agent_selection_msg: Wording | None = None
    """What the manager's model is told when it chooses (``SWARM_MANAGER``)."""

    def __post_init__(self) -> None:
        self.target()

    def target(self) -> Target:
        """Return it as a target of ours."""
        return _target(self.agent, self.next_agent_selection_msg)


@dataclass(frozen=True)
class OnCondition:
    """Hand over when the agent's model finds that a condition applies.

    Raises:
        UsageError: the target is neither an agent nor a dictionary with a ``chat_queue``.
    """

    target: ConversableAgent | Mapping[str, Any]
    condition: str | ContextStr | Callable[..., str] = ""
    available: Condition | Callable[..., bool] | None = None
    """A variable's name, a ``ContextExpression``, or a function ``(agent, messages)``."""

    def __post_init__(self) -> None:
        self.for_agent(None)

    def for_agent(self, agent: ConversableAgent | None) -> _OnCondition:
        """Return it as a handover of this agent."""
        condition, available = self.condition, self.available
        if callable(condition):
            condition = _asking(condition, agent)
        return _OnCondition(_to(self.target), condition, _asking(available, agent) if callable(available) else available)


@dataclass(frozen=True)
class OnContextCondition:
    """Hand over instead of speaking when a condition on the context variables holds.

    Raises:
        UsageError: the target is neither an agent nor a dictionary with a ``chat_queue``.
    """

    target: ConversableAgent | Mapping[str, Any]
    condition: Condition
    available: Condition | Callable[..., bool] | None = None

    def __post_init__(self) -> None:
        self.for_agent(None)

    def for_agent(self, agent: ConversableAgent | None) -> _OnContextCondition:
        """Return it as a handover of this agent."""
        available = self.available
        return _OnContextCondition(_to(self.target), self.condition, _asking(available, agent) if callable(available) else available)


AFTER_WORK = AfterWork
ON_CONDITION = OnCondition


class SwarmAgent(ConversableAgent):
    """A ``ConversableAgent``, as in AG2 since 0.8; every agent can be part of a swarm."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn("SwarmAgent is an older name; use ConversableAgent.", DeprecationWarning, stacklevel=2)
        super().__init__(*args, **kwargs)

    def register_hand_off(self, hand_to: Any) -> None:
        """As the function of that name."""
        register_hand_off(self, hand_to)


class SwarmResult(ReplyResult):
    """What a tool may return: the text for the model, who goes on, and changed context variables."""

    def __init__(self, values: str = "", agent: After | None = None, context_variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(values, None if agent is None else _target(agent), context_variables)


def register_hand_off(agent: ConversableAgent, hand_to: Any) -> None:
    """Let an agent hand over.

    Args:
        agent: the agent.
        hand_to: an ``OnCondition``, ``OnContextCondition`` or ``AfterWork``, or a list of these.

    Raises:
        UsageError: it is something else.
    """
    for rule in hand_to if isinstance(hand_to, (list, tuple)) else [hand_to]:
        if isinstance(rule, AfterWork):
            agent.handoffs.set_after_work(rule.target())
        elif isinstance(rule, (OnCondition, OnContextCondition)):
            agent.handoffs.add(rule.for_agent(agent))
        else:
            raise UsageError(f"{agent.name} cannot hand over by {rule!r:.80}; give an OnCondition, OnContextCondition or AfterWork.")


def _pattern(
    initial_agent: ConversableAgent,
    agents: Sequence[ConversableAgent],
    user_agent: ConversableAgent | None,
    manager_args: Mapping[str, Any] | None,
    context_variables: Mapping[str, Any] | None,
    after_work: AfterWork | After | None,
    exclude_transit_message: bool,
) -> DefaultPattern:
    rule = after_work if isinstance(after_work, AfterWork) else AfterWork(AfterWorkOption.TERMINATE if after_work is None else after_work)
    return DefaultPattern(
        initial_agent,
        agents,
        user_agent,
        manager_args or {},
        as_variables(context_variables),
        rule.target(),
        exclude_transit_message=exclude_transit_message,
    )


@on_portal
async def a_initiate_swarm_chat(
    initial_agent: ConversableAgent,
    messages: Sequence[Mapping[str, Any]] | str,
    agents: Sequence[ConversableAgent],
    user_agent: ConversableAgent | None = None,
    swarm_manager_args: Mapping[str, Any] | None = None,
    max_rounds: int = 20,
    context_variables: Mapping[str, Any] | None = None,
    after_work: AfterWork | After | None = AfterWorkOption.TERMINATE,
    exclude_transit_message: bool = True,
) -> tuple[ChatResult, ContextVariables, Agent]:
    """Run a swarm: a group of agents that hand over to each other.

    Args:
        initial_agent: who answers the opening.
        messages: the opening message, or earlier messages, of which the last one opens.
        agents: the agents, without the user.
        user_agent: the agent that stands for a person.
        swarm_manager_args: for the ``GroupChatManager``; ``llm_config`` chooses for ``SWARM_MANAGER``.
        max_rounds: messages at the most, the opening one included.
        context_variables: what the agents know together.
        after_work: who goes on after an agent that has no rule of its own.
        exclude_transit_message: do not tell the models of the calls by which agents handed over.

    Returns:
        The result, the context variables as they are in the end, and the agent that spoke last.

    Raises:
        UsageError: a handover leads to somebody who is not in the swarm, or an argument cannot work.
    """
    pattern = _pattern(initial_agent, agents, user_agent, swarm_manager_args, context_variables, after_work, exclude_transit_message)
    return await a_initiate_group_chat(pattern, messages, max_rounds)


initiate_swarm_chat = run_sync(a_initiate_swarm_chat)


@on_portal
async def a_run_swarm(
    initial_agent: ConversableAgent,
    messages: Sequence[Mapping[str, Any]] | str,
    agents: Sequence[ConversableAgent],
    user_agent: ConversableAgent | None = None,
    swarm_manager_args: Mapping[str, Any] | None = None,
    max_rounds: int = 20,
    context_variables: Mapping[str, Any] | None = None,
    after_work: AfterWork | After | None = AfterWorkOption.TERMINATE,
    exclude_transit_message: bool = True,
) -> RunResponse:
    """Begin a swarm and return at once, while it goes on.

    The arguments are those of ``initiate_swarm_chat``.

    Returns:
        The chat: iterate over its ``events``, ``answer`` its questions, read its ``result`` and ``context_variables``.

    Raises:
        UsageError: an argument cannot work.
    """
    pattern = _pattern(initial_agent, agents, user_agent, swarm_manager_args, context_variables, after_work, exclude_transit_message)
    return await a_run_group_chat(pattern, messages, max_rounds)


run_swarm = run_sync(a_run_swarm)


@dataclass(frozen=True)
class _ChosenBy:
    """Whomever a function ``(last_speaker, messages, groupchat)`` returns."""

    function: Callable[..., Any]
    label = "whom_a_function_chooses"

    async def decide(self, situation: Situation) -> Target:
        return _target(await call(self.function, situation.agent, situation.group.messages, situation.group))

    def resolve(self, situation: Situation) -> Agent:
        raise NotImplementedError("the function decides")


def _target(after: Any, wording: Wording | None = None) -> Target:
    if isinstance(after, AfterWork):
        return after.target()
    if isinstance(after, str):
        known = AfterWorkOption.__members__.get(after.upper())
        if known is None:
            return AgentNameTarget(after)
        after = known
    if isinstance(after, AfterWorkOption):
        return GroupManagerTarget(wording) if after is AfterWorkOption.SWARM_MANAGER else _OPTIONS[after]
    if isinstance(after, ConversableAgent):
        return AgentTarget(after)
    if callable(after):
        return _ChosenBy(after)
    raise UsageError(f"After work comes {after!r:.80}; it must be an AfterWorkOption, an agent, its name, or a function that returns one.")


_OPTIONS: Mapping[AfterWorkOption, Target] = {
    AfterWorkOption.TERMINATE: TerminateTarget(),
    AfterWorkOption.REVERT_TO_USER: RevertToUserTarget(),
    AfterWorkOption.STAY: StayTarget(),
}


def _to(target: Any) -> Target:
    if isinstance(target, ConversableAgent):
        return AgentTarget(target)
    if isinstance(target, Mapping):
        return NestedChatTarget(target)
    raise UsageError(f"The target of a handover is {target!r:.80}; it must be an agent, or a dictionary with a chat_queue.")


def _asking(function: Callable[..., Any], agent: ConversableAgent | None) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function of the variables, as ours are, for a function ``(agent, messages)``."""

    def ask(_: Mapping[str, Any]) -> Any:
        conversations = list(agent.chat_messages.values()) if agent is not None else []
        return function(agent, conversations[-1] if conversations else [])

    return ask
