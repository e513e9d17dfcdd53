"""The order in which an agent's reply policies are asked, and for whom."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..agent import Agent
from ..errors import SenderRequired, UsageError
from ..portal import call
from ..replies.base import ReplyPolicy
from ..replies.function import FunctionPolicy

__all__ = ["EVERYBODY", "ReplyEntry", "ReplyOrder", "Trigger"]

Trigger = type | str | Agent | Callable[[Agent | None], bool] | Sequence[Any] | None
"""Whose messages a policy answers: a class, a name, an agent, a predicate, a list of these, or None (no sender)."""


EVERYBODY: Trigger = (Agent, None)
"""The trigger of the replies that every agent is made with."""


@dataclass
class ReplyEntry:
    """A policy and whose messages it answers."""

    trigger: Trigger
    policy: ReplyPolicy
    initial_config: Any = None
    reset_config: Callable[[Any], None] | None = None
    names: tuple[Callable[..., Any], ...] = ()
    """The classic's reply functions that the policy stands for."""
    places: int = 1
    """How many places it takes in the classic's list, where the sync and the async form of a reply function are two."""

    def is_for(self, function: Callable[..., Any]) -> bool:
        """Say whether this entry is meant by a reply function that a user names."""
        function = _plain(function)
        return function in self.names or (isinstance(self.policy, FunctionPolicy) and _plain(self.policy.function) == function)

    async def answers(self, sender: Agent | None) -> bool:
        """Say whether the policy answers ``sender``."""
        verdict = matches(self.trigger, sender)
        return verdict if isinstance(verdict, bool) else await verdict

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

    def __init__(self, entries: Iterable[ReplyEntry]) -> None:
        self.entries = list(entries)

    def insert(self, position: int, entry: ReplyEntry) -> None:
        """Add an entry at a position of the classic's list (see ``index_of``)."""
        check_trigger(entry.trigger)
        self.entries.insert(self.index_of(position), entry)

    def index_of(self, position: int) -> int:
        """Return where a position of the classic's list is in this one.

        The classic lists most replies of its own twice, sync and async; here each is listed once. Position 2 is therefore behind the
        first entry, the human's, and a position between two twins is before both. A negative position counts from the end.
        """
        if position < 0:
            position += sum(entry.places for entry in self.entries)
        taken = 0
        for index, entry in enumerate(self.entries):
            taken += entry.places
            if taken > position:
                return index
        return len(self.entries)

    def besides(self, exclude: Sequence[Callable[..., Any]]) -> Sequence[ReplyEntry]:
        """Return the entries in order, but those that ``exclude`` names."""
        return [entry for entry in self.entries if not any(map(entry.is_for, exclude))] if exclude else self.entries


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    return getattr(function, "__func__", function)


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


def matches(trigger: Trigger, sender: Agent | None) -> bool | Awaitable[bool]:
    """Say whether a policy with this trigger answers ``sender``. Where a predicate has to be asked, that is awaited."""
    if trigger is EVERYBODY or trigger is None:
        return trigger is EVERYBODY or sender is None
    if isinstance(trigger, str):
        if sender is None:
            raise SenderRequired(f'The trigger "{trigger}" is an agent\'s name, so generate_reply needs a sender.')
        return trigger == sender.name
    if isinstance(trigger, type):
        return _is_instance(trigger, sender)
    if isinstance(trigger, Sequence):
        return _matches_one(trigger, sender)
    if isinstance(trigger, Agent):
        return trigger is sender
    if inspect.isfunction(trigger) or callable(trigger):
        return _ask_predicate(trigger, sender)
    raise UsageError(f"The trigger {trigger!r} is not of a known kind.")


def _matches_one(triggers: Sequence[Trigger], sender: Agent | None) -> bool | Awaitable[bool]:
    for number, trigger in enumerate(triggers, 1):
        verdict = matches(trigger, sender)
        if not isinstance(verdict, bool):
            return _or_another(verdict, triggers[number:], sender)
        if verdict:
            return True
    return False


async def _or_another(verdict: Awaitable[bool], triggers: Sequence[Trigger], sender: Agent | None) -> bool:
    if await verdict:
        return True
    others = _matches_one(triggers, sender)
    return others if isinstance(others, bool) else await others


def _is_instance(trigger: type, sender: Agent | None) -> bool:
    return sender is not None and (trigger is Agent or isinstance(sender, trigger))


async def _ask_predicate(trigger: Callable[[Agent | None], bool], sender: Agent | None) -> bool:
    answer: object = await call(trigger, sender)
    if not isinstance(answer, bool):
        raise UsageError(f"The trigger function returned {answer!r}; it must return True or False.")
    return answer
