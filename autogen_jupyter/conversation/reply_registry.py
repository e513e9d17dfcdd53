"""The part of an agent where users add their own ways to reply: the classic's ``register_reply`` and ``register_hook``."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ..agent import Agent
from ..errors import UsageError
from ..messages import Message
from ..portal import call, is_async, on_portal, run_sync
from ..replies.base import ReplyPolicy
from ..replies.function import FunctionPolicy, ReplyFunction
from .hooks import Hooks
from .reply_order import EVERYBODY, ReplyEntry, ReplyOrder, Trigger, check_trigger

__all__ = ["ReplyRegistry"]


class ReplyRegistry:
    """An ordered list of reply policies that can be added to."""

    _hooks: Hooks

    def __init__(self, policies: Sequence[ReplyPolicy]) -> None:
        self._order = ReplyOrder(entry for policy in policies for entry in self._entries(policy))

    def _entries(self, policy: ReplyPolicy) -> Sequence[ReplyEntry]:
        """Return how a policy that the agent was made with stands in the order."""
        return (ReplyEntry(EVERYBODY, policy),)

    def register_reply(
        self,
        trigger: Trigger,
        reply_func: ReplyFunction,
        position: int = 0,
        config: Any = None,
        reset_config: Callable[[Any], None] | None = None,
        *,
        ignore_async_in_sync_chat: bool = False,
        remove_other_reply_funcs: bool = False,
    ) -> None:
        """Add a reply function: ``(recipient, messages, sender, config) -> (final, reply)``, sync or async.

        Args:
            trigger: whose messages it answers: a class, a name, an agent, a predicate, a list of these, or None (no sender).
            reply_func: the function. ``(True, reply)`` answers, ``(True, None)`` ends the conversation, ``(False, None)`` passes.
            position: its place in the order as the classic counts it; 0 is asked first, 2 comes after the human (see
                ``ReplyOrder.index_of``).
            config: given to the function; a shallow copy is kept.
            reset_config: called with the config by ``reset()``; default: the first config is restored.
            ignore_async_in_sync_chat: do not ask a coroutine function in a chat that a blocking call began, where another one is there
                for that. Default: it is asked there too.
            remove_other_reply_funcs: ask nothing else.

        Raises:
            UsageError: the trigger is of an unknown kind, or the reply function cannot be called.
        """
        check_trigger(trigger)
        _check_reply_function(reply_func)
        if not isinstance(position, int):
            raise UsageError(
                f"position is {position!r}; it must be a whole number: 0 is asked first, 2 after the human, -1 counts from the end."
            )
        only_awaited = ignore_async_in_sync_chat and is_async(reply_func)
        policy = FunctionPolicy(reply_func, self, copy.copy(config), only_awaited=only_awaited)
        entry = ReplyEntry(trigger, policy, initial_config=config, reset_config=reset_config)
        if remove_other_reply_funcs:
            self._order.entries.clear()
        self._order.insert(position, entry)

    def replace_reply_func(self, old_reply_func: ReplyFunction, new_reply_func: ReplyFunction) -> None:
        """Put one reply function in the place of another, for instance of ``ConversableAgent.generate_oai_reply``.

        Raises:
            UsageError: the old one is not registered.
        """
        entries = [entry for entry in self._order.entries if entry.is_for(old_reply_func)]
        if not entries:
            raise UsageError(f"{getattr(old_reply_func, '__name__', old_reply_func)} is not registered, so it cannot be replaced.")
        _check_reply_function(new_reply_func)
        for entry in entries:
            config = entry.policy.config if isinstance(entry.policy, FunctionPolicy) else None
            only_awaited = isinstance(entry.policy, FunctionPolicy) and entry.policy.only_awaited and is_async(new_reply_func)
            entry.policy = FunctionPolicy(new_reply_func, self, config, only_awaited=only_awaited)

    def register_hook(self, hookable_method: str, hook: Callable[..., Any]) -> None:
        """Add a function that sees messages on their way.

        Args:
            hookable_method: ``process_last_received_message(content)``, ``process_all_messages_before_reply(messages)`` or
                ``process_message_before_send(sender, message, recipient, silent)``, each of which returns what goes on; or
                ``update_agent_state(agent, messages)``, whose result is not used. The classic's names with ``a_`` mean the same.
            hook: the function, sync or async.

        Raises:
            UsageError: an unknown place, or a hook that is there already.
        """
        self._hooks.add(hookable_method, hook)

    @property
    def hook_lists(self) -> dict[str, list[Callable[..., Any]]]:
        """The registered hooks, by what they are registered for."""
        return self._hooks.lists

    @on_portal
    async def a_process_last_received_message(self, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return what the hooks for the last message make of a history; override it to look at each history before a reply."""
        return _written(await self._hooks.last(_read(messages)))

    process_last_received_message = run_sync(a_process_last_received_message)

    @on_portal
    async def a_process_all_messages_before_reply(self, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return what the hooks for all messages make of a history; override it to change what replies are made from."""
        return _written(await self._hooks.before_reply(_read(messages)))

    process_all_messages_before_reply = run_sync(a_process_all_messages_before_reply)

    async def _last_seen(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Return a history as it is after those who look at its last message. The history itself does not change."""
        await self._hooks.update(cast(Agent, self), messages)
        own_way = self._overridden(*_LOOK_AT_LAST)
        return await self._hooks.last(messages) if own_way is None else await _in_own_way(own_way, messages)

    async def _all_seen(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Return what a reply is made from, each time the model is asked: what those make of a history who look at all of it."""
        own_way = self._overridden(*_LOOK_AT_ALL)
        return await self._hooks.before_reply(messages) if own_way is None else await _in_own_way(own_way, messages)

    @property
    def _sees_histories(self) -> bool:
        """Whether anybody looks at histories before a reply."""
        return self._overridden(*_LOOK_AT_LAST, *_LOOK_AT_ALL) is not None or bool(self._hooks)

    def _overridden(self, *names: str) -> Callable[..., Any] | None:
        raise NotImplementedError

    def _reset_reply_functions(self) -> None:
        for entry in self._order.entries:
            entry.reset()


_LOOK_AT_LAST = ("a_process_last_received_message", "process_last_received_message")
_LOOK_AT_ALL = ("a_process_all_messages_before_reply", "process_all_messages_before_reply")


async def _in_own_way(own_way: Callable[..., Any], messages: Sequence[Message]) -> list[Message]:
    made = await call(own_way, _written(messages))
    if not isinstance(made, (list, tuple)):
        raise UsageError(
            f"{getattr(own_way, '__qualname__', own_way)} returned {made!r:.80}; it must return the list of messages to reply to."
        )
    return _read(made)


def _read(messages: Sequence[Mapping[str, Any]]) -> list[Message]:
    return [Message.from_dict(message) for message in messages]


def _written(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [message.to_dict() for message in messages]


def _check_reply_function(given: object) -> None:
    if not callable(given):
        raise UsageError(f"reply_func is {given!r:.80}; it must be a function (recipient, messages, sender, config).")
    try:
        signature = inspect.signature(given)
    except (TypeError, ValueError):  # some that are not written in Python do not tell
        return
    try:
        signature.bind(None, messages=None, sender=None, config=None)
    except TypeError as error:
        name = getattr(given, "__name__", repr(given))
        raise UsageError(f"The reply function {name}{signature} must take (recipient, messages, sender, config): {error}.") from None
