"""A condition that ends a chat: a fold over its events, and a reason once it is met."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TypeVar

from ...errors import UsageError
from ...events import ChatEvent

__all__ = ["StopCondition"]

C = TypeVar("C", bound="StopCondition")


class StopCondition:
    """Says when a chat should end, and why. Give it to ``initiate_chat(…, stop=condition)``; it is looked at between messages.

    ``a & b`` is met when both are, ``a | b`` when one of them is. Every chat begins with a copy that has seen nothing, so one condition
    serves any number of chats, one after another or at once.

    Subclasses override ``apply``, ``reason`` and ``reset``.

    Example:
        >>> from autogen_jupyter import MaxMessages, TextMention
        >>> stop = TextMention("DONE") | MaxMessages(20)
    """

    sees_nested = False
    """Whether it counts what happens in chats within the chat too, as budgets do."""

    def apply(self, event: ChatEvent) -> None:
        """Take in what happened."""

    @property
    def reason(self) -> str:
        """Why the chat should end, in words; empty while it should go on."""
        return ""

    def reset(self) -> None:
        """Forget what happened."""

    @property
    def wakes_in(self) -> float | None:
        """Seconds until the condition may be met without an event, or None. A chat is interrupted then, if it is."""
        return None

    def start(self: C) -> C:
        """Return the condition for a chat that begins."""
        begun = copy.copy(self)
        begun.reset()
        return begun

    def finish(self) -> None:
        """The chat it was started for is over."""

    def parts(self) -> Iterator[StopCondition]:
        """Yield the simple conditions it is made of."""
        yield self

    def __and__(self, other: StopCondition) -> StopCondition:
        return _All((self, _checked(other)))

    def __or__(self, other: StopCondition) -> StopCondition:
        return _Any((self, _checked(other)))


def _checked(other: object) -> StopCondition:
    if not isinstance(other, StopCondition):
        raise UsageError(f"A stop condition combines with another one, not with {other!r:.80}. A function becomes one by Custom(function).")
    return other


class _Several(StopCondition):
    """Conditions that are looked at together."""

    def __init__(self, conditions: tuple[StopCondition, ...]) -> None:
        self.conditions = conditions

    def apply(self, event: ChatEvent) -> None:
        for condition in self.conditions:
            condition.apply(event)

    def reset(self) -> None:
        for condition in self.conditions:
            condition.reset()

    @property
    def wakes_in(self) -> float | None:
        return min((seconds for condition in self.conditions if (seconds := condition.wakes_in) is not None), default=None)

    def start(self: C) -> C:
        begun = copy.copy(self)
        begun.conditions = tuple(condition.start() for condition in self.conditions)  # type: ignore[attr-defined]
        return begun

    def finish(self) -> None:
        for condition in self.conditions:
            condition.finish()

    def parts(self) -> Iterator[StopCondition]:
        for condition in self.conditions:
            yield from condition.parts()


class _All(_Several):
    @property
    def reason(self) -> str:
        reasons = [condition.reason for condition in self.conditions]
        return " and ".join(reasons) if all(reasons) else ""

    def __repr__(self) -> str:
        return f"({' & '.join(map(repr, self.conditions))})"


class _Any(_Several):
    @property
    def reason(self) -> str:
        return next((reason for condition in self.conditions if (reason := condition.reason)), "")

    def __repr__(self) -> str:
        return f"({' | '.join(map(repr, self.conditions))})"
