"""The order in which an agent's reply policies are asked, and for whom."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..agent import Agent
from ..errors import UsageError
from ..replies.base import ReplyPolicy
from ..replies.function import FunctionPolicy

__all__ = ["ReplyEntry", "ReplyOrder", "Trigger"]

Trigger = type | str | Agent | Callable[[Agent | None], bool] | Sequence[Any] | None
"""Whose messages a policy answers: a class, a name, an agent, a predicate, a list of these, or None (no sender)."""


@dataclass
class ReplyEntry:
    """A policy and whose messages it answers."""

    trigger: Trigger
    policy: ReplyPolicy
    initial_config: Any = None
    reset_config: Callable[[Any], None] | None = None

    def reset(self) -> None:
        """Give a reply function its first configuration again."""
        if not isinstance(self.policy, FunctionPolicy):
            return
        if self.reset_config is not None:
            self.reset_config(self.policy.config)
        else:
            self.policy.config = copy.copy(self.initial_config)


class ReplyOrder:
    """A visible list of policies, first asked first."""

    def __init__(self, policies: Sequence[ReplyPolicy]) -> None:
        self.entries = [ReplyEntry((Agent, None), policy) for policy in policies]

    def insert(self, position: int, entry: ReplyEntry) -> None:
        check_trigger(entry.trigger)
        self.entries.insert(position, entry)

    def replace(self, old: Any, new: Any) -> None:
        """Put the reply function ``new`` where ``old`` is registered."""
        for entry in self.entries:
            if isinstance(entry.policy, FunctionPolicy) and entry.policy.function is old:
                entry.policy.function = new

    def matching(self, sender: Agent | None) -> Iterator[ReplyPolicy]:
        """Yield the policies that answer ``sender``, in order."""
        for entry in self.entries:
            if matches(entry.trigger, sender):
                yield entry.policy


def check_trigger(trigger: Trigger) -> None:
    """Raise a UsageError for a trigger of an unknown kind."""
    if trigger is None or isinstance(trigger, (type, str, Agent)) or callable(trigger):
        return
    if isinstance(trigger, Sequence):
        for one in trigger:
            check_trigger(one)
        return
    raise UsageError(
        f"The trigger {trigger!r} must be a class, an agent's name, an agent, a function of the sender, a list of these, or None."
    )


def matches(trigger: Trigger, sender: Agent | None) -> bool:
    """Say whether a policy with this trigger answers ``sender``."""
    if trigger is None:
        return sender is None
    if isinstance(trigger, str):
        if sender is None:
            raise UsageError(f'The trigger "{trigger}" is an agent\'s name, so generate_reply needs a sender.')
        return trigger == sender.name
    if isinstance(trigger, type):
        return _is_instance(trigger, sender)
    if isinstance(trigger, Sequence):
        return any(matches(one, sender) for one in trigger)
    if isinstance(trigger, Agent):
        return trigger is sender
    if inspect.isfunction(trigger) or callable(trigger):
        return _ask_predicate(trigger, sender)
    raise UsageError(f"The trigger {trigger!r} is not of a known kind.")


def _is_instance(trigger: type, sender: Agent | None) -> bool:
    return sender is not None and (trigger is Agent or isinstance(sender, trigger))


def _ask_predicate(trigger: Callable[[Agent | None], bool], sender: Agent | None) -> bool:
    answer = trigger(sender)
    if not isinstance(answer, bool):
        raise UsageError(f"The trigger function returned {answer!r}; it must return True or False.")
    return answer
