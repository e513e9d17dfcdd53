"""Run a group that follows a pattern: its agents hand over to each other, and share variables and tools."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from ..agent import Agent
from ..context import enter
from ..errors import NoEligibleSpeaker, UsageError
from ..portal import call, on_portal, run_sync
from .chat_result import ChatResult
from .context_variables import ContextVariables, shared
from .conversable_agent import ConversableAgent
from .group_chat import GroupChat
from .group_chat_manager import GroupChatManager
from .handoff_targets import Situation, Target
from .handoffs import OnContextCondition, ReplyResult
from .patterns import Pattern
from .speaker_selection import Selected, select_by

__all__ = ["a_initiate_group_chat", "initiate_group_chat"]

EXECUTOR = "_Group_Tool_Executor"
OUTSIDER = "_User"


@on_portal
async def a_initiate_group_chat(
    pattern: Pattern, messages: Sequence[Mapping[str, Any]] | str, max_rounds: int = 20
) -> tuple[ChatResult, ContextVariables, Agent]:
    """Run a group chat that follows a pattern.

    Args:
        pattern: the agents, and how they work.
        messages: the opening message, or earlier messages, of which the last one opens. They are the user's unless named otherwise.
        max_rounds: messages at the most, the opening one included.

    Returns:
        The result, the context variables as they are in the end, and the agent that spoke last.

    Raises:
        UsageError: there are no messages, or a handover leads to somebody who is not in the group.
    """
    run = _Run(pattern, max_rounds)
    given = [{"content": messages}] if isinstance(messages, str) else [dict(message) for message in messages]
    said = [{"role": "user", "name": run.user.name} | message for message in given]
    async with enter():
        opener, opening = await run.manager.a_resume(said)
        with shared(pattern.context_variables):
            result = await _as_agent(opener).a_initiate_chat(run.manager, message=opening, clear_history=False)
    return result, pattern.context_variables, run.last_agent


initiate_group_chat = run_sync(a_initiate_group_chat)


def _as_agent(opener: Agent) -> ConversableAgent:
    if not isinstance(opener, ConversableAgent) or isinstance(opener, GroupChatManager):
        raise UsageError(f"The last message is by {opener.name}, who cannot open the chat. Leave its name out: it is the user's then.")
    return opener


class _Run:
    """One run of a pattern: the group that it makes, and the choice of each speaker."""

    def __init__(self, pattern: Pattern, max_rounds: int) -> None:
        self._pattern = pattern
        self.user = pattern.user_agent or ConversableAgent(OUTSIDER, human_input_mode="NEVER", description="Asked the question.")
        self._executor = ConversableAgent(EXECUTOR, human_input_mode="NEVER", function_map=self._functions())
        hidden = [self._executor] if pattern.user_agent else [self._executor, self.user]
        everybody: list[Agent] = [*pattern.agents, self.user, self._executor]
        self._members = [agent for agent in everybody if agent not in hidden]
        group = GroupChat(
            everybody,
            max_round=max_rounds,
            speaker_selection_method=self._choose,
            allowed_or_disallowed_speaker_transitions=dict.fromkeys(everybody, hidden),
            speaker_transitions_type="disallowed",
        )
        self.manager = GroupChatManager(group, **pattern.group_manager_args)
        self._started = False
        self._caller: ConversableAgent = pattern.initial_agent
        self._called_for: Target | None = None
        self._before_user: Agent = pattern.initial_agent

    @property
    def last_agent(self) -> Agent:
        last = self.manager.last_speaker
        return self._caller if last is None or last is self._executor else last

    # --- who speaks

    async def _choose(self, last: Agent, group: GroupChat) -> Selected:
        chosen = await self._after(last, group)
        if chosen.agent is self._executor:
            return chosen
        for _ in range(len(self._members) + 1):
            condition = self._met(chosen.agent)
            if condition is None:
                break
            chosen = await self._handed_over(condition.target, chosen.agent, "a condition on the context variables")
        else:
            raise UsageError(f"The context conditions of {chosen.agent.name} and others hand over in a circle. Make one of them false.")
        if chosen.agent is not self.user:
            self._before_user = chosen.agent
        return chosen

    async def _after(self, last: Agent, group: GroupChat) -> Selected:
        if last is self._executor:
            target, self._called_for = self._called_for, None
            if target is None:
                return Selected(self._caller, "its tools were called")
            return await self._handed_over(target, self._caller, "a tool call")
        if group.messages[-1].get("tool_calls") and isinstance(last, ConversableAgent):
            self._caller = last
            return Selected(self._executor, "executes the tool calls")
        if not self._started:
            self._started = True
            return Selected(self._pattern.initial_agent, "the initial agent")
        return await self._after_work(last)

    async def _after_work(self, last: Agent) -> Selected:
        own = _first_met(last.handoffs.after_works, self._pattern.context_variables) if isinstance(last, ConversableAgent) else None
        if own is not None:
            return await self._handed_over(own.target, last, "what follows its turn")
        if last is self.user and self._pattern.RETURNS_FROM_USER:
            return Selected(self._before_user, "the user answered")
        return await self._handed_over(self._pattern.after_work, last, "the pattern")

    def _met(self, agent: Agent) -> OnContextCondition | None:
        conditions = agent.handoffs.context_conditions if isinstance(agent, ConversableAgent) else ()
        met = _first_met(conditions, self._pattern.context_variables)
        return None if met is not None and met.target.resolve(self._situation(agent)) is agent else met

    async def _handed_over(self, target: Target, agent: Agent, why: str) -> Selected:
        to = target.resolve(self._situation(agent))
        if to is None:
            raise NoEligibleSpeaker(f"{agent.name} was the last to speak ({type(target).__name__}, by {why})")
        if isinstance(to, str):
            return await select_by(to, self.manager.groupchat, agent, self.manager)
        return Selected(to, f"after {agent.name}, by {why}")

    def _situation(self, agent: Agent) -> Situation:
        return Situation(agent, self._pattern.user_agent, self._members)

    # --- the tools of all

    def _functions(self) -> dict[str, Any]:
        agents = [*self._pattern.agents, self.user]
        names = {name for agent in agents for name in (*agent.function_map, *agent.handoffs.by_name())}
        return {name: functools.partial(self._call, name) for name in names}

    async def _call(self, name: str, **arguments: Any) -> Any:
        condition = self._caller.handoffs.by_name().get(name)
        if condition is not None:
            self._called_for = self._called_for or condition.target
            return f"Handed over to {condition.target.label}."
        function = next(agent.function_map[name] for agent in (self._caller, *self._pattern.agents) if name in agent.function_map)
        variables = self._pattern.context_variables
        if "context_variables" in inspect.signature(function).parameters:
            arguments["context_variables"] = variables
        result = await call(function, **arguments)
        if not isinstance(result, ReplyResult):
            return result
        variables.update(result.context_variables or {})
        self._called_for = result.target or self._called_for
        return result.message


def _first_met(conditions: Sequence[OnContextCondition], variables: ContextVariables) -> OnContextCondition | None:
    return next((condition for condition in conditions if condition.holds(variables)), None)
