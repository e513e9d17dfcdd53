"""Ways for a group to work: who begins, and who goes on when an agent has not handed over itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..errors import UsageError
from .context_variables import ContextVariables, as_variables
from .conversable_agent import ConversableAgent
from .handoff_conditions import Wording
from .handoff_targets import AskUserTarget, GroupManagerTarget, RoundRobinTarget, Situation, Target, TerminateTarget
from .summary import SummaryMethod

__all__ = ["AutoPattern", "DefaultPattern", "ManualPattern", "Pattern", "RandomPattern", "RoundRobinPattern"]


@dataclass
class Pattern:
    """A group and the way it works; one of the patterns below is used.

    Raises:
        UsageError: the initial agent is not one of the agents, or the user is.
    """

    initial_agent: ConversableAgent
    """Who answers the opening message."""
    agents: Sequence[ConversableAgent]
    """The agents, without the user."""
    user_agent: ConversableAgent | None = None
    """The agent that stands for a person."""
    group_manager_args: Mapping[str, Any] = field(default_factory=dict)
    """For the ``GroupChatManager``: ``llm_config``, ``is_termination_msg``, …"""
    context_variables: ContextVariables = field(default_factory=ContextVariables)
    """What the agents know together."""
    group_after_work: Target | None = None
    """Who goes on after an agent that has no rule of its own. Default: the pattern's."""
    exclude_transit_message: bool = True
    """Do not tell the models of the calls by which agents handed over. They stay in the histories."""
    summary_method: SummaryMethod = "last_msg"
    """As for ``initiate_chat``."""

    USUAL: ClassVar[Target] = TerminateTarget()
    RETURNS_FROM_USER: ClassVar[bool] = False
    """Whether the agent goes on that spoke before the user did."""

    def __post_init__(self) -> None:
        self.context_variables = as_variables(self.context_variables)
        self._check_agents()
        if self.group_after_work is not None and not hasattr(self.group_after_work, "resolve"):
            raise UsageError(f"group_after_work is {self.group_after_work!r:.80}; it must be a target such as TerminateTarget().")
        if not any(agent is self.initial_agent for agent in self.agents):
            name = getattr(self.initial_agent, "name", self.initial_agent)
            raise UsageError(f"initial_agent is {name!r:.80}, who is not one of the agents. Add it to agents.")
        if self.user_agent is not None and any(agent is self.user_agent for agent in self.agents):
            raise UsageError(f"{self.user_agent.name} is the user_agent and one of the agents. Leave it out of agents.")

    def _check_agents(self) -> None:
        for agent in (*self.agents, *([self.user_agent] if self.user_agent is not None else [])):
            if not isinstance(agent, ConversableAgent):
                raise UsageError(f"{type(self).__name__} got {agent!r:.80} as an agent; it must be a ConversableAgent.")

    @property
    def transit_names(self) -> set[str]:
        """The names of the tools that hand over and that no model is told of."""
        return {name for agent in self.agents for name in agent.handoffs.by_name()} if self.exclude_transit_message else set()

    @property
    def after_work(self) -> Target:
        """Who goes on after an agent that has no rule of its own."""
        return self.group_after_work or self.USUAL


class DefaultPattern(Pattern):
    """Agents hand over by their own rules; where none applies the chat ends. The user answers whoever asked.

    Example:
        >>> from autogen_jupyter import ConversableAgent
        >>> triage = ConversableAgent("triage", human_input_mode="NEVER")
        >>> DefaultPattern(triage, [triage]).after_work
        TerminateTarget()
    """

    RETURNS_FROM_USER = True


@dataclass
class AutoPattern(Pattern):
    """The manager's model chooses who goes on."""

    selection_message: Wording | None = None
    """What that model is told last. Default: the group's prompt."""

    @property
    def after_work(self) -> Target:
        return self.group_after_work or GroupManagerTarget(self.selection_message)


class RoundRobinPattern(Pattern):
    """The agents speak in turn."""

    USUAL = RoundRobinTarget()


class ManualPattern(Pattern):
    """The person at the notebook chooses who goes on."""

    USUAL = AskUserTarget()


@dataclass(frozen=True)
class _AnyTarget:
    label = "anybody"

    def resolve(self, situation: Situation) -> str:
        return "random"


class RandomPattern(Pattern):
    """Chance decides who goes on."""

    USUAL = _AnyTarget()
