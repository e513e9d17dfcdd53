"""Who speaks next in a group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ..agent import Agent
from ..context import current
from ..errors import NoEligibleSpeaker, UsageError
from ..events import Noticed
from ..human_input import InputRequest
from ..portal import call
from .overrides import overridden

if TYPE_CHECKING:
    from .conversable_agent import ConversableAgent
    from .group_chat import GroupChat

__all__ = ["METHODS", "Selected", "checked_method", "chosen_by", "eligible_speakers", "person_chooses", "select", "select_by"]


_FUNCTION = "the speaker selection function"


@dataclass(frozen=True, slots=True)
class Selected:
    """The next speaker, and how it was settled, in words."""

    agent: Agent
    reason: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """Several may speak next; one of them has to be chosen."""

    group: GroupChat
    last_speaker: Agent
    eligible: Sequence[Agent]
    selector: ConversableAgent

    def next_in_turn(self) -> Agent:
        return self.group.next_agent(self.last_speaker, self.eligible)

    async def by(self, method: Callable[..., Any]) -> Agent | None:
        """Return whom a method of the group chooses, which a subclass may have in a way of its own.

        Raises:
            UsageError: what it chose does not belong to the group.
        """
        chosen = await call(method, list(self.eligible))
        return None if chosen is None else _member(self.group, chosen, f"{type(self.group).__name__}.{method.__name__}")


async def select(group: GroupChat, last_speaker: Agent, selector: ConversableAgent) -> Selected:
    """Return who speaks after ``last_speaker``.

    Args:
        group: the group and its rules.
        last_speaker: who spoke last; it need not belong to the group.
        selector: the group's manager, whose model or person is asked.

    Raises:
        NoEligibleSpeaker: nobody may; the group's chat is over.
        UsageError: the rules cannot be followed as they are written.
    """
    if not group.agents:
        raise UsageError("The group has no agents, so nobody can speak. Give GroupChat a list of agents.")
    method = group.speaker_selection_method
    if not isinstance(method, str):
        chosen = await call(method, last_speaker, group)
        if isinstance(chosen, Selected):
            return chosen
        if not isinstance(chosen, str):
            return chosen_by(_FUNCTION, chosen, group, last_speaker)
        if chosen.lower() not in METHODS:
            _member(group, chosen, _FUNCTION)
        method = chosen
    return await select_by(checked_method(method), group, last_speaker, selector)


async def select_by(method: str, group: GroupChat, last_speaker: Agent, selector: ConversableAgent) -> Selected:
    """Return who speaks after ``last_speaker`` by one of the ``METHODS``; see ``select``."""
    eligible, why = eligible_speakers(group, last_speaker)
    if len(eligible) == 1:
        return Selected(eligible[0], why)
    return await METHODS[method](_Choice(group, last_speaker, eligible, selector))


def checked_method(method: str) -> str:
    """Return the name of a selection method as it is known here.

    Raises:
        UsageError: there is no such method.
    """
    known = method.lower()
    if known not in METHODS:
        raise UsageError(
            f"speaker_selection_method is {method!r}; it must be one of {', '.join(METHODS)}, "
            "or a function (last_speaker, groupchat) that returns an agent of the group, one of these names, or None to end."
        )
    return known


def chosen_by(who: str, chosen: Any, group: GroupChat, last_speaker: Agent) -> Selected:
    """Return what a user's function chose.

    Raises:
        NoEligibleSpeaker: it chose nobody.
        UsageError: what it chose does not belong to the group.
    """
    if chosen is None:
        raise NoEligibleSpeaker(f"no eligible speaker: {who} chose nobody after {last_speaker.name}")
    return Selected(_member(group, chosen, who), f"chosen by {who}")


def _member(group: GroupChat, chosen: Any, who: str) -> Agent:
    if chosen in group.agents:
        return cast(Agent, chosen)
    names, methods = ", ".join(group.agent_names), ", ".join(map(repr, METHODS))
    remedy = f"one of its agents, {methods}, or None" if who == _FUNCTION else "one of its agents, or None"
    raise UsageError(
        f"{who[0].upper() + who[1:]} chose {getattr(chosen, 'name', chosen)!r:.80}; the group has {names}. Return {remedy} to end."
    )


def eligible_speakers(group: GroupChat, last_speaker: Agent) -> tuple[Sequence[Agent], str]:
    """Return who may speak next, and why it is the only one if it is.

    Raises:
        NoEligibleSpeaker: nobody may follow.
        UsageError: a function was called that nobody in the group can execute.
    """
    allowed = group.allowed_after(last_speaker)
    called = _called_functions(group.messages[-1]) if group.func_call_filter and group.messages else []
    if called:
        able, why = [agent for agent in group.agents if _can_execute(agent, called)], f"the only one that can execute {', '.join(called)}"
        if not able:  # whoever has functions can tell the model that there are no such
            able, why = [agent for agent in group.agents if getattr(agent, "function_map", None)], "the only one that can execute functions"
        if not able:
            raise UsageError(
                f"{last_speaker.name} called {', '.join(called)}, and no agent of the group can execute that. "
                "Register it for execution with one of them, or set func_call_filter=False."
            )
        # A call has to be answered, so it may be answered by one that would not be next.
        return [agent for agent in able if agent in allowed] or able, why
    if not allowed:
        raise NoEligibleSpeaker(f"no eligible speaker: nobody may speak after {last_speaker.name}")
    return allowed, "the only eligible agent"


def _called_functions(message: Mapping[str, Any]) -> list[str]:
    calls = [one.get("function") or {} for one in message.get("tool_calls") or ()]
    if message.get("function_call"):
        calls.append(message["function_call"])
    return [str(function["name"]) for function in calls if function.get("name")]


def _can_execute(agent: Agent, functions: Sequence[str]) -> bool:
    check: Callable[[Sequence[str]], bool] | None = getattr(agent, "can_execute_function", None)
    return check is not None and check(functions)


async def _next_in_turn(choice: _Choice) -> Selected:
    return Selected(choice.next_in_turn(), "round_robin")


async def _at_random(choice: _Choice) -> Selected:
    chosen = await choice.by(choice.group.random_select_speaker)
    if chosen is None:
        raise NoEligibleSpeaker(f"no eligible speaker: random_select_speaker chose nobody after {choice.last_speaker.name}")
    return Selected(chosen, "random")


async def _ask_model(choice: _Choice) -> Selected:
    from .auto_selection import ask_model

    agent, reason = await ask_model(choice.group, choice.eligible, choice.selector)
    return Selected(agent or choice.next_in_turn(), reason)


async def _ask_person(choice: _Choice) -> Selected:
    from .group_chat import GroupChat

    own_way = overridden(choice.group, GroupChat, "a_manual_select_speaker", "manual_select_speaker")
    if own_way is not None:
        chosen = await choice.by(own_way)
    else:
        chosen = await person_chooses(choice.eligible, choice.selector.name, choice.last_speaker.name)
    if chosen is None:
        return Selected(choice.next_in_turn(), "next in turn: the human chose nobody")
    return Selected(chosen, "chosen by the human")


_ENTER = "Enter the number of the next speaker (enter nothing or `q` to use auto selection): "
TRIES = 3
"""How often a person is asked who gives no valid answer."""


async def person_chooses(agents: Sequence[Agent], asking: str = "", last_speaker: str = "") -> Agent | None:
    """Return the agent that a person chooses, or None where they choose nobody.

    Args:
        agents: the agents to choose from.
        asking: name of the agent that asks.
        last_speaker: name of the agent that spoke last.
    """
    names = tuple(agent.name for agent in agents)
    by_answer = {str(number): agent for number, agent in enumerate(agents, 1)} | dict(zip(names, agents, strict=True))
    prompt = "Please select the next speaker from the following list:"
    for _ in range(TRIES):
        request = InputRequest("choice", prompt, asking, last_speaker, choices=names, after_choices=_ENTER)
        answer = (await current().human.ask(request)).text.strip()
        if answer in by_answer:
            return by_answer[answer]
        if answer in ("", "q"):
            return None
        prompt = f"Invalid input {answer!r:.40}. Please enter a number between 1 and {len(names)}, or a name."
    current().emit(Noticed(f"You have tried {TRIES} times. The next speaker will be selected automatically."))
    return None


METHODS: Mapping[str, Callable[[_Choice], Awaitable[Selected]]] = {
    "auto": _ask_model,
    "manual": _ask_person,
    "random": _at_random,
    "round_robin": _next_in_turn,
}
