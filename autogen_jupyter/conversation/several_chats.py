"""The part of an agent that holds several chats: in a queue of its own, or nested in a reply."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..agent import Agent
from ..errors import UsageError
from ..portal import call, on_portal, run_sync
from .chat_queue import ChatInfo, a_initiate_chats, chats_in_order
from .chat_result import ChatResult
from .nested_carryover import CARRYOVER, check_carryover, with_carryover
from .reply_order import Trigger

__all__ = ["SeveralChats"]

SUMMARY = "summary_from_nested_chats"
_OPTIONS = ("config", "reset_config", "ignore_async_in_sync_chat")


class SeveralChats:
    """Begins many chats."""

    if TYPE_CHECKING:
        register_reply: Callable[..., None]

    _finished_chats: list[ChatResult] | dict[Any, ChatResult] = []  # noqa: RUF012 - replaced, never changed

    @run_sync
    async def initiate_chats(self, chat_queue: Sequence[ChatInfo]) -> list[ChatResult]:
        """Hold several chats of this agent one after another (see ``autogen_jupyter.initiate_chats``)."""
        finished = await chats_in_order(self._from_me(chat_queue))
        self._finished_chats = finished
        return finished

    @on_portal
    async def a_initiate_chats(self, chat_queue: Sequence[ChatInfo]) -> dict[Any, ChatResult]:
        """Hold several chats of this agent as a graph (see ``autogen_jupyter.a_initiate_chats``)."""
        finished = await a_initiate_chats(self._from_me(chat_queue))
        self._finished_chats = finished
        return finished

    def get_chat_results(self, chat_index: Any = None) -> Any:
        """Return the results of the chats that ``initiate_chats`` held last: all of them, or the one with this index or chat id.

        Raises:
            UsageError: there is no such chat.
        """
        finished = self._finished_chats
        if chat_index is None:
            return finished
        try:
            return finished[chat_index]
        except (IndexError, KeyError, TypeError):
            known = list(finished) if isinstance(finished, dict) else list(range(len(finished)))
            raise UsageError(f"There is no result of a chat {chat_index!r}; there are {known}.") from None

    def register_nested_chats(
        self,
        chat_queue: Sequence[ChatInfo],
        trigger: Trigger,
        reply_func_from_nested_chats: str | Callable[..., Any] = SUMMARY,
        position: int = 2,
        use_async: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Reply by holding chats of its own: the summary of the last one is the reply.

        Args:
            chat_queue: as for ``initiate_chats``; ``sender`` defaults to this agent. The first chat without a message gets the message
                that is answered; a message may be a function ``(recipient, messages, sender, config)``; chats whose message is empty
                are left out. AG2's ``carryover_config`` in the first chat says what it is told of the conversation:
                ``{"summary_method": "all"}``, ``"last_msg"``, ``"reflection_with_llm"`` or a function
                ``(agent, messages, summary_args)``, with ``summary_args``.
            trigger: whose messages are answered so (see ``register_reply``).
            reply_func_from_nested_chats: ``(chat_queue, recipient, messages, sender, config) -> (final, reply)``, sync or async.
            position: as for ``register_reply``; 2 comes after the human.
            use_async: hold the chats as a graph, as ``a_initiate_chats`` does; every chat then needs a ``chat_id``.
            **kwargs: ``config``, ``reset_config`` and ``ignore_async_in_sync_chat`` for ``register_reply``.

        Raises:
            UsageError: the queue or the function cannot work, or there is no such option.
        """
        if unknown := [key for key in kwargs if key not in _OPTIONS]:
            raise UsageError(f"register_nested_chats takes no {unknown[0]}; what it gives on to register_reply is {', '.join(_OPTIONS)}.")
        check_carryover(chat_queue)
        if use_async and (without := [place for place, chat in enumerate(chat_queue) if chat.get("chat_id") is None]):
            raise UsageError(f"Chat {without[0]} of the nested chats has no chat_id; use_async=True needs one for each.")
        reply: Callable[..., Any]
        if reply_func_from_nested_chats == SUMMARY:
            reply = functools.partial(_summary_of_nested_chats, as_graph=bool(use_async))
        elif callable(reply_func_from_nested_chats):
            reply = reply_func_from_nested_chats
        else:
            raise UsageError(f'reply_func_from_nested_chats is {reply_func_from_nested_chats!r}; it must be "{SUMMARY}" or a function.')

        async def nested_chats(recipient: Agent, messages: Any = None, sender: Agent | None = None, config: Any = None) -> Any:
            return await call(reply, chat_queue, recipient, messages, sender, config)

        if callable(reply_func_from_nested_chats):
            nested_chats.__name__ = getattr(reply_func_from_nested_chats, "__name__", nested_chats.__name__)
        self.register_reply(trigger, nested_chats, position, **kwargs)

    def _from_me(self, chat_queue: Sequence[ChatInfo]) -> list[ChatInfo]:
        return [{**chat, "sender": self} if isinstance(chat, Mapping) else chat for chat in chat_queue]


async def _summary_of_nested_chats(
    chat_queue: Sequence[ChatInfo], recipient: Agent, messages: Any, sender: Agent | None, config: Any, *, as_graph: bool
) -> tuple[bool, Any]:
    chats = await _to_hold(chat_queue, recipient, messages, sender, config)
    if not chats:
        return True, None
    results = await a_initiate_chats(chats) if as_graph else dict(enumerate(await chats_in_order(chats)))
    last = chats[-1]["chat_id"] if as_graph else len(chats) - 1
    return (True, results[last].summary) if last in results else (True, None)


async def _to_hold(chat_queue: Sequence[ChatInfo], recipient: Agent, messages: Any, sender: Agent | None, config: Any) -> list[ChatInfo]:
    """Return the chats that have something to say, with their messages."""
    chats: list[ChatInfo] = []
    for place, chat in enumerate(chat_queue):
        message = chat.get("message")
        is_told = chat.get(CARRYOVER) is not None
        if message is None and place == 0 and not is_told:
            message = messages[-1].get("content")
        if callable(message):
            message = await call(message, recipient, messages, sender, config)
        if is_told:
            message = await with_carryover(message, chat, recipient, messages)
        if message:
            chats.append(
                {
                    **{key: value for key, value in chat.items() if key != CARRYOVER},
                    "sender": chat.get("sender") or recipient,
                    "message": message,
                }
            )
    return chats
