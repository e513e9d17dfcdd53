"""Run a group that follows a pattern: its agents hand over to each other, and share variables and tools."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from ..agent import Agent
from ..context import current, enter
from ..errors import NoEligibleSpeaker, UsageError
from ..events import HandedOver
from ..messages import Message
from ..portal import on_portal, run_sync
from ..replies.base import Reply
from .chat_result import ChatResult
from .context_variables import ContextVariables, shared
from .conversable_agent import ConversableAgent
from .group_chat import GroupChat
from .group_chat_manager import GroupChatManager
from .handoff_chats import HANDED_OVER, Deciding, Wrapped, returning
from .handoff_conditions import worded
from .handoff_targets import AgentTarget, Situation, Target
from .handoffs import OnContextCondition, ReplyResult
from .patterns import Pattern
from .run_response import RunResponse
from .speaker_selection import Selected, select_by
from .stopping import StopCondition
from .transit import leaving_out

__all__ = ["a_initiate_group_chat", "a_run_group_chat", "initiate_group_chat", "run_group_chat"]

EXECUTOR = "_Group_Tool_Executor"
OUTSIDER = "_User"


@on_portal
async def a_initiate_group_chat(
    pattern: Pattern, messages: Sequence[Mapping[str, Any]] | str, max_rounds: int = 20, *, stop: StopCondition | None = None
) -> tuple[ChatResult, ContextVariables, Agent]:
    """Run a group chat that follows a pattern.

    Args:
        pattern: the agents, and how they work.
        messages: the opening message, or earlier messages, of which the last one opens. They are the user's unless named otherwise.
        max_rounds: messages at the most, the opening one included.
        stop: when to end it besides, such as ``HandoffTo(agent) | MaxCost(usd=1)``.

    Returns:
        The result, the context variables as they are in the end, and the agent that spoke last.

    Raises:
        UsageError: there are no messages, or a handover leads to somebody who is not in the group.
    """
    run = _Run(pattern, max_rounds)
    given = [{"content": messages}] if isinstance(messages, str) else [dict(message) for message in messages]
    if not given:
        raise UsageError("messages is empty, so nobody opens the chat. Give a text, or a list of messages.")
    said = [{"role": "user", "name": run.user.name} | message for message in given]
    async with enter():
        opener, opening = await run.manager.a_resume(said, silent=True)
        with shared(pattern.context_variables), leaving_out(pattern.transit_names):
            result = await _as_agent(opener).a_initiate_chat(
                run.manager, message=opening, clear_history=False, summary_method=pattern.summary_method, stop=stop
            )
    for message in result.chat_history:
        if message.get("name") == OUTSIDER:
            del message["name"]
    return result, pattern.context_variables, run.last_agent


initiate_group_chat = run_sync(a_initiate_group_chat)


@on_portal
async def a_run_group_chat(
    pattern: Pattern, messages: Sequence[Mapping[str, Any]] | str, max_rounds: int = 20, *, stop: StopCondition | None = None
) -> RunResponse:
    """Begin a group chat that follows a pattern and return at once, while it goes on.

    Args:
        pattern: as for ``initiate_group_chat``, and so are the others.
        messages: the opening message, or earlier messages, of which the last one opens.
        max_rounds: messages at the most, the opening one included.
        stop: when to end it besides.

    Returns:
        The chat: iterate over its ``events``, ``answer`` its questions, read its ``result`` and ``context_variables``. An argument
        that cannot work is an error there.

    Example:
        >>> from autogen_jupyter import ConversableAgent, DefaultPattern, run_group_chat
        >>> ann = ConversableAgent("ann", human_input_mode="NEVER", default_auto_reply="It is 42.")
        >>> run_group_chat(DefaultPattern(ann, [ann]), "What is it?").summary
        'It is 42.'
    """

    async def chat() -> ChatResult:
        return (await a_initiate_group_chat(pattern, messages, max_rounds, stop=stop))[0]

    return RunResponse(chat, pattern.context_variables)


run_group_chat = run_sync(a_run_group_chat)


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
        self._everybody, self._hidden, self._guests = everybody, hidden, dict[int, tuple[Wrapped, ConversableAgent]]()
        self._transitions = dict.fromkeys(everybody, hidden)
        group = GroupChat(
            everybody,
            max_round=max_rounds,
            speaker_selection_method=self._choose,
            allowed_or_disallowed_speaker_transitions=self._transitions,
            speaker_transitions_type="disallowed",
        )
        self.manager = GroupChatManager(group, **pattern.group_manager_args)
        self.manager.runs_tools = True
        for agent in (*pattern.agents, self.user, self._executor):
            agent.context_variables = pattern.context_variables
            agent.take_guardrail()
            self._executor._tool_policy.needs_approval |= agent._tool_policy.needs_approval
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
        guardrail = last.take_guardrail() if isinstance(last, ConversableAgent) else None
        if guardrail is not None:
            return await self._handed_over(guardrail.target, last, f"the guardrail {guardrail.name}")
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
        if met is None or isinstance(met.target, (Wrapped, Deciding)):
            return met
        return None if met.target.resolve(self._situation(agent)) is agent else met

    async def _handed_over(self, target: Target, agent: Agent, why: str) -> Selected:
        situation = self._situation(agent)
        while isinstance(target, Deciding):
            target = await target.decide(situation)
        to = self._guest(target, agent) if isinstance(target, Wrapped) else target.resolve(situation)
        if to is None:
            raise NoEligibleSpeaker(f"{agent.name} was the last to speak ({type(target).__name__}, by {why})")
        if isinstance(to, str):
            return await self._selected_by(to, target, agent)
        if to is not agent:
            current().emit(HandedOver(agent.name, to.name, why))
        return Selected(to, f"after {agent.name}, by {why}")

    async def _selected_by(self, method: str, target: Target, agent: Agent) -> Selected:
        group, wording = self.manager.groupchat, getattr(target, "selection_message", None)
        usual = group.select_speaker_prompt_template
        if wording is not None:
            group.select_speaker_prompt_template = worded(wording, self._pattern.context_variables)
        try:
            return await select_by(method, group, agent, self.manager)
        finally:
            group.select_speaker_prompt_template = usual

    def _guest(self, target: Wrapped, parent: Agent) -> ConversableAgent:
        """Return the agent that stands for chats within the chat; it joins when it is first handed over to, and hears what was said."""
        known = self._guests.get(id(target))
        if known is not None:
            known[1].handoffs.set_after_work(AgentTarget(parent))
            return known[1]
        guest = returning(target, f"_{target.label}_{parent.name}_{len(self._guests) + 1}", parent)
        self._guests[id(target)] = target, guest
        heard = self.manager.history_with(parent).messages
        guest.history_with(self.manager).messages.extend(message.with_role("user") for message in heard)
        self._hidden.append(guest)
        self._everybody.append(guest)
        self._transitions[guest] = self._hidden
        return guest

    def _situation(self, agent: Agent) -> Situation:
        return Situation(
            agent, self._pattern.user_agent, self._members, self.manager.groupchat, self._pattern.context_variables, self._tell
        )

    async def _tell(self, agent: Agent, text: str) -> None:
        await self.manager.hand_over(Reply(Message("user", text, self.manager.name)), agent, silent=self.manager.is_silent)

    # --- the tools of all

    def _functions(self) -> dict[str, Any]:
        agents = [*self._pattern.agents, self.user]
        names = {name for agent in agents for name in (*agent.known_functions, *agent.handoffs.by_name())}
        return {name: functools.partial(self._call, name) for name in names}

    async def _call(self, name: str, **arguments: Any) -> Any:
        condition = self._caller.handoffs.by_name().get(name)
        if condition is not None:
            self._called_for = self._called_for or condition.target
            return f"{HANDED_OVER}{condition.target.label}."
        agents = (self._caller, *self._pattern.agents)
        owner, function = next((agent, agent.known_functions[name]) for agent in agents if name in agent.known_functions)
        return self._settled(await owner._tool_policy.invoke(name, arguments, owner=self._caller, function=function))

    def _settled(self, result: Any) -> Any:
        """Take in who goes on and what changed, and return what the model is told."""
        if isinstance(result, ConversableAgent):
            result = AgentTarget(result)
        if isinstance(result, (Deciding, Wrapped)) or hasattr(result, "resolve"):
            result = ReplyResult(f"{HANDED_OVER}{result.label}.", target=result)
        if not isinstance(result, ReplyResult):
            return result
        self._pattern.context_variables.update(result.context_variables or {})
        self._called_for = result.target or self._called_for
        return result.message


def _first_met(conditions: Sequence[OnContextCondition], variables: ContextVariables) -> OnContextCondition | None:
    return next((condition for condition in conditions if condition.holds(variables)), None)
