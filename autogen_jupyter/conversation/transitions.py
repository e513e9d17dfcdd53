"""Who may speak after whom: the graph of a group, checked and turned around."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..agent import Agent
from ..errors import UsageError

__all__ = ["Transitions", "check_graph_validity", "check_members", "has_self_loops", "invert_disallowed_to_allowed", "without_repeats"]

Transitions = Mapping[Any, Sequence[Agent]]
"""For each agent those who may (or may not) speak next. An agent that is missing, or has nobody, ends the group's chat."""


def check_graph_validity(allowed_speaker_transitions_dict: Transitions, agents: Sequence[Agent]) -> None:
    """Check that a graph of allowed transitions can be used in a group.

    Raises:
        UsageError: it is not a dictionary of lists, names an agent outside the group, or leads nowhere at all.
    """
    check_members(allowed_speaker_transitions_dict, agents)
    if not any(allowed_speaker_transitions_dict.values()):
        raise UsageError("The speaker transitions allow nobody to speak after anybody, so the group's chat could not go on.")


def check_members(transitions: Transitions, agents: Sequence[Agent]) -> None:
    """Check that a graph, of allowed or of disallowed transitions, is a dictionary of lists and names members only.

    Raises:
        UsageError: it is not, and what it names.
    """
    given: Any = transitions
    if not isinstance(given, Mapping):
        raise UsageError(f"The speaker transitions are {given!r:.80}; they must be a dictionary {{agent: [agents that may follow]}}.")
    for agent, followers in given.items():
        if not isinstance(followers, (list, tuple)):
            raise UsageError(f"The speaker transitions of {_name(agent)} are {followers!r:.80}; they must be a list of agents.")
        for one in (agent, *followers):
            if one not in agents:
                raise UsageError(f"The speaker transitions name {_name(one)}, who is not in the group. Add it to agents, or leave it out.")


def invert_disallowed_to_allowed(disallowed_speaker_transitions_dict: Transitions, agents: Sequence[Agent]) -> dict[Agent, list[Agent]]:
    """Return the graph of what is left when these transitions are forbidden.

    Example:
        >>> from autogen_jupyter import ConversableAgent
        >>> a, b = ConversableAgent("a"), ConversableAgent("b")
        >>> invert_disallowed_to_allowed({a: [a], b: [b]}, [a, b]) == {a: [b], b: [a]}
        True
    """
    forbidden = {agent: set(followers) for agent, followers in disallowed_speaker_transitions_dict.items()}
    return {agent: [other for other in agents if other not in forbidden.get(agent, ())] for agent in agents}


def has_self_loops(allowed_speaker_transitions: Transitions) -> bool:
    """Say whether anybody may speak twice in a row."""
    return any(agent in followers for agent, followers in allowed_speaker_transitions.items())


def without_repeats(agents: Sequence[Agent], may_repeat: bool | Collection[Agent]) -> dict[Agent, list[Agent]]:
    """Return the graph in which everybody may follow everybody, and only some may speak twice in a row."""
    repeating: Iterable[Agent] = agents if may_repeat is True else () if may_repeat is False else may_repeat
    kept = set(repeating)
    return {agent: [other for other in agents if other is not agent or agent in kept] for agent in agents}


def _name(agent: Any) -> str:
    return repr(getattr(agent, "name", agent))[:80]
