"""The part of an agent where users add their own ways to reply: the classic's ``register_reply`` and ``register_hook``."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from ..replies.base import ReplyPolicy
from ..replies.function import FunctionPolicy, ReplyFunction
from .hooks import Hooks
from .reply_order import ReplyEntry, ReplyOrder, Trigger

__all__ = ["ReplyRegistry"]


class ReplyRegistry:
    """An ordered list of reply policies that can be added to."""

    _hooks: Hooks

    def __init__(self, policies: Sequence[ReplyPolicy]) -> None:
        self._order = ReplyOrder(policies)

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
            position: its place in the order; 0 is asked first.
            config: given to the function; a shallow copy is kept.
            reset_config: called with the config by ``reset()``; default: the first config is restored.
            ignore_async_in_sync_chat: accepted for compatibility; a coroutine function works in a blocking chat too.
            remove_other_reply_funcs: ask nothing else.

        Raises:
            UsageError: the trigger is of an unknown kind.
        """
        policy = FunctionPolicy(reply_func, self, copy.copy(config))
        entry = ReplyEntry(trigger, policy, initial_config=config, reset_config=reset_config)
        if remove_other_reply_funcs:
            self._order.entries.clear()
        self._order.insert(position, entry)

    def replace_reply_func(self, old_reply_func: ReplyFunction, new_reply_func: ReplyFunction) -> None:
        """Put one reply function in the place of another."""
        self._order.replace(old_reply_func, new_reply_func)

    def register_hook(self, hookable_method: str, hook: Callable[..., Any]) -> None:
        """Add a function that sees messages on their way.

        Args:
            hookable_method: ``process_last_received_message(content)``, ``process_all_messages_before_reply(messages)`` or
                ``process_message_before_send(sender, message, recipient, silent)``; each returns what goes on.
            hook: the function, sync or async.

        Raises:
            UsageError: an unknown place, or a hook that is there already.
        """
        self._hooks.add(hookable_method, hook)

    def _reset_reply_functions(self) -> None:
        for entry in self._order.entries:
            entry.reset()
