"""When an agent hands the conversation over: because its model says so, because a variable does, or after each of its turns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .context_variables import Condition, ContextVariables, active_variables, holds
from .handoff_targets import Target

__all__ = ["Handoffs", "OnCondition", "OnContextCondition", "ReplyResult", "StringLLMCondition"]

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]+")


@dataclass(frozen=True)
class StringLLMCondition:
    """When to hand over, in words for the model."""

    prompt: str


@dataclass(frozen=True)
class OnCondition:
    """Hand over when the agent's model finds that ``condition`` applies. The model is offered a tool for it.

    Example:
        >>> OnCondition(AgentNameTarget("refunds"), "The customer wants money back.")  # doctest: +SKIP
    """

    target: Target
    condition: str | StringLLMCondition
    available: Condition | None = None
    """Offer it only while this holds."""
    llm_function_name: str = ""
    """The tool's name; default: ``transfer_to_`` and the target."""

    @property
    def prompt(self) -> str:
        return self.condition if isinstance(self.condition, str) else self.condition.prompt


@dataclass(frozen=True)
class OnContextCondition:
    """Hand over instead of speaking when a condition on the context variables holds; None always holds."""

    target: Target
    condition: Condition | None = None
    available: Condition | None = None

    def holds(self, variables: ContextVariables) -> bool:
        return all(condition is None or holds(condition, variables) for condition in (self.available, self.condition))


@dataclass(frozen=True)
class ReplyResult:
    """What a tool may return: the text for the model, who goes on, and changed context variables."""

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

    def schemas(self) -> Sequence[Mapping[str, Any]]:
        """Return the tools by which the model can hand over now; none outside of a group that follows a pattern."""
        variables = active_variables()
        if variables is None:
            return ()
        return tuple(
            {"type": "function", "function": {"name": name, "description": condition.prompt, "parameters": _NO_PARAMETERS}}
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


_NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}
