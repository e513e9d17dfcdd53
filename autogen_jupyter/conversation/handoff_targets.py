"""Where a conversation can be handed over to."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..agent import Agent
from ..errors import UsageError
from .context_variables import ContextVariables
from .handoff_conditions import Wording

if TYPE_CHECKING:
    from .group_chat import GroupChat

__all__ = [
    "AgentNameTarget",
    "AgentTarget",
    "AskUserTarget",
    "GroupManagerTarget",
    "RandomAgentTarget",
    "RevertToUserTarget",
    "RoundRobinTarget",
    "Situation",
    "StayTarget",
    "Target",
    "TerminateTarget",
]


@dataclass(frozen=True)
class Situation:
    """Who hands over, who is there, and what they know."""

    agent: Agent
    user: Agent | None
    members: Sequence[Agent]
    group: GroupChat
    variables: ContextVariables
    tell: Callable[[Agent, str], Awaitable[None]]
    """Says something to one agent alone."""


class Target(Protocol):
    """Somebody to hand over to, once it is known who hands over."""

    @property
    def label(self) -> str:
        """What the model calls it: letters, digits and underscores."""
        ...

    def resolve(self, situation: Situation) -> Agent | str | None:
        """Return the agent that speaks next, the method by which it is chosen, or None to end the chat."""
        ...


@dataclass(frozen=True)
class AgentTarget:
    """This agent."""

    agent: Agent

    @property
    def label(self) -> str:
        return self.agent.name

    def resolve(self, situation: Situation) -> Agent:
        if self.agent not in situation.members:
            raise UsageError(f"{situation.agent.name} hands over to {self.agent.name}, who is not in the group. Add it to the agents.")
        return self.agent


@dataclass(frozen=True)
class AgentNameTarget:
    """The agent of this name."""

    agent_name: str

    @property
    def label(self) -> str:
        return self.agent_name

    def resolve(self, situation: Situation) -> Agent:
        for member in situation.members:
            if member.name == self.agent_name:
                return member
        raise UsageError(f"{situation.agent.name} hands over to {self.agent_name!r}, who is not in the group. Add it to the agents.")


@dataclass(frozen=True)
class RandomAgentTarget:
    """One of these agents, but not the one who hands over."""

    agents: Sequence[Agent]

    @property
    def label(self) -> str:
        return "somebody"

    def resolve(self, situation: Situation) -> Agent | None:
        others = [agent for agent in self.agents if agent is not situation.agent]
        return AgentTarget(random.choice(others)).resolve(situation) if others else None  # noqa: S311 - nothing depends on it


@dataclass(frozen=True)
class StayTarget:
    """The agent that is speaking."""

    label = "itself"

    def resolve(self, situation: Situation) -> Agent:
        return situation.agent


@dataclass(frozen=True)
class RevertToUserTarget:
    """The user; without one the chat ends."""

    label = "user"

    def resolve(self, situation: Situation) -> Agent | None:
        return situation.user


@dataclass(frozen=True)
class TerminateTarget:
    """Nobody: the chat ends."""

    label = "the_end"

    def resolve(self, situation: Situation) -> None:
        return None


@dataclass(frozen=True)
class GroupManagerTarget:
    """Whomever the manager's model chooses."""

    selection_message: Wording | None = None
    """What that model is told last. Default: the group's ``select_speaker_prompt_template``."""
    label = "group_manager"

    def resolve(self, situation: Situation) -> str:
        return "auto"


@dataclass(frozen=True)
class AskUserTarget:
    """Whomever the person at the notebook chooses."""

    label = "choice_of_the_user"

    def resolve(self, situation: Situation) -> str:
        return "manual"


@dataclass(frozen=True)
class RoundRobinTarget:
    """The next in the group's order."""

    label = "next_in_turn"

    def resolve(self, situation: Situation) -> str:
        return "round_robin"
