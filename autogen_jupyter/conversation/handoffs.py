"""When an agent hands the conversation over: because its model says so, because a variable does, or after each of its turns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from .context_variables import Condition, ContextVariables, active_variables, holds
from .handoff_conditions import Wording, worded
from .handoff_targets import Target

__all__ = ["Handoffs", "OnCondition", "OnContextCondition", "ReplyResult"]

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]+")


@dataclass(frozen=True)
class OnCondition:
    """Hand over when the agent's model finds that ``condition`` applies. The model is offered a tool for it.

    Example:
        >>> OnCondition(AgentNameTarget("refunds"), "The customer wants money back.")  # doctest: +SKIP
    """

    target: Target
    condition: Wording
    available: Condition | None = None
    """Offer it only while this holds."""
    llm_function_name: str = ""
    """The tool's name; default: ``transfer_to_`` and the target."""

    def __post_init__(self) -> None:
        _check_target(self.target)
        if not self.condition or (isinstance(self.condition, str) and not self.condition.strip()):
            raise UsageError(f"The condition of a handover to {self.target.label} is {self.condition!r}; say in words when it applies.")

    def prompt(self, variables: Mapping[str, Any]) -> str:
        """Return the condition in words for the model."""
        return worded(self.condition, variables)


@dataclass(frozen=True)
class OnContextCondition:
    """Hand over instead of speaking when a condition on the context variables holds; None always holds."""

    target: Target
    condition: Condition | None = None
    available: Condition | None = None

    def __post_init__(self) -> None:
        _check_target(self.target)

    def holds(self, variables: ContextVariables) -> bool:
        return all(condition is None or holds(condition, variables) for condition in (self.available, self.condition))


@dataclass(frozen=True)
class ReplyResult:
    """What a tool may return: the text for the model, who goes on, and changed context variables.

    A tool may also return a target, or an agent, alone.
    """

    message: str = ""
    target: Target | None = None
    context_variables: Mapping[str, Any] | None = None


class Handoffs:
    """The rules by which one agent hands over. They count in groups that follow a pattern (``initiate_group_chat``)."""

    def __init__(self) -> None:
        self.llm_conditions: list[OnCondition] = []
        self.context_conditions: list[OnContextCondition] = []
        self.after_works: list[OnContextCondition] = []

    def add_llm_condition(self, condition: OnCondition) -> Handoffs:
        """Let the agent's model hand over."""
        self.llm_conditions.append(condition)
        return self

    def add_llm_conditions(self, conditions: Iterable[OnCondition]) -> Handoffs:
        """Let the agent's model hand over, in several ways."""
        self.llm_conditions.extend(conditions)
        return self

    def add_context_condition(self, condition: OnContextCondition) -> Handoffs:
        """Hand over instead of speaking when a condition holds."""
        self.context_conditions.append(condition)
        return self

    def add_context_conditions(self, conditions: Iterable[OnContextCondition]) -> Handoffs:
        """Hand over instead of speaking when one of the conditions holds; the first one counts."""
        self.context_conditions.extend(conditions)
        return self

    def set_after_work(self, target: Target) -> Handoffs:
        """Say who goes on when the agent has spoken and has not handed over."""
        self.after_works = [OnContextCondition(target)]
        return self

    def add_after_work(self, condition: OnContextCondition) -> Handoffs:
        """Say who goes on after the agent when a condition holds; the first one that does counts."""
        self.after_works.append(condition)
        return self

    def add_after_works(self, conditions: Iterable[OnContextCondition]) -> Handoffs:
        """Say who goes on after the agent, under several conditions; the first one that holds counts."""
        self.after_works.extend(conditions)
        return self

    def add(self, condition: OnCondition | OnContextCondition) -> Handoffs:
        """Add a condition of either kind.

        Raises:
            UsageError: it is something else.
        """
        if isinstance(condition, OnCondition):
            return self.add_llm_condition(condition)
        if not isinstance(condition, OnContextCondition):
            raise UsageError(f"A handover is {condition!r:.80}; it must be an OnCondition or an OnContextCondition.")
        return self.add_context_condition(condition)

    def add_many(self, conditions: Iterable[OnCondition | OnContextCondition]) -> Handoffs:
        """Add conditions of either kind."""
        for condition in conditions:
            self.add(condition)
        return self

    def clear(self) -> Handoffs:
        """Take all rules away."""
        for rules in (self.llm_conditions, self.context_conditions, self.after_works):
            rules.clear()
        return self

    def schemas(self) -> Sequence[Mapping[str, Any]]:
        """Return the tools by which the model can hand over now; none outside of a group that follows a pattern."""
        variables = active_variables()
        if variables is None:
            return ()
        return tuple(
            {"type": "function", "function": {"name": name, "description": condition.prompt(variables), "parameters": _NO_PARAMETERS}}
            for name, condition in self.by_name().items()
            if condition.available is None or holds(condition.available, variables)
        )

    def by_name(self) -> dict[str, OnCondition]:
        """Return the conditions for the model by the names of their tools."""
        named: dict[str, OnCondition] = {}
        for condition in self.llm_conditions:
            wanted = condition.llm_function_name or f"transfer_to_{condition.target.label}"
            name = base = _NOT_IN_NAMES.sub("_", wanted)[:60]
            number = 2
            while name in named:
                name, number = f"{base}_{number}", number + 1
            named[name] = condition
        return named


def _check_target(target: Any) -> None:
    if not hasattr(target, "resolve"):
        raise UsageError(f"A handover leads to {target!r:.80}; it must be a target such as AgentTarget(agent) or TerminateTarget().")


_NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}
