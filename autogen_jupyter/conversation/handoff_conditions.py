"""Conditions and prompts of handovers under AG2's names; a plain text, expression or function does as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import UsageError
from .context_expression import ContextExpression

__all__ = [
    "ContextStr",
    "ContextStrLLMCondition",
    "ExpressionAvailableCondition",
    "ExpressionContextCondition",
    "GroupManagerSelectionMessageContextStr",
    "GroupManagerSelectionMessageString",
    "StringAvailableCondition",
    "StringContextCondition",
    "StringLLMCondition",
    "Wording",
    "worded",
]


@dataclass(frozen=True)
class ContextStr:
    """A text with places for variables.

    Example:
        >>> ContextStr("The order {order_id} is paid.").format({"order_id": 7})
        'The order 7 is paid.'
    """

    template: str

    def format(self, context_variables: Mapping[str, Any]) -> str:
        """Return the text with the variables filled in.

        Raises:
            UsageError: a variable is not there.
        """
        try:
            return self.template.format(**dict(context_variables))
        except (KeyError, IndexError, ValueError) as error:
            known = ", ".join(map(str, context_variables)) or "none"
            raise UsageError(
                f"The text {self.template!r:.80} cannot be filled in: {error!r}. The context variables are {known}."
            ) from error


class _Worded(Protocol):
    def text(self, variables: Mapping[str, Any]) -> str: ...


Wording = str | ContextStr | _Worded | Callable[[Mapping[str, Any]], str]
"""A text, or how it is made of the context variables."""


def worded(given: Wording, variables: Mapping[str, Any]) -> str:
    """Return the text that is meant while the variables are these."""
    if isinstance(given, str):
        return given
    if isinstance(given, ContextStr):
        return given.format(variables)
    return given(variables) if callable(given) else given.text(variables)


@dataclass(frozen=True)
class StringLLMCondition:
    """When to hand over, in words for the model."""

    prompt: str

    def text(self, variables: Mapping[str, Any]) -> str:
        return self.prompt


@dataclass(frozen=True)
class ContextStrLLMCondition:
    """When to hand over, in words for the model with places for variables."""

    context_str: ContextStr

    def text(self, variables: Mapping[str, Any]) -> str:
        return self.context_str.format(variables)


@dataclass(frozen=True)
class StringContextCondition:
    """Holds while a variable is true."""

    variable_name: str

    def holds(self, variables: Mapping[str, Any]) -> bool:
        return bool(variables.get(self.variable_name))


@dataclass(frozen=True)
class StringAvailableCondition:
    """Holds while a variable is true."""

    context_variable: str

    def holds(self, variables: Mapping[str, Any]) -> bool:
        return bool(variables.get(self.context_variable))


@dataclass(frozen=True)
class ExpressionContextCondition:
    """Holds while an expression does."""

    expression: ContextExpression

    def holds(self, variables: Mapping[str, Any]) -> bool:
        return self.expression.holds(variables)


@dataclass(frozen=True)
class ExpressionAvailableCondition(ExpressionContextCondition):
    """Holds while an expression does."""


@dataclass(frozen=True)
class GroupManagerSelectionMessageString:
    """What the manager's model is told last when it chooses; ``{agentlist}`` is filled in."""

    message: str

    def text(self, variables: Mapping[str, Any]) -> str:
        return self.message


@dataclass(frozen=True)
class GroupManagerSelectionMessageContextStr:
    """What the manager's model is told last when it chooses; variables and ``{agentlist}`` are filled in."""

    context_str_template: str

    def text(self, variables: Mapping[str, Any]) -> str:
        return ContextStr(self.context_str_template).format({**variables, "agentlist": "{agentlist}"})
